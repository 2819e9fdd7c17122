// Many clients of different roles and levels take random steps, legal and illegal, with plans, decisions, leave, elections,
// candidates and supervised items at once: no illegal state is ever stored, and every history is complete and ordered.
// JIEDUI_TEST_SECONDS lengthens the run.

#include <stdlib.h>

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/leave.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "jiedui/village/v1/unit.pb.h"
#include "services/village/supervision.h"
#include "tests/village/step_test.h"

namespace jiedui::testing {
namespace {

using village::v1::CadreLeave;
using village::v1::Decision;
using village::v1::DecisionStep;
using village::v1::Election;
using village::v1::ElectionCandidate;
using village::v1::Plan;
using village::v1::SupervisedItem;

constexpr int kClients = 12;
constexpr int kEach = 4;
constexpr int kMany = 40;

constexpr char kRule[] =
    R"(display_name: "规则" valid_from: "2018-01-01" disqualifications { code: "bribery" display_name: "拉票贿选" }
    turnout { numerator: 1 denominator: 2 more_than: true } majority { numerator: 1 denominator: 2 more_than: true })";
constexpr char kMethod[] = R"(display_name: "方法" kind: DECISION_METHOD_KIND_OTHER valid_from: "2018-01-01"
    steps { code: "a" display_name: "一" body: DECISION_BODY_TWO_COMMITTEES }
    steps { code: "b" display_name: "二" body: DECISION_BODY_VILLAGERS quorum { numerator: 1 denominator: 2 }
            approval { numerator: 1 denominator: 2 } })";

class VillageRaceTest : public StepTest {
 protected:
  using Dice = std::mt19937;

