#include "services/gateway/cube.h"

#include <algorithm>
#include <numeric>
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
  if (!IsShardNumber(shard.shard()) || shard.version() <= 0) return false;
  if (shard.cell_measures_size() != shard.cell_nodes_size() || shard.cell_values_size() != shard.cell_nodes_size())
    return false;
  for (int i = 0; i < shard.cell_nodes_size(); ++i) {
    if (shard.cell_nodes(i) < 0 || shard.cell_nodes(i) >= shard.nodes_size()) return false;
    if (shard.cell_measures(i) < 0 || shard.cell_measures(i) >= measure_count) return false;
  }
  return true;
}

absl::Status CheckYears(const SyncMeasuresResponse& response, int measure_count) {
  for (const measure::v1::MeasureYear& year : response.years()) {
    for (const MeasureShard& shard : year.shards()) {
      if (!IsWellFormed(shard, measure_count)) return absl::InternalError("the service sent a malformed shard");
    }
    for (const int measure : year.uncounted_measures()) {
      if (measure < 0 || measure >= measure_count) return absl::InternalError("the service speaks of no measure");
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
  if (figures.columns.size() != kept.size()) return false;
  for (size_t slot = 0; slot < kept.size(); ++slot) {
    if ((figures.columns[slot] != nullptr) != kept[slot]) return false;
  }
  return true;
}

// Whether every shard has come.
bool IsWhole(const YearFigures& figures) {
  return !figures.counted || std::find(figures.versions.begin(), figures.versions.end(), 0) == figures.versions.end();
}

const std::shared_ptr<const YearFigures>* FindYear(const std::map<int, std::shared_ptr<const YearFigures>>& years,
                                                   int year) {
  const auto found = years.find(year);
  return found == years.end() ? nullptr : &found->second;
}

}  // namespace

// A snapshot as of the end of a past year, and what it was made from.
struct Cube::Past {
  std::shared_ptr<const Places> current;
  std::shared_ptr<const Places> places;
  std::array<std::map<int, std::shared_ptr<const YearFigures>>, kServiceCount> figures;
  std::shared_ptr<const Snapshot> snapshot;
};

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

Cube::Cube(std::shared_ptr<const Catalog> catalog)
    : catalog_(std::move(catalog)),
      entries_(measure::kShardCount),
      directory_versions_(measure::kShardCount, 0),
      snapshot_(std::make_shared<const Snapshot>()) {}

std::shared_ptr<const Snapshot> Cube::snapshot() const {
  absl::ReaderMutexLock lock(&mutex_);
  return snapshot_;
}

AsOfTimes Cube::times(int year) const {
  AsOfTimes times;
  absl::ReaderMutexLock lock(&mutex_);
  times.directory = directory_time_;
  for (int service = 0; service < kServiceCount; ++service) {
    const auto found = times_[service].find(year);
    if (found == times_[service].end()) continue;
    const auto before = times_[service].find(year - 1);
    times.services[service] = before == times_[service].end() ? found->second : std::min(found->second, before->second);
  }
  return times;
}

std::shared_ptr<const Snapshot> Cube::SnapshotOf(int year) const {
  const std::shared_ptr<const Snapshot> current = snapshot();
  const auto places = current->past_places.find(year);
  if (places == current->past_places.end()) return current;
  absl::MutexLock lock(&past_mutex_);
  std::erase_if(past_, [&current](const auto& entry) { return entry.second->current != current->places; });
  std::shared_ptr<const Past>& kept = past_[year];
  kept = MakePast(*current, year, places->second, std::move(kept));
  return kept->snapshot;
}

std::shared_ptr<const Cube::Past> Cube::MakePast(const Snapshot& current, int year,
                                                 std::shared_ptr<const Places> places,
                                                 std::shared_ptr<const Past> before) const {
  auto past = std::make_shared<Past>();
  past->current = current.places;
  past->places = places;
  for (int service = 0; service < kServiceCount; ++service) {
    for (const int each : {year - 1, year}) {
      const auto* figures = FindYear(current.services[service].years, each);
      if (figures != nullptr) past->figures[service].emplace(each, *figures);
    }
  }
  const bool comparable = before != nullptr && before->current == past->current && before->places == places;
  if (comparable && before->figures == past->figures) return before;
  auto snapshot = std::make_shared<Snapshot>(current);
  snapshot->places = std::move(places);
  const Move move(*current.places, *snapshot->places);
  for (int service = 0; service < kServiceCount; ++service) {
    // The figures of other years are not read with this year's places.
    snapshot->services[service].years.clear();
    for (const auto& [each, figures] : past->figures[service]) {
      std::shared_ptr<const YearFigures>& moved = snapshot->services[service].years[each];
      const auto* same = comparable ? FindYear(before->figures[service], each) : nullptr;
      if (same != nullptr && *same == figures) {
        moved = before->snapshot->services[service].years.at(each);
        continue;
      }
      moved = Rearrange(*figures, move);
      if (service != kVillage || !moved->counted) continue;
      auto counted = std::make_shared<YearFigures>(*moved);
      CountAbove(*catalog_, *snapshot->places, *counted);
      moved = std::move(counted);
    }
  }
  past->snapshot = std::move(snapshot);
  return past;
}

village::v1::SyncDirectoryRequest Cube::DirectoryRequest(bool with_versions) const {
  village::v1::SyncDirectoryRequest request;
  absl::ReaderMutexLock lock(&mutex_);
  request.set_database_id(directory_id_);
  request.set_version_sum(std::accumulate(directory_versions_.begin(), directory_versions_.end(), int64_t{0}));
  if (with_versions) request.mutable_versions()->Add(directory_versions_.begin(), directory_versions_.end());
  return request;
}

measure::v1::SyncMeasuresRequest Cube::MeasuresRequest(int service, absl::Span<const int> years,
                                                       bool with_versions) const {
  measure::v1::SyncMeasuresRequest request;
  request.set_with_directory(service == kVillage);
  absl::ReaderMutexLock lock(&mutex_);
  const Received& received = received_[service];
  const ServiceFigures& shown = snapshot_->services[service];
  request.set_database_id(received.database_id);
  request.set_definitions(received.definitions);
  const bool same = received.database_id == shown.database_id && received.definitions == shown.definitions;
  for (const int year : years) {
    measure::v1::HeldYear* asked = request.add_years();
    asked->set_year(year);
    const auto* part = FindYear(received.parts, year);
    const auto* figures = part != nullptr ? part : same ? FindYear(shown.years, year) : nullptr;
    if (figures == nullptr || !(*figures)->counted) continue;
    asked->set_version_sum((*figures)->version_sum);
    if (with_versions || part != nullptr) {
      asked->mutable_versions()->Add((*figures)->versions.begin(), (*figures)->versions.end());
    }
  }
  return request;
}

bool Cube::HoldsDirectoryOf(const SyncMeasuresResponse& response) const {
  absl::ReaderMutexLock lock(&mutex_);
  return snapshot_->directory_id == response.database_id() && directory_sum_ == response.directory_version_sum();
}

absl::StatusOr<Next> Cube::ApplyDirectory(const SyncDirectoryResponse& response) {
  JIEDUI_RETURN_IF_ERROR(CheckShardCount(response.shard_count()));
  for (const village::v1::DirectoryShard& shard : response.shards()) {
    if (!IsShardNumber(shard.shard())) return absl::InternalError("the service sent a malformed shard");
  }
  if (response.versions_wanted()) return Next::kAskForMore;
  absl::MutexLock writing(&apply_mutex_);
  bool other_database = false;
  {
    absl::MutexLock lock(&mutex_);
    other_database = directory_id_ != response.database_id();
    if (other_database) directory_versions_.assign(measure::kShardCount, 0);
    directory_id_ = response.database_id();
    for (const village::v1::DirectoryShard& shard : response.shards()) {
      directory_versions_[shard.shard()] = shard.version();
    }
  }
  if (other_database) entries_.assign(measure::kShardCount, {});
  for (const village::v1::DirectoryShard& shard : response.shards()) {
    entries_[shard.shard()].assign(shard.entries().begin(), shard.entries().end());
  }
  entries_changed_ = entries_changed_ || other_database || response.shards_size() > 0;
  if (response.more()) return Next::kAskForMore;
  ShowDirectory(response);
  return Next::kNothing;
}

void Cube::ShowDirectory(const SyncDirectoryResponse& response) {
  const std::shared_ptr<const Snapshot> before = snapshot();
  auto after = std::make_shared<Snapshot>(*before);
  after->directory_id = response.database_id();
  after->years.clear();
  for (const village::v1::DirectoryYear& year : response.years()) after->years[year.year()] = year.state();
  std::array<Received, kServiceCount> received;
  {
    absl::ReaderMutexLock lock(&mutex_);
    received = received_;
  }
  const bool changed = entries_changed_ || after->years != before->years || after->directory_id != before->directory_id;
  if (changed) {
    BuildPlaces(*after);
    const Move move(*before->places, *after->places);
    for (int service = 0; service < kServiceCount; ++service) {
      for (auto& [year, figures] : after->services[service].years) figures = Rearrange(*figures, move);
      for (auto& [year, figures] : received[service].parts) figures = Rearrange(*figures, move);
    }
    entries_changed_ = false;
  }
  absl::MutexLock lock(&mutex_);
  directory_time_ = ToTime(response.as_of_time());
  directory_sum_ = std::accumulate(directory_versions_.begin(), directory_versions_.end(), int64_t{0});
  if (!changed) return;
  received_ = std::move(received);
  snapshot_ = std::move(after);
}

void Cube::BuildPlaces(Snapshot& snapshot) const {
  std::vector<const village::v1::DirectoryEntry*> entries;
  for (const auto& shard : entries_) {
    for (const auto& entry : shard) entries.push_back(&entry);
  }
  snapshot.places = Places::Build(entries);
  snapshot.past_places.clear();
  for (const auto& [year, state] : snapshot.years) {
    auto places = Places::BuildAsOf(entries, absl::StrFormat("%04d-12-31", year));
    if (places != nullptr) snapshot.past_places.emplace(year, std::move(places));
  }
}

std::shared_ptr<const Cube::Slots> Cube::SlotsOf(int service, const SyncMeasuresResponse& response) const {
  auto slots = std::make_shared<Slots>();
  slots->listed.resize(catalog_->slot_count(service), false);
  for (const std::string& id : response.measures()) {
    const int index = catalog_->IndexOf(id);
    const bool known = index >= 0 && catalog_->measures()[index].service == service;
    slots->of_measures.push_back(known ? catalog_->measures()[index].slot : -1);
    if (known) slots->listed[slots->of_measures.back()] = true;
  }
  return slots;
}

std::shared_ptr<const YearFigures> Cube::Edit(const Places& places, std::shared_ptr<const YearFigures> held,
                                              const Slots& slots, const measure::v1::MeasureYear& year) {
  if (year.versions_wanted()) return held;
  if (!year.counted()) {
    return held != nullptr && !held->counted ? held : std::make_shared<const YearFigures>();
  }
  std::vector<bool> kept = slots.listed;
  for (const int measure : year.uncounted_measures()) {
    if (const int slot = slots.of_measures[measure]; slot >= 0) kept[slot] = false;
  }
  // The shards that have changed do not fill a column that was not there before: then every shard has to come again.
  const bool fits = held != nullptr && held->counted && HasColumns(*held, kept);
  if (fits && year.shards().empty()) return held;
  YearEditor editor(places, fits ? *held : NewYear());
  editor.KeepSlots(kept);
  for (const MeasureShard& shard : year.shards()) editor.Replace(shard, slots.of_measures);
  return std::move(editor).Finish();
}

absl::StatusOr<Next> Cube::ApplyMeasures(int service, const SyncMeasuresResponse& response) {
  JIEDUI_RETURN_IF_ERROR(CheckShardCount(response.shard_count()));
  absl::MutexLock writing(&apply_mutex_);
  Received received;
  {
    absl::ReaderMutexLock lock(&mutex_);
    received = received_[service];
  }
  const bool other_definitions = received.definitions != response.definitions();
  if (other_definitions || received.database_id != response.database_id()) received.parts.clear();
  received.database_id = response.database_id();
  received.definitions = response.definitions();
  if (response.measures_size() > 0) received.slots = SlotsOf(service, response);
  if (received.slots == nullptr || (other_definitions && response.measures_size() == 0)) {
    return absl::InternalError("the service does not say which its measures are");
  }
  JIEDUI_RETURN_IF_ERROR(CheckYears(response, static_cast<int>(received.slots->of_measures.size())));
  const std::shared_ptr<const Snapshot> before = snapshot();
  const ServiceFigures& shown = before->services[service];
  const bool other = shown.database_id != received.database_id || shown.definitions != received.definitions;
  Next next = response.more() ? Next::kAskForMore : Next::kNothing;
  bool whole = true;
  for (const measure::v1::MeasureYear& year : response.years()) {
    if (year.versions_wanted()) next = Next::kAskForMore;
    const auto* part = FindYear(received.parts, year.year());
    const auto* held = part != nullptr ? part : other ? nullptr : FindYear(shown.years, year.year());
    auto edited = Edit(*before->places, held == nullptr ? nullptr : *held, *received.slots, year);
    if (edited == nullptr) continue;
    whole = whole && IsWhole(*edited);
    received.parts[year.year()] = std::move(edited);
  }
  if (next == Next::kAskForMore || !whole) {
    absl::MutexLock lock(&mutex_);
    received_[service] = std::move(received);
    // The request for the rest says what is missing.
    if (next == Next::kNothing) return absl::UnavailableError("the service left out a part of a year");
    return next;
  }
  ShowMeasures(service, response, std::move(received));
  return Next::kNothing;
}

void Cube::ShowMeasures(int service, const SyncMeasuresResponse& response, Received received) {
  const std::shared_ptr<const Snapshot> before = snapshot();
  auto figures = before->services[service];
  const bool other = figures.database_id != received.database_id || figures.definitions != received.definitions;
  if (other) figures.years.clear();
  figures.database_id = received.database_id;
  figures.definitions = received.definitions;
  for (const measure::v1::MeasureYear& year : response.years()) {
    const auto part = received.parts.find(year.year());
    if (part == received.parts.end()) continue;
    figures.years[year.year()] = std::move(part->second);
    received.parts.erase(part);
  }
  std::shared_ptr<Snapshot> after;
  if (figures != before->services[service]) {
    after = std::make_shared<Snapshot>(*before);
    after->services[service] = std::move(figures);
  }
  absl::MutexLock lock(&mutex_);
  received_[service] = std::move(received);
  if (after != nullptr) snapshot_ = std::move(after);
  const absl::Time time = ToTime(response.as_of_time());
  if (other) times_[service].clear();
  for (const measure::v1::MeasureYear& year : response.years()) times_[service][year.year()] = time;
  const bool directory_too = service == kVillage && snapshot_->directory_id == response.database_id() &&
                             directory_sum_ == response.directory_version_sum();
  if (directory_too) directory_time_ = time;
}

}  // namespace jiedui::gateway
