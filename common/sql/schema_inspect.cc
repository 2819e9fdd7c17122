#include "common/sql/schema_inspect.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

constexpr absl::string_view kSqliteColumns =
    "SELECT name, type, CASE WHEN \"notnull\" = 0 THEN 'YES' ELSE 'NO' END, '' FROM pragma_table_info(?) ORDER BY cid";
constexpr absl::string_view kMysqlColumns =
    "SELECT column_name, column_type, is_nullable, COALESCE(collation_name, '') FROM information_schema.columns "
    "WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position";
constexpr absl::string_view kSqliteIndexes =
    "SELECT l.name, CASE WHEN l.\"unique\" = 1 THEN 0 ELSE 1 END, i.name FROM pragma_index_list(?) AS l, "
    "pragma_index_info(l.name) AS i WHERE l.origin <> 'pk' ORDER BY l.name, i.seqno";
constexpr absl::string_view kMysqlIndexes =
    "SELECT index_name, non_unique, column_name FROM information_schema.statistics "
    "WHERE table_schema = DATABASE() AND table_name = ? AND index_name <> 'PRIMARY' ORDER BY index_name, seq_in_index";

// MySQL writes types in small letters, MariaDB also with a display width that means nothing: bigint(20).
std::string CommonType(absl::string_view type) {
  std::string common = absl::AsciiStrToUpper(type);
  return absl::StartsWith(common, "BIGINT") ? "BIGINT" : common;
}

}  // namespace

absl::StatusOr<std::vector<ColumnInfo>> InspectColumns(Transaction& transaction, absl::string_view table) {
  const bool mysql = transaction.dialect() == Dialect::kMysql;
  JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare(mysql ? kMysqlColumns : kSqliteColumns));
  row->BindText(0, table);
  std::vector<ColumnInfo> columns;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return columns;
    columns.push_back(
        {std::string(row->Text(0)), CommonType(row->Text(1)), row->Text(2) == "YES", std::string(row->Text(3))});
  }
}

absl::StatusOr<std::vector<IndexInfo>> InspectIndexes(Transaction& transaction, absl::string_view table) {
  const bool mysql = transaction.dialect() == Dialect::kMysql;
  JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare(mysql ? kMysqlIndexes : kSqliteIndexes));
  row->BindText(0, table);
  std::vector<IndexInfo> indexes;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return indexes;
    if (indexes.empty() || indexes.back().name != row->Text(0)) {
      indexes.push_back({std::string(row->Text(0)), row->Int(1) == 0, {}});
    }
    indexes.back().columns.push_back(std::string(row->Text(2)));
  }
}

}  // namespace jiedui::sql
