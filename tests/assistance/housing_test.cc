// Dangerous housing to acceptance, and the lives of needy households.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/housing.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr char kHouse[] = "dangerousHouses/x";

class HousingTest : public AssistanceTest {
 protected:
  absl::StatusOr<v1::DangerousHouse> CreateHouse(const std::string& grade, const std::string& group = "LOW_INCOME") {
    return Create<v1::DangerousHouse>("x", absl::StrCat(R"(village: "villages/v" owner_name: "样例" report_number: "1"
        identified_date: "2018-01-10" resident_group: HOUSING_GROUP_)",
                                                        group, " grade: HOUSING_GRADE_", grade));
  }
  absl::Status Approve(v1::HousingMeasure measure, const std::string& who = "users/a") {
    v1::ApproveDangerousHouseRequest request;
    request.set_name(kHouse);
    request.set_date("2018-02-01");
    request.set_measure(measure);
    request.set_subsidy_fen(300'000);
    v1::DangerousHouse after;
    return CallAs({who}, "ApproveDangerousHouse", request, &after);
  }
  absl::Status Start() {
    resource::v1::TransitionRequest request;
    request.set_name(kHouse);
    request.set_date("2018-03-01");
    v1::DangerousHouse after;
    return CallAs({"users/b"}, "StartDangerousHouse", request, &after);
  }
  absl::Status Accept(const std::string& who, const std::string& document) {
    v1::AcceptDangerousHouseRequest request;
    request.set_name(kHouse);
    request.set_date("2018-10-01");
    request.set_acceptance_document(document);
    v1::DangerousHouse after;
    return CallAs({who}, "AcceptDangerousHouse", request, &after);
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, HousingTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(HousingTest, AHouseIsAcceptedWithEvidenceBySomebodyElse) {
  ASSERT_OK(CreateHouse("D"));
  EXPECT_EQ(program_->Value(2018, "villages/v", "houses_grade_d"), 1);
  EXPECT_EQ(program_->Value(2017, "villages/v", "houses_grade_d"), 0);
  EXPECT_THAT(Start(), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Approve(v1::HOUSING_MEASURE_REBUILD));
  EXPECT_THAT(Update<v1::DangerousHouse>(kHouse, "grade: HOUSING_GRADE_C"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Start());
  EXPECT_THAT(Accept("users/c", ""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Accept("users/b", "样例验收1号"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(program_->Value(2018, "villages/v", "houses_grade_d_accepted"), 0);
  ASSERT_OK(Accept("users/c", "样例验收1号"));
  EXPECT_EQ(program_->Value(2018, "villages/v", "houses_grade_d_accepted"), 1);
  const auto house = Get<v1::DangerousHouse>(kHouse);
  EXPECT_EQ(house.accepted_date(), "2018-10-01");
  EXPECT_EQ(house.subsidy_fen(), 300'000);
  EXPECT_EQ(program_->Verify(), 0);
}

// Who wrote it neither approves nor accepts it, and who approved it does not accept it.
TEST_P(HousingTest, AHouseIsCheckedByOthers) {
  v1::CreateDangerousHouseRequest create;
  create.set_dangerous_house_id("x");
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(village: "villages/v" owner_name: "样例" report_number: "1" identified_date: "2018-01-10"
      resident_group: HOUSING_GROUP_LOW_INCOME grade: HOUSING_GRADE_D)",
      create.mutable_dangerous_house()));
  v1::DangerousHouse house;
  ASSERT_OK(CallAs({"users/a"}, "CreateDangerousHouse", create, &house));
  EXPECT_THAT(Approve(v1::HOUSING_MEASURE_REBUILD), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Approve(v1::HOUSING_MEASURE_REBUILD, "users/d"));
  ASSERT_OK(Start());
  for (const char* who : {"users/a", "users/b", "users/d"}) {
    EXPECT_THAT(Accept(who, "样例验收1号"), StatusIs(absl::StatusCode::kPermissionDenied)) << who;
  }
  ASSERT_OK(Accept("users/c", "样例验收1号"));
}

TEST_P(HousingTest, TheMeasureFitsTheGrade) {
  ASSERT_OK(CreateHouse("C"));
  EXPECT_THAT(Approve(v1::HOUSING_MEASURE_UNSPECIFIED), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Approve(v1::HOUSING_MEASURE_REBUILD), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(Approve(v1::HOUSING_MEASURE_REPAIR));
}

TEST_P(HousingTest, OnlyKeyGroupsCountAndOnlyUntilItIsCancelled) {
  ASSERT_OK(CreateHouse("C", "DISASTER"));
  EXPECT_EQ(program_->Value(2018, "villages/v", "houses_grade_c"), 0);
  ASSERT_OK(Update<v1::DangerousHouse>(kHouse, "resident_group: HOUSING_GROUP_POOR_DISABLED"));
  EXPECT_EQ(program_->Value(2018, "villages/v", "houses_grade_c"), 1);
  resource::v1::TransitionRequest request;
  request.set_name(kHouse);
  request.set_date("2018-02-01");
  v1::DangerousHouse after;
  EXPECT_THAT(CallAs({"users/a"}, "CancelDangerousHouse", request, &after),
              StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_reason("样例：误录");
  ASSERT_OK(CallAs({"users/a"}, "CancelDangerousHouse", request, &after));
  EXPECT_EQ(program_->Value(2018, "villages/v", "houses_grade_c"), 0);
  EXPECT_EQ(program_->Value(2018, "villages/v", "dangerous_houses_reported"), 1);
}

constexpr char kHousehold[] = "needyHouseholds/h";

class HouseholdLifeTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(
        Create<v1::NeedyHousehold>("h", R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME
        member_count: 3 found_date: "2017-10-01")"));
  }

  void AddHead() {
    ASSERT_OK(
        Create<v1::Person>("p", R"(village: "villages/v" display_name: "样例" citizen_number: "11010519491231002X")"));
    ASSERT_OK(Create<v1::HouseholdMember>("m", R"(household: "needyHouseholds/h" person: "persons/p"
        relation: MEMBER_RELATION_HEAD joined_date: "2017-10-01")"));
  }

  absl::StatusOr<v1::HouseholdRecheck> AdviseExit(int year) {
    return Create<v1::HouseholdRecheck>(
        absl::StrCat("r", year), absl::StrCat(R"(household: "needyHouseholds/h" village: "villages/v" checker: "样例"
        outcome: RECHECK_OUTCOME_EXIT year: )",
                                              year, " recheck_date: \"", year, "-08-01\""));
  }

  absl::Status Step(const std::string& rpc, const std::string& date, const std::string& who = "users/a",
                    const std::string& reason = "") {
    resource::v1::TransitionRequest request;
    request.set_name(kHousehold);
    request.set_date(date);
    request.set_reason(reason);
    v1::NeedyHousehold after;
    return CallAs({who}, rpc + "NeedyHousehold", request, &after);
  }
  void File() {
    AddHead();
    ASSERT_OK(Step("Review", "2017-11-01"));
    ASSERT_OK(Step("Publicize", "2017-11-05"));
    ASSERT_OK(Step("File", "2017-11-20", "users/b"));
  }
  int64_t Value(int year, const std::string& measure) { return program_->Value(year, "villages/v", measure); }
};

INSTANTIATE_TEST_SUITE_P(Databases, HouseholdLifeTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(HouseholdLifeTest, NoStepIsSkippedOrBackdated) {
  AddHead();
  EXPECT_THAT(Step("File", "2017-11-20"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Step("Review", "2017-09-30"), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(Step("Review", "2017-11-01"));
  EXPECT_THAT(Step("Publicize", "2017-10-31"), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(Step("Publicize", "2017-11-05"));
  EXPECT_THAT(Step("File", "2017-11-20", "users/a"), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(Value(2017, "needy_households"), 1);
  EXPECT_EQ(Value(2017, "needy_households_filed"), 0);
  ASSERT_OK(Step("File", "2017-11-20", "users/b"));
  EXPECT_EQ(Value(2017, "needy_households_filed"), 1);
}

TEST_P(HouseholdLifeTest, WhatWasMadePublicStays) {
  AddHead();
  ASSERT_OK(Step("Review", "2017-11-01"));
  ASSERT_OK(Update<v1::NeedyHousehold>(kHousehold, "kind: HOUSEHOLD_KIND_POOR_DISABLED"));
  ASSERT_OK(Step("Publicize", "2017-11-05"));
  EXPECT_THAT(Fields(Update<v1::NeedyHousehold>(kHousehold, R"(kind: HOUSEHOLD_KIND_LOW_INCOME display_name: "样本")")),
              ElementsAre("needy_household.display_name STATE", "needy_household.kind STATE"));
  EXPECT_THAT(Fields(Create<v1::HouseholdRecheck>("r", R"(household: "needyHouseholds/h" village: "villages/v"
      checker: "样例" year: 2018 recheck_date: "2018-08-01" outcome: RECHECK_OUTCOME_KIND_CHANGED
      new_kind: HOUSEHOLD_KIND_LOW_INCOME)")),
              ElementsAre("household_recheck.new_kind STATE"));
  ASSERT_OK(Update<v1::NeedyHousehold>(kHousehold, "member_count: 4"));
  ASSERT_OK(Step("File", "2017-11-20", "users/b"));
  ASSERT_OK(Update<v1::NeedyHousehold>(kHousehold, "kind: HOUSEHOLD_KIND_LOW_INCOME"));
}

// users/test has recorded the household, its re-checks and all else.
TEST_P(HouseholdLifeTest, WhoWroteItDoesNotCheckIt) {
  AddHead();
  ASSERT_OK(Step("Review", "2017-11-01"));
  ASSERT_OK(Step("Publicize", "2017-11-05"));
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Step("File", "2017-11-20", "users/test"), refused);
  ASSERT_OK(Step("File", "2017-11-20", "users/b"));
  ASSERT_OK(AdviseExit(2018));
  EXPECT_THAT(Step("Exit", "2018-10-01", "users/test", "样例"), refused);
  ASSERT_OK(Step("Exit", "2018-10-01", "users/b", "样例"));
  EXPECT_THAT(Step("Reenter", "2018-12-01", "users/test", "样例"), refused);
  ASSERT_OK(Step("Reenter", "2018-12-01", "users/b", "样例"));
}

TEST_P(HouseholdLifeTest, WhoIsNotTakenInDoesNotCount) {
  ASSERT_OK(Step("Reject", "2017-12-01", "users/b", "样例"));
  EXPECT_EQ(Value(2017, "needy_households"), 0);
  ASSERT_OK(Step("Reopen", "2018-02-01", "users/b", "样例"));
  EXPECT_EQ(Value(2018, "needy_households"), 1);
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).state(), v1::HOUSEHOLD_STATE_FOUND);
}

TEST_P(HouseholdLifeTest, LeavesAfterARecheckAndMayComeBack) {
  File();
  const absl::Status unchecked = Step("Exit", "2018-10-01", "users/b", "样例");
  EXPECT_THAT(unchecked, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(unchecked.message()), HasSubstr("2018"));
  ASSERT_OK(AdviseExit(2018));
  ASSERT_OK(Step("Exit", "2018-10-01", "users/b", "样例"));
  EXPECT_EQ(Value(2017, "needy_households"), 1);
  EXPECT_EQ(Value(2018, "needy_households"), 0);
  EXPECT_EQ(Value(2018, "needy_households_exited"), 1);
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).exit_reason(), "样例");
  ASSERT_OK(Step("Reenter", "2018-12-01", "users/b", "样例"));
  EXPECT_EQ(Value(2018, "needy_households"), 1);
  EXPECT_EQ(Value(2018, "needy_households_reentered"), 1);
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).state(), v1::HOUSEHOLD_STATE_FILED);
  EXPECT_EQ(program_->Verify(), 0);
}

// Who has left and come back may leave again; what a year has counted stays counted in it.
TEST_P(HouseholdLifeTest, ASecondExitLeavesTheFirstInItsYear) {
  File();
  program_->SetYears({2017, 2018, 2019});
  ASSERT_OK(AdviseExit(2018));
  ASSERT_OK(Step("Exit", "2018-10-01", "users/b", "样例"));
  ASSERT_OK(Step("Reenter", "2018-12-01", "users/b", "样例"));
  ASSERT_OK(AdviseExit(2019));
  ASSERT_OK(Step("Exit", "2019-10-01", "users/b", "样例"));
  for (const int year : {2018, 2019}) EXPECT_EQ(Value(year, "needy_households_exited"), 1) << year;
  EXPECT_EQ(Value(2018, "needy_households_reentered"), 1);
  EXPECT_EQ(Value(2019, "needy_households_reentered"), 0);
  // It left from that village, wherever it lives now.
  ASSERT_OK(Step("Reenter", "2019-12-01", "users/b", "样例"));
  ASSERT_OK(Update<v1::NeedyHousehold>(kHousehold, "village: \"villages/w\""));
  EXPECT_EQ(Value(2018, "needy_households_exited"), 1);
  EXPECT_EQ(program_->Verify(), 0);
  program_->SetYears({2017, 2018});
}

// A year's end is what it was, whatever follows: out, in and out again.
TEST_P(HouseholdLifeTest, WhatFollowsLeavesTheEndsOfEarlierYears) {
  program_->SetYears({2017, 2018, 2019, 2020});
  File();
  for (const int year : {2018, 2019, 2020}) ASSERT_OK(AdviseExit(year));
  ASSERT_OK(Step("Exit", "2018-06-01", "users/b", "样例"));
  ASSERT_OK(Step("Reenter", "2019-03-01", "users/c", "样例"));
  const auto years = [this](const std::string& measure) {
    return std::vector<int64_t>{Value(2017, measure), Value(2018, measure), Value(2019, measure), Value(2020, measure)};
  };
  EXPECT_THAT(years("needy_households"), ElementsAre(1, 0, 1, 1));
  ASSERT_OK(Step("Exit", "2019-09-01", "users/b", "样例"));
  EXPECT_THAT(years("needy_households"), ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(years("needy_households_filed"), ElementsAre(1, 0, 0, 0));
  ASSERT_OK(Step("Reenter", "2019-10-01", "users/c", "样例"));
  ASSERT_OK(Step("Exit", "2020-01-01", "users/b", "样例"));
  EXPECT_THAT(years("needy_households"), ElementsAre(1, 0, 1, 0));
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).needy_years(), "2017 2019");
  ASSERT_OK(Step("Reenter", "2020-02-01", "users/c", "样例"));
  EXPECT_THAT(years("needy_households"), ElementsAre(1, 0, 1, 1));
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).needy_since_date(), "2020-02-01");
  ASSERT_OK(Update<v1::NeedyHousehold>(kHousehold, "found_date: \"2016-10-01\""));
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).needy_years(), "2016 2017 2019");
  EXPECT_EQ(program_->Verify(), 0);
  program_->SetYears({2017, 2018});
}

