// CSV by RFC 4180: UTF-8 with or without a byte order mark, lines end with LF or CRLF, cells may be quoted and then hold
// anything. Cells are data: one that starts with '=', '+', '-' or '@' is read and written as it is.

#ifndef JIEDUI_COMMON_BULK_CSV_H_
#define JIEDUI_COMMON_BULK_CSV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/status/error.h"

namespace jiedui::bulk {

constexpr size_t kMaxCsvCell = size_t{1} << 20;  // bytes of a cell
constexpr size_t kMaxCsvRow = size_t{4} << 20;   // bytes of a row
constexpr size_t kMaxCsvCells = 4096;            // cells of a row

// Something that is wrong in a row.
struct CsvProblem {
  int64_t line = 0;  // line of the file (from 1) on which the row begins
  int cell = 0;      // from 0
  Reason reason = error::v1::REASON_UNSPECIFIED;
  Text text;
};

// Reads a file that arrives in pieces of any size, which may end anywhere. Holds one row, whatever the file's size.
//
//   while (source.Read(&chunk)) {
//     reader.Feed(chunk);
//     while (reader.Next() == CsvReader::Result::kRow) Use(reader.cells());
//   }
//   reader.Finish(); ... the same once more for the last row
class CsvReader {
 public:
  enum class Result {
    kRow,        // line(), cells() and problems() are those of the next row
    kNeedInput,  // the bytes fed are used up
    kEnd,        // after Finish: there are no more rows
    kBroken,  // where rows begin is no longer known; problems() holds the only reason. Every further call answers the same
  };

  // The next bytes, which must stay alive until Next answers kNeedInput.
  void Feed(absl::string_view bytes) { input_ = bytes; }
  // No more bytes will come.
  void Finish() { finished_ = true; }

  // Reads on. Empty lines are skipped.
  Result Next();

  // Of the bytes fed, those that no row answered so far needed.
  absl::string_view unread() const { return input_; }

  int64_t line() const { return row_line_; }
  // Valid until the next call of Next.
  const std::vector<absl::string_view>& cells() const { return cells_; }
  // What is wrong in the row, by cell: not UTF-8, quotes or carriage returns out of place. Such a row can still be followed
  // by good ones.
  const std::vector<CsvProblem>& problems() const { return problems_; }

 private:
  enum class State { kStart, kRowStart, kCellStart, kPlain, kQuoted, kQuoteInQuoted, kAfterQuoted, kCarriageReturn };

  // Each consumes some input; true when a row is complete.
  bool StepStart();
  bool StepCellStart();
  bool StepPlain();
  bool StepQuoted();
  bool StepQuoteInQuoted();
  bool StepCarriageReturn();

  bool Append(absl::string_view bytes);
  bool EndCell();
  void BeginRow();
  Result EmitRow();
  Result Finishing();
  Result Break(Reason reason, Text text);
  void AddProblem(Reason reason, Text text);

  absl::string_view input_;
  bool finished_ = false;
  bool broken_ = false;
  State state_ = State::kStart;
  size_t mark_bytes_ = 0;  // bytes of the byte order mark seen so far
  int64_t line_ = 1;       // line of the next byte
  int64_t row_line_ = 1;
  std::string text_;          // contents of the row's cells, one after the other
  std::vector<size_t> ends_;  // where they end in text_
  size_t cell_start_ = 0;
  bool quoted_row_ = false;  // a cell of the row was quoted, so that it is not an empty line
  std::vector<absl::string_view> cells_;
  std::vector<CsvProblem> problems_;
};

// Adds one cell, quoted where it must be. The caller puts commas and line ends.
void AppendCsvCell(absl::string_view cell, std::string* out);

// Adds a row with its line end (LF).
void AppendCsvRow(absl::Span<const std::string> cells, std::string* out);

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_CSV_H_
