#include "tests/bench/harness.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace jiedui::bench {
namespace {

int short_count = 0;

struct Total {
  double operations = 0;
  absl::Duration cpu;
};

void RunOnce(const Arm& arm, absl::Duration slice, Measured* measured, Total* total) {
  const absl::Duration cpu = CpuTime();
  const absl::Time start = absl::Now();
  const double operations = arm(slice);
  const absl::Duration time = absl::Now() - start;
  total->cpu += CpuTime() - cpu;
  total->operations += operations;
  measured->rates.push_back(operations / absl::ToDoubleSeconds(time));
  measured->cpu_micros = absl::ToDoubleMicroseconds(total->cpu) / total->operations;
}

}  // namespace

double Measured::MedianRate() const { return Percentile(rates, 0.5); }

std::vector<double> Comparison::RoundRatios() const {
  std::vector<double> ratios;
  for (size_t i = 0; i < subject.rates.size(); ++i) {
    ratios.push_back(2 * subject.rates[i] / (baseline.rates[i] + baseline_again.rates[i]));
  }
  return ratios;
}

double Comparison::Ratio() const { return Percentile(RoundRatios(), 0.5); }

Comparison Compare(const Arm& subject, const Arm& baseline, int rounds, absl::Duration slice) {
  subject(slice / 4);
  baseline(slice / 4);
  Comparison comparison;
  Total totals[3];
  for (int round = 0; round < rounds; ++round) {
    // The subject between the two: what drifts over a round weighs the same on both sides.
    RunOnce(baseline, slice, &comparison.baseline, &totals[1]);
    RunOnce(subject, slice, &comparison.subject, &totals[0]);
    RunOnce(baseline, slice, &comparison.baseline_again, &totals[2]);
  }
  return comparison;
}

void Report(absl::string_view name, double value, double bar, bool at_least, const std::string& details) {
  const bool ok = at_least ? value >= bar : value <= bar;
  if (!ok) ++short_count;
  std::printf("%s %.3g %s%.3g %s  # %s\n", std::string(name).c_str(), value, at_least ? ">=" : "<=", bar,
              ok ? "ok" : "short", details.c_str());
  std::fflush(stdout);
}

void ReportRatio(absl::string_view name, const Comparison& comparison, double bar, const std::string& more) {
  const std::vector<double> ratios = comparison.RoundRatios();
  Report(
      name, comparison.Ratio(), bar, true,
      absl::StrFormat("by round %.2f to %.2f; A/A %.2f; %.0f against %.0f a second; CPU %.1f against %.1f us each%s%s",
                      *std::min_element(ratios.begin(), ratios.end()), *std::max_element(ratios.begin(), ratios.end()),
                      comparison.baseline_again.MedianRate() / comparison.baseline.MedianRate(),
                      comparison.subject.MedianRate(), comparison.baseline.MedianRate(), comparison.subject.cpu_micros,
                      comparison.baseline.cpu_micros, more.empty() ? "" : "; ", more));
}

int ShortCount() { return short_count; }

absl::Duration CpuTime() {
  absl::Duration time;
  for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    time += absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
  }
  return time;
}

double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace jiedui::bench
