// Supervised items, and the scheduler that escalates them: once, with three replicas at work and after a restart.

#include "services/village/supervision.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "tests/village/step_test.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using village::v1::SupervisedItem;

constexpr int kReplicas = 3;

class SupervisionTest : public StepTest {
 protected:
  absl::StatusOr<SupervisedItem> NewItem(const std::string& id, const std::string& rest,
                                         const std::string& site = kVillage) {
    return Create<SupervisedItem>(
        id, absl::StrCat("site: \"", site, R"(" task: "开工" measure: "落实用地" owner: "镇长"
        escalation_days: 10 )",
                         absl::StrContains(rest, "origin") ? "" : "origin: SUPERVISION_ORIGIN_MANUAL ", rest));
  }

  // What the schedulers of three freshly started replicas do together at `now`.
  int Schedule(absl::Time now, absl::Time recorded = absl::UnixEpoch() + absl::Seconds(1)) {
    RecordItemsAt(recorded);
    std::atomic<int> escalated{0};
    InParallel(kReplicas, [&](int) {
      auto host = service::Host::Create(village::NewDefinition());
      ASSERT_OK(host);
      ASSERT_OK((*host)->Open(&program_->database(), nullptr, &program_->vault(), [now] { return now; }));
      int mine = 0;
      EXPECT_OK(village::EscalateOverdueItems((*host)->engine(), &mine));
      escalated += mine;
    });
    return escalated;
  }

  static absl::Time Day(const std::string& date) {
    absl::Time time;
    EXPECT_TRUE(absl::ParseTime("%Y-%m-%d", date, absl::FixedTimeZone(8 * 60 * 60), &time, nullptr));
    return time + absl::Hours(9);
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, SupervisionTest, BothDatabases(), DatabaseName);

TEST_P(SupervisionTest, OverdueItemsGoUpALevelOnceHoweverManyReplicasLook) {
  constexpr int kItems = 20;
  for (int i = 0; i < kItems; ++i) ASSERT_OK(NewItem(absl::StrCat("i", i), R"(due_date: "2018-06-30")"));
  ASSERT_OK(NewItem("later", R"(due_date: "2018-12-31")"));
  EXPECT_EQ(Schedule(Day("2018-06-30")), 0);
  EXPECT_EQ(Schedule(Day("2018-07-01")), kItems);
  // Started again: nothing is overdue at the district yet.
  EXPECT_EQ(Schedule(Day("2018-07-01")), 0);
  EXPECT_EQ(Schedule(Day("2018-07-11")), 0);
  const auto item = Get<SupervisedItem>("supervisedItems/i0");
  ASSERT_OK(item);
  EXPECT_EQ(item->state(), village::v1::SUPERVISION_STATE_DISTRICT);
  EXPECT_EQ(item->level_due_date(), "2018-07-11");
  EXPECT_EQ(Schedule(Day("2018-07-12")), kItems);
  // There is no level above the city.
  EXPECT_EQ(Schedule(Day("2018-12-01")), 0);
  EXPECT_EQ(Get<SupervisedItem>("supervisedItems/i0")->state(), village::v1::SUPERVISION_STATE_CITY);
  EXPECT_EQ(Get<SupervisedItem>("supervisedItems/later")->state(), village::v1::SUPERVISION_STATE_TOWNSHIP);
  EXPECT_EQ(CheckHistories(*program_, "supervisedItems"), 2 * kItems);
  EXPECT_EQ(StepsOf(*program_, "supervisedItems/i0")[0].actor(), "services/village-scheduler");
  EXPECT_EQ(Value(2018, "supervised_items_open"), kItems + 1);
  EXPECT_EQ(Value(2018, "supervised_items_overdue"), kItems);
}

