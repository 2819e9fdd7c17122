#include "tests/bench/write_bench.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/harness.h"
#include "tests/bench/village_host.h"

namespace jiedui::bench {
namespace {

constexpr int kInFlight = 64;
constexpr double kGroupCommitBar = 2.5;
constexpr double kMeasuresBar = 0.75;

std::string CommitsOf(VillageHost& host) {
  const sql::DatabaseStats stats = host.database().stats();
  return absl::StrFormat("%.1f creates in a commit", static_cast<double>(stats.writes) / static_cast<double>(stats.commits));
}

void RunGroupCommit() {
  VillageHost together("group", 256);
  VillageHost alone("single", 1);
  const Comparison comparison = Compare([&](absl::Duration time) { return together.CreateMembers(kInFlight, time); },
                                        [&](absl::Duration time) { return alone.CreateMembers(kInFlight, time); });
  ReportRatio("create_sqlite_per_single_commit", comparison, kGroupCommitBar,
              absl::StrCat(kInFlight, " in flight, ", CommitsOf(together)));
}

void RunMeasures() {
  VillageHost with("measures", 256);
  VillageHost without("plain", 256, false);
  const Comparison comparison = Compare([&](absl::Duration time) { return with.CreateMembers(kInFlight, time); },
                                        [&](absl::Duration time) { return without.CreateMembers(kInFlight, time); });
  ReportRatio("create_with_measures_per_without", comparison, kMeasuresBar, absl::StrCat(kInFlight, " in flight"));
}

}  // namespace

void RunWriteBench() {
  RunGroupCommit();
  RunMeasures();
}

}  // namespace jiedui::bench
