#include "services/infrastructure/definition.h"

#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "services/infrastructure/infrastructure_data.h"
#include "services/infrastructure/infrastructure_migrations.h"

namespace jiedui::infrastructure {
namespace {

using store::UnitOfWork;

class StandardPolicy final : public store::PolicyOf<v1::FacilityStandard> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::FacilityStandard* /*before*/,
                                const v1::FacilityStandard& after, Violations& violations) const override {
    absl::flat_hash_set<std::string> codes;
    for (int i = 0; i < after.items_size(); ++i) {
      if (codes.insert(after.items(i).code()).second) continue;
      violations.Add(absl::StrCat("items[", i, "].code"), error::v1::REASON_DUPLICATE, {"is used twice", "项代码重复"});
    }
    return absl::OkStatus();
  }
};

class FacilityPolicy final : public store::PolicyOf<v1::VillageFacility> {
 public:
  void PrepareResource(const v1::VillageFacility* /*before*/, v1::VillageFacility* facility) const override {
    facility->set_state(!facility->lost_date().empty()       ? v1::FACILITY_STATE_LOST
                        : !facility->accepted_date().empty() ? v1::FACILITY_STATE_ACCEPTED
                        : !facility->planned_date().empty()  ? v1::FACILITY_STATE_PLANNED
                                                             : v1::FACILITY_STATE_MISSING);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::VillageFacility* before, const v1::VillageFacility& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"accepted_date", after.accepted_date()}, {"lost_date", after.lost_date()}}, true, violations);
    if (!after.accepted_date().empty() && after.evidence().empty()) {
      violations.Add("evidence", error::v1::REASON_RULE, {"is required once the item is accepted", "验收后须填写验收依据"});
    }
    if (before != nullptr || after.standard().empty() || after.item().empty()) return absl::OkStatus();
    v1::FacilityStandard standard;
    const absl::Status found =
        work.Get(*work.engine().registry().FindByCollection("facilityStandards"), after.standard(), &standard);
    if (absl::IsNotFound(found) || absl::IsInvalidArgument(found)) return absl::OkStatus();  // reported as dangling
    JIEDUI_RETURN_IF_ERROR(found);
    for (const v1::StandardItem& item : standard.items()) {
      if (item.code() == after.item()) return absl::OkStatus();
    }
    violations.Add("item", error::v1::REASON_RULE, {"is no item of the standard", "标准中没有该项"});
    return absl::OkStatus();
  }
};

}  // namespace

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "infrastructure";
  definition.services = {"jiedui.infrastructure.v1.FacilityService"};
  definition.policies["facilityStandards"] = std::make_unique<StandardPolicy>();
  definition.policies["villageFacilities"] = std::make_unique<FacilityPolicy>();
  definition.migrations.assign(InfrastructureMigrations().begin(), InfrastructureMigrations().end());
  definition.measures_json = InfrastructureData()[0].contents;
  return definition;
}

}  // namespace jiedui::infrastructure
