#include "common/sql/sqlite/sqlite_database.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/sql/driver.h"
#include "common/sql/sqlite/connection.h"
#include "common/sql/sqlite/file_state.h"
#include "common/sql/sqlite/lock_file.h"
#include "common/sql/sqlite/reader_pool.h"
#include "common/sql/sqlite/writer.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, LockFile lock, std::unique_ptr<SqliteConnection> writer,
                 const DatabaseOptions& options)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        readers_(path_, options.readers, options.max_queue, state_, counters_),
        aside_(path_, kReadersAside, options.max_queue, state_, counters_),
        writer_(std::move(writer), options.max_queue, options.group_commit, state_, counters_, [this] {
          readers_.ReleaseSnapshots();
          aside_.ReleaseSnapshots();
        }) {
    counters_.open_connections.fetch_add(1, std::memory_order_relaxed);
  }
  ~SqliteDatabase() override {
    // Before the writer, so that its connection is the last one and takes the log into the file.
    readers_.Close();
    aside_.Close();
  }

  void Write(WriteOptions options, Body body, Done done) override {
    writer_.Submit({std::move(options), std::move(body), std::move(done)});
  }

  void Read(absl::Time deadline, Body body, Done done) override {
    readers_.Submit({deadline, std::move(body), std::move(done)});
  }

  void ReadAside(absl::Time deadline, Body body, Done done) override {
    aside_.Submit({deadline, std::move(body), std::move(done)});
  }

  bool reads_inline() const override { return true; }

  absl::Status ReadHere(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    return readers_.Run(absl::InfiniteFuture(), body);
  }

  absl::Status ExecuteDdl(absl::string_view sql) override {
    JIEDUI_ASSIGN_OR_RETURN(auto connection, SqliteConnection::Open(path_, SqliteConnection::Mode::kWriter));
    const FileState::Change change(state_);
    return connection->ExecuteScript(sql);
  }

  Dialect dialect() const override { return Dialect::kSqlite; }

  absl::Status Ping(absl::Duration timeout) override {
    return readers_.Run(absl::Now() + timeout, [](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * statement, transaction.Prepare("SELECT COUNT(*) FROM sqlite_schema"));
      return statement->Step().status();
    });
  }

  DatabaseStats stats() const override {
    DatabaseStats stats = counters_.Snapshot();
    stats.write_queue = static_cast<int64_t>(writer_.queue_size());
    stats.read_queue = static_cast<int64_t>(readers_.queue_size() + aside_.queue_size());
    return stats;
  }

 private:
  const std::string path_;
  const LockFile lock_;
  FileState state_;
  Counters counters_;
  SqliteReaderPool readers_;
  SqliteReaderPool aside_;
  SqliteWriter writer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenSqliteDatabase(const std::string& path, const DatabaseOptions& options) {
  JIEDUI_ASSIGN_OR_RETURN(LockFile lock, LockFile::Acquire(path));
  JIEDUI_RETURN_IF_ERROR(CreatePrivateFile(path));
  JIEDUI_ASSIGN_OR_RETURN(auto writer, SqliteConnection::Open(path, SqliteConnection::Mode::kWriter));
  return std::make_unique<SqliteDatabase>(path, std::move(lock), std::move(writer), options);
}

}  // namespace jiedui::sql
