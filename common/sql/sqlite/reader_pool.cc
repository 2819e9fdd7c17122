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

SqliteReaderPool::SqliteReaderPool(std::string path, int threads, int max_queue, const FileState& state,
                                   Counters& counters)
    : path_(std::move(path)), state_(state), counters_(counters), queue_(std::max(max_queue, 1)), wait_(threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { ReadLoop(); });
}

void SqliteReaderPool::Close() {
  std::vector<ReadTask> waiting = queue_.Close();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  for (ReadTask& task : waiting) Answer(task, Closing());
  absl::MutexLock lock(&mutex_);
  free_.clear();
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
  JIEDUI_ASSIGN_OR_RETURN(Reader reader, Borrow(deadline));
  reader.connection->set_read_deadline(deadline);
  absl::Status status = TakeSnapshot(reader);
  if (status.ok()) {
    status = body(*reader.connection);
    reader.connection->EndClosure();
  }
  // After an error of SQLite's the snapshot may be in any state, or gone.
  if (!status.ok() || reader.connection->transaction_lost()) EndSnapshot(reader);
  Return(std::move(reader));
  counters_.reads.fetch_add(1, std::memory_order_relaxed);
  return IsRetryTransaction(status) ? absl::UnavailableError(status.message()) : status;
}

bool SqliteReaderPool::IsCurrent(const Reader& reader) const {
  return reader.snapshot != FileState::kNone && reader.snapshot == state_.Current();
}

absl::Status SqliteReaderPool::TakeSnapshot(Reader& reader) const {
  if (IsCurrent(reader)) return absl::OkStatus();
  EndSnapshot(reader);
  // SQLite takes the snapshot with the first statement, so it shows at least this state. One that is taken during a change is
  // not kept: the next reader could see less than this one, and the log could not start again after it was copied.
  const int64_t state = state_.Current();
  JIEDUI_RETURN_IF_ERROR(reader.connection->BeginRead());
  reader.snapshot = state;
  return absl::OkStatus();
}

// Nothing was written; ending it cannot fail in a way that matters. SQLite knows best whether there is one: a BEGIN that was
// interrupted may have begun.
void SqliteReaderPool::EndSnapshot(Reader& reader) {
  reader.snapshot = FileState::kNone;
  if (reader.connection->transaction_lost()) return;
  if (!reader.connection->Commit().ok()) reader.connection->Rollback();
}

void SqliteReaderPool::ReleaseSnapshots() {
  absl::MutexLock lock(&mutex_);
  for (Reader& reader : free_) EndSnapshot(reader);
}

absl::StatusOr<SqliteReaderPool::Reader> SqliteReaderPool::Borrow(absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    const auto available = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !free_.empty() || open_ < kMaxConnections;
    };
    if (!mutex_.AwaitWithDeadline(absl::Condition(&available), deadline)) return DeadlinePassed();
    if (!free_.empty()) {
      Reader reader = std::move(free_.back());
      free_.pop_back();
      return reader;
    }
    ++open_;
  }
  auto connection = SqliteConnection::Open(path_, SqliteConnection::Mode::kReader);
  if (connection.ok()) {
    counters_.open_connections.fetch_add(1, std::memory_order_relaxed);
    return Reader{*std::move(connection)};
  }
  absl::MutexLock lock(&mutex_);
  --open_;
  return connection.status();
}

void SqliteReaderPool::Return(Reader reader) {
  if (!IsCurrent(reader)) EndSnapshot(reader);
  absl::MutexLock lock(&mutex_);
  // Again, because ReleaseSnapshots may have come in between and not have seen it.
  if (reader.snapshot != FileState::kNone && !IsCurrent(reader)) EndSnapshot(reader);
  free_.push_back(std::move(reader));
}

}  // namespace jiedui::sql
