// The side of `village`: what changed in the directory since the caller's versions, from one snapshot.

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/directory/directory.h"
#include "common/measure/measure_set.h"
#include "common/measure/shard_versions.h"
#include "common/resource/table_plan.h"
#include "common/status/macros.h"

namespace jiedui::directory {
namespace {

using google::protobuf::Message;
using Wanted = absl::flat_hash_map<int, village::v1::DirectoryShard*>;

// About what an entry takes in an answer.
constexpr int64_t kEntryBytes = 160;

absl::StatusOr<int64_t> CountEntries(sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare("SELECT (SELECT COUNT(*) FROM village) + (SELECT COUNT(*) FROM division)"));
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? row->Int(0) : 0;
}

// The changed shards, as many as an answer of about `most_bytes` has room for: entries are spread over the shards evenly.
absl::StatusOr<Wanted> AddShards(sql::Transaction& transaction, const measure::ShardChanges& changes,
                                 int64_t most_bytes, village::v1::SyncDirectoryResponse* answer) {
  Wanted wanted;
  if (changes.shards.empty()) return wanted;
  JIEDUI_ASSIGN_OR_RETURN(const int64_t entries, CountEntries(transaction));
  const int64_t shard_bytes = 1 + entries * kEntryBytes / measure::kShardCount;
  const auto most = static_cast<size_t>(std::max<int64_t>(1, most_bytes / shard_bytes));
  answer->set_more(changes.shards.size() > most);
  for (size_t i = 0; i < std::min(most, changes.shards.size()); ++i) {
    village::v1::DirectoryShard* out = answer->add_shards();
    out->set_shard(changes.shards[i].first);
    out->set_version(changes.shards[i].second);
    wanted.emplace(out->shard(), out);
  }
  return wanted;
}

// Where the statement's columns are: id, code, display_name, parent, level, from_date, to_date.
absl::Status AddEntries(sql::Transaction& transaction, absl::string_view collection, absl::string_view sql,
                        const Wanted& wanted) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(sql));
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return absl::OkStatus();
    std::string name = absl::StrCat(collection, "/", row->Text(0));
    const auto shard = wanted.find(measure::ShardOf(name));
    if (shard == wanted.end()) continue;
    village::v1::DirectoryEntry* entry = shard->second->add_entries();
    entry->set_name(std::move(name));
    entry->set_code(std::string(row->Text(1)));
    entry->set_display_name(std::string(row->Text(2)));
    entry->set_parent(std::string(row->Text(3)));
    entry->set_level(static_cast<village::v1::DivisionLevel>(row->Int(4)));
    entry->set_from_date(std::string(row->Text(5)));
    entry->set_to_date(std::string(row->Text(6)));
  }
}

// What the entries were before their changes.
absl::Status AddPast(sql::Transaction& transaction, const Wanted& wanted) {
  absl::flat_hash_map<std::string, village::v1::DirectoryEntry*> entries;
  for (const auto& [number, shard] : wanted) {
    for (village::v1::DirectoryEntry& entry : *shard->mutable_entries()) entries.emplace(entry.name(), &entry);
  }
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare("SELECT subject, effective_date, code_before, display_name_before, "
                                              "parent_before FROM division_change ORDER BY subject, effective_date"));
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return absl::OkStatus();
    const auto entry = entries.find(std::string(row->Text(0)));
    if (entry == entries.end()) continue;
    village::v1::PastEntry* past = entry->second->add_past();
    past->set_until_date(std::string(row->Text(1)));
    past->set_code(std::string(row->Text(2)));
    past->set_display_name(std::string(row->Text(3)));
    past->set_parent(std::string(row->Text(4)));
  }
}

absl::Status AddYears(sql::Transaction& transaction, village::v1::SyncDirectoryResponse* answer) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare("SELECT year, state FROM programme_year ORDER BY year"));
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return absl::OkStatus();
    village::v1::DirectoryYear* year = answer->add_years();
    year->set_year(static_cast<int32_t>(row->Int(0)));
    year->set_state(static_cast<village::v1::YearState>(row->Int(1)));
  }
}

}  // namespace

store::ReadHandler SyncDirectoryHandler(const store::Engine& engine) {
  return [&engine](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                   Message* response) -> absl::Status {
    const auto& typed = static_cast<const village::v1::SyncDirectoryRequest&>(request);
    auto* answer = static_cast<village::v1::SyncDirectoryResponse*>(response);
    const auto* time = answer->GetDescriptor()->FindFieldByName("as_of_time");
    resource::SetTimestamp(answer, time, absl::ToUnixMicros(engine.Now()));
    answer->set_database_id(engine.state().database_id);
    answer->set_shard_count(measure::kShardCount);
    JIEDUI_ASSIGN_OR_RETURN(const int64_t sum, measure::ReadVersionSum(transaction, measure::kDirectoryTopic));
    answer->set_version_sum(sum);
    const bool same_database = typed.database_id() == engine.state().database_id;
    JIEDUI_ASSIGN_OR_RETURN(const measure::ShardChanges changes,
                            measure::FindChanges(transaction, measure::kDirectoryTopic,
                                                 {same_database, typed.versions(), typed.version_sum()}));
    answer->set_versions_wanted(changes.versions_wanted);
    JIEDUI_ASSIGN_OR_RETURN(const Wanted wanted, AddShards(transaction, changes, engine.sync_bytes(), answer));
    if (!wanted.empty()) {
      JIEDUI_RETURN_IF_ERROR(AddEntries(
          transaction, "divisions",
          "SELECT id, code, display_name, parent, level, valid_from, valid_to FROM division ORDER BY id", wanted));
      JIEDUI_RETURN_IF_ERROR(AddEntries(
          transaction, "villages",
          "SELECT id, code, display_name, township, 0, entry_date, exit_date FROM village ORDER BY id", wanted));
      JIEDUI_RETURN_IF_ERROR(AddPast(transaction, wanted));
    }
    return AddYears(transaction, answer);
  };
}

absl::StatusOr<std::vector<village::v1::DirectoryYear>> ReadYears(const store::Engine& engine, absl::Time deadline) {
  village::v1::SyncDirectoryResponse answer;
  JIEDUI_RETURN_IF_ERROR(sql::ReadAndWait(engine.database(), deadline, [&answer](sql::Transaction& transaction) {
    answer.clear_years();
    return AddYears(transaction, &answer);
  }));
  return std::vector<village::v1::DirectoryYear>(answer.years().begin(), answer.years().end());
}

}  // namespace jiedui::directory
