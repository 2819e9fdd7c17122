#include "services/cli/sample/workflow_sample.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/leave.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "jiedui/workflow/v1/workflow.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

// A stream of random numbers apart from those of the village's other records.
constexpr uint64_t kStream = 9'000'000'000'000;

constexpr char kFourDeliberations[] = "decisionMethods/four-deliberations-2018";
constexpr char kSixSteps[] = "decisionMethods/six-steps-2018";
constexpr char kElectionRule[] = "electionRules/2018";

struct Step {
  const char* code;
  const char* display_name;
  v1::DecisionBody body;
  int quorum;    // tenths that must be there; 0: not counted, 6: two thirds
  bool vote;     // more than half of those present
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

// “9个不能”: nine invented wordings of what such lists contain.
constexpr const char* kDisqualifications[][2] = {
    {"convicted", "受过刑事处罚未满规定年限的"},      {"political", "政治上的两面人"},
    {"organised-crime", "涉黑涉恶或为其提供保护的"}, {"clan", "利用宗族势力干扰选举和村务的"},
    {"religion", "参与非法宗教活动的"},              {"under-inquiry", "涉嫌违纪违法正在接受调查的"},
    {"bribery", "拉票贿选的"},                        {"debt-defaulter", "失信被执行人"},
    {"petition-abuse", "长期无理取闹、扰乱公共秩序的"}};

void SetShare(int numerator, int denominator, bool more_than, v1::Share* share) {
  share->set_numerator(numerator);
  share->set_denominator(denominator);
  share->set_more_than(more_than);
}

template <typename Steps>
void WriteMethod(const char* name, const char* display_name, v1::DecisionMethodKind kind, const Steps& steps,
                 SampleFiles& files) {
  v1::DecisionMethod method;
  method.set_name(name);
  method.set_display_name(display_name);
  method.set_kind(kind);
  method.set_valid_from("2016-01-01");
  for (const Step& each : steps) {
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
      : place_(place), random_(seed, kStream + std::stoull(place.code)), files_(files), village_("villages/" + place.code) {}

  void WriteAll() {
    if (!random_.Chance(3)) WritePlans();
    if (random_.Chance(20)) WriteItem();
  }

  // The director's election; what it says of officials is recorded already.
  void WriteElection(const ElectedDirector& director) {
    v1::Election election;
    election.set_name("elections/" + Id("e", 11));
    election.set_village(village_);
    election.set_organ(v1::ELECTED_ORGAN_VILLAGE_COMMITTEE);
    election.set_rule(kElectionRule);
    election.set_term(11);
    election.set_planned_date(director.held_date);
    election.set_seats(1);
    AddRecord(files_, election);
    const std::string month = director.held_date.substr(0, 8);
    WriteCandidate(election.name(), 1, director.display_name, director.birth_date, month);
    WriteCandidate(election.name(), 2, "样例候选乙", random_.Date(1965, 1992), month);
    v1::ElectionVoter voter;
    voter.set_name("electionVoters/" + Id("v", 1));
    voter.set_election(election.name());
    voter.set_display_name("样例选民");
    voter.set_birth_date(random_.Date(1940, 1999));
    AddRecord(files_, voter);
    AddStep(election.name(), "AnnounceCandidates", Actor("clerk"), month + "04");
    const int64_t registered = random_.Between(200, 1800);
    const int64_t voted = registered - random_.Between(0, registered / 3);
    const int64_t won = voted - random_.Between(0, voted / 3);
    AddStep(election.name(), "HoldElection", Actor("clerk"), director.held_date,
            absl::StrCat(R"({"registered_count":)", registered, R"(,"voted_count":)", voted,
                         R"(,"results":[{"candidate":"electionCandidates/)", Id("e", 1), R"(","votes":)", won,
                         R"(,"elected":true},{"candidate":"electionCandidates/)", Id("e", 2), R"(","votes":)", voted - won, "}]}"));
    if (!Fortunate(90)) return;
    AddStep(election.name(), "HandOverElection", Actor("clerk"), "2018-09-05",
            R"({"handover_note":"样例：公章、账目、档案和资产已移交"})");
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number) { return absl::StrCat(kind, "-", place_.code, "-", number); }
  std::string Actor(const char* post) { return absl::StrCat("users/sample-", post, "-", place_.code.substr(0, 9)); }

  void AddStep(const std::string& resource, const char* rpc, const std::string& actor, const std::string& date,
               const std::string& input_json = "", const char* reason = "") {
    workflow::v1::Transition step;
    const std::string id = absl::StrReplaceAll(resource.substr(resource.find('/') + 1), {{"/", "-"}});
    step.set_name(absl::StrCat("villageTransitions/", id, "-", ++steps_));
    step.set_resource(resource);
    step.set_rpc(rpc);
    step.set_actor(actor);
    step.set_date(date);
    step.set_input_json(input_json);
    step.set_reason(reason);
    files_.at("villageTransitions")->Add(step);
  }

  // A decision of January 2018 with all of its steps, completed.
  std::string WriteDecision() {
    v1::Decision decision;
    const bool six = random_.Chance(50);
    decision.set_name("decisions/" + Id("d", 1));
    decision.set_village(village_);
    decision.set_method(six ? kSixSteps : kFourDeliberations);
    decision.set_display_name("样例：三年规划和2018年工作计划");
    decision.set_subject(v1::DECISION_SUBJECT_PLAN);
    decision.set_start_date("2018-01-02");
    AddRecord(files_, decision);
    const Step* const steps = six ? kSix : kFour;
    static_assert(std::size(kSix) == std::size(kFour));
    for (int i = 0; i < static_cast<int>(std::size(kFour)); ++i) WriteDecisionStep(decision.name(), steps[i], i);
    AddStep(decision.name(), "CompleteDecision", Actor("clerk"), "2018-01-25");
    return decision.name();
  }

  void WriteDecisionStep(const std::string& decision, const Step& rule, int position) {
    constexpr const char* kDates[] = {"2018-01-03", "2018-01-05", "2018-01-08", "2018-01-10", "2018-01-11", "2018-01-19"};
    v1::DecisionStep step;
    step.set_name(absl::StrCat("decisionSteps/", Id("d", 1), "-", position + 1));
    step.set_decision(decision);
    step.set_code(rule.code);
    step.set_held_date(kDates[position]);
    if (rule.quorum > 0) {
      const auto eligible = static_cast<int32_t>(random_.Between(7, 45));
      step.set_eligible_count(eligible);
      step.set_present_count(eligible - static_cast<int32_t>(random_.Between(0, eligible / 4)));
    }
    if (rule.vote) {
      step.set_against_count(static_cast<int32_t>(random_.Between(0, step.present_count() / 5)));
      step.set_approve_count(step.present_count() - step.against_count());
    }
    if (rule.publicity_days > 0) {
      step.set_end_date(position == 4 ? "2018-01-18" : "2018-01-25");
      step.set_publicity_place("样例村村务公开栏");
    }
    AddRecord(files_, step);
  }

  void WritePlans() {
    const bool decided = Fortunate(94);
    const std::string decision = decided ? WriteDecision() : "";
    for (const v1::PlanKind kind : {v1::PLAN_KIND_THREE_YEAR, v1::PLAN_KIND_ANNUAL}) {
      v1::Plan plan;
      plan.set_name("plans/" + Id(kind == v1::PLAN_KIND_ANNUAL ? "a" : "t", 2018));
      plan.set_village(village_);
      plan.set_kind(kind);
      plan.set_year(2018);
      plan.set_display_name(kind == v1::PLAN_KIND_ANNUAL ? "样例村2018年度结对帮扶工作计划" : "样例村结对帮扶三年总体规划");
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
    const std::string with = absl::StrCat(R"({"decision":")", decision, "\"}");
    AddStep(plan, "DecidePlan", Actor("clerk"), "2018-01-26", with);
    if (!Fortunate(97)) return;
    AddStep(plan, "SubmitPlan", Actor("clerk"), "2018-01-29");
    if (random_.Chance(3)) {
      AddStep(plan, "ReturnPlan", Actor("township"), "2018-02-05", "", "样例：措施不具体，请补充责任人和时限");
      return;
    }
    AddStep(plan, "ReviewPlan", Actor("township"), "2018-02-05");
    if (!Fortunate(97)) return;
    AddStep(plan, "CheckPlan", Actor("district"), "2018-02-28");
    if (!Fortunate(97)) return;
    AddStep(plan, "FilePlan", "users/sample-city", "2018-03-15");
  }

  void WriteCandidate(const std::string& election, int number, const std::string& display_name,
                      const std::string& birth_date, const std::string& month) {
    v1::ElectionCandidate candidate;
    candidate.set_name("electionCandidates/" + Id("e", number));
    candidate.set_election(election);
    candidate.set_display_name(display_name);
    candidate.set_birth_date(birth_date);
    candidate.set_post(v1::VILLAGE_POST_DIRECTOR);
    for (const auto& item : kDisqualifications) candidate.add_checks()->set_code(item[0]);
    AddRecord(files_, candidate);
    AddStep(candidate.name(), "QualifyCandidate", Actor("township"), month + "02");
  }

  void WriteItem() {
    v1::SupervisedItem item;
    item.set_name("supervisedItems/" + Id("s", 1));
    item.set_site(village_);
    item.set_task("样例：完成村集体经济项目开工");
    item.set_measure("落实用地，办理手续，确定施工单位");
    item.set_owner("样例镇分管负责人");
    item.set_raised_date("2018-03-01");
    item.set_due_date(absl::StrCat("2018-", random_.Chance(50) ? "06" : "10", "-30"));
    item.set_escalation_days(30);
    item.set_origin(v1::SUPERVISION_ORIGIN_MANUAL);
    AddRecord(files_, item);
    if (!Fortunate(70)) return;
    // Dated when it is recorded: a scheduler may have escalated it meanwhile.
    AddStep(item.name(), "StrikeOffItem", Actor("township"), "", R"({"evidence":"样例验收〔2018〕督字第1号"})");
  }

  const VillagePlace& place_;
  Random random_;
  SampleFiles& files_;
  const std::string village_;
  int steps_ = 0;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> WorkflowMessages() {
  return {v1::DecisionMethod::descriptor(),    v1::Decision::descriptor(),      v1::DecisionStep::descriptor(),
          v1::Plan::descriptor(),              v1::ElectionRule::descriptor(),  v1::Election::descriptor(),
          v1::ElectionCandidate::descriptor(), v1::ElectionVoter::descriptor(), v1::CadreLeave::descriptor(),
          v1::SupervisedItem::descriptor()};
}

void WriteMethods(SampleFiles& files) {
  WriteMethod(kFourDeliberations, "四议两公开(2018)", v1::DECISION_METHOD_KIND_FOUR_DELIBERATIONS, kFour, files);
  WriteMethod(kSixSteps, "六步决策法(2018)", v1::DECISION_METHOD_KIND_SIX_STEPS, kSix, files);
  v1::ElectionRule rule;
  rule.set_name(kElectionRule);
  rule.set_display_name("村级组织换届选举规则(2018)");
  rule.set_valid_from("2016-01-01");
  for (const auto& item : kDisqualifications) {
    v1::Disqualification* disqualification = rule.add_disqualifications();
    disqualification->set_code(item[0]);
    disqualification->set_display_name(item[1]);
  }
  SetShare(1, 2, true, rule.mutable_turnout());
  SetShare(1, 2, true, rule.mutable_majority());
  AddRecord(files, rule);
}

void WriteWorkflows(const VillagePlace& place, uint64_t seed, SampleFiles& files) { Writer(place, seed, files).WriteAll(); }

void WriteElection(const VillagePlace& place, const ElectedDirector& director, uint64_t seed, SampleFiles& files) {
  Writer(place, seed + 1, files).WriteElection(director);
}

void WriteLeave(const std::string& village, const std::string& cadre, const std::string& id, Random& random,
                SampleFiles& files) {
  v1::CadreLeave leave;
  leave.set_name("cadreLeaves/" + id);
  leave.set_village(village);
  leave.set_cadre(cadre);
  leave.set_start_date("2018-06-11");
  leave.set_end_date(absl::StrCat("2018-06-", random.Between(12, 20)));
  leave.set_purpose("样例：探亲");
  AddRecord(files, leave);
  int number = 0;
  const auto add = [&](const char* rpc, const char* actor, const std::string& date) {
    workflow::v1::Transition step;
    step.set_name(absl::StrCat("villageTransitions/", id, "-", ++number));
    step.set_resource(leave.name());
    step.set_rpc(rpc);
    step.set_actor(actor);
    step.set_date(date);
    files.at("villageTransitions")->Add(step);
  };
  add("RequestLeave", "users/sample-cadre", "2018-06-07");
  add("ApproveLeave", "users/sample-leader", "2018-06-08");
  if (random.Chance(95)) add("ReturnFromLeave", "users/sample-cadre", leave.end_date());
}

}  // namespace jiedui::cli
