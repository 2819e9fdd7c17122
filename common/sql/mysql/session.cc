#include "common/sql/mysql/session.h"

#include <cppconn/exception.h>
#include <cppconn/metadata.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/sql/mysql/errors.h"

namespace jiedui::sql {
namespace {

constexpr int kConnectSeconds = 5;
constexpr int kSchemaAnswerSeconds = 6 * 3600;
constexpr int kLockWaitSeconds = 5;

// Making the driver is not thread-safe.
::sql::mysql::MySQL_Driver& Driver() {
  static std::once_flag once;
  static ::sql::mysql::MySQL_Driver* driver = nullptr;
  std::call_once(once, [] { driver = ::sql::mysql::get_driver_instance(); });
  return *driver;
}

struct DriverThread {
  DriverThread() { Driver().threadInit(); }
  ~DriverThread() { Driver().threadEnd(); }
};

int Seconds(absl::Duration timeout, int most) {
  if (timeout >= absl::Seconds(most)) return most;
  return std::max(1, static_cast<int>(std::ceil(absl::ToDoubleSeconds(timeout))));
}

::sql::ConnectOptionsMap ConnectOptions(const MysqlAddress& address, SessionUse use, absl::Duration timeout) {
  const bool ipv6 = absl::StrContains(address.host, ':');
  const int answer = Seconds(timeout, use == SessionUse::kSchema ? kSchemaAnswerSeconds : kAnswerSeconds);
  ::sql::ConnectOptionsMap options;
  options["hostName"] =
      ::sql::SQLString(absl::StrCat("tcp://", ipv6 ? "[" : "", address.host, ipv6 ? "]" : "", ":", address.port));
  options["userName"] = ::sql::SQLString(address.user);
  options["password"] = ::sql::SQLString(address.password);
  options["schema"] = ::sql::SQLString(address.schema);
  options["OPT_CHARSET_NAME"] = ::sql::SQLString("utf8mb4");
  options["characterSetResults"] = ::sql::SQLString("utf8mb4");
  options["OPT_CONNECT_TIMEOUT"] = Seconds(timeout, kConnectSeconds);
  options["OPT_READ_TIMEOUT"] = answer;
  options["OPT_WRITE_TIMEOUT"] = answer;
  options["OPT_RECONNECT"] = false;
  return options;
}

bool IsInCluster(::sql::Statement& statement) {
  const std::unique_ptr<::sql::ResultSet> row(statement.executeQuery("SHOW VARIABLES LIKE 'wsrep_on'"));
  return row->next() && absl::EqualsIgnoreCase(static_cast<const std::string&>(row->getString(2)), "ON");
}

// What differs between servers, and what decides about correctness, is set here and not left to their configuration.
void SetUp(::sql::Connection& connection, SessionUse use) {
  std::string settings =
      "SET NAMES utf8mb4 COLLATE utf8mb4_bin, SESSION sql_mode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY', SESSION time_zone = '+00:00'";
  if (use == SessionUse::kWrite || use == SessionUse::kRead) {
    absl::StrAppend(&settings, ", SESSION innodb_lock_wait_timeout = ", kLockWaitSeconds,
                    ", SESSION lock_wait_timeout = ", kLockWaitSeconds, ", SESSION autocommit = 0");
  }
  if (use == SessionUse::kRead) {
    absl::StrAppend(&settings, ", ", StatementLimit(connection, absl::Seconds(kAnswerSeconds)));
  }
  const std::unique_ptr<::sql::Statement> statement(connection.createStatement());
  statement->execute(settings);
  if (use == SessionUse::kWrite) statement->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  if (use == SessionUse::kRead) {
    statement->execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    // A node of a Galera cluster may lag behind the one that has answered a write.
    if (IsInCluster(*statement)) statement->execute("SET SESSION wsrep_sync_wait = 1");
  }
}

}  // namespace

std::string StatementLimit(::sql::Connection& connection, absl::Duration limit) {
  const std::string version = connection.getMetaData()->getDatabaseProductVersion();
  const int64_t millis = std::max(absl::ToInt64Milliseconds(limit), int64_t{1});
  if (!absl::StrContains(version, "MariaDB")) return absl::StrCat("SESSION max_execution_time = ", millis);
  return absl::StrFormat("SESSION max_statement_time = %d.%03d", millis / 1000, millis % 1000);
}

void UseDriverOnThisThread() { thread_local const DriverThread thread; }

absl::StatusOr<std::unique_ptr<::sql::Connection>> OpenSession(const MysqlAddress& address, SessionUse use,
                                                               absl::Duration timeout) {
  try {
    UseDriverOnThisThread();
    ::sql::ConnectOptionsMap options = ConnectOptions(address, use, timeout);
    std::unique_ptr<::sql::Connection> connection(Driver().connect(options));
    SetUp(*connection, use);
    return connection;
  } catch (const std::exception& error) {
    const MysqlError understood = UnderstandMysqlError(error);
    if (absl::IsFailedPrecondition(understood.status)) return understood.status;
    return absl::UnavailableError(absl::StrCat("no connection to the database: ", understood.status.message()));
  }
}

}  // namespace jiedui::sql
