#include "common/sql/mysql/writer_pool.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

constexpr absl::Duration kFirstPause = absl::Milliseconds(4);
constexpr absl::Duration kLongestPause = absl::Milliseconds(250);
// A lost COMMIT is worth an answer after the deadline: the caller would have to ask anyway. A server that restarts is back
// within the grace; the limit is for callers without a deadline.
constexpr absl::Duration kSettleGrace = absl::Seconds(5);
constexpr absl::Duration kSettleLimit = absl::Seconds(60);

// Random, so that transactions in conflict do not meet again; growing, so that a crowd thins out. Not past `end`.
void Pause(int attempt, absl::Time end) {
  thread_local absl::BitGen generator;
  const absl::Duration most = std::min(kFirstPause * (1 << std::min(attempt, 10)), kLongestPause);
  const absl::Duration pause = most * absl::Uniform(generator, 0.2, 1.0);
  absl::SleepFor(std::min(pause, std::max(end - absl::Now(), absl::ZeroDuration())));
}

absl::Status OutcomeUnknown() { return absl::UnknownError("the answer to COMMIT was lost"); }

}  // namespace

MysqlWriterPool::MysqlWriterPool(MysqlAddress address, int threads, int max_queue, Counters& counters)
    : address_(std::move(address)), counters_(counters), queue_(std::max(max_queue, 1)), wait_(threads) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { WriteLoop(); });
}

MysqlWriterPool::~MysqlWriterPool() {
  closing_ = true;
  std::vector<WriteTask> waiting = queue_.Close();
  for (std::thread& thread : threads_) thread.join();
  for (WriteTask& task : waiting) Answer(task, Closing());
}

void MysqlWriterPool::Submit(WriteTask task) {
  const absl::Time deadline = task.options.deadline;
  Enqueue(std::move(task), deadline, "write", queue_, wait_, counters_);
}

void MysqlWriterPool::WriteLoop() {
  std::unique_ptr<MysqlConnection> connection;
  while (std::optional<WriteTask> task = queue_.Pop()) {
    const int64_t begun = wait_.Begun();
    absl::Status status = RunTask(*task, connection);
    wait_.Ended(begun);
    counters_.CountWrite(status);
    Answer(*task, std::move(status));
  }
}

absl::Status MysqlWriterPool::RunTask(WriteTask& task, std::unique_ptr<MysqlConnection>& connection) {
  const absl::Time deadline = task.options.deadline;
  bool commit_was_lost = false;
  absl::Status status;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (attempt > 0) {
      Pause(attempt, deadline);
      counters_.retries.fetch_add(1, std::memory_order_relaxed);
    }
    if (HasPassed(deadline)) return DeadlinePassed();
    Attempt ended = RunOnce(task, connection);
    status = std::move(ended.status);
    if (ended.end == End::kCommitLost) {
      JIEDUI_ASSIGN_OR_RETURN(const bool committed, Settle(task));
      if (committed) return absl::OkStatus();
      commit_was_lost = true;
      continue;
    }
    if (ended.end == End::kAgain) continue;
    if (status.ok() || !commit_was_lost) return status;
    // It was not there when it was looked for, and now something stands in the way: perhaps its own first run, which has
    // answered with other values than this one.
    JIEDUI_ASSIGN_OR_RETURN(const bool committed, Settle(task));
    return committed ? OutcomeUnknown() : status;
  }
  return IsRetryTransaction(status) ? GiveUp(status) : status;
}

MysqlWriterPool::Attempt MysqlWriterPool::RunOnce(WriteTask& task, std::unique_ptr<MysqlConnection>& connection) {
  if (connection == nullptr || !connection->Usable()) {
    connection.reset();
    auto opened = MysqlConnection::Open(address_, SessionUse::kWrite, counters_);
    if (!opened.ok()) return {End::kFinal, opened.status()};
    connection = *std::move(opened);
  }
  const auto run = [&task](Transaction& transaction) { return task.body(transaction); };
  absl::Status status = connection->Run(run);
  const bool lost_before_commit = connection->lost();
  bool commit_lost = false;
  if (status.ok()) {
    status = connection->Commit();
    commit_lost = absl::IsUnknown(status);
    if (status.ok()) counters_.commits.fetch_add(1, std::memory_order_relaxed);
  } else {
    connection->Rollback();
  }
  if (connection->lost()) connection.reset();
  if (commit_lost) {
    counters_.unknown_outcomes.fetch_add(1, std::memory_order_relaxed);
    return {End::kCommitLost, absl::UnavailableError(status.message())};
  }
  const bool again = lost_before_commit || IsRetryTransaction(status);
  return {again ? End::kAgain : End::kFinal, std::move(status)};
}

absl::StatusOr<bool> MysqlWriterPool::Settle(WriteTask& task) {
  if (!task.options.was_committed) return OutcomeUnknown();
  const absl::Time now = absl::Now();
  const absl::Time until = std::min(std::max(task.options.deadline, now) + kSettleGrace, now + kSettleLimit);
  for (int attempt = 0;; ++attempt) {
    const absl::StatusOr<bool> answer = AskOnce(task);
    if (answer.ok()) return answer;
    if (HasPassed(until) || closing_) return OutcomeUnknown();
    Pause(attempt, until);
  }
}

// On a connection of its own: a fresh one cannot be one more that died unnoticed.
absl::StatusOr<bool> MysqlWriterPool::AskOnce(WriteTask& task) {
  JIEDUI_ASSIGN_OR_RETURN(auto connection, MysqlConnection::Open(address_, SessionUse::kWrite, counters_));
  // On a cluster another node may lag behind the one that was lost; elsewhere the variable does not exist.
  connection->ExecuteText("SET SESSION wsrep_sync_wait = 1").IgnoreError();
  bool committed = false;
  const absl::Status status = connection->Run([&](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(committed, task.options.was_committed(transaction));
    return absl::OkStatus();
  });
  connection->Rollback();
  JIEDUI_RETURN_IF_ERROR(status);
  return committed;
}

}  // namespace jiedui::sql
