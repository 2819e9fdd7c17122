#include "common/service/repeated.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/server/log.h"

namespace jiedui::service {
namespace {

constexpr size_t kMostWaiting = 1000;
constexpr absl::Duration kPruneInterval = absl::Hours(1);
// An answer is given again to the same request_id for this long.
constexpr absl::Duration kLogAge = absl::Hours(24 * 7);

}  // namespace

Repeated::Repeated(std::string name, absl::Duration interval, std::function<absl::Status()> work)
    : name_(std::move(name)), interval_(interval), work_(std::move(work)), thread_([this] { Run(); }) {}

void Repeated::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    if (stop_) return;
    stop_ = true;
  }
  thread_.join();
  std::vector<absl::AnyInvocable<void()>> waiting;
  {
    absl::MutexLock lock(&mutex_);
    waiting.swap(waiting_);
  }
  for (auto& done : waiting) done();
}

void Repeated::After(absl::AnyInvocable<void()> done) {
  {
    absl::MutexLock lock(&mutex_);
    if (waiting_.size() < kMostWaiting && !stop_) {
      waiting_.push_back(std::move(done));
      return;
    }
  }
  done();
}

void Repeated::Run() {
  bool failing = false;
  std::vector<absl::AnyInvocable<void()>> served;
  while (true) {
    const absl::Status status = work_();
    for (auto& done : served) done();
    served.clear();
    if (failing == status.ok()) {
      failing = !status.ok();
      server::LogEvent(failing ? "WARNING" : "INFO", "background", {{"work", name_}, {"problem", status.message()}});
    }
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Repeated::IsWanted), interval_);
    if (stop_) return;
    served.swap(waiting_);
  }
}

std::unique_ptr<Repeated> StartPruning(store::Engine& engine) {
  return std::make_unique<Repeated>("request log", kPruneInterval, [&engine] {
    const absl::Time now = absl::Now();
    return engine.PruneLogs(now - kLogAge, now + absl::Minutes(10));
  });
}

}  // namespace jiedui::service
