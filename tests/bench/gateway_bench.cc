#include "tests/bench/gateway_bench.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/client/client.h"
#include "common/measure/measure_set.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/cube.h"
#include "services/gateway/definition.h"
#include "services/gateway/evaluate.h"
#include "services/gateway/scan.h"
#include "services/gateway/target.h"
#include "tests/bench/harness.h"
#include "tests/bench/village_host.h"

namespace jiedui::bench {
namespace {

constexpr int kVillages = 600'000;
constexpr int kVillagesOfATownship = 150;
constexpr int kTownshipsOfADistrict = 400;
constexpr int kYear = 2018;
constexpr double kCubeBarMillis = 10;
constexpr double kScorecardBarMillis = 3;
constexpr int kReports = 50;
constexpr int kCalls = 2000;

// Shards by number, with a shard made where there is none.
template <typename Answer>
auto* ShardOf(Answer& answer, const std::string& name) {
  return answer.mutable_shards(measure::ShardOf(name));
}

void AddEntry(village::v1::SyncDirectoryResponse& directory, const std::string& name, const std::string& code,
              const std::string& parent, village::v1::DivisionLevel level) {
  village::v1::DirectoryEntry* entry = ShardOf(directory, name)->add_entries();
  entry->set_name(name);
  entry->set_code(code);
  entry->set_parent(parent);
  entry->set_level(level);
}

struct World {
  village::v1::SyncDirectoryResponse directory;
  std::vector<std::string> villages;
};

World MakeWorld() {
  World world;
  world.directory.set_database_id("bench");
  world.directory.set_shard_count(measure::kShardCount);
  for (int shard = 0; shard < measure::kShardCount; ++shard) {
    world.directory.add_shards()->set_shard(shard);
    world.directory.mutable_shards(shard)->set_version(1);
  }
  village::v1::DirectoryYear* year = world.directory.add_years();
  year->set_year(kYear);
  year->set_state(village::v1::YEAR_STATE_OPEN);
  AddEntry(world.directory, "divisions/12", "12", "", village::v1::DIVISION_LEVEL_CITY);
  std::string district;
  std::string township;
  for (int i = 0; i < kVillages; ++i) {
    if (i % (kVillagesOfATownship * kTownshipsOfADistrict) == 0) {
      district = absl::StrFormat("12%04d", i / (kVillagesOfATownship * kTownshipsOfADistrict));
      AddEntry(world.directory, "divisions/" + district, district, "divisions/12",
               village::v1::DIVISION_LEVEL_DISTRICT);
    }
    if (i % kVillagesOfATownship == 0) {
      township = absl::StrFormat("%s%03d", district, i / kVillagesOfATownship % kTownshipsOfADistrict);
      AddEntry(world.directory, "divisions/" + township, township, "divisions/" + district,
               village::v1::DIVISION_LEVEL_TOWNSHIP);
    }
    const std::string code = absl::StrFormat("%s%03d", township, i % kVillagesOfATownship);
    world.villages.push_back("villages/" + code);
    AddEntry(world.directory, world.villages.back(), code, "divisions/" + township,
             village::v1::DIVISION_LEVEL_UNSPECIFIED);
  }
  return world;
}

// Every measure of a service with a value for every village.
measure::v1::SyncMeasuresResponse MakeFigures(const gateway::Catalog& catalog, int service, const World& world) {
  measure::v1::SyncMeasuresResponse figures;
  figures.set_database_id("bench");
  figures.set_definitions("bench");
  figures.set_shard_count(measure::kShardCount);
  for (const gateway::MeasureInfo& each : catalog.measures()) {
    if (each.service == service) figures.add_measures(each.definition.id());
  }
  for (const int year_number : {kYear - 1, kYear}) {
    measure::v1::MeasureYear* year = figures.add_years();
    year->set_year(year_number);
    year->set_counted(true);
    for (int shard = 0; shard < measure::kShardCount; ++shard) {
      year->add_shards()->set_shard(shard);
      year->mutable_shards(shard)->set_version(1);
    }
    for (size_t i = 0; i < world.villages.size(); ++i) {
      measure::v1::MeasureShard* shard = ShardOf(*year, world.villages[i]);
      for (int measure = 0; measure < figures.measures_size(); ++measure) {
        shard->add_cell_nodes(shard->nodes_size());
        shard->add_cell_measures(measure);
        shard->add_cell_values(1 + static_cast<int64_t>((i * 2654435761U + measure) % 13));
      }
      shard->add_nodes(world.villages[i]);
    }
  }
  return figures;
}

// Processor time of the five programs so far, from /proc/<pid>/stat.
absl::Duration ProgramsCpuTime() {
  const char* pids = std::getenv("JIEDUI_BENCH_PIDS");
  int64_t ticks = 0;
  for (const absl::string_view pid : absl::StrSplit(pids == nullptr ? "" : pids, ' ', absl::SkipEmpty())) {
    std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
    std::string stat((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    // The fields after the name of the program, which is in parentheses, from the third on; utime and stime are 14 and 15.
    const std::vector<std::string> fields = absl::StrSplit(stat.substr(stat.rfind(')') + 2), ' ');
    for (const size_t field : {11, 12}) {
      int64_t value = 0;
      if (fields.size() > field && absl::SimpleAtoi(fields[field], &value)) ticks += value;
    }
  }
  return absl::Seconds(1) * ticks / sysconf(_SC_CLK_TCK);
}

}  // namespace

void RunCubeBench() {
  auto created = gateway::Catalog::Create();
  CheckOk(created.status());
  const std::shared_ptr<const gateway::Catalog> catalog = *std::move(created);
  auto released = gateway::ReleasedTargets();
  CheckOk(released.status());
  gateway::Cube cube(catalog);
  const World world = MakeWorld();
  CheckOk(cube.ApplyDirectory(world.directory).status());
  for (int service = 0; service < gateway::kServiceCount; ++service) {
    CheckOk(cube.ApplyMeasures(service, MakeFigures(*catalog, service, world)).status());
  }
  std::vector<std::shared_ptr<const gateway::CompiledTarget>> targets;
  for (const gateway::v1::Target& target : *released) {
    if (target.year() != kYear) continue;
    Violations violations;
    targets.push_back(gateway::CompileTarget(target, *catalog, violations));
    CheckOk(violations.ToStatus());
  }
  const std::shared_ptr<const gateway::Snapshot> snapshot = cube.snapshot();
  std::vector<double> millis;
  const absl::Duration cpu = CpuTime();
  for (int report = 0; report < kReports; ++report) {
    const absl::Time start = absl::Now();
    for (const auto& target : targets) {
      const auto scan = gateway::Scan::Create(*target, *catalog, *snapshot, absl::CivilDay(kYear, 10, 20));
      if (!scan.has_value()) CheckOk(absl::InternalError("a column is missing"));
      gateway::v1::ScorecardRow row = gateway::EmptyRow(*target, true);
      gateway::FillRow(*target, scan->Count({0, snapshot->places->size()}), absl::CivilDay(kYear, 10, 20), row);
      if (!row.has_value_micros()) CheckOk(absl::InternalError("a row has no value"));
    }
    millis.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
  }
  Report("cube_report_600k_ms", Percentile(millis, 0.5), kCubeBarMillis, false,
         absl::StrFormat("%d targets over %d places; fastest %.1f, slowest %.1f ms; CPU %.1f ms each", targets.size(),
                         snapshot->places->size(), Percentile(millis, 0), Percentile(millis, 1),
                         absl::ToDoubleMilliseconds(CpuTime() - cpu) / kReports));
}

void RunScorecardBench() {
  const char* address = std::getenv("JIEDUI_BENCH_GATEWAY");
  if (address == nullptr) {
    Report("scorecard_p99_ms", 1e9, kScorecardBarMillis, false, "JIEDUI_BENCH_GATEWAY is not set");
    return;
  }
  const std::unique_ptr<client::Client> client = client::NewClient(address);
  std::vector<double> millis;
  // Calls that the gateway refuses at once, in turn with the others: what one hop of the two costs on this machine.
  std::vector<double> hop_millis;
  absl::Duration cpu;
  gateway::v1::GetScorecardRequest refused;
  refused.set_division("none");
  int64_t villages = 0;
  for (int call = 0; call < kCalls + kCalls / 10; ++call) {
    gateway::v1::Scorecard card;
    client::CallOptions options;
    options.deadline = absl::Now() + absl::Seconds(10);
    if (call == kCalls / 10) cpu = ProgramsCpuTime();
    const absl::Time start = absl::Now();
    CheckOk(client->Call("jiedui.gateway.v1.ScorecardService/GetScorecard", gateway::v1::GetScorecardRequest(), &card,
                         options));
    if (call >= kCalls / 10) millis.push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
    const absl::Time hop_start = absl::Now();
    gateway::v1::Scorecard none;
    if (client->Call("jiedui.gateway.v1.ScorecardService/GetScorecard", refused, &none, options).ok()) {
      CheckOk(absl::InternalError("a division without a name has a scorecard"));
    }
    if (call >= kCalls / 10) hop_millis.push_back(absl::ToDoubleMilliseconds(absl::Now() - hop_start));
    villages = card.village_count();
    for (const gateway::v1::SourceState& source : card.sources()) {
      if (source.freshness() != gateway::v1::FRESHNESS_FRESH) CheckOk(absl::InternalError("a source is not fresh"));
    }
  }
  Report(
      "scorecard_p99_ms", Percentile(millis, 0.99), kScorecardBarMillis, false,
      absl::StrFormat("%d villages, all sources asked, one call after the other; median %.2f, slowest %.2f ms; one hop "
                      "alone: median %.2f, p99 %.2f, slowest %.2f ms; CPU of the programs %.2f ms for a call and a hop",
                      villages, Percentile(millis, 0.5), Percentile(millis, 1), Percentile(hop_millis, 0.5),
                      Percentile(hop_millis, 0.99), Percentile(hop_millis, 1),
                      absl::ToDoubleMilliseconds(ProgramsCpuTime() - cpu) / kCalls));
}

}  // namespace jiedui::bench
