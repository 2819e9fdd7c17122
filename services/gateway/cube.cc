#include "services/gateway/cube.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/measure/measure_set.h"
#include "common/status/macros.h"
#include "google/protobuf/timestamp.pb.h"
#include "services/gateway/year_editor.h"

namespace jiedui::gateway {
namespace {

using measure::v1::MeasureShard;
using measure::v1::SyncMeasuresResponse;
using village::v1::SyncDirectoryResponse;

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

absl::Status CheckShardCount(int shard_count) {
  if (shard_count == measure::kShardCount) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the service has ", shard_count, " shards instead of ", measure::kShardCount));
}

bool IsShardNumber(int number) { return number >= 0 && number < measure::kShardCount; }

bool IsWellFormed(const MeasureShard& shard, int measure_count) {
  if (!IsShardNumber(shard.shard())) return false;
  if (shard.cell_measures_size() != shard.cell_nodes_size() || shard.cell_values_size() != shard.cell_nodes_size())
    return false;
  for (int i = 0; i < shard.cell_nodes_size(); ++i) {
    if (shard.cell_nodes(i) < 0 || shard.cell_nodes(i) >= shard.nodes_size()) return false;
    if (shard.cell_measures(i) < 0 || shard.cell_measures(i) >= measure_count) return false;
  }
  return true;
}

absl::Status CheckShards(const SyncMeasuresResponse& response) {
  JIEDUI_RETURN_IF_ERROR(CheckShardCount(response.shard_count()));
  for (const measure::v1::MeasureYear& year : response.years()) {
    for (const MeasureShard& shard : year.shards()) {
      if (!IsWellFormed(shard, response.measures_size()))
        return absl::InternalError("the service sent a malformed shard");
    }
  }
  return absl::OkStatus();
}

YearFigures NewYear() {
  YearFigures figures;
  figures.counted = true;
  figures.versions.resize(measure::kShardCount, 0);
  return figures;
}

// Counts anew, in another tree than the service's, the villages at the divisions above them.
void CountAbove(const Catalog& catalog, const Places& places, YearFigures& figures) {
  for (const MeasureInfo& measure : catalog.measures()) {
    if (measure.of_villages < 0 || figures.columns[measure.slot] == nullptr) continue;
    const Column* villages = figures.columns[catalog.measures()[measure.of_villages].slot].get();
    if (villages == nullptr) continue;
    ColumnEditor editor(std::make_shared<const Column>(places.size()));
    for (int i = 0; i < places.size(); ++i) {
      const int64_t count = (*villages)[i];
      if (count == 0) continue;
      int above = places[i].parent;
      while (above >= 0 && places[above].level != measure.level) above = places[above].parent;
      if (above >= 0) editor.Set(above, editor.Get(above) + count);
    }
    figures.columns[measure.slot] = std::move(editor).Finish();
  }
}

bool HasColumns(const YearFigures& figures, const std::vector<bool>& kept) {
  for (size_t slot = 0; slot < kept.size(); ++slot) {
    if ((figures.columns[slot] != nullptr) != kept[slot]) return false;
  }
  return true;
}

}  // namespace

const YearFigures* Snapshot::Figures(int service, int year) const {
  const auto found = services[service].years.find(year);
  return found == services[service].years.end() || !found->second->counted ? nullptr : found->second.get();
}

const Column* Snapshot::ColumnOf(const MeasureInfo& measure, int year) const {
  const YearFigures* figures = Figures(measure.service, year);
  return figures == nullptr ? nullptr : figures->columns[measure.slot].get();
}

int64_t Snapshot::UnplacedNodeCount(int year) const {
  int64_t count = 0;
  for (int service = 0; service < kServiceCount; ++service) {
    const YearFigures* figures = Figures(service, year);
    if (figures != nullptr) count += figures->unplaced_node_count;
  }
  return count;
}

Cube::Cube(const Catalog* catalog)
    : catalog_(catalog),
      entries_(measure::kShardCount),
      directory_versions_(measure::kShardCount, 0),
      snapshot_(std::make_shared<const Snapshot>()) {}

std::shared_ptr<const Snapshot> Cube::snapshot() const {
  absl::ReaderMutexLock lock(&mutex_);
  return snapshot_;
}

std::shared_ptr<const Snapshot> Cube::SnapshotOf(int year) const {
  const std::shared_ptr<const Snapshot> current = snapshot();
  const auto places = current->past_places.find(year);
  if (places == current->past_places.end()) return current;
  absl::MutexLock lock(&past_mutex_);
  if (past_of_ != current) {
    past_of_ = current;
    past_.clear();
  }
  std::shared_ptr<const Snapshot>& kept = past_[year];
  if (kept != nullptr) return kept;
  auto past = std::make_shared<Snapshot>(*current);
  past->places = places->second;
  const Move move(*current->places, *past->places);
  for (ServiceFigures& service : past->services) {
    // The figures of other years are not read with this year's places.
    std::erase_if(service.years, [year](const auto& entry) { return entry.first != year && entry.first != year - 1; });
    for (auto& [figures_year, figures] : service.years) figures = Rearrange(*figures, move);
  }
  for (auto& [figures_year, figures] : past->services[kVillage].years) {
    if (!figures->counted) continue;
    auto counted = std::make_shared<YearFigures>(*figures);
    CountAbove(*catalog_, *past->places, *counted);
    figures = std::move(counted);
  }
  kept = std::move(past);
  return kept;
}

void Cube::Publish(std::shared_ptr<const Snapshot> snapshot) {
  absl::MutexLock lock(&mutex_);
  snapshot_.swap(snapshot);  // the old one may be freed after the lock
}

village::v1::SyncDirectoryRequest Cube::DirectoryRequest() const {
  village::v1::SyncDirectoryRequest request;
  absl::ReaderMutexLock lock(&mutex_);
  request.set_database_id(snapshot_->directory_id);
  request.mutable_versions()->Add(directory_versions_.begin(), directory_versions_.end());
  return request;
}

measure::v1::SyncMeasuresRequest Cube::MeasuresRequest(int service, absl::Span<const int> years) const {
  const std::shared_ptr<const Snapshot> held = snapshot();
  measure::v1::SyncMeasuresRequest request;
  request.set_database_id(held->services[service].database_id);
  for (const int year : years) {
    measure::v1::HeldYear* asked = request.add_years();
    asked->set_year(year);
    const YearFigures* figures = held->Figures(service, year);
    if (figures != nullptr) asked->mutable_versions()->Add(figures->versions.begin(), figures->versions.end());
  }
  return request;
}

bool Cube::Holds(int service, int year) const { return snapshot()->services[service].years.count(year) > 0; }

absl::Status Cube::ApplyDirectory(const SyncDirectoryResponse& response) {
  JIEDUI_RETURN_IF_ERROR(CheckShardCount(response.shard_count()));
  absl::MutexLock writing(&apply_mutex_);
  const std::shared_ptr<const Snapshot> before = snapshot();
  auto after = std::make_shared<Snapshot>(*before);
  const bool other_database = before->directory_id != response.database_id();
  std::vector<int64_t> versions(measure::kShardCount, 0);
  if (other_database) {
    entries_.assign(measure::kShardCount, {});
  } else {
    absl::ReaderMutexLock lock(&mutex_);
    versions = directory_versions_;
  }
  for (const village::v1::DirectoryShard& shard : response.shards()) {
    if (!IsShardNumber(shard.shard())) return absl::InternalError("the service sent a malformed shard");
    entries_[shard.shard()].assign(shard.entries().begin(), shard.entries().end());
    versions[shard.shard()] = shard.version();
  }
  bool other_years = static_cast<size_t>(response.years_size()) != before->years.size();
  for (const village::v1::DirectoryYear& year : response.years())
    other_years = other_years || before->years.count(year.year()) == 0;
  if (other_database || other_years || response.shards_size() > 0) {
    std::vector<const village::v1::DirectoryEntry*> entries;
    for (const auto& shard : entries_) {
      for (const auto& entry : shard) entries.push_back(&entry);
    }
    after->places = Places::Build(entries);
    after->past_places.clear();
    for (const village::v1::DirectoryYear& year : response.years()) {
      auto places = Places::BuildAsOf(entries, absl::StrFormat("%04d-12-31", year.year()));
      if (places != nullptr) after->past_places.emplace(year.year(), std::move(places));
    }
    const Move move(*before->places, *after->places);
    for (ServiceFigures& service : after->services) {
      for (auto& [year, figures] : service.years) figures = Rearrange(*figures, move);
    }
  }
  after->directory_id = response.database_id();
  after->directory_time = ToTime(response.as_of_time());
  after->years.clear();
  for (const village::v1::DirectoryYear& year : response.years()) after->years[year.year()] = year.state();
  {
    absl::MutexLock lock(&mutex_);
    directory_versions_ = std::move(versions);
  }
  Publish(std::move(after));
  return absl::OkStatus();
}

absl::Status Cube::ApplyMeasures(int service, const SyncMeasuresResponse& response) {
  JIEDUI_RETURN_IF_ERROR(CheckShards(response));
  std::vector<int> slots;
  std::vector<bool> kept(catalog_->slot_count(service), false);
  for (const std::string& id : response.measures()) {
    const int index = catalog_->IndexOf(id);
    slots.push_back(index >= 0 && catalog_->measures()[index].service == service ? catalog_->measures()[index].slot
                                                                                 : -1);
    if (slots.back() >= 0) kept[slots.back()] = true;
  }
  absl::MutexLock writing(&apply_mutex_);
  auto after = std::make_shared<Snapshot>(*snapshot());
  ServiceFigures& figures = after->services[service];
  if (figures.database_id != response.database_id()) figures.years.clear();
  figures.database_id = response.database_id();
  figures.as_of_time = ToTime(response.as_of_time());
  for (const measure::v1::MeasureYear& year : response.years()) {
    std::shared_ptr<const YearFigures>& held = figures.years[year.year()];
    if (!year.counted()) {
      held = std::make_shared<const YearFigures>();
    } else if (held == nullptr || !held->counted || year.shards_size() > 0 || !HasColumns(*held, kept)) {
      YearFigures base = held == nullptr || !held->counted ? NewYear() : *held;
      YearEditor editor(*after->places, base);
      editor.KeepSlots(kept);
      for (const MeasureShard& shard : year.shards()) editor.Replace(shard, slots);
      held = std::move(editor).Finish();
    }
  }
  Publish(std::move(after));
  return absl::OkStatus();
}

}  // namespace jiedui::gateway
