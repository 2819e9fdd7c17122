#include "common/service/version_watch.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/measure/shard_versions.h"
#include "common/status/macros.h"

namespace jiedui::service {
namespace {

// How late a change may be noticed. Where other processes write too (MySQL) each look is a query.
constexpr absl::Duration kOwnInterval = absl::Milliseconds(100);
constexpr absl::Duration kSharedInterval = absl::Milliseconds(250);
constexpr absl::Duration kLookTime = absl::Seconds(2);

}  // namespace

VersionWatch::VersionWatch(sql::Database* database, int topic)
    : database_(database), topic_(topic), thread_([this] { Run(); }) {}

VersionWatch::~VersionWatch() { Stop(); }

void VersionWatch::Await(int64_t held, absl::Time until, absl::AnyInvocable<void()> run) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stop_) {
      waiting_.push_back({held, until, std::move(run)});
      return;
    }
  }
  run();
}

void VersionWatch::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stop_) return;
    stop_ = true;
  }
  thread_.join();
  for (Waiter& waiter : waiting_) waiter.run();
  waiting_.clear();
}

std::optional<int64_t> VersionWatch::Look() {
  // The file of SQLite belongs to one process, which so knows of every commit.
  const int64_t commits = database_->stats().commits;
  if (database_->dialect() == sql::Dialect::kSqlite && commits == commits_ && sum_.has_value()) return sum_;
  std::optional<int64_t> sum;
  absl::Status read;
  absl::Notification over;
  // Aside: long lists of others do not hold it up.
  database_->ReadAside(
      absl::Now() + kLookTime,
      [&](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(sum, measure::ReadVersionSum(transaction, topic_));
        return absl::OkStatus();
      },
      [&](absl::Status status) {
        read = std::move(status);
        over.Notify();
      });
  over.WaitForNotification();
  if (!read.ok()) return std::nullopt;
  commits_ = commits;
  return sum;
}

void VersionWatch::Run() {
  const absl::Duration interval = database_->dialect() == sql::Dialect::kSqlite ? kOwnInterval : kSharedInterval;
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !waiting_.empty(); };
      mutex_.Await(absl::Condition(&wanted));
      if (stop_) return;
    }
    sum_ = Look();
    const absl::Time now = absl::Now();
    std::list<Waiter> due;
    {
      absl::MutexLock lock(&mutex_);
      for (auto it = waiting_.begin(); it != waiting_.end();) {
        const auto each = it++;
        const bool changed = sum_.has_value() && *sum_ != each->held;
        if (changed || each->until <= now) due.splice(due.end(), waiting_, each);
      }
    }
    for (Waiter& waiter : due) waiter.run();
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(&stop_), interval);
    if (stop_) return;
  }
}

}  // namespace jiedui::service
