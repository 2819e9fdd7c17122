#include "services/cli/sample/workflow_sample.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/leave.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/cli/sample/step_sample.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

// A stream of random numbers apart from those of the village's other records.
constexpr uint64_t kStream = 9'000'000'000'000;

constexpr char kFourDeliberations[] = "decisionMethods/four-deliberations-2018";
constexpr char kSixSteps[] = "decisionMethods/six-steps-2018";
constexpr char kDiscussion[] = "decisionMethods/discussion-2018";

struct Step {
  const char* code;
  const char* display_name;
  v1::DecisionBody body;
  int quorum;  // tenths that must be there; 0: not counted, 6: two thirds
  bool vote;   // more than half of those present
  int publicity_days;
};

// 四议两公开.
constexpr Step kFour[] = {{"branch-proposal", "村党支部会提议", v1::DECISION_BODY_PARTY_BRANCH, 5, false, 0},
                          {"two-committees", "村“两委”会商议", v1::DECISION_BODY_TWO_COMMITTEES, 5, true, 0},
                          {"party-members", "党员大会审议", v1::DECISION_BODY_PARTY_MEMBERS, 5, true, 0},
                          {"villagers", "村民代表会议决议", v1::DECISION_BODY_VILLAGERS, 6, true, 0},
                          {"resolution-published", "决议公开", v1::DECISION_BODY_PUBLIC, 0, false, 7},
                          {"result-published", "实施结果公开", v1::DECISION_BODY_PUBLIC, 0, false, 5}};
// 六步决策法.
constexpr Step kSix[] = {{"draft", "征求意见拟定方案", v1::DECISION_BODY_PARTY_BRANCH, 0, false, 0},
                         {"two-committees", "村“两委”会商定", v1::DECISION_BODY_TWO_COMMITTEES, 5, true, 0},
                         {"township-review", "镇(乡)审核", v1::DECISION_BODY_TOWNSHIP, 0, false, 0},
                         {"villagers", "村民会议或村民代表会议表决", v1::DECISION_BODY_VILLAGERS, 6, true, 0},
                         {"publication", "限时公示", v1::DECISION_BODY_PUBLIC, 0, false, 7},
                         {"execution", "组织实施并接受监督", v1::DECISION_BODY_SUPERVISORS, 0, false, 0}};

// Another way, of a few steps (一事一议).
constexpr Step kThree[] = {{"proposal", "村“两委”会提出议题", v1::DECISION_BODY_TWO_COMMITTEES, 5, false, 0},
                           {"villagers", "村民代表会议议定", v1::DECISION_BODY_VILLAGERS, 6, true, 0},
                           {"publication", "公示", v1::DECISION_BODY_PUBLIC, 0, false, 7}};

void SetShare(int numerator, int denominator, bool more_than, v1::Share* share) {
  share->set_numerator(numerator);
  share->set_denominator(denominator);
  share->set_more_than(more_than);
}

template <typename Rules>
void WriteMethod(const char* name, const char* display_name, v1::DecisionMethodKind kind, const Rules& rules,
                 SampleFiles& files) {
  v1::DecisionMethod method;
  method.set_name(name);
  method.set_display_name(display_name);
  method.set_kind(kind);
  method.set_valid_from("2016-01-01");
  for (const Step& each : rules) {
    v1::MethodStep* step = method.add_steps();
    step->set_code(each.code);
    step->set_display_name(each.display_name);
    step->set_body(each.body);
    if (each.quorum == 5) SetShare(1, 2, true, step->mutable_quorum());
    if (each.quorum == 6) SetShare(2, 3, false, step->mutable_quorum());
    if (each.vote) SetShare(1, 2, true, step->mutable_approval());
    step->set_publicity_days(each.publicity_days);
  }
  AddRecord(files, method);
}

class Writer {
 public:
  Writer(const VillagePlace& place, uint64_t seed, SampleFiles& files)
      : place_(place),
        random_(seed, kStream + std::stoull(place.code)),
        files_(files),
        village_("villages/" + place.code) {}

  void WriteAll() {
    if (!random_.Chance(3)) WritePlans();
    if (random_.Chance(35)) WriteOtherDecision();
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number) { return absl::StrCat(kind, "-", place_.code, "-", number); }
  std::string Actor(const char* post) { return SampleActor(place_.code, post); }

  // How a decision goes: `steps` of its method are taken, the vote of the one at `lost` is lost.
  struct Course {
    int steps;
    int lost = -1;
  };

