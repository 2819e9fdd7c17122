#include "common/bulk/row_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/personal/personal_kind.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::bulk {
namespace {

// A batch of large rows ends here, so that its memory is bounded.
constexpr size_t kMaxBatchBytes = 8 << 20;

void AddHeadingError(int64_t line, absl::string_view cell, Reason reason, const Text& text, RowErrors* errors) {
  v1::ImportRowError error;
  error.set_line(line);
  error.set_value(Shortened(cell));
  error.mutable_violation()->set_field(error.value());
  error.mutable_violation()->set_reason(reason);
  error.mutable_violation()->set_message(text.en);
  error.mutable_violation()->set_message_zh(text.zh);
  errors->push_back(std::move(error));
}

absl::Status TooManyRows(int64_t most) {
  Violations violations;
  violations.Add(
      "chunk", error::v1::REASON_LENGTH,
      {absl::StrCat("the file has more than ", most, " rows: split it"), absl::StrCat("文件超过", most, "行，请拆分")});
  return violations.ToStatus();
}

}  // namespace

RowReader::RowReader(const Columns& columns, ByteSource source, bool hashed, absl::string_view salt, int64_t max_rows)
    : columns_(columns), source_(std::move(source)), hashed_(hashed), max_rows_(max_rows) {
  hash_.Add(salt);
}

absl::StatusOr<CsvReader::Result> RowReader::NextRow() {
  while (true) {
    const CsvReader::Result result = csv_.Next();
    if (result != CsvReader::Result::kNeedInput) return result;
    if (hashed_) hash_.Add(unhashed_);
    unhashed_ = {};
    JIEDUI_ASSIGN_OR_RETURN(const absl::string_view bytes, source_());
    if (bytes.empty()) {
      csv_.Finish();
    } else {
      csv_.Feed(bytes);
      unhashed_ = bytes;
    }
  }
}

std::string RowReader::HashSoFar() {
  hash_.Add(unhashed_.substr(0, unhashed_.size() - csv_.unread().size()));
  unhashed_ = csv_.unread();
  return hash_.Get();
}

absl::StatusOr<RowErrors> RowReader::ReadHeading() {
  RowErrors errors;
  JIEDUI_ASSIGN_OR_RETURN(const CsvReader::Result result, NextRow());
  if (result == CsvReader::Result::kEnd) {
    AddHeadingError(1, "", error::v1::REASON_REQUIRED, {"the file has no heading", "文件没有表头"}, &errors);
    return errors;
  }
  for (const CsvProblem& problem : csv_.problems()) {
    const absl::string_view cell =
        static_cast<size_t>(problem.cell) < csv_.cells().size() ? csv_.cells()[problem.cell] : "";
    AddHeadingError(problem.line, cell, problem.reason, problem.text, &errors);
  }
  if (!errors.empty()) return errors;
  if (std::none_of(csv_.cells().begin(), csv_.cells().end(),
                   [this](absl::string_view cell) { return columns_.Find(cell) != nullptr; })) {
    // A row of data, whose names of people an error must not repeat.
    AddHeadingError(csv_.line(), "", error::v1::REASON_UNKNOWN_FIELD,
                    {absl::StrCat("the first line is no heading: it has no field of ", columns_.plan().collection()),
                     absl::StrCat("首行不是表头：其中没有", columns_.plan().options().title_zh(), "的字段")},
                    &errors);
    return errors;
  }
  for (const absl::string_view cell : csv_.cells()) {
    const Column* column = columns_.Find(cell);
    if (column == nullptr) {
      AddHeadingError(csv_.line(), cell, error::v1::REASON_UNKNOWN_FIELD,
                      {absl::StrCat("is no field of ", columns_.plan().collection()),
                       absl::StrCat(columns_.plan().options().title_zh(), "没有此字段")},
                      &errors);
    } else if (std::find(heading_.begin(), heading_.end(), column) != heading_.end()) {
      AddHeadingError(csv_.line(), cell, error::v1::REASON_DUPLICATE, {"is there twice", "列重复"}, &errors);
    } else if (column->field() == columns_.plan().standard().name) {
      name_column_ = static_cast<int>(heading_.size());
    } else if (!column->output_only()) {
      mask_.push_back(column->name());
    }
    heading_.push_back(column);
  }
  return errors;
}

absl::StatusOr<bool> RowReader::Skip(int64_t count) {
  while (row_count_ < count) {
    JIEDUI_ASSIGN_OR_RETURN(const CsvReader::Result result, NextRow());
    if (result == CsvReader::Result::kEnd) return false;
    ++row_count_;
    if (result == CsvReader::Result::kBroken) {
      ended_ = true;
      return row_count_ == count;
    }
    if (name_column_ < 0 || csv_.cells().size() != heading_.size() || csv_.cells()[name_column_].empty()) continue;
    line_of_name_.emplace(absl::HashOf(csv_.cells()[name_column_]), csv_.line());
  }
  return true;
}

