// The embedded back end: one file, no server.

#ifndef JIEDUI_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_
#define JIEDUI_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/sql/database.h"

namespace jiedui::sql {

// Errors: FAILED_PRECONDITION when another server holds the file or it cannot be used, UNAVAILABLE when it cannot be opened.
absl::StatusOr<std::unique_ptr<Database>> OpenSqliteDatabase(const std::string& path, const DatabaseOptions& options);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_SQLITE_DATABASE_H_
