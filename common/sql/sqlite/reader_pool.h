// Read-only connections of a SQLite file, borrowed for one read at a time, and the threads that serve queued reads.
//
// A connection keeps its snapshot for the next read while nobody has committed: taking one and giving it back are two system
// calls and three locks, most of what a point read costs.

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
  // `counters` must outlive the pool, and count every commit to the file before it is answered.
  SqliteReaderPool(std::string path, int threads, int max_queue, Counters& counters);
  ~SqliteReaderPool() { Close(); }

  // Finishes running reads, answers UNAVAILABLE to what waits and closes the connections. Nothing may be read after it.
  void Close();

  void Submit(ReadTask task);
  // Runs `body` in one snapshot, not older than the call, on the calling thread; waits until `deadline` when all connections
  // are in use.
  absl::Status Run(absl::Time deadline, absl::FunctionRef<absl::Status(Transaction&)> body);
  // Gives the snapshots of idle connections back, so that the log can be copied and start again.
  void ReleaseSnapshots();
  size_t queue_size() const { return queue_.size(); }

 private:
  struct Reader {
    std::unique_ptr<SqliteConnection> connection;
    // The state of the file, as Committed counts it, that its snapshot shows at least; kNone without a snapshot.
    int64_t snapshot = kNone;
  };
  static constexpr int64_t kNone = -1;

  void ReadLoop();
  int64_t Committed() const;
  absl::StatusOr<Reader> Borrow(absl::Time deadline);
  void Return(Reader reader);
  // Has a snapshot of everything that has been committed.
  absl::Status TakeSnapshot(Reader& reader) const;
  static void EndSnapshot(Reader& reader);

  const std::string path_;
  Counters& counters_;
  BoundedQueue<ReadTask> queue_;
  WaitEstimate wait_;
  absl::Mutex mutex_;
  // The last returned is the first borrowed: its caches are warm.
  std::vector<Reader> free_ ABSL_GUARDED_BY(mutex_);
  int open_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> threads_;
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_READER_POOL_H_
