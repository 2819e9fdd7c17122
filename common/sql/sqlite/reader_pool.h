// Read-only connections of a SQLite file, borrowed for one read at a time, and the threads that serve queued reads.
//
// A connection keeps its snapshot for the next read while the file stays as it is: taking one and giving it back are two system
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
#include "common/sql/sqlite/file_state.h"

namespace jiedui::sql {

// Thread-safe.
class SqliteReaderPool {
 public:
  // `state`, which tells of every commit before it is answered, and `counters` must outlive the pool.
  SqliteReaderPool(std::string path, int threads, int max_queue, const FileState& state, Counters& counters);
  ~SqliteReaderPool() { Close(); }

  // Finishes running reads, answers UNAVAILABLE to what waits and closes the connections. Nothing may be read after it.
  void Close();

  void Submit(ReadTask task);
  // Runs `body` in one snapshot, not older than the call, on the calling thread; waits until `deadline` when all connections
  // are in use.
  absl::Status Run(absl::Time deadline, absl::FunctionRef<absl::Status(Transaction&)> body);
  // Gives the snapshots of idle connections back, so that the log can be copied and start again. To be called during a Change
  // of the state, so that those at work do not keep theirs either.
  void ReleaseSnapshots();
  size_t queue_size() const { return queue_.size(); }

 private:
  struct Reader {
    std::unique_ptr<SqliteConnection> connection;
    // The state of the file that its snapshot shows at least; kNone when there is none to keep.
    int64_t snapshot = FileState::kNone;
  };

  void ReadLoop();
  absl::StatusOr<Reader> Borrow(absl::Time deadline);
  void Return(Reader reader);
  bool IsCurrent(const Reader& reader) const;
  // Has a snapshot of everything that has been committed.
  absl::Status TakeSnapshot(Reader& reader) const;
  static void EndSnapshot(Reader& reader);

  const std::string path_;
  const FileState& state_;
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
