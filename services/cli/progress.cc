#include "services/cli/progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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
    : environment_(environment), title_(std::move(title)), total_(total_bytes) {
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

std::string Progress::Figures(bool bar) const {
  if (total_ == 0) return absl::StrFormat("%.1f MB %d", static_cast<double>(bytes_) / 1e6, rows_);
  const int64_t percent = std::min<int64_t>(100, 100 * bytes_ / total_);
  std::string figures = absl::StrCat(percent, "% ", rows_);
  if (!bar) return figures;
  const int filled = static_cast<int>(std::min<int64_t>(kBarWidth, kBarWidth * bytes_ / total_));
  std::string cells;
  for (int i = 0; i < kBarWidth; ++i) cells += i < filled ? "█" : "░";
  return absl::StrCat(cells, " ", figures);
}

void Progress::Draw() {
  const absl::Time now = absl::Now();
  if (now - drawn_ < (environment_.err_is_terminal ? kInterval : kLineInterval)) return;
  drawn_ = now;
  if (!environment_.err_is_terminal) {
    environment_.err << absl::StrCat(title_, " ", Figures(/*bar=*/false), "\n") << std::flush;
    return;
  }
  const std::string line = absl::StrCat(title_, " ", Figures(/*bar=*/true));
  environment_.err << kClearLine << CutToWidth(line, static_cast<size_t>(environment_.columns - 1)) << std::flush;
}

}  // namespace jiedui::cli
