// Many clients take random steps, legal and illegal, with plans, decisions, leave, elections' candidates and supervised items at
// once: no illegal state is ever stored, and every history is complete and ordered. JIEDUI_TEST_SECONDS lengthens the run.

#include <stdlib.h>

#include <atomic>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/village/supervision.h"
#include "tests/village/step_test.h"

namespace jiedui::testing {
namespace {

using village::v1::Decision;
using village::v1::DecisionStep;
using village::v1::Plan;
using village::v1::SupervisedItem;

constexpr int kClients = 12;
constexpr int kEach = 4;

class VillageRaceTest : public StepTest {
 protected:
  void SetUp() override {
    StepTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(Create<village::v1::DecisionMethod>("m", R"(display_name: "方法" kind: DECISION_METHOD_KIND_OTHER valid_from: "2018-01-01"
        steps { code: "a" display_name: "一" body: DECISION_BODY_TWO_COMMITTEES }
        steps { code: "b" display_name: "二" body: DECISION_BODY_VILLAGERS quorum { numerator: 1 denominator: 2 }
                approval { numerator: 1 denominator: 2 } })"));
    for (int i = 0; i < kEach; ++i) {
      ASSERT_OK(Create<Decision>(absl::StrCat("d", i), absl::StrCat("village: \"", kVillage, R"(" method: "decisionMethods/m"
          display_name: "计划" subject: DECISION_SUBJECT_PLAN start_date: "2018-01-02")")));
      ASSERT_OK(Create<Plan>(absl::StrCat("p", i), absl::StrCat("village: \"", i % 2 == 0 ? kVillage : kOther,
          "\" kind: ", i < 2 ? "PLAN_KIND_ANNUAL" : "PLAN_KIND_THREE_YEAR",
          R"( year: 2018 display_name: "计划" goals { goal: "目标" measure: "措施" })")));
    }
    for (int i = 0; i < 10 * kEach; ++i) {
      ASSERT_OK(Create<SupervisedItem>(absl::StrCat("s", i), absl::StrCat("site: \"", kVillage, R"(" task: "开工" measure: "落实" owner: "镇长"
          escalation_days: 1 due_date: "2018-06-30" origin: SUPERVISION_ORIGIN_MANUAL)")));
    }
  }

  absl::Status RandomStep(std::mt19937& dice) {
    const auto pick = [&dice](std::initializer_list<const char*> names) { return std::string(names.begin()[dice() % names.size()]); };
    const std::string decision = absl::StrCat("decisions/d", dice() % kEach);
    const std::string plan = absl::StrCat("plans/p", dice() % kEach);
    const std::string item = absl::StrCat("supervisedItems/s", dice() % (10 * kEach));
    const std::string who = absl::StrCat("users/u", dice() % 4);
    switch (dice() % 8) {
      case 0:
        return Create<DecisionStep>("", absl::StrCat("decision: \"", decision, "\" code: \"", pick({"a", "b"}),
                                                     "\" held_date: \"2018-01-0", 2 + dice() % 3, "\" eligible_count: 10 present_count: ",
                                                     dice() % 2 == 0 ? 6 : 4)).status();
      case 1:
        return Create<DecisionStep>("", absl::StrCat("decision: \"", decision, R"(" code: "b" held_date: "2018-01-05" eligible_count: 10
            present_count: 6 approve_count: )", 2 + dice() % 4)).status();
      case 2:
        return Step<Decision>(pick({"CompleteDecision", "RejectDecision"}), decision, "", who).status();
      case 3:
        return Step<Plan>("DecidePlan", plan, absl::StrCat("decision: \"", decision, "\""), who).status();
      case 4:
        return Step<Plan>(pick({"SubmitPlan", "ReviewPlan", "CheckPlan", "ReopenPlan"}), plan, "", who).status();
      case 5:
        return Step<Plan>(pick({"ReturnPlan", "ReturnPlan", "FilePlan", "ReviewPlan"}), plan, R"(reason: "不具体")", who).status();
      case 6:
        return dice() % 4 == 0 ? village::EscalateOverdueItems(program_->host().engine(), nullptr)
                               : Step<SupervisedItem>("EscalateItem", item, "", who).status();
      default:
        return dice() % 10 == 0 ? Step<SupervisedItem>("StrikeOffItem", item, R"(evidence: "验收1号")", who).status()
                                : Update<Plan>(plan, absl::StrCat("display_name: \"", dice() % 100, "\"")).status();
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, VillageRaceTest, BothDatabases(), DatabaseName);

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status) ||
         absl::IsAborted(status) || absl::IsAlreadyExists(status);
}

TEST_P(VillageRaceTest, RandomStepsLeaveOnlyLegalHistories) {
  const char* seconds = getenv("JIEDUI_TEST_SECONDS");
  const absl::Time end = absl::Now() + absl::Seconds(seconds == nullptr ? 3 : atoi(seconds));
  std::atomic<int> taken{0}, refused{0};
  InParallel(kClients, [&](int client) {
    std::mt19937 dice(static_cast<uint32_t>(client + 1));
    while (absl::Now() < end) {
      const absl::Status status = RandomStep(dice);
      if (!status.ok() && !IsRefusal(status)) {
        ADD_FAILURE() << status;
        return;
      }
      ++(status.ok() ? taken : refused);
    }
  });
  RecordProperty("taken", taken);
  RecordProperty("refused", refused);
  EXPECT_GT(taken, kClients);
  EXPECT_GT(refused, kClients);
  EXPECT_GT(CheckHistories(*program_, "plans") + CheckHistories(*program_, "decisions") + CheckHistories(*program_, "supervisedItems"),
            kClients);
  EXPECT_EQ(program_->Verify(), 0);
}

}  // namespace
}  // namespace jiedui::testing
