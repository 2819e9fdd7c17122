#include "common/sql/sqlite/connection.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/sql/driver.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

constexpr size_t kMaxCachedStatements = 512;
constexpr int kBusyTimeoutMs = 1000;
constexpr int kRestartTimeoutMs = 50;
// A long scan looks at the clock about every millisecond.
constexpr int kProgressSteps = 20000;
constexpr absl::string_view kUniquePrefix = "UNIQUE constraint failed: ";

// SQLite's memory statistics take one lock per allocation in the whole process, and a savepoint's page copies go to a
// temporary file past 64 KiB; neither is wanted. Only possible before the library's first use in the process.
void ConfigureLibrary() {
  static std::once_flag once;
  std::call_once(once, [] {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, 8 << 20);
  });
}

// Pages are 4 KiB as the file system's blocks are, so a page is never half written by one block. The writer is alone, so its
// page cache stays valid: it is large. A reader's cache is emptied by every foreign commit: it is small, and the memory map
// spares the system calls of filling it again.
constexpr char kCommonSettings[] =
    "PRAGMA page_size=4096;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA trusted_schema=OFF;"
    "PRAGMA temp_store=MEMORY;";
constexpr char kWriterSettings[] =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=FULL;"
    "PRAGMA secure_delete=FAST;"
    "PRAGMA wal_autocheckpoint=0;"
    "PRAGMA journal_size_limit=67108864;"
    "PRAGMA cache_size=-65536;";
constexpr char kReaderSettings[] =
    "PRAGMA cache_size=-8192;"
    "PRAGMA mmap_size=1073741824;";

}  // namespace

SqliteStatement::SqliteStatement(SqliteConnection& connection, std::string sql, SqliteStatementHandle handle)
    : connection_(connection),
      sql_(std::move(sql)),
      handle_(std::move(handle)),
      only_reads_(sqlite3_stmt_readonly(handle_.get()) != 0) {}

void SqliteStatement::BindNull(int parameter) { Bound(sqlite3_bind_null(handle_.get(), parameter + 1)); }

void SqliteStatement::BindInt(int parameter, int64_t value) {
  Bound(sqlite3_bind_int64(handle_.get(), parameter + 1, value));
}

