// Threads for work that must not be done on a gRPC thread, and timers.

#ifndef JIEDUI_SERVICES_GATEWAY_EXECUTOR_H_
#define JIEDUI_SERVICES_GATEWAY_EXECUTOR_H_

#include <cstdint>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace jiedui::gateway {

class Executor {
 public:
  using Work = absl::AnyInvocable<void()>;
  using Timer = int64_t;

  virtual ~Executor() = default;
  virtual absl::Time Now() const = 0;
  // Soon, on one of the threads.
  virtual void Run(Work work) = 0;
  // The same, not before `time`.
  virtual Timer RunAt(absl::Time time, Work work) = 0;
  // The work of the timer is not run unless it has begun.
  virtual void Cancel(Timer timer) = 0;
  // Ends the threads after what they are doing; nothing is run afterwards, and what waits is dropped. Not on one of them.
  virtual void Stop() = 0;
};

std::unique_ptr<Executor> NewExecutor(int threads);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_EXECUTOR_H_
