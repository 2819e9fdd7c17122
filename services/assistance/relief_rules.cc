#include "services/assistance/relief_rules.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/status/macros.h"
#include "common/store/places.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/relief.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using error::v1::REASON_RULE;
using google::protobuf::Message;
using store::UnitOfWork;

// More is asked of a fund than it has, or the fund is closed.
absl::Status NotEnough(const v1::ReliefFund& fund, int64_t amount_fen) {
  return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                   {absl::StrCat(fund.name(), fund.closed_date().empty() ? "" : " is closed, and", " has ",
                                 fund.balance_fen(), " fen left, less than ", amount_fen),
                    absl::StrCat(fund.name(), fund.closed_date().empty() ? "" : " 已注销，", " 余额 ",
                                 fund.balance_fen(), " 分，不足 ", amount_fen, " 分")},
                   {{"fund", fund.name()}, {"left_fen", absl::StrCat(fund.balance_fen())}});
}

// Who may do what decides over a fund as a whole: a reviewer of the district or the city, where roles and level are told apart.
absl::Status CheckSteward(const UnitOfWork& work, const Text& what) {
  const Principal& caller = work.context().principal;
  const bool placed = caller.level == options::v1::LEVEL_UNSPECIFIED || caller.level == options::v1::LEVEL_DISTRICT ||
                      caller.level == options::v1::LEVEL_CITY;
  if (placed && caller.HasRole(options::v1::ROLE_REVIEWER)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
                   {absl::StrCat(what.en, " asks for a reviewer of the district or the city"),
                    absl::StrCat(what.zh, "须由区级或市级审核人员办理")});
}

bool SameLimits(const v1::ReliefFund& a, const v1::ReliefFund& b) {
  return a.township_limit_fen() == b.township_limit_fen() && a.district_limit_fen() == b.district_limit_fen();
}

class FundPolicy final : public store::PolicyOf<v1::ReliefFund> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::ReliefFund* fund) const override {
    v1::ReliefFund before;  // without limits when the fund is new
    JIEDUI_RETURN_IF_ERROR(Find(work, "reliefFunds", fund->name(), &before).status());
    if (!SameLimits(before, *fund)) fund->set_limits_author(work.context().principal.id);
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::ReliefFund* before, const v1::ReliefFund& after,
                                Violations& violations) const override {
    // 各区要设立社会救助基金: the district is the level between the two that its limits part.
    if (before == nullptr) {
      store::CheckDivisionLevel(work, "division", after.division(), village::v1::DIVISION_LEVEL_DISTRICT, violations);
    }
    store::CheckHappened(work.today(),
                         {{"established_date", after.established_date()}, {"closed_date", after.closed_date()}},
                         violations);
    store::CheckDateOrder({{"established_date", after.established_date()}, {"closed_date", after.closed_date()}}, true,
                          violations);
    if (after.district_limit_fen() < after.township_limit_fen()) {
      violations.Add("district_limit_fen", REASON_RULE,
                     {"must not be below the limit of the townships", "区级限额不得低于镇级限额"});
    }
    if (!after.closed_date().empty() && after.balance_fen() != 0) {
      violations.Add("closed_date", REASON_RULE,
                     {absl::StrCat("a fund is closed when it is empty; ", after.balance_fen(), " fen are left"),
                      absl::StrCat("余额为零方可注销，现余", after.balance_fen(), "分")});
    }
    if (SameLimits(before == nullptr ? v1::ReliefFund() : *before, after)) return absl::OkStatus();
    return CheckSteward(work, {"setting the limits of a fund", "设定基金限额"});
  }
};

// The fund of the village's district pays, no other.
absl::Status CheckFundOfVillage(UnitOfWork& work, const v1::ReliefRequest& request, Violations& violations) {
  v1::ReliefFund fund;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "reliefFunds", request.fund(), &fund));
  if (!found || !store::LiesOutside(work, request.village(), fund.division())) return absl::OkStatus();
  work.set_missed_remote();  // it may just have moved
  violations.Add("fund", REASON_RULE,
                 {absl::StrCat("is the fund of ", fund.division(), ", in which the village does not lie"),
                  absl::StrCat("是 ", fund.division(), " 的救助基金，该村不在该区")});
  return absl::OkStatus();
}

