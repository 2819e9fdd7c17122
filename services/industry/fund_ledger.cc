#include "services/industry/fund_ledger.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/policy.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "services/industry/fund_report.h"

namespace jiedui::industry {
namespace {

using error::v1::REASON_RULE;
using error::v1::REASON_STATE;
using google::protobuf::Message;
using store::UnitOfWork;

// Most that a source can be given, in fen; keeps every sum within 64 bits.
constexpr int64_t kMostOfSource = 1'000'000'000'000'000'000;

const resource::TablePlan& PlanOf(UnitOfWork& work, absl::string_view collection) {
  return *work.engine().registry().FindByCollection(collection);
}

// Reads what `name` refers to; false when it is not there, which the engine reports by itself.
absl::StatusOr<bool> Find(UnitOfWork& work, absl::string_view collection, const std::string& name, Message* found) {
  const absl::Status status = work.Get(PlanOf(work, collection), name, found);
  if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return false;
  JIEDUI_RETURN_IF_ERROR(status);
  return true;
}

struct Route {
  v1::FundAccountKind from = v1::FUND_ACCOUNT_KIND_UNSPECIFIED;
  v1::FundAccountKind to = v1::FUND_ACCOUNT_KIND_UNSPECIFIED;
};

Route RouteOf(const v1::FundMovement& movement) {
  Route route;
  switch (movement.kind()) {
    case v1::FUND_MOVEMENT_KIND_APPROPRIATION:
      route = {v1::FUND_ACCOUNT_KIND_EXTERNAL, v1::FUND_ACCOUNT_KIND_AVAILABLE};
      break;
    case v1::FUND_MOVEMENT_KIND_ALLOCATION:
      route = {v1::FUND_ACCOUNT_KIND_AVAILABLE, v1::FUND_ACCOUNT_KIND_UNDISBURSED};
      break;
    case v1::FUND_MOVEMENT_KIND_DISBURSEMENT:
      route = {v1::FUND_ACCOUNT_KIND_UNDISBURSED, v1::FUND_ACCOUNT_KIND_DISBURSED};
      break;
    case v1::FUND_MOVEMENT_KIND_RETURN:
      route = {v1::FUND_ACCOUNT_KIND_UNDISBURSED, v1::FUND_ACCOUNT_KIND_AVAILABLE};
      break;
    case v1::FUND_MOVEMENT_KIND_REFUND:
      route = {v1::FUND_ACCOUNT_KIND_DISBURSED, v1::FUND_ACCOUNT_KIND_UNDISBURSED};
      break;
    default:
      break;
  }
  if (!movement.reverses().empty()) std::swap(route.from, route.to);
  return route;
}

const std::string& OwnerOf(const v1::FundMovement& movement, v1::FundAccountKind kind) {
  return kind <= v1::FUND_ACCOUNT_KIND_AVAILABLE ? movement.fund_source() : movement.allocation();
}

// --- Accounts.

absl::Status OpenAccount(UnitOfWork& work, v1::FundAccount account, v1::FundAccountKind kind) {
  const resource::TablePlan& plan = PlanOf(work, "fundAccounts");
  account.set_name(plan.NameOf(work.engine().NewResourceId()));
  account.set_kind(kind);
  account.set_author(work.context().principal.id);
  const int64_t now = absl::ToUnixMicros(work.now());
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, work.transaction().Prepare(plan.insert_sql()));
  resource::TablePlan::BindBuffer buffer;
  plan.BindInsert(account, {1, now, now}, plan.Keyring().get(), *statement, buffer);
  return statement->Execute().status();
}

absl::Status CloseAccounts(UnitOfWork& work, const std::string& owner) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                          work.transaction().Prepare("DELETE FROM fund_account WHERE owner = ?"));
  statement->BindText(0, owner);
  return statement->Execute().status();
}

// What is on the account until the end of the transaction; nothing when there is no such account.
absl::StatusOr<std::optional<int64_t>> LockBalance(UnitOfWork& work, const std::string& owner, v1::FundAccountKind kind) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(absl::StrCat(
                              "SELECT balance_fen FROM fund_account WHERE owner = ? AND kind = ?",
                              work.transaction().dialect() == sql::Dialect::kMysql ? " FOR UPDATE" : "")));
  row->BindText(0, owner);
  row->BindInt(1, kind);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) return std::nullopt;
  return row->Int(0);
}

