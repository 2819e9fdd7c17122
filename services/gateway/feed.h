// Keeps a copy of something that another service holds: who asks gets an answer that began after they asked, many who ask at
// once share one call, and a service that does not answer costs nobody more than once.

#ifndef JIEDUI_SERVICES_GATEWAY_FEED_H_
#define JIEDUI_SERVICES_GATEWAY_FEED_H_

#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/gateway/executor.h"

namespace jiedui::gateway {

struct FeedOptions {
  // Of one call of the service. Long, because the first copy of a large service takes its time; callers do not wait for it.
  absl::Duration call_timeout = absl::Seconds(60);
  // While a call takes longer than this, nobody new waits.
  absl::Duration slow_after = absl::Seconds(2);
  // A copy that nobody asks for is brought up to date this often, so that it is of use when the service goes.
  absl::Duration keep_interval = absl::Seconds(5);
  // Between calls while the service fails, doubling.
  absl::Duration min_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(5);
};

// Thread-safe; held by shared_ptr, because calls at work keep it.
class Feed : public std::enable_shared_from_this<Feed> {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;
  // Asks the service for what changed in `years` and takes the answer in; calls back once, on any thread.
  using Ask = std::function<void(std::vector<int> years, Done done)>;

  Feed(FeedOptions options, std::shared_ptr<Executor> executor, Ask ask)
      : options_(options), executor_(std::move(executor)), ask_(std::move(ask)) {}

  // Calls back with OK after a call for `years` that began after this one; at once with the last error while the service
  // fails, with DEADLINE_EXCEEDED while it is slow. Not bounded in time otherwise: that is the caller's part.
  void Sync(const std::vector<int>& years, Done done);

  // No call begins any more.
  void Stop();

 private:
  struct Waiter {
    std::vector<int> years;
    Done done;
  };
  // What is to be done after the lock was left.
  struct Start {
    bool wanted = false;
    std::vector<int> years;
  };

  Start TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Begin(Start start);
  void Finished(absl::Status status);
  void ScheduleNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetTimer() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refresh();

  const FeedOptions options_;
  const std::shared_ptr<Executor> executor_;
  const Ask ask_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool in_flight_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time started_ ABSL_GUARDED_BY(mutex_);
  std::set<int> years_ ABSL_GUARDED_BY(mutex_);          // that anybody asked for: every call brings them all
  std::vector<Waiter> current_ ABSL_GUARDED_BY(mutex_);  // wait for the call in flight
  std::vector<Waiter> next_ ABSL_GUARDED_BY(mutex_);     // came after it began
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);         // of the last call
  absl::Duration backoff_ ABSL_GUARDED_BY(mutex_) = absl::ZeroDuration();
  // The next call that nobody asks for; one timer stands for all of the calls before it is due.
  absl::Time refresh_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  Executor::Timer timer_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time timer_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_FEED_H_