TEST_P(HouseholdLifeTest, WhoIsTakenUpAgainLaterWasNotNeedyBetween) {
  program_->SetYears({2017, 2018, 2019});
  ASSERT_OK(Step("Reject", "2018-11-01", "users/b", "样例"));
  ASSERT_OK(Step("Reopen", "2019-02-01", "users/b", "样例"));
  for (const auto& [year, count] : std::map<int, int>{{2017, 1}, {2018, 0}, {2019, 1}}) {
    EXPECT_EQ(Value(year, "needy_households"), count) << year;
  }
  EXPECT_EQ(Get<v1::NeedyHousehold>(kHousehold).reopened_date(), "2019-02-01");
  // Found later than it was recorded at first: nothing counts before.
  ASSERT_OK(Update<v1::NeedyHousehold>(kHousehold, "found_date: \"2019-02-10\""));
  for (const auto& [year, count] : std::map<int, int>{{2017, 0}, {2018, 0}, {2019, 1}}) {
    EXPECT_EQ(Value(year, "needy_households"), count) << year;
  }
  EXPECT_EQ(program_->Verify(), 0);
  program_->SetYears({2017, 2018});
}

// Without a citizen number one family could be filed in two villages.
TEST_P(HouseholdLifeTest, IsFiledWithARegisteredHeadOnly) {
  ASSERT_OK(Step("Review", "2017-11-01"));
  ASSERT_OK(Step("Publicize", "2017-11-05"));
  const absl::Status nameless = Step("File", "2017-11-20", "users/b");
  EXPECT_THAT(nameless, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(nameless.message()), HasSubstr("no head"));
  AddHead();
  ASSERT_OK(Step("File", "2017-11-20", "users/b"));
  EXPECT_THAT(Delete<v1::HouseholdMember>("householdMembers/m"), StatusIs(absl::StatusCode::kFailedPrecondition));

  // The same head cannot stand for a household of another village.
  ASSERT_OK(Create<v1::NeedyHousehold>("other", R"(village: "villages/w" display_name: "样例"
      kind: HOUSEHOLD_KIND_LOW_INCOME member_count: 3 found_date: "2017-10-01")"));
  const auto again = Create<v1::HouseholdMember>("n", R"(household: "needyHouseholds/other" person: "persons/p"
      relation: MEMBER_RELATION_HEAD joined_date: "2017-10-01")");
  EXPECT_THAT(std::string(again.status().message()), HasSubstr(kHousehold));
}

// One person heads one filed household, whatever is done with the members.
TEST_P(HouseholdLifeTest, AFiledHouseholdKeepsSomebody) {
  File();
  const auto left = Update<v1::HouseholdMember>("householdMembers/m", "left_date: \"2018-01-05\"");
  EXPECT_THAT(Fields(left), ElementsAre("household_member.left_date STATE"));
  EXPECT_THAT(std::string(left.status().message()), HasSubstr(kHousehold));
  EXPECT_THAT(Fields(Update<v1::HouseholdMember>("householdMembers/m", "relation: MEMBER_RELATION_OTHER")),
              ElementsAre("household_member.relation STATE"));
  ASSERT_OK(
      Create<v1::Person>("q", R"(village: "villages/v" display_name: "样例" citizen_number: "440524188001010014")"));
  ASSERT_OK(Create<v1::HouseholdMember>("q", R"(household: "needyHouseholds/h" person: "persons/q"
      relation: MEMBER_RELATION_SPOUSE joined_date: "2017-10-01")"));
  ASSERT_OK(Update<v1::HouseholdMember>("householdMembers/m", "left_date: \"2018-01-05\""));
  EXPECT_THAT(Fields(Update<v1::HouseholdMember>("householdMembers/q", "left_date: \"2018-01-05\"")),
              ElementsAre("household_member.left_date STATE"));
  EXPECT_THAT(Delete<v1::HouseholdMember>("householdMembers/q"), StatusIs(absl::StatusCode::kFailedPrecondition));

  // Who has left as its head is filed with another one once somebody else heads the first.
  ASSERT_OK(Create<v1::NeedyHousehold>("other", R"(village: "villages/w" display_name: "样例"
      kind: HOUSEHOLD_KIND_LOW_INCOME member_count: 3 found_date: "2018-01-10")"));
  ASSERT_OK(Create<v1::HouseholdMember>("n", R"(household: "needyHouseholds/other" person: "persons/p"
      relation: MEMBER_RELATION_HEAD joined_date: "2018-01-06")"));
  const auto step = [this](const std::string& rpc, const std::string& who) {
    resource::v1::TransitionRequest request;
    request.set_name("needyHouseholds/other");
    request.set_date("2018-02-01");
    v1::NeedyHousehold after;
    return CallAs({who}, rpc + "NeedyHousehold", request, &after);
  };
  ASSERT_OK(step("Review", "users/a"));
  ASSERT_OK(step("Publicize", "users/a"));
  const absl::Status twice = step("File", "users/b");
  EXPECT_THAT(twice, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(twice.message()), HasSubstr("comes from needyHouseholds/h"));
  ASSERT_OK(Update<v1::HouseholdMember>("householdMembers/q", "relation: MEMBER_RELATION_HEAD"));
  ASSERT_OK(step("File", "users/b"));
}

// After it has left the programme its members may go where they like; then it does not come back without a head.
TEST_P(HouseholdLifeTest, AnExitedHouseholdMayBeLeft) {
  File();
  ASSERT_OK(AdviseExit(2018));
  ASSERT_OK(Step("Exit", "2018-10-01", "users/b", "样例"));
  ASSERT_OK(Update<v1::HouseholdMember>("householdMembers/m", "left_date: \"2018-11-05\""));
  EXPECT_THAT(Step("Reenter", "2018-12-01", "users/b", "样例"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(HouseholdLifeTest, IsDueForARecheckFromTheYearInWhichItIsFiled) {
  const auto due = [this] { return Get<v1::NeedyHousehold>(kHousehold).recheck_due_year(); };
  EXPECT_EQ(due(), 0);
  File();
  EXPECT_EQ(due(), 2017);
  ASSERT_OK(AdviseExit(2018));
  EXPECT_EQ(due(), 2019);
  ASSERT_OK(Step("Exit", "2018-10-01", "users/b", "样例"));
  EXPECT_EQ(due(), 0);
  ASSERT_OK(Step("Reenter", "2018-12-01", "users/b", "样例"));
  EXPECT_EQ(due(), 2019);
}

}  // namespace
}  // namespace jiedui::assistance
