// Items of the standard in villages: planned, built, accepted, lost again; and who lacks which.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/infrastructure/infrastructure_program.h"

namespace jiedui::infrastructure {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using testing::StatusIs;

class FacilityTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<InfrastructureProgram>(GetParam());
    ASSERT_OK(program_->AddStandard("2018", 2017, 3));
  }
  absl::StatusOr<v1::VillageFacility> Create(const std::string& fields) {
    v1::VillageFacility created;
    const absl::Status status = program_->Do<v1::CreateVillageFacilityRequest>(
        "FacilityService/CreateVillageFacility",
        absl::StrCat("village_facility { village: 'villages/a' standard: 'facilityStandards/2018' ", fields, " }"),
        &created);
    if (!status.ok()) return status;
    return created;
  }
  v1::ListIncompleteVillagesResponse Incomplete(const std::string& text) {
    v1::ListIncompleteVillagesResponse answer;
    EXPECT_OK(program_->Do<v1::ListIncompleteVillagesRequest>("FacilityService/ListIncompleteVillages", text, &answer));
    return answer;
  }

  std::unique_ptr<InfrastructureProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, FacilityTest, BothDatabases(), DatabaseName);

TEST_P(FacilityTest, TheStateFollowsFromTheDates) {
  EXPECT_EQ(Create("item: 'item-1'")->state(), v1::FACILITY_STATE_MISSING);
  EXPECT_EQ(Create("item: 'item-2' planned_date: '2018-06-01'")->state(), v1::FACILITY_STATE_PLANNED);
  const auto built = Create("item: 'item-3' built_date: '2018-06-01'");
  ASSERT_OK(built.status());
  EXPECT_EQ(built->state(), v1::FACILITY_STATE_BUILT);
  const auto change = [&](const std::string& fields) {
    v1::VillageFacility changed;
    EXPECT_OK(program_->Do<v1::UpdateVillageFacilityRequest>(
        "FacilityService/UpdateVillageFacility",
        absl::StrCat("village_facility { name: '", built->name(), "' ", fields, " }"), &changed));
    return changed.state();
  };
  EXPECT_EQ(change("accepted_date: '2018-07-01' evidence: '单'"), v1::FACILITY_STATE_ACCEPTED);
  EXPECT_EQ(change("lost_date: '2018-08-01'"), v1::FACILITY_STATE_LOST);
}

