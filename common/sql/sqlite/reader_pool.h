// Read-only connections of a SQLite file, borrowed for one snapshot at a time, and the threads that serve queued reads.

#ifndef JIEDUI_COMMON_SQL_SQLITE_READER_POOL_H_
#define JIEDUI_COMMON_SQL_SQLITE_READER_POOL_H_

#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/sql/bounded_queue.h"
#include "common/sql/driver.h"
#include "common/sql/sqlite/connection.h"

namespace jiedui::sql {

// Thread-safe.
class SqliteReaderPool {
 public:
  // `counters` must outlive the pool.
  SqliteReaderPool(std::string path, int threads, int max_queue, Counters& counters);
  // Finishes running reads and answers UNAVAILABLE to what waits.
  ~SqliteReaderPool();

  void Submit(ReadTask task);
  // Runs `body` in one snapshot on the calling thread; waits until `deadline` when all connections are in use.
  absl::Status Run(absl::Time deadline, absl::FunctionRef<absl::Status(Transaction&)> body);
  // The same for a body that runs one statement.
  absl::Status RunOne(absl::Time deadline, absl::FunctionRef<absl::Status(Transaction&)> body);
  size_t queue_size() const { return queue_.size(); }

 private:
  void ReadLoop();
  absl::StatusOr<std::unique_ptr<SqliteConnection>> Borrow(absl::Time deadline);
  absl::Status Answered(absl::Status status);
  void Return(std::unique_ptr<SqliteConnection> connection);

  const std::string path_;
  Counters& counters_;
  BoundedQueue<ReadTask> queue_;
  WaitEstimate wait_;
  absl::Mutex mutex_;
  // The last returned is the first borrowed: its caches are warm.
  std::vector<std::unique_ptr<SqliteConnection>> free_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> threads_;
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_READER_POOL_H_
