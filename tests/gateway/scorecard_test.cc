// The gateway as a whole, in process: its database, released targets, and fake services.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/resource/request_context.h"
#include "common/sql/database.h"
#include "common/status/error.h"
#include "gtest/gtest.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/gateway/definition.h"
#include "services/gateway/gateway.h"
#include "tests/gateway/fake_executor.h"
#include "tests/gateway/fake_world.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"

namespace jiedui::gateway {
namespace {

using ::jiedui::testing::FakeClients;
using ::jiedui::testing::FakeExecutor;
using ::jiedui::testing::FakeWorld;
using ::jiedui::testing::StatusIs;

constexpr char kSafe[] = "targets/2018-safe-villages";

class ScorecardTest : public ::testing::Test {
 protected:
  ScorecardTest() {
    sql::DatabaseOptions options;
    options.url = absl::StrCat("sqlite:", directory_.path(), "/gateway.db");
    database_ = *sql::OpenDatabase(options);
    gateway_ = *Gateway::Create();
    EXPECT_OK(gateway_->Migrate(*database_));
  }

  void Open() {
    GatewayOptions options;
    options.clients = clients_.clients();
    options.executor = executor_;
    options.clock = [this] { return executor_->Now() + later_; };
    options.today = today_;
    ASSERT_OK(gateway_->Open(database_.get(), std::move(options)));
    ASSERT_OK(gateway_->AddMethods(table_));
    ASSERT_OK(table_.CheckComplete());
  }
  template <typename Request, typename Response>
  absl::Status Call(const std::string& method, const Request& request, Response* response,
                    absl::Duration deadline = absl::Seconds(30)) {
    RequestContext context;
    context.method = method;
    context.deadline = executor_->Now() + deadline;
    context.principal = caller_;
    std::optional<absl::Status> result;
    table_.Find(method)->unary(context, request, response,
                               [&result](absl::Status status) { result = std::move(status); });
    if (!result.has_value()) executor_->Advance(deadline);
    return result.value_or(absl::UnknownError("not answered"));
  }
  // Of a method that the database answers on a thread of its own, in real time.
  template <typename Request, typename Response>
  absl::Status CallAndWait(const std::string& method, const Request& request, Response* response) {
    RequestContext context;
    context.method = method;
    context.deadline = absl::Now() + absl::Seconds(30);
    absl::Status result;
    absl::Notification finished;
    table_.Find(method)->unary(context, request, response, [&](absl::Status status) {
      result = std::move(status);
      finished.Notify();
    });
    finished.WaitForNotification();
    return result;
  }
  absl::StatusOr<v1::Scorecard> GetScorecard(const std::string& division = "", int year = 0) {
    v1::GetScorecardRequest request;
    request.set_division(division);
    request.set_year(year);
    v1::Scorecard card;
    const absl::Status status = Call("jiedui.gateway.v1.ScorecardService/GetScorecard", request, &card);
    if (!status.ok()) return status;
    return card;
  }
  absl::StatusOr<v1::ListFailingVillagesResponse> ListFailing(const std::string& target,
                                                              const std::string& division = "", int page_size = 0,
                                                              const std::string& token = "") {
    v1::ListFailingVillagesRequest request;
    request.set_target(target);
    request.set_division(division);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListFailingVillagesResponse page;
    const absl::Status status = Call("jiedui.gateway.v1.ScorecardService/ListFailingVillages", request, &page);
    if (!status.ok()) return status;
    return page;
  }
  static const v1::ScorecardRow& RowOf(const v1::Scorecard& card, const std::string& id) {
    for (const v1::ScorecardRow& row : card.rows()) {
      if (row.target() == absl::StrCat("targets/2018-", id)) return row;
    }
    ADD_FAILURE() << "no row " << id;
    return card.rows(0);
  }
  // Two districts with two townships of three villages each, all in the programme.
  void AddVillages() {
    world_.AddPlace("12");
    for (const std::string district : {"120119", "120225"}) {
      world_.AddPlace(district);
      for (const std::string township : {"101", "102"}) {
        world_.AddPlace(district + township);
        for (const std::string village : {"201", "202", "203"}) {
          const std::string code = district + township + village;
          world_.AddPlace(code);
          villages_.push_back(FakeWorld::NameOf(code));
          for (const int year : {2017, 2018}) world_.Set(year, villages_.back(), "programme_villages", 1);
        }
      }
    }
  }

