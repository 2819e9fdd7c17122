#include "services/assistance/definition.h"

#include <memory>

#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "services/assistance/assistance_data.h"
#include "services/assistance/assistance_migrations.h"

namespace jiedui::assistance {
namespace {

using store::UnitOfWork;

class HouseholdPolicy final : public store::PolicyOf<v1::NeedyHousehold> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::NeedyHousehold* /*before*/,
                                const v1::NeedyHousehold& after, Violations& violations) const override {
    store::CheckDateOrder(
        {{"found_date", after.found_date()}, {"filed_date", after.filed_date()}, {"exited_date", after.exited_date()}}, false,
        violations);
    return absl::OkStatus();
  }
};

class PairingPolicy final : public store::PolicyOf<v1::HelperPairing> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::HelperPairing* /*before*/, const v1::HelperPairing& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"start_date", after.start_date()}, {"end_date", after.end_date()}}, true, violations);
    return absl::OkStatus();
  }
};

}  // namespace

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "assistance";
  definition.services = {"jiedui.assistance.v1.HouseholdService"};
  definition.policies["needyHouseholds"] = std::make_unique<HouseholdPolicy>();
  definition.policies["helperPairings"] = std::make_unique<PairingPolicy>();
  definition.migrations.assign(AssistanceMigrations().begin(), AssistanceMigrations().end());
  definition.measures_json = AssistanceData()[0].contents;
  return definition;
}

}  // namespace jiedui::assistance
