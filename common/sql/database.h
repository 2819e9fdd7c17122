// The only door to a database. Two back ends implement it: common/sql/sqlite (embedded default) and common/sql/mysql
// (production, through MySQL Connector/C++). Nothing outside those two folders includes a driver's header.

#ifndef JIEDUI_COMMON_SQL_DATABASE_H_
#define JIEDUI_COMMON_SQL_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jiedui::sql {

enum class Dialect { kSqlite, kMysql };

// A prepared statement owned by its connection's cache. Parameters and columns count from 0. Text and blobs passed to Bind*
// must stay alive until the statement has been executed; text returned by Text() lives until the next Step, Execute or
// Prepare of the same SQL.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual void BindNull(int parameter) = 0;
  virtual void BindInt(int parameter, int64_t value) = 0;
  virtual void BindText(int parameter, absl::string_view value) = 0;
  virtual void BindBlob(int parameter, absl::string_view value) = 0;

  // Runs a statement that returns no rows; answers how many rows it touched (on MySQL: matched AND changed rows, so callers
  // that test the count always change the revision column).
  // Errors: ALREADY_EXISTS (unique key; the message names the key, never a value), ABORTED (conflict: the transaction is
  // re-run), UNAVAILABLE (connection lost), INTERNAL (anything else; text has no user value).
  virtual absl::StatusOr<int64_t> Execute() = 0;

  // Moves to the next row; false after the last. The first call runs the statement. Same errors as Execute.
  virtual absl::StatusOr<bool> Step() = 0;

  virtual bool IsNull(int column) = 0;
  virtual int64_t Int(int column) = 0;
  virtual absl::string_view Text(int column) = 0;
};

// One running transaction. Used by one thread; dies with the closure that it was given to.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // The statement for `sql`, prepared once per connection (LRU) and reset. The pointer is valid until the same SQL is
  // prepared again or the transaction ends; two different SQL texts may be in use side by side on SQLite, and on MySQL
  // as well because results are stored on the client.
  // Errors: INTERNAL when the text does not compile, UNAVAILABLE when the connection is lost.
  virtual absl::StatusOr<Statement*> Prepare(absl::string_view sql) = 0;

  virtual Dialect dialect() const = 0;
};

// Counters since the database was opened, and what is there now. Cheap to read; each number is exact on its own.
struct DatabaseStats {
  int64_t write_queue = 0;  // closures waiting for a writer
  int64_t read_queue = 0;   // closures waiting for a reader
  int64_t open_connections = 0;
  int64_t writes = 0;            // write closures answered, with whatever status
  int64_t reads = 0;             // read closures answered, ReadHere included
  int64_t commits = 0;           // COMMITs that succeeded; on SQLite one serves many closures
  int64_t retries = 0;           // bodies run again after a conflict or a lost connection
  int64_t rejected = 0;          // closures refused with RESOURCE_EXHAUSTED
  int64_t expired = 0;           // closures answered DEADLINE_EXCEEDED
  int64_t unknown_outcomes = 0;  // COMMITs whose answer was lost, settled or not
};

struct WriteOptions {
  // The closure is not started, nor re-run, after this. A transaction that was started may end a little later.
  absl::Time deadline = absl::InfiniteFuture();
  // Answers whether an earlier attempt of this very transaction was committed. Asked on a fresh connection (inside a
  // transaction of its own) after a COMMIT whose answer was lost, and after ALREADY_EXISTS on a re-run. Must read with a
  // lock that waits for a commit in flight. Without it a lost COMMIT is reported as outcome unknown.
  absl::AnyInvocable<absl::StatusOr<bool>(Transaction&)> was_committed;
  // The closure will write and then fail on purpose (a dry run). On SQLite it gets a savepoint of its own from the start, or
  // all the closures that share its commit would have to run again.
  bool expects_rollback = false;
};

using Body = absl::AnyInvocable<absl::Status(Transaction&)>;
using Done = absl::AnyInvocable<void(absl::Status)>;

