#include "common/measure/shard_versions.h"

#include "absl/strings/str_cat.h"
#include "common/measure/measure_set.h"
#include "common/status/macros.h"

namespace jiedui::measure {

absl::StatusOr<int64_t> ReadVersionSum(sql::Transaction& transaction, int topic) {
  // MySQL adds up as a decimal.
  const bool mysql = transaction.dialect() == sql::Dialect::kMysql;
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(absl::StrCat("SELECT CAST(COALESCE(SUM(version), 0) AS ", mysql ? "SIGNED" : "INTEGER",
                                       ") FROM shard_version WHERE topic = ?")));
  row->BindInt(0, topic);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? row->Int(0) : 0;
}

absl::StatusOr<ShardChanges> FindChanges(sql::Transaction& transaction, int topic, const Held& held) {
  ShardChanges changes;
  if (held.comparable && held.versions.empty() && held.version_sum > 0) {
    JIEDUI_ASSIGN_OR_RETURN(const int64_t sum, ReadVersionSum(transaction, topic));
    changes.versions_wanted = sum != held.version_sum;
    return changes;
  }
  const bool comparable = held.comparable && held.versions.size() == kShardCount;
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare("SELECT shard, version FROM shard_version WHERE topic = ? ORDER BY shard"));
  row->BindInt(0, topic);
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return changes;
    const int shard = static_cast<int>(row->Int(0));
    if (shard < 0 || shard >= kShardCount || (comparable && held.versions.Get(shard) == row->Int(1))) continue;
    changes.shards.emplace_back(shard, row->Int(1));
  }
}

}  // namespace jiedui::measure
