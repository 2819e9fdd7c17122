// Lets a question about a topic's shards wait until their versions change: who copies them learns of a change at once, without asking
// again and again.

#ifndef JIEDUI_COMMON_SERVICE_VERSION_WATCH_H_
#define JIEDUI_COMMON_SERVICE_VERSION_WATCH_H_

#include <cstdint>
#include <list>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/sql/database.h"

namespace jiedui::service {

// Thread-safe. Has a thread, which sleeps while nothing waits.
class VersionWatch {
 public:
  // `database` outlives it.
  VersionWatch(sql::Database* database, int topic);
  ~VersionWatch();

  // Calls `run` once, on the thread: when the sum of the versions is another than `held`, at `until` at the latest (by the system's
  // clock). At once, on the caller's thread, after Stop.
  void Await(int64_t held, absl::Time until, absl::AnyInvocable<void()> run);

  // Calls all that waits; nothing waits any more.
  void Stop();

 private:
  struct Waiter {
    int64_t held;
    absl::Time until;
    absl::AnyInvocable<void()> run;
  };

  void Run();
  // The sum as of now; nothing when the database cannot say.
  std::optional<int64_t> Look();

  sql::Database* const database_;
  const int topic_;
  // Of the thread: the sum when it last looked, and how many commits there had been.
  std::optional<int64_t> sum_;
  int64_t commits_ = 0;
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::list<Waiter> waiting_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_VERSION_WATCH_H_
