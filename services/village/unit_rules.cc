// Units, teams, technical groups and their pairing with villages.

#include <memory>

#include "common/codes/credit_code.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/unit.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using store::UnitOfWork;

class UnitPolicy final : public store::PolicyOf<v1::AssistanceUnit> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::AssistanceUnit* /*before*/, const v1::AssistanceUnit& after,
                                Violations& violations) const override {
    CheckPeriod({after.start_date(), after.end_date()}, violations);
    const std::string& code = after.code();
    if (code.size() == codes::kCreditCodeLength && !codes::IsCreditCode(code)) {
      violations.Add("code", error::v1::REASON_FORMAT,
                     {"its check character does not fit the other 17 (GB 32100)", "校验码与前17位不符（GB 32100）"});
    }
    return absl::OkStatus();
  }
};

template <typename Group>
class GroupPolicy final : public store::PolicyOf<Group> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const Group* /*before*/, const Group& after,
                                Violations& violations) const override {
    CheckPeriod({after.start_date(), after.end_date()}, violations);
    return absl::OkStatus();
  }
};

// The village is locked while a pairing is written, because it counts its units: overlaps are seen.
class PairingPolicy final : public store::PolicyOf<v1::VillagePairing> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::VillagePairing* /*before*/, const v1::VillagePairing& after,
                                Violations& violations) const override {
    const Period period{after.start_date(), after.end_date()};
    CheckPeriod(period, violations);
    JIEDUI_ASSIGN_OR_RETURN(const bool twice,
                            Overlaps(work, "villagePairings", after.name(),
                                     {{"village", after.village()}, {"partner", after.partner()}}, period));
    if (twice) {
      violations.Add("start_date", error::v1::REASON_RULE,
                     {"the partner is paired with the village at this time already", "该帮扶方在此期间已与本村结对"});
    }
    return absl::OkStatus();
  }
};

}  // namespace

void AddUnitRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.AssistanceUnitService");
  definition.policies["assistanceUnits"] = std::make_unique<UnitPolicy>();
  definition.policies["residentTeams"] = std::make_unique<GroupPolicy<v1::ResidentTeam>>();
  definition.policies["technicalGroups"] = std::make_unique<GroupPolicy<v1::TechnicalGroup>>();
  definition.policies["villagePairings"] = std::make_unique<PairingPolicy>();
}

}  // namespace jiedui::village
