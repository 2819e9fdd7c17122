#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/message_differencer.h"
#include "jiedui/village/v1/decision.pb.h"
#include "services/village/rules.h"
#include "services/village/shares.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using store::Passage;
using store::UnitOfWork;

const resource::TablePlan& PlanOf(UnitOfWork& work, const char* collection) {
  return *work.engine().registry().FindByCollection(collection);
}

const std::string& LastDay(const v1::DecisionStep& step) {
  return step.end_date().empty() ? step.held_date() : step.end_date();
}

// -1 when it is no date.
int64_t DaysBetween(const std::string& first, const std::string& last) {
  absl::CivilDay from, to;
  if (!absl::ParseCivilTime(first, &from) || !absl::ParseCivilTime(last, &to)) return -1;
  return to - from;
}

class DecisionMethodPolicy final : public store::PolicyOf<v1::DecisionMethod> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::DecisionMethod* before, const v1::DecisionMethod& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"valid_from", after.valid_from()}, {"valid_to", after.valid_to()}}, false, violations);
    CheckCodesDiffer(after.steps(), "steps", violations);
    if (before == nullptr || SameSteps(*before, after)) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const bool used, work.Exists(PlanOf(work, "decisions"), {{"method", after.name()}}));
    if (used) {
      violations.Add("steps", error::v1::REASON_IMMUTABLE,
                     {"decisions follow them: record a new version of the method", "已有决策采用，请新增一个版本"});
    }
    return absl::OkStatus();
  }

 private:
  static bool SameSteps(const v1::DecisionMethod& a, const v1::DecisionMethod& b) {
    if (a.steps_size() != b.steps_size()) return false;
    for (int i = 0; i < a.steps_size(); ++i) {
      if (!MessageDifferencer::Equals(a.steps(i), b.steps(i))) return false;
    }
    return true;
  }
};

class DecisionPolicy final : public store::PolicyOf<v1::Decision> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::Decision* before, const v1::Decision& after,
                                Violations& violations) const override {
    if (after.plan_year() != 0 && after.subject() != v1::DECISION_SUBJECT_PLAN) {
      violations.Add("plan_year", error::v1::REASON_RULE,
                     {"is set for a decision on a plan only", "仅规划计划事项填写"});
    }
    if (before != nullptr) {
      CheckMatter(*before, after, violations);
      return absl::OkStatus();
    }
    store::CheckHappened(work.today(), {{"start_date", after.start_date()}}, violations);
    v1::DecisionMethod method;
    const absl::Status found = work.Get(PlanOf(work, "decisionMethods"), after.method(), &method);
    if (absl::IsNotFound(found) || absl::IsInvalidArgument(found)) return absl::OkStatus();  // a dangling reference
    JIEDUI_RETURN_IF_ERROR(found);
    const bool ended = !method.valid_to().empty() && after.start_date() > method.valid_to();
    if (!after.start_date().empty() && (after.start_date() < method.valid_from() || ended)) {
      violations.Add(
          "method", error::v1::REASON_RULE,
          {absl::StrCat("is valid from ", method.valid_from(), ended ? " to " : "", ended ? method.valid_to() : ""),
           absl::StrCat("该版本自 ", method.valid_from(), " 起有效", ended ? "，至 " : "",
                        ended ? method.valid_to() : "")});
    }
    return absl::OkStatus();
  }

 private:
  // The steps were taken, and the votes given, on this matter.
  static void CheckMatter(const v1::Decision& before, const v1::Decision& after, Violations& violations) {
    if (before.step_count() == 0) return;
    const auto add = [&violations](const char* field) {
      violations.Add(field, error::v1::REASON_IMMUTABLE,
                     {"cannot change once a step was taken", "已有办理步骤，不能更改"});
    };
    if (before.subject() != after.subject()) add("subject");
    if (before.display_name() != after.display_name()) add("display_name");
  }
};

