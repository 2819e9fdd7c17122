#include "services/cli/row_errors.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/bulk/csv.h"
#include "services/cli/arguments.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

// Of one file; a file with more is wrong in some general way, and memory has an end.
constexpr size_t kMostShown = 1000;

void WriteRow(const std::vector<std::string>& cells, std::ofstream& file) {
  std::string text;
  bulk::AppendCsvRow(cells, &text);
  file << text;
}

}  // namespace

absl::Status FileError(const std::string& path) {
  return UsageError({absl::StrCat("cannot read or write ", path), absl::StrCat("无法读写 ", path)});
}

absl::StatusOr<std::unique_ptr<RowErrors>> RowErrors::Create(const std::string& path) {
  std::unique_ptr<RowErrors> errors(new RowErrors());
  errors->path_ = path;
  if (path.empty()) return errors;
  errors->file_.open(path, std::ios::binary | std::ios::trunc);
  if (!errors->file_) return FileError(path);
  WriteRow({"collection", "line", "column", "value", "reason", "message", "message_zh"}, errors->file_);
  return errors;
}

void RowErrors::Add(const std::string& collection, const bulk::v1::ImportRowError& error) {
  ++count_;
  if (shown_.size() < kMostShown) shown_.push_back(error);
  if (path_.empty()) return;
  const error::v1::Violation& violation = error.violation();
  WriteRow({collection, absl::StrCat(error.line()), violation.field(), error.value(), ReasonName(violation.reason()),
            violation.message(), violation.message_zh()},
           file_);
}

void RowErrors::PrintTable(const Session& session) {
  if (shown_.empty()) return;
  TextTable table;
  table.AddColumn(session.In({"line", "行"}), TextTable::Align::kRight);
  for (const Text& heading :
       {Text{"column", "列"}, Text{"value", "原值"}, Text{"reason", "原因"}, Text{"what is wrong", "说明"}}) {
    table.AddColumn(session.In(heading));
  }
  for (const bulk::v1::ImportRowError& each : shown_) {
    const error::v1::Violation& violation = each.violation();
    table.AddRow({absl::StrCat(each.line()), violation.field(), each.value(), ReasonName(violation.reason()),
                  session.chinese() ? violation.message_zh() : violation.message()});
  }
  // CSV and JSON are for programs, and this is for people.
  std::ostream& out = session.format() == OutputFormat::kTable ? session.out() : session.environment().err;
  table.Print(out);
  const int64_t more = count_ - static_cast<int64_t>(shown_.size());
  if (more > 0) {
    out << absl::StrFormat(session.chinese() ? "……另有 %d 项，--errors FILE 可得全部\n"
                                             : "... and %d more; --errors FILE has all of them\n",
                           more);
  }
  shown_.clear();
  count_ = 0;
}

absl::Status RowErrors::Close() { return path_.empty() || file_.flush() ? absl::OkStatus() : FileError(path_); }

}  // namespace jiedui::cli
