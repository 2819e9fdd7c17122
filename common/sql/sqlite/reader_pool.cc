#include "common/sql/sqlite/reader_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

// Reads inline on many threads at once are rare; past this they wait for each other. A connection costs a few file
// descriptors and its page cache.
constexpr int kMaxConnections = 64;

}  // namespace

SqliteReaderPool::SqliteReaderPool(std::string path, int threads, int max_queue, Counters& counters)
    : path_(std::move(path)), counters_(counters), queue_(std::max(max_queue, 1)), wait_(threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { ReadLoop(); });
}

SqliteReaderPool::~SqliteReaderPool() {
  std::vector<ReadTask> waiting = queue_.Close();
  for (std::thread& thread : threads_) thread.join();
  for (ReadTask& task : waiting) Answer(task, Closing());
}

void SqliteReaderPool::Submit(ReadTask task) {
  const absl::Time deadline = task.deadline;
  Enqueue(std::move(task), deadline, "read", queue_, wait_, counters_);
}

void SqliteReaderPool::ReadLoop() {
  while (std::optional<ReadTask> task = queue_.Pop()) {
    const int64_t begun = wait_.Begun();
    const auto body = [&task](Transaction& transaction) { return task->body(transaction); };
    absl::Status status = HasPassed(task->deadline) ? DeadlinePassed() : Run(task->deadline, body);
    wait_.Ended(begun);
    if (absl::IsDeadlineExceeded(status)) counters_.expired.fetch_add(1, std::memory_order_relaxed);
    Answer(*task, std::move(status));
  }
}

absl::Status SqliteReaderPool::Run(absl::Time deadline, absl::FunctionRef<absl::Status(Transaction&)> body) {
  JIEDUI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection, Borrow(deadline));
  connection->set_read_deadline(deadline);
  absl::Status status = connection->BeginRead();
  if (status.ok()) {
    status = body(*connection);
    connection->EndClosure();
    // Nothing was written; ending the snapshot cannot change the answer.
    if (!connection->Commit().ok()) connection->Rollback();
  }
  Return(std::move(connection));
  return Answered(std::move(status));
}

absl::Status SqliteReaderPool::RunOne(absl::Time deadline, absl::FunctionRef<absl::Status(Transaction&)> body) {
  JIEDUI_ASSIGN_OR_RETURN(std::unique_ptr<SqliteConnection> connection, Borrow(deadline));
  connection->set_read_deadline(deadline);
  absl::Status status = body(*connection);
  connection->EndClosure();  // ends the statement, and the snapshot with it
  Return(std::move(connection));
  return Answered(std::move(status));
}

absl::Status SqliteReaderPool::Answered(absl::Status status) {
  counters_.reads.fetch_add(1, std::memory_order_relaxed);
  return IsRetryTransaction(status) ? absl::UnavailableError(status.message()) : status;
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteReaderPool::Borrow(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    const auto available = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !free_.empty() || open_ < kMaxConnections;
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&available), deadline)) return DeadlinePassed();
    if (!free_.empty()) {
      std::unique_ptr<SqliteConnection> connection = std::move(free_.back());
      free_.pop_back();
      return connection;
    }
    ++open_;
  }
  auto connection = SqliteConnection::Open(path_, SqliteConnection::Mode::kReader);
  if (connection.ok()) {
    counters_.open_connections.fetch_add(1, std::memory_order_relaxed);
    return connection;
  }
  absl::MutexLock lock(&mutex_);
  --open_;
  return connection;
}

void SqliteReaderPool::Return(std::unique_ptr<SqliteConnection> connection) {
  absl::MutexLock lock(&mutex_);
  free_.push_back(std::move(connection));
}

}  // namespace jiedui::sql
