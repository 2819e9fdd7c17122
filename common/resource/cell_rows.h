// Rows of a table by their encrypted cells alone: for checks and for the change of keys, which need no messages.

#ifndef JIEDUI_COMMON_RESOURCE_CELL_ROWS_H_
#define JIEDUI_COMMON_RESOURCE_CELL_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/personal/vault.h"
#include "common/resource/table_plan.h"
#include "common/sql/database.h"

namespace jiedui::resource {

struct CellRow {
  std::string id;
  int64_t revision = 0;
  std::vector<std::string> cells;                  // as TablePlan::cells
  std::vector<std::optional<std::string>> hashes;  // nullopt: NULL, or not searchable
};

// At most `limit` rows whose id is after `after`, by id. Errors of the database.
absl::StatusOr<std::vector<CellRow>> ReadCellRows(const TablePlan& plan, absl::string_view after, int limit,
                                                  sql::Transaction& transaction);

// Whether `hash` is that of `text` under any key.
bool HashIsRight(const Column& column, const personal::Keyring& keyring, const std::string& text,
                 const std::optional<std::string>& hash);

// Writes the row's cells and hashes anew, under the active keys, unless they are already or a cell does not open (which is then left as
// it is), and unless the row was changed since it was read. Whether it was written. Revision and times stay: nothing was changed.
absl::StatusOr<bool> RewriteCells(const TablePlan& plan, const personal::Vault& vault, const personal::Keyring& keyring,
                                  const CellRow& row, sql::Transaction& transaction);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_CELL_ROWS_H_
