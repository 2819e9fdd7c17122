#include "services/assistance/pension_rules.h"

#include <memory>

#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/pension.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using google::protobuf::Message;
using store::UnitOfWork;

class EnrolmentPolicy final : public store::PolicyOf<v1::PensionEnrolment> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::PensionEnrolment* before, const v1::PensionEnrolment& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"enrolled_date", after.enrolled_date()}, {"ended_date", after.ended_date()}}, true,
                          violations);
    store::CheckHappened(work.today(), {{"enrolled_date", after.enrolled_date()}, {"ended_date", after.ended_date()}},
                         violations);
    if (before != nullptr) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(CheckMemberOfHousehold(work, after.member(), after.household(), violations));
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    return RederiveHousehold(work,
                             static_cast<const v1::PensionEnrolment&>(after != nullptr ? *after : *before).household());
  }
};

class CampaignPolicy final : public store::PolicyOf<v1::PensionCampaign> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::PensionCampaign* /*before*/,
                                const v1::PensionCampaign& after, Violations& violations) const override {
    CheckHappenedInYear(work.today(), "held_date", after.held_date(), after.year(), violations);
    return absl::OkStatus();
  }
};

}  // namespace

void AddPensionRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.PensionService");
  definition.policies["pensionEnrolments"] = std::make_unique<EnrolmentPolicy>();
  definition.policies["pensionCampaigns"] = std::make_unique<CampaignPolicy>();
}

}  // namespace jiedui::assistance
