#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/infrastructure/v1/water.pb.h"
#include "services/infrastructure/allocation_uses.h"
#include "services/infrastructure/rules.h"

namespace jiedui::infrastructure {
namespace {

using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;

// The units that a kind of construction is counted in.
bool Fits(v1::ConstructionKind kind, v1::QuantityUnit unit) {
  switch (kind) {
    case v1::CONSTRUCTION_KIND_TOILETS:
    case v1::CONSTRUCTION_KIND_DWELLINGS:
      return unit == v1::QUANTITY_UNIT_HOUSEHOLD || unit == v1::QUANTITY_UNIT_PIECE;
    case v1::CONSTRUCTION_KIND_ROADS:
      return unit == v1::QUANTITY_UNIT_METRE || unit == v1::QUANTITY_UNIT_SQUARE_METRE;
    case v1::CONSTRUCTION_KIND_GREENING:
      return unit == v1::QUANTITY_UNIT_TREE || unit == v1::QUANTITY_UNIT_SQUARE_METRE;
    case v1::CONSTRUCTION_KIND_FACILITIES:
      return unit != v1::QUANTITY_UNIT_TREE;
    case v1::CONSTRUCTION_KIND_CLEANING:
      return unit != v1::QUANTITY_UNIT_TREE && unit != v1::QUANTITY_UNIT_HOUSEHOLD;
    default:
      return true;  // what is built otherwise may be counted in anything
  }
}

// The most that one entry may hold; the options refuse more.
constexpr int64_t kMostFen = 1'000'000'000'000'000;

class ConstructionPolicy final : public store::PolicyOf<v1::ConstructionProject> {
 public:
  void PrepareResource(const v1::ConstructionProject* /*before*/, v1::ConstructionProject* project) const override {
    int64_t all = 0;
    int64_t farmers = 0;
    for (const v1::FinanceEntry& entry : project->finances()) {
      // An amount out of range is refused afterwards; it must not overflow the sum before.
      const int64_t amount = std::clamp<int64_t>(entry.amount_fen(), 0, kMostFen);
      all += amount;
      if (entry.source() == v1::FINANCE_SOURCE_FARMERS) farmers += amount;
    }
    project->set_finance_fen(all);
    project->set_farmers_share_fen(farmers);
    project->set_state(!project->cancelled_date().empty()   ? v1::CONSTRUCTION_STATE_CANCELLED
                       : !project->accepted_date().empty()  ? v1::CONSTRUCTION_STATE_ACCEPTED
                       : !project->completed_date().empty() ? v1::CONSTRUCTION_STATE_COMPLETED
                       : !project->started_date().empty()   ? v1::CONSTRUCTION_STATE_STARTED
                       : !project->approved_date().empty()  ? v1::CONSTRUCTION_STATE_APPROVED
                                                            : v1::CONSTRUCTION_STATE_PLANNED);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::ConstructionProject* /*before*/,
                                const v1::ConstructionProject& after, Violations& violations) const override {
    CheckDates(work.today(), after, violations);
    JIEDUI_RETURN_IF_ERROR(CheckFinances(work, after, violations));
    if (after.unit() != v1::QUANTITY_UNIT_UNSPECIFIED && !Fits(after.kind(), after.unit())) {
      violations.Add("unit", error::v1::REASON_RULE, {"does not fit the kind of project", "计量单位与类别不符"});
    }
    if (after.completed_quantity() > after.planned_quantity()) {
      violations.Add("completed_quantity", error::v1::REASON_RULE,
                     {"must not exceed planned_quantity", "完成数量不得大于计划数量"});
    }
    if (after.completed_quantity() > 0 && after.started_date().empty()) {
      violations.Add("started_date", error::v1::REASON_RULE,
                     {"is required once a part is done", "有完成数量时须填开工日期"});
    }
    if (after.completed_quantity() == 0 && !after.completed_date().empty()) {
      violations.Add("completed_quantity", error::v1::REASON_RULE,
                     {"must be set on a completed project", "已完工项目须填完成数量"});
    }
    return absl::OkStatus();
  }