  Principal caller_;
  absl::Duration later_;
  std::optional<absl::CivilDay> today_;
  testing::TemporaryDirectory directory_;
  FakeWorld world_;
  std::vector<std::string> villages_;
  FakeClients clients_{&world_};
  std::shared_ptr<FakeExecutor> executor_ = std::make_shared<FakeExecutor>();
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Gateway> gateway_;
  server::MethodTable table_;
};

TEST_F(ScorecardTest, MigratingSeedsTheTargetsOnce) {
  ASSERT_OK(gateway_->Migrate(*database_));
  Open();
  resource::v1::ListRequest request;
  request.set_page_size(1000);
  v1::ListTargetsResponse targets;
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/ListTargets", request, &targets));
  EXPECT_EQ(targets.targets_size(), static_cast<int>(ReleasedTargets()->size()));
  resource::v1::GetRequest get;
  get.set_name("targets/2018-party-pairing");
  v1::Target target;
  ASSERT_OK(CallAndWait("jiedui.gateway.v1.TargetService/GetTarget", get, &target));
  EXPECT_EQ(target.position(), 35);
}

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
  const std::vector<std::string> shown = {"", "divisions/12", "divisions/120119", "divisions/120225", "divisions/120119101",
                                          "divisions/120119102", villages_[3], villages_[11]};
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
  for (size_t i = 0; i < villages_.size(); ++i) world_.Set(2018, villages_[i], "party_members", static_cast<int64_t>(i));
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
        EXPECT_TRUE(!views || each.measure() != "party_members" || each.value() == 0 || each.value() >= 5);
      }
    }
    EXPECT_EQ(withheld, views ? 4 : 0) << "1 to 4";
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

// Everything below computes a row again from single values, the plain way.
class PlainScorecard {
 public:
  PlainScorecard(const FakeWorld& world, const std::string& division) : world_(world) {
    for (const auto& [name, entry] : world.places()) {
      if (division.empty() || IsWithin(entry, division)) nodes_.push_back(name);
    }
  }

  // Does nothing for a target that it has no plain form of.
  void Check(const v1::ScorecardRow& row) {
    const std::string id = row.target().substr(std::string("targets/2018-").size());
    if (kChecked.count(id) == 0) return;
    if (id == "projects-started")
      return CheckRatio(row, "projects_started", "projects_approved", &PlainScorecard::HasProjects);
    if (id == "projects-completed")
      return CheckRatio(row, "projects_completed", "projects_approved", &PlainScorecard::HasProjects);
    if (id == "party-pairing")
      return CheckRatio(row, "needy_households_paired", "needy_households", &PlainScorecard::HasNeedy);
    if (id == "farmer-income-growth") return CheckGrowth(row);
    if (CheckInfrastructure(row, id)) return;
    CheckMembers(row, id);
  }

 private:
  bool IsWithin(const village::v1::DirectoryEntry& entry, const std::string& division) const {
    if (entry.name() == division) return true;
    const auto parent = world_.places().find(entry.parent());
    return parent != world_.places().end() && IsWithin(parent->second, division);
  }
  int64_t At(const std::string& node, const char* measure, int year = 2018) const {
    return world_.Get(year, node, measure);
  }
  bool HasProjects(const std::string& node) const {
    return At(node, "projects_reported") > 0 || At(node, "project_participations") > 0;
  }
  bool HasNeedy(const std::string& node) const {
    return At(node, "needy_households") > 0 || At(node, "needy_surveys_without") > 0;
  }
  std::vector<std::string> Members() const {
    std::vector<std::string> members;
    std::copy_if(nodes_.begin(), nodes_.end(), std::back_inserter(members),
                 [this](const std::string& node) { return At(node, "programme_villages") > 0; });
    return members;
  }
  static int64_t FloorDiv(__int128 a, __int128 b) { return static_cast<int64_t>(a >= 0 ? a / b : -((-a + b - 1) / b)); }

