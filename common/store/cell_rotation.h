// Brings encrypted cells under the active keys, while the program serves: a batch in a transaction, with how far it has come, so that it
// goes on there after any end. Several replicas may do it at once; they redo each other's work at worst. While an older key is there, and
// when the keys change, what is done is looked through again: a replica that learned of a new key late writes under the one before.

#ifndef JIEDUI_COMMON_STORE_CELL_ROTATION_H_
#define JIEDUI_COMMON_STORE_CELL_ROTATION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/resource/table_plan.h"
#include "common/store/engine.h"

namespace jiedui::store {

class CellRotation {
 public:
  // `engine` must have a vault and outlive this. `again`: how long after its end a table is looked through again.
  explicit CellRotation(Engine& engine, absl::Duration again = absl::Minutes(10)) : engine_(engine), again_(again) {}

  // One batch of one table. False when every table is done: a pass over it found nothing under another key. Blocks.
  absl::StatusOr<bool> Step(absl::Time deadline);

  // Rows written anew since the start.
  int64_t rewritten_count() const { return rewritten_; }
  // Resources found since the last call whose unique value another one has too, and which so keep their old hash.
  std::vector<std::string> TakeDuplicates() { return std::exchange(duplicates_, {}); }

 private:
  // The keys to which cells are brought: of cells and of hashes.
  using Keys = std::pair<uint32_t, uint32_t>;
  absl::StatusOr<bool> StepTable(const resource::TablePlan& plan, const personal::Keyring& keyring, bool anew,
                                 absl::Time deadline);

  Engine& engine_;
  const absl::Duration again_;
  std::shared_ptr<const personal::Keyring> keyring_;   // that what follows is about
  absl::flat_hash_map<std::string, absl::Time> done_;  // by table: since when
  absl::flat_hash_set<std::string> anew_;              // tables of which no pass was begun since
  std::vector<std::string> duplicates_;
  int64_t rewritten_ = 0;
};

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_CELL_ROTATION_H_
