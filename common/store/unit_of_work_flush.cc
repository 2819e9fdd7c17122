// What a unit of work has collected goes into the database.

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"

namespace jiedui::store {
namespace {

// Entries of one statement; sizes are powers of two, so that there are few statements.
constexpr size_t kMostEntries = 64;
constexpr int kEntryParameters = 10;

// Figures wait for the end of the transaction, where they are written in one order and locked briefly, unless their nodes
// are more than this (some 20 MB).
constexpr size_t kMaxWaitingNodes = 100'000;

const std::string& EntryColumns() {
  static const auto* const kColumns = new std::string(
      "INSERT INTO audit_entry (transaction_id, sequence, create_time, principal, method, resource, action, revision, "
      "trace_id, before_image) ");
  return *kColumns;
}

// The entry is written only while the epoch is the one whose years and filters made the contributions; on MySQL it also
// holds a shared lock on it until COMMIT, which opening a year waits for.
const std::string& GuardedSql(sql::Dialect dialect) {
  static const auto* const kSqlite = new std::string(
      absl::StrCat(EntryColumns(), "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM engine_state WHERE id = 1 AND epoch = ?"));
  static const auto* const kMysql = new std::string(absl::StrCat(*kSqlite, " LOCK IN SHARE MODE"));
  return dialect == sql::Dialect::kMysql ? *kMysql : *kSqlite;
}

const std::string& PlainSql(size_t entries) {
  static const auto* const kTexts = [] {
    auto* texts = new std::vector<std::string>(kMostEntries + 1);
    for (size_t size = 1; size <= kMostEntries; size *= 2) {
      std::string& text = (*texts)[size];
      text = absl::StrCat(EntryColumns(), "VALUES ");
      for (size_t i = 0; i < size; ++i) absl::StrAppend(&text, i == 0 ? "" : ", ", "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }
    return texts;
  }();
  return (*kTexts)[entries];
}

}  // namespace

absl::Status UnitOfWork::Flush() {
  const bool spilled = next_sequence_ > 0;
  if (spilled) JIEDUI_RETURN_IF_ERROR(HoldEpoch());
  JIEDUI_RETURN_IF_ERROR(FlushAudit(/*holds_epoch=*/!spilled));
  if (rewords_) {
    JIEDUI_ASSIGN_OR_RETURN(years_, engine_.RewordYears(transaction_, *years_, deltas_));
    rewords_ = false;
  }
  if (deltas_.empty()) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(deltas_.Flush(transaction_, engine_.measures().measures()));
  deltas_.Clear();
  return absl::OkStatus();
}

// Without the epoch: who opens a year would wait for the rest of the unit, and every other writer behind them.
absl::Status UnitOfWork::Spill() {
  return deltas_.node_count() > kMaxWaitingNodes ? Flush() : FlushAudit(/*holds_epoch=*/false);
}

absl::Status UnitOfWork::HoldEpoch() {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      transaction_.Prepare(absl::StrCat("SELECT 1 FROM engine_state WHERE id = 1 AND epoch = ?",
                                        transaction_.dialect() == sql::Dialect::kMysql ? " LOCK IN SHARE MODE" : "")));
  statement->BindInt(0, years_->epoch);
  JIEDUI_ASSIGN_OR_RETURN(const bool current, statement->Step());
  return current ? absl::OkStatus() : EpochChanged();
}

absl::Status UnitOfWork::EpochChanged() {
  JIEDUI_RETURN_IF_ERROR(engine_.ReloadYears(transaction_));
  return sql::RetryTransaction("the counted years changed");
}

absl::Status UnitOfWork::FlushAudit(bool holds_epoch) {
  size_t done = 0;
  if (holds_epoch && !audit_.empty()) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(GuardedSql(transaction_.dialect())));
    BindEntry(audit_[done++], 0, *statement);
    statement->BindInt(kEntryParameters, years_->epoch);
    JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
    if (touched != 1) return EpochChanged();
  }
  while (done < audit_.size()) {
    size_t size = kMostEntries;
    while (size > audit_.size() - done) size /= 2;
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(PlainSql(size)));
    for (size_t i = 0; i < size; ++i) BindEntry(audit_[done++], static_cast<int>(i) * kEntryParameters, *statement);
    JIEDUI_RETURN_IF_ERROR(statement->Execute().status());
  }
  audit_.clear();
  return absl::OkStatus();
}

void UnitOfWork::BindEntry(const AuditRow& row, int first, sql::Statement& statement) {
  statement.BindBlob(first, transaction_id_);
  statement.BindInt(first + 1, next_sequence_++);
  statement.BindInt(first + 2, now_micros_);
  statement.BindText(first + 3, context_.principal.id);
  statement.BindText(first + 4, context_.method);
  statement.BindText(first + 5, row.resource);
  statement.BindInt(first + 6, row.action);
  statement.BindInt(first + 7, row.revision);
  statement.BindText(first + 8, context_.trace_id);
  if (row.before_image == nullptr) {
    statement.BindNull(first + 9);
  } else {
    statement.BindBlob(first + 9, *row.before_image);
  }
}

}  // namespace jiedui::store
