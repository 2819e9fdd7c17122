#include "services/gateway/executor.h"

#include <deque>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace jiedui::gateway {
namespace {

class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Serve(); });
  }
  ~ThreadExecutor() override { Stop(); }

  absl::Time Now() const override { return absl::Now(); }

  void Run(Work work) override {
    absl::MutexLock lock(&mutex_);
    if (stop_) return;
    ready_.push_back(std::move(work));
    changed_.Signal();
  }

  Timer RunAt(absl::Time time, Work work) override {
    absl::MutexLock lock(&mutex_);
    const Timer timer = ++last_timer_;
    if (stop_) return timer;
    timers_.emplace(std::make_pair(time, timer), std::move(work));
    times_.emplace(timer, time);
    if (time < awake_at_) changed_.Signal();
    return timer;
  }

  void Cancel(Timer timer) override {
    Work dropped;  // dies after the lock: what it holds may come back here
    absl::MutexLock lock(&mutex_);
    const auto found = times_.find(timer);
    if (found == times_.end()) return;
    const auto entry = timers_.find({found->second, timer});
    dropped = std::move(entry->second);
    timers_.erase(entry);
    times_.erase(found);
  }

  void Stop() override {
    {
      absl::MutexLock lock(&mutex_);
      stop_ = true;
      changed_.SignalAll();
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    // They die after the lock: what they hold may come back here, and may hold the executor.
    std::deque<Work> ready;
    std::map<std::pair<absl::Time, Timer>, Work> timers;
    absl::MutexLock lock(&mutex_);
    ready.swap(ready_);
    timers.swap(timers_);
    times_.clear();
  }

 private:
  void Serve() {
    while (true) {
      Work work = Next();
      if (work == nullptr) return;
      std::move(work)();
    }
  }

  // Null when the executor stops.
  Work Next() {
    absl::MutexLock lock(&mutex_);
    while (!stop_) {
      if (!ready_.empty()) {
        Work work = std::move(ready_.front());
        ready_.pop_front();
        return work;
      }
      const auto first = timers_.begin();
      if (first == timers_.end() || first->first.first > absl::Now()) {
        awake_at_ = first == timers_.end() ? absl::InfiniteFuture() : first->first.first;
        changed_.WaitWithDeadline(&mutex_, awake_at_);
        awake_at_ = absl::InfiniteFuture();
        continue;
      }
      Work work = std::move(first->second);
      times_.erase(first->first.second);
      timers_.erase(first);
      return work;
    }
    return nullptr;
  }

  std::vector<std::thread> threads_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Work> ready_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<absl::Time, Timer>, Work> timers_ ABSL_GUARDED_BY(mutex_);
  std::map<Timer, absl::Time> times_ ABSL_GUARDED_BY(mutex_);
  // Some thread looks at the timers then at the latest. One that was cancelled still counts, so that most timers, which never
  // run, wake nobody.
  absl::Time awake_at_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  Timer last_timer_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

std::unique_ptr<Executor> NewExecutor(int threads) { return std::make_unique<ThreadExecutor>(threads); }

}  // namespace jiedui::gateway