// Attendance, votes and publicity of a step against what the method asks of it.
void CheckStep(const v1::MethodStep& rule, const v1::DecisionStep& step, Violations& violations) {
  const auto add = [&violations](const char* field, Text text) {
    violations.Add(field, error::v1::REASON_RULE, std::move(text));
  };
  const int64_t votes = int64_t{step.approve_count()} + step.against_count() + step.abstain_count();
  if (step.present_count() > step.eligible_count()) {
    add("present_count", {"cannot be more than may attend", "实到人数不得多于应到人数"});
  }
  if (votes > step.present_count()) {
    add("approve_count", {absl::StrCat(votes, " votes of ", step.present_count(), " who are there"),
                          absl::StrCat("实到", step.present_count(), "人，票数合计却为", votes)});
  }
  if (rule.has_quorum() &&
      (step.eligible_count() == 0 || !Reaches(step.present_count(), step.eligible_count(), rule.quorum()))) {
    const Text share = Described(rule.quorum());
    add("present_count", {absl::StrCat("inquorate: ", step.present_count(), " of ", step.eligible_count(),
                                       " are there, ", share.en, " must be"),
                          absl::StrCat("到会人数不足：应到", step.eligible_count(), "人，实到", step.present_count(),
                                       "人，须", share.zh)});
  }
  if (rule.has_approval() && votes == 0) add("approve_count", {"the step asks for a vote", "该步骤须表决"});
  if (!rule.has_approval() && votes > 0) add("approve_count", {"the step asks for no vote", "该步骤不表决"});
  if (rule.publicity_days() == 0) return;
  if (step.publicity_place().empty())
    add("publicity_place", {"the step asks for publication", "该步骤须公示，请填写地点"});
  // Both ends are days of it.
  const int64_t days = step.end_date().empty() ? 0 : DaysBetween(step.held_date(), step.end_date()) + 1;
  if (days < rule.publicity_days()) {
    add("end_date", {absl::StrCat("is published for ", days, " days, at least ", rule.publicity_days(), " must be"),
                     absl::StrCat("公示", days, "天，须至少", rule.publicity_days(), "天")});
  }
}

// Steps come in the order of the method. The decision is locked while one is written: two callers cannot both take the next.
class DecisionStepPolicy final : public store::PolicyOf<v1::DecisionStep> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::DecisionStep* step) const override {
    v1::Decision decision;
    v1::DecisionMethod method;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Follow(work, *step, &decision, &method));
    if (!found) return absl::OkStatus();
    step->set_position(0);
    step->set_lost(false);
    for (int i = 0; i < method.steps_size(); ++i) {
      const v1::MethodStep& rule = method.steps(i);
      if (rule.code() != step->code()) continue;
      step->set_position(i + 1);
      step->set_lost(rule.has_approval() && !Reaches(step->approve_count(), step->present_count(), rule.approval()));
    }
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::DecisionStep* before, const v1::DecisionStep& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"held_date", after.held_date()}, {"end_date", after.end_date()}}, true, violations);
    store::CheckHappened(work.today(), {{"held_date", after.held_date()}, {"end_date", after.end_date()}}, violations);
    v1::Decision decision;
    v1::DecisionMethod method;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Follow(work, after, &decision, &method));
    if (!found) return absl::OkStatus();
    if (decision.state() != v1::DECISION_STATE_OPEN) return Closed(decision);
    if (after.position() == 0) {
      violations.Add("code", error::v1::REASON_RULE, {"is no step of the method", "不是该方法的步骤"});
      return absl::OkStatus();
    }
    CheckStep(method.steps(after.position() - 1), after, violations);
    // step_count counts the step itself once it is there.
    const int last = decision.step_count();
    if (before == nullptr && after.position() != last + 1) {
      AddOutOfOrder(method, last, violations);
      return absl::OkStatus();
    }
    if (before != nullptr && after.position() != last) {
      violations.Add("decision", error::v1::REASON_STATE,
                     {"only its last step can be changed", "只能修改最后一个步骤"});
    }
    return CheckPrevious(work, decision, after, violations);
  }

  absl::Status ValidateDelete(UnitOfWork& work, const Message& before) const override {
    const auto& step = static_cast<const v1::DecisionStep&>(before);
    v1::Decision decision;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(PlanOf(work, "decisions"), step.decision(), &decision));
    if (decision.state() != v1::DECISION_STATE_OPEN) return Closed(decision);
    if (step.position() == decision.step_count()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {"only the last step of a decision can be removed", "只能删除最后一个步骤"});
  }

 private:
  // The decision (locked) and its method; false when there is no such decision, which is reported elsewhere.
  static absl::StatusOr<bool> Follow(UnitOfWork& work, const v1::DecisionStep& step, v1::Decision* decision,
                                     v1::DecisionMethod* method) {
    const absl::Status found = work.GetForUpdate(PlanOf(work, "decisions"), step.decision(), decision);
    if (absl::IsNotFound(found) || absl::IsInvalidArgument(found)) return false;
    JIEDUI_RETURN_IF_ERROR(found);
    JIEDUI_RETURN_IF_ERROR(work.Get(PlanOf(work, "decisionMethods"), decision->method(), method));
    return true;
  }

  static absl::Status Closed(const v1::Decision& decision) {
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {absl::StrCat(decision.name(), " is closed: its steps stay as they are"),
                      absl::StrCat(decision.name(), " 已办结，步骤不可更改")});
  }

  static void AddOutOfOrder(const v1::DecisionMethod& method, int last, Violations& violations) {
    if (last >= method.steps_size()) {
      violations.Add("code", error::v1::REASON_RULE, {"all steps are recorded", "全部步骤均已记录"});
      return;
    }
    const v1::MethodStep& next = method.steps(last);
    violations.Add("code", error::v1::REASON_RULE,
                   {absl::StrCat("is out of order: the next step is ", next.code()),
                    absl::StrCat("步骤顺序有误：下一步应为“", next.display_name(), "”(", next.code(), ")")});
  }

  // The step before it was won, and ended before it.
  static absl::Status CheckPrevious(UnitOfWork& work, const v1::Decision& decision, const v1::DecisionStep& step,
                                    Violations& violations) {
    std::string earliest = decision.start_date();
    if (step.position() > 1) {
      const resource::TablePlan& plan = PlanOf(work, "decisionSteps");
      JIEDUI_ASSIGN_OR_RETURN(
          sql::Statement * row,
          work.transaction().Prepare(absl::StrCat(plan.select_sql(), " WHERE `decision` = ? AND `position` = ?")));
      row->BindText(0, decision.name());
      row->BindInt(1, step.position() - 1);
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (!found) return absl::InternalError("a decision lacks a step");
      v1::DecisionStep previous;
      resource::RowVersion version;
      JIEDUI_RETURN_IF_ERROR(plan.ReadRow(*row, &previous, &version));
      earliest = LastDay(previous);
      if (previous.lost()) {
        violations.Add("code", error::v1::REASON_RULE,
                       {"the vote of the step before it was lost", "上一步骤表决未通过，不能进入下一步"});
      }
    }
    if (!step.held_date().empty() && step.held_date() < earliest) {
      violations.Add("held_date", error::v1::REASON_RULE,
                     {absl::StrCat("must not be before ", earliest, ", when the step before it ended"),
                      absl::StrCat("不得早于上一步骤的结束日期 ", earliest)});
    }
    return absl::OkStatus();
  }
};