// An overdraft, with what is left.
absl::Status Overdrawn(UnitOfWork& work, const std::string& owner, v1::FundAccountKind kind) {
  JIEDUI_ASSIGN_OR_RETURN(const std::optional<int64_t> balance, LockBalance(work, owner, kind));
  if (!balance.has_value()) return sql::RetryTransaction("the account went away");
  const int64_t left = *balance + (kind == v1::FUND_ACCOUNT_KIND_EXTERNAL ? kMostOfSource : 0);
  return MakeError(
      absl::StatusCode::kFailedPrecondition, REASON_STATE,
      {absl::StrCat("only ", left, " fen are left on the account ", v1::FundAccountKind_Name(kind), " of ", owner),
       absl::StrCat(owner, " 的账户仅余 ", left, " 分")},
      {{"fields", "amount_fen"}, {"left_fen", absl::StrCat(left)}, {"account", v1::FundAccountKind_Name(kind)}, {"owner", owner}});
}

absl::Status Post(UnitOfWork& work, const std::string& owner, v1::FundAccountKind kind, int64_t change_fen) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      work.transaction().Prepare("UPDATE fund_account SET balance_fen = balance_fen + ?, revision = "
                                 "revision + 1, update_time = ? WHERE owner = ? AND kind = ? AND "
                                 "balance_fen + ? >= ?"));
  // Money that arrives is not looked at: an external account is below nothing before and after.
  const int64_t floor = change_fen > 0 || kind == v1::FUND_ACCOUNT_KIND_EXTERNAL ? -kMostOfSource : 0;
  statement->BindInt(0, change_fen);
  statement->BindInt(1, absl::ToUnixMicros(work.now()));
  statement->BindText(2, owner);
  statement->BindInt(3, kind);
  statement->BindInt(4, change_fen);
  statement->BindInt(5, floor);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
  return touched == 1 ? absl::OkStatus() : Overdrawn(work, owner, kind);
}

// What a movement does to one account.
struct Leg {
  v1::FundAccountKind kind;
  int64_t change_fen;
};

// In the order in which all writers lock, so that none waits for another that waits for it: sources come before allocations.
std::array<Leg, 2> LegsOf(const v1::FundMovement& movement) {
  std::array<Leg, 2> legs = {
      {{movement.from_account(), -movement.amount_fen()}, {movement.to_account(), movement.amount_fen()}}};
  std::sort(legs.begin(), legs.end(), [](const Leg& a, const Leg& b) { return a.kind < b.kind; });
  return legs;
}

// Whether the money is there, before anything is written: a refusal then concerns this movement alone, so that the other rows of
// an import can go on.
absl::Status CheckMoney(UnitOfWork& work, const v1::FundMovement& movement) {
  for (const Leg& leg : LegsOf(movement)) {
    const std::string& owner = OwnerOf(movement, leg.kind);
    JIEDUI_ASSIGN_OR_RETURN(const std::optional<int64_t> balance, LockBalance(work, owner, leg.kind));
    if (!balance.has_value() || leg.change_fen >= 0) continue;
    const int64_t floor = leg.kind == v1::FUND_ACCOUNT_KIND_EXTERNAL ? -kMostOfSource : 0;
    if (*balance + leg.change_fen < floor) return Overdrawn(work, owner, leg.kind);
  }
  return absl::OkStatus();
}

absl::Status PostMovement(UnitOfWork& work, const v1::FundMovement& movement) {
  for (const Leg& leg : LegsOf(movement)) {
    JIEDUI_RETURN_IF_ERROR(Post(work, OwnerOf(movement, leg.kind), leg.kind, leg.change_fen));
  }
  return absl::OkStatus();
}

// --- Policies.

