// What a program does beside its calls, on threads of its own.

#ifndef JIEDUI_COMMON_SERVICE_REPEATED_H_
#define JIEDUI_COMMON_SERVICE_REPEATED_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/store/engine.h"

namespace jiedui::service {

// Does something again and again on a thread of its own, and says in the log when it begins to fail and to work again.
class Repeated {
 public:
  Repeated(std::string name, absl::Duration interval, std::function<absl::Status()> work);
  ~Repeated() { Stop(); }

  // Waits for the round under way, the last. What waits for another is told at once, then and afterwards.
  void Stop();

  // Calls `done` after a round that begins after this call; at once when too many wait.
  void After(absl::AnyInvocable<void()> done);

 private:
  bool IsWanted() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return stop_ || !waiting_.empty(); }
  void Run();

  const std::string name_;
  const absl::Duration interval_;
  const std::function<absl::Status()> work_;
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

// Forgets request_ids and import_ids a week after their first use, every hour. Every program with an engine has it.
std::unique_ptr<Repeated> StartPruning(store::Engine& engine);

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_REPEATED_H_