// An unset day gives nothing.
int64_t DaysBetween(const std::string& begin, const std::string& end) {
  absl::CivilDay first, last;
  if (!absl::ParseCivilTime(begin, &first) || !absl::ParseCivilTime(end, &last)) return 0;
  return last - first;
}

class RequestPolicy final : public store::PolicyOf<v1::ReliefRequest> {
 public:
  void PrepareResource(const v1::ReliefRequest* /*before*/, v1::ReliefRequest* request) const override {
    request->set_settle_days(static_cast<int32_t>(
        request->paid_date().empty() ? 0 : DaysBetween(request->submitted_date(), request->paid_date())));
  }

  // Until and with the submission; what was submitted keeps its way when the limits change.
  absl::Status DeriveResource(UnitOfWork& work, v1::ReliefRequest* request) const override {
    if (request->state() != v1::RELIEF_STATE_DRAFT && request->state() != v1::RELIEF_STATE_AT_TOWNSHIP)
      return absl::OkStatus();
    v1::ReliefFund fund;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "reliefFunds", request->fund(), &fund));
    if (!found) return absl::OkStatus();
    request->set_required_level(request->amount_fen() <= fund.township_limit_fen()   ? v1::RELIEF_LEVEL_TOWNSHIP
                                : request->amount_fen() <= fund.district_limit_fen() ? v1::RELIEF_LEVEL_DISTRICT
                                                                                     : v1::RELIEF_LEVEL_CITY);
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::ReliefRequest* before, const v1::ReliefRequest& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"occurred_date", after.occurred_date()}, {"submitted_date", after.submitted_date()}}, true,
                          violations);
    if (before == nullptr || before->fund() != after.fund()) {
      JIEDUI_RETURN_IF_ERROR(CheckFundOfVillage(work, after, violations));
    }
    const bool kept = before != nullptr && before->household() == after.household();
    if (kept || after.household().empty()) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }

  // The payment is made in the transaction that makes the request a paid one.
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (before == nullptr || after == nullptr) return absl::OkStatus();
    const auto& request = static_cast<const v1::ReliefRequest&>(*after);
    if (request.state() != v1::RELIEF_STATE_PAID ||
        static_cast<const v1::ReliefRequest&>(*before).state() == v1::RELIEF_STATE_PAID) {
      return absl::OkStatus();
    }
    v1::ReliefMovement payment;
    payment.set_fund(request.fund());
    payment.set_kind(v1::RELIEF_MOVEMENT_KIND_PAYMENT);
    payment.set_movement_date(request.paid_date());
    payment.set_amount_fen(request.amount_fen());
    payment.set_request(request.name());
    return work.Create(PlanOf(work, "reliefMovements"), "", &payment);
  }
};

class MovementPolicy final : public store::PolicyOf<v1::ReliefMovement> {
 public:
  void PrepareResource(const v1::ReliefMovement* /*before*/, v1::ReliefMovement* movement) const override {
    const bool in = movement->kind() == v1::RELIEF_MOVEMENT_KIND_DEPOSIT;
    movement->set_change_fen(in ? movement->amount_fen() : -movement->amount_fen());
    movement->set_payment_key(movement->request().empty() ? movement->name() : movement->request());
  }

