#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
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

bool HasItem(const v1::FacilityStandard& standard, const std::string& code) {
  for (const v1::StandardItem& item : standard.items()) {
    if (item.code() == code) return true;
  }
  return false;
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
    return before == nullptr ? absl::OkStatus() : CheckDropped(work, *before, after, violations);
  }

 private:
  // A village's record of an item must not outlive the item: it would go on counting.
  static absl::Status CheckDropped(UnitOfWork& work, const v1::FacilityStandard& before,
                                   const v1::FacilityStandard& after, Violations& violations) {
    const resource::TablePlan& facilities = *work.engine().registry().FindByCollection(kFacilities);
    for (const v1::StandardItem& item : before.items()) {
      if (HasItem(after, item.code())) continue;
      JIEDUI_ASSIGN_OR_RETURN(const bool used,
                              work.Exists(facilities, {{"standard", before.name()}, {"item", item.code()}}));
      if (!used) continue;
      violations.Add("items", error::v1::REASON_REFERENCED,
                     {absl::StrCat("lacks ", item.code(), ", which villages have records of"),
                      absl::StrCat("缺少已有村填报的项 ", item.code())});
    }
    return absl::OkStatus();
  }
};

class FacilityPolicy final : public store::PolicyOf<v1::VillageFacility> {
 public:
  void PrepareResource(const v1::VillageFacility* /*before*/, v1::VillageFacility* facility) const override {
    facility->set_state(!facility->lost_date().empty()       ? v1::FACILITY_STATE_LOST
                        : !facility->accepted_date().empty() ? v1::FACILITY_STATE_ACCEPTED
                        : !facility->built_date().empty()    ? v1::FACILITY_STATE_BUILT
                        : !facility->planned_date().empty()  ? v1::FACILITY_STATE_PLANNED
                                                             : v1::FACILITY_STATE_MISSING);
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
    if (before != nullptr || after.standard().empty() || after.item().empty()) return absl::OkStatus();
    v1::FacilityStandard standard;
    const absl::Status found =
        work.Get(*work.engine().registry().FindByCollection(kStandards), after.standard(), &standard);
    if (absl::IsNotFound(found) || absl::IsInvalidArgument(found)) return absl::OkStatus();  // reported as dangling
    JIEDUI_RETURN_IF_ERROR(found);
    if (!HasItem(standard, after.item())) {
      violations.Add("item", error::v1::REASON_RULE, {"is no item of the standard", "标准中没有该项"});
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