  void SetUp() override {
    StepTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(Create<village::v1::DecisionMethod>("m", kMethod));
    ASSERT_OK(Create<village::v1::ElectionRule>("r", kRule));
    for (int i = 0; i < kEach; ++i) {
      ASSERT_OK(
          Create<Plan>(absl::StrCat("p", i),
                       absl::StrCat("village: \"", i % 2 == 0 ? kVillage : kOther,
                                    "\" kind: ", i < 2 ? "PLAN_KIND_ANNUAL" : "PLAN_KIND_THREE_YEAR",
                                    R"( year: 2018 display_name: "计划" goals { goal: "目标" measure: "措施" })")));
      ASSERT_OK(Create<Election>(
          absl::StrCat("e", i),
          absl::StrCat(
              "village: \"", i % 2 == 0 ? kVillage : kOther,
              R"(" organ: ELECTED_ORGAN_VILLAGE_COMMITTEE rule: "electionRules/r" planned_date: "2018-09-16" seats: 2 term: )",
              11 + i / 2)));
    }
    for (int i = 0; i < kMany; ++i) {
      ASSERT_OK(Create<SupervisedItem>(
          absl::StrCat("s", i), absl::StrCat("site: \"", kVillage, R"(" task: "开工" measure: "落实" owner: "镇长"
          escalation_days: 1 due_date: "2018-06-30" origin: SUPERVISION_ORIGIN_MANUAL)")));
    }
    RecordItemsAt(absl::UnixEpoch() + absl::Seconds(1));
    AddLeave();
  }

  // Leaves of two cadres, each of which meets the next.
  void AddLeave() {
    ASSERT_OK(Create<village::v1::AssistanceUnit>(
        "u",
        R"(code: "91350100M000100Y43" display_name: "样例单位" kind: UNIT_KIND_CITY_ORGAN start_date: "2017-08-01")"));
    for (const char* cadre : {"c0", "c1"}) {
      ASSERT_OK(Create<village::v1::Cadre>(
          cadre, R"(display_name: "驻村甲" birth_date: "1980-05-06" unit: "assistanceUnits/u")"));
      ASSERT_OK(Create<village::v1::CadrePosting>(
          cadre, absl::StrCat("village: \"", kVillage, "\" cadre: \"cadres/", cadre,
                              R"(" role: CADRE_ROLE_MEMBER start_date: "2017-08-01")")));
    }
    for (int i = 0; i < kMany; ++i) {
      ASSERT_OK(Create<CadreLeave>(absl::StrCat("l", i),
                                   absl::StrCat("village: \"", kVillage, "\" cadre: \"cadres/c", i % 2,
                                                "\" purpose: \"探亲\" start_date: \"2018-06-", 10 + i % 18,
                                                "\" end_date: \"2018-06-", 12 + i % 18, "\"")));
    }
  }

  static std::string Pick(Dice& dice, std::initializer_list<const char*> names) {
    return names.begin()[dice() % names.size()];
  }

  // Half of them may do everything; the others have a role, at a level.
  static Principal Somebody(Dice& dice) {
    Principal caller{absl::StrCat("users/u", dice() % 4)};
    if (dice() % 2 == 0) return caller;
    constexpr options::v1::Role kRoles[] = {options::v1::ROLE_VIEWER, options::v1::ROLE_EDITOR,
                                            options::v1::ROLE_REVIEWER};
    caller.roles = {kRoles[dice() % 3]};
    caller.level = static_cast<options::v1::Level>(dice() % 5);
    return caller;
  }

  template <typename Resource>
  absl::Status StepAs(const Principal& caller, const std::string& rpc, const std::string& name,
                      const std::string& text = "") {
    const auto* method = Resource::descriptor()->file()->service(0)->FindMethodByName(rpc);
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(absl::StrCat("name: \"", name, "\" ", text), request.get()))
        << text;
    Resource answer;
    return program_->Call(absl::StrCat(method->service()->full_name(), "/", rpc), *request, &answer, caller);
  }

  absl::Status StepOfDecision(Dice& dice) {
    const std::string id = absl::StrCat("d", dice() % kMany), decision = "decisions/" + id;
    switch (dice() % 5) {
      case 0:
        return Create<Decision>(
                   id, absl::StrCat("village: \"", dice() % 2 == 0 ? kVillage : kOther, R"(" method: "decisionMethods/m"
            display_name: "计划" start_date: "2018-01-02" subject: )",
                                    Pick(dice, {"DECISION_SUBJECT_PLAN", "DECISION_SUBJECT_PROJECT"})))
            .status();
      case 1:
        return Create<DecisionStep>("", absl::StrCat("decision: \"", decision, "\" code: \"", Pick(dice, {"a", "b"}),
                                                     "\" held_date: \"2018-01-0", 2 + dice() % 3,
                                                     "\" eligible_count: 10 present_count: ", dice() % 2 == 0 ? 6 : 4))
            .status();
      case 2:
        return Create<DecisionStep>(
                   "", absl::StrCat("decision: \"", decision, R"(" code: "b" held_date: "2018-01-05" eligible_count: 10
            present_count: 6 approve_count: )",
                                    2 + dice() % 4))
            .status();
      case 3:
        if (dice() % 8 != 0) break;
        return StepAs<Decision>(Somebody(dice), "AbandonDecision", decision,
                                dice() % 2 == 0 ? R"(reason: "不再实施")" : "");
      default:
        break;
    }
    return StepAs<Decision>(Somebody(dice), Pick(dice, {"CompleteDecision", "RejectDecision"}), decision);
  }

  absl::Status StepOfPlan(Dice& dice) {
    const std::string plan = absl::StrCat("plans/p", dice() % kEach);
    switch (dice() % 4) {
      case 0:
        return StepAs<Plan>(Somebody(dice), "DecidePlan", plan,
                            absl::StrCat("decision: \"decisions/d", dice() % kMany, "\""));
      case 1:
        return StepAs<Plan>(Somebody(dice), Pick(dice, {"SubmitPlan", "ReviewPlan", "CheckPlan", "ReopenPlan"}), plan);
      case 2:
        return StepAs<Plan>(Somebody(dice), Pick(dice, {"ReturnPlan", "FilePlan", "ReviewPlan"}), plan,
                            R"(reason: "不具体")");
      default:
        return Update<Plan>(plan, absl::StrCat("display_name: \"", dice() % 100, "\"")).status();
    }
  }

  absl::Status StepOfLeave(Dice& dice) {
    return StepAs<CadreLeave>(
        Somebody(dice),
        Pick(dice, {"RequestLeave", "RequestLeave", "ApproveLeave", "RefuseLeave", "CancelLeave", "ReturnFromLeave"}),
        absl::StrCat("cadreLeaves/l", dice() % kMany), dice() % 3 == 0 ? R"(reason: "防汛")" : "");
  }