class SourcePolicy final : public store::PolicyOf<v1::FundSource> {
 public:
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (after == nullptr) return CloseAccounts(work, static_cast<const v1::FundSource&>(*before).name());
    if (before != nullptr) return absl::OkStatus();
    const auto& source = static_cast<const v1::FundSource&>(*after);
    v1::FundAccount account;
    account.set_owner(source.name());
    account.set_fund_source(source.name());
    account.set_programme_year(source.programme_year());
    account.set_level(source.level());
    JIEDUI_RETURN_IF_ERROR(OpenAccount(work, account, v1::FUND_ACCOUNT_KIND_EXTERNAL));
    return OpenAccount(work, account, v1::FUND_ACCOUNT_KIND_AVAILABLE);
  }
};

bool IsOwnProject(const std::string& project) { return absl::StartsWith(project, "industryProjects/"); }

class AllocationPolicy final : public store::PolicyOf<v1::FundAllocation> {
 public:
  void PrepareResource(const v1::FundAllocation* before, v1::FundAllocation* allocation) const override {
    if (before != nullptr) return;
    allocation->set_state(IsOwnProject(allocation->project()) ? v1::ALLOCATION_STATE_CONFIRMED
                                                              : v1::ALLOCATION_STATE_PENDING);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::FundAllocation* before, const v1::FundAllocation& after,
                                Violations& violations) const override {
    // The infrastructure program answers for its own projects: money can be meant for one while that program is down.
    if (before != nullptr || !IsOwnProject(after.project())) return absl::OkStatus();
    v1::IndustryProject project;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "industryProjects", after.project(), &project));
    if (!found) {
      violations.Add("project", error::v1::REASON_DANGLING_REFERENCE, {"the project does not exist", "项目不存在"});
    } else if (project.state() == v1::PROJECT_STATE_CANCELLED) {
      violations.Add("project", REASON_RULE, {"the project is cancelled", "项目已取消"});
    }
    return absl::OkStatus();
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (after == nullptr) return CloseAccounts(work, static_cast<const v1::FundAllocation&>(*before).name());
    const auto& allocation = static_cast<const v1::FundAllocation&>(*after);
    return before == nullptr ? OpenAccounts(work, allocation) : MoveDay(work, allocation);
  }

 private:
  static absl::Status OpenAccounts(UnitOfWork& work, const v1::FundAllocation& allocation) {
    v1::FundSource source;
    JIEDUI_RETURN_IF_ERROR(work.Get(PlanOf(work, "fundSources"), allocation.fund_source(), &source));
    v1::FundAccount account;
    account.set_owner(allocation.name());
    account.set_fund_source(source.name());
    account.set_programme_year(source.programme_year());
    account.set_level(source.level());
    account.set_district(allocation.district());
    account.set_purpose(allocation.purpose());
    account.set_disburse_by(allocation.disburse_by());
    JIEDUI_RETURN_IF_ERROR(OpenAccount(work, account, v1::FUND_ACCOUNT_KIND_UNDISBURSED));
    return OpenAccount(work, account, v1::FUND_ACCOUNT_KIND_DISBURSED);
  }

  static absl::Status MoveDay(UnitOfWork& work, const v1::FundAllocation& allocation) {
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * statement,
        work.transaction().Prepare("UPDATE fund_account SET disburse_by = ?, revision = revision + 1, "
                                   "update_time = ? WHERE owner = ?"));
    statement->BindText(0, allocation.disburse_by());
    statement->BindInt(1, absl::ToUnixMicros(work.now()));
    statement->BindText(2, allocation.name());
    return statement->Execute().status();
  }
};

// Adds a violation unless the allocation is one of the source. `found` is empty when it is not there.
absl::Status CheckAllocation(UnitOfWork& work, const std::string& allocation, const std::string& fund_source,
                             v1::FundAllocation* found, Violations& violations) {
  if (allocation.empty()) return absl::OkStatus();
  JIEDUI_ASSIGN_OR_RETURN(const bool is_there, Find(work, "fundAllocations", allocation, found));
  if (is_there && found->fund_source() != fund_source) {
    violations.Add("allocation", REASON_RULE, {"is of another source", "资金分配不属于该资金来源"});
  }
  return absl::OkStatus();
}

