// Imports: a CSV file that a caller streams becomes resources.

#ifndef JIEDUI_COMMON_BULK_IMPORTER_H_
#define JIEDUI_COMMON_BULK_IMPORTER_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "common/bulk/columns.h"
#include "common/bulk/import_log.h"
#include "common/bulk/import_rows.h"
#include "common/bulk/row_reader.h"
#include "common/bulk/spool.h"
#include "common/resource/request_context.h"
#include "common/store/engine.h"
#include "jiedui/bulk/v1/bulk.pb.h"

namespace jiedui::bulk {

// The two directions of an import call. Both block.
class ImportStream {
 public:
  virtual ~ImportStream() = default;
  // False when the caller has finished sending, or the call is over.
  virtual bool Read(v1::ImportRequest* request) = 0;
  // False when the call is over.
  virtual bool Write(const v1::ImportResponse& response) = 0;
  virtual bool cancelled() const = 0;
};

// What one import may take of a server.
struct ImportLimits {
  // Of the file. The rows' names are kept in memory, to find those that are there twice.
  int64_t bytes = int64_t{1} << 30;
  int64_t rows = 5'000'000;
  // Of a file that is one transaction (all or nothing, a dry run): on SQLite all other writes wait for its end.
  int64_t whole_bytes = int64_t{64} << 20;
};

// One import after its header. Used once, on one thread.
class Importer {
 public:
  // Everything must outlive the importer.
  Importer(store::Engine& engine, const ImportLimits& limits, const Columns& columns, const RequestContext& context,
           const v1::ImportHeader& header, ImportStream& stream);

  // Reads the file, writes, and answers progress, errors and the result. OK means that the result was answered, whatever is
  // wrong with the rows. INVALID_ARGUMENT (a message out of order, a file that is too large, an import_id used for other content), CANCELLED,
  // DEADLINE_EXCEEDED, ABORTED (another call with the same import_id), RESOURCE_EXHAUSTED, and errors of the database.
  absl::Status Run();

 private:
  struct Attempt;

  absl::Status RunWhole();
  absl::Status RunKeepGood();

  // RunWhole: the whole file in one transaction.
  absl::Status SpoolFile(Spool& spool, std::string* content_hash);
  absl::StatusOr<bool> HeadingIsGood(RowReader& reader);
  absl::Status WriteWhole(Spool& spool, const std::string& content_hash, Attempt& attempt);
  absl::Status WholeBody(Spool& spool, const std::string& content_hash, const std::string& transaction_id,
                         sql::Transaction& transaction, Attempt& attempt);
  absl::Status WriteRows(RowReader& reader, store::UnitOfWork& work, Attempt& attempt);

  // RunKeepGood: batch after batch.
  size_t BatchRows() const;
  absl::StatusOr<bool> Resume(RowReader& reader);
  void StartBatch(const RowReader& reader, const RowBatch& batch, Attempt& attempt);
  absl::Status FinishBatch(const RowReader& reader, const RowBatch& batch, Attempt& attempt);
  absl::Status BatchBody(const RowReader& reader, const RowBatch& batch, const std::string& transaction_id,
                         sql::Transaction& transaction, Attempt& attempt);

  // Runs `body` as a write transaction; the answer is in `attempt`.
  void StartWrite(Attempt& attempt, sql::WriteOptions options, sql::Body body);
  // Waits for it, with progress and an eye on the caller.
  absl::Status AwaitWrite(Attempt& attempt);
  // Whether a transaction that was rolled back on purpose is to be run again: with what other programs know by now, or without
  // the row that failed half-way.
  bool RunsAgain(Attempt& attempt);
  // Waits until the names and years of other programs are up to date.
  void RefreshNames();

  absl::StatusOr<absl::string_view> NextChunk();
  absl::Status TooLarge() const;
  absl::Status Interrupted() const;
  absl::Status Send(const v1::ImportResponse& response);
  absl::Status SendProgress(bool now);
  absl::Status SendErrors();
  absl::Status SendResult();

  store::Engine& engine_;
  const ImportLimits& limits_;
  const Columns& columns_;
  const RequestContext& context_;
  const v1::ImportHeader& header_;
  ImportStream& stream_;
  const bool whole_;        // in one transaction
  const std::string key_;   // empty without an import_id
  const std::string salt_;  // of the content's hash

  v1::ImportRequest chunk_;
  int64_t received_bytes_ = 0;
  v1::ImportResult result_;
  ErrorList errors_;
  std::atomic<int64_t> read_rows_{0};
  std::atomic<int64_t> committed_rows_{0};
  std::atomic<bool> cancelled_{false};
  bool failed_halfway_ = false;  // some row
  absl::Time last_progress_;
  absl::Time last_refresh_ = absl::InfinitePast();
};

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_IMPORTER_H_
