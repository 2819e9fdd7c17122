// The driver's connection with this program's session settings.

#ifndef JIEDUI_COMMON_SQL_MYSQL_SESSION_H_
#define JIEDUI_COMMON_SQL_MYSQL_SESSION_H_

#include <cppconn/connection.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sql/mysql/address.h"

namespace jiedui::sql {

enum class SessionUse {
  kWrite,   // read committed; a transaction begins with its first statement
  kRead,    // repeatable read, read only; the snapshot is that of the first statement
  kSchema,  // every statement by itself, and it may take long
  kPing     // every statement by itself
};

// Connects and sets the session up. Reconnecting by itself is off: it would lose the settings without a word.
// Errors: UNAVAILABLE when the server does not answer within `timeout` (5 s when that is longer), FAILED_PRECONDITION when
// it refuses the account or the schema.
absl::StatusOr<std::unique_ptr<::sql::Connection>> OpenSession(const MysqlAddress& address, SessionUse use,
                                                               absl::Duration timeout = absl::InfiniteDuration());

// How long one answer of the server may take. Only a migration may work longer.
inline constexpr int kAnswerSeconds = 60;

// "SESSION max_statement_time = 1.5", in the words of the connection's server: what ends a SELECT after this time.
std::string StatementLimit(::sql::Connection& connection, absl::Duration limit);

// Prepares the driver for the calling thread, once; it is released when the thread ends.
void UseDriverOnThisThread();

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_SESSION_H_