// Adds a violation when no money may move on the allocation. A confirmed one stays so: reading without a lock is enough.
void CheckConfirmed(UnitOfWork& work, const v1::FundAllocation& allocation, Violations& violations) {
  if (allocation.state() == v1::ALLOCATION_STATE_PENDING) {
    work.set_missed_remote();
    violations.Add("allocation", REASON_STATE,
                   {"the program that keeps the project has not confirmed it yet", "项目所在服务尚未确认该项目"});
  } else if (allocation.state() == v1::ALLOCATION_STATE_REJECTED) {
    violations.Add(
        "allocation", REASON_STATE,
        {"the project does not exist or is cancelled: no money moves on the allocation", "项目不成立，不能变动资金"});
  }
}

class MovementPolicy final : public store::PolicyOf<v1::FundMovement> {
 public:
  void PrepareResource(const v1::FundMovement* /*before*/, v1::FundMovement* movement) const override {
    const Route route = RouteOf(*movement);
    movement->set_from_account(route.from);
    movement->set_to_account(route.to);
    const auto change = [&](bool gains, bool loses) { return (int{gains} - int{loses}) * movement->amount_fen(); };
    const bool to_allocation = route.to >= v1::FUND_ACCOUNT_KIND_UNDISBURSED;
    movement->set_allocated_change_fen(change(to_allocation, route.from >= v1::FUND_ACCOUNT_KIND_UNDISBURSED));
    movement->set_disbursed_change_fen(
        change(route.to == v1::FUND_ACCOUNT_KIND_DISBURSED, route.from == v1::FUND_ACCOUNT_KIND_DISBURSED));
    movement->set_reversal_key(movement->reverses().empty() ? movement->name()
                                                            : absl::StrCat(movement->reverses(), "/reversal"));
  }

  // An allocation never changes its district.
  absl::Status DeriveResource(UnitOfWork& work, v1::FundMovement* movement) const override {
    v1::FundAllocation allocation;
    JIEDUI_RETURN_IF_ERROR(Find(work, "fundAllocations", movement->allocation(), &allocation).status());
    movement->set_district(allocation.district());
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::FundMovement* before, const v1::FundMovement& after,
                                Violations& violations) const override {
    if (before != nullptr) {
      violations.Add("name", error::v1::REASON_IMMUTABLE,
                     {"a movement is never changed, only reversed", "资金变动不可更改，只能冲销"});
      return absl::OkStatus();
    }
    if (after.kind() != v1::FUND_MOVEMENT_KIND_UNSPECIFIED &&
        after.allocation().empty() != (after.kind() == v1::FUND_MOVEMENT_KIND_APPROPRIATION)) {
      violations.Add("allocation", REASON_RULE,
                     {"is set for every movement but an appropriation", "除下达外均须填资金分配，下达不填"});
    }
    if (after.movement_date().size() == 10 &&
        !absl::StartsWith(after.movement_date(), absl::StrCat(after.year(), "-"))) {
      violations.Add("movement_date", REASON_RULE, {"must lie in the year", "日期须在该年度内"});
    }
    v1::FundAllocation allocation;
    JIEDUI_RETURN_IF_ERROR(CheckAllocation(work, after.allocation(), after.fund_source(), &allocation, violations));
    CheckConfirmed(work, allocation, violations);
    JIEDUI_RETURN_IF_ERROR(CheckReversed(work, after, violations));
    return violations.empty() ? CheckMoney(work, after) : absl::OkStatus();
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (before != nullptr || after == nullptr) return absl::OkStatus();
    return PostMovement(work, static_cast<const v1::FundMovement&>(*after));
  }

 private:
  static absl::Status CheckReversed(UnitOfWork& work, const v1::FundMovement& after, Violations& violations) {
    if (after.reverses().empty()) return absl::OkStatus();
    v1::FundMovement reversed;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "fundMovements", after.reverses(), &reversed));
    if (!found) return absl::OkStatus();
    if (!reversed.reverses().empty()) {
      violations.Add("reverses", REASON_RULE, {"is a reversal itself", "冲销记录不可再冲销"});
    }
    if (reversed.kind() != after.kind() || reversed.fund_source() != after.fund_source() ||
        reversed.allocation() != after.allocation() || reversed.amount_fen() != after.amount_fen()) {
      violations.Add(
          "reverses", REASON_RULE,
          {"is not equal in kind, source, allocation and amount", "与被冲销记录的类型、来源、分配或金额不一致"});
    }
    if (after.movement_date() < reversed.movement_date()) {
      violations.Add("movement_date", REASON_RULE, {"is before that of the reversed movement", "早于被冲销记录的日期"});
    }
    return absl::OkStatus();
  }
};

