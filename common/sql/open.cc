#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/sql/database.h"
#include "common/sql/mysql/mysql_database.h"
#include "common/sql/sqlite/sqlite_database.h"

namespace jiedui::sql {

absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const DatabaseOptions& options) {
  absl::string_view path = options.url;
  if (absl::ConsumePrefix(&path, "sqlite:") && !path.empty()) return OpenSqliteDatabase(std::string(path), options);
  if (absl::StartsWith(options.url, "mysql://")) return OpenMysqlDatabase(options);
  return absl::InvalidArgumentError("the database must be sqlite:<file> or mysql://user@host:port/schema");
}

}  // namespace jiedui::sql
