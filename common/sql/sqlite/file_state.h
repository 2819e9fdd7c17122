// Whether a SQLite file is still as a reader saw it.

#ifndef JIEDUI_COMMON_SQL_SQLITE_FILE_STATE_H_
#define JIEDUI_COMMON_SQL_SQLITE_FILE_STATE_H_

#include <atomic>
#include <cstdint>

namespace jiedui::sql {

// Counts the states of a file that one process alone writes to. Thread-safe.
class FileState {
 public:
  static constexpr int64_t kNone = -1;

  // Lives while something is committed, or the log copied: what is seen meanwhile may be of before or after.
  class Change {
   public:
    explicit Change(FileState& state) : state_(state) { state_.changing_.fetch_add(1, std::memory_order_seq_cst); }
    ~Change() {
      state_.number_.fetch_add(1, std::memory_order_release);
      state_.changing_.fetch_sub(1, std::memory_order_release);
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

   private:
    FileState& state_;
  };

  // The number of the state; kNone while it changes. Who sees the same number twice has missed nothing in between.
  int64_t Current() const {
    if (changing_.load(std::memory_order_acquire) != 0) return kNone;
    return number_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<int> changing_{0};
  std::atomic<int64_t> number_{0};
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_FILE_STATE_H_