// The newest step of a decision; false when it has none.
absl::StatusOr<bool> NewestStep(UnitOfWork& work, const std::string& decision, v1::DecisionStep* step) {
  const resource::TablePlan& plan = PlanOf(work, "decisionSteps");
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(absl::StrCat(
                              plan.select_sql(), " WHERE `decision` = ? ORDER BY `position` DESC LIMIT 1")));
  row->BindText(0, decision);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  resource::RowVersion version;
  if (found) JIEDUI_RETURN_IF_ERROR(plan.ReadRow(*row, step, &version));
  return found;
}

absl::Status EveryStepDone(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& decision = static_cast<const v1::Decision&>(passage.before);
  v1::DecisionMethod method;
  JIEDUI_RETURN_IF_ERROR(work.Get(PlanOf(work, "decisionMethods"), decision.method(), &method));
  if (decision.step_count() < method.steps_size()) {
    const v1::MethodStep& next = method.steps(decision.step_count());
    violations.Add(
        "name", error::v1::REASON_RULE,
        {absl::StrCat("has ", decision.step_count(), " of ", method.steps_size(), " steps; the next is ", next.code()),
         absl::StrCat("已办", decision.step_count(), "步，共", method.steps_size(), "步；下一步为“",
                      next.display_name(), "”")});
    return absl::OkStatus();
  }
  v1::DecisionStep last;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, NewestStep(work, decision.name(), &last));
  if (found && last.lost()) {
    violations.Add("name", error::v1::REASON_RULE, {"its last vote was lost", "最后一次表决未通过"});
  }
  if (found && passage.step.date() < LastDay(last)) {
    violations.Add("date", error::v1::REASON_RULE,
                   {absl::StrCat("must not be before the last step, which ended on ", LastDay(last)),
                    absl::StrCat("不得早于最后一个步骤的结束日期 ", LastDay(last))});
  }
  return absl::OkStatus();
}

absl::Status VoteLost(UnitOfWork& work, const Passage& passage, Violations& violations) {
  v1::DecisionStep last;
  JIEDUI_ASSIGN_OR_RETURN(const bool found,
                          NewestStep(work, static_cast<const v1::Decision&>(passage.before).name(), &last));
  if (found && last.lost()) return absl::OkStatus();
  violations.Add("name", error::v1::REASON_RULE,
                 {"no vote was lost; AbandonDecision gives it up", "没有未通过的表决；可终止决策"});
  return absl::OkStatus();
}

}  // namespace

void AddDecisionRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.DecisionService");
  definition.policies["decisionMethods"] = std::make_unique<DecisionMethodPolicy>();
  definition.policies["decisions"] = std::make_unique<DecisionPolicy>();
  definition.policies["decisionSteps"] = std::make_unique<DecisionStepPolicy>();
  definition.guards["every_step_done"] = EveryStepDone;
  definition.guards["vote_lost"] = VoteLost;
}

}  // namespace jiedui::village
