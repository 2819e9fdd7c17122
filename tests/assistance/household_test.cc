// Needy households, their incomes and re-checks, and villages without any.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

constexpr char kHousehold[] =
    R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME member_count: 3
    found_date: "2017-10-01" causes: NEEDY_CAUSE_ILLNESS causes: NEEDY_CAUSE_EDUCATION)";
constexpr char kOfHousehold[] = R"(household: "needyHouseholds/h" village: "villages/v" year: 2018 )";

class HouseholdTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(Create<v1::NeedyHousehold>("h", kHousehold));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, HouseholdTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(HouseholdTest, ACauseIsNamedOnce) {
  EXPECT_THAT(Fields(Update<v1::NeedyHousehold>("needyHouseholds/h",
                                                "causes: NEEDY_CAUSE_ILLNESS causes: NEEDY_CAUSE_ILLNESS")),
              ElementsAre("needy_household.causes[1] DUPLICATE"));
}

TEST_P(HouseholdTest, IncomeIsAddedUpAndDivided) {
  const auto income = Create<v1::HouseholdIncome>("i", absl::StrCat(kOfHousehold, R"(wage_income_fen: 100000
      business_income_fen: 20000 property_income_fen: 3000 transfer_income_fen: 400 member_count: 3)"));
  ASSERT_OK(income);
  EXPECT_EQ(income->total_income_fen(), 123400);
  EXPECT_EQ(income->per_capita_income_fen(), 41133);
  EXPECT_THAT(Create<v1::HouseholdIncome>("i2", absl::StrCat(kOfHousehold, "member_count: 3")),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(HouseholdTest, ARecheckIsOnceAYearAndInIt) {
  const std::string text = absl::StrCat(kOfHousehold, R"(checker: "样例" outcome: RECHECK_OUTCOME_KIND_CHANGED )");
  EXPECT_THAT(Fields(Create<v1::HouseholdRecheck>("r", text + "recheck_date: \"2017-12-31\"")),
              UnorderedElementsAre("household_recheck.recheck_date RULE", "household_recheck.new_kind RULE"));
  ASSERT_OK(
      Create<v1::HouseholdRecheck>("r", text + "recheck_date: \"2018-08-01\" new_kind: HOUSEHOLD_KIND_SPECIALLY_POOR"));
  EXPECT_THAT(
      Create<v1::HouseholdRecheck>("s", text + "recheck_date: \"2018-09-01\" new_kind: HOUSEHOLD_KIND_SPECIALLY_POOR"),
      StatusIs(absl::StatusCode::kAlreadyExists));
}

// The kind that the latest re-check finds is the household's.
TEST_P(HouseholdTest, ARecheckThatFindsAnotherKindSetsIt) {
  const auto recheck = [this](int year, const std::string& kind) {
    return Create<v1::HouseholdRecheck>(
        absl::StrCat("r", year),
        absl::StrCat(R"(household: "needyHouseholds/h" village: "villages/v" checker: "样例"
        outcome: RECHECK_OUTCOME_KIND_CHANGED year: )",
                     year, " recheck_date: \"", year, "-08-01\" new_kind: HOUSEHOLD_KIND_", kind));
  };
  ASSERT_OK(recheck(2018, "SPECIALLY_POOR"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").kind(), v1::HOUSEHOLD_KIND_SPECIALLY_POOR);
  ASSERT_OK(recheck(2017, "POOR_DISABLED"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").kind(), v1::HOUSEHOLD_KIND_SPECIALLY_POOR) << "2018 is later";
  ASSERT_OK(Update<v1::HouseholdRecheck>("householdRechecks/r2018", "new_kind: HOUSEHOLD_KIND_MINIMUM_ALLOWANCE"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").kind(), v1::HOUSEHOLD_KIND_MINIMUM_ALLOWANCE);
  ASSERT_OK(Update<v1::NeedyHousehold>("needyHouseholds/h", "kind: HOUSEHOLD_KIND_LOW_INCOME"));
  ASSERT_OK(Update<v1::HouseholdRecheck>("householdRechecks/r2018", "note: \"样例\""));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").kind(), v1::HOUSEHOLD_KIND_LOW_INCOME) << "a correction stays";
}

TEST_P(HouseholdTest, AHelperIsARecordedPersonAndPairedOnceAtATime) {
  const auto pair = [this](const std::string& id, const std::string& helper, const std::string& kind = "PARTY_MEMBER") {
    return Create<v1::HelperPairing>(id, absl::StrCat(R"(household: "needyHouseholds/h" helper_name: "样例"
        start_date: "2018-02-01" helper: ")",
                                                      helper, "\" helper_kind: HELPER_KIND_", kind));
  };
  EXPECT_THAT(Fields(pair("k", "")), ElementsAre("helper_pairing.helper REQUIRED"));
  EXPECT_THAT(Fields(pair("k", "张三")),
              UnorderedElementsAre("helper_pairing.helper FORMAT", "helper_pairing.helper RULE"));
  EXPECT_THAT(Fields(pair("k", "partyMembers/m", "RESIDENT_CADRE")), ElementsAre("helper_pairing.helper RULE"));
  ASSERT_OK(pair("k", "partyMembers/m"));
  const auto twice = pair("l", "partyMembers/m");
  EXPECT_THAT(twice, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(std::string(twice.status().message()), HasSubstr("helperPairings/k of needyHouseholds/h"));
  ASSERT_OK(pair("l", "cadres/c", "RESIDENT_CADRE"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").active_pairing_count(), 2) << "several to one";
  ASSERT_OK(Update<v1::HelperPairing>("helperPairings/k", "end_date: \"2018-05-01\""));
  ASSERT_OK(pair("m", "partyMembers/m"));
  EXPECT_THAT(Update<v1::HelperPairing>("helperPairings/k", "", {"end_date"}),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

// Rows 31 and 35 ask what was so on the last day of the year.
TEST_P(HouseholdTest, APairingCountsAtTheEndsOfTheYearsInWhichItGoesOn) {
  program_->SetYears({2017, 2018, 2019});
  const auto pair = [this](const std::string& id, const std::string& dates) {
    return Create<v1::HelperPairing>(
        id, absl::StrCat(R"(household: "needyHouseholds/h" helper_name: "样例" helper_kind: HELPER_KIND_PARTY_MEMBER
        helper: "partyMembers/)",
                         id, "\" ", dates));
  };
  const auto years = [this] {
    std::vector<int64_t> counts;
    for (const int year : {2017, 2018, 2019}) {
      counts.push_back(program_->Value(year, "villages/v", "needy_households_paired"));
    }
    return counts;
  };
  ASSERT_OK(pair("late", "start_date: \"2019-02-01\""));
  EXPECT_THAT(years(), ElementsAre(0, 0, 1));
  ASSERT_OK(pair("ended", "start_date: \"2017-11-01\" end_date: \"2018-01-15\""));
  EXPECT_THAT(years(), ElementsAre(1, 0, 1));
  ASSERT_OK(pair("k", "start_date: \"2018-12-31\""));
  EXPECT_THAT(years(), ElementsAre(1, 1, 1));
  ASSERT_OK(Update<v1::HelperPairing>("helperPairings/k", "end_date: \"2019-02-01\""));
  ASSERT_OK(Update<v1::HelperPairing>("helperPairings/late", "end_date: \"2019-03-01\""));
  EXPECT_THAT(years(), ElementsAre(1, 1, 0));
  ASSERT_OK(Update<v1::HelperPairing>("helperPairings/k", "end_date: \"2018-12-31\""));
  EXPECT_THAT(years(), ElementsAre(1, 0, 0));
  const auto household = Get<v1::NeedyHousehold>("needyHouseholds/h");
  EXPECT_EQ(household.paired_years(), "2017");
  EXPECT_EQ(household.paired_since_date(), "");
  ASSERT_OK(Delete<v1::HelperPairing>("helperPairings/ended"));
  EXPECT_THAT(years(), ElementsAre(0, 0, 0));
  EXPECT_EQ(program_->Verify(), 0);
  program_->SetYears({2017, 2018});
}

// What has not happened is planned, not recorded.
TEST_P(HouseholdTest, NothingBeginsOrEndsInTheFuture) {
  EXPECT_THAT(Fields(Update<v1::NeedyHousehold>("needyHouseholds/h", "found_date: \"2999-01-01\"")),
              ElementsAre("needy_household.found_date RULE"));
  const std::string pairing = R"(household: "needyHouseholds/h" helper_name: "样例" helper: "partyMembers/m"
      helper_kind: HELPER_KIND_PARTY_MEMBER )";
  EXPECT_THAT(Fields(Create<v1::HelperPairing>("k", pairing + "start_date: \"2999-01-01\"")),
              ElementsAre("helper_pairing.start_date RULE"));
  EXPECT_THAT(Fields(Create<v1::HelperPairing>("k", pairing + "start_date: \"2018-01-01\" end_date: \"2999-01-01\"")),
              ElementsAre("helper_pairing.end_date RULE"));
}

TEST_P(HouseholdTest, WhichHouseholdsAreStillToBeRecheckedCanBeListed) {
  ASSERT_OK(Create<v1::NeedyHousehold>("other", kHousehold));
  const auto waiting = [this](int year) {
    resource::v1::ListRequest request;
    request.set_filter(absl::StrCat("last_recheck_year < ", year));
    v1::ListNeedyHouseholdsResponse page;
    EXPECT_OK(program_->Call("jiedui.assistance.v1.HouseholdService/ListNeedyHouseholds", request, &page));
    std::vector<std::string> names;
    for (const v1::NeedyHousehold& household : page.needy_households()) names.push_back(household.name());
    return names;
  };
  EXPECT_THAT(waiting(2018), UnorderedElementsAre("needyHouseholds/h", "needyHouseholds/other"));
  constexpr char kRecheck[] = R"(checker: "样例" outcome: RECHECK_OUTCOME_STILL_NEEDY recheck_date: "2018-08-01")";
  ASSERT_OK(Create<v1::HouseholdRecheck>("r", absl::StrCat(kOfHousehold, kRecheck)));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").last_recheck_year(), 2018);
  EXPECT_THAT(waiting(2018), ElementsAre("needyHouseholds/other"));
  ASSERT_OK(Create<v1::HouseholdRecheck>("s", R"(household: "needyHouseholds/h" village: "villages/v" year: 2017
      checker: "样例" outcome: RECHECK_OUTCOME_STILL_NEEDY recheck_date: "2017-08-01")"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").last_recheck_year(), 2018) << "the latest counts";
  ASSERT_OK(Delete<v1::HouseholdRecheck>("householdRechecks/r"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h").last_recheck_year(), 2017);
}

TEST_P(HouseholdTest, WhatIsRecordedOfAHouseholdSitsInItsVillageAndStaysThere) {
  EXPECT_THAT(Fields(Create<v1::HouseholdIncome>(
                  "i", R"(household: "needyHouseholds/h" village: "villages/w" year: 2018 member_count: 3)")),
              ElementsAre("household_income.village RULE"));
  ASSERT_OK(Create<v1::HouseholdIncome>("i", absl::StrCat(kOfHousehold, "member_count: 3")));
  ASSERT_OK(Update<v1::NeedyHousehold>("needyHouseholds/h", R"(village: "villages/w")"));
  const auto corrected = Update<v1::HouseholdIncome>("householdIncomes/i", "wage_income_fen: 5");
  ASSERT_OK(corrected);
  EXPECT_EQ(corrected->village(), "villages/v");
}

// The gap that "no record" cannot tell: a village that has looked and found none has reported.
TEST_P(HouseholdTest, AVillageSaysThatItHasNone) {
  const std::string text =
      R"(village: "villages/w" year: 2018 kind: SURVEY_KIND_NEEDY_HOUSEHOLDS surveyed_date: "2018-03-01")";
  ASSERT_OK(Create<v1::VillageSurvey>("s", text));
  EXPECT_EQ(program_->Value(2018, "villages/w", "needy_surveys_without"), 1);
  EXPECT_EQ(program_->Value(2017, "villages/w", "needy_surveys_without"), 0);
  EXPECT_THAT(Create<v1::VillageSurvey>("t", text), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(Update<v1::VillageSurvey>("villageSurveys/s", "found_count: 2"));
  EXPECT_EQ(program_->Value(2018, "villages/w", "needy_surveys_without"), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

}  // namespace
}  // namespace jiedui::assistance
