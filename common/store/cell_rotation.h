// Brings encrypted cells under the active keys, while the program serves: a batch in a transaction, with how far it has come, so that it
// goes on there after any end. Several replicas may do it at once; they redo each other's work at worst.

#ifndef JIEDUI_COMMON_STORE_CELL_ROTATION_H_
#define JIEDUI_COMMON_STORE_CELL_ROTATION_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/resource/table_plan.h"
#include "common/store/engine.h"

namespace jiedui::store {

class CellRotation {
 public:
  // `engine` must have a vault and outlive this.
  explicit CellRotation(Engine& engine) : engine_(engine) {}

  // One batch of one table. False when every table is done: a pass over it found nothing under another key. Blocks.
  absl::StatusOr<bool> Step(absl::Time deadline);

  // Rows written anew since the start.
  int64_t rewritten_count() const { return rewritten_; }

 private:
  // The keys to which cells are brought: of cells and of hashes.
  using Keys = std::pair<uint32_t, uint32_t>;
  absl::StatusOr<bool> StepTable(const resource::TablePlan& plan, const personal::Keyring& keyring, Keys keys,
                                 absl::Time deadline);

  Engine& engine_;
  absl::flat_hash_map<std::string, Keys> done_;  // by table
  int64_t rewritten_ = 0;
};

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_CELL_ROTATION_H_
