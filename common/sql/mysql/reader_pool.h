// The threads that read from MySQL, and the connections that they and ReadHere share.

#ifndef JIEDUI_COMMON_SQL_MYSQL_READER_POOL_H_
#define JIEDUI_COMMON_SQL_MYSQL_READER_POOL_H_

#include <cstddef>
#include <memory>
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
#include "common/sql/mysql/address.h"
#include "common/sql/mysql/connection.h"

namespace jiedui::sql {

class MysqlReaderPool {
 public:
  // `counters` must outlive the pool. `first` is a read connection to begin with, or null.
  MysqlReaderPool(MysqlAddress address, std::unique_ptr<MysqlConnection> first, int threads, int max_queue,
                  Counters& counters);
  // Finishes what runs and answers UNAVAILABLE to what waits.
  ~MysqlReaderPool();

  void Submit(ReadTask task);

  // Runs `body` in one snapshot on the calling thread.
  absl::Status RunHere(absl::FunctionRef<absl::Status(Transaction&)> body);

  size_t queue_size() const { return queue_.size(); }

 private:
  void ReadLoop();
  // Runs `body`, on a fresh connection again when the one at hand has died. The snapshot is still open afterwards.
  absl::Status Run(absl::Time deadline, std::unique_ptr<MysqlConnection>& connection,
                   absl::FunctionRef<absl::Status(Transaction&)> body);
  std::unique_ptr<MysqlConnection> Borrow();
  void Return(std::unique_ptr<MysqlConnection> connection);

  const MysqlAddress address_;
  Counters& counters_;
  BoundedQueue<ReadTask> queue_;
  WaitEstimate wait_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<MysqlConnection>> free_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_READER_POOL_H_