  v1::Decision NewDecision(int number, const char* method, v1::DecisionSubject subject, const std::string& month,
                           const char* title) {
    v1::Decision decision;
    decision.set_name("decisions/" + Id("d", number));
    decision.set_village(village_);
    decision.set_method(method);
    decision.set_display_name(title);
    decision.set_subject(subject);
    decision.set_start_date(month + "02");
    AddRecord(files_, decision);
    return decision;
  }

  // On the plans, in January 2018, completed.
  std::string WritePlanDecision() {
    const bool six = random_.Chance(50);
    const std::string month = "2018-01-";
    const v1::Decision decision = NewDecision(1, six ? kSixSteps : kFourDeliberations, v1::DECISION_SUBJECT_PLAN, month,
                                              "样例：三年规划和2018年工作计划");
    static_assert(std::size(kSix) == std::size(kFour));
    TakeSteps(decision.name(), six ? kSix : kFour, {std::size(kFour)}, month);
    Steps(decision.name(), files_).Add("CompleteDecision", Actor("clerk"), month + "25");
    return decision.name();
  }

  // On something else, later; not all come to an end, and not all are carried.
  void WriteOtherDecision() {
    constexpr std::pair<v1::DecisionSubject, const char*> kSubjects[] = {
        {v1::DECISION_SUBJECT_PROJECT, "样例：产业项目选址"},
        {v1::DECISION_SUBJECT_FUND, "样例：帮扶资金使用方案"},
        {v1::DECISION_SUBJECT_ASSET, "样例：集体机动地发包"},
        {v1::DECISION_SUBJECT_OTHER, "样例：村规民约修订"}};
    const auto& [subject, title] = random_.Pick(kSubjects);
    const std::string month = absl::StrCat("2018-0", random_.Between(3, 9), "-");
    const bool three = random_.Chance(40);
    const Step* const rules = three ? kThree : kSix;
    const int all = static_cast<int>(three ? std::size(kThree) : std::size(kSix));
    const int vote = three ? 1 : 3;  // of the villagers
    const v1::Decision decision = NewDecision(2, three ? kDiscussion : kSixSteps, subject, month, title);
    Steps steps(decision.name(), files_);
    const int64_t roll = random_.Between(1, 100);
    if (roll <= 70) {
      TakeSteps(decision.name(), rules, {all}, month);
      steps.Add("CompleteDecision", Actor("clerk"), month + "26");
    } else if (roll <= 80) {
      TakeSteps(decision.name(), rules, {vote + 1, vote}, month);
      steps.Add("RejectDecision", Actor("clerk"), month + "26");
    } else {
      TakeSteps(decision.name(), rules, {static_cast<int>(random_.Between(0, vote))}, month);
      if (roll <= 90) steps.Add("AbandonDecision", Actor("clerk"), month + "26", "", "样例：条件变化，不再实施");
    }
  }

  void TakeSteps(const std::string& decision, const Step* rules, Course course, const std::string& month) {
    for (int i = 0; i < course.steps; ++i) WriteDecisionStep(decision, rules[i], i, i == course.lost, month);
  }

  void WriteDecisionStep(const std::string& decision, const Step& rule, int position, bool lost,
                         const std::string& month) {
    constexpr const char* kDays[] = {"03", "05", "08", "10", "11", "19"};
    v1::DecisionStep step;
    step.set_name(absl::StrCat("decisionSteps/", decision.substr(decision.find('/') + 1), "-", position + 1));
    step.set_decision(decision);
    step.set_code(rule.code);
    step.set_held_date(month + kDays[position]);
    if (rule.quorum > 0) {
      const auto eligible = static_cast<int32_t>(random_.Between(7, 45));
      step.set_eligible_count(eligible);
      step.set_present_count(eligible - static_cast<int32_t>(random_.Between(0, eligible / 4)));
    }
    if (rule.vote) {
      const int32_t minority = static_cast<int32_t>(random_.Between(0, step.present_count() / 5));
      step.set_against_count(lost ? step.present_count() - minority : minority);
      step.set_approve_count(step.present_count() - step.against_count());
    }
    if (rule.publicity_days > 0) {
      step.set_end_date(month + (position == 5 ? "25" : "18"));
      step.set_publicity_place("样例村村务公开栏");
    }
    AddRecord(files_, step);
  }

