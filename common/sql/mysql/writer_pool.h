// The threads that write to MySQL: each with a connection of its own, taking one closure after the other.

#ifndef JIEDUI_COMMON_SQL_MYSQL_WRITER_POOL_H_
#define JIEDUI_COMMON_SQL_MYSQL_WRITER_POOL_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sql/bounded_queue.h"
#include "common/sql/driver.h"
#include "common/sql/mysql/address.h"
#include "common/sql/mysql/connection.h"

namespace jiedui::sql {

class MysqlWriterPool {
 public:
  // `counters` must outlive the pool.
  MysqlWriterPool(MysqlAddress address, int threads, int max_queue, Counters& counters);
  // Finishes what runs and answers UNAVAILABLE to what waits.
  ~MysqlWriterPool();

  void Submit(WriteTask task);
  size_t queue_size() const { return queue_.size(); }

 private:
  // How one run of a body with its COMMIT ended.
  enum class End { kFinal, kAgain, kCommitLost };
  struct Attempt {
    End end;
    absl::Status status;
  };

  void WriteLoop();
  absl::Status RunTask(WriteTask& task, std::unique_ptr<MysqlConnection>& connection);
  Attempt RunOnce(WriteTask& task, std::unique_ptr<MysqlConnection>& connection);
  // After a COMMIT without an answer: whether the transaction was committed. UNKNOWN when that cannot be found out in time.
  absl::StatusOr<bool> Settle(WriteTask& task);
  absl::StatusOr<bool> AskOnce(WriteTask& task);

  const MysqlAddress address_;
  Counters& counters_;
  BoundedQueue<WriteTask> queue_;
  WaitEstimate wait_;
  std::atomic<bool> closing_{false};
  std::vector<std::thread> threads_;
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_WRITER_POOL_H_
