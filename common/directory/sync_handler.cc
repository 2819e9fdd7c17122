// The side of `village`: what changed in the directory since the caller's versions, from one snapshot.

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/directory/directory.h"
#include "common/measure/measure_set.h"
#include "common/resource/table_plan.h"
#include "common/status/macros.h"

namespace jiedui::directory {
namespace {

using google::protobuf::Message;
using Wanted = absl::flat_hash_map<int, village::v1::DirectoryShard*>;

absl::StatusOr<Wanted> ChangedShards(sql::Transaction& transaction, const village::v1::SyncDirectoryRequest& request,
                                     bool same_database, village::v1::SyncDirectoryResponse* answer) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare("SELECT shard, version FROM shard_version WHERE topic = ? ORDER BY shard"));
  row->BindInt(0, measure::kDirectoryTopic);
  const bool comparable = same_database && request.versions_size() == measure::kShardCount;
  Wanted wanted;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return wanted;
    const int shard = static_cast<int>(row->Int(0));
    if (comparable && request.versions(shard) == row->Int(1)) continue;
    village::v1::DirectoryShard* out = answer->add_shards();
    out->set_shard(shard);
    out->set_version(row->Int(1));
    wanted.emplace(shard, out);
  }
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
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare("SELECT year, state FROM programme_year ORDER BY year"));
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
    const bool same_database = typed.database_id() == engine.state().database_id;
    JIEDUI_ASSIGN_OR_RETURN(const Wanted wanted, ChangedShards(transaction, typed, same_database, answer));
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
