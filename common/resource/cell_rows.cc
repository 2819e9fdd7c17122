#include "common/resource/cell_rows.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace jiedui::resource {
namespace {

// Canonical anew: what that means may have changed since the value was written.
std::string HashOf(const Column& column, const personal::SearchKey& key, const std::string& text) {
  const personal::PersonalKind kind = column.rule->personal_kind;
  return personal::Vault::HashOf(key, kind, personal::Canonical(kind, text));
}

// False when the row was changed since it was read, or deleted and made anew under its id.
absl::StatusOr<bool> WriteCells(const TablePlan& plan, const CellRow& row, sql::Transaction& transaction) {
  std::string sets;
  for (const Column* column : plan.cells()) {
    absl::StrAppend(&sets, sets.empty() ? "" : ", ", column->quoted, " = ?");
    if (!column->hash_name.empty()) absl::StrAppend(&sets, ", ", column->quoted_hash, " = ?");
  }
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      transaction.Prepare(absl::StrCat("UPDATE `", plan.table(), "` SET ", sets,
                                       " WHERE id = ? AND revision = ? AND create_time = ? AND update_time = ?")));
  int parameter = 0;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    statement->BindBlob(parameter++, row.cells[i]);
    if (plan.cells()[i]->hash_name.empty()) continue;
    if (row.hashes[i].has_value()) {
      statement->BindText(parameter++, *row.hashes[i]);
    } else {
      statement->BindNull(parameter++);
    }
  }
  statement->BindText(parameter++, row.id);
  statement->BindInt(parameter++, row.version.revision);
  statement->BindInt(parameter++, row.version.create_micros);
  statement->BindInt(parameter, row.version.update_micros);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
  return touched == 1;
}

}  // namespace

absl::StatusOr<std::vector<CellRow>> ReadCellRows(const TablePlan& plan, absl::string_view after, int limit,
                                                  sql::Transaction& transaction) {
  std::string sql = "SELECT id, revision, create_time, update_time";
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
    CellRow row{std::string(statement->Text(0)), {statement->Int(1), statement->Int(2), statement->Int(3)}, {}, {}};
    int at = 4;
    for (size_t i = 0; i < plan.cells().size(); ++i, at += 2) {
      row.cells.emplace_back(statement->Text(at));
      row.hashes.push_back(statement->IsNull(at + 1) ? std::nullopt
                                                     : std::make_optional<std::string>(statement->Text(at + 1)));
    }
    rows.push_back(std::move(row));
  }
}

std::optional<uint32_t> HashKeyOf(const Column& column, const personal::Keyring& keyring, const std::string& text,
                                  const std::optional<std::string>& hash) {
  if (column.hash_name.empty() || text.empty())
    return hash.has_value() ? std::nullopt : std::make_optional<uint32_t>(0);
  if (!hash.has_value()) return std::nullopt;
  for (const personal::SearchKey& key : keyring.search_keys()) {
    if (*hash == HashOf(column, key, text)) return key.id;
  }
  return std::nullopt;
}

absl::Status LockSearchHashes(const TablePlan& plan, sql::Transaction& transaction) {
  if (transaction.dialect() != sql::Dialect::kMysql) return absl::OkStatus();
  // A write rather than a lock: in a cluster, where rows are locked on one node only, two of them conflict at COMMIT.
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                          transaction.Prepare("INSERT INTO search_hash_lock (table_name, writes) VALUES (?, 1) "
                                              "ON DUPLICATE KEY UPDATE writes = writes + 1"));
  statement->BindText(0, plan.table());
  return statement->Execute().status();
}

absl::StatusOr<Rewrite> RewriteCells(const TablePlan& plan, const personal::Vault& vault,
                                     const personal::Keyring& keyring, const CellRow& row,
                                     sql::Transaction& transaction) {
  bool stale_cells = false, stale_hashes = false;
  CellRow fresh = row;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const Column& column = *plan.cells()[i];
    const personal::Place place{plan.table(), column.field->name(), row.id};
    const bool old_cell = personal::Vault::IsStale(keyring, row.cells[i]);
    if (!old_cell && column.hash_name.empty()) continue;
    const absl::StatusOr<std::string> text = vault.Open(keyring, place, row.cells[i]);
    if (!text.ok()) continue;
    if (old_cell) fresh.cells[i] = vault.Seal(keyring, place, *text);
    stale_cells = stale_cells || old_cell;
    if (column.hash_name.empty() || text->empty()) continue;
    fresh.hashes[i] = HashOf(column, keyring.search_keys().front(), *text);
    stale_hashes = stale_hashes || fresh.hashes[i] != row.hashes[i];
  }
  Rewrite result;
  if (!stale_cells && !stale_hashes) return result;
  absl::StatusOr<bool> written = WriteCells(plan, fresh, transaction);
  if (absl::IsAlreadyExists(written.status())) {
    result.duplicate = true;
    if (!stale_cells) return result;
    fresh.hashes = row.hashes;
    written = WriteCells(plan, fresh, transaction);
  }
  JIEDUI_ASSIGN_OR_RETURN(result.written, std::move(written));
  return result;
}

}  // namespace jiedui::resource