TEST_P(FacilityTest, WhatCannotBeIsRefusedWithEveryReason) {
  EXPECT_THAT(Violated(Create("item: 'item-1' built_date: '2018-06-02' accepted_date: '2018-06-01'").status()),
              ElementsAre("accepted_date RULE", "evidence RULE"));
  EXPECT_THAT(Violated(Create("item: 'item-1' lost_date: '2018-06-01'").status()), ElementsAre("lost_date RULE"));
  EXPECT_THAT(Violated(Create("item: 'item-1' accepted_date: '2999-06-01' evidence: '单'").status()),
              ElementsAre("accepted_date RULE"));
  EXPECT_THAT(Violated(Create("item: 'item-9'").status()), ElementsAre("item RULE"));
  ASSERT_OK(Create("item: 'item-1'").status());
  EXPECT_THAT(Create("item: 'item-1'").status(), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(FacilityTest, TheItemsOfAStandardStayOnceAVillageHasARecord) {
  const auto keep = [this](const std::string& codes) {
    std::string items;
    for (const std::string& code : {codes.substr(0, 6), codes.substr(7, 6)}) {
      absl::StrAppend(&items, "items { code: '", code, "' display_name: '项' group: FACILITY_GROUP_INFRASTRUCTURE } ");
    }
    return program_->Do<v1::UpdateFacilityStandardRequest, v1::FacilityStandard>(
        "FacilityService/UpdateFacilityStandard",
        absl::StrCat("facility_standard { name: 'facilityStandards/2018' ", items, "} update_mask { paths: 'items' }"));
  };
  EXPECT_THAT(Violated(keep("item-2 item-2")), ElementsAre("items[1].code DUPLICATE"));
  EXPECT_OK(keep("item-1 item-2"));
  const auto created = Create("item: 'item-2'");
  ASSERT_OK(created.status());
  EXPECT_EQ(created->share_ppm(), 500'000);
  EXPECT_THAT(Violated(keep("item-1 item-3")), ElementsAre("items REFERENCED"));
  EXPECT_THAT(Violated(keep("item-2 item-1")), ElementsAre("items REFERENCED")) << "their parts would be others";
  EXPECT_OK((program_->Do<v1::UpdateFacilityStandardRequest, v1::FacilityStandard>(
      "FacilityService/UpdateFacilityStandard",
      "facility_standard { name: 'facilityStandards/2018' display_name: '新名' "
      "items { code: 'item-1' display_name: '改名' group: FACILITY_GROUP_PUBLIC_SERVICE } "
      "items { code: 'item-2' display_name: '项' group: FACILITY_GROUP_INFRASTRUCTURE } }")));
  ASSERT_OK(program_->Delete("FacilityService/DeleteVillageFacility", created->name()));
  EXPECT_OK(keep("item-3 item-4"));
}

// What rows 6 and 7 say of a village: complete at the end of the year; and its last missing item was accepted in it.
TEST_P(FacilityTest, AnItemThatIsRegainedCountsInEachOfItsPeriods) {
  const auto complete = [this](int year) { return program_->Value(year, "villages/a", "facilities_accepted_share"); };
  const auto completed = [this](int year) {
    return program_->Value(year, "villages/a", "facilities_accepted_in_year");
  };
  program_->SetYears({2016, 2017, 2018});
  ASSERT_OK(program_->AddStandard("2016", 2016, 3));
  const auto record = [this](const std::string& standard, const std::string& fields) {
    v1::VillageFacility created;
    EXPECT_OK(program_->Do<v1::CreateVillageFacilityRequest>(
        "FacilityService/CreateVillageFacility",
        absl::StrCat("village_facility { village: 'villages/a' standard: 'facilityStandards/", standard,
                     "' evidence: '单' ", fields, " }"),
        &created));
    return created;
  };
  for (const char* standard : {"2016", "2018"}) {
    for (const int item : {1, 2}) ASSERT_OK(program_->Accept("villages/a", standard, item, "2015-05-01"));
  }
  // Across years: accepted 2016, lost in 2018, regained in 2018.
  record("2016", "item: 'item-3' accepted_date: '2016-03-01' lost_date: '2018-02-01'");
  record("2018", "item: 'item-3' accepted_date: '2016-03-01' lost_date: '2018-02-01'");
  EXPECT_EQ(complete(2016), 1'000'000);
  EXPECT_EQ(completed(2016), 1);
  EXPECT_EQ(complete(2017), 1'000'000) << "the item still stood";
  EXPECT_EQ(completed(2017), 0);
  EXPECT_EQ(complete(2018), 666'666);
  const v1::VillageFacility second = record("2018", "item: 'item-3' period: 2 accepted_date: '2018-06-01'");
  EXPECT_EQ(complete(2017), 1'000'000) << "history is not rewritten";
  EXPECT_EQ(completed(2017), 0);
  EXPECT_EQ(complete(2018), 1'000'000);
  EXPECT_EQ(completed(2018), 1) << "its last missing item was accepted in the year";
  // Within one year: lost again and not regained, then regained.
  ASSERT_OK((program_->Do<v1::UpdateVillageFacilityRequest, v1::VillageFacility>(
      "FacilityService/UpdateVillageFacility",
      absl::StrCat("village_facility { name: '", second.name(), "' lost_date: '2018-08-01' }"))));
  EXPECT_EQ(complete(2018), 666'666);
  EXPECT_EQ(completed(2018), 0) << "accepted in the year, but not there at its end";
  EXPECT_EQ(Incomplete("year: 2018").incomplete_villages_size(), 1);
  EXPECT_EQ(Incomplete("year: 2017").incomplete_villages_size(), 0);
  record("2018", "item: 'item-3' period: 3 accepted_date: '2018-08-01'");
  EXPECT_EQ(complete(2018), 1'000'000);
  EXPECT_EQ(completed(2018), 1);
  EXPECT_EQ(Incomplete("year: 2018").incomplete_villages_size(), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(FacilityTest, PeriodsFollowEachOther) {
  EXPECT_THAT(Violated(Create("item: 'item-1' period: 2").status()), ElementsAre("period RULE"));
  EXPECT_THAT(Violated(Create("item: 'item-1' period: 100").status()), ElementsAre("period RANGE", "period RULE"));
  const auto first = Create("item: 'item-1' accepted_date: '2017-05-01' evidence: '单'");
  ASSERT_OK(first.status());
  EXPECT_EQ(first->period(), 1);
  EXPECT_THAT(Violated(Create("item: 'item-1' period: 2").status()), ElementsAre("period RULE")) << "it stands";
  // As a file that leaves it empty does when it is imported again.
  EXPECT_OK((program_->Do<v1::UpdateVillageFacilityRequest, v1::VillageFacility>(
      "FacilityService/UpdateVillageFacility",
      absl::StrCat("village_facility { name: '", first->name(), "' period: 0 } update_mask { paths: 'period' }"))));
  const auto lose = [&](const std::string& date) {
    return program_->Do<v1::UpdateVillageFacilityRequest, v1::VillageFacility>(
        "FacilityService/UpdateVillageFacility",
        absl::StrCat("village_facility { name: '", first->name(), "' lost_date: '", date,
                     "' } update_mask { paths: 'lost_date' }"));
  };
  ASSERT_OK(lose("2018-02-01"));
  EXPECT_THAT(Violated(Create("item: 'item-1' period: 2 accepted_date: '2018-01-31' evidence: '单'").status()),
              ElementsAre("accepted_date RULE"));
  const auto second = Create("item: 'item-1' period: 2 accepted_date: '2018-03-01' evidence: '单'");
  ASSERT_OK(second.status());
  EXPECT_THAT(Create("item: 'item-1' period: 2").status(), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Violated(lose("")), ElementsAre("lost_date RULE"));
  EXPECT_THAT(Violated(lose("2018-03-02")), ElementsAre("lost_date RULE"));
  EXPECT_OK(lose("2018-03-01"));
  EXPECT_THAT(program_->Delete("FacilityService/DeleteVillageFacility", first->name()),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_OK(program_->Delete("FacilityService/DeleteVillageFacility", second->name()));
  EXPECT_OK(program_->Delete("FacilityService/DeleteVillageFacility", first->name()));
}

TEST_P(FacilityTest, OnlyVillagesOfTheProgrammeAndOfTheDivisionAreListed) {
  program_->AddPlace("villages/gone", "divisions/township", "2018-12-31");
  for (const char* village : {"villages/a", "villages/b", "villages/c", "villages/gone"}) {
    for (const int item : {1, 3}) ASSERT_OK(program_->Accept(village, "2018", item, "2017-05-01"));
  }
  const auto found = [this](const std::string& text) {
    std::vector<std::string> villages;
    std::string token;
    do {
      const auto page = Incomplete(absl::StrCat(text, " page_size: 1 page_token: '", token, "'"));
      for (const auto& each : page.incomplete_villages()) villages.push_back(each.village());
      token = page.next_page_token();
    } while (!token.empty());
    return villages;
  };
  EXPECT_THAT(found("year: 2018"), ElementsAre("villages/a", "villages/b", "villages/c"));
  EXPECT_THAT(found("year: 2017 division: 'divisions/district'"),
              ElementsAre("villages/a", "villages/b", "villages/c", "villages/gone"))
      << "it was in the programme then";
  EXPECT_THAT(found("year: 2018 division: 'divisions/township'"), ElementsAre("villages/a", "villages/b"));
  EXPECT_THAT(found("year: 2018 division: 'villages/c'"), ElementsAre("villages/c"));
  EXPECT_THAT(Violated(program_->Do<v1::ListIncompleteVillagesRequest, v1::ListIncompleteVillagesResponse>(
                  "FacilityService/ListIncompleteVillages", "year: 2018 division: 'divisions/none'")),
              ElementsAre("division DANGLING_REFERENCE"));
}

TEST_P(FacilityTest, StockAndFlowAreDifferentFigures) {
  ASSERT_OK(program_->Accept("villages/a", "2018", 1, "2016-05-01"));
  ASSERT_OK(program_->Accept("villages/a", "2018", 2, "2018-05-01"));
  ASSERT_OK(Create("item: 'item-3' accepted_date: '2015-01-01' evidence: '单' lost_date: '2018-03-01'").status());
  EXPECT_EQ(program_->Value(2017, "villages/a", "facilities_accepted"), 2) << "the lost one still stood";
  EXPECT_EQ(program_->Value(2018, "villages/a", "facilities_accepted"), 2);
  EXPECT_EQ(program_->Value(2017, "villages/a", "facilities_accepted_in_year"), 0);
  EXPECT_EQ(program_->Value(2018, "villages/a", "facilities_accepted_in_year"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/a", "facilities_reported"), 3);
}

TEST_P(FacilityTest, ListsTheVillagesThatAreShortAndOfWhat) {
  // a lacks one, b lacks two, of which one was lost, c lacks one later than the year, and nothing else.
  for (const int item : {1, 3}) ASSERT_OK(program_->Accept("villages/a", "2018", item, "2017-05-01"));
  ASSERT_OK(program_->Accept("villages/b", "2018", 1, "2017-05-01"));
  for (const int item : {1, 2}) ASSERT_OK(program_->Accept("villages/c", "2018", item, "2017-05-01"));
  ASSERT_OK(program_->Accept("villages/c", "2018", 3, "2018-05-01"));

  const v1::ListIncompleteVillagesResponse one = Incomplete("year: 2018");
  EXPECT_EQ(one.standard(), "facilityStandards/2018");
  ASSERT_EQ(one.incomplete_villages_size(), 1);
  EXPECT_EQ(one.incomplete_villages(0).village(), "villages/a");
  EXPECT_THAT(one.incomplete_villages(0).missing_items(), ElementsAre("item-2"));
  const v1::ListIncompleteVillagesResponse two = Incomplete("year: 2018 missing_count: 2");
  ASSERT_EQ(two.incomplete_villages_size(), 1);
  EXPECT_THAT(two.incomplete_villages(0).missing_items(), ElementsAre("item-2", "item-3"));

  v1::ListIncompleteVillagesResponse page = Incomplete("year: 2017 page_size: 1");
  ASSERT_EQ(page.incomplete_villages_size(), 1);
  EXPECT_EQ(page.incomplete_villages(0).village(), "villages/a");
  page = Incomplete(absl::StrCat("year: 2017 page_size: 1 page_token: '", page.next_page_token(), "'"));
  ASSERT_EQ(page.incomplete_villages_size(), 1);
  EXPECT_EQ(page.incomplete_villages(0).village(), "villages/c");
  EXPECT_EQ(page.next_page_token(), "");
  EXPECT_EQ(Incomplete("year: 2016").standard(), "") << "no standard yet";
  EXPECT_THAT((program_->Do<v1::ListIncompleteVillagesRequest, v1::ListIncompleteVillagesResponse>(
                  "FacilityService/ListIncompleteVillages", "year: 18 missing_count: -1")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace jiedui::infrastructure