  // Money may have been paid out to it: first its finances give the allocation up.
  absl::Status ValidateDelete(UnitOfWork& /*work*/, const google::protobuf::Message& before) const override {
    for (const v1::FinanceEntry& entry : static_cast<const v1::ConstructionProject&>(before).finances()) {
      if (entry.allocation().empty()) continue;
      return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_REFERENCED,
                       {absl::StrCat("its finances name ", entry.allocation(), ": cancel it, or take that out first"),
                        absl::StrCat("资金构成中有 ", entry.allocation(), "，请取消项目，或先删去该项资金")},
                       {{"collection", "fundAllocations"}});
    }
    return absl::OkStatus();
  }

  absl::Status AfterWrite(UnitOfWork& work, const google::protobuf::Message* before,
                          const google::protobuf::Message* after) const override {
    return KeepAllocationUses(work, static_cast<const v1::ConstructionProject*>(before),
                              static_cast<const v1::ConstructionProject*>(after));
  }

 private:
  static absl::Status CheckFinances(UnitOfWork& work, const v1::ConstructionProject& after, Violations& violations) {
    absl::flat_hash_set<std::string> allocations;
    for (int i = 0; i < after.finances_size(); ++i) {
      const v1::FinanceEntry& entry = after.finances(i);
      if (entry.allocation().empty()) continue;
      const std::string field = absl::StrCat("finances[", i, "].allocation");
      if (entry.source() == v1::FINANCE_SOURCE_FARMERS) {
        violations.Add(field, error::v1::REASON_RULE,
                       {"is of public money: farmers pay by themselves", "农民自筹资金不对应资金分配"});
      }
      if (!allocations.insert(entry.allocation()).second) {
        violations.Add(field, error::v1::REASON_DUPLICATE, {"is used twice", "资金分配重复"});
      }
      JIEDUI_ASSIGN_OR_RETURN(const std::string user, UserOfAllocation(work, entry.allocation()));
      if (user.empty() || user == after.name()) continue;
      violations.Add(field, error::v1::REASON_DUPLICATE,
                     {absl::StrCat("is already used by ", user), absl::StrCat("已用于 ", user)});
    }
    return absl::OkStatus();
  }

  static void CheckDates(const std::string& today, const v1::ConstructionProject& after, Violations& violations) {
    CheckDateOrder({{"planned_date", after.planned_date()},
                    {"approved_date", after.approved_date()},
                    {"started_date", after.started_date()},
                    {"completed_date", after.completed_date()},
                    {"accepted_date", after.accepted_date()},
                    {"warranty_end_date", after.warranty_end_date()}},
                   true, violations);
    CheckHappened(today,
                  {{"approved_date", after.approved_date()},
                   {"started_date", after.started_date()},
                   {"completed_date", after.completed_date()},
                   {"accepted_date", after.accepted_date()},
                   {"cancelled_date", after.cancelled_date()}},
                  violations);
    const std::string& latest = std::max({after.planned_date(), after.approved_date(), after.started_date()});
    if (!after.cancelled_date().empty() && after.cancelled_date() < latest) {
      violations.Add("cancelled_date", error::v1::REASON_RULE,
                     {"must not be before what was done", "不得早于计划、批复和开工日期"});
    }
    if (!after.cancelled_date().empty() && !after.completed_date().empty()) {
      violations.Add("cancelled_date", error::v1::REASON_RULE,
                     {"cannot be set on a completed project", "已完工项目不能取消"});
    }
    if (after.cancelled_date().empty() != after.cancel_reason().empty()) {
      violations.Add("cancel_reason", error::v1::REASON_RULE,
                     {"is set exactly when cancelled_date is", "取消日期与取消原因须同时填写"});
    }
  }
};

class SewagePolicy final : public store::PolicyOf<v1::SewageFacility> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::SewageFacility* /*before*/, const v1::SewageFacility& after,
                                Violations& violations) const override {
    CheckDateOrder({{"built_date", after.built_date()},
                    {"accepted_date", after.accepted_date()},
                    {"closed_date", after.closed_date()}},
                   true, violations);
    CheckHappened(work.today(),
                  {{"built_date", after.built_date()},
                   {"accepted_date", after.accepted_date()},
                   {"closed_date", after.closed_date()}},
                  violations);
    return absl::OkStatus();
  }
};