// Only the ledger writes accounts.
class AccountPolicy final : public store::PolicyOf<v1::FundAccount> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::FundAccount* /*before*/,
                                const v1::FundAccount& /*after*/, Violations& violations) const override {
    violations.Add("name", error::v1::REASON_OUTPUT_ONLY, {"accounts are kept by the ledger", "账户由系统维护"});
    return absl::OkStatus();
  }
};

class FindingPolicy final : public store::PolicyOf<v1::AuditFinding> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::AuditFinding* /*before*/, const v1::AuditFinding& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"found_date", after.found_date()}, {"rectify_by", after.rectify_by()}}, true, violations);
    store::CheckDateOrder({{"found_date", after.found_date()}, {"rectified_date", after.rectified_date()}}, true,
                          violations);
    if (after.rectified_date().empty() != after.rectification().empty()) {
      violations.Add("rectification", REASON_RULE,
                     {"is set together with rectified_date", "整改情况与整改日期须同时填写"});
    }
    v1::FundAllocation allocation;
    return CheckAllocation(work, after.allocation(), after.fund_source(), &allocation, violations);
  }
};

absl::Status RecheckFundAllocation(UnitOfWork& work, const Message& request, Message* response) {
  auto* allocation = static_cast<v1::FundAllocation*>(response);
  const resource::TablePlan& plan = PlanOf(work, "fundAllocations");
  JIEDUI_RETURN_IF_ERROR(
      work.GetForUpdate(plan, static_cast<const v1::RecheckFundAllocationRequest&>(request).name(), allocation));
  if (allocation->state() != v1::ALLOCATION_STATE_REJECTED) {
    return MakeError(absl::StatusCode::kFailedPrecondition, REASON_STATE,
                     {"only a rejected allocation is asked for again", "只有不成立的资金分配可重新确认"},
                     {{"state", v1::AllocationState_Name(allocation->state())}});
  }
  allocation->set_state(v1::ALLOCATION_STATE_PENDING);
  allocation->clear_rejection();
  return work.Replace(plan, allocation);
}

absl::Status ReverseFundMovement(UnitOfWork& work, const Message& request, Message* response) {
  const auto& typed = static_cast<const v1::ReverseFundMovementRequest&>(request);
  const resource::TablePlan& plan = PlanOf(work, "fundMovements");
  v1::FundMovement reversed;
  JIEDUI_RETURN_IF_ERROR(work.Get(plan, typed.name(), &reversed));
  if (!reversed.reverses().empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, REASON_STATE,
                     {"a reversal cannot be reversed: record the movement anew", "冲销记录不可再冲销，请重新登记"});
  }
  auto* movement = static_cast<v1::FundMovement*>(response);
  *movement = reversed;
  movement->set_reverses(typed.name());
  movement->set_movement_date(typed.movement_date());
  // A day that is none leaves the year at 0, and both are reported.
  movement->set_year(0);
  int year = 0;
  if (absl::SimpleAtoi(absl::string_view(typed.movement_date()).substr(0, 4), &year)) movement->set_year(year);
  movement->set_note(typed.note());
  return work.Create(plan, "", movement);
}

}  // namespace

void AddFundLedger(service::Definition& definition) {
  definition.services.push_back("jiedui.industry.v1.FundService");
  definition.writes.emplace_back("jiedui.industry.v1.FundService/ReverseFundMovement", ReverseFundMovement);
  definition.writes.emplace_back("jiedui.industry.v1.FundService/RecheckFundAllocation", RecheckFundAllocation);
  definition.reads.emplace_back("jiedui.industry.v1.FundService/GetFundReport", FundReportHandler);
  definition.policies["fundSources"] = std::make_unique<SourcePolicy>();
  definition.policies["fundAllocations"] = std::make_unique<AllocationPolicy>();
  definition.policies["fundMovements"] = std::make_unique<MovementPolicy>();
  definition.policies["fundAccounts"] = std::make_unique<AccountPolicy>();
  definition.policies["auditFindings"] = std::make_unique<FindingPolicy>();
}

}  // namespace jiedui::industry
