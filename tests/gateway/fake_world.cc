#include "tests/gateway/fake_world.h"

#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/measure/measure_set.h"

namespace jiedui::testing {

using measure::kShardCount;
using measure::ShardOf;

FakeWorld::FakeWorld() : catalog_(*gateway::Catalog::Create()), directory_versions_(kShardCount, 1) {
  SetYear(2017, village::v1::YEAR_STATE_OPEN);
  SetYear(2018, village::v1::YEAR_STATE_OPEN);
}

std::string FakeWorld::NameOf(const std::string& code) {
  return absl::StrCat(code.size() == 12 ? "villages/" : "divisions/", code);
}

void FakeWorld::SetYear(int year, village::v1::YearState state) {
  years_[year] = state;
  ++directory_versions_[0];
}

void FakeWorld::SetDefined(const std::string& measure, bool defined) {
  if (defined) {
    undefined_.erase(measure);
  } else {
    undefined_.insert(measure);
  }
}

void FakeWorld::AddPlace(const std::string& code) {
  village::v1::DirectoryEntry entry;
  entry.set_name(NameOf(code));
  entry.set_code(code);
  entry.set_display_name(absl::StrCat("place ", code));
  if (code.size() == 2) entry.set_level(village::v1::DIVISION_LEVEL_CITY);
  if (code.size() == 6) entry.set_level(village::v1::DIVISION_LEVEL_DISTRICT);
  if (code.size() == 9) entry.set_level(village::v1::DIVISION_LEVEL_TOWNSHIP);
  for (const size_t length : {9, 6, 2}) {
    if (length >= code.size()) continue;
    entry.set_parent(NameOf(code.substr(0, length)));
    break;
  }
  SetPlace(entry);
}

void FakeWorld::SetPlace(const village::v1::DirectoryEntry& entry) {
  places_[entry.name()] = entry;
  ++directory_versions_[ShardOf(entry.name())];
}

void FakeWorld::RemovePlace(const std::string& name) {
  places_.erase(name);
  ++directory_versions_[ShardOf(name)];
}

void FakeWorld::Set(int year, const std::string& node, const std::string& measure, int64_t value) {
  const int service = catalog_->measures()[catalog_->IndexOf(measure)].service;
  Year& figures = figures_[{service, year}];
  figures.versions.resize(kShardCount, 1);
  const int shard = ShardOf(node);
  ++figures.versions[shard];
  if (value == 0) {
    figures.cells[shard].erase({node, measure});
  } else {
    figures.cells[shard][{node, measure}] = value;
  }
}

int64_t FakeWorld::Get(int year, const std::string& node, const std::string& measure) const {
  const auto figures = figures_.find({catalog_->measures()[catalog_->IndexOf(measure)].service, year});
  if (figures == figures_.end()) return 0;
  const auto shard = figures->second.cells.find(ShardOf(node));
  if (shard == figures->second.cells.end()) return 0;
  const auto cell = shard->second.find({node, measure});
  return cell == shard->second.end() ? 0 : cell->second;
}

std::string FakeWorld::DatabaseId(int service) const {
  return absl::StrCat("database-", service, "-", database_numbers_[service]);
}

namespace {

int64_t SumOf(const std::vector<int64_t>& versions) {
  return std::accumulate(versions.begin(), versions.end(), int64_t{0});
}

// The shards that somebody is to be sent; `*wanted_versions` when they have to say more.
template <typename Held>
std::vector<int> ChangedShards(const Held& held, bool same, const std::vector<int64_t>& versions,
                               bool* versions_wanted) {
  std::vector<int> changed;
  *versions_wanted = same && held.versions().empty() && held.version_sum() > 0 && held.version_sum() != SumOf(versions);
  if (same && held.versions().empty() && held.version_sum() > 0) return changed;
  for (int shard = 0; shard < kShardCount; ++shard) {
    if (same && !held.versions().empty() && held.versions(shard) == versions[shard]) continue;
    changed.push_back(shard);
  }
  return changed;
}

}  // namespace

void FakeWorld::SyncDirectory(const village::v1::SyncDirectoryRequest& request,
                              village::v1::SyncDirectoryResponse* response) const {
  response->set_database_id(DatabaseId(gateway::kVillage));
  response->set_shard_count(kShardCount);
  response->set_version_sum(SumOf(directory_versions_));
  response->mutable_as_of_time()->set_seconds(absl::ToUnixSeconds(now));
  bool versions_wanted = false;
  std::map<int, village::v1::DirectoryShard*> wanted;
  for (const int shard : ChangedShards(request, request.database_id() == response->database_id(), directory_versions_,
                                       &versions_wanted)) {
    response->set_more(response->shards_size() == shards_at_once);
    if (response->more()) break;
    wanted[shard] = response->add_shards();
    wanted[shard]->set_shard(shard);
    wanted[shard]->set_version(directory_versions_[shard]);
  }
  response->set_versions_wanted(versions_wanted);
  for (const auto& [name, entry] : places_) {
    const auto shard = wanted.find(ShardOf(name));
    if (shard != wanted.end()) *shard->second->add_entries() = entry;
  }
  for (const auto& [year, state] : years_) {
    village::v1::DirectoryYear* added = response->add_years();
    added->set_year(year);
    added->set_state(state);
  }
}

const FakeWorld::Year& FakeWorld::FiguresOf(int service, int year) const {
  static const auto* const kEmpty = new Year{std::vector<int64_t>(kShardCount, 1), {}};
  const auto found = figures_.find({service, year});
  return found == figures_.end() ? *kEmpty : found->second;
}

std::string FakeWorld::DefinitionsOf(int service, std::map<std::string, int>* index) const {
  std::string definitions;
  for (const gateway::MeasureInfo& measure : catalog_->measures()) {
    const std::string& id = measure.definition.id();
    if (measure.service != service || undefined_.contains(id)) continue;
    index->emplace(id, static_cast<int>(index->size()));
    absl::StrAppend(&definitions, id, " ");
  }
  return definitions;
}

void FakeWorld::SyncMeasures(int service, const measure::v1::SyncMeasuresRequest& request,
                             measure::v1::SyncMeasuresResponse* response) const {
  std::map<std::string, int> index;
  response->set_definitions(DefinitionsOf(service, &index));
  response->set_database_id(DatabaseId(service));
  response->set_shard_count(kShardCount);
  response->mutable_as_of_time()->set_seconds(absl::ToUnixSeconds(now));
  if (request.with_directory()) response->set_directory_version_sum(SumOf(directory_versions_));
  if (request.definitions() != response->definitions()) {
    std::vector<std::string> ids(index.size());
    for (const auto& [id, number] : index) ids[number] = id;
    response->mutable_measures()->Add(ids.begin(), ids.end());
  }
  const bool same =
      request.database_id() == response->database_id() && request.definitions() == response->definitions();
  int shards = 0;
  for (const measure::v1::HeldYear& held : request.years()) {
    measure::v1::MeasureYear* year = response->add_years();
    year->set_year(held.year());
    year->set_counted(years_.count(held.year()) > 0);
    if (!year->counted()) continue;
    for (const auto& [uncounted_year, id] : uncounted_) {
      if (uncounted_year == held.year() && index.count(id) > 0) year->add_uncounted_measures(index.at(id));
    }
    const Year& figures = FiguresOf(service, held.year());
    bool versions_wanted = false;
    for (const int number : ChangedShards(held, same, figures.versions, &versions_wanted)) {
      response->set_more(shards == shards_at_once);
      if (response->more()) break;
      ++shards;
      measure::v1::MeasureShard* shard = year->add_shards();
      shard->set_shard(number);
      shard->set_version(figures.versions[number]);
      const auto cells = figures.cells.find(number);
      if (cells == figures.cells.end()) continue;
      for (const auto& [key, value] : cells->second) {
        if (index.count(key.second) == 0) continue;
        if (shard->nodes_size() == 0 || *shard->nodes().rbegin() != key.first) shard->add_nodes(key.first);
        shard->add_cell_nodes(shard->nodes_size() - 1);
        shard->add_cell_measures(index.at(key.second));
        shard->add_cell_values(value);
      }
    }
    year->set_versions_wanted(versions_wanted);
  }
}

void FakeClient::Fill(absl::string_view method, const google::protobuf::Message& request,
                      google::protobuf::Message* response) {
  if (absl::EndsWith(method, "/SyncDirectory")) {
    world_->SyncDirectory(static_cast<const village::v1::SyncDirectoryRequest&>(request),
                          static_cast<village::v1::SyncDirectoryResponse*>(response));
  } else {
    world_->SyncMeasures(service_, static_cast<const measure::v1::SyncMeasuresRequest&>(request),
                         static_cast<measure::v1::SyncMeasuresResponse*>(response));
  }
}

void FakeClient::CallAsync(absl::string_view method, const google::protobuf::Message& request,
                           google::protobuf::Message* response, const client::CallOptions& /*options*/,
                           absl::AnyInvocable<void(absl::Status)> done) {
  ++calls_;
  if (!status_.ok()) return done(status_);
  if (!hangs_) {
    Fill(method, request, response);
    return done(absl::OkStatus());
  }
  std::shared_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  kept_.push_back([this, method = std::string(method), copy, response, done = std::move(done)]() mutable {
    Fill(method, *copy, response);
    done(absl::OkStatus());
  });
}

void FakeClient::Release() {
  std::vector<absl::AnyInvocable<void()>> kept = std::move(kept_);
  kept_.clear();
  for (auto& answer : kept) std::move(answer)();
}

}  // namespace jiedui::testing