TEST_P(SupervisionTest, AnItemIsStruckOffWithEvidenceAlone) {
  ASSERT_OK(NewItem("a", R"(raised_date: "2018-03-01" due_date: "2018-06-30")"));
  EXPECT_THAT(Violated(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a").status()),
              UnorderedElementsAre("evidence REQUIRED"));
  const auto done =
      Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a", R"(evidence: "验收1号" date: "2018-06-20")");
  ASSERT_OK(done);
  EXPECT_EQ(done->struck_off_date(), "2018-06-20");
  EXPECT_EQ(done->level_due_date(), "");
  EXPECT_EQ(Schedule(Day("2018-12-01")), 0);
  EXPECT_THAT(Step<SupervisedItem>("EscalateItem", "supervisedItems/a"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Value(2018, "supervised_items_open"), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(SupervisionTest, ADeadlineIsExtendedWithAReasonOnly) {
  ASSERT_OK(NewItem("a", R"(raised_date: "2018-03-01" due_date: "2018-06-30")"));
  EXPECT_THAT(Violated(Update<SupervisedItem>("supervisedItems/a", R"(due_date: "2019-01-01")").status()),
              ElementsAre("due_date IMMUTABLE"));
  EXPECT_THAT(Violated(Step<SupervisedItem>("ExtendItem", "supervisedItems/a",
                                            R"(extended_date: "2018-06-30" date: "2018-06-01")")
                           .status()),
              UnorderedElementsAre("reason REQUIRED", "extended_date RULE"));
  EXPECT_THAT(Violated(Step<SupervisedItem>("EscalateItem", "supervisedItems/a", R"(date: "2018-06-30")").status()),
              ElementsAre("date RULE"));
  const auto extended = Step<SupervisedItem>("ExtendItem", "supervisedItems/a",
                                             R"(extended_date: "2018-08-31" reason: "汛期" date: "2018-06-01")");
  ASSERT_OK(extended);
  EXPECT_EQ(extended->level_due_date(), "2018-08-31");
  EXPECT_EQ(Schedule(Day("2018-08-31")), 0);
  EXPECT_EQ(Schedule(Day("2018-09-01")), 1);
}

TEST_P(SupervisionTest, VillagesThatFailATargetGetOneItemEachHoweverManyRaiseThem) {
  village::v1::RaiseSupervisedItemsRequest request = Proto<village::v1::RaiseSupervisedItemsRequest>(
      absl::StrCat("target: \"targets/2018-six-six-completed\" task: \"补齐\" measure: \"立项\" owner: \"镇长\" "
                   "due_date: \"2018-11-30\" "
                   "escalation_days: 7 villages: \"",
                   kVillage, "\" villages: \"", kOther, "\" villages: \"", kOther, "\""));
  const std::string method = "jiedui.village.v1.SupervisionService/RaiseSupervisedItems";
  std::atomic<int> raised{0};
  InParallel(6, [&](int) {
    village::v1::RaiseSupervisedItemsResponse response;
    EXPECT_OK(program_->Call(method, request, &response));
    raised += response.items_size();
    EXPECT_EQ(response.items_size() + response.open_already(), 2);
  });
  EXPECT_EQ(raised, 2);
  request.set_target("nonsense");
  village::v1::RaiseSupervisedItemsResponse response;
  EXPECT_THAT(program_->Call(method, request, &response), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Violated(NewItem("x", R"(due_date: "2018-06-30" origin: SUPERVISION_ORIGIN_INSPECTION)").status()),
              ElementsAre("inspection RULE"));
  const std::string found = R"(due_date: "2018-06-30" origin: SUPERVISION_ORIGIN_INSPECTION )";
  EXPECT_THAT(Violated(NewItem("y", found + R"(inspection: "inspections/i")").status()),
              ElementsAre("inspection DANGLING_REFERENCE"));
  for (const auto& [id, subject] :
       {std::pair<std::string, std::string>{"i", kVillage}, {"o", kOther}, {"d", kTownship}}) {
    ASSERT_OK(
        Create<village::v1::Inspection>(id, absl::StrCat("subject: \"", subject, R"(" kind: INSPECTION_KIND_ROUTINE
        methods { method: INSPECTION_METHOD_SPOT_CHECK } held_date: "2018-05-01" inspectors: "督查组")")));
  }
  EXPECT_THAT(Violated(NewItem("y", found + R"(inspection: "inspections/o")").status()),
              ElementsAre("inspection RULE"));
  EXPECT_OK(NewItem("y", found + R"(inspection: "inspections/i")"));
  EXPECT_OK(NewItem("z", found + R"(inspection: "inspections/d")"));
  // An inspection that something was raised from stays.
  EXPECT_THAT(Delete<village::v1::Inspection>("inspections/i"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(SupervisionTest, ItemsThatCannotBeEscalatedDoNotHoldUpTheOthers) {
  constexpr int kMore = 101;  // than the scheduler looks at at once
  for (int i = 0; i < kMore; ++i) ASSERT_OK(NewItem(absl::StrCat("c", i), R"(due_date: "2018-01-01")"));
  EXPECT_EQ(Schedule(Day("2018-01-02")), kMore);
  EXPECT_EQ(Schedule(Day("2018-01-13")), kMore);
  // Extended at the city, above which there is nobody, and overdue again.
  for (int i = 0; i < kMore; ++i) {
    const auto extended = Step<SupervisedItem>("ExtendItem", absl::StrCat("supervisedItems/c", i),
                                               R"(extended_date: "2018-03-01" reason: "汛期" date: "2018-02-01")");
    ASSERT_OK(extended);
    EXPECT_EQ(extended->level_due_date(), "");
  }
  ASSERT_OK(NewItem("late", R"(due_date: "2018-06-30")"));
  EXPECT_EQ(Schedule(Day("2018-07-01")), 1);
  // Broken: they fail each time, which is said, and the one after them goes on.
  for (int i = 0; i < kMore; ++i) ASSERT_OK(NewItem(absl::StrCat("b", i), R"(due_date: "2018-01-01")"));
  ASSERT_OK(NewItem("next", R"(due_date: "2018-07-10")"));
  ASSERT_OK(sql::WriteAndWait(program_->database(), {}, [](sql::Transaction& transaction) -> absl::Status {
    auto broken = transaction.Prepare("UPDATE supervised_item SET owner = '' WHERE id LIKE 'b%'");
    return broken.ok() ? (*broken)->Execute().status() : broken.status();
  }));
  RecordItemsAt(Day("2018-01-01"));
  auto host = service::Host::Create(village::NewDefinition());
  ASSERT_OK(host);
  ASSERT_OK((*host)->Open(&program_->database(), nullptr, &program_->vault(), [] { return Day("2018-07-11"); }));
  int escalated = 0;
  EXPECT_THAT(village::EscalateOverdueItems((*host)->engine(), &escalated),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(escalated, 1);
  EXPECT_EQ(Get<SupervisedItem>("supervisedItems/next")->state(), village::v1::SUPERVISION_STATE_DISTRICT);
}

TEST_P(SupervisionTest, WhoHasAnItemExtendsItOrStrikesItOff) {
  ASSERT_OK(NewItem("a", R"(due_date: "2018-06-30")"));
  EXPECT_EQ(Schedule(Day("2018-07-01")), 1);
  const std::string extension = R"(extended_date: "2018-08-31" reason: "汛期" date: "2018-07-02")";
  EXPECT_THAT(
      Step<SupervisedItem>("ExtendItem", "supervisedItems/a", extension, "users/t", options::v1::LEVEL_TOWNSHIP),
      StatusIs(absl::StatusCode::kPermissionDenied));
  // The district has until the eleventh: that is not made shorter.
  EXPECT_THAT(Violated(Step<SupervisedItem>("ExtendItem", "supervisedItems/a",
                                            R"(extended_date: "2018-07-05" reason: "汛期" date: "2018-07-02")",
                                            "users/d", options::v1::LEVEL_DISTRICT)
                           .status()),
              ElementsAre("extended_date RULE"));
  ASSERT_OK(Step<SupervisedItem>("ExtendItem", "supervisedItems/a", extension, "users/d", options::v1::LEVEL_DISTRICT));
  EXPECT_EQ(Schedule(Day("2018-09-01")), 1);
  const std::string evidence = R"(evidence: "验收1号")";
  for (const auto level : {options::v1::LEVEL_TOWNSHIP, options::v1::LEVEL_DISTRICT}) {
    EXPECT_THAT(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a", evidence, "users/x", level),
                StatusIs(absl::StatusCode::kPermissionDenied));
  }
  EXPECT_OK(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a", evidence, "users/c", options::v1::LEVEL_CITY));
}

TEST_P(SupervisionTest, AnItemIsOpenFromTheDayItWasRaisedAndOverdueAfterItsDeadline) {
  ASSERT_OK(NewItem("a", R"(raised_date: "2017-11-01" due_date: "2018-03-31")"));
  ASSERT_OK(NewItem("b", R"(raised_date: "2018-11-01" due_date: "2019-03-31")"));
  EXPECT_EQ(Value(2017, "supervised_items_open"), 1);
  EXPECT_EQ(Value(2017, "supervised_items_overdue"), 0);
  EXPECT_EQ(Value(2018, "supervised_items_open"), 2);
  EXPECT_EQ(Value(2018, "supervised_items_overdue"), 1);
  ASSERT_OK(Step<SupervisedItem>("ExtendItem", "supervisedItems/a",
                                 R"(extended_date: "2019-01-31" reason: "汛期" date: "2018-03-01")"));
  EXPECT_EQ(Value(2018, "supervised_items_overdue"), 0);
  ASSERT_OK(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/b", R"(evidence: "验收1号" date: "2018-12-31")"));
  EXPECT_EQ(Value(2018, "supervised_items_open"), 1);
  // Recorded after its deadline: by then it had been raised.
  const auto late = NewItem("c", R"(due_date: "2018-05-31")");
  ASSERT_OK(late);
  EXPECT_EQ(late->raised_date(), "2018-05-31");
  EXPECT_THAT(Violated(NewItem("d", R"(raised_date: "2018-06-01" due_date: "2018-05-31")").status()),
              ElementsAre("due_date RULE"));
  EXPECT_THAT(Violated(NewItem("e", R"(raised_date: "2199-06-01" due_date: "2199-06-01")").status()),
              ElementsAre("raised_date RULE"));
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(SupervisionTest, TownshipsAndDistrictsThatFailATargetGetItemsToo) {
  auto request = Proto<village::v1::RaiseSupervisedItemsRequest>(
      absl::StrCat("target: \"targets/2018-relief-funds\" task: \"设立基金\" measure: \"筹资\" owner: \"区长\" "
                   "due_date: \"2018-11-30\" "
                   "escalation_days: 7 villages: \"",
                   kVillage, "\" divisions: \"divisions/120119\" divisions: \"", kTownship, "\""));
  const std::string method = "jiedui.village.v1.SupervisionService/RaiseSupervisedItems";
  village::v1::RaiseSupervisedItemsResponse response;
  ASSERT_OK(program_->Call(method, request, &response));
  EXPECT_EQ(response.items_size(), 3);
  EXPECT_EQ(Get<SupervisedItem>(response.items(0))->site(), "divisions/120119");
  ASSERT_OK(program_->Call(method, request, &response));
  EXPECT_EQ(response.open_already(), 3);
  request.clear_villages();
  request.clear_divisions();
  EXPECT_THAT(Violated(program_->Call(method, request, &response)), ElementsAre("villages LENGTH"));
}

TEST_P(SupervisionTest, AnItemIsBeforeTheLevelOfItsPlaceFirst) {
  for (const auto& [site, state] :
       {std::pair<std::string, village::v1::SupervisionState>{kVillage, village::v1::SUPERVISION_STATE_TOWNSHIP},
        {kTownship, village::v1::SUPERVISION_STATE_TOWNSHIP},
        {"divisions/120119", village::v1::SUPERVISION_STATE_DISTRICT},
        {"divisions/12", village::v1::SUPERVISION_STATE_CITY}}) {
    const std::string id = "at-" + site.substr(site.find('/') + 1);
    const auto item = NewItem(id, R"(due_date: "2018-06-30")", site);
    ASSERT_OK(item);
    EXPECT_EQ(item->state(), state) << site;
    EXPECT_EQ(item->level_due_date(), state == village::v1::SUPERVISION_STATE_CITY ? "" : "2018-06-30") << site;
  }
  const std::string district = "supervisedItems/at-120119", evidence = R"(evidence: "验收1号" date: "2018-06-30")";
  EXPECT_THAT(Step<SupervisedItem>("StrikeOffItem", district, evidence, "users/t", options::v1::LEVEL_TOWNSHIP),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(Step<SupervisedItem>("StrikeOffItem", district, evidence, "users/d", options::v1::LEVEL_DISTRICT));
  EXPECT_OK(
      Step<SupervisedItem>("StrikeOffItem", "supervisedItems/at-12", evidence, "users/c", options::v1::LEVEL_CITY));
  EXPECT_EQ(Schedule(Day("2018-07-01")), 2);
  EXPECT_EQ(CheckHistories(*program_, "supervisedItems"), 4);
}

TEST_P(SupervisionTest, NoStepIsFromBeforeAnItemWasRaised) {
  ASSERT_OK(NewItem("a", R"(raised_date: "2018-05-01" due_date: "2018-06-30")"));
  for (const char* before : {"2017-01-01", "2018-04-30"}) {
    EXPECT_THAT(Violated(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a",
                                              absl::StrCat(R"(evidence: "验收1号" date: ")", before, "\""))
                             .status()),
                ElementsAre("date RULE"));
  }
  EXPECT_OK(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a", R"(evidence: "验收1号" date: "2018-05-01")"));
}

TEST_P(SupervisionTest, OnlyWhatWasRaisedByHandIsRemovedWithoutEvidence) {
  ASSERT_OK(NewItem("hand", R"(due_date: "2018-06-30")"));
  ASSERT_OK(NewItem("target", R"(due_date: "2018-06-30" origin: SUPERVISION_ORIGIN_TARGET target: "targets/t")"));
  EXPECT_OK(Delete<SupervisedItem>("supervisedItems/hand"));
  EXPECT_THAT(Delete<SupervisedItem>("supervisedItems/target"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Value(2018, "supervised_items_open"), 1);
}

TEST_P(SupervisionTest, AnItemThatIsRecordedLateIsEscalatedOnTheNextDayOnly) {
  ASSERT_OK(NewItem("a", R"(raised_date: "2018-03-01" due_date: "2018-06-30")"));
  ASSERT_OK(NewItem("b", R"(raised_date: "2018-03-01" due_date: "2018-06-30")"));
  const absl::Time recorded = Day("2019-04-01");
  EXPECT_EQ(Schedule(recorded + absl::Seconds(5), recorded), 0);
  ASSERT_OK(Step<SupervisedItem>("StrikeOffItem", "supervisedItems/a", R"(evidence: "验收1号" date: "2018-06-20")"));
  EXPECT_EQ(Schedule(recorded + absl::Hours(15) - absl::Seconds(1), recorded), 0);
  EXPECT_EQ(Schedule(recorded + absl::Hours(15), recorded), 1);  // midnight
  EXPECT_EQ(Get<SupervisedItem>("supervisedItems/b")->escalated_date(), "2019-04-02");
}

}  // namespace
}  // namespace jiedui::testing
