#include "services/industry/fund_ledger.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/errors.h"
#include "common/store/policy.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "services/industry/fund_accounts.h"
#include "services/industry/fund_allocations.h"
#include "services/industry/fund_check.h"
#include "services/industry/fund_report.h"

namespace jiedui::industry {
namespace {

using error::v1::REASON_RULE;
using error::v1::REASON_STATE;
using google::protobuf::Message;
using store::UnitOfWork;

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

// Adds a violation when the movement may not be on the allocation. Should that change meanwhile, its accounts change with it.
absl::Status CheckState(UnitOfWork& work, const v1::FundAllocation& allocation, const v1::FundMovement& movement,
                        Violations& violations) {
  if (allocation.state() == v1::ALLOCATION_STATE_PENDING) {
    work.set_missed_remote();
    violations.Add("allocation", REASON_STATE,
                   {"the program that keeps the project has not confirmed it yet", "项目所在服务尚未确认该项目"});
  } else if (allocation.state() == v1::ALLOCATION_STATE_REJECTED) {
    violations.Add(
        "allocation", REASON_STATE,
        {"the project does not exist or is cancelled: no money moves on the allocation", "项目不成立，不能变动资金"});
  } else if (allocation.state() == v1::ALLOCATION_STATE_FROZEN && IsOutgoing(movement)) {
    JIEDUI_ASSIGN_OR_RETURN(const bool in_time, WentOutInTime(work, allocation, movement.movement_date()));
    if (in_time) return absl::OkStatus();
    violations.Add("allocation", REASON_STATE,
                   {"the project is cancelled: since then its money only comes back", "项目已取消，此后资金只能收回"});
  }
  return absl::OkStatus();
}

class MovementPolicy final : public store::PolicyOf<v1::FundMovement> {
 public:
  void PrepareResource(const v1::FundMovement* /*before*/, v1::FundMovement* movement) const override {
    const Route route = RouteOf(*movement);
    movement->set_from_account(route.from);
    movement->set_to_account(route.to);
    // An amount out of range is refused after this, so it must not overflow.
    const auto change = [&](bool gains, bool loses) {
      return static_cast<int64_t>((uint64_t{gains} - uint64_t{loses}) * static_cast<uint64_t>(movement->amount_fen()));
    };
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
    store::CheckHappened(work.today(), {{"movement_date", after.movement_date()}}, violations);
    v1::FundAllocation allocation;
    JIEDUI_RETURN_IF_ERROR(CheckAllocation(work, after.allocation(), after.fund_source(), &allocation, violations));
    JIEDUI_RETURN_IF_ERROR(CheckState(work, allocation, after, violations));
    JIEDUI_RETURN_IF_ERROR(CheckReversed(work, after, violations));
    if (!violations.empty()) return absl::OkStatus();
    const absl::Status money = CheckMoney(work, after);
    return money.ok() || after.reverses().empty() ? money : WhyNotReversed(work, after, money);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (before != nullptr || after == nullptr) return absl::OkStatus();
    const auto& movement = static_cast<const v1::FundMovement&>(*after);
    if (!IsOutgoing(movement)) return PostMovement(work, movement, true);
    v1::FundAllocation allocation;
    JIEDUI_RETURN_IF_ERROR(Find(work, "fundAllocations", movement.allocation(), &allocation).status());
    JIEDUI_ASSIGN_OR_RETURN(const bool in_time, WentOutInTime(work, allocation, movement.movement_date()));
    return PostMovement(work, movement, in_time);
  }

 private:
  // The money may be gone because it was reversed before. The accounts are locked, so that whoever did it is done.
  static absl::Status WhyNotReversed(UnitOfWork& work, const v1::FundMovement& reversal, const absl::Status& money) {
    const resource::TablePlan& plan = PlanOf(work, "fundMovements");
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT id FROM fund_movement WHERE reversal_key = ?"));
    row->BindText(0, reversal.reversal_key());
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    return found ? store::AlreadyExists(plan, &plan.options().unique(0), plan.NameOf(row->Text(0)), "") : money;
  }

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
    store::CheckHappened(work.today(), {{"found_date", after.found_date()}, {"rectified_date", after.rectified_date()}},
                         violations);
    if (after.rectified_date().empty() != after.rectification().empty()) {
      violations.Add("rectification", REASON_RULE,
                     {"is set together with rectified_date", "整改情况与整改日期须同时填写"});
    }
    v1::FundAllocation allocation;
    return CheckAllocation(work, after.allocation(), after.fund_source(), &allocation, violations);
  }
};

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
  definition.services.emplace_back("jiedui.industry.v1.FundService");
  definition.writes.emplace_back("jiedui.industry.v1.FundService/ReverseFundMovement", ReverseFundMovement);
  definition.writes.emplace_back("jiedui.industry.v1.FundService/RecheckFundAllocation", RecheckFundAllocation);
  definition.reads.emplace_back("jiedui.industry.v1.FundService/GetFundReport", FundReportHandler);
  definition.reads.emplace_back("jiedui.industry.v1.FundService/VerifyFundAccounts", VerifyFundAccountsHandler);
  definition.policies["fundSources"] = std::make_unique<SourcePolicy>();
  definition.policies["fundAllocations"] = NewAllocationPolicy();
  definition.policies["fundMovements"] = std::make_unique<MovementPolicy>();
  definition.policies["fundAccounts"] = std::make_unique<AccountPolicy>();
  definition.policies["auditFindings"] = std::make_unique<FindingPolicy>();
}

}  // namespace jiedui::industry
