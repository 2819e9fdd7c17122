#include "services/gateway/feed.h"

#include <algorithm>
#include <utility>

namespace jiedui::gateway {

void Feed::Sync(const std::vector<int>& years, Done done) {
  absl::Status refused;
  Start start;
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) {
      refused = absl::UnavailableError("the program is stopping");
    } else if (!failure_.ok()) {
      refused = failure_;
    } else if (in_flight_ && executor_->Now() - started_ >= options_.slow_after) {
      refused = absl::DeadlineExceededError("the service is slow");
    } else {
      next_.push_back({years, std::move(done)});
      if (!in_flight_) start = TakeNext();
    }
  }
  if (!refused.ok()) return done(std::move(refused));
  Begin(std::move(start));
}

void Feed::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  executor_->Cancel(timer_);
}

Feed::Start Feed::TakeNext() {
  in_flight_ = true;
  started_ = executor_->Now();
  refresh_at_ = absl::InfiniteFuture();
  for (const Waiter& waiter : next_) years_.insert(waiter.years.begin(), waiter.years.end());
  current_ = std::move(next_);
  next_.clear();
  return {true, std::vector<int>(years_.begin(), years_.end())};
}

void Feed::Begin(Start start) {
  if (!start.wanted) return;
  ask_(std::move(start.years), [self = shared_from_this()](absl::Status status) { self->Finished(std::move(status)); });
}

void Feed::Finished(absl::Status status) {
  std::vector<Waiter> answered;
  Start start;
  {
    absl::MutexLock lock(&mutex_);
    in_flight_ = false;
    failure_ = status;
    answered = std::move(current_);
    current_.clear();
    if (stopped_ && status.ok()) status = absl::UnavailableError("the program is stopping");
    if (!status.ok()) {
      std::move(next_.begin(), next_.end(), std::back_inserter(answered));
      next_.clear();
    }
    backoff_ =
        status.ok() ? absl::ZeroDuration() : std::clamp(backoff_ * 2, options_.min_backoff, options_.max_backoff);
    if (!next_.empty() && !stopped_) {
      start = TakeNext();
    } else {
      ScheduleNext();
    }
  }
  Begin(std::move(start));
  for (Waiter& waiter : answered) waiter.done(status);
}

void Feed::ScheduleNext() {
  if (stopped_) return;
  refresh_at_ = executor_->Now() + (failure_.ok() ? options_.keep_interval : backoff_);
  if (timer_at_ > refresh_at_) SetTimer();
}

// Where calls follow each other, it goes off once in a while and finds that the time has moved on.
void Feed::SetTimer() {
  executor_->Cancel(timer_);
  timer_at_ = refresh_at_;
  timer_ = executor_->RunAt(timer_at_, [self = shared_from_this()] { self->Refresh(); });
}

void Feed::Refresh() {
  Start start;
  {
    absl::MutexLock lock(&mutex_);
    timer_at_ = absl::InfiniteFuture();
    if (in_flight_ || stopped_) return;
    if (executor_->Now() < refresh_at_) return SetTimer();
    start = TakeNext();
  }
  Begin(std::move(start));
}

}  // namespace jiedui::gateway