  void CheckRatio(const v1::ScorecardRow& row, const char* above, const char* below,
                  bool (PlainScorecard::*reported)(const std::string&) const) {
    int64_t numerator = 0, denominator = 0, unreported = 0;
    for (const std::string& node : nodes_) {
      numerator += At(node, above);
      denominator += At(node, below);
    }
    for (const std::string& member : Members()) unreported += (this->*reported)(member) ? 0 : 1;
    EXPECT_EQ(row.unreported_count(), unreported);
    EXPECT_EQ(row.has_value_micros(), denominator > 0);
    if (denominator == 0) return;
    EXPECT_EQ(row.numerator(), numerator);
    EXPECT_EQ(row.denominator(), denominator);
    EXPECT_EQ(row.value_micros(), numerator * 1'000'000 / denominator);
    EXPECT_EQ(row.lower_micros(), numerator * 1'000'000 / (denominator + unreported));
    EXPECT_EQ(row.upper_micros(), (numerator + unreported) * 1'000'000 / (denominator + unreported));
  }

  // Rows 20 to 28 on the world's day, 20 October: three quarters have ended.
  bool CheckInfrastructure(const v1::ScorecardRow& row, const std::string& id) {
    if (id == "toilets-renovated") {
      CheckAmount(row, "toilets_completed", 1, "toilets_reported");
    } else if (id == "lines-110kv" || id == "lines-10kv") {
      CheckAmount(row, id == "lines-110kv" ? "lines_110kv_completed" : "lines_10kv_completed", 1000, nullptr);
    } else if (id == "large-farms-treated") {
      CheckRatio(row, "large_farms_treated", "large_farms", &PlainScorecard::Always);
    } else if (id == "film-recovery") {
      CheckAmounts(row, "film_recovered", "film_used", "film_reported");
    } else if (id == "wheat-straw-use") {
      CheckAmounts(row, "wheat_straw_used", "wheat_straw_produced", "wheat_straw_reported");
    } else if (id == "fertiliser-growth" || id == "pesticide-growth") {
      CheckInputGrowth(row, id == "fertiliser-growth" ? "fertiliser" : "pesticide");
    } else if (id == "quarterly-cleanups") {
      CheckCleanUps(row);
    } else {
      return false;
    }
    return true;
  }
  bool Always(const std::string& /*node*/) const { return true; }
  int64_t Silent(const char* reported) const {
    int64_t silent = 0;
    for (const std::string& member : Members()) silent += reported != nullptr && At(member, reported) == 0 ? 1 : 0;
    return silent;
  }

  void CheckAmount(const v1::ScorecardRow& row, const char* measure, int64_t scale, const char* reported) {
    int64_t sum = 0;
    for (const std::string& node : nodes_) sum += At(node, measure);
    const int64_t silent = Silent(reported);
    EXPECT_EQ(row.unreported_count(), silent);
    EXPECT_EQ(row.has_value_micros(), sum != 0 || silent < static_cast<int64_t>(Members().size()));
    if (!row.has_value_micros()) return;
    EXPECT_EQ(row.numerator(), sum);
    EXPECT_EQ(row.value_micros(), sum * 1'000'000 / scale);
  }

