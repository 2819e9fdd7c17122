// The one thread that writes to a SQLite file. It takes what waits into one transaction, so that one fdatasync serves many
// requests.

#ifndef JIEDUI_COMMON_SQL_SQLITE_WRITER_H_
#define JIEDUI_COMMON_SQL_SQLITE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/sql/bounded_queue.h"
#include "common/sql/driver.h"
#include "common/sql/sqlite/connection.h"
#include "common/sql/sqlite/file_state.h"

namespace jiedui::sql {

class SqliteWriter {
 public:
  // `state` and `counters` must outlive the writer. `release_snapshots` makes idle readers let go of the log; it is called before
  // each copy of the log into the file, on the writer's thread.
  SqliteWriter(std::unique_ptr<SqliteConnection> connection, int max_queue, int group_commit, FileState& state,
               Counters& counters, absl::AnyInvocable<void()> release_snapshots);
  // Finishes the running group and answers UNAVAILABLE to what waits.
  ~SqliteWriter();

  void Submit(WriteTask task);
  size_t queue_size() const { return queue_.size(); }

 private:
  struct Answered {
    std::vector<WriteTask> tasks;
    std::vector<absl::Status> results;
  };
  enum class GroupEnd {
    kDone,           // every result is final
    kNeedSavepoint,  // a closure failed after it had written: nothing of the group is kept, to be run again
    kLost            // SQLite rolled everything back during the closure `culprit`, whose result is final
  };

  void WriteLoop();
  void AnswerLoop();
  void RunGroup(Answered& group);
  GroupEnd RunOnce(Answered& group, bool savepoints, size_t* culprit);
  void RunOneByOne(Answered& group, size_t culprit);
  absl::Status Begin(Answered& group);
  absl::Status RunClosure(WriteTask& task, bool savepoint);
  absl::Status Commit();
  void Deliver(Answered group);
  void AnswerAll(Answered& group);
  void CheckpointIfDue();
  void Checkpoint(bool restart);

  const std::unique_ptr<SqliteConnection> connection_;
  const size_t group_limit_;
  FileState& state_;
  Counters& counters_;
  BoundedQueue<WriteTask> queue_;
  WaitEstimate wait_;
  BoundedQueue<Answered> answers_;
  absl::AnyInvocable<void()> release_snapshots_;
  int next_checkpoint_;
  std::thread answer_thread_;
  std::thread write_thread_;
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_WRITER_H_
