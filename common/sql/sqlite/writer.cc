#include "common/sql/sqlite/writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"

namespace jiedui::sql {
namespace {

// 16 MiB: long enough that a page which changes often is copied once for many commits, short enough that a restart after a
// crash replays it in well under a second.
constexpr int kCheckpointPages = 4096;
// From here on readers are asked to let go of the log, which otherwise grows as long as one of them is always inside.
constexpr int kRestartPages = 8 * kCheckpointPages;
// An idle writer brings the file up to date, so that backups and the next start find a short log.
constexpr absl::Duration kIdleCheckpoint = absl::Seconds(1);
// Groups whose answers wait. More than a few mean that answering is the bottleneck, and then the writer answers as well.
constexpr size_t kMaxUnanswered = 4;

}  // namespace

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection, int max_queue, int group_commit,
                           FileState& state, Counters& counters, absl::AnyInvocable<void()> release_snapshots)
    : connection_(std::move(connection)),
      group_limit_(std::max(group_commit, 1)),
      state_(state),
      counters_(counters),
      queue_(std::max(max_queue, 1)),
      wait_(std::max(group_commit, 1)),
      answers_(kMaxUnanswered),
      release_snapshots_(std::move(release_snapshots)),
      next_checkpoint_(kCheckpointPages),
      answer_thread_([this] { AnswerLoop(); }),
      write_thread_([this] { WriteLoop(); }) {}

SqliteWriter::~SqliteWriter() {
  std::vector<WriteTask> waiting = queue_.Close();
  write_thread_.join();
  std::vector<Answered> unanswered = answers_.Close();
  answer_thread_.join();
  for (Answered& group : unanswered) AnswerAll(group);
  for (WriteTask& task : waiting) Answer(task, Closing());
}

void SqliteWriter::Submit(WriteTask task) {
  const absl::Time deadline = task.options.deadline;
  Enqueue(std::move(task), deadline, "write", queue_, wait_, counters_);
}

void SqliteWriter::WriteLoop() {
  Answered group;
  bool open = true;
  while (open) {
    const bool log_is_clean = connection_->log_pages() == 0;
    open = queue_.PopBatch(group_limit_, log_is_clean ? absl::InfiniteFuture() : absl::Now() + kIdleCheckpoint,
                           &group.tasks);
    if (group.tasks.empty()) {
      Checkpoint(/*restart=*/false);
      continue;
    }
    const int64_t begun = wait_.Begun();
    RunGroup(group);
    wait_.Ended(begun);
    Deliver(std::move(group));
    group = Answered();
    CheckpointIfDue();
  }
}

void SqliteWriter::RunGroup(Answered& group) {
  size_t culprit = 0;
  GroupEnd end = RunOnce(group, /*savepoints=*/false, &culprit);
  if (end == GroupEnd::kNeedSavepoint) end = RunOnce(group, /*savepoints=*/true, &culprit);
  if (end == GroupEnd::kLost) RunOneByOne(group, culprit);
}

// Most closures that fail do so before they have written, and then there is nothing to undo. So the first pass sets no
// savepoints, which would copy every changed page once per closure.
SqliteWriter::GroupEnd SqliteWriter::RunOnce(Answered& group, bool savepoints, size_t* culprit) {
  group.results.assign(group.tasks.size(), absl::OkStatus());
  if (absl::Status begun = Begin(group); !begun.ok()) {
    for (absl::Status& result : group.results) result = begun;
    return GroupEnd::kDone;
  }
  const bool alone = group.tasks.size() == 1;
  bool any_ok = false;
  std::vector<bool> expired(group.tasks.size());
  for (size_t i = 0; i < group.tasks.size(); ++i) {
    expired[i] = HasPassed(group.tasks[i].options.deadline);
    const int64_t changes = connection_->changes();
    const bool savepoint = savepoints || (group.tasks[i].options.expects_rollback && !alone);
    group.results[i] = expired[i] ? DeadlinePassed() : RunClosure(group.tasks[i], savepoint);
    any_ok |= group.results[i].ok();
    if (connection_->transaction_lost()) {
      *culprit = i;
      return GroupEnd::kLost;
    }
    if (group.results[i].ok() || savepoint || connection_->changes() == changes) continue;
    connection_->Rollback();
    return alone && !IsRetryTransaction(group.results[i]) ? GroupEnd::kDone : GroupEnd::kNeedSavepoint;
  }
  if (!any_ok) {
    connection_->Rollback();
    return GroupEnd::kDone;
  }
  if (absl::Status committed = Commit(); !committed.ok()) {
    // Even a closure that failed by itself did so because of what its predecessors had written and now is gone.
    for (size_t i = 0; i < group.results.size(); ++i) {
      if (!expired[i]) group.results[i] = committed;
    }
  }
  return GroupEnd::kDone;
}

