#include "common/store/cell_rotation.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/resource/cell_rows.h"
#include "common/status/macros.h"

namespace jiedui::store {
namespace {

// On SQLite, some milliseconds of its only writer.
constexpr int kBatchRows = 100;

struct Progress {
  uint32_t cell_key = 0;
  uint32_t search_key = 0;
  std::string last_id;
  int64_t changed = 0;
  bool done = false;
};

absl::StatusOr<Progress> ReadProgress(sql::Transaction& transaction, const std::string& table) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(
          "SELECT cell_key, search_key, last_id, changed, done FROM cell_rotation WHERE table_name = ?"));
  row->BindText(0, table);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) return Progress();
  return Progress{static_cast<uint32_t>(row->Int(0)), static_cast<uint32_t>(row->Int(1)), std::string(row->Text(2)),
                  row->Int(3), row->Int(4) != 0};
}

absl::Status WriteProgress(sql::Transaction& transaction, const std::string& table, const Progress& progress) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      transaction.Prepare("REPLACE INTO cell_rotation (cell_key, search_key, last_id, changed, done, table_name) "
                          "VALUES (?, ?, ?, ?, ?, ?)"));
  statement->BindInt(0, progress.cell_key);
  statement->BindInt(1, progress.search_key);
  statement->BindText(2, progress.last_id);
  statement->BindInt(3, progress.changed);
  statement->BindInt(4, progress.done ? 1 : 0);
  statement->BindText(5, table);
  return statement->Execute().status();
}

}  // namespace

absl::StatusOr<bool> CellRotation::Step(absl::Time deadline) {
  std::shared_ptr<const personal::Keyring> keyring = engine_.vault()->keyring();
  if (keyring != keyring_) {
    done_.clear();
    if (keyring_ != nullptr) {
      for (const resource::TablePlan* plan : engine_.registry().plans()) anew_.insert(plan->table());
    }
    keyring_ = std::move(keyring);
  }
  for (const resource::TablePlan* plan : engine_.registry().plans()) {
    if (!plan->HasCells() || done_.contains(plan->table())) continue;
    JIEDUI_ASSIGN_OR_RETURN(const bool finished, StepTable(*plan, *keyring_, anew_.contains(plan->table()), deadline));
    anew_.erase(plan->table());
    if (finished) done_[plan->table()] = absl::Now();
    return true;
  }
  if (!keyring_->HasOlderKeys()) return false;
  // Together, so that each has its turn.
  bool again = false;
  for (const resource::TablePlan* plan : engine_.registry().plans()) {
    const auto done = done_.find(plan->table());
    if (done == done_.end() || absl::Now() < done->second + again_) continue;
    done_.erase(done);
    anew_.insert(plan->table());
    again = true;
  }
  return again;
}

absl::StatusOr<bool> CellRotation::StepTable(const resource::TablePlan& plan, const personal::Keyring& keyring,
                                             bool anew, absl::Time deadline) {
  const Keys keys{keyring.active_cell_key().id, keyring.search_keys().front().id};
  bool done = false;
  int64_t rewritten = 0;
  std::vector<std::string> duplicates;
  sql::WriteOptions options;
  options.deadline = deadline;
  JIEDUI_RETURN_IF_ERROR(
      sql::WriteAndWait(engine_.database(), std::move(options), [&](sql::Transaction& transaction) -> absl::Status {
        rewritten = 0;
        duplicates.clear();
        if (keyring.search_keys().size() > 1 && plan.HasUniqueHashes()) {
          JIEDUI_RETURN_IF_ERROR(resource::LockSearchHashes(plan, transaction));
        }
        JIEDUI_ASSIGN_OR_RETURN(Progress progress, ReadProgress(transaction, plan.table()));
        if (anew || Keys(progress.cell_key, progress.search_key) != keys) {
          progress = {keys.first, keys.second, "", 0, false};
        }
        done = progress.done;
        if (done) return absl::OkStatus();
        JIEDUI_ASSIGN_OR_RETURN(const std::vector<resource::CellRow> rows,
                                resource::ReadCellRows(plan, progress.last_id, kBatchRows, transaction));
        for (const resource::CellRow& row : rows) {
          JIEDUI_ASSIGN_OR_RETURN(const resource::Rewrite rewrite,
                                  resource::RewriteCells(plan, *engine_.vault(), keyring, row, transaction));
          rewritten += rewrite.written ? 1 : 0;
          if (rewrite.duplicate) duplicates.push_back(plan.NameOf(row.id));
        }
        progress.changed += rewritten;
        if (rows.size() == kBatchRows) {
          progress.last_id = rows.back().id;
        } else {
          // The end of a pass. One that changed something is followed by another: a replica that did not know the new key yet may have
          // written behind it.
          done = progress.done = progress.changed == 0;
          progress.last_id.clear();
          progress.changed = 0;
        }
        return WriteProgress(transaction, plan.table(), progress);
      }));
  rewritten_ += rewritten;
  duplicates_.insert(duplicates_.end(), duplicates.begin(), duplicates.end());
  return done;
}

}  // namespace jiedui::store
