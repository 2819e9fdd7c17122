#include "common/sql/mysql/mysql_database.h"

namespace jiedui::sql {

absl::StatusOr<std::unique_ptr<Database>> OpenMysqlDatabase(const DatabaseOptions&) {
  return absl::UnimplementedError("MySQL");
}

}  // namespace jiedui::sql
