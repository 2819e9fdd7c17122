#include "tests/gateway/fake_world.h"

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

void FakeWorld::SyncDirectory(const village::v1::SyncDirectoryRequest& request,
                              village::v1::SyncDirectoryResponse* response) const {
  response->set_database_id(DatabaseId(gateway::kVillage));
  response->set_shard_count(kShardCount);
  response->mutable_as_of_time()->set_seconds(absl::ToUnixSeconds(now));
  const bool same = request.database_id() == response->database_id();
  std::map<int, village::v1::DirectoryShard*> wanted;
  for (int shard = 0; shard < kShardCount; ++shard) {
    if (same && request.versions(shard) == directory_versions_[shard]) continue;
    wanted[shard] = response->add_shards();
    wanted[shard]->set_shard(shard);
    wanted[shard]->set_version(directory_versions_[shard]);
  }
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

void FakeWorld::SyncMeasures(int service, const measure::v1::SyncMeasuresRequest& request,
                             measure::v1::SyncMeasuresResponse* response) const {
  response->set_database_id(DatabaseId(service));
  response->set_shard_count(kShardCount);
  response->mutable_as_of_time()->set_seconds(absl::ToUnixSeconds(now));
  const bool same = request.database_id() == response->database_id();
  std::map<std::string, int> index;
  for (const gateway::MeasureInfo& measure : catalog_->measures()) {
    if (measure.service != service) continue;
    index.emplace(measure.definition.id(), response->measures_size());
    response->add_measures(measure.definition.id());
  }
  for (const measure::v1::HeldYear& held : request.years()) {
    measure::v1::MeasureYear* year = response->add_years();
    year->set_year(held.year());
    year->set_counted(years_.count(held.year()) > 0);
    if (!year->counted()) continue;
    const auto found = figures_.find({service, held.year()});
    static const Year kEmpty = {std::vector<int64_t>(kShardCount, 1), {}};
    const Year& figures = found == figures_.end() ? kEmpty : found->second;
    for (int number = 0; number < kShardCount; ++number) {
      if (same && held.versions_size() == kShardCount && held.versions(number) == figures.versions[number]) continue;
      measure::v1::MeasureShard* shard = year->add_shards();
      shard->set_shard(number);
      shard->set_version(figures.versions[number]);
      const auto cells = figures.cells.find(number);
      if (cells == figures.cells.end()) continue;
      for (const auto& [key, value] : cells->second) {
        if (shard->nodes_size() == 0 || *shard->nodes().rbegin() != key.first) shard->add_nodes(key.first);
        shard->add_cell_nodes(shard->nodes_size() - 1);
        shard->add_cell_measures(index.at(key.second));
        shard->add_cell_values(value);
      }
    }
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
