#include "common/sql/database.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/sql/driver.h"

namespace jiedui::sql {
namespace {

constexpr absl::string_view kRetryPayload = "jiedui.sql/retry_transaction";
constexpr absl::string_view kKeyPayload = "jiedui.sql/unique_key";

void CountAnswer(const absl::Status& status, std::atomic<int64_t>& answered, std::atomic<int64_t>& expired) {
  answered.fetch_add(1, std::memory_order_relaxed);
  if (absl::IsDeadlineExceeded(status)) expired.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

absl::Status WriteAndWait(Database& database, WriteOptions options, Body body) {
  absl::Notification answered;
  absl::Status result;
  database.Write(std::move(options), std::move(body), [&](absl::Status status) {
    result = std::move(status);
    answered.Notify();
  });
  answered.WaitForNotification();
  return result;
}

absl::Status ReadAndWait(Database& database, absl::Time deadline, Body body) {
  absl::Notification answered;
  absl::Status result;
  database.Read(deadline, std::move(body), [&](absl::Status status) {
    result = std::move(status);
    answered.Notify();
  });
  answered.WaitForNotification();
  return result;
}

absl::Status RetryTransaction(absl::string_view why) {
  absl::Status status = absl::AbortedError(why);
  status.SetPayload(kRetryPayload, absl::Cord());
  return status;
}

bool IsRetryTransaction(const absl::Status& status) {
  return absl::IsAborted(status) && status.GetPayload(kRetryPayload).has_value();
}

std::string ViolatedKey(const absl::Status& status) {
  const auto key = status.GetPayload(kKeyPayload);
  return key.has_value() ? std::string(*key) : std::string();
}

void Answer(WriteTask& task, absl::Status status) {
  task.body = nullptr;
  task.options.was_committed = nullptr;
  Done done = std::move(task.done);
  std::move(done)(std::move(status));
}

void Answer(ReadTask& task, absl::Status status) {
  task.body = nullptr;
  Done done = std::move(task.done);
  std::move(done)(std::move(status));
}

absl::Status QueueFull(absl::string_view queue) {
  return absl::ResourceExhaustedError(absl::StrCat("the ", queue, " queue of the database is full"));
}

absl::Status TooLate(absl::string_view queue) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the ", queue, " queue of the database is so long that the deadline would pass"));
}

absl::Status Closing() { return absl::UnavailableError("the database is closing"); }

absl::Status DeadlinePassed() { return absl::DeadlineExceededError("the deadline passed before the transaction"); }

absl::Status UniqueViolation(absl::string_view key) {
  absl::Status status = absl::AlreadyExistsError(absl::StrCat("unique key ", key));
  status.SetPayload(kKeyPayload, absl::Cord(key));
  return status;
}

absl::Status GiveUp(const absl::Status& conflict) {
  return absl::AbortedError(absl::StrCat("still in conflict after ", kMaxAttempts, " attempts: ", conflict.message()));
}

bool HasPassed(absl::Time deadline) { return deadline != absl::InfiniteFuture() && absl::Now() >= deadline; }

void Counters::CountWrite(const absl::Status& status) { CountAnswer(status, writes, expired); }

void Counters::CountRead(const absl::Status& status) { CountAnswer(status, reads, expired); }

DatabaseStats Counters::Snapshot() const {
  DatabaseStats stats;
  stats.open_connections = open_connections.load(std::memory_order_relaxed);
  stats.writes = writes.load(std::memory_order_relaxed);
  stats.reads = reads.load(std::memory_order_relaxed);
  stats.commits = commits.load(std::memory_order_relaxed);
  stats.retries = retries.load(std::memory_order_relaxed);
  stats.rejected = rejected.load(std::memory_order_relaxed);
  stats.expired = expired.load(std::memory_order_relaxed);
  stats.unknown_outcomes = unknown_outcomes.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace jiedui::sql
