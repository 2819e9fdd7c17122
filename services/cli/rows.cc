#include "services/cli/rows.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "common/bulk/csv.h"
#include "google/protobuf/struct.pb.h"

namespace jiedui::cli {
namespace {

std::string Quoted(const std::string& text) {
  google::protobuf::Value value;
  value.set_string_value(text);
  return ToJson(value, false);
}

std::string AsJson(const std::vector<RowColumn>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::string json = "[";
  for (size_t r = 0; r < rows.size(); ++r) {
    absl::StrAppend(&json, r == 0 ? "\n {" : ",\n {");
    for (size_t i = 0; i < columns.size(); ++i) {
      absl::StrAppend(&json, i == 0 ? "" : ", ", Quoted(columns[i].name), ": ", Quoted(rows[r][i]));
    }
    absl::StrAppend(&json, "}");
  }
  return absl::StrCat(json, rows.empty() ? "]\n" : "\n]\n");
}

std::string AsCsv(const std::vector<RowColumn>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> heading;
  for (const RowColumn& column : columns) heading.push_back(column.name);
  std::string csv;
  bulk::AppendCsvRow(heading, &csv);
  for (const auto& row : rows) bulk::AppendCsvRow(row, &csv);
  return csv;
}

}  // namespace

void PrintRows(const Session& session, const std::vector<RowColumn>& columns,
               const std::vector<std::vector<std::string>>& rows) {
  switch (session.format()) {
    case OutputFormat::kJson:
      session.out() << AsJson(columns, rows);
      return;
    case OutputFormat::kCsv:
      session.out() << AsCsv(columns, rows);
      return;
    case OutputFormat::kTable:
      break;
  }
  TextTable table;
  for (const RowColumn& column : columns) table.AddColumn(session.In(column.title), column.align);
  for (const auto& row : rows) table.AddRow(row);
  table.Print(session.out());
}

}  // namespace jiedui::cli