  // Locks the fund before anything else of it is read: writers of one fund wait for each other instead of deadlocking.
  absl::Status DeriveResource(UnitOfWork& work, v1::ReliefMovement* movement) const override {
    v1::ReliefFund fund;
    const absl::Status locked = work.GetForUpdate(PlanOf(work, "reliefFunds"), movement->fund(), &fund);
    return absl::IsNotFound(locked) || absl::IsInvalidArgument(locked) ? absl::OkStatus()
                                                                       : locked;  // reported as dangling
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::ReliefMovement* before, const v1::ReliefMovement& after,
                                Violations& violations) const override {
    if (before != nullptr) {
      violations.Add("name", error::v1::REASON_IMMUTABLE, {"a movement is never changed", "基金变动不可更改"});
      return absl::OkStatus();
    }
    store::CheckHappened(work.today(), {{"movement_date", after.movement_date()}}, violations);
    if (after.kind() == v1::RELIEF_MOVEMENT_KIND_WITHDRAWAL) {
      JIEDUI_RETURN_IF_ERROR(CheckSteward(work, {"a withdrawal", "基金划出"}));
    }
    JIEDUI_RETURN_IF_ERROR(CheckPayment(work, after, violations));
    v1::ReliefFund fund;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "reliefFunds", after.fund(), &fund));
    if (!found || after.movement_date().size() != 10) return absl::OkStatus();
    if (after.movement_date() < fund.established_date() || !fund.closed_date().empty()) {
      violations.Add("movement_date", REASON_RULE,
                     {"the fund is closed, or was not set up yet", "基金尚未设立或已注销"});
    }
    return absl::OkStatus();
  }

  // One conditional statement: whatever else is at work, a balance never goes below zero. The movement is the record of it.
  absl::Status AfterWrite(UnitOfWork& work, const Message* /*before*/, const Message* after) const override {
    const auto& movement = static_cast<const v1::ReliefMovement&>(*after);
    const resource::TablePlan& funds = PlanOf(work, "reliefFunds");
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * statement,
        work.transaction().Prepare("UPDATE relief_fund SET balance_fen = balance_fen + ?, revision = "
                                   "revision + 1, update_time = ? WHERE id = ? AND balance_fen + ? >= 0"));
    statement->BindInt(0, movement.change_fen());
    statement->BindInt(1, absl::ToUnixMicros(work.now()));
    statement->BindText(2, funds.IdOf(movement.fund()));
    statement->BindInt(3, movement.change_fen());
    JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
    if (touched == 1) return absl::OkStatus();
    v1::ReliefFund fund;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(funds, movement.fund(), &fund));
    return NotEnough(fund, movement.amount_fen());
  }

 private:
  // A payment is one that PayReliefRequest makes: of a request that has just become a paid one, to its amount. That it is made
  // once is what payment_key keeps.
  static absl::Status CheckPayment(UnitOfWork& work, const v1::ReliefMovement& after, Violations& violations) {
    const bool payment = after.kind() == v1::RELIEF_MOVEMENT_KIND_PAYMENT;
    v1::ReliefRequest request;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "reliefRequests", after.request(), &request));
    if (payment != found && after.kind() != v1::RELIEF_MOVEMENT_KIND_UNSPECIFIED) {
      violations.Add("request", REASON_RULE, {"is set for a payment, and only for one", "仅拨付须填救助申请"});
    } else if (payment &&
               (request.state() != v1::RELIEF_STATE_PAID || request.fund() != after.fund() ||
                request.amount_fen() != after.amount_fen() || request.paid_date() != after.movement_date())) {
      violations.Add("kind", REASON_RULE, {"payments are made by PayReliefRequest", "拨付须通过救助申请办理"});
    }
    return absl::OkStatus();
  }
};

// Locks the fund, so that what is left now is left when the payment is written.
absl::Status FundSuffices(UnitOfWork& work, const store::Passage& passage, Violations& /*violations*/) {
  const auto& request = static_cast<const v1::ReliefRequest&>(passage.after);
  v1::ReliefFund fund;
  JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(PlanOf(work, "reliefFunds"), request.fund(), &fund));
  if (fund.closed_date().empty() && fund.balance_fen() >= request.amount_fen()) return absl::OkStatus();
  return NotEnough(fund, request.amount_fen());
}

// Who has set how far an amount goes does not send one on its way; callers without roles are not told apart.
absl::Status LimitsAreOfAnother(UnitOfWork& work, const store::Passage& passage, Violations& /*violations*/) {
  if (work.context().principal.roles.empty()) return absl::OkStatus();
  v1::ReliefFund fund;
  const auto& request = static_cast<const v1::ReliefRequest&>(passage.after);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "reliefFunds", request.fund(), &fund));
  if (!found || fund.limits_author() != passage.step.actor()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
                   {absl::StrCat("who has set the limits of ", fund.name(), " submits no request to it"),
                    absl::StrCat("设定 ", fund.name(), " 限额的人不能提交其救助申请")});
}

}  // namespace

void AddReliefRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.ReliefService");
  definition.policies["reliefFunds"] = std::make_unique<FundPolicy>();
  definition.policies["reliefRequests"] = std::make_unique<RequestPolicy>();
  definition.policies["reliefMovements"] = std::make_unique<MovementPolicy>();
  definition.guards["FundSuffices"] = FundSuffices;
  definition.guards["LimitsAreOfAnother"] = LimitsAreOfAnother;
}

}  // namespace jiedui::assistance
