// From the bytes of a CSV file to messages of a resource, in batches, with everything that is wrong with a row by itself.

#ifndef JIEDUI_COMMON_BULK_ROW_READER_H_
#define JIEDUI_COMMON_BULK_ROW_READER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/bulk/columns.h"
#include "common/bulk/csv.h"
#include "common/bulk/prefix_hash.h"
#include "google/protobuf/message.h"
#include "jiedui/bulk/v1/bulk.pb.h"

namespace jiedui::bulk {

using RowErrors = std::vector<v1::ImportRowError>;

struct ImportRow {
  int64_t line = 0;
  std::string id;  // empty: the server makes one
  std::unique_ptr<google::protobuf::Message> message;
  RowErrors errors;
  // Whether the fields without errors can be checked against the rules and the database.
  bool checkable = true;
  std::string text;          // the cells, one after the other
  std::vector<size_t> ends;  // where they end
};

// Rows that go into the database together. Kept for the next batch, so that its rows use the same memory.
struct RowBatch {
  std::vector<ImportRow> rows;
  size_t size = 0;  // of `rows`, those that belong to the batch
  bool last = false;
  int64_t rows_before = 0;  // of the file
  std::string prefix_hash;  // of everything up to the batch's end; only when asked for

  absl::Span<ImportRow> used() { return absl::MakeSpan(rows).first(size); }
  absl::Span<const ImportRow> used() const { return absl::MakeConstSpan(rows).first(size); }
};

class RowReader {
 public:
  // The next bytes of the file, empty at its end. They stay valid until the next call.
  using ByteSource = std::function<absl::StatusOr<absl::string_view>()>;

  // `columns` must outlive the reader. With `hashed`, batches have a prefix_hash, in which `salt` counts as well. A file of more
  // than `max_rows` rows is an error.
  RowReader(const Columns& columns, ByteSource source, bool hashed, absl::string_view salt, int64_t max_rows);

  // Reads the heading; answers everything that is wrong with it. Errors of the source.
  absl::StatusOr<RowErrors> ReadHeading();

  // Passes over rows that were taken in before, to the end of row `count` of the file. False when there are not that many.
  absl::StatusOr<bool> Skip(int64_t count);
  // The hash of everything read so far.
  std::string HashSoFar();

  // Reads the next batch: at most `max_rows` rows, fewer when they are large. Errors of the source; INVALID_ARGUMENT when the
  // file has too many rows.
  absl::Status Fill(size_t max_rows, RowBatch* batch);

  // Fields that an import changes: those in the heading that can be written.
  const std::vector<std::string>& mask() const { return mask_; }

  // An error of `column` (may be empty) of a row, with the cell's text where it may be shown.
  v1::ImportRowError MakeRowError(const ImportRow& row, const error::v1::Violation& violation) const;

 private:
  absl::StatusOr<CsvReader::Result> NextRow();
  void TakeRow(ImportRow* row);
  void TakeBroken(ImportRow* row);
  void TakeName(absl::string_view cell, ImportRow* row);
  void AddError(int cell, Reason reason, Text text, ImportRow* row) const;
  absl::string_view CellOf(const ImportRow& row, absl::string_view column) const;

  const Columns& columns_;
  const ByteSource source_;
  CsvReader csv_;
  const bool hashed_;
  const int64_t max_rows_;
  PrefixHash hash_;
  absl::string_view unhashed_;          // bytes fed and not yet in the hash
  std::vector<const Column*> heading_;  // by position
  std::vector<std::string> mask_;
  int name_column_ = -1;
  int64_t row_count_ = 0;
  bool ended_ = false;
  absl::flat_hash_map<uint64_t, int64_t> line_of_name_;  // by the name's hash: 16 bytes a row, however long the names
};

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_ROW_READER_H_
