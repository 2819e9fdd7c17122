// Figures as ratios: both arms in turn in one run, with an A/A arm that shows what the machine's noise makes of equal work.

#ifndef JIEDUI_TESTS_BENCH_HARNESS_H_
#define JIEDUI_TESTS_BENCH_HARNESS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace jiedui::bench {

// Works for about `duration` and answers how many operations were completed.
using Arm = std::function<double(absl::Duration duration)>;

// What one arm did, over all its rounds.
struct Measured {
  std::vector<double> rates;  // operations a second, by round
  double cpu_micros = 0;      // processor time for one operation, as of CpuTime
  double MedianRate() const;
};

struct Comparison {
  Measured subject;
  Measured baseline;
  Measured baseline_again;
  // The subject's rate over that of the baseline on both sides of it, round by round: a machine that slows down for a
  // while slows both.
  std::vector<double> RoundRatios() const;
  double Ratio() const;  // their median
};

// Runs baseline, subject and baseline again in turn, `rounds` times `slice` each, after one round that is not counted.
Comparison Compare(const Arm& subject, const Arm& baseline, int rounds = 15,
                   absl::Duration slice = absl::Milliseconds(300));

// Prints "name value bar ok|short  # details" and remembers when it was short.
void Report(absl::string_view name, double value, double bar, bool at_least, const std::string& details);

// The usual line of a ratio that must reach `bar`; `more` is put behind the details.
void ReportRatio(absl::string_view name, const Comparison& comparison, double bar, const std::string& more = "");

// How many figures were short.
int ShortCount();

// Processor time so far of the process and of those that it has waited for.
absl::Duration CpuTime();

double Percentile(std::vector<double> values, double share);

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_HARNESS_H_
