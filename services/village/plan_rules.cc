#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using store::Passage;
using store::UnitOfWork;

constexpr int kYearsOfAThreeYearPlan = 3;

class PlanPolicy final : public store::PolicyOf<v1::Plan> {
 public:
  void PrepareResource(const v1::Plan* /*before*/, v1::Plan* plan) const override {
    plan->set_last_year(plan->kind() == v1::PLAN_KIND_THREE_YEAR ? plan->year() + kYearsOfAThreeYearPlan - 1 : plan->year());
  }

  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::Plan* /*before*/, const v1::Plan& after,
                                Violations& violations) const override {
    const std::string end = absl::StrCat(after.last_year(), "-12-31");
    for (int i = 0; i < after.goals_size(); ++i) {
      if (after.goals(i).due_date() <= end) continue;
      violations.Add(absl::StrCat("goals[", i, "].due_date"), error::v1::REASON_RULE,
                     {absl::StrCat("must not be after the plan, which ends on ", end),
                      absl::StrCat("不得晚于规划计划的截止日 ", end)});
    }
    return absl::OkStatus();
  }
};

// The decision is this village's, on a plan, completed, and was not there before the plan was returned: what was changed since
// is decided anew.
absl::Status DecisionCarried(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& plan = static_cast<const v1::Plan&>(passage.after);
  v1::Decision decision;
  const absl::Status found =
      work.Get(*work.engine().registry().FindByCollection("decisions"), plan.decision(), &decision);
  if (absl::IsNotFound(found) || absl::IsInvalidArgument(found)) return absl::OkStatus();  // a dangling reference
  JIEDUI_RETURN_IF_ERROR(found);
  const auto refuse = [&violations](Text text) { violations.Add("decision", error::v1::REASON_RULE, std::move(text)); };
  if (decision.village() != plan.village()) refuse({"is of another village", "是其他村的决议"});
  if (decision.subject() != v1::DECISION_SUBJECT_PLAN) refuse({"is not on a plan", "不是规划计划事项的决议"});
  if (decision.state() != v1::DECISION_STATE_COMPLETED) {
    refuse({"is not completed", "决议尚未完成"});
  } else if (decision.completed_date() > passage.step.date()) {
    refuse({absl::StrCat("was completed on ", decision.completed_date(), ", after this step"),
            absl::StrCat("决议完成于 ", decision.completed_date(), "，晚于本步骤")});
  } else if (decision.completed_date() < plan.returned_date()) {
    refuse({absl::StrCat("was completed before the plan was returned on ", plan.returned_date()),
            absl::StrCat("决议早于规划计划的退回日期 ", plan.returned_date(), "，须重新决议")});
  }
  return absl::OkStatus();
}

}  // namespace

void AddPlanRules(service::Definition& definition) {
  definition.services.push_back("jiedui.village.v1.PlanService");
  definition.policies["plans"] = std::make_unique<PlanPolicy>();
  definition.guards["decision_carried"] = DecisionCarried;
}

}  // namespace jiedui::village
