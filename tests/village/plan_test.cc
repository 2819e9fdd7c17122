// Decisions by prescribed steps, and plans that need one.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/decision.pb.h"
#include "jiedui/village/v1/plan.pb.h"
#include "tests/village/step_test.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using village::v1::Decision;
using village::v1::DecisionMethod;
using village::v1::DecisionStep;
using village::v1::Plan;

class PlanTest : public StepTest {
 protected:
  void SetUp() override {
    StepTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(
        Create<DecisionMethod>("m2018", R"(display_name: "四议两公开2018" kind: DECISION_METHOD_KIND_FOUR_DELIBERATIONS
        valid_from: "2018-01-01" valid_to: "2018-12-31"
        steps { code: "propose" display_name: "提议" body: DECISION_BODY_PARTY_BRANCH }
        steps { code: "resolve" display_name: "决议" body: DECISION_BODY_VILLAGERS
                quorum { numerator: 2 denominator: 3 } approval { numerator: 1 denominator: 2 more_than: true } }
        steps { code: "publish" display_name: "公开" body: DECISION_BODY_PUBLIC publicity_days: 7 })"));
  }

  absl::StatusOr<Decision> NewDecision(const std::string& id, const std::string& rest = R"(start_date: "2018-01-02")",
                                       const std::string& village = kVillage) {
    return Create<Decision>(
        id, absl::StrCat("village: \"", village, "\" display_name: \"计划\" subject: DECISION_SUBJECT_PLAN ",
                         absl::StrContains(rest, "method") ? "" : "method: \"decisionMethods/m2018\" ", rest));
  }
  absl::StatusOr<DecisionStep> Record(const std::string& decision, const std::string& text) {
    return Create<DecisionStep>("", absl::StrCat("decision: \"decisions/", decision, "\" ", text));
  }
  // All steps of the method of 2018, and completion.
  void Carry(const std::string& decision, const std::string& last_day = "2018-01-15") {
    ASSERT_OK(Record(decision, R"(code: "propose" held_date: "2018-01-03")"));
    ASSERT_OK(Record(
        decision, R"(code: "resolve" held_date: "2018-01-05" eligible_count: 30 present_count: 20 approve_count: 11)"));
    ASSERT_OK(Record(decision,
                     absl::StrCat(R"(code: "publish" held_date: "2018-01-06" publicity_place: "公告栏" end_date: ")",
                                  last_day, "\"")));
    ASSERT_OK(Step<Decision>("CompleteDecision", "decisions/" + decision, absl::StrCat("date: \"", last_day, "\"")));
  }
  absl::StatusOr<Plan> NewPlan(const std::string& id, const std::string& kind = "ANNUAL") {
    return Create<Plan>(id, absl::StrCat("village: \"", kVillage, "\" kind: PLAN_KIND_", kind,
                                         R"( year: 2018 display_name: "计划" goals { goal: "目标" measure: "措施" })"));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, PlanTest, BothDatabases(), DatabaseName);

TEST_P(PlanTest, StepsOfADecisionAreNeitherSkippedNorBackDatedNorInquorate) {
  ASSERT_OK(NewDecision("d"));
  EXPECT_THAT(
      Violated(
          Record("d", R"(code: "resolve" held_date: "2018-01-05" eligible_count: 3 present_count: 3 approve_count: 3)")
              .status()),
      ElementsAre("code RULE"));
  EXPECT_THAT(Violated(Record("d", R"(code: "propose" held_date: "2018-01-01")").status()),
              ElementsAre("held_date RULE"));
  EXPECT_THAT(Violated(Record("d", R"(code: "unknown" held_date: "2018-01-03")").status()), ElementsAre("code RULE"));
  ASSERT_OK(Record("d", R"(code: "propose" held_date: "2018-01-03")"));
  // 19 of 30 are fewer than two thirds.
  const absl::Status inquorate =
      Record("d", R"(code: "resolve" held_date: "2018-01-02" eligible_count: 30 present_count: 19 approve_count: 19)")
          .status();
  EXPECT_THAT(Violated(inquorate), UnorderedElementsAre("held_date RULE", "present_count RULE"));
  EXPECT_THAT(std::string(inquorate.message()), HasSubstr("inquorate: 19 of 30 are there, at least 2/3 must be"));
  EXPECT_THAT(
      Violated(Record("d", R"(code: "resolve" held_date: "2018-01-05" eligible_count: 30 present_count: 20)").status()),
      ElementsAre("approve_count RULE"));
  const auto step =
      Record("d", R"(code: "resolve" held_date: "2018-01-05" eligible_count: 30 present_count: 20 approve_count: 11)");
  ASSERT_OK(step);
  EXPECT_EQ(step->position(), 2);
  EXPECT_FALSE(step->lost());
  EXPECT_THAT(Violated(Step<Decision>("CompleteDecision", "decisions/d").status()), ElementsAre("name RULE"));
  EXPECT_THAT(Violated(Record("d", R"(code: "publish" held_date: "2018-01-06" end_date: "2018-01-10")").status()),
              UnorderedElementsAre("publicity_place RULE", "end_date RULE"));
  ASSERT_OK(Record("d", R"(code: "publish" held_date: "2018-01-06" end_date: "2018-01-12" publicity_place: "公告栏")"));
  EXPECT_THAT(Violated(Step<Decision>("CompleteDecision", "decisions/d", R"(date: "2018-01-11")").status()),
              ElementsAre("date RULE"));
  const auto completed = Step<Decision>("CompleteDecision", "decisions/d", R"(date: "2018-01-12")");
  ASSERT_OK(completed);
  EXPECT_EQ(completed->completed_date(), "2018-01-12");
  // Closed: its steps stay.
  EXPECT_THAT(Update<DecisionStep>(step->name(), "present_count: 30"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Delete<DecisionStep>(step->name()), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(CheckHistories(*program_, "decisions"), 1);
}

TEST_P(PlanTest, ALostVoteEndsADecision) {
  ASSERT_OK(NewDecision("d"));
  ASSERT_OK(Record("d", R"(code: "propose" held_date: "2018-01-03")"));
  EXPECT_THAT(Violated(Step<Decision>("RejectDecision", "decisions/d").status()), ElementsAre("name RULE"));
  // Half is not more than half.
  const auto lost = Record(
      "d",
      R"(code: "resolve" held_date: "2018-01-05" eligible_count: 20 present_count: 20 approve_count: 10 against_count: 10)");
  ASSERT_OK(lost);
  EXPECT_TRUE(lost->lost());
  EXPECT_THAT(
      Violated(Record("d", R"(code: "publish" held_date: "2018-01-06" end_date: "2018-01-12" publicity_place: "栏")")
                   .status()),
      ElementsAre("code RULE"));
  EXPECT_OK(Step<Decision>("RejectDecision", "decisions/d"));
}

TEST_P(PlanTest, OfManyWhoRecordTheNextStepOneDoes) {
  ASSERT_OK(NewDecision("d"));
  std::atomic<int> recorded{0};
  InParallel(8, [&](int) { recorded += Record("d", R"(code: "propose" held_date: "2018-01-03")").ok(); });
  EXPECT_EQ(recorded, 1);
  const auto decision = Get<Decision>("decisions/d");
  ASSERT_OK(decision);
  EXPECT_EQ(decision->step_count(), 1);
}

TEST_P(PlanTest, APlanGoesFromTheVillageToTheCityAndIsCounted) {
  ASSERT_OK(NewDecision("d"));
  Carry("d");
  const auto plan = NewPlan("a");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->last_year(), 2018);
  EXPECT_EQ(Value(2018, "annual_plans"), 1);
  EXPECT_THAT(Step<Plan>("SubmitPlan", "plans/a"), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/d" date: "2018-01-20")"));
  ASSERT_OK(Step<Plan>("SubmitPlan", "plans/a", R"(date: "2018-01-20")"));
  EXPECT_THAT(Step<Plan>("ReviewPlan", "plans/a"), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Step<Plan>("ReviewPlan", "plans/a", R"(date: "2018-02-01")", "users/township"));
  EXPECT_THAT(Step<Plan>("CheckPlan", "plans/a"), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Step<Plan>("CheckPlan", "plans/a", R"(date: "2018-03-01")", "users/district"));
  EXPECT_THAT(Step<Plan>("FilePlan", "plans/a"), StatusIs(absl::StatusCode::kPermissionDenied));
  const auto filed = Step<Plan>("FilePlan", "plans/a", R"(date: "2018-03-15")", "users/city");
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state(), village::v1::PLAN_STATE_FILED);
  EXPECT_EQ(filed->filed_date(), "2018-03-15");
  EXPECT_EQ(Value(2018, "annual_plans_filed"), 1);
  EXPECT_EQ(Value(2018, "three_year_plans_filed"), 0);
  EXPECT_THAT(Update<Plan>("plans/a", R"(display_name: "另一")"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(CheckHistories(*program_, "plans"), 5);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(PlanTest, AThreeYearPlanGoesOnWhileOneOfItsYearsIsOpen) {
  program_->SetYears({2018, 2019});
  ASSERT_OK(NewDecision("d"));
  Carry("d");
  for (const auto& [id, kind] : {std::pair<std::string, std::string>{"t", "THREE_YEAR"}, {"a", "ANNUAL"}}) {
    ASSERT_OK(NewPlan(id, kind));
    ASSERT_OK(Step<Plan>("DecidePlan", "plans/" + id, R"(decision: "decisions/d" date: "2018-01-20")"));
    ASSERT_OK(Step<Plan>("SubmitPlan", "plans/" + id, R"(date: "2018-01-20")"));
    ASSERT_OK(Step<Plan>("ReviewPlan", "plans/" + id, R"(date: "2018-02-01")", "users/township"));
    ASSERT_OK(Step<Plan>("CheckPlan", "plans/" + id, R"(date: "2018-03-01")", "users/district"));
  }
  program_->SetYears({2019}, {2018});
  const auto file = [this](const std::string& plan) {
    return Step<Plan>("FilePlan", plan, R"(date: "2019-03-15")", "users/city").status();
  };
  EXPECT_THAT(Violated(file("plans/a")), ElementsAre("year YEAR_NOT_OPEN"));
  ASSERT_OK(file("plans/t"));
  EXPECT_EQ(Value(2019, "three_year_plans_filed"), 1);
  // The closed year keeps its figures, and no new plan begins in it.
  EXPECT_EQ(Value(2018, "three_year_plans_filed"), 0);
  EXPECT_EQ(Value(2018, "three_year_plans"), 1);
  EXPECT_THAT(Violated(Create<Plan>("n", absl::StrCat("village: \"", kOther,
                                                      R"(" kind: PLAN_KIND_THREE_YEAR year: 2018 display_name: "计划"
      goals { goal: "目标" measure: "措施" })"))
                           .status()),
              ElementsAre("year YEAR_NOT_OPEN"));
  for (const char* year : {"2147483647", "-2147483648"}) {
    EXPECT_THAT(Violated(Create<Plan>("n", absl::StrCat("village: \"", kOther,
                                                        R"(" kind: PLAN_KIND_THREE_YEAR display_name: "计划"
        goals { goal: "目标" measure: "措施" } year: )",
                                                        year))
                             .status()),
                ElementsAre("year YEAR_NOT_OPEN"));
  }
  EXPECT_EQ(program_->Verify(), 0);
  program_->SetYears({2021}, {2018, 2019, 2020});
  EXPECT_THAT(Delete<Plan>("plans/t"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(PlanTest, AReturnedPlanIsDecidedAnew) {
  ASSERT_OK(NewDecision("d"));
  Carry("d");
  const auto plan = NewPlan("t", "THREE_YEAR");
  ASSERT_OK(plan);
  EXPECT_EQ(plan->last_year(), 2020);
  ASSERT_OK(Step<Plan>("DecidePlan", "plans/t", R"(decision: "decisions/d" date: "2018-01-20")"));
  ASSERT_OK(Step<Plan>("SubmitPlan", "plans/t", R"(date: "2018-01-20")"));
  EXPECT_THAT(Violated(Step<Plan>("ReturnPlan", "plans/t", R"(date: "2018-01-25")", "users/township").status()),
              ElementsAre("reason REQUIRED"));
  const auto returned =
      Step<Plan>("ReturnPlan", "plans/t", R"(date: "2018-01-25" reason: "措施不具体")", "users/township");
  ASSERT_OK(returned);
  EXPECT_EQ(returned->return_reason(), "措施不具体");
  EXPECT_OK(Update<Plan>("plans/t", R"(display_name: "修订")"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/t", R"(decision: "decisions/d")").status()),
              ElementsAre("decision RULE"));
  ASSERT_OK(NewDecision("d2"));
  Carry("d2", "2018-01-26");
  EXPECT_OK(Step<Plan>("DecidePlan", "plans/t", R"(decision: "decisions/d2")"));
}

TEST_P(PlanTest, OnlyACompletedDecisionOfTheVillageOnAPlanCarriesIt) {
  ASSERT_OK(NewPlan("a"));
  ASSERT_OK(NewDecision("open"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/open")").status()),
              ElementsAre("decision RULE"));
  ASSERT_OK(NewDecision("other", R"(start_date: "2018-01-02")", kOther));
  Carry("other");
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/other")").status()),
              ElementsAre("decision RULE"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/none")").status()),
              ElementsAre("decision DANGLING_REFERENCE"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a").status()), ElementsAre("decision REQUIRED"));
}

TEST_P(PlanTest, AnotherYearsStepsAreAnotherVersionOfTheMethod) {
  ASSERT_OK(NewDecision("d"));
  // In use: its steps stay as they are.
  EXPECT_THAT(
      Violated(Update<DecisionMethod>("decisionMethods/m2018",
                                      R"(steps { code: "only" display_name: "一" body: DECISION_BODY_VILLAGERS })")
                   .status()),
      ElementsAre("steps IMMUTABLE"));
  EXPECT_OK(Update<DecisionMethod>("decisionMethods/m2018", R"(display_name: "另一名称")"));
  EXPECT_THAT(Violated(NewDecision("late", R"(start_date: "2019-01-02")").status()), ElementsAre("method RULE"));
  ASSERT_OK(Create<DecisionMethod>(
      "m2019", R"(display_name: "2019" kind: DECISION_METHOD_KIND_FOUR_DELIBERATIONS valid_from: "2019-01-01"
      steps { code: "hear" display_name: "听证" body: DECISION_BODY_VILLAGERS quorum { numerator: 1 denominator: 2 } })"));
  ASSERT_OK(NewDecision("late", R"(start_date: "2019-01-02" method: "decisionMethods/m2019")"));
  EXPECT_THAT(Violated(Record("late", R"(code: "propose" held_date: "2019-01-03")").status()),
              ElementsAre("code RULE"));
  ASSERT_OK(Record("late", R"(code: "hear" held_date: "2019-01-03" eligible_count: 4 present_count: 2)"));
  EXPECT_OK(Step<Decision>("CompleteDecision", "decisions/late"));
  // That of 2018 goes on by its own steps.
  EXPECT_OK(Record("d", R"(code: "propose" held_date: "2018-01-03")"));
}

TEST_P(PlanTest, WhatWasVotedOnIsNotExchanged) {
  ASSERT_OK(NewDecision("d", R"(start_date: "2018-01-02")", kOther));
  ASSERT_OK(Update<Decision>("decisions/d", R"(display_name: "公开招标")"));
  EXPECT_THAT(Violated(Update<Decision>("decisions/d", "plan_year: 2018").status()),
              ElementsAre("plan_year IMMUTABLE"));
  ASSERT_OK(Record("d", R"(code: "propose" held_date: "2018-01-03")"));
  EXPECT_THAT(
      Violated(Update<Decision>("decisions/d", R"(display_name: "年度计划" subject: DECISION_SUBJECT_OTHER)").status()),
      ElementsAre("subject IMMUTABLE", "display_name IMMUTABLE"));
  // A plan's year does not stay behind with another matter.
  ASSERT_OK(NewDecision("p", R"(start_date: "2018-01-02" plan_year: 2018)"));
  EXPECT_THAT(Violated(Update<Decision>("decisions/p", "subject: DECISION_SUBJECT_OTHER").status()),
              ElementsAre("plan_year RULE"));
}

TEST_P(PlanTest, AReopenedPlanIsDecidedAnewAlsoOnTheSameDay) {
  for (const char* id : {"d", "d2", "d3"}) {
    ASSERT_OK(NewDecision(id));
    Carry(id);
  }
  ASSERT_OK(NewPlan("a"));
  ASSERT_OK(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/d" date: "2018-01-15")"));
  const auto reopened = Step<Plan>("ReopenPlan", "plans/a", R"(date: "2018-01-15")");
  ASSERT_OK(reopened);
  EXPECT_EQ(reopened->reopened_date(), "2018-01-15");
  ASSERT_OK(Update<Plan>("plans/a", R"(display_name: "修订")"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/d" date: "2018-01-15")").status()),
              ElementsAre("decision RULE"));
  ASSERT_OK(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/d2" date: "2018-01-15")"));
  // From before the day on which it was reopened.
  ASSERT_OK(Step<Plan>("ReopenPlan", "plans/a", R"(date: "2018-01-16")"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/d3")").status()),
              ElementsAre("decision RULE"));
  // The other plan of the year has its own history.
  ASSERT_OK(NewPlan("t", "THREE_YEAR"));
  EXPECT_OK(Step<Plan>("DecidePlan", "plans/t", R"(decision: "decisions/d")"));
}

TEST_P(PlanTest, ADecisionIsOnThePlanOfItsYear) {
  program_->SetYears({2017, 2018, 2019});
  ASSERT_OK(NewDecision("d"));
  Carry("d");
  ASSERT_OK(NewDecision("next", R"(start_date: "2018-01-02" plan_year: 2019)"));
  Carry("next");
  ASSERT_OK(NewPlan("a"));
  ASSERT_OK(Create<Plan>(
      "b", absl::StrCat("village: \"", kVillage, R"(" kind: PLAN_KIND_ANNUAL year: 2019 display_name: "计划"
      goals { goal: "目标" measure: "措施" })")));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/b", R"(decision: "decisions/d")").status()),
              ElementsAre("decision RULE"));
  EXPECT_THAT(Violated(Step<Plan>("DecidePlan", "plans/a", R"(decision: "decisions/next")").status()),
              ElementsAre("decision RULE"));
  EXPECT_OK(Step<Plan>("DecidePlan", "plans/b", R"(decision: "decisions/next")"));
  EXPECT_THAT(Violated(Create<Decision>("x", absl::StrCat("village: \"", kVillage,
                                                          R"(" display_name: "招标" subject: DECISION_SUBJECT_OTHER
      method: "decisionMethods/m2018" start_date: "2018-01-02" plan_year: 2018)"))
                           .status()),
              ElementsAre("plan_year RULE"));
}

}  // namespace
}  // namespace jiedui::testing
