#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "services/infrastructure/rules.h"

namespace jiedui::infrastructure {
namespace {

using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;

constexpr char kFacilities[] = "villageFacilities";
constexpr char kStandards[] = "facilityStandards";

constexpr int64_t kWhole = 1'000'000;

// What an item is of the whole standard, so that those of all items add up to kWhole exactly; 0 for what is no item.
int64_t ShareOf(const v1::FacilityStandard& standard, const std::string& code) {
  const int64_t count = standard.items_size();
  for (int64_t i = 0; i < count; ++i) {
    if (standard.items(static_cast<int>(i)).code() == code) return (i + 1) * kWhole / count - i * kWhole / count;
  }
  return 0;
}

std::vector<std::string> CodesOf(const v1::FacilityStandard& standard) {
  std::vector<std::string> codes;
  for (const v1::StandardItem& item : standard.items()) codes.push_back(item.code());
  return codes;
}

const resource::TablePlan& PlanOf(UnitOfWork& work, const char* collection) {
  return *work.engine().registry().FindByCollection(collection);
}

class StandardPolicy final : public store::PolicyOf<v1::FacilityStandard> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::FacilityStandard* before, const v1::FacilityStandard& after,
                                Violations& violations) const override {
    absl::flat_hash_set<std::string> codes;
    for (int i = 0; i < after.items_size(); ++i) {
      if (codes.insert(after.items(i).code()).second) continue;
      violations.Add(absl::StrCat("items[", i, "].code"), error::v1::REASON_DUPLICATE, {"is used twice", "项代码重复"});
    }
    if (before == nullptr || CodesOf(*before) == CodesOf(after)) return absl::OkStatus();
    // What is complete by the old list must not become incomplete, or the reverse, by a change of the list.
    JIEDUI_ASSIGN_OR_RETURN(const bool used, work.Exists(PlanOf(work, kFacilities), {{"standard", before->name()}}));
    if (used) {
      violations.Add("items", error::v1::REASON_REFERENCED,
                     {"cannot be others once villages have records by them: record another version",
                      "已有村按本标准填报，不能增减或调整标准项，请另建新版标准"});
    }
    return absl::OkStatus();
  }
};

class FacilityPolicy final : public store::PolicyOf<v1::VillageFacility> {
 public:
  void PrepareResource(const v1::VillageFacility* before, v1::VillageFacility* facility) const override {
    if (before != nullptr) facility->set_share_ppm(before->share_ppm());  // its standard and item never change
    // An empty cell of a file that is imported again is what it was.
    if (facility->period() == 0) facility->set_period(before != nullptr ? before->period() : 1);
    facility->set_state(!facility->lost_date().empty()       ? v1::FACILITY_STATE_LOST
                        : !facility->accepted_date().empty() ? v1::FACILITY_STATE_ACCEPTED
                        : !facility->built_date().empty()    ? v1::FACILITY_STATE_BUILT
                        : !facility->planned_date().empty()  ? v1::FACILITY_STATE_PLANNED
                                                             : v1::FACILITY_STATE_MISSING);
  }

