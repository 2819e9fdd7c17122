#include "services/cli/progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(100);
constexpr absl::Duration kLineInterval = absl::Seconds(5);
constexpr int kBarWidth = 24;
constexpr char kClearLine[] = "\r\x1b[K";

}  // namespace

Progress::Progress(const Environment& environment, std::string title, int64_t total_bytes)
    : environment_(environment), title_(std::move(title)), total_(std::max<int64_t>(total_bytes, 1)) {
  // A short transfer needs no lines.
  if (!environment.err_is_terminal) drawn_ = absl::Now();
}

Progress::~Progress() {
  if (environment_.err_is_terminal) environment_.err << kClearLine << std::flush;
}

void Progress::SetBytes(int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  bytes_ = bytes;
  Draw();
}

void Progress::SetRows(int64_t rows) {
  absl::MutexLock lock(&mutex_);
  rows_ = rows;
  Draw();
}

void Progress::Draw() {
  const absl::Time now = absl::Now();
  if (now - drawn_ < (environment_.err_is_terminal ? kInterval : kLineInterval)) return;
  drawn_ = now;
  const int64_t percent = std::min<int64_t>(100, 100 * bytes_ / total_);
  if (!environment_.err_is_terminal) {
    environment_.err << absl::StrCat(title_, " ", percent, "% ", rows_, "\n") << std::flush;
    return;
  }
  const int filled = static_cast<int>(std::min<int64_t>(kBarWidth, kBarWidth * bytes_ / total_));
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  const std::string line = absl::StrCat(title_, " ", bar, " ", percent, "% ", rows_);
  environment_.err << kClearLine << CutToWidth(line, static_cast<size_t>(environment_.columns - 1)) << std::flush;
}

}  // namespace jiedui::cli