  void WritePlans() {
    const bool decided = Fortunate(94);
    const std::string decision = decided ? WritePlanDecision() : "";
    for (const v1::PlanKind kind : {v1::PLAN_KIND_THREE_YEAR, v1::PLAN_KIND_ANNUAL}) {
      v1::Plan plan;
      plan.set_name("plans/" + Id(kind == v1::PLAN_KIND_ANNUAL ? "a" : "t", 2018));
      plan.set_village(village_);
      plan.set_kind(kind);
      plan.set_year(2018);
      plan.set_display_name(kind == v1::PLAN_KIND_ANNUAL ? "样例村2018年度结对帮扶工作计划"
                                                         : "样例村结对帮扶三年总体规划");
      v1::PlanGoal* goal = plan.add_goals();
      goal->set_goal("村集体经营性收入达到20万元");
      goal->set_measure("发展一个产业项目，配套冷链仓储");
      goal->set_responsible("驻村工作组组长");
      goal->set_due_date("2018-12-31");
      AddRecord(files_, plan);
      if (decided) AdvancePlan(plan.name(), decision);
    }
  }

  void AdvancePlan(const std::string& plan, const std::string& decision) {
    Steps steps(plan, files_);
    steps.Add("DecidePlan", Actor("clerk"), "2018-01-26", absl::StrCat(R"({"decision":")", decision, "\"}"));
    if (random_.Chance(1)) return steps.Add("ReopenPlan", Actor("clerk"), "2018-01-28");
    if (!Fortunate(97)) return;
    steps.Add("SubmitPlan", Actor("clerk"), "2018-01-29");
    const int64_t roll = random_.Between(1, 100);
    if (roll <= 3) {
      return steps.Add("ReturnPlan", Actor("township"), "2018-02-05", "", "样例：措施不具体，请补充责任人和时限");
    }
    if (roll == 4) return;
    steps.Add("ReviewPlan", Actor("township"), "2018-02-05");
    if (!Fortunate(97)) return;
    steps.Add("CheckPlan", Actor("district"), "2018-02-28");
    if (!Fortunate(97)) return;
    // A few come too late for the year.
    steps.Add("FilePlan", "users/sample-city",
              random_.Chance(2)   ? "2019-01-01"
              : random_.Chance(2) ? "2018-12-31"
                                  : "2018-03-15");
  }

  const VillagePlace& place_;
  Random random_;
  SampleFiles& files_;
  const std::string village_;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> WorkflowMessages() {
  return {v1::DecisionMethod::descriptor(),    v1::Decision::descriptor(),
          v1::DecisionStep::descriptor(),      v1::Plan::descriptor(),
          v1::ElectionRule::descriptor(),      v1::Election::descriptor(),
          v1::ElectionCandidate::descriptor(), v1::ElectionVoter::descriptor(),
          v1::CadreLeave::descriptor(),        v1::SupervisedItem::descriptor()};
}

void WriteMethods(SampleFiles& files) {
  WriteMethod(kFourDeliberations, "四议两公开(2018)", v1::DECISION_METHOD_KIND_FOUR_DELIBERATIONS, kFour, files);
  WriteMethod(kSixSteps, "六步决策法(2018)", v1::DECISION_METHOD_KIND_SIX_STEPS, kSix, files);
  WriteMethod(kDiscussion, "一事一议(2018)", v1::DECISION_METHOD_KIND_OTHER, kThree, files);
}

void WriteWorkflows(const VillagePlace& place, uint64_t seed, SampleFiles& files) {
  Writer(place, seed, files).WriteAll();
}

void WriteLeave(const std::string& village, const std::string& cadre, const std::string& id, Random& random,
                SampleFiles& files) {
  constexpr const char* kPurposes[] = {"样例：探亲", "样例：体检", "样例：回单位开会"};
  v1::CadreLeave leave;
  leave.set_name("cadreLeaves/" + id);
  leave.set_village(village);
  leave.set_cadre(cadre);
  leave.set_start_date("2018-06-11");
  leave.set_end_date(absl::StrCat("2018-06-", random.Between(12, 20)));
  leave.set_purpose(random.Pick(kPurposes));
  AddRecord(files, leave);
  const std::string requester = "users/sample-cadre", approver = "users/sample-leader";
  Steps steps(leave.name(), files);
  const int64_t roll = random.Between(1, 100);
  if (roll <= 3) return;  // still being written
  steps.Add("RequestLeave", requester, "2018-06-07");
  if (roll <= 6) return;
  if (roll <= 10) return steps.Add("RefuseLeave", approver, "2018-06-08", "", "样例：防汛值守期间不予批准");
  if (roll <= 13) return steps.Add("CancelLeave", requester, "2018-06-08", "", "样例：行程取消");
  steps.Add("ApproveLeave", approver, "2018-06-08");
  if (roll <= 16) return steps.Add("CancelLeave", requester, "2018-06-09", "", "样例：行程取消");
  if (roll > 20) steps.Add("ReturnFromLeave", requester, leave.end_date());
}

}  // namespace jiedui::cli
