// References: whether what a resource names is there, and whether what is to go is named anywhere.

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/cell_rows.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"

namespace jiedui::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::TablePlan;

// A unit of very many writes asks again rather than remember them all.
constexpr size_t kMaxKnownReferences = 100'000;
constexpr int kCellRows = 1000;

// A text field of each element of a repeated field.
std::vector<std::string> ItemTexts(const Message& message, const FieldDescriptor* items, const FieldDescriptor* field) {
  std::vector<std::string> texts;
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->FieldSize(message, items); ++i) {
    const Message& item = reflection->GetRepeatedMessage(message, items, i);
    texts.push_back(item.GetReflection()->GetString(item, field));
  }
  return texts;
}

}  // namespace

absl::Status UnitOfWork::CheckReferences(const TablePlan& plan, const Message* before, const Message& after,
                                         Violations& violations) {
  std::string scratch;
  for (const resource::Reference& reference : plan.references()) {
    const std::string& name = after.GetReflection()->GetStringReference(after, reference.field, &scratch);
    const bool kept = before != nullptr && before->GetReflection()->GetString(*before, reference.field) == name;
    if (name.empty() || kept) continue;
    bool counted = false;
    for (const resource::RollupPlan& rollup : engine_.registry().RollupsOf(plan)) {
      counted = counted || rollup.reference == reference.field;
    }
    JIEDUI_RETURN_IF_ERROR(CheckReference(reference, reference.field->name(), name, counted, violations));
  }
  return CheckItemReferences(plan, before, after, violations);
}

// References inside the elements of repeated fields.
absl::Status UnitOfWork::CheckItemReferences(const TablePlan& plan, const Message* before, const Message& after,
                                             Violations& violations) {
  for (const auto& [items, reference] : plan.item_references()) {
    absl::flat_hash_set<std::string> kept;
    if (before != nullptr) {
      for (std::string& name : ItemTexts(*before, items, reference.field)) kept.insert(std::move(name));
    }
    const std::vector<std::string> names = ItemTexts(after, items, reference.field);
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty() || kept.contains(names[i])) continue;
      const std::string field = absl::StrCat(items->name(), "[", i, "].", reference.field->name());
      JIEDUI_RETURN_IF_ERROR(CheckReference(reference, field, names[i], false, violations));
    }
  }
  return absl::OkStatus();
}

absl::Status UnitOfWork::CheckReference(const resource::Reference& reference, const std::string& field,
                                        const std::string& name, bool lock_for_count, Violations& violations) {
  const std::string collection = name.substr(0, name.find('/'));
  const bool allowed =
      name.size() > collection.size() &&
      std::find(reference.collections.begin(), reference.collections.end(), collection) != reference.collections.end();
  const absl::string_view id = allowed ? absl::string_view(name).substr(collection.size() + 1) : absl::string_view();
  if (!resource::IsResourceId(id)) {
    std::string forms;
    for (const std::string& each : reference.collections)
      absl::StrAppend(&forms, forms.empty() ? "" : " | ", each, "/{id}");
    violations.Add(field, error::v1::REASON_NAME,
                   {absl::StrCat("must be a resource name of the form ", forms), absl::StrCat("应为资源名 ", forms)});
    return absl::OkStatus();
  }
  if (known_references_.contains(name)) return absl::OkStatus();
  if (known_references_.size() >= kMaxKnownReferences) known_references_.clear();
  bool found = false;
  const TablePlan* plan = engine_.registry().FindByCollection(collection);
  if (plan != nullptr) {
    JIEDUI_ASSIGN_OR_RETURN(found, RowExists(*plan, id, lock_for_count));
  } else if (engine_.remote_names() != nullptr) {
    found = engine_.remote_names()->Exists(name);
    missed_remote_ = missed_remote_ || !found;
  }
  if (found) {
    known_references_.insert(name);
  } else {
    violations.Add(field, error::v1::REASON_DANGLING_REFERENCE,
                   {absl::StrCat(name, " does not exist"), absl::StrCat(name, " 不存在")});
  }
  return absl::OkStatus();
}

// Locks the row, so that it is still there when this transaction commits: shared, or exclusive where its count will be
// changed (a shared lock that two writers want to strengthen would deadlock them).
absl::StatusOr<bool> UnitOfWork::RowExists(const TablePlan& plan, absl::string_view id, bool exclusive) {
  const absl::string_view lock = transaction_.dialect() != sql::Dialect::kMysql ? ""
                                 : exclusive                                    ? " FOR UPDATE"
                                                                                : " LOCK IN SHARE MODE";
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                          transaction_.Prepare(absl::StrCat("SELECT 1 FROM `", plan.table(), "` WHERE id = ?", lock)));
  statement->BindText(0, id);
  return statement->Step();
}

absl::StatusOr<bool> UnitOfWork::IsReferredTo(absl::string_view name, const resource::Registry::Referrer& referrer) {
  const std::string value = referrer.items == nullptr ? std::string(name) : absl::StrCat("\"", name, "\"");
  if (referrer.exists_sql.empty()) return IsInCells(value, referrer);
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * exists, transaction_.Prepare(referrer.exists_sql));
  exists->BindText(0, value);
  return exists->Step();
}

absl::StatusOr<bool> UnitOfWork::IsInCells(absl::string_view quoted_name,
                                           const resource::Registry::Referrer& referrer) {
  const TablePlan& plan = *referrer.plan;
  size_t cell = 0;
  while (plan.cells()[cell]->field != referrer.items) ++cell;
  std::vector<resource::CellRow> rows;
  do {
    const std::string last = rows.empty() ? "" : rows.back().id;
    JIEDUI_ASSIGN_OR_RETURN(rows, resource::ReadCellRows(plan, last, kCellRows, transaction_));
    for (const resource::CellRow& row : rows) {
      const absl::StatusOr<std::string> json =
          plan.vault()->Open(*keyring_, {plan.table(), referrer.items->name(), row.id}, row.cells[cell]);
      if (!json.ok()) return resource::DamagedCell(plan.NameOf(row.id), referrer.items->name());
      if (absl::StrContains(*json, quoted_name)) return true;
    }
  } while (rows.size() == kCellRows);
  return false;
}

}  // namespace jiedui::store