  void CheckAmounts(const v1::ScorecardRow& row, const char* above, const char* below, const char* reported) {
    int64_t numerator = 0, denominator = 0;
    for (const std::string& node : nodes_) {
      numerator += At(node, above);
      denominator += At(node, below);
    }
    EXPECT_EQ(row.unreported_count(), Silent(reported));
    EXPECT_EQ(row.has_value_micros(), denominator > 0);
    if (denominator == 0) return;
    EXPECT_EQ(row.numerator(), numerator);
    EXPECT_EQ(row.denominator(), denominator);
    EXPECT_EQ(row.value_micros(), numerator * 1'000'000 / denominator);
    EXPECT_LE(row.lower_micros(), row.value_micros());
  }

  void CheckInputGrowth(const v1::ScorecardRow& row, const std::string& input) {
    const std::string reported = input + "_reported", used = input + "_used";
    int64_t now = 0, before = 0, both = 0;
    for (const std::string& member : Members()) {
      if (At(member, reported.c_str()) == 0 || At(member, reported.c_str(), 2017) == 0) continue;
      ++both;
      now += At(member, used.c_str()) * At(member, reported.c_str());
      before += At(member, used.c_str(), 2017) * At(member, reported.c_str());
    }
    EXPECT_EQ(row.unreported_count(), static_cast<int64_t>(Members().size()) - both);
    EXPECT_EQ(row.has_value_micros(), both > 0 && before > 0);
    if (!row.has_value_micros()) return;
    EXPECT_EQ(row.numerator(), now);
    EXPECT_EQ(row.denominator(), before);
    EXPECT_EQ(row.value_micros(), -FloorDiv(static_cast<__int128>(before - now) * 1'000'000, before));
  }

  void CheckCleanUps(const v1::ScorecardRow& row) {
    int64_t passed = 0, population = 0;
    for (const std::string& member : Members()) {
      ++population;
      passed += At(member, "cleanups_reported") > 0 && At(member, "cleanups_q1") > 0 && At(member, "cleanups_q2") > 0 &&
                        At(member, "cleanups_q3") > 0
                    ? 1
                    : 0;
    }
    EXPECT_EQ(row.unreported_count(), Silent("cleanups_reported"));
    EXPECT_EQ(row.has_value_micros(), row.unreported_count() < population);
    if (!row.has_value_micros()) return;
    EXPECT_EQ(row.numerator(), passed);
    EXPECT_EQ(row.value_micros(), passed * 1'000'000 / population);
  }

  void CheckGrowth(const v1::ScorecardRow& row) {
    int64_t now = 0, before = 0, unreported = 0, reported = 0;
    for (const std::string& member : Members()) {
      const int64_t value = At(member, "farmer_income_per_capita");
      const int64_t value_before = At(member, "farmer_income_per_capita", 2017);
      if (value == 0 || value_before == 0) {
        ++unreported;
        continue;
      }
      ++reported;
      now += value * At(member, "farmer_income_population");
      before += value_before * At(member, "farmer_income_population");
    }
    EXPECT_EQ(row.unreported_count(), unreported);
    EXPECT_EQ(row.has_value_micros(), reported > 0 && before > 0);
    if (!row.has_value_micros()) return;
    EXPECT_EQ(row.numerator(), now);
    EXPECT_EQ(row.denominator(), before);
    EXPECT_EQ(row.value_micros(), FloorDiv(static_cast<__int128>(now - before) * 1'000'000, before));
    EXPECT_LE(row.lower_micros(), row.value_micros());
    EXPECT_GE(row.upper_micros(), row.value_micros());
  }