class PondPolicy final : public store::PolicyOf<v1::Pond> {
 public:
  void PrepareResource(const v1::Pond* /*before*/, v1::Pond* pond) const override {
    std::string last;
    for (const v1::PondInspection& inspection : pond->inspections())
      last = std::max(last, inspection.inspection_date());
    pond->set_inspection_count(pond->inspections_size());
    pond->set_last_inspection_date(last);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::Pond* /*before*/, const v1::Pond& after,
                                Violations& violations) const override {
    CheckDateOrder({{"started_date", after.started_date()}, {"treated_date", after.treated_date()}}, true, violations);
    CheckHappened(work.today(),
                  {{"started_date", after.started_date()},
                   {"treated_date", after.treated_date()},
                   {"inspections", after.last_inspection_date()}},
                  violations);
    return absl::OkStatus();
  }
};

class WaterProjectPolicy final : public store::PolicyOf<v1::WaterProject> {
 public:
  void PrepareResource(const v1::WaterProject* /*before*/, v1::WaterProject* project) const override {
    project->set_state(!project->accepted_date().empty()    ? v1::WATER_PROJECT_STATE_ACCEPTED
                       : !project->completed_date().empty() ? v1::WATER_PROJECT_STATE_COMPLETED
                       : !project->started_date().empty()   ? v1::WATER_PROJECT_STATE_STARTED
                       : !project->approved_date().empty()  ? v1::WATER_PROJECT_STATE_APPROVED
                       : !project->designed_date().empty()  ? v1::WATER_PROJECT_STATE_DESIGNED
                                                            : v1::WATER_PROJECT_STATE_SURVEYED);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::WaterProject* /*before*/, const v1::WaterProject& after,
                                Violations& violations) const override {
    CheckDateOrder({{"surveyed_date", after.surveyed_date()},
                    {"designed_date", after.designed_date()},
                    {"approved_date", after.approved_date()},
                    {"started_date", after.started_date()},
                    {"completed_date", after.completed_date()},
                    {"accepted_date", after.accepted_date()}},
                   true, violations);
    CheckHappened(work.today(),
                  {{"surveyed_date", after.surveyed_date()},
                   {"designed_date", after.designed_date()},
                   {"approved_date", after.approved_date()},
                   {"started_date", after.started_date()},
                   {"completed_date", after.completed_date()},
                   {"accepted_date", after.accepted_date()}},
                  violations);
    if (after.kind() == v1::WATER_PROJECT_KIND_DRINKING_WATER && after.irrigated_area_centimu() != 0) {
      violations.Add("irrigated_area_centimu", error::v1::REASON_RULE,
                     {"is of irrigation only", "饮水项目不填灌溉面积"});
    }
    if (after.kind() == v1::WATER_PROJECT_KIND_IRRIGATION && after.household_count() != 0) {
      violations.Add("household_count", error::v1::REASON_RULE, {"is of drinking water only", "灌溉项目不填受益户数"});
    }
    return absl::OkStatus();
  }
};

}  // namespace

void AddWorksRules(service::Definition& definition) {
  definition.policies["constructionProjects"] = std::make_unique<ConstructionPolicy>();
  definition.policies["sewageFacilities"] = std::make_unique<SewagePolicy>();
  definition.policies["ponds"] = std::make_unique<PondPolicy>();
  definition.policies["waterProjects"] = std::make_unique<WaterProjectPolicy>();
}

}  // namespace jiedui::infrastructure
