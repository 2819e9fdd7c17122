// Units, teams, technical groups and their pairing with villages.

#include <memory>

#include "common/codes/credit_code.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/unit.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using store::UnitOfWork;

// A partner of villages, which is locked while it or a pairing of it is written.
absl::Status CheckPartner(UnitOfWork& work, const std::string& name, Period period, Violations& violations) {
  CheckPeriod(work, period, violations);
  JIEDUI_ASSIGN_OR_RETURN(const bool outside, LastsOutside(work, "villagePairings", "partner", name, period));
  if (outside) {
    violations.Add(period.end.empty() ? "start_date" : "end_date", error::v1::REASON_RULE,
                   {"it is paired with villages outside of this time: end or correct the pairings first",
                    "在此期间之外仍有结对关系，请先结束或更正"});
  }
  return absl::OkStatus();
}

class UnitPolicy final : public store::PolicyOf<v1::AssistanceUnit> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::AssistanceUnit* /*before*/, const v1::AssistanceUnit& after,
                                Violations& violations) const override {
    const std::string& code = after.code();
    if (code.size() == codes::kCreditCodeLength && !codes::IsCreditCode(code)) {
      violations.Add("code", error::v1::REASON_FORMAT,
                     {"its check character does not fit the other 17 (GB 32100)", "校验码与前17位不符（GB 32100）"});
    }
    return CheckPartner(work, after.name(), {after.start_date(), after.end_date()}, violations);
  }
};

template <typename Group>
class GroupPolicy final : public store::PolicyOf<Group> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const Group* /*before*/, const Group& after,
                                Violations& violations) const override {
    return CheckPartner(work, after.name(), {after.start_date(), after.end_date()}, violations);
  }
};

template <typename Partner>
absl::Status CheckWithinPartner(UnitOfWork& work, const std::string& name, Period period, Violations& violations) {
  Partner partner;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, name, &partner));
  if (found) CheckWithin(period, {partner.start_date(), partner.end_date()}, {"the partner", "帮扶方"}, violations);
  return absl::OkStatus();
}

// The village is locked while a pairing is written, because it counts its units: overlaps are seen.
class PairingPolicy final : public store::PolicyOf<v1::VillagePairing> {
 public:
  // The partner is locked, and before the village: it stays as it is, and two pairings wait for each other.
  absl::Status DeriveResource(UnitOfWork& work, v1::VillagePairing* pairing) const override {
    v1::AssistanceUnit unit;
    v1::ResidentTeam team;
    v1::TechnicalGroup group;
    JIEDUI_RETURN_IF_ERROR(LockReferred(work, pairing->partner(), &unit).status());
    JIEDUI_RETURN_IF_ERROR(LockReferred(work, pairing->partner(), &team).status());
    return LockReferred(work, pairing->partner(), &group).status();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::VillagePairing* /*before*/, const v1::VillagePairing& after,
                                Violations& violations) const override {
    const Period period{after.start_date(), after.end_date()};
    CheckPeriod(work, period, violations);
    // It is of one of these.
    JIEDUI_RETURN_IF_ERROR(CheckWithinPartner<v1::AssistanceUnit>(work, after.partner(), period, violations));
    JIEDUI_RETURN_IF_ERROR(CheckWithinPartner<v1::ResidentTeam>(work, after.partner(), period, violations));
    JIEDUI_RETURN_IF_ERROR(CheckWithinPartner<v1::TechnicalGroup>(work, after.partner(), period, violations));
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
