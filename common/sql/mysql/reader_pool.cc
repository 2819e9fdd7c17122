#include "common/sql/mysql/reader_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"

namespace jiedui::sql {
namespace {

// After this many dead connections in a row it is not a stale one, but the server.
constexpr int kMaxReadAttempts = 3;
// What ReadHere keeps for the next time.
constexpr size_t kMaxFree = 4;

}  // namespace

MysqlReaderPool::MysqlReaderPool(MysqlAddress address, std::unique_ptr<MysqlConnection> first, int threads,
                                 int max_queue, Counters& counters)
    : address_(std::move(address)), counters_(counters), queue_(std::max(max_queue, 1)), wait_(threads) {
  if (first != nullptr) Return(std::move(first));
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { ReadLoop(); });
}

MysqlReaderPool::~MysqlReaderPool() {
  std::vector<ReadTask> waiting = queue_.Close();
  for (std::thread& thread : threads_) thread.join();
  for (ReadTask& task : waiting) Answer(task, Closing());
}

void MysqlReaderPool::Submit(ReadTask task) {
  const absl::Time deadline = task.deadline;
  Enqueue(std::move(task), deadline, "read", queue_, wait_, counters_);
}

// The snapshot ends after the answer, which need not wait for that.
void MysqlReaderPool::ReadLoop() {
  std::unique_ptr<MysqlConnection> connection;
  while (std::optional<ReadTask> task = queue_.Pop()) {
    const int64_t begun = wait_.Begun();
    const auto body = [&task](Transaction& transaction) { return task->body(transaction); };
    absl::Status status = Run(task->deadline, connection, body);
    wait_.Ended(begun);
    counters_.CountRead(status);
    Answer(*task, std::move(status));
    if (connection != nullptr) connection->Rollback();
  }
}

absl::Status MysqlReaderPool::RunHere(absl::FunctionRef<absl::Status(Transaction&)> body) {
  UseDriverOnThisThread();
  std::unique_ptr<MysqlConnection> connection = Borrow();
  absl::Status status = Run(absl::InfiniteFuture(), connection, body);
  counters_.CountRead(status);
  if (connection != nullptr) {
    connection->Rollback();
    Return(std::move(connection));
  }
  return status;
}

absl::Status MysqlReaderPool::Run(absl::Time deadline, std::unique_ptr<MysqlConnection>& connection,
                                  absl::FunctionRef<absl::Status(Transaction&)> body) {
  absl::Status status;
  for (int attempt = 0; attempt < kMaxReadAttempts; ++attempt) {
    if (HasPassed(deadline)) return DeadlinePassed();
    if (attempt > 0) counters_.retries.fetch_add(1, std::memory_order_relaxed);
    if (connection == nullptr || !connection->Usable()) {
      connection.reset();
      auto opened = MysqlConnection::Open(address_, SessionUse::kRead, counters_);
      if (!opened.ok()) return opened.status();
      connection = *std::move(opened);
    }
    connection->LimitStatements(deadline - absl::Now());
    status = connection->Run(body);
    if (!connection->lost() && !IsRetryTransaction(status)) return status;
    connection->Rollback();
    if (connection->lost()) connection.reset();
  }
  return IsRetryTransaction(status) ? absl::UnavailableError(status.message()) : status;
}

std::unique_ptr<MysqlConnection> MysqlReaderPool::Borrow() {
  absl::MutexLock lock(&mutex_);
  if (free_.empty()) return nullptr;
  std::unique_ptr<MysqlConnection> connection = std::move(free_.back());
  free_.pop_back();
  return connection;
}

void MysqlReaderPool::Return(std::unique_ptr<MysqlConnection> connection) {
  absl::MutexLock lock(&mutex_);
  if (!connection->lost() && free_.size() < kMaxFree) free_.push_back(std::move(connection));
}

}  // namespace jiedui::sql