  // Each by somebody else: a name that is refused is a comparison with personal data, of which everybody has few.
  absl::Status Nominate(Dice& dice, const std::string& election) {
    const auto number = dice() % kMany;
    village::v1::CreateElectionCandidateRequest request;
    request.set_election_candidate_id(absl::StrCat("n", number));
    *request.mutable_election_candidate() = Proto<ElectionCandidate>(absl::StrCat(
        "election: \"", election, R"(" birth_date: "1980-01-01" display_name: "甲)", number,
        "\" post: ", Pick(dice, {"VILLAGE_POST_DIRECTOR", "VILLAGE_POST_COMMITTEE_MEMBER", "VILLAGE_POST_SECRETARY"}),
        R"( checks { code: "bribery" holds: )", dice() % 8 == 0 ? "true" : "false", " }"));
    ElectionCandidate answer;
    return program_->Call("jiedui.village.v1.ElectionService/CreateElectionCandidate", request, &answer,
                          Principal{absl::StrCat("users/n", dice())});
  }

  absl::Status StepOfElection(Dice& dice) {
    const std::string election = absl::StrCat("elections/e", dice() % kEach);
    const auto candidate = [&dice] { return absl::StrCat("electionCandidates/n", dice() % kMany); };
    switch (dice() % 8) {
      case 0:
      case 1:
        return Nominate(dice, election);
      case 2:
        return StepAs<ElectionCandidate>(Somebody(dice), "QualifyCandidate", candidate());
      case 3:
        return StepAs<ElectionCandidate>(Somebody(dice), Pick(dice, {"DisqualifyCandidate", "WithdrawCandidate"}),
                                         candidate(), R"(reason: "不符")");
      case 4:
        return StepAs<Election>(Somebody(dice), Pick(dice, {"AnnounceCandidates", "RepeatElection"}), election);
      case 5:
        return StepAs<Election>(Somebody(dice), "VoidElection", election,
                                R"(reason: "未过半" registered_count: 100 voted_count: 30)");
      case 6:
        return StepAs<Election>(Somebody(dice), "HandOverElection", election,
                                dice() % 2 == 0 ? R"(handover_note: "已移交")" : "");
      default:
        return StepAs<Election>(Somebody(dice), "HoldElection", election,
                                absl::StrCat("registered_count: 100 voted_count: ", dice() % 2 == 0 ? 80 : 40,
                                             " results { candidate: \"", candidate(), "\" votes: ", 30 + dice() % 40,
                                             " elected: true } results { candidate: \"", candidate(), "\" votes: 5 }"));
    }
  }

  absl::Status StepOfItem(Dice& dice) {
    const std::string item = absl::StrCat("supervisedItems/s", dice() % kMany);
    switch (dice() % 6) {
      case 0:
        return village::EscalateOverdueItems(program_->host().engine(), nullptr);
      case 1:
        return StepAs<SupervisedItem>(
            Somebody(dice), "ExtendItem", item,
            absl::StrCat("reason: \"汛期\" extended_date: \"20", 10 + dice() % 60, "-01-31\""));
      case 2:
        if (dice() % 5 != 0) break;
        return StepAs<SupervisedItem>(Somebody(dice), "StrikeOffItem", item,
                                      dice() % 2 == 0 ? R"(evidence: "验收1号")" : "");
      default:
        break;
    }
    return StepAs<SupervisedItem>(Somebody(dice), "EscalateItem", item);
  }

  absl::Status RandomStep(Dice& dice) {
    switch (dice() % 5) {
      case 0:
        return StepOfDecision(dice);
      case 1:
        return StepOfPlan(dice);
      case 2:
        return StepOfLeave(dice);
      case 3:
        return StepOfElection(dice);
      default:
        return StepOfItem(dice);
    }
  }

