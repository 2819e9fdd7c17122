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
  RowVersion version;
  std::vector<std::string> cells;                  // as TablePlan::cells
  std::vector<std::optional<std::string>> hashes;  // nullopt: NULL, or not searchable
};

// At most `limit` rows whose id is after `after`, by id. Errors of the database.
absl::StatusOr<std::vector<CellRow>> ReadCellRows(const TablePlan& plan, absl::string_view after, int limit,
                                                  sql::Transaction& transaction);

// The search key under which `hash` is that of `text`; 0 when there is none and none belongs there, nullopt when it is wrong.
std::optional<uint32_t> HashKeyOf(const Column& column, const personal::Keyring& keyring, const std::string& text,
                                  const std::optional<std::string>& hash);

// While there is more than one search key: makes writers of values that are unique by their hashes, and the change of their keys, wait
// for each other until the end of the transaction. No index compares hashes under different keys, so that whoever compares them must be
// alone. Nothing on SQLite, which has one writer.
absl::Status LockSearchHashes(const TablePlan& plan, sql::Transaction& transaction);

// Writes the row's cells and hashes anew, under the active keys, unless they are already or a cell does not open (which is then left as
// it is), and unless the row was changed since it was read. Revision and times stay: nothing was changed. A row whose value another one
// has too (which nothing but a replica without the new keys can have written) keeps its old hashes.
struct Rewrite {
  bool written = false;
  bool duplicate = false;
};
absl::StatusOr<Rewrite> RewriteCells(const TablePlan& plan, const personal::Vault& vault,
                                     const personal::Keyring& keyring, const CellRow& row,
                                     sql::Transaction& transaction);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_CELL_ROWS_H_
