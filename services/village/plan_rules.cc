#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "services/village/rules.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using store::Passage;
using store::UnitOfWork;

constexpr int kYearsOfAThreeYearPlan = 3;
constexpr int kLastProgrammeYear = 2100;

class PlanPolicy final : public store::PolicyOf<v1::Plan> {
 public:
  void PrepareResource(const v1::Plan* /*before*/, v1::Plan* plan) const override {
    // A year of no programme is refused afterwards, whatever it is.
    const bool three_years = plan->kind() == v1::PLAN_KIND_THREE_YEAR && plan->year() <= kLastProgrammeYear;
    plan->set_last_year(plan->year() + (three_years ? kYearsOfAThreeYearPlan - 1 : 0));
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

// Whether the decision carried the plan in an earlier step.
absl::StatusOr<bool> HasCarried(UnitOfWork& work, const v1::Plan& plan) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT 1 FROM workflow_transition WHERE resource = ? AND rpc = ? AND "
                                 "INSTR(input_json, ?) > 0 LIMIT 1"));
  row->BindText(0, plan.name());
  row->BindText(1, "DecidePlan");
  row->BindText(2, absl::StrCat("\"", plan.decision(), "\""));
  return row->Step();
}

// The decision is this village's, on the plan of this year, completed, and was not there before the plan was returned or reopened:
// what was changed since is decided anew, also on the same day.
absl::Status DecisionCarried(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& plan = static_cast<const v1::Plan&>(passage.after);
  v1::Decision decision;
  const absl::Status found =
      work.Get(*work.engine().registry().FindByCollection("decisions"), plan.decision(), &decision);
  if (absl::IsNotFound(found) || absl::IsInvalidArgument(found)) return absl::OkStatus();  // a dangling reference
  JIEDUI_RETURN_IF_ERROR(found);
  const auto refuse = [&violations](Text text) { violations.Add("decision", error::v1::REASON_RULE, std::move(text)); };
  if (decision.village() != plan.village()) refuse({"is of another village", "是其他村的决议"});
  const int32_t year = decision.plan_year() != 0 ? decision.plan_year() : YearOf(decision.start_date());
  if (decision.subject() != v1::DECISION_SUBJECT_PLAN) {
    refuse({"is not on a plan", "不是规划计划事项的决议"});
  } else if (year != plan.year()) {
    refuse({absl::StrCat("is on a plan of ", year,
                         "; a decision that began in another year says that of its plan in plan_year"),
            absl::StrCat("是", year, "年规划计划的决议；启动年度不同的，须在决议中填写规划计划年度")});
  }
  if (decision.state() != v1::DECISION_STATE_COMPLETED) {
    refuse({"is not completed", "决议尚未完成"});
  } else if (decision.completed_date() > passage.step.date()) {
    refuse({absl::StrCat("was completed on ", decision.completed_date(), ", after this step"),
            absl::StrCat("决议完成于 ", decision.completed_date(), "，晚于本步骤")});
  }
  if (decision.state() != v1::DECISION_STATE_COMPLETED) return absl::OkStatus();
  JIEDUI_ASSIGN_OR_RETURN(const bool carried, HasCarried(work, plan));
  const std::string& changed = std::max(plan.returned_date(), plan.reopened_date());
  if (carried || decision.completed_date() < changed) {
    refuse({absl::StrCat("is from before the plan was returned or reopened, on ", changed, ": decide anew"),
            absl::StrCat("决议早于规划计划的退回或重新编制(", changed, ")，须重新决议")});
  }
  return absl::OkStatus();
}

}  // namespace

void AddPlanRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.PlanService");
  definition.policies["plans"] = std::make_unique<PlanPolicy>();
  definition.guards["decision_carried"] = DecisionCarried;
}

}  // namespace jiedui::village
