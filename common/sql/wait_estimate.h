// How long a closure will wait that joins the line of a pool now: a caller whose deadline comes before its turn is better told
// at once.

#ifndef JIEDUI_COMMON_SQL_WAIT_ESTIMATE_H_
#define JIEDUI_COMMON_SQL_WAIT_ESTIMATE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace jiedui::sql {

// Thread-safe. Errs towards waiting: those who are served next, side by side, are taken to wait for nothing.
class WaitEstimate {
 public:
  // `at_once`: how many closures are served side by side, or in one turn.
  explicit WaitEstimate(int at_once) : at_once_(static_cast<size_t>(std::max(at_once, 1))) {}

  // Of a closure that joins `waiting` others.
  absl::Duration Of(size_t waiting) {
    const int64_t now = absl::GetCurrentTimeNanos();
    if (waiting < at_once_) {
      // The line begins anew: how long nobody was taken before says nothing.
      if (waiting == 0) taken_.store(now, std::memory_order_relaxed);
      return absl::ZeroDuration();
    }
    // Those at work may be slower than all before them: their turns last at least as long as nobody has been taken.
    const int64_t turn = std::max(mean_.load(std::memory_order_relaxed), now - taken_.load(std::memory_order_relaxed));
    return absl::Nanoseconds(turn) * static_cast<int64_t>(waiting / at_once_);
  }

  // A turn has begun; the answer is for Ended.
  int64_t Begun() {
    const int64_t now = absl::GetCurrentTimeNanos();
    taken_.store(now, std::memory_order_relaxed);
    return now;
  }
  void Ended(int64_t begun) {
    const int64_t turn = absl::GetCurrentTimeNanos() - begun;
    const int64_t mean = mean_.load(std::memory_order_relaxed);
    // That a turn is lost to another thread's does not matter.
    mean_.store(mean == 0 ? turn : mean + (turn - mean) / 16, std::memory_order_relaxed);
  }

 private:
  const size_t at_once_;
  std::atomic<int64_t> mean_{0};   // nanoseconds of the last turns
  std::atomic<int64_t> taken_{0};  // when a turn began last
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_WAIT_ESTIMATE_H_
