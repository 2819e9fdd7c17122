// The production back end: MySQL, MariaDB and their clusters through MySQL Connector/C++ 1.1.

#ifndef JIEDUI_COMMON_SQL_MYSQL_MYSQL_DATABASE_H_
#define JIEDUI_COMMON_SQL_MYSQL_MYSQL_DATABASE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/sql/database.h"

namespace jiedui::sql {

// Tries the server once, so that a wrong address is found at start.
// Errors: INVALID_ARGUMENT for an url that cannot be understood, UNAVAILABLE when the server does not answer.
absl::StatusOr<std::unique_ptr<Database>> OpenMysqlDatabase(const DatabaseOptions& options);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_MYSQL_DATABASE_H_
