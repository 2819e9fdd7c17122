// SyncMeasures: the shards of years that have changed since the caller's versions.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/measure/shard_versions.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/counted_years.h"
#include "common/store/engine.h"

namespace jiedui::store {
namespace {

using google::protobuf::Message;
using measure::v1::SyncMeasuresRequest;
using measure::v1::SyncMeasuresResponse;

constexpr int kMaxSyncYears = 8;
// Where many shards have changed, one statement reads so many: few statements, and never a whole year in memory.
constexpr int kShardsOfARead = 16;
constexpr size_t kManyShards = 256;

absl::Status CheckRequest(const SyncMeasuresRequest& request) {
  if (request.years_size() <= kMaxSyncYears) return absl::OkStatus();
  Violations violations;
  violations.Add(
      "years", error::v1::REASON_LENGTH,
      {absl::StrCat("must have at most ", kMaxSyncYears, " elements"), absl::StrCat("至多", kMaxSyncYears, "项")});
  return violations.ToStatus();
}

// Makes one answer, from one snapshot.
class Sync {
 public:
  Sync(const Engine& engine, sql::Transaction& transaction, SyncMeasuresResponse* answer)
      : engine_(engine), transaction_(transaction), answer_(answer), bytes_left_(engine.sync_bytes()) {
    for (const measure::Measure& each : engine.measures().measures()) {
      index_.emplace(each.definition.id(), static_cast<int>(index_.size()));
    }
  }

  absl::Status Fill(const SyncMeasuresRequest& request) {
    // A replica of the other release has other measures under the same numbers.
    JIEDUI_RETURN_IF_ERROR(CheckDefinitions(transaction_, engine_.measures()));
    const std::string& definitions = engine_.measures().fingerprint();
    comparable_ = request.database_id() == engine_.state().database_id && request.definitions() == definitions;
    answer_->set_database_id(engine_.state().database_id);
    answer_->set_shard_count(measure::kShardCount);
    answer_->set_definitions(definitions);
    if (request.definitions() != definitions) {
      for (const measure::Measure& each : engine_.measures().measures()) answer_->add_measures(each.definition.id());
    }
    if (request.with_directory()) {
      JIEDUI_ASSIGN_OR_RETURN(const int64_t sum, measure::ReadVersionSum(transaction_, measure::kDirectoryTopic));
      answer_->set_directory_version_sum(sum);
    }
    JIEDUI_ASSIGN_OR_RETURN(const auto counted, ReadCountedYears(transaction_));
    for (const measure::v1::HeldYear& held : request.years()) {
      measure::v1::MeasureYear* year = answer_->add_years();
      year->set_year(held.year());
      if (counted.count(held.year()) > 0) JIEDUI_RETURN_IF_ERROR(FillYear(held, year));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status FillYear(const measure::v1::HeldYear& held, measure::v1::MeasureYear* year) {
    JIEDUI_ASSIGN_OR_RETURN(const auto uncounted, ReadUncounted(transaction_, held.year()));
    year->set_counted(uncounted.size() < index_.size());
    if (!year->counted()) return absl::OkStatus();
    for (const std::string& id : uncounted) year->add_uncounted_measures(index_.at(id));
    JIEDUI_ASSIGN_OR_RETURN(
        const measure::ShardChanges changes,
        measure::FindChanges(transaction_, held.year(), {comparable_, held.versions(), held.version_sum()}));
    year->set_versions_wanted(changes.versions_wanted);
    const size_t at_once = changes.shards.size() > kManyShards ? kShardsOfARead : 1;
    absl::Span<const std::pair<int, int64_t>> left = changes.shards;
    while (!left.empty()) {
      if (bytes_left_ <= 0) {
        answer_->set_more(true);
        return absl::OkStatus();
      }
      const auto shards = left.first(std::min(at_once, left.size()));
      JIEDUI_RETURN_IF_ERROR(AddShards(shards, year));
      left.remove_prefix(shards.size());
    }
    return absl::OkStatus();
  }

  absl::Status AddShards(absl::Span<const std::pair<int, int64_t>> shards, measure::v1::MeasureYear* year) {
    absl::flat_hash_map<int, measure::v1::MeasureShard*> wanted;
    for (const auto& [shard, version] : shards) {
      measure::v1::MeasureShard* out = year->add_shards();
      out->set_shard(shard);
      out->set_version(version);
      wanted.emplace(shard, out);
    }
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            transaction_.Prepare("SELECT shard, node, measure, value FROM measure_value WHERE year = ? "
                                                 "AND shard BETWEEN ? AND ? ORDER BY shard, node, measure"));
    row->BindInt(0, year->year());
    row->BindInt(1, shards.front().first);
    row->BindInt(2, shards.back().first);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) break;
      const auto shard = wanted.find(static_cast<int>(row->Int(0)));
      const auto measure = index_.find(row->Text(2));
      const int64_t value = row->Int(3);
      if (shard == wanted.end() || measure == index_.end() || value == 0) continue;
      measure::v1::MeasureShard& out = *shard->second;
      if (out.nodes_size() == 0 || *out.nodes().rbegin() != row->Text(1)) out.add_nodes(std::string(row->Text(1)));
      out.add_cell_nodes(out.nodes_size() - 1);
      out.add_cell_measures(measure->second);
      out.add_cell_values(value);
    }
    for (const auto& [number, shard] : wanted) bytes_left_ -= static_cast<int64_t>(shard->ByteSizeLong());
    return absl::OkStatus();
  }

  const Engine& engine_;
  sql::Transaction& transaction_;
  SyncMeasuresResponse* const answer_;
  absl::flat_hash_map<std::string, int> index_;  // of the measures, by id
  bool comparable_ = false;
  int64_t bytes_left_;
};

}  // namespace

ReadHandler Engine::SyncMeasuresHandler() const {
  return [this](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                Message* response) -> absl::Status {
    const auto& typed = static_cast<const SyncMeasuresRequest&>(request);
    auto* answer = static_cast<SyncMeasuresResponse*>(response);
    JIEDUI_RETURN_IF_ERROR(CheckRequest(typed));
    // Taken before the snapshot: what is said to be as of this time is at least as new.
    const auto* time = answer->GetDescriptor()->FindFieldByName("as_of_time");
    resource::SetTimestamp(answer, time, absl::ToUnixMicros(Now()));
    return Sync(*this, transaction, answer).Fill(typed);
  };
}

}  // namespace jiedui::store
