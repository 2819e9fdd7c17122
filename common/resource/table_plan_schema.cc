// The table and the indexes of a plan: what a migration has to make, and what the drift test compares.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/table_plan.h"

namespace jiedui::resource {
namespace {

std::string SqlTypeOf(const Column& column) {
  switch (column.type) {
    case ColumnType::kText: {
      const int length = column.rule->is_date ? 10 : column.rule->max_length;
      return length > TablePlan::kMaxVarchar ? "TEXT" : absl::StrCat("VARCHAR(", length, ")");
    }
    case ColumnType::kJson:
      return "LONGTEXT";
    case ColumnType::kCell:
      if (column.json) return "LONGBLOB";
      return absl::StrCat("VARBINARY(", 4 * column.rule->max_length + TablePlan::kCellRoom, ")");
    default:
      return "BIGINT";
  }
}

}  // namespace

std::vector<sql::ColumnInfo> TablePlan::TableColumns() const {
  std::vector<sql::ColumnInfo> columns = {{"id", absl::StrCat("VARCHAR(", kMaxIdLength, ")"), false},
                                          {"revision", "BIGINT", false},
                                          {"create_time", "BIGINT", false},
                                          {"update_time", "BIGINT", false},
                                          {"author", "VARCHAR(255)", false},
                                          {"source", "VARCHAR(255)", false}};
  for (const Column& column : columns_) columns.push_back({column.field->name(), SqlTypeOf(column), column.nullable});
  for (const Column* column : cells_) {
    if (!column->hash_name.empty()) columns.push_back({column->hash_name, "VARCHAR(64)", true});
  }
  return columns;
}

std::vector<sql::IndexInfo> TablePlan::TableIndexes() const {
  std::vector<sql::IndexInfo> indexes;
  for (const auto& key : options_.unique()) {
    std::vector<std::string> columns;
    for (const std::string& field : key.fields()) columns.push_back(KeyColumn(field));
    indexes.push_back(
        {absl::StrCat(options_.table(), "_by_", absl::StrJoin(key.fields(), "_")), true, std::move(columns)});
  }
  for (const Column& column : columns_) {
    if (!column.hash_name.empty()) {
      const bool first = std::any_of(options_.unique().begin(), options_.unique().end(),
                                     [&column](const auto& key) { return key.fields(0) == column.field->name(); });
      if (!first) {
        indexes.push_back({absl::StrCat(options_.table(), "_on_", column.hash_name), false, {column.hash_name, "id"}});
      }
      continue;
    }
    if (!column.rule->rules.sortable() && column.rule->rules.reference_to().empty()) continue;
    // A unique key that begins with a reference finds its referrers as well.
    bool covered = false;
    for (const auto& key : options_.unique()) covered = covered || key.fields(0) == column.field->name();
    if (covered && !column.rule->rules.sortable()) continue;
    indexes.push_back(
        {absl::StrCat(options_.table(), "_on_", column.field->name()), false, {column.field->name(), "id"}});
  }
  return indexes;
}

// Names of domain columns may be words of SQL.
std::string TablePlan::Quoted(const std::string& column) const {
  const bool hash =
      std::any_of(cells_.begin(), cells_.end(), [&column](const Column* each) { return each->hash_name == column; });
  return hash || FindColumn(column) != nullptr ? absl::StrCat("`", column, "`") : column;
}

std::string TablePlan::Ddl() const {
  std::string ddl = absl::StrCat("CREATE TABLE ", options_.table(), " (");
  for (const sql::ColumnInfo& column : TableColumns()) {
    absl::StrAppend(&ddl, column.name == "id" ? "\n  " : ",\n  ", Quoted(column.name), " ", column.type,
                    column.nullable ? "" : " NOT NULL", column.name == "id" ? " PRIMARY KEY" : "");
  }
  absl::StrAppend(&ddl, "\n) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;\n");
  for (const sql::IndexInfo& index : TableIndexes()) {
    std::vector<std::string> columns;
    for (const std::string& column : index.columns) columns.push_back(Quoted(column));
    absl::StrAppend(&ddl, "CREATE ", index.unique ? "UNIQUE " : "", "INDEX ", index.name, " ON ", options_.table(),
                    " (", absl::StrJoin(columns, ", "), ");\n");
  }
  return ddl;
}

}  // namespace jiedui::resource