absl::Status RowReader::Fill(size_t max_rows, RowBatch* batch) {
  batch->size = 0;
  batch->rows_before = row_count_;
  size_t bytes = 0;
  while (!ended_ && batch->size < max_rows && bytes < kMaxBatchBytes) {
    JIEDUI_ASSIGN_OR_RETURN(const CsvReader::Result result, NextRow());
    ended_ = result != CsvReader::Result::kRow;
    if (result == CsvReader::Result::kEnd) break;
    if (row_count_ == max_rows_) return TooManyRows(max_rows_);
    if (batch->rows.size() == batch->size) batch->rows.emplace_back();
    ImportRow* row = &batch->rows[batch->size++];
    ++row_count_;
    if (result == CsvReader::Result::kBroken) {
      TakeBroken(row);
    } else {
      TakeRow(row);
    }
    bytes += row->text.size();
  }
  batch->last = ended_;
  if (hashed_) batch->prefix_hash = HashSoFar();
  return absl::OkStatus();
}

void RowReader::TakeRow(ImportRow* row) {
  row->line = csv_.line();
  row->id.clear();
  row->errors.clear();
  row->checkable = csv_.cells().size() == heading_.size();
  row->text.clear();
  row->ends.clear();
  for (const absl::string_view cell : csv_.cells()) {
    row->text.append(cell.data(), cell.size());
    row->ends.push_back(row->text.size());
  }
  if (!row->checkable) {
    AddError(-1, error::v1::REASON_FORMAT,
             {absl::StrCat("has ", csv_.cells().size(), " cells, the heading has ", heading_.size()),
              absl::StrCat("有", csv_.cells().size(), "格，表头有", heading_.size(), "格")},
             row);
    return;
  }
  if (row->message == nullptr) row->message.reset(columns_.plan().prototype().New());
  row->message->Clear();
  size_t problem = 0;
  for (size_t i = 0; i < heading_.size(); ++i) {
    bool bad = false;
    for (; problem < csv_.problems().size() && csv_.problems()[problem].cell <= static_cast<int>(i); ++problem) {
      bad = true;
      AddError(static_cast<int>(i), csv_.problems()[problem].reason, csv_.problems()[problem].text, row);
    }
    if (bad || heading_[i]->output_only()) continue;
    if (static_cast<int>(i) == name_column_) {
      TakeName(csv_.cells()[i], row);
    } else if (std::optional<CellProblem> found = heading_[i]->Parse(csv_.cells()[i], row->message.get())) {
      AddError(static_cast<int>(i), found->reason, std::move(found->text), row);
    }
  }
}

void RowReader::TakeName(absl::string_view cell, ImportRow* row) {
  if (cell.empty()) return;
  const absl::string_view id = columns_.plan().IdOf(cell);
  if (id.empty()) {
    AddError(
        name_column_, error::v1::REASON_NAME,
        {absl::StrCat("must be ", columns_.plan().collection(), "/{id} with an id of [a-z0-9-], 1 to 63 characters"),
         absl::StrCat("应为 ", columns_.plan().collection(), "/{标识}，标识由小写字母、数字和连字符组成，1至63个字符")},
        row);
    return;
  }
  row->id = std::string(id);
  const auto [it, added] = line_of_name_.emplace(absl::HashOf(cell), row->line);
  if (added) return;
  AddError(name_column_, error::v1::REASON_DUPLICATE,
           {absl::StrCat("is on line ", it->second, " as well"), absl::StrCat("与第", it->second, "行重复")}, row);
}

void RowReader::TakeBroken(ImportRow* row) {
  const CsvProblem& problem = csv_.problems().front();
  row->line = problem.line;
  row->id.clear();
  row->errors.clear();
  row->checkable = false;
  row->text.clear();
  row->ends.clear();
  AddError(problem.cell, problem.reason, problem.text, row);
}

void RowReader::AddError(int cell, Reason reason, Text text, ImportRow* row) const {
  error::v1::Violation violation;
  if (cell >= 0 && static_cast<size_t>(cell) < heading_.size()) violation.set_field(heading_[cell]->name());
  violation.set_reason(reason);
  violation.set_message(std::move(text.en));
  violation.set_message_zh(std::move(text.zh));
  row->errors.push_back(MakeRowError(*row, violation));
}

v1::ImportRowError RowReader::MakeRowError(const ImportRow& row, const error::v1::Violation& violation) const {
  v1::ImportRowError error;
  error.set_line(row.line);
  *error.mutable_violation() = violation;
  // "participants[1].village" is in the column "participants".
  const absl::string_view field = violation.field();
  const absl::string_view cell = CellOf(row, field.substr(0, field.find_first_of("[.")));
  // Errors are kept where files are sent from.
  if (!personal::ContainsCitizenNumber(cell)) error.set_value(Shortened(cell));
  return error;
}

absl::string_view RowReader::CellOf(const ImportRow& row, absl::string_view column) const {
  for (size_t i = 0; i < heading_.size() && i < row.ends.size(); ++i) {
    if (heading_[i]->name() != column) continue;
    if (heading_[i]->personal()) return {};
    const size_t start = i == 0 ? 0 : row.ends[i - 1];
    return absl::string_view(row.text).substr(start, row.ends[i] - start);
  }
  return {};
}

}  // namespace jiedui::bulk
