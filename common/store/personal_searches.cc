// What a caller finds out about personal data without being shown it: by comparing values of their own with it. Each such comparison is
// in the history and counts against a quota, as looks with Reveal do.

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "common/resource/cell_rows.h"
#include "common/resource/field_mask.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/engine.h"
#include "common/store/errors.h"
#include "common/store/personal_quota.h"
#include "common/store/unit_of_work.h"

namespace jiedui::store {

using google::protobuf::Message;
using resource::TablePlan;

namespace {

bool HasHash(const TablePlan& plan, const options::v1::UniqueKey& key) {
  return std::any_of(key.fields().begin(), key.fields().end(),
                     [&plan](const std::string& field) { return plan.KeyColumn(field) != field; });
}

// Whether a field of a unique key with an encrypted one differs.
bool KeysDiffer(const TablePlan& plan, const Message& before, const Message& after) {
  for (const auto& key : plan.options().unique()) {
    if (!HasHash(plan, key)) continue;
    for (const std::string& field : key.fields()) {
      if (resource::Differs(before, after, plan.FindColumn(field)->field)) return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::optional<PersonalLook>> Engine::SearchIn(const TablePlan& plan, absl::string_view filter) const {
  if (!plan.HasCells() || filter.empty()) return std::nullopt;
  const absl::StatusOr<filter::Filter> parsed = filter::Filter::Parse(filter, plan.list_schema());
  const int comparisons = parsed.ok() ? parsed->HashedComparisons() : 0;
  if (comparisons == 0) return std::nullopt;
  if (comparisons > 1) {
    Violations violations;
    violations.Add("filter", error::v1::REASON_FILTER,
                   {"must compare with one value of encrypted personal data at most", "至多比对一个加密的个人信息值"});
    return violations.ToStatus();
  }
  return PersonalLook{audit::v1::AUDIT_ACTION_SEARCH, plan.collection(), "filter: 1", 1};
}

void Engine::RunList(const TablePlan& plan, RequestContext& context, const Message& request, Message* response,
                     const ReadHandler& handler, Done done) {
  absl::StatusOr<std::optional<PersonalLook>> search = SearchIn(plan, resource::GetString(request, "filter"));
  if (!search.ok()) return done(search.status());
  if (!search->has_value()) return RunRead(context, request, response, handler, std::move(done));
  RecordLook(context, **std::move(search),
             [this, &context, &request, response, &handler, done = std::move(done)](absl::Status recorded) mutable {
               if (!recorded.ok()) return done(std::move(recorded));
               RunRead(context, request, response, handler, std::move(done));
             });
}

void Engine::RecordLook(const RequestContext& context, PersonalLook look, Done done) {
  const std::string transaction_id = NewTransactionId();
  database().Write(
      WriteOptionsOf(transaction_id, context.deadline),
      [this, &context, look = std::move(look), transaction_id](sql::Transaction& transaction) {
        UnitOfWork work(*this, context, transaction, transaction_id);
        return work.Record(look);
      },
      std::move(done));
}

absl::Status Engine::RecordLookAndWait(const RequestContext& context, PersonalLook look) {
  absl::Status result;
  absl::Notification recorded;
  RecordLook(context, std::move(look), [&](absl::Status status) {
    result = std::move(status);
    recorded.Notify();
  });
  recorded.WaitForNotification();
  return result;
}

Quota UnitOfWork::SearchQuota() const { return {Quota::Kind::kSearch, engine_.search_quota(), context_.principal.id}; }

Quota UnitOfWork::FileQuota() const { return {Quota::Kind::kFile, engine_.file_quota(), context_.principal.id}; }

absl::Status UnitOfWork::Record(const PersonalLook& look) {
  if (look.searches > 0) {
    JIEDUI_RETURN_IF_ERROR(TakeFromQuota(SearchQuota(), now_, look.searches, transaction_).status());
  }
  if (look.file_rows > 0) {
    JIEDUI_RETURN_IF_ERROR(TakeFromQuota(FileQuota(), now_, look.file_rows, transaction_).status());
  }
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      transaction_.Prepare(
          "INSERT INTO audit_entry (transaction_id, sequence, create_time, principal, method, resource, action, "
          "revision, trace_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)"));
  statement->BindBlob(0, transaction_id_);
  statement->BindInt(1, next_sequence_++);
  statement->BindInt(2, now_micros_);
  statement->BindText(3, context_.principal.id);
  statement->BindText(4, context_.method);
  statement->BindText(5, look.resource);
  statement->BindInt(6, look.action);
  statement->BindText(7, context_.trace_id);
  statement->BindText(8, look.detail);
  return statement->Execute().status();
}

PersonalLook UnitOfWork::LookAt(int64_t comparisons, int64_t searches, int64_t file_rows) const {
  return {audit::v1::AUDIT_ACTION_SEARCH, compared_collection_,
          absl::StrCat("compared ", comparisons, ", taken ", conflicts_), searches, file_rows};
}

std::optional<PersonalLook> UnitOfWork::LookAfter(const absl::Status& ended) const {
  if (refused_look_.has_value()) return refused_look_;
  if (comparisons_ == 0 || sql::IsRetryTransaction(ended) || absl::IsUnavailable(ended)) return std::nullopt;
  if (!file_) return LookAt(comparisons_, comparisons_, 0);
  return LookAt(comparisons_, conflicts_, MayReveal(context_.principal) ? 0 : comparisons_);
}

absl::Status UnitOfWork::RecordComparisons() {
  // Each record of a file stands in one row of it.
  const int64_t told = file_ ? conflicts_ : comparisons_ - created_;
  return told == 0 ? absl::OkStatus() : Record(LookAt(told, told, 0));
}

absl::Status UnitOfWork::CheckFileQuota(int64_t comparisons) {
  if (comparisons == 0 || MayReveal(context_.principal)) return absl::OkStatus();
  if (!file_rows_left_.has_value()) {
    JIEDUI_ASSIGN_OR_RETURN(file_rows_left_, LeftOfQuota(FileQuota(), now_, transaction_));
  }
  return comparisons > *file_rows_left_ ? QuotaUsedUp(FileQuota()) : absl::OkStatus();
}

absl::Status UnitOfWork::CompareKeys(const TablePlan& plan, const Message* before, const Message& after,
                                     Difference difference) {
  if (!plan.HasUniqueHashes()) return absl::OkStatus();
  if (before != nullptr && difference != Difference::kSearchable && !KeysDiffer(plan, *before, after)) {
    return absl::OkStatus();
  }
  if (!searches_left_.has_value()) {
    JIEDUI_ASSIGN_OR_RETURN(searches_left_, LeftOfQuota(SearchQuota(), now_, transaction_));
  }
  if ((file_ ? conflicts_ : comparisons_ - created_) >= *searches_left_) return QuotaUsedUp(SearchQuota());
  if (dry_run_) JIEDUI_RETURN_IF_ERROR(CheckFileQuota(comparisons_ + 1));
  compared_collection_ = plan.collection();
  ++comparisons_;
  return CheckOlderHashes(plan, after);
}

// While a search key is being replaced, rows may still have hashes under the one before, which no index compares with new ones.
absl::Status UnitOfWork::CheckOlderHashes(const TablePlan& plan, const Message& after) {
  if (keyring_->search_keys().size() == 1) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(resource::LockSearchHashes(plan, transaction_));
  for (const auto& key : plan.options().unique()) {
    if (!HasHash(plan, key)) continue;
    for (size_t i = 1; i < keyring_->search_keys().size(); ++i) {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(plan.SameKeySql(key)));
      if (!plan.BindSameKey(key, after, keyring_->search_keys()[i], *statement, bind_buffer_)) continue;
      JIEDUI_ASSIGN_OR_RETURN(const bool found, statement->Step());
      if (found) return Taken(plan, after, absl::StrCat("_by_", absl::StrJoin(key.fields(), "_")));
    }
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::Taken(const TablePlan& plan, const Message& resource, absl::string_view detail) {
  if (plan.HasUniqueHashes()) ++conflicts_;
  const options::v1::UniqueKey* key = KeyNamedBy(plan, detail);
  if (key == nullptr) return AlreadyExists(plan, nullptr, "", "");
  const bool hashed = HasHash(plan, *key);
  static const auto* const kNone = new std::vector<personal::SearchKey>(1);
  // Locking, so that it sees what was committed after this transaction began.
  const char* lock = transaction_.dialect() == sql::Dialect::kMysql ? " LOCK IN SHARE MODE" : "";
  for (const personal::SearchKey& search : hashed ? keyring_->search_keys() : *kNone) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction_.Prepare(absl::StrCat(plan.SameKeySql(*key), lock)));
    if (!plan.BindSameKey(*key, resource, search, *row, bind_buffer_)) continue;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (found) return AlreadyExists(plan, key, plan.NameOf(row->Text(0)), std::string(row->Text(1)));
  }
  return AlreadyExists(plan, key, "", "");
}

}  // namespace jiedui::store
