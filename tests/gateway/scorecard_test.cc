// What the gateway answers.

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/resource/request_context.h"
#include "common/status/error.h"
#include "gtest/gtest.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/gateway/definition.h"
#include "tests/gateway/scorecard_fixture.h"

namespace jiedui::gateway {
namespace {

using ::jiedui::testing::StatusIs;

constexpr char kSafe[] = "targets/2018-safe-villages";

TEST_F(ScorecardTest, ShowsEveryTargetOfTheLatestOpenYear) {
  AddVillages();
  world_.Set(2018, villages_[0], "safe_recognitions", 1);
  Open();
  const auto card = GetScorecard();
  ASSERT_OK(card);
  EXPECT_EQ(card->year(), 2018);
  EXPECT_EQ(card->village_count(), 12);
  const auto released = ReleasedTargets();
  ASSERT_OK(released);
  EXPECT_EQ(card->rows_size() + card->tracked_rows_size(), static_cast<int>(released->size()));
  for (const auto* rows : {&card->rows(), &card->tracked_rows()}) {
    int last = 0;
    for (const v1::ScorecardRow& row : *rows) {
      EXPECT_GT(row.position(), last);
      EXPECT_EQ(row.freshness(), v1::FRESHNESS_FRESH);
      last = row.position();
    }
  }
  const v1::ScorecardRow& safe = RowOf(*card, "safe-villages");
  EXPECT_EQ(safe.numerator(), 1);
  EXPECT_EQ(safe.denominator(), 12);
  EXPECT_EQ(safe.value_micros(), 83'333);
  EXPECT_EQ(safe.needed_count(), 8);
  EXPECT_EQ(RowOf(*card, "young-party-members").status(), v1::TARGET_STATUS_NO_DATA);
  EXPECT_EQ(RowOf(*card, "young-party-members").unreported_count(), 12);
  ASSERT_EQ(card->sources_size(), 4);
  EXPECT_EQ(GetScorecard("divisions/12")->rows(6).has_goal_micros(), true) << "the city is the whole";
  EXPECT_EQ(GetScorecard("divisions/120119")->rows(6).has_goal_micros(), false);
  EXPECT_EQ(GetScorecard("divisions/120119")->display_name(), "place 120119");
  EXPECT_EQ(GetScorecard(villages_[0])->village_count(), 1);
  EXPECT_EQ(RowOf(*GetScorecard(villages_[0]), "safe-villages").status(), v1::TARGET_STATUS_MET);
}

TEST_F(ScorecardTest, WhatIsTrackedIsShownApartAndWithoutAGoal) {
  AddVillages();
  world_.Set(2018, villages_[0], "projects_started", 7);
  Open();
  v1::CreateTargetRequest create;
  resource::v1::GetRequest get;
  get.set_name("targets/2018-projects-started");
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/GetTarget", get, create.mutable_target()));
  create.set_target_id("2018-tracked");
  v1::Target& target = *create.mutable_target();
  target.set_position(999);
  target.set_kind(v1::TARGET_KIND_TOTAL);
  target.set_comparator(v1::COMPARATOR_TRACKED);
  target.clear_denominator_measure();
  target.clear_reported_filter();
  v1::Target created;
  const absl::Status with_goal = CallAndWait("jiedui.gateway.v1.TargetService/CreateTarget", create, &created);
  ASSERT_THAT(with_goal, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ViolationsOf(with_goal)[0].field(), "target.goal_micros");
  target.clear_goal_micros();
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/CreateTarget", create, &created));
  for (const char* division : {"", "divisions/120119", villages_[0].c_str()}) {
    const auto card = GetScorecard(division);
    ASSERT_OK(card);
    const v1::ScorecardRow& row = card->tracked_rows(card->tracked_rows_size() - 1);
    EXPECT_EQ(row.target(), "targets/2018-tracked");
    EXPECT_EQ(row.numerator(), 7);
    EXPECT_EQ(row.value_micros(), 7'000'000);
    EXPECT_EQ(row.status(), v1::TARGET_STATUS_TRACKED);
    EXPECT_FALSE(row.has_goal_micros() || row.has_gap_micros() || row.has_needed_count());
    for (const v1::ScorecardRow& other : card->rows()) EXPECT_NE(other.target(), row.target());
  }
}

TEST_F(ScorecardTest, AnswersAreFresh) {
  AddVillages();
  Open();
  for (int i = 0; i < 5; ++i) {
    world_.Set(2018, villages_[i], "civilised_recognitions", 1);
    EXPECT_EQ(RowOf(*GetScorecard(), "civilised-villages").numerator(), i + 1);
  }
}

TEST_F(ScorecardTest, SumsBeyondSixtyFourBitsAreExact) {
  AddVillages();
  for (const std::string& village : villages_) {
    world_.Set(2018, village, "projects_approved", 8'000'000'000'000'000'010);
    world_.Set(2018, village, "projects_started", 6'000'000'000'000'000'008);
    world_.Set(2018, village, "projects_reported", 1);
  }
  Open();
  const v1::ScorecardRow row = RowOf(*GetScorecard(), "projects-started");
  EXPECT_EQ(row.value_micros(), 750'000);
  EXPECT_EQ(row.numerator(), std::numeric_limits<int64_t>::max()) << "what does not fit is the largest that does";
}

TEST_F(ScorecardTest, AnswersFollowTheTargetsThePlacesAndTheDay) {
  AddVillages();
  for (const std::string& village : villages_) world_.Set(2018, village, "cleanups_reported", 1);
  Open();
  const auto before = GetScorecard("divisions/120119");
  ASSERT_OK(before);
  EXPECT_EQ(RowOf(*before, "quarterly-cleanups").numerator(), 0) << "of three quarters";
  EXPECT_EQ(RowOf(*before, "safe-villages").goal_micros(), 700'000);

  v1::UpdateTargetRequest update;
  resource::v1::GetRequest get;
  get.set_name(kSafe);
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/GetTarget", get, update.mutable_target()));
  update.mutable_target()->set_goal_micros(710'000);
  v1::Target updated;
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/UpdateTarget", update, &updated));
  EXPECT_EQ(RowOf(*GetScorecard("divisions/120119"), "safe-villages").goal_micros(), 710'000);

  village::v1::DirectoryEntry renamed = world_.places().at("divisions/120119");
  renamed.set_display_name("renamed");
  world_.SetPlace(renamed);
  EXPECT_EQ(GetScorecard("divisions/120119")->display_name(), "renamed");

  world_.Set(2018, villages_[0], "cleanups_q1", 1);
  world_.Set(2018, villages_[0], "cleanups_q2", 1);
  world_.Set(2018, villages_[0], "cleanups_q3", 1);
  EXPECT_EQ(RowOf(*GetScorecard("divisions/120119"), "quarterly-cleanups").numerator(), 1);
  later_ = absl::Hours(24 * 90);
  EXPECT_EQ(RowOf(*GetScorecard("divisions/120119"), "quarterly-cleanups").numerator(), 0) << "the fourth has ended";
}

TEST_F(ScorecardTest, SmallCountsOfPersonsAreWithheldFromWhoOnlyViews) {
  AddVillages();
  // 4 of the needy households of the first village are paired, of the others all of 10.
  for (const std::string& village : villages_) {
    world_.Set(2018, village, "needy_households", 10);
    world_.Set(2018, village, "needy_households_paired", village == villages_[0] ? 4 : 10);
    world_.Set(2018, village, "safe_recognitions", 1);
  }
  Open();
  const auto paired = [this](const std::string& division) {
    const auto card = GetScorecard(division);
    EXPECT_OK(card);
    EXPECT_EQ(RowOf(*card, "safe-villages").numerator(), card->village_count()) << "villages are no persons";
    return RowOf(*card, "party-pairing");
  };
  const std::vector<std::string> withheld = {villages_[0], villages_[1], villages_[2]};
  const std::vector<std::string> shown = {"",
                                          "divisions/12",
                                          "divisions/120119",
                                          "divisions/120225",
                                          "divisions/120119101",
                                          "divisions/120119102",
                                          villages_[3],
                                          villages_[11]};
  for (const std::string& division : withheld) EXPECT_EQ(paired(division).denominator(), 10) << "not told apart";
  for (const auto role : {options::v1::ROLE_EDITOR, options::v1::ROLE_REVIEWER, options::v1::ROLE_AUDITOR,
                          options::v1::ROLE_ADMINISTRATOR}) {
    caller_.roles = {options::v1::ROLE_VIEWER, role};
    EXPECT_EQ(paired(villages_[0]).numerator(), 4);
  }
  caller_.roles = {options::v1::ROLE_VIEWER};
  for (const std::string& division : shown) EXPECT_TRUE(paired(division).has_numerator()) << division;
  for (const std::string& division : withheld) {
    const v1::ScorecardRow row = paired(division);
    EXPECT_EQ(row.status(), v1::TARGET_STATUS_WITHHELD) << division;
    EXPECT_FALSE(row.has_value_micros() || row.has_numerator() || row.has_denominator() || row.has_unreported_count() ||
                 row.has_lower_micros() || row.has_upper_micros() || row.has_gap_micros() || row.has_needed_count());
    EXPECT_EQ(row.target(), "targets/2018-party-pairing");
  }
  // Six households of a township unpaired in all; now three: with the village, its townships and what is below them.
  world_.Set(2018, villages_[0], "needy_households_paired", 7);
  EXPECT_EQ(paired("divisions/120119").status(), v1::TARGET_STATUS_WITHHELD);
  EXPECT_EQ(paired("divisions/120225").status(), v1::TARGET_STATUS_WITHHELD) << "or the city's would tell the other's";
  EXPECT_EQ(paired(villages_[11]).status(), v1::TARGET_STATUS_WITHHELD);
  EXPECT_EQ(paired("").status(), v1::TARGET_STATUS_WITHHELD);
  caller_.roles = {};
  EXPECT_EQ(paired("").numerator(), 117);
}

TEST_F(ScorecardTest, SumsOverFewCasesAreWithheldWithTheirCounts) {
  AddVillages();
  // Of every village but the first, ten cases: 50,000 fen, paid in 30 days.
  for (const std::string& village : villages_) {
    const int64_t cases = village == villages_[0] ? 1 : 10;
    world_.Set(2018, village, "education_aids", cases);
    world_.Set(2018, village, "education_aid_fen", cases * 50'000);
    for (const char* measure : {"relief_cases", "relief_settled"}) world_.Set(2018, village, measure, cases);
    world_.Set(2018, village, "relief_settle_days", cases * 30);
  }
  Open();
  caller_.roles = {options::v1::ROLE_VIEWER};
  const auto tracked = [this](const std::string& division, const std::string& id) {
    const auto card = GetScorecard(division);
    EXPECT_OK(card);
    for (const v1::ScorecardRow& row : card->tracked_rows()) {
      if (row.target() == absl::StrCat("targets/2018-", id)) return row;
    }
    ADD_FAILURE() << "no row " << id;
    return v1::ScorecardRow();
  };
  for (const char* id : {"education-aid", "education-aid-amount", "relief-cases", "relief-settle-days"}) {
    for (const std::string& division : {villages_[0], villages_[1]}) {
      const v1::ScorecardRow row = tracked(division, id);
      EXPECT_EQ(row.status(), v1::TARGET_STATUS_WITHHELD) << id << " of " << division;
      EXPECT_FALSE(row.has_value_micros() || row.has_numerator() || row.has_denominator()) << id;
    }
    for (const std::string& division : {villages_[4], std::string("divisions/120119101"), std::string()}) {
      EXPECT_TRUE(tracked(division, id).has_numerator()) << id << " of " << division;
    }
  }
  EXPECT_EQ(tracked(villages_[4], "education-aid-amount").numerator(), 500'000);
  EXPECT_EQ(tracked(villages_[4], "relief-settle-days").value_micros(), 30'000'000);
  caller_.roles = {};
  EXPECT_EQ(tracked(villages_[0], "education-aid-amount").numerator(), 50'000);
}

TEST_F(ScorecardTest, SmallShortfallsOfPersonsAreWithheldFromWhoOnlyViews) {
  AddVillages();
  v1::UpdateTargetRequest update;
  resource::v1::GetRequest get;
  get.set_name(kSafe);
  Open();
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/GetTarget", get, update.mutable_target()));
  update.mutable_target()->set_pass_filter("party_members >= 20 AND safe_recognitions > 0");
  update.mutable_target()->clear_reported_filter();
  v1::Target updated;
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/UpdateTarget", update, &updated));
  for (size_t i = 0; i < villages_.size(); ++i)
    world_.Set(2018, villages_[i], "party_members", static_cast<int64_t>(i));
  for (const bool views : {false, true}) {
    if (views) caller_.roles = {options::v1::ROLE_VIEWER};
    const auto page = ListFailing(kSafe);
    ASSERT_OK(page);
    ASSERT_EQ(page->failing_villages_size(), 12);
    int withheld = 0;
    for (const v1::FailingVillage& village : page->failing_villages()) {
      for (const v1::Shortfall& each : village.shortfalls()) {
        withheld += each.withheld() ? 1 : 0;
        EXPECT_TRUE(!each.withheld() || (each.measure() == "party_members" && each.value() == 0));
        EXPECT_TRUE(!views || each.measure() != "party_members" || each.withheld() || each.value() >= 5);
      }
    }
    EXPECT_EQ(withheld, views ? 5 : 0) << "0 to 4";
  }
}

TEST_F(ScorecardTest, NeitherTheOrderNorATokenTellsAWithheldShortfall) {
  AddVillages();
  v1::UpdateTargetRequest update;
  resource::v1::GetRequest get;
  get.set_name(kSafe);
  Open();
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/GetTarget", get, update.mutable_target()));
  update.mutable_target()->set_pass_filter("party_members >= 20");
  update.mutable_target()->clear_reported_filter();
  v1::Target updated;
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/UpdateTarget", update, &updated));
  caller_.roles = {options::v1::ROLE_VIEWER};
  for (const std::string& village : villages_) world_.Set(2018, village, "party_members", 10);
  world_.Set(2018, villages_[7], "party_members", 2);
  std::vector<std::string> first;
  for (const int64_t hidden : {0, 1, 2, 3, 4}) {
    world_.Set(2018, villages_[5], "party_members", hidden);
    std::vector<std::string> seen;
    std::string token;
    do {
      const auto page = ListFailing(kSafe, "", 1, token);
      ASSERT_OK(page);
      token = page->next_page_token();
      seen.push_back(absl::StrCat(page->failing_villages(0).ShortDebugString(), " ", token));
    } while (!token.empty());
    ASSERT_EQ(seen.size(), 12);
    EXPECT_THAT(seen[10], ::testing::HasSubstr(villages_[5])) << "the withheld ones are last";
    if (first.empty()) first = seen;
    EXPECT_EQ(seen, first) << hidden;
  }
}

TEST_F(ScorecardTest, WithoutASourceItsRowsAreAbsentAndNeverZero) {
  AddVillages();
  for (const std::string& village : villages_) {
    world_.Set(2018, village, "safe_recognitions", 1);
    world_.Set(2018, village, "projects_reported", 2);
    world_.Set(2018, village, "projects_approved", 2);
    world_.Set(2018, village, "projects_started", 2);
  }
  clients_[kIndustry].set_status(absl::UnavailableError("refused"));
  Open();
  const auto card = GetScorecard();
  ASSERT_OK(card);
  const v1::ScorecardRow& row = RowOf(*card, "projects-started");
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_NO_DATA);
  EXPECT_EQ(row.freshness(), v1::FRESHNESS_MISSING);
  EXPECT_FALSE(row.has_value_micros() || row.has_numerator() || row.has_denominator() || row.has_unreported_count());
  EXPECT_EQ(RowOf(*card, "safe-villages").status(), v1::TARGET_STATUS_MET);
  EXPECT_THAT(ListFailing("targets/2018-collective-income-nonzero"), StatusIs(absl::StatusCode::kUnavailable));

  clients_[kIndustry].set_status(absl::OkStatus());
  executor_->Advance(absl::Seconds(10));
  EXPECT_EQ(RowOf(*GetScorecard(), "projects-started").status(), v1::TARGET_STATUS_MET);

  clients_[kIndustry].set_status(absl::UnavailableError("refused"));
  world_.Set(2018, villages_[0], "projects_started", 0);
  const auto stale = GetScorecard();
  ASSERT_OK(stale);
  EXPECT_EQ(RowOf(*stale, "projects-started").freshness(), v1::FRESHNESS_STALE);
  EXPECT_EQ(RowOf(*stale, "projects-started").numerator(), 24) << "the last state";
  EXPECT_EQ(stale->sources(kIndustry).problem(), "UNAVAILABLE");
  EXPECT_TRUE(stale->sources(kIndustry).has_as_of_time());
}

TEST_F(ScorecardTest, WithoutTheVillageServiceNothingIsClaimed) {
  clients_[kVillage].set_status(absl::UnavailableError("refused"));
  Open();
  EXPECT_THAT(gateway_->status(), StatusIs(absl::StatusCode::kUnavailable));
  for (const std::string division : {"", "divisions/12"}) {
    const auto card = GetScorecard(division);
    ASSERT_OK(card);
    EXPECT_EQ(card->year(), 2018);
    for (const v1::ScorecardRow& row : card->rows()) {
      EXPECT_EQ(row.status(), v1::TARGET_STATUS_NO_DATA);
      EXPECT_FALSE(row.has_value_micros());
    }
  }
}

TEST_F(ScorecardTest, RefusesWhatItDoesNotKnow) {
  AddVillages();
  Open();
  EXPECT_THAT(GetScorecard("divisions/99"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(GetScorecard("divisions/'; DROP"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(GetScorecard("", 2011), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(GetScorecard("", -1), StatusIs(absl::StatusCode::kInvalidArgument));
  world_.SetYear(2018, village::v1::YEAR_STATE_CLOSED);
  EXPECT_THAT(GetScorecard(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_OK(GetScorecard("", 2018));
  EXPECT_THAT(ListFailing("targets/2018-none"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ListFailing("targets/2018-projects-started"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ListFailing(kSafe, "", -1), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ListFailing(kSafe, "", 0, "forged"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ScorecardTest, ATargetWithAnUnknownMeasureIsRefused) {
  Open();
  resource::v1::GetRequest get;
  get.set_name(kSafe);
  v1::UpdateTargetRequest update;
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/GetTarget", get, update.mutable_target()));
  update.mutable_target()->set_pass_filter("no_such_measure > 0");
  v1::Target updated;
  const absl::Status result = CallAndWait("jiedui.gateway.v1.TargetService/UpdateTarget", update, &updated);
  ASSERT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_FALSE(ViolationsOf(result).empty());
  EXPECT_EQ(ViolationsOf(result)[0].field(), "target.pass_filter");
}

TEST_F(ScorecardTest, ListsFailingVillagesNearestFirstAndTheUnreportedLast) {
  AddVillages();
  for (size_t i = 0; i < villages_.size(); ++i) {
    if (i < 2) continue;  // unreported
    world_.Set(2018, villages_[i], "collective_income_reported", 1);
    world_.Set(2018, villages_[i], "operating_income", static_cast<int64_t>(i) * 2'000'000);
  }
  Open();
  const std::string target = "targets/2018-collective-income-200k";
  const auto all = ListFailing(target);
  ASSERT_OK(all);
  EXPECT_EQ(all->failing_count(), 8);
  EXPECT_EQ(all->unreported_count(), 2);
  EXPECT_EQ(all->needed_count(), 2) << "30 % of 12 is 3.6; two pass";
  ASSERT_EQ(all->failing_villages_size(), 10);
  const v1::FailingVillage& nearest = all->failing_villages(0);
  EXPECT_EQ(nearest.village(), villages_[9]);
  ASSERT_EQ(nearest.shortfalls_size(), 1);
  EXPECT_EQ(nearest.shortfalls(0).measure(), "operating_income");
  EXPECT_EQ(nearest.shortfalls(0).value(), 18'000'000);
  EXPECT_EQ(nearest.shortfalls(0).needed_value(), 20'000'000);
  ASSERT_EQ(nearest.parent_display_names_size(), 2);
  EXPECT_EQ(nearest.parent_display_names(0), "place 120225102");
  EXPECT_EQ(nearest.parent_display_names(1), "place 120225");
  EXPECT_TRUE(all->failing_villages(8).unreported());
  EXPECT_EQ(all->failing_villages(8).village(), villages_[0]);

  std::vector<std::string> paged;
  std::string token;
  do {
    const auto page = ListFailing(target, "", 3, token);
    ASSERT_OK(page);
    for (const v1::FailingVillage& village : page->failing_villages()) paged.push_back(village.village());
    token = page->next_page_token();
    if (!token.empty()) {
      EXPECT_THAT(ListFailing(target, "divisions/120119", 3, token), StatusIs(absl::StatusCode::kInvalidArgument));
      EXPECT_THAT(ListFailing(kSafe, "", 3, token), StatusIs(absl::StatusCode::kInvalidArgument));
    }
  } while (!token.empty());
  std::vector<std::string> whole;
  for (const v1::FailingVillage& village : all->failing_villages()) whole.push_back(village.village());
  EXPECT_EQ(paged, whole);
}

class QuarterTest : public ScorecardTest, public ::testing::WithParamInterface<std::pair<absl::CivilDay, int>> {};

INSTANTIATE_TEST_SUITE_P(Days, QuarterTest,
                         ::testing::Values(std::make_pair(absl::CivilDay(2018, 3, 31), 0),
                                           std::make_pair(absl::CivilDay(2018, 4, 1), 1),
                                           std::make_pair(absl::CivilDay(2018, 8, 1), 2),
                                           std::make_pair(absl::CivilDay(2018, 12, 31), 3),
                                           std::make_pair(absl::CivilDay(2019, 1, 1), 4)));

TEST_P(QuarterTest, AVillageFailsOnlyForQuartersThatHaveEnded) {
  const auto [today, ended] = GetParam();
  today_ = today;
  AddVillages();
  // The village i has cleaned up in its first i quarters; the others have not reported.
  for (int village = 0; village <= 4; ++village) {
    world_.Set(2018, villages_[village], "cleanups_reported", 1);
    for (int quarter = 1; quarter <= village; ++quarter) {
      world_.Set(2018, villages_[village], absl::StrCat("cleanups_q", quarter), 1);
    }
  }
  Open();
  for (int look = 0; look < 2; ++look) {  // the second is from what was counted before
    const auto card = GetScorecard();
    ASSERT_OK(card);
    EXPECT_EQ(RowOf(*card, "quarterly-cleanups").numerator(), 5 - ended);
    EXPECT_EQ(RowOf(*card, "quarterly-cleanups").unreported_count(), 7);
    EXPECT_EQ(RowOf(*card, "quarterly-cleanups").status(),
              ended == 0 ? v1::TARGET_STATUS_ON_TRACK : v1::TARGET_STATUS_BEHIND);
  }
  const auto failing = ListFailing("targets/2018-quarterly-cleanups");
  ASSERT_OK(failing);
  EXPECT_EQ(failing->failing_count(), ended);
  if (ended > 0) {
    const v1::FailingVillage& nearest = failing->failing_villages(0);
    EXPECT_EQ(nearest.village(), villages_[ended - 1]);
    ASSERT_EQ(nearest.shortfalls_size(), 1);
    EXPECT_EQ(nearest.shortfalls(0).measure(), absl::StrCat("cleanups_q", ended));
  }
}

TEST_F(ScorecardTest, AmountsOfAVillageThatHasLeftAreStillCounted) {
  AddVillages();
  for (const std::string& village : villages_) {
    world_.Set(2018, village, "toilets_reported", 1);
    world_.Set(2018, village, "toilets_completed", 10);
    world_.Set(2018, village, "large_farms", 2);
    world_.Set(2018, village, "large_farms_treated", 1);
    world_.Set(2018, village, "safe_recognitions", 1);
  }
  const int64_t members = static_cast<int64_t>(villages_.size());
  world_.Set(2018, villages_[0], "programme_villages", 0);
  Open();
  const auto card = GetScorecard();
  ASSERT_OK(card);
  EXPECT_EQ(RowOf(*card, "toilets-renovated").numerator(), 10 * members) << "its toilets were built all the same";
  EXPECT_EQ(RowOf(*card, "large-farms-treated").numerator(), members);
  EXPECT_EQ(RowOf(*card, "large-farms-treated").denominator(), 2 * members);
  EXPECT_EQ(RowOf(*card, "safe-villages").numerator(), members - 1) << "of villages only those that are in";
  EXPECT_EQ(RowOf(*card, "safe-villages").denominator(), members - 1);
  // By itself it has what it did, and nothing to report.
  const auto own = GetScorecard(villages_[0]);
  ASSERT_OK(own);
  EXPECT_EQ(RowOf(*own, "toilets-renovated").numerator(), 10);
  EXPECT_EQ(RowOf(*own, "toilets-renovated").unreported_count(), 0);
  EXPECT_EQ(RowOf(*own, "safe-villages").status(), v1::TARGET_STATUS_NO_DATA);
}

TEST_F(ScorecardTest, WhatWasNeverCountedHasNoValueAndNoZero) {
  AddVillages();
  world_.Set(2018, villages_[0], "safe_recognitions", 1);
  world_.SetUncounted(2018, "safe_recognitions");
  Open();
  const auto card = GetScorecard();
  ASSERT_OK(card);
  const v1::ScorecardRow& safe = RowOf(*card, "safe-villages");
  EXPECT_EQ(safe.status(), v1::TARGET_STATUS_NO_DATA);
  EXPECT_EQ(safe.freshness(), v1::FRESHNESS_FRESH);
  EXPECT_FALSE(safe.has_numerator());
  EXPECT_FALSE(safe.has_value_micros());
  EXPECT_TRUE(RowOf(*card, "civilised-villages").has_numerator());
}

TEST_F(ScorecardTest, AnAnswerThatComesAfterTheGatewayHasGoneIsHarmless) {
  AddVillages();
  clients_[kIndustry].set_hangs(true);
  Open();
  ASSERT_OK(GetScorecard());
  ASSERT_GT(clients_[kIndustry].waiting(), 0);
  gateway_ = nullptr;
  clients_[kIndustry].Release();
  EXPECT_EQ(clients_[kIndustry].waiting(), 0);
}

}  // namespace
}  // namespace jiedui::gateway
