// How far a transfer is: one line that is drawn over on a terminal, a plain line every few seconds
// elsewhere.

#ifndef JIEDUI_SERVICES_CLI_PROGRESS_H_
#define JIEDUI_SERVICES_CLI_PROGRESS_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/cli/environment.h"

namespace jiedui::cli {

// Thread-safe.
class Progress {
 public:
  // `total_bytes` 0: not known.
  Progress(const Environment& environment, std::string title, int64_t total_bytes);
  // Takes the line away.
  ~Progress();

  void SetBytes(int64_t bytes);
  void SetRows(int64_t rows);

 private:
  // What is drawn beside the title; `bar` where a terminal has room for one.
  std::string Figures(bool bar) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Draw() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Environment& environment_;
  const std::string title_;
  const int64_t total_;
  absl::Mutex mutex_;
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t rows_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time drawn_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_PROGRESS_H_
