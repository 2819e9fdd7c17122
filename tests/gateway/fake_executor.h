// An executor whose time stands still until a test moves it; work is run at once.

#ifndef JIEDUI_TESTS_GATEWAY_FAKE_EXECUTOR_H_
#define JIEDUI_TESTS_GATEWAY_FAKE_EXECUTOR_H_

#include <algorithm>
#include <map>
#include <utility>

#include "services/gateway/executor.h"

namespace jiedui::testing {

class FakeExecutor final : public gateway::Executor {
 public:
  absl::Time Now() const override { return now_; }
  void Run(Work work) override { std::move(work)(); }
  Timer RunAt(absl::Time time, Work work) override {
    timers_.emplace(std::make_pair(time, ++last_), std::move(work));
    return last_;
  }
  void Cancel(Timer timer) override {
    for (auto it = timers_.begin(); it != timers_.end(); ++it) {
      if (it->first.second == timer) {
        timers_.erase(it);
        return;
      }
    }
  }
  void Stop() override { timers_.clear(); }

  void Advance(absl::Duration duration) {
    const absl::Time end = now_ + duration;
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      now_ = std::max(now_, timers_.begin()->first.first);
      Work work = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      std::move(work)();
    }
    now_ = end;
  }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1'540'000'000);  // 20 October 2018
  Timer last_ = 0;
  std::map<std::pair<absl::Time, Timer>, Work> timers_;
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_GATEWAY_FAKE_EXECUTOR_H_