void SqliteWriter::RunOneByOne(Answered& group, size_t culprit) {
  for (size_t i = 0; i < group.tasks.size(); ++i) {
    if (i == culprit) continue;
    Answered alone;
    alone.tasks.push_back(std::move(group.tasks[i]));
    size_t unused = 0;
    if (RunOnce(alone, /*savepoints=*/false, &unused) == GroupEnd::kNeedSavepoint) {
      RunOnce(alone, /*savepoints=*/true, &unused);
    }
    group.results[i] = std::move(alone.results[0]);
    group.tasks[i] = std::move(alone.tasks[0]);
  }
}

absl::Status SqliteWriter::Begin(Answered& group) {
  absl::Time latest = absl::InfinitePast();
  for (const WriteTask& task : group.tasks) latest = std::max(latest, task.options.deadline);
  absl::Status begun;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    begun = connection_->BeginWrite();
    if (!IsRetryTransaction(begun)) return begun;
    if (HasPassed(latest)) return DeadlinePassed();
  }
  return GiveUp(begun);
}

absl::Status SqliteWriter::RunClosure(WriteTask& task, bool savepoint) {
  absl::Status status;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (attempt > 0) {
      if (HasPassed(task.options.deadline)) return DeadlinePassed();
      counters_.retries.fetch_add(1, std::memory_order_relaxed);
    }
    if (savepoint) {
      if (absl::Status set = connection_->Savepoint(); !set.ok()) return set;
    }
    const int64_t changes = connection_->changes();
    status = task.body(*connection_);
    connection_->EndClosure();
    if (connection_->transaction_lost()) break;
    if (savepoint) {
      const absl::Status ended = status.ok() ? connection_->ReleaseSavepoint() : connection_->RollbackToSavepoint();
      if (!ended.ok()) return ended;
    }
    if (!IsRetryTransaction(status)) return status;
    if (!savepoint && connection_->changes() != changes) return status;
  }
  if (status.ok()) return absl::InternalError("SQLite rolled the transaction back by itself");
  return IsRetryTransaction(status) ? GiveUp(status) : status;
}

absl::Status SqliteWriter::Commit() {
  const FileState::Change change(state_);
  absl::Status status = connection_->Commit();
  if (status.ok()) {
    counters_.commits.fetch_add(1, std::memory_order_relaxed);
    return status;
  }
  connection_->Rollback();
  if (absl::IsUnknown(status)) counters_.unknown_outcomes.fetch_add(1, std::memory_order_relaxed);
  return IsRetryTransaction(status) ? GiveUp(status) : status;
}

// While nothing waits for the writer, it answers by itself: the requests that follow from these answers then gather to one
// large group. Otherwise answering overlaps with the next group.
void SqliteWriter::Deliver(Answered group) {
  if (queue_.size() > 0 && answers_.Push(group) == BoundedQueue<Answered>::PushResult::kOk) return;
  AnswerAll(group);
}

void SqliteWriter::AnswerLoop() {
  while (std::optional<Answered> group = answers_.Pop()) AnswerAll(*group);
}

void SqliteWriter::AnswerAll(Answered& group) {
  for (size_t i = 0; i < group.tasks.size(); ++i) {
    counters_.CountWrite(group.results[i]);
    Answer(group.tasks[i], std::move(group.results[i]));
  }
}

// A passive checkpoint never waits for readers; what they still need is copied by a later one.
void SqliteWriter::CheckpointIfDue() {
  const int pages = connection_->log_pages();
  if (pages < kCheckpointPages) next_checkpoint_ = kCheckpointPages;
  if (pages < next_checkpoint_) return;
  Checkpoint(/*restart=*/pages >= kRestartPages);
  next_checkpoint_ = pages + kCheckpointPages;
}

void SqliteWriter::Checkpoint(bool restart) {
  const FileState::Change change(state_);
  release_snapshots_();
  connection_->Checkpoint(restart);
}

}  // namespace jiedui::sql
