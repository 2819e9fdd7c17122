// PersonalDataService: looks at personal data, and checks of its cells.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/personal/vault.h"
#include "common/resource/cell_rows.h"
#include "common/resource/field_rules.h"
#include "common/resource/json_column.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/engine.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "common/store/personal_quota.h"
#include "common/store/unit_of_work.h"
#include "jiedui/personal/v1/personal.pb.h"

namespace jiedui::store {
namespace {

using google::protobuf::Message;
using resource::TablePlan;

constexpr size_t kMinPurpose = 4;
constexpr size_t kMaxPurpose = 200;
constexpr int kDefaultRows = 1000;
constexpr int kMaxRows = 10'000;

absl::Status CheckRight(const Principal& principal) {
  if (MayReveal(principal)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
                   {"personal data is shown to a named principal with the role auditor or administrator only",
                    "查看个人信息明文须注明调用者，且具有“审计”或“管理”角色"});
}

void CheckPurpose(const std::string& purpose, Violations& violations) {
  const size_t length = resource::CharacterCount(purpose);
  if (length < kMinPurpose || length > kMaxPurpose) {
    violations.Add("purpose", error::v1::REASON_LENGTH,
                   {absl::StrCat("must have ", kMinPurpose, " to ", kMaxPurpose, " characters"),
                    absl::StrCat("应为", kMinPurpose, "至", kMaxPurpose, "个字符")});
  } else if (personal::ContainsCitizenNumber(purpose)) {
    violations.Add("purpose", error::v1::REASON_FORMAT,
                   {"must not contain a citizen number: it is kept as it is", "不得含公民身份号码，用途将原样留存"});
  }
}

const resource::Column* CellOf(const TablePlan& plan, const std::string& field) {
  const resource::Column* column = plan.FindColumn(field);
  return column != nullptr && column->type == resource::ColumnType::kCell ? column : nullptr;
}

absl::Status CheckReveal(const TablePlan* plan, const personal::v1::RevealRequest& request) {
  Violations violations;
  if (plan == nullptr || plan->IdOf(request.name()).empty()) {
    violations.Add("name", error::v1::REASON_NAME,
                   {"must be the name of a resource of this service", "应为本服务的资源名"});
  }
  if (request.fields().empty()) violations.Add("fields", error::v1::REASON_REQUIRED, {"must be set", "必填"});
  for (int i = 0; plan != nullptr && i < request.fields_size(); ++i) {
    if (CellOf(*plan, request.fields(i)) != nullptr) continue;
    violations.Add(absl::StrCat("fields[", i, "]"), error::v1::REASON_UNKNOWN_FIELD,
                   {"is no encrypted field of the resource", "不是该资源的加密字段"});
  }
  CheckPurpose(request.purpose(), violations);
  return violations.ToStatus();
}

// What the history says of a look that was refused; nothing of it is the caller's text.
PersonalLook RefusedLook(const TablePlan* plan, const personal::v1::RevealRequest& request,
                         const absl::Status& refusal) {
  PersonalLook look{audit::v1::AUDIT_ACTION_REVEAL_REFUSED, "", absl::StrCat(ReasonName(ReasonOf(refusal)))};
  if (plan == nullptr) return look;
  look.resource = plan->IdOf(request.name()).empty() ? plan->collection() : request.name();
  for (const resource::Column* cell : plan->cells()) {
    const std::string& field = cell->field->name();
    const bool asked = std::find(request.fields().begin(), request.fields().end(), field) != request.fields().end();
    if (asked) absl::StrAppend(&look.detail, " ", field);
  }
  return look;
}

absl::Status RunReveal(const TablePlan* plan, const personal::v1::RevealRequest& request, int64_t limit,
                       UnitOfWork& work, personal::v1::RevealResponse* answer) {
  JIEDUI_RETURN_IF_ERROR(CheckRight(work.context().principal));
  JIEDUI_RETURN_IF_ERROR(CheckReveal(plan, request));
  const std::unique_ptr<Message> resource(plan->prototype().New());
  JIEDUI_RETURN_IF_ERROR(work.Get(*plan, request.name(), resource.get()));
  const Quota quota{Quota::Kind::kReveal, limit, work.context().principal.id};
  JIEDUI_ASSIGN_OR_RETURN(const int64_t left, TakeFromQuota(quota, work.now(), 1, work.transaction()));
  answer->set_remaining_count(left);
  for (const std::string& field : request.fields()) {
    const resource::Column& column = *CellOf(*plan, field);
    (*answer->mutable_values())[field] = column.json ? resource::FieldToJson(*resource, column.field)
                                                     : resource->GetReflection()->GetString(*resource, column.field);
  }
  return work.Record({audit::v1::AUDIT_ACTION_REVEAL, request.name(),
                      absl::StrCat(absl::StrJoin(request.fields(), ", "), ": ", request.purpose())});
}

// How many cells are under each key.
struct Uses {
  std::map<uint32_t, int64_t> cells;
  std::map<uint32_t, int64_t> hashes;
};

void CheckRow(const TablePlan& plan, const personal::Vault& vault, const personal::Keyring& keyring,
              const resource::CellRow& row, Uses& uses, personal::v1::CheckCellsResponse* answer) {
  for (size_t i = 0; i < plan.cells().size(); ++i) {
    const resource::Column& column = *plan.cells()[i];
    const auto text = vault.Open(keyring, {plan.table(), column.field->name(), row.id}, row.cells[i]);
    std::optional<uint32_t> hash_key;
    if (text.ok()) {
      ++uses.cells[personal::Vault::KeyIdOf(row.cells[i])];
      hash_key = resource::HashKeyOf(column, keyring, *text, row.hashes[i]);
    }
    if (hash_key.has_value()) {
      if (*hash_key != 0) ++uses.hashes[*hash_key];
      continue;
    }
    auto* bad = answer->add_bad_cells();
    bad->set_resource(plan.NameOf(row.id));
    bad->set_field(column.field->name());
    bad->set_problem(text.ok() ? personal::v1::CELL_PROBLEM_HASH : personal::v1::CELL_PROBLEM_DAMAGED);
  }
}

void FillUses(const Uses& uses, personal::v1::CheckCellsResponse* answer) {
  for (const auto& [key, count] : uses.cells) {
    auto* use = answer->add_key_uses();
    use->set_cell_key(key);
    use->set_cell_count(count);
  }
  for (const auto& [key, count] : uses.hashes) {
    auto* use = answer->add_search_key_uses();
    use->set_search_key(key);
    use->set_hash_count(count);
  }
}

}  // namespace

WriteHandler Engine::RevealHandler(int64_t quota) const {
  return [this, quota](UnitOfWork& work, const Message& request, Message* response) -> absl::Status {
    const auto& typed = static_cast<const personal::v1::RevealRequest&>(request);
    const TablePlan* plan = registry().FindByName(typed.name());
    const absl::Status status =
        RunReveal(plan, typed, quota, work, static_cast<personal::v1::RevealResponse*>(response));
    // What is to be tried again was not refused.
    if (!status.ok() && !sql::IsRetryTransaction(status) && !absl::IsUnavailable(status)) {
      work.set_refused_look(RefusedLook(plan, typed, status));
    }
    return status;
  };
}

ReadHandler Engine::CheckCellsHandler() const {
  return [this](RequestContext& context, sql::Transaction& transaction, const Message& request,
                Message* response) -> absl::Status {
    const auto& typed = static_cast<const personal::v1::CheckCellsRequest&>(request);
    auto* answer = static_cast<personal::v1::CheckCellsResponse*>(response);
    const TablePlan* plan = registry().FindByCollection(typed.collection());
    if (plan == nullptr) {
      Violations violations;
      violations.Add("collection", error::v1::REASON_NAME, {"is no collection of this service", "本服务没有此类资源"});
      return violations.ToStatus();
    }
    JIEDUI_RETURN_IF_ERROR(CheckMaySee(registry(), *plan, context.principal));
    if (!plan->HasCells()) return absl::OkStatus();
    const std::string identity = absl::StrCat("cells|", plan->collection());
    std::string after;
    if (!typed.page_token().empty()) {
      JIEDUI_ASSIGN_OR_RETURN(const auto key, DecodePageToken(typed.page_token(), identity, state_.page_token_key));
      if (key.size() == 1 && std::holds_alternative<std::string>(key[0])) after = std::get<std::string>(key[0]);
    }
    const int limit = typed.page_size() <= 0 ? kDefaultRows : std::min(typed.page_size(), kMaxRows);
    const std::shared_ptr<const personal::Keyring> keyring = vault()->keyring();
    Uses uses;
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<resource::CellRow> rows,
                            resource::ReadCellRows(*plan, after, limit, transaction));
    for (const resource::CellRow& row : rows) CheckRow(*plan, *vault(), *keyring, row, uses, answer);
    answer->set_row_count(static_cast<int64_t>(rows.size()));
    FillUses(uses, answer);
    if (static_cast<int>(rows.size()) == limit) {
      answer->set_next_page_token(EncodePageToken({rows.back().id}, identity, state_.page_token_key));
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::store
