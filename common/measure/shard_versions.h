// The versions of the shards of a topic, which every change of the shard's contents raises in its own transaction.

#ifndef JIEDUI_COMMON_MEASURE_SHARD_VERSIONS_H_
#define JIEDUI_COMMON_MEASURE_SHARD_VERSIONS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sql/database.h"
#include "google/protobuf/repeated_field.h"

namespace jiedui::measure {

// 0 for a topic without shards. Versions only grow: of two moments with equal sums, every shard is the same. Errors of the database.
absl::StatusOr<int64_t> ReadVersionSum(sql::Transaction& transaction, int topic);

// What somebody holds of a topic, as a request says it.
struct Held {
  // False: nothing of what is held is of use.
  bool comparable = false;
  const google::protobuf::RepeatedField<int64_t>& versions;
  int64_t version_sum = 0;
};

// What is to be sent to them.
struct ShardChanges {
  // Something; they gave no versions from which to tell what.
  bool versions_wanted = false;
  // Number and version, ascending by number.
  std::vector<std::pair<int, int64_t>> shards;
};

// Errors of the database.
absl::StatusOr<ShardChanges> FindChanges(sql::Transaction& transaction, int topic, const Held& held);

}  // namespace jiedui::measure

#endif  // JIEDUI_COMMON_MEASURE_SHARD_VERSIONS_H_
