// The waiting line in front of a pool of database threads: bounded, so that a server that falls behind says so at once
// instead of keeping every caller waiting.

#ifndef JIEDUI_COMMON_SQL_BOUNDED_QUEUE_H_
#define JIEDUI_COMMON_SQL_BOUNDED_QUEUE_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace jiedui::sql {

// Thread-safe.
template <typename T>
class BoundedQueue {
 public:
  enum class PushResult { kOk, kFull, kClosed };

  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Takes `item` only on kOk.
  PushResult Push(T& item) {
    absl::MutexLock lock(&mutex_);
    if (closed_) return PushResult::kClosed;
    if (items_.size() >= capacity_) return PushResult::kFull;
    items_.push_back(std::move(item));
    if (waiting_ > 0) available_.Signal();
    return PushResult::kOk;
  }

  // Waits for an item; nullopt once the queue is closed.
  std::optional<T> Pop() {
    absl::MutexLock lock(&mutex_);
    if (!WaitForItem(absl::InfiniteFuture())) return std::nullopt;
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  // Replaces `*batch` by 1 to `limit` items, or by none when none came before `deadline`. False once the queue is closed.
  bool PopBatch(size_t limit, absl::Time deadline, std::vector<T>* batch) {
    batch->clear();
    absl::MutexLock lock(&mutex_);
    WaitForItem(deadline);
    while (!items_.empty() && batch->size() < limit) {
      batch->push_back(std::move(items_.front()));
      items_.pop_front();
    }
    return !closed_;
  }

  // Refuses every later Push, wakes all waiters and returns what nobody took.
  std::vector<T> Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    available_.SignalAll();
    std::vector<T> rest;
    for (T& item : items_) rest.push_back(std::move(item));
    items_.clear();
    return rest;
  }

  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return items_.size();
  }

 private:
  bool WaitForItem(absl::Time deadline) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (items_.empty() && !closed_) {
      ++waiting_;
      const bool timed_out = available_.WaitWithDeadline(&mutex_, deadline);
      --waiting_;
      if (timed_out) break;
    }
    return !items_.empty();
  }

  const size_t capacity_;
  mutable absl::Mutex mutex_;
  absl::CondVar available_;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<T> items_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_BOUNDED_QUEUE_H_