  absl::Status DeriveResource(UnitOfWork& work, v1::VillageFacility* facility) const override {
    if (facility->share_ppm() != 0) return absl::OkStatus();
    const resource::TablePlan& standards = PlanOf(work, kStandards);
    // Held, so that nobody changes the items before this record, which keeps them as they are, is there.
    const bool mysql = work.transaction().dialect() == sql::Dialect::kMysql;
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * hold,
                            work.transaction().Prepare(absl::StrCat("SELECT 1 FROM facility_standard WHERE id = ?",
                                                                    mysql ? " LOCK IN SHARE MODE" : "")));
    hold->BindText(0, standards.IdOf(facility->standard()));
    JIEDUI_ASSIGN_OR_RETURN(const bool found, hold->Step());
    if (!found) return absl::OkStatus();  // reported as dangling
    v1::FacilityStandard standard;
    JIEDUI_RETURN_IF_ERROR(work.Get(standards, facility->standard(), &standard));
    facility->set_share_ppm(ShareOf(standard, facility->item()));
    // Not 0, which would say that the standard is not there.
    if (facility->share_ppm() == 0) facility->set_share_ppm(kNoItem);
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::VillageFacility* before, const v1::VillageFacility& after,
                                Violations& violations) const override {
    // An item may have been there before anybody planned it, and is often accepted on the record of what was found.
    CheckDateOrder({{"built_date", after.built_date()}, {"accepted_date", after.accepted_date()}}, false, violations);
    CheckDateOrder({{"accepted_date", after.accepted_date()}, {"lost_date", after.lost_date()}}, true, violations);
    CheckHappened(work.today(),
                  {{"built_date", after.built_date()},
                   {"accepted_date", after.accepted_date()},
                   {"lost_date", after.lost_date()}},
                  violations);
    if (!after.accepted_date().empty() && after.evidence().empty()) {
      violations.Add("evidence", error::v1::REASON_RULE,
                     {"is required once the item is accepted", "验收后须填写验收依据"});
    }
    if (after.share_ppm() == kNoItem && !after.item().empty()) {
      violations.Add("item", error::v1::REASON_RULE, {"is no item of the standard", "标准中没有该项"});
    }
    JIEDUI_RETURN_IF_ERROR(CheckEarlierPeriod(work, after, violations));
    return before == nullptr ? absl::OkStatus() : CheckLaterPeriod(work, after, violations);
  }

  absl::Status ValidateDelete(UnitOfWork& work, const google::protobuf::Message& before) const override {
    const auto& facility = static_cast<const v1::VillageFacility&>(before);
    JIEDUI_ASSIGN_OR_RETURN(const std::string later, FindPeriod(work, facility, facility.period() + 1));
    if (later.empty()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_REFERENCED,
                     {absl::StrCat("a later period of the item is recorded: ", later),
                      absl::StrCat("该项已有后一次建成记录 ", later, "，不能删除")},
                     {{"collection", kFacilities}});
  }

 private:
  // Stands for the share of what is no item, until it is refused.
  static constexpr int64_t kNoItem = -1;

  // The record of the same item in another period; empty when there is none.
  static absl::StatusOr<std::string> FindPeriod(UnitOfWork& work, const v1::VillageFacility& facility, int64_t period) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT id FROM village_facility WHERE village = ? AND "
                                                       "standard = ? AND item = ? AND `period` = ?"));
    row->BindText(0, facility.village());
    row->BindText(1, facility.standard());
    row->BindText(2, facility.item());
    row->BindInt(3, period);
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    return found ? PlanOf(work, kFacilities).NameOf(row->Text(0)) : std::string();
  }

  // An item stands once at a time: the period before must have ended.
  static absl::Status CheckEarlierPeriod(UnitOfWork& work, const v1::VillageFacility& after, Violations& violations) {
    if (after.period() <= 1) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const std::string name, FindPeriod(work, after, after.period() - 1));
    v1::VillageFacility earlier;
    // Locked, so that it stays ended.
    if (!name.empty()) JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(PlanOf(work, kFacilities), name, &earlier));
    if (earlier.lost_date().empty()) {
      violations.Add("period", error::v1::REASON_RULE,
                     {"cannot begin unless the item was lost in the period before", "前一次建成未失去时不能再次填报"});
    } else if (!after.accepted_date().empty() && after.accepted_date() < earlier.lost_date()) {
      violations.Add("accepted_date", error::v1::REASON_RULE,
                     {"must not be before the item was lost in the period before", "不得早于前一次的失去日期"});
    }
    return absl::OkStatus();
  }

  static absl::Status CheckLaterPeriod(UnitOfWork& work, const v1::VillageFacility& after, Violations& violations) {
    JIEDUI_ASSIGN_OR_RETURN(const std::string name, FindPeriod(work, after, after.period() + 1));
    if (name.empty()) return absl::OkStatus();
    v1::VillageFacility later;
    JIEDUI_RETURN_IF_ERROR(work.Get(PlanOf(work, kFacilities), name, &later));
    if (after.lost_date().empty()) {
      violations.Add("lost_date", error::v1::REASON_RULE,
                     {"must stay while a later period is recorded", "已有后一次建成记录，须填失去日期"});
    } else if (!later.accepted_date().empty() && later.accepted_date() < after.lost_date()) {
      violations.Add("lost_date", error::v1::REASON_RULE,
                     {"must not be after the next acceptance", "不得晚于后一次的验收日期"});
    }
    return absl::OkStatus();
  }
};

}  // namespace

void AddFacilityRules(service::Definition& definition) {
  definition.policies[kStandards] = std::make_unique<StandardPolicy>();
  definition.policies[kFacilities] = std::make_unique<FacilityPolicy>();
}

}  // namespace jiedui::infrastructure