class Database {
 public:
  virtual ~Database() = default;

  // Runs `body` in a write transaction on a writer thread and commits it when it returns OK; otherwise rolls back. The
  // whole body is re-run on a transient conflict (its own ABORTED marked by RetryTransaction, or the driver's), so it must
  // reset what it captured at its start. `done` is called exactly once, on any thread, after the outcome is durable:
  //   OK                  committed
  //   RESOURCE_EXHAUSTED  queue full, or so long that the deadline would pass before its turn; nothing was run
  //   DEADLINE_EXCEEDED   not committed before the deadline
  //   ABORTED             still in conflict after the last attempt; nothing written
  //   UNAVAILABLE         database unreachable; nothing written
  //   UNKNOWN             the answer to COMMIT was lost and could not be settled: retry with the same request_id
  //   anything else       the body's own error; nothing written
  virtual void Write(WriteOptions options, Body body, Done done) = 0;

  // Runs `body` on a reader thread in one read-only snapshot. Same errors as Write but UNKNOWN and ABORTED.
  virtual void Read(absl::Time deadline, Body body, Done done) = 0;

  // The same on threads of their own, for what other programs ask again and again: it must not wait behind long lists.
  virtual void ReadAside(absl::Time deadline, Body body, Done done) {
    Read(deadline, std::move(body), std::move(done));
  }

  // True where a point read is short and never waits for a network (SQLite): ReadHere may then run on a gRPC thread.
  virtual bool reads_inline() const = 0;

  // Runs `body` in one read-only snapshot on the calling thread and answers its status. On MySQL this borrows a read
  // connection and blocks: not for gRPC threads.
  virtual absl::Status ReadHere(absl::FunctionRef<absl::Status(Transaction&)> body) = 0;

  // Schema changes (migrations): runs `sql` statements one by one on a dedicated connection, outside any pool. Blocks.
  // DDL commits implicitly on MySQL, so callers keep one DDL statement per call.
  virtual absl::Status ExecuteDdl(absl::string_view sql) = 0;

  virtual Dialect dialect() const = 0;

  // OK when a trivial statement is answered now; used by readiness. Blocks at most about `timeout`.
  virtual absl::Status Ping(absl::Duration timeout) = 0;

  virtual DatabaseStats stats() const = 0;
};

// Blocking forms for tests, migrations and start-up; never on a gRPC thread.
absl::Status WriteAndWait(Database& database, WriteOptions options, Body body);
absl::Status ReadAndWait(Database& database, absl::Time deadline, Body body);

// An error of a body that asks for the whole transaction to be rolled back and run again.
absl::Status RetryTransaction(absl::string_view why);
bool IsRetryTransaction(const absl::Status& status);

// The unique key behind an ALREADY_EXISTS of Execute or Step, empty for any other status: "table.column, table.column" on
// SQLite (the columns of the key), "key" or "table.key" on MySQL and MariaDB ("PRIMARY" for the primary key).
std::string ViolatedKey(const absl::Status& status);

struct DatabaseOptions {
  // "sqlite:<file>" or "mysql://user@host:port/schema".
  std::string url;
  // The MySQL password; never logged. Empty for SQLite.
  std::string password;
  int readers = 2;         // SQLite: reader threads; MySQL: read connections (one thread each)
  int writers = 8;         // MySQL: write connections (one thread each); SQLite always has one writer
  int max_queue = 4096;    // waiting closures per queue; more are refused with RESOURCE_EXHAUSTED
  int group_commit = 256;  // SQLite: most closures in one COMMIT; 1 switches group commit off
};

// Opens the database, creating the SQLite file when it does not exist; never creates a MySQL schema.
// Errors: INVALID_ARGUMENT for an url that cannot be understood, UNAVAILABLE when the server does not answer.
absl::StatusOr<std::unique_ptr<Database>> OpenDatabase(const DatabaseOptions& options);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_DATABASE_H_
