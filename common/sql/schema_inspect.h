// What the tables of a database really look like, in the same words on every database.

#ifndef JIEDUI_COMMON_SQL_SCHEMA_INSPECT_H_
#define JIEDUI_COMMON_SQL_SCHEMA_INSPECT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/database.h"

namespace jiedui::sql {

struct ColumnInfo {
  std::string name;
  std::string type;  // "BIGINT", "VARCHAR(63)", "LONGTEXT", … without NOT NULL
  bool nullable = false;
  std::string collation{};  // of a text column on MySQL; empty elsewhere
};

struct IndexInfo {
  std::string name;
  bool unique = false;
  std::vector<std::string> columns;
};

// The columns of a table in their order; none when there is no such table. Errors of the database.
absl::StatusOr<std::vector<ColumnInfo>> InspectColumns(Transaction& transaction, absl::string_view table);

// The indexes of a table by name, without its primary key.
absl::StatusOr<std::vector<IndexInfo>> InspectIndexes(Transaction& transaction, absl::string_view table);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SCHEMA_INSPECT_H_
