#include "common/resource/cell_rows.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace jiedui::resource {

absl::StatusOr<std::vector<CellRow>> ReadCellRows(const TablePlan& plan, absl::string_view after, int limit,
                                                  sql::Transaction& transaction) {
  std::string sql = "SELECT id, revision";
  for (const Column* column : plan.cells()) {
    absl::StrAppend(&sql, ", ", column->quoted, ", ", column->hash_name.empty() ? "NULL" : column->quoted_hash);
  }
  absl::StrAppend(&sql, " FROM `", plan.table(), "` WHERE id > ? ORDER BY id LIMIT ?");
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction.Prepare(sql));
  statement->BindText(0, after);
  statement->BindInt(1, limit);
  std::vector<CellRow> rows;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, statement->Step());
    if (!more) return rows;
    CellRow row{std::string(statement->Text(0)), statement->Int(1), {}, {}};
    int at = 2;
    for (size_t i = 0; i < plan.cells().size(); ++i, at += 2) {
      row.cells.emplace_back(statement->Text(at));
      row.hashes.push_back(statement->IsNull(at + 1) ? std::nullopt
                                                     : std::make_optional<std::string>(statement->Text(at + 1)));
    }
    rows.push_back(std::move(row));
  }
}

bool HashIsRight(const Column& column, const personal::Keyring& keyring, const std::string& text,
                 const std::optional<std::string>& hash) {
  if (column.hash_name.empty() || text.empty()) return !hash.has_value();
  return hash.has_value() &&
         std::any_of(keyring.search_keys().begin(), keyring.search_keys().end(), [&](const personal::SearchKey& key) {
           return *hash == personal::Vault::HashOf(key, column.rule->personal_kind, text);
         });
}

absl::StatusOr<bool> RewriteCells(const TablePlan& plan, const personal::Vault& vault, const personal::Keyring& keyring,
                                  const CellRow& row, sql::Transaction& transaction) {
  bool stale = false;
  std::vector<std::string> cells = row.cells;
  std::vector<std::optional<std::string>> hashes = row.hashes;
  for (size_t i = 0; i < cells.size(); ++i) {
    const Column& column = *plan.cells()[i];
    const personal::Place place{plan.table(), column.field->name(), row.id};
    const bool old_cell = personal::Vault::IsStale(keyring, cells[i]);
    if (!old_cell && column.hash_name.empty()) continue;
    const absl::StatusOr<std::string> text = vault.Open(keyring, place, cells[i]);
    if (!text.ok()) continue;
    if (old_cell) cells[i] = vault.Seal(keyring, place, *text);
    stale = stale || old_cell;
    if (column.hash_name.empty() || text->empty()) continue;
    const std::string hash = personal::Vault::HashOf(keyring.search_keys().front(), column.rule->personal_kind, *text);
    stale = stale || hashes[i] != hash;
    hashes[i] = hash;
  }
  if (!stale) return false;
  std::string sets;
  for (const Column* column : plan.cells()) {
    absl::StrAppend(&sets, sets.empty() ? "" : ", ", column->quoted, " = ?");
    if (!column->hash_name.empty()) absl::StrAppend(&sets, ", ", column->quoted_hash, " = ?");
  }
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      transaction.Prepare(absl::StrCat("UPDATE `", plan.table(), "` SET ", sets, " WHERE id = ? AND revision = ?")));
  int parameter = 0;
  for (size_t i = 0; i < cells.size(); ++i) {
    statement->BindBlob(parameter++, cells[i]);
    if (plan.cells()[i]->hash_name.empty()) continue;
    if (hashes[i].has_value()) {
      statement->BindText(parameter++, *hashes[i]);
    } else {
      statement->BindNull(parameter++);
    }
  }
  statement->BindText(parameter++, row.id);
  statement->BindInt(parameter, row.revision);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
  return touched == 1;
}

}  // namespace jiedui::resource
