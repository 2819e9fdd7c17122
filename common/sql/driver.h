// What the two back ends share: the errors that cross the door, and counters. Not for users of Database.

#ifndef JIEDUI_COMMON_SQL_DRIVER_H_
#define JIEDUI_COMMON_SQL_DRIVER_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/sql/bounded_queue.h"
#include "common/sql/database.h"
#include "common/sql/wait_estimate.h"

namespace jiedui::sql {

// How often a body is run before its conflict is reported as ABORTED.
inline constexpr int kMaxAttempts = 10;

// Threads of ReadAside.
inline constexpr int kReadersAside = 2;

struct WriteTask {
  WriteOptions options;
  Body body;
  Done done;
};

struct ReadTask {
  absl::Time deadline;
  Body body;
  Done done;
};

// Releases what the task holds, then tells its owner: `done` may end the world that the body refers to.
void Answer(WriteTask& task, absl::Status status);
void Answer(ReadTask& task, absl::Status status);

absl::Status QueueFull(absl::string_view queue);
absl::Status TooLate(absl::string_view queue);
absl::Status Closing();
absl::Status DeadlinePassed();
// A unique violation of `key`, which must name columns or an index, never hold a value.
absl::Status UniqueViolation(absl::string_view key);
// A conflict after the last attempt: the same text, but no longer asking for a re-run.
absl::Status GiveUp(const absl::Status& conflict);

bool HasPassed(absl::Time deadline);

struct Counters {
  std::atomic<int64_t> open_connections{0};
  std::atomic<int64_t> writes{0};
  std::atomic<int64_t> reads{0};
  std::atomic<int64_t> commits{0};
  std::atomic<int64_t> retries{0};
  std::atomic<int64_t> rejected{0};
  std::atomic<int64_t> expired{0};
  std::atomic<int64_t> unknown_outcomes{0};

  // Counts the answer to one closure.
  void CountWrite(const absl::Status& status);
  void CountRead(const absl::Status& status);
  DatabaseStats Snapshot() const;
};

// Puts `task` into the line of a pool; answers it at once when the line is full, or so long that the task's turn would come
// after its deadline. `name` is "read" or "write".
template <typename Task>
void Enqueue(Task task, absl::Time deadline, absl::string_view name, BoundedQueue<Task>& queue, WaitEstimate& wait,
             Counters& counters) {
  using Result = typename BoundedQueue<Task>::PushResult;
  if (absl::Now() + wait.Of(queue.size()) > deadline && !HasPassed(deadline)) {
    counters.rejected.fetch_add(1, std::memory_order_relaxed);
    return Answer(task, TooLate(name));
  }
  const Result pushed = queue.Push(task);
  if (pushed == Result::kOk) return;
  if (pushed == Result::kClosed) return Answer(task, Closing());
  counters.rejected.fetch_add(1, std::memory_order_relaxed);
  Answer(task, QueueFull(name));
}

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_DRIVER_H_
