#include "services/assistance/support_rules.h"

#include <memory>

#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/support.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using error::v1::REASON_RULE;
using store::UnitOfWork;

class VisitPolicy final : public store::PolicyOf<v1::HelperVisit> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::HelperVisit* before, const v1::HelperVisit& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"visit_date", after.visit_date()}}, violations);
    v1::HelperPairing pairing;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "helperPairings", after.pairing(), &pairing));
    if (!found) return absl::OkStatus();
    if (after.visit_date().size() == 10 && (after.visit_date() < pairing.start_date() ||
                                            (!pairing.end_date().empty() && after.visit_date() > pairing.end_date()))) {
      violations.Add("visit_date", REASON_RULE, {"is not within the pairing", "不在结对期间内"});
    }
    if (before != nullptr) return absl::OkStatus();
    return CheckVillageOfHousehold(work, pairing.household(), after.village(), violations);
  }
};

class AssistanceNeedPolicy final : public store::PolicyOf<v1::AssistanceNeed> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::AssistanceNeed* before, const v1::AssistanceNeed& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"raised_date", after.raised_date()}, {"met_date", after.met_date()}},
                         violations);
    store::CheckDateOrder({{"raised_date", after.raised_date()}, {"met_date", after.met_date()}}, true, violations);
    if (before != nullptr || after.household().empty()) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }
};

class ActivityPolicy final : public store::PolicyOf<v1::SocialActivity> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::SocialActivity* /*before*/, const v1::SocialActivity& after,
                                Violations& violations) const override {
    CheckHappenedInYear(work.today(), "held_date", after.held_date(), after.year(), violations);
    return absl::OkStatus();
  }
};

class MatchPolicy final : public store::PolicyOf<v1::NeedMatch> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::NeedMatch* before, const v1::NeedMatch& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"matched_date", after.matched_date()}}, violations);
    v1::AssistanceNeed need;
    v1::SocialActivity activity;
    JIEDUI_ASSIGN_OR_RETURN(const bool need_found, Find(work, "assistanceNeeds", after.need(), &need));
    JIEDUI_ASSIGN_OR_RETURN(const bool activity_found, Find(work, "socialActivities", after.activity(), &activity));
    if (!need_found || !activity_found) return absl::OkStatus();
    if (before == nullptr) CheckFits(need, activity, violations);
    if (after.matched_date().size() == 10 && after.matched_date() < need.raised_date()) {
      violations.Add("matched_date", REASON_RULE, {"must not be before the need was raised", "不得早于需求提出日期"});
    }
    return absl::OkStatus();
  }

 private:
  static void CheckFits(const v1::AssistanceNeed& need, const v1::SocialActivity& activity, Violations& violations) {
    if (need.village() != activity.village()) {
      violations.Add("activity", REASON_RULE, {"is held in another village than the need's", "活动与需求不在同一村"});
    }
    if (need.kind() != activity.kind()) {
      violations.Add("activity", REASON_RULE, {"offers something else than is needed", "活动与需求的类别不符"});
    }
  }
};

}  // namespace

void AddSupportRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.SupportService");
  definition.policies["helperVisits"] = std::make_unique<VisitPolicy>();
  definition.policies["assistanceNeeds"] = std::make_unique<AssistanceNeedPolicy>();
  definition.policies["socialActivities"] = std::make_unique<ActivityPolicy>();
  definition.policies["needMatches"] = std::make_unique<MatchPolicy>();
}

}  // namespace jiedui::assistance
