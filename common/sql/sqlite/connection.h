// One SQLite connection with its cache of prepared statements. Used by one thread at a time.

#ifndef JIEDUI_COMMON_SQL_SQLITE_CONNECTION_H_
#define JIEDUI_COMMON_SQL_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sql/database.h"

namespace jiedui::sql {

class SqliteConnection;

struct SqliteStatementDeleter {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using SqliteStatementHandle = std::unique_ptr<sqlite3_stmt, SqliteStatementDeleter>;

class SqliteStatement final : public Statement {
 public:
  SqliteStatement(SqliteConnection& connection, std::string sql, SqliteStatementHandle handle);

  void BindNull(int parameter) override;
  void BindInt(int parameter, int64_t value) override;
  void BindText(int parameter, absl::string_view value) override;
  void BindBlob(int parameter, absl::string_view value) override;
  absl::StatusOr<int64_t> Execute() override;
  absl::StatusOr<bool> Step() override;
  bool IsNull(int column) override;
  int64_t Int(int column) override;
  absl::string_view Text(int column) override;

  absl::string_view sql() const { return sql_; }

 private:
  friend class SqliteConnection;

  // Ends a run, so that it holds no lock and its parameters can be bound again.
  void Reset();
  void Bound(int result) { bind_result_ = result == SQLITE_OK ? bind_result_ : result; }
  absl::Status Failed(int result);

  SqliteConnection& connection_;
  const std::string sql_;
  const SqliteStatementHandle handle_;
  const bool only_reads_;
  int bind_result_ = SQLITE_OK;
  bool running_ = false;
  uint64_t last_use_ = 0;
};

class SqliteConnection final : public Transaction {
 public:
  enum class Mode { kWriter, kReader };

  // Errors: UNAVAILABLE when the file cannot be opened, FAILED_PRECONDITION when it is not a database in WAL mode.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path, Mode mode);
  ~SqliteConnection() override;

  // Transaction.
  absl::StatusOr<Statement*> Prepare(absl::string_view sql) override;
  Dialect dialect() const override { return Dialect::kSqlite; }

  // Errors of these: ABORTED with a request for a re-run when another process holds the lock, and those of ToStatus.
  absl::Status BeginWrite() { return RunFixed(kBeginImmediate); }
  absl::Status BeginRead() { return RunFixed(kBegin); }
  // Also UNKNOWN after an I/O error: the commit record may have reached the disk, so that a restart would find it.
  absl::Status Commit();
  absl::Status Savepoint() { return RunFixed(kSavepoint); }
  absl::Status ReleaseSavepoint() { return RunFixed(kRelease); }
  absl::Status RollbackToSavepoint();
  // Leaves no transaction behind, whatever happened before.
  void Rollback();

  // Resets what a closure used and trims the cache. To be called after every closure.
  void EndClosure();

  // Whether SQLite has rolled the whole transaction back by itself (disk full, I/O error).
  bool transaction_lost() const { return sqlite3_get_autocommit(database_) != 0; }
  // Grows with every change in a transaction. Changes of the schema do not count in SQLite, but they do here.
  int64_t changes() const { return sqlite3_total_changes64(database_) + schema_changes_; }

  // Statements that run past this fail with DEADLINE_EXCEEDED. For readers only: it would end a writer's transaction.
  void set_read_deadline(absl::Time deadline) { read_deadline_ = deadline; }

  // Copies committed pages from the log into the file as far as readers allow; `restart` also waits (a little) for readers
  // so that the log can start again from its beginning. Writer only.
  void Checkpoint(bool restart);
  // Pages in the log after the last commit of this connection.
  int log_pages() const { return log_pages_; }

  absl::Status ExecuteScript(absl::string_view sql);

  // ABORTED (re-run), ALREADY_EXISTS, DEADLINE_EXCEEDED (interrupted), UNAVAILABLE (disk full, cannot open) or INTERNAL.
  absl::Status ToStatus(int result) const;

 private:
  friend class SqliteStatement;
  enum Fixed { kBegin, kBeginImmediate, kCommit, kRollback, kSavepoint, kRelease, kRollbackTo, kFixedCount };

  explicit SqliteConnection(sqlite3* database) : database_(database) {}
  absl::Status Configure(Mode mode);
  absl::Status RequireLogMode();
  absl::Status RunFixed(Fixed which);
  absl::StatusOr<SqliteStatementHandle> Compile(absl::string_view sql, unsigned flags);
  void EvictStatements();
  static int OnProgress(void* self);
  static int OnLog(void* self, sqlite3* database, const char* schema, int pages);

  sqlite3* const database_;
  SqliteStatementHandle fixed_[kFixedCount];
  // Keys are views of the statements' own text.
  absl::flat_hash_map<absl::string_view, std::unique_ptr<SqliteStatement>> statements_;
  std::vector<SqliteStatement*> used_;
  uint64_t clock_ = 0;
  int64_t schema_changes_ = 0;
  int log_pages_ = 0;
  absl::Time read_deadline_ = absl::InfiniteFuture();
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_CONNECTION_H_