  void CheckMembers(const v1::ScorecardRow& row, const std::string& id) {
    int64_t passed = 0, unreported = 0, population = 0;
    for (const std::string& member : Members()) {
      ++population;
      bool reported = true, passes = false;
      if (absl::StartsWith(id, "collective-income")) {
        reported = At(member, "collective_income_reported") > 0;
        passes = id == "collective-income-nonzero" ? At(member, "operating_income") > 0
                                                   : At(member, "operating_income") >= 20'000'000;
      } else if (id == "beautiful-villages" || id == "six-six-completed") {
        reported = At(member, "facilities_reported") > 0;
        passes = At(member, "facilities_accepted") >= 12 &&
                 (id == "beautiful-villages" || At(member, "facilities_accepted_in_year") >= 1);
      } else if (id == "young-party-members") {
        reported = At(member, "party_members") > 0;
        passes = At(member, "young_party_members") >= 2;
      } else {
        passes = At(member, id == "safe-villages" ? "safe_recognitions" : "civilised_recognitions") > 0;
      }
      unreported += reported ? 0 : 1;
      passed += reported && passes ? 1 : 0;
    }
    EXPECT_EQ(row.unreported_count(), unreported);
    EXPECT_EQ(row.has_value_micros(), unreported < population);
    if (unreported == population) return;
    EXPECT_EQ(row.numerator(), passed);
    const int64_t whole = id == "six-six-completed" ? 1 : population;
    EXPECT_EQ(row.denominator(), id == "six-six-completed" ? 0 : population);
    EXPECT_EQ(row.value_micros(), passed * 1'000'000 / whole);
    EXPECT_EQ(row.lower_micros(), row.value_micros());
    EXPECT_EQ(row.upper_micros(), (passed + unreported) * 1'000'000 / whole);
  }

  const FakeWorld& world_;
  std::vector<std::string> nodes_;

 public:
  static inline const std::set<std::string> kChecked = {
      "projects-started",  "projects-completed",   "collective-income-nonzero", "collective-income-200k", "farmer-income-growth",
      "beautiful-villages", "six-six-completed",   "civilised-villages",        "safe-villages",          "young-party-members",
      "party-pairing"};
};

TEST_F(ScorecardTest, EqualsAPlainRecomputationAtEveryLevel) {
  std::mt19937 random(1041);
  const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  world_.AddPlace("12");
  for (int d = 0; d < 4; ++d) {
    world_.AddPlace(absl::StrCat("12011", d));
    for (int t = 0; t < 4; ++t) {
      world_.AddPlace(absl::StrCat("12011", d, "10", t));
      for (int v = 0; v < 80; ++v) world_.AddPlace(absl::StrCat("12011", d, "10", t, 200 + v));
    }
  }
  Open();
  std::vector<std::string> nodes;
  for (const auto& [name, entry] : world_.places()) nodes.push_back(name);
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 8000; ++i) {
      const std::string& node = nodes[pick(static_cast<int>(nodes.size()))];
      const MeasureInfo& info = world_.catalog().measures()[pick(static_cast<int>(world_.catalog().measures().size()))];
      const std::string& measure = info.definition.id();
      int64_t value = pick(4);
      if (measure == "programme_villages") value = absl::StartsWith(node, "villages/") && pick(5) > 0 ? 1 : 0;
      if (measure == "operating_income") value = pick(3) * 10'000'000 + pick(2);
      if (measure == "facilities_accepted") value = 10 + pick(3);
      if (measure == "farmer_income_per_capita") value = pick(4) * (1'000'000 + pick(500'000));
      world_.Set(2017 + pick(2), node, measure, value);
    }
    std::vector<std::string> divisions = {"", "divisions/12"};
    for (int i = 0; i < 30; ++i) divisions.push_back(nodes[pick(static_cast<int>(nodes.size()))]);
    for (int d = 0; d < 4; ++d) {
      divisions.push_back(absl::StrCat("divisions/12011", d));
      for (int t = 0; t < 4; ++t) divisions.push_back(absl::StrCat("divisions/12011", d, "10", t));
    }
    for (const std::string& division : divisions) {
      SCOPED_TRACE(absl::StrCat("round ", round, " ", division));
      const auto card = GetScorecard(division);
      ASSERT_OK(card);
      EXPECT_EQ(card->unplaced_node_count(), 0);
      PlainScorecard plain(world_, division);
      for (const v1::ScorecardRow& row : card->rows()) {
        SCOPED_TRACE(row.target());
        plain.Check(row);
      }
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace jiedui::gateway