  // Every resource, by name.
  template <typename Resource, typename Response>
  std::map<std::string, Resource> All(const std::string& method) {
    resource::v1::ListRequest request;
    request.set_page_size(1000);
    Response response;
    EXPECT_OK(program_->Call("jiedui.village.v1." + method, request, &response));
    EXPECT_EQ(response.next_page_token(), "");
    std::map<std::string, Resource> all;
    const auto* page = Response::descriptor()->field(0);
    for (int i = 0; i < response.GetReflection()->FieldSize(response, page); ++i) {
      const auto& each = static_cast<const Resource&>(response.GetReflection()->GetRepeatedMessage(response, page, i));
      all.emplace(each.name(), each);
    }
    return all;
  }

  void CheckDecisionsAndPlans() {
    const auto decisions = All<Decision, village::v1::ListDecisionsResponse>("DecisionService/ListDecisions");
    std::map<std::string, std::vector<DecisionStep>> steps;
    for (const auto& [name, step] :
         All<DecisionStep, village::v1::ListDecisionStepsResponse>("DecisionService/ListDecisionSteps")) {
      steps[step.decision()].push_back(step);
    }
    for (const auto& [name, decision] : decisions) {
      SCOPED_TRACE(name);
      std::set<int> positions;
      bool lost = false;
      for (const DecisionStep& step : steps[name]) {
        EXPECT_TRUE(positions.insert(step.position()).second);
        lost = lost || step.lost();
      }
      EXPECT_EQ(decision.step_count(), static_cast<int>(positions.size()));
      if (!positions.empty()) {
        EXPECT_EQ(*positions.rbegin(), static_cast<int>(positions.size())) << "a step was skipped";
      }
      EXPECT_EQ(decision.state() == village::v1::DECISION_STATE_COMPLETED, !decision.completed_date().empty());
      if (decision.state() == village::v1::DECISION_STATE_COMPLETED) {
        EXPECT_EQ(positions.size(), 2u);
      }
      if (decision.state() == village::v1::DECISION_STATE_COMPLETED) {
        EXPECT_FALSE(lost);
      }
      if (decision.state() == village::v1::DECISION_STATE_REJECTED) {
        EXPECT_TRUE(lost);
      }
    }
    for (const auto& [name, plan] : All<Plan, village::v1::ListPlansResponse>("PlanService/ListPlans")) {
      SCOPED_TRACE(name);
      EXPECT_EQ(plan.state() == village::v1::PLAN_STATE_FILED, !plan.filed_date().empty());
      if (plan.state() == village::v1::PLAN_STATE_DRAFT || plan.state() == village::v1::PLAN_STATE_RETURNED) continue;
      ASSERT_TRUE(decisions.contains(plan.decision()));
      const Decision& decision = decisions.at(plan.decision());
      EXPECT_EQ(decision.state(), village::v1::DECISION_STATE_COMPLETED);
      EXPECT_EQ(decision.subject(), village::v1::DECISION_SUBJECT_PLAN);
      EXPECT_EQ(decision.village(), plan.village());
    }
  }

  void CheckLeave() {
    const auto leaves = All<CadreLeave, village::v1::ListCadreLeavesResponse>("CadreLeaveService/ListCadreLeaves");
    const auto approved = [](const CadreLeave& leave) {
      return leave.state() == village::v1::CADRE_LEAVE_STATE_APPROVED;
    };
    for (const auto& [name, leave] : leaves) {
      SCOPED_TRACE(name);
      EXPECT_EQ(leave.state() == village::v1::CADRE_LEAVE_STATE_RETURNED, !leave.returned_date().empty());
      if (approved(leave)) {
        EXPECT_FALSE(leave.approver().empty());
      }
      for (const auto& [other_name, other] : leaves) {
        if (name == other_name || leave.cadre() != other.cadre() || !approved(leave) || !approved(other)) continue;
        EXPECT_TRUE(leave.end_date() < other.start_date() || other.end_date() < leave.start_date())
            << "and " << other_name;
      }
    }
  }