void SqliteStatement::BindText(int parameter, absl::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  Bound(sqlite3_bind_text64(handle_.get(), parameter + 1, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void SqliteStatement::BindBlob(int parameter, absl::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  Bound(sqlite3_bind_blob64(handle_.get(), parameter + 1, data, value.size(), SQLITE_STATIC));
}

absl::StatusOr<int64_t> SqliteStatement::Execute() {
  if (bind_result_ != SQLITE_OK) return Failed(bind_result_);
  running_ = true;
  const int64_t before = sqlite3_total_changes64(connection_.database_);
  int result = SQLITE_ROW;
  while (result == SQLITE_ROW) result = sqlite3_step(handle_.get());
  if (result != SQLITE_DONE) return Failed(result);
  Reset();
  if (only_reads_) return 0;
  if (sqlite3_total_changes64(connection_.database_) != before) return sqlite3_changes64(connection_.database_);
  // No row touched; it may have been a change of the schema, which must not be taken for a closure without effect.
  if (!absl::StartsWithIgnoreCase(sql_, "INSERT") && !absl::StartsWithIgnoreCase(sql_, "UPDATE") &&
      !absl::StartsWithIgnoreCase(sql_, "DELETE")) {
    ++connection_.schema_changes_;
  }
  return 0;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  if (bind_result_ != SQLITE_OK) return Failed(bind_result_);
  running_ = true;
  const int result = sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) return Failed(result);
  Reset();
  return false;
}

bool SqliteStatement::IsNull(int column) { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

int64_t SqliteStatement::Int(int column) { return sqlite3_column_int64(handle_.get(), column); }

absl::string_view SqliteStatement::Text(int column) {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  return data == nullptr ? absl::string_view() : absl::string_view(static_cast<const char*>(data), size);
}

void SqliteStatement::Reset() {
  sqlite3_reset(handle_.get());
  running_ = false;
}

absl::Status SqliteStatement::Failed(int result) {
  absl::Status status = connection_.ToStatus(result);
  Reset();
  return status;
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, Mode mode) {
  ConfigureLibrary();
  sqlite3* database = nullptr;
  const int access = mode == Mode::kWriter ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
  const int result =
      sqlite3_open_v2(path.c_str(), &database, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(database));
  if (result != SQLITE_OK) {
    return absl::UnavailableError(absl::StrCat("cannot open the SQLite file ", path, ": ", sqlite3_errstr(result)));
  }
  absl::Status configured = connection->Configure(mode);
  if (!configured.ok()) {
    return absl::Status(configured.code(), absl::StrCat("SQLite file ", path, ": ", configured.message()));
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  statements_.clear();
  for (SqliteStatementHandle& statement : fixed_) statement.reset();
  sqlite3_close(database_);
}

absl::Status SqliteConnection::Configure(Mode mode) {
  sqlite3_busy_timeout(database_, kBusyTimeoutMs);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // A misspelt column in double quotes must be an error, not a text.
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  JIEDUI_RETURN_IF_ERROR(ExecuteScript(kCommonSettings));
  if (mode == Mode::kWriter) {
    JIEDUI_RETURN_IF_ERROR(ExecuteScript(kWriterSettings));
    sqlite3_wal_hook(database_, &SqliteConnection::OnLog, this);
  } else {
    sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    JIEDUI_RETURN_IF_ERROR(ExecuteScript(kReaderSettings));
    sqlite3_progress_handler(database_, kProgressSteps, &SqliteConnection::OnProgress, this);
  }
  JIEDUI_RETURN_IF_ERROR(RequireLogMode());
  constexpr const char* kTexts[kFixedCount] = {"BEGIN",       "BEGIN IMMEDIATE", "COMMIT",       "ROLLBACK",
                                               "SAVEPOINT c", "RELEASE c",       "ROLLBACK TO c"};
  for (int i = 0; i < kFixedCount; ++i) {
    JIEDUI_ASSIGN_OR_RETURN(fixed_[i], Compile(kTexts[i], SQLITE_PREPARE_PERSISTENT));
  }
  return absl::OkStatus();
}

absl::Status SqliteConnection::RequireLogMode() {
  JIEDUI_ASSIGN_OR_RETURN(SqliteStatementHandle mode, Compile("PRAGMA journal_mode", 0));
  const int result = sqlite3_step(mode.get());
  if (result != SQLITE_ROW) return ToStatus(result);
  const char* text = reinterpret_cast<const char*>(sqlite3_column_text(mode.get(), 0));
  if (text != nullptr && absl::string_view(text) == "wal") return absl::OkStatus();
  return absl::FailedPreconditionError("write-ahead logging cannot be switched on (is it a network file system?)");
}

absl::StatusOr<SqliteStatementHandle> SqliteConnection::Compile(absl::string_view sql, unsigned flags) {
  sqlite3_stmt* raw = nullptr;
  const int result =
      sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()), flags, &raw, /*pzTail=*/nullptr);
  SqliteStatementHandle handle(raw);
  if (result != SQLITE_OK) return ToStatus(result);
  if (handle == nullptr) return absl::InternalError("empty SQL text");
  return handle;
}

absl::StatusOr<Statement*> SqliteConnection::Prepare(absl::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    JIEDUI_ASSIGN_OR_RETURN(SqliteStatementHandle handle, Compile(sql, SQLITE_PREPARE_PERSISTENT));
    auto statement = std::make_unique<SqliteStatement>(*this, std::string(sql), std::move(handle));
    const absl::string_view key = statement->sql();
    found = statements_.emplace(key, std::move(statement)).first;
  }
  SqliteStatement* statement = found->second.get();
  if (statement->running_) statement->Reset();
  // The values of the last use are gone by now; a parameter that the caller forgets must be NULL, not freed memory.
  sqlite3_clear_bindings(statement->handle_.get());
  statement->bind_result_ = SQLITE_OK;
  statement->last_use_ = ++clock_;
  used_.push_back(statement);
  return statement;
}

void SqliteConnection::EndClosure() {
  for (SqliteStatement* statement : used_) {
    if (statement->running_) statement->Reset();
  }
  used_.clear();
  if (statements_.size() > kMaxCachedStatements) EvictStatements();
}

void SqliteConnection::EvictStatements() {
  std::vector<SqliteStatement*> by_use;
  for (const auto& [sql, statement] : statements_) by_use.push_back(statement.get());
  // A margin, so that the search does not come back with every new statement.
  const size_t surplus = by_use.size() - kMaxCachedStatements + kMaxCachedStatements / 8;
  std::nth_element(by_use.begin(), by_use.begin() + surplus, by_use.end(),
                   [](const SqliteStatement* a, const SqliteStatement* b) { return a->last_use_ < b->last_use_; });
  for (size_t i = 0; i < surplus; ++i) statements_.erase(by_use[i]->sql());
}

absl::Status SqliteConnection::RunFixed(Fixed which) {
  sqlite3_stmt* statement = fixed_[which].get();
  const int result = sqlite3_step(statement);
  absl::Status status = result == SQLITE_DONE ? absl::OkStatus() : ToStatus(result);
  sqlite3_reset(statement);
  return status;
}

absl::Status SqliteConnection::Commit() {
  absl::Status status = RunFixed(kCommit);
  if (!status.ok() && (sqlite3_errcode(database_) & 0xff) == SQLITE_IOERR) return absl::UnknownError(status.message());
  return status;
}

absl::Status SqliteConnection::RollbackToSavepoint() {
  JIEDUI_RETURN_IF_ERROR(RunFixed(kRollbackTo));
  return RunFixed(kRelease);
}

void SqliteConnection::Rollback() {
  EndClosure();
  if (!transaction_lost()) RunFixed(kRollback).IgnoreError();
}

void SqliteConnection::Checkpoint(bool restart) {
  if (restart) sqlite3_busy_timeout(database_, kRestartTimeoutMs);
  int pages = 0;
  int copied = 0;
  const int mode = restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int result = sqlite3_wal_checkpoint_v2(database_, nullptr, mode, &pages, &copied);
  if (restart) sqlite3_busy_timeout(database_, kBusyTimeoutMs);
  if (result == SQLITE_OK && pages == copied) log_pages_ = 0;
}

absl::Status SqliteConnection::ExecuteScript(absl::string_view sql) {
  const std::string script(sql);
  const int result = sqlite3_exec(database_, script.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : ToStatus(result);
}

absl::Status SqliteConnection::ToStatus(int result) const {
  const absl::string_view text = sqlite3_errmsg(database_);
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return RetryTransaction("SQLite: another process holds the lock");
    case SQLITE_INTERRUPT:
      return absl::DeadlineExceededError("SQLite: the deadline passed during the statement");
    case SQLITE_CONSTRAINT:
      if (absl::StartsWith(text, kUniquePrefix)) return UniqueViolation(absl::StripPrefix(text, kUniquePrefix));
      return absl::InternalError(absl::StrCat("SQLite: ", text));
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
      return absl::UnavailableError(absl::StrCat("SQLite: ", text));
    default:
      return absl::InternalError(absl::StrCat("SQLite error ", result, ": ", text));
  }
}

int SqliteConnection::OnProgress(void* self) {
  return HasPassed(static_cast<SqliteConnection*>(self)->read_deadline_) ? 1 : 0;
}

int SqliteConnection::OnLog(void* self, sqlite3*, const char*, int pages) {
  static_cast<SqliteConnection*>(self)->log_pages_ = pages;
  return SQLITE_OK;
}

}  // namespace jiedui::sql
