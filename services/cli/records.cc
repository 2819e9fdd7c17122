#include "services/cli/records.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/bulk/csv.h"
#include "services/cli/arguments.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Longer cells are cut in a table; CSV and JSON have them whole.
constexpr size_t kMaxCellWidth = 40;

bool IsOneLine(const bulk::Column& column) {
  static const auto* const kHidden =
      new std::vector<std::string>{"etag", "create_time", "update_time", "author", "source"};
  for (const std::string& hidden : *kHidden) {
    if (column.name() == hidden) return false;
  }
  return !column.field()->is_repeated() && (column.field()->message_type() == nullptr ||
                                            column.field()->message_type()->full_name() == "google.protobuf.Timestamp");
}

std::string Heading(const Session& session, const bulk::Column& column) {
  const std::string& title = RulesOf(column.field()).title_zh();
  return session.chinese() && !title.empty() ? title : column.name();
}

// Enum values by their Chinese term for those who read it.
std::string CellText(const Session& session, const bulk::Column& column, const Message& record) {
  if (session.chinese() && column.field()->cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
      !column.field()->is_repeated()) {
    const auto* value = record.GetReflection()->GetEnum(record, column.field());
    const std::string& title = value->options().GetExtension(options::v1::value_title_zh);
    if (!title.empty()) return title;
  }
  std::string cell;
  column.Format(record, &cell);
  return cell;
}

bool IsNumber(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 || field->cpp_type() == FieldDescriptor::CPPTYPE_INT64;
}

}  // namespace

Records::Records(const Resource& resource)
    : plan_(PlanOf(resource)), columns_(std::make_unique<bulk::Columns>(*plan_)) {}

absl::Status Records::Print(const Session& session, const std::vector<std::unique_ptr<Message>>& records,
                            const std::vector<std::string>& wanted) const {
  std::vector<const bulk::Column*> shown;
  for (const std::string& name : wanted) {
    shown.push_back(columns_->Find(name));
    if (shown.back() != nullptr) continue;
    return UsageError({absl::StrCat("there is no column ", name), absl::StrCat("没有列 ", name)});
  }
  if (session.format() == OutputFormat::kJson) {
    if (!wanted.empty()) {
      return UsageError(
          {"--columns is for tables and CSV; JSON has whole records", "--columns 用于表格和 CSV；JSON 输出整条记录"});
    }
    session.out() << '[';
    for (size_t i = 0; i < records.size(); ++i) session.out() << (i == 0 ? "\n" : ",\n") << ToJson(*records[i], true);
    session.out() << (records.empty() ? "]\n" : "\n]\n");
    return absl::OkStatus();
  }
  const bool csv = session.format() == OutputFormat::kCsv;
  if (shown.empty()) {
    for (const bulk::Column& column : columns_->all()) {
      if (csv || IsOneLine(column)) shown.push_back(&column);
    }
  }
  TextTable table;
  std::string text;
  std::vector<std::string> cells;
  for (const bulk::Column* column : shown) {
    cells.push_back(column->name());
    table.AddColumn(Heading(session, *column),
                    IsNumber(column->field()) ? TextTable::Align::kRight : TextTable::Align::kLeft);
  }
  if (csv) bulk::AppendCsvRow(cells, &text);
  for (const auto& record : records) {
    cells.clear();
    for (const bulk::Column* column : shown) {
      cells.push_back(csv ? "" : CutToWidth(CellText(session, *column, *record), kMaxCellWidth));
      if (csv) column->Format(*record, &cells.back());
    }
    if (csv) {
      bulk::AppendCsvRow(cells, &text);
    } else {
      table.AddRow(cells);
    }
  }
  session.out() << text;
  if (!csv) table.Print(session.out());
  return absl::OkStatus();
}

void Records::PrintFields(const Session& session, const Message& record) const {
  TextTable table;
  table.AddColumn(session.In({"field", "字段"}));
  if (session.chinese()) table.AddColumn("名称");
  table.AddColumn(session.In({"value", "值"}));
  for (const bulk::Column& column : columns_->all()) {
    std::string cell = CellText(session, column, record);
    if (cell.empty()) continue;
    std::vector<std::string> cells = {column.name()};
    if (session.chinese()) cells.push_back(RulesOf(column.field()).title_zh());
    cells.push_back(std::move(cell));
    table.AddRow(std::move(cells));
  }
  table.Print(session.out());
}

}  // namespace jiedui::cli