  void CheckElections() {
    const auto candidates =
        All<ElectionCandidate, village::v1::ListElectionCandidatesResponse>("ElectionService/ListElectionCandidates");
    for (const auto& [name, election] :
         All<Election, village::v1::ListElectionsResponse>("ElectionService/ListElections")) {
      SCOPED_TRACE(name);
      const bool held = election.state() == village::v1::ELECTION_STATE_HELD ||
                        election.state() == village::v1::ELECTION_STATE_HANDED_OVER;
      EXPECT_EQ(election.state() == village::v1::ELECTION_STATE_HANDED_OVER, !election.handover_date().empty());
      EXPECT_EQ(held, election.results_size() > 0);
      for (const auto& [candidate_name, candidate] : candidates) {
        if (candidate.election() != name || election.state() == village::v1::ELECTION_STATE_PREPARING) continue;
        EXPECT_NE(candidate.state(), village::v1::CANDIDATE_STATE_NOMINATED) << candidate_name;
      }
      if (!held) continue;
      EXPECT_GT(2 * election.voted_count(), election.registered_count());
      for (const auto& result : election.results()) {
        ASSERT_TRUE(candidates.contains(result.candidate()));
        EXPECT_EQ(candidates.at(result.candidate()).election(), name);
        EXPECT_EQ(candidates.at(result.candidate()).state(), village::v1::CANDIDATE_STATE_QUALIFIED);
        if (result.elected()) {
          EXPECT_GT(2 * result.votes(), election.voted_count());
        }
      }
    }
    for (const auto& [name, candidate] : candidates) {
      if (candidate.state() == village::v1::CANDIDATE_STATE_QUALIFIED) {
        EXPECT_FALSE(candidate.checks(0).holds()) << name;
      }
    }
  }

  void CheckItems() {
    for (const auto& [name, item] :
         All<SupervisedItem, village::v1::ListSupervisedItemsResponse>("SupervisionService/ListSupervisedItems")) {
      SCOPED_TRACE(name);
      const bool struck_off = item.state() == village::v1::SUPERVISION_STATE_STRUCK_OFF;
      EXPECT_EQ(struck_off, !item.struck_off_date().empty());
      EXPECT_EQ(struck_off, !item.evidence().empty());
      if (struck_off) {
        EXPECT_EQ(item.level_due_date(), "");
      }
      int escalated = 0;
      for (const auto& step : StepsOf(*program_, name)) escalated += step.rpc() == "EscalateItem";
      EXPECT_EQ(escalated > 0, !item.escalated_date().empty());
      if (item.state() == village::v1::SUPERVISION_STATE_TOWNSHIP) {
        EXPECT_EQ(escalated, 0);
      }
      if (item.state() == village::v1::SUPERVISION_STATE_DISTRICT) {
        EXPECT_EQ(escalated, 1);
      }
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, VillageRaceTest, BothDatabases(), DatabaseName);

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status) ||
         absl::IsAborted(status) || absl::IsAlreadyExists(status) || absl::IsNotFound(status);
}

TEST_P(VillageRaceTest, RandomStepsLeaveOnlyLegalHistories) {
  const char* seconds = getenv("JIEDUI_TEST_SECONDS");
  const absl::Time end = absl::Now() + absl::Seconds(seconds == nullptr ? 5 : atoi(seconds));
  std::atomic<int> taken{0}, refused{0}, forbidden{0};
  InParallel(kClients, [&](int client) {
    Dice dice(static_cast<uint32_t>(client + 1));
    while (absl::Now() < end) {
      const absl::Status status = RandomStep(dice);
      if (!status.ok() && !IsRefusal(status)) {
        ADD_FAILURE() << status;
        return;
      }
      ++(status.ok() ? taken : refused);
      forbidden += absl::IsPermissionDenied(status);
    }
  });
  RecordProperty("taken", taken);
  RecordProperty("refused", refused);
  EXPECT_GT(taken, kClients);
  EXPECT_GT(refused, kClients);
  EXPECT_GT(forbidden, kClients);
  for (const char* collection :
       {"plans", "decisions", "cadreLeaves", "elections", "electionCandidates", "supervisedItems"}) {
    EXPECT_GT(CheckHistories(*program_, collection), 0) << collection << " took no step";
  }
  CheckDecisionsAndPlans();
  CheckLeave();
  CheckElections();
  CheckItems();
  EXPECT_EQ(program_->Verify(), 0);
}

}  // namespace
}  // namespace jiedui::testing
