#include "common/sql/mysql/errors.h"

#include <cppconn/exception.h>

#include "absl/strings/str_cat.h"
#include "common/sql/driver.h"

namespace jiedui::sql {
namespace {

// The last word in quotes: "Duplicate entry '…' for key 'name'", in whatever language the server speaks.
absl::string_view KeyIn(absl::string_view text) {
  const size_t end = text.rfind('\'');
  if (end == absl::string_view::npos || end == 0) return "of unknown name";
  const size_t begin = text.rfind('\'', end - 1);
  return begin == absl::string_view::npos ? "of unknown name" : text.substr(begin + 1, end - begin - 1);
}

enum class Meaning {
  kConflict,
  kUnique,
  kThere,
  kGone,
  kTooSlow,
  kUnavailable,
  kTooManyStatements,
  kRefused,
  kText,
  kOther
};

// https://mariadb.com/kb/en/mariadb-error-codes, https://dev.mysql.com/doc/mysql-errors/8.4/en
Meaning MeaningOf(int code) {
  // The client's own errors: cannot connect, connection lost, out of step.
  if (code >= 2000 && code < 3000) return Meaning::kUnavailable;
  switch (code) {
    case 1020:  // record has changed since last read
    case 1205:  // lock wait timeout
    case 1213:  // deadlock; on Galera also a conflict with another node
    case 1615:  // prepared statement needs to be re-prepared
    case 3101:  // Group Replication refused the transaction
    case 3572:  // statement aborted because lock(s) could not be acquired immediately
      return Meaning::kConflict;
    case 1022:
    case 1062:
    case 1586:
      return Meaning::kUnique;
    case 1007:  // schema
    case 1050:  // table
    case 1060:  // column
    case 1061:  // index
    case 1826:  // foreign key
    case 3822:  // check constraint
      return Meaning::kThere;
    case 1051:  // table
    case 1091:  // column or index
      return Meaning::kGone;
    case 1969:  // MariaDB, max_statement_time
    case 3024:  // MySQL, max_execution_time
      return Meaning::kTooSlow;
    case 1040:  // too many connections
    case 1043:  // bad handshake
    case 1047:  // Galera: the node is not part of a working cluster
    case 1053:  // server shutdown
    case 1077:
    case 1079:
    case 1080:
    case 1129:  // host blocked
    case 1152:
    case 1158:
    case 1159:
    case 1160:
    case 1161:
    case 1184:
    case 1203:  // too many connections of this user
    case 1226:
    case 1243:  // unknown prepared statement: a proxy changed the server behind the connection
    case 1290:  // read-only server: no longer the primary
    case 1317:  // interrupted by KILL or shutdown
    case 1836:  // read-only mode
    case 1927:  // connection was killed
    case 3100:  // Group Replication is not running
    case 3168:
    case 3169:  // session was killed
    case 4031:  // disconnected for inactivity
      return Meaning::kUnavailable;
    case 1461:
      return Meaning::kTooManyStatements;
    case 1044:  // access to the schema
    case 1045:  // password
    case 1049:  // no such schema
    case 1142:  // right on a table
    case 1698:
      return Meaning::kRefused;
    case 1054:  // unknown column
    case 1064:  // syntax; values are bound, so the text near the mistake is ours
    case 1146:  // no such table
      return Meaning::kText;
    default:
      return Meaning::kOther;
  }
}

}  // namespace

MysqlError UnderstandMysqlError(int code, absl::string_view sql_state, absl::string_view text) {
  const std::string name = absl::StrCat("MySQL error ", code, " (", sql_state, ")");
  switch (MeaningOf(code)) {
    case Meaning::kConflict:
      return {RetryTransaction(name)};
    case Meaning::kUnique:
      return {UniqueViolation(KeyIn(text))};
    case Meaning::kThere:
      return {absl::InternalError(absl::StrCat(name, ": already exists"))};
    case Meaning::kGone:
      return {absl::InternalError(absl::StrCat(name, ": no such table, column or index"))};
    case Meaning::kTooSlow:
      return {absl::DeadlineExceededError(absl::StrCat(name, ": the statement took too long"))};
    case Meaning::kUnavailable:
      return {absl::UnavailableError(absl::StrCat(name, ": connection or server lost")), true};
    case Meaning::kTooManyStatements:
      return {absl::ResourceExhaustedError(absl::StrCat(name, ": too many prepared statements"))};
    case Meaning::kRefused:
      return {absl::FailedPreconditionError(absl::StrCat(name, ": the account or the schema is refused"))};
    case Meaning::kText:
      return {absl::InternalError(absl::StrCat(name, ": ", text))};
    case Meaning::kOther:
      break;
  }
  return {absl::InternalError(name)};
}

MysqlError UnderstandMysqlError(const std::exception& error) {
  if (const auto* driver = dynamic_cast<const ::sql::SQLException*>(&error)) {
    if (driver->getErrorCode() != 0) {
      return UnderstandMysqlError(driver->getErrorCode(), driver->getSQLState(), driver->what());
    }
  }
  // A mistake in the use of the driver, or one of its own: whether the connection is in step is not known.
  return {absl::InternalError("MySQL driver error"), true};
}

}  // namespace jiedui::sql
