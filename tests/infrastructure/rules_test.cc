// What the other resources refuse, and what they count.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/infrastructure/v1/farming.pb.h"
#include "jiedui/infrastructure/v1/power.pb.h"
#include "jiedui/infrastructure/v1/sanitation.pb.h"
#include "jiedui/infrastructure/v1/water.pb.h"
#include "tests/infrastructure/infrastructure_program.h"

namespace jiedui::infrastructure {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

class RulesTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<InfrastructureProgram>(GetParam());
  }

  template <typename Request, typename Resource>
  absl::Status Create(const std::string& method, const std::string& field, const std::string& text,
                      Resource* created = nullptr) {
    return program_->Do<Request>(method, absl::StrCat(field, " { ", text, " }"), created);
  }
  absl::Status Toilets(const std::string& text) {
    return Create<v1::CreateToiletRenovationRequest, v1::ToiletRenovation>(
        "SanitationService/CreateToiletRenovation", "toilet_renovation",
        absl::StrCat("village: 'villages/a' year: 2018 ", text));
  }
  absl::Status CleanUp(const std::string& text) {
    return Create<v1::CreateCleanUpRequest, v1::CleanUp>("SanitationService/CreateCleanUp", "clean_up",
                                                         absl::StrCat("village: 'villages/a' year: 2018 ", text));
  }
  absl::Status Farm(const std::string& text, v1::LivestockFarm* farm = nullptr) {
    return Create<v1::CreateLivestockFarmRequest>(
        "FarmingService/CreateLivestockFarm", "livestock_farm",
        absl::StrCat("village: 'villages/a' display_name: '场' kind: LIVESTOCK_KIND_PIG ", text), farm);
  }
  absl::Status Input(const std::string& text) {
    return Create<v1::CreateAgriculturalInputRequest, v1::AgriculturalInput>("FarmingService/CreateAgriculturalInput",
                                                                             "agricultural_input", text);
  }
  absl::Status Straw(const std::string& text, v1::StrawRecord* straw = nullptr) {
    return Create<v1::CreateStrawRecordRequest>(
        "FarmingService/CreateStrawRecord", "straw_record",
        absl::StrCat("village: 'villages/a' year: 2018 crop: STRAW_CROP_WHEAT ", text), straw);
  }
  absl::Status Line(const std::string& text) {
    return Create<v1::CreatePowerLineRequest, v1::PowerLine>("PowerService/CreatePowerLine", "power_line",
                                                             absl::StrCat("year: 2018 display_name: '线' ", text));
  }
  absl::Status Construct(const std::string& text, v1::ConstructionProject* project = nullptr) {
    return Create<v1::CreateConstructionProjectRequest>(
        "ConstructionService/CreateConstructionProject", "construction_project",
        absl::StrCat("site: 'villages/a' year: 2018 display_name: '路' planned_date: '2017-12-01' ", text), project);
  }
  absl::Status Water(const std::string& text, v1::WaterProject* project = nullptr) {
    return Create<v1::CreateWaterProjectRequest>(
        "WaterService/CreateWaterProject", "water_project",
        absl::StrCat("site: 'villages/a' year: 2018 display_name: '渠' surveyed_date: '2017-12-01' ", text), project);
  }
  int64_t At(const std::string& measure, const std::string& node = "villages/a", int year = 2018) {
    return program_->Value(year, node, measure);
  }

  std::unique_ptr<InfrastructureProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, RulesTest, BothDatabases(), DatabaseName);

TEST_P(RulesTest, Toilets) {
  EXPECT_THAT(
      Violated(Toilets("batch: '一' planned_count: 5 completed_count: 6 accepted_count: 7")),
      UnorderedElementsAre("completed_count RULE", "accepted_count RULE", "accepted_date RULE", "completed_date RULE"));
  EXPECT_THAT(Violated(Toilets("batch: '一' planned_count: 5 completed_date: '2018-05-01'")),
              ElementsAre("completed_date RULE"));
  EXPECT_THAT(Violated(Toilets("batch: '一' planned_count: 5 accepted_date: '2018-05-01'")),
              ElementsAre("accepted_date RULE"));
  EXPECT_THAT(
      Violated(Toilets("batch: '一' planned_count: 5 completed_count: 5 completed_date: '2018-04-01' accepted_count: 5 "
                       "accepted_date: '2017-05-01'")),
      ElementsAre("accepted_date RULE"));
  for (const char* outside : {"2017-12-31", "2019-01-01"}) {
    EXPECT_THAT(Violated(Toilets(
                    absl::StrCat("batch: '一' planned_count: 5 completed_count: 5 completed_date: '", outside, "'"))),
                ElementsAre("completed_date RULE"))
        << "work of another year must not raise this one's figure";
  }
  ASSERT_OK(
      Toilets("batch: '一' planned_count: 5 completed_count: 4 completed_date: '2018-04-01' accepted_count: 3 "
              "accepted_date: '2018-05-01'"));
  EXPECT_THAT(Toilets("batch: '一' planned_count: 5"), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(Toilets("batch: '二' planned_count: 9 completed_count: 9 completed_date: '2018-12-31'"));
  EXPECT_EQ(At("toilets_planned"), 14);
  EXPECT_EQ(At("toilets_completed"), 13);
  EXPECT_EQ(At("toilets_accepted"), 3);
}

TEST_P(RulesTest, TheQuarterOfACleanUpIsThatOfItsDay) {
  for (const char* wrong : {"quarter: 1 held_date: '2018-04-01'", "quarter: 2 held_date: '2018-03-31'",
                            "quarter: 4 held_date: '2019-01-01'", "quarter: 1 held_date: '2017-01-01'"}) {
    EXPECT_THAT(Violated(CleanUp(wrong)), ElementsAre("held_date RULE")) << wrong;
  }
  EXPECT_THAT(Violated(CleanUp("quarter: 5 held_date: '2018-12-31'")),
              UnorderedElementsAre("quarter RANGE", "held_date RULE"));
  ASSERT_OK(CleanUp("quarter: 1 held_date: '2018-03-31'"));
  ASSERT_OK(CleanUp("quarter: 2 held_date: '2018-04-01'"));
  ASSERT_OK(CleanUp("quarter: 2 held_date: '2018-06-30'"));
  EXPECT_EQ(At("cleanups_q1"), 1);
  EXPECT_EQ(At("cleanups_q2"), 2);
  EXPECT_EQ(At("cleanups_reported"), 3);
}

TEST_P(RulesTest, FarmsAndTheirTreatment) {
  v1::LivestockFarm farm;
  EXPECT_THAT(Violated(Farm("scale: FARM_SCALE_SMALL opened_date: '2998-01-01' closed_date: '2999-01-01'")),
              UnorderedElementsAre("opened_date RULE", "closed_date RULE"));
  EXPECT_THAT(Violated(Farm("scale: FARM_SCALE_LARGE accepted_date: '2018-05-01'")), ElementsAre("accepted_date RULE"));
  ASSERT_OK(Farm("scale: FARM_SCALE_LARGE built_date: '2018-04-01' accepted_date: '2018-05-01'", &farm));
  EXPECT_EQ(farm.treatment_state(), v1::TREATMENT_STATE_ACCEPTED);
  ASSERT_OK(Farm("scale: FARM_SCALE_LARGE built_date: '2018-04-01'", &farm));
  EXPECT_EQ(farm.treatment_state(), v1::TREATMENT_STATE_BUILT);
  ASSERT_OK(Farm("scale: FARM_SCALE_SMALL"));
  ASSERT_OK(Farm("scale: FARM_SCALE_LARGE closed_date: '2018-12-31'"));
  EXPECT_EQ(At("large_farms"), 2) << "neither the small one nor the closed one";
  EXPECT_EQ(At("large_farms_treated"), 1);
  EXPECT_EQ(At("large_farms", "villages/a", 2017), 3);
  EXPECT_EQ(At("large_farms_treated", "villages/a", 2017), 0);
}

TEST_P(RulesTest, FilmAndStrawCannotBeMoreThanThereWas) {
  EXPECT_THAT(Violated(Input("village: 'villages/a' year: 2018 film_used_kg: 10 film_recovered_kg: 11")),
              ElementsAre("film_recovered_kg RULE"));
  EXPECT_THAT(Violated(Input("village: 'villages/a' year: 2018 film_recovered_kg: 1")),
              ElementsAre("film_recovered_kg RULE"));
  ASSERT_OK(Input("village: 'villages/a' year: 2018 film_used_kg: 10 film_recovered_kg: 10 fertiliser_kg: 0"));
  EXPECT_EQ(At("fertiliser_reported"), 1) << "nothing used is reported all the same";
  EXPECT_EQ(At("pesticide_reported"), 0);
  EXPECT_EQ(At("film_reported"), 1);
  EXPECT_EQ(At("film_recovered"), 10);
  ASSERT_OK(Input("village: 'villages/b' year: 2018 film_used_kg: 10"));
  EXPECT_EQ(At("film_reported", "villages/b"), 0) << "what was recovered is not reported";
  EXPECT_EQ(At("film_used", "villages/b"), 0) << "so it is in neither part of the ratio";
  ASSERT_OK(Input("village: 'villages/c' year: 2018 film_used_kg: 0"));
  EXPECT_EQ(At("film_reported", "villages/c"), 1) << "there is nothing to recover";

  EXPECT_THAT(Violated(Straw("produced_kg: 10 uses { kind: STRAW_USE_KIND_FEED weight_kg: 6 } "
                             "uses { kind: STRAW_USE_KIND_FEED weight_kg: 5 }")),
              UnorderedElementsAre("uses[1].kind DUPLICATE", "uses RULE"));
  EXPECT_FALSE(Straw("produced_kg: 10 uses { kind: STRAW_USE_KIND_FEED weight_kg: 9223372036854775807 } "
                     "uses { kind: STRAW_USE_KIND_FUEL weight_kg: 9223372036854775807 }")
                   .ok());
  v1::StrawRecord straw;
  ASSERT_OK(
      Straw("produced_kg: 10 uses { kind: STRAW_USE_KIND_FEED weight_kg: 6 } "
            "uses { kind: STRAW_USE_KIND_FUEL weight_kg: 4 }",
            &straw));
  EXPECT_EQ(straw.used_kg(), 10);
  EXPECT_EQ(At("wheat_straw_used"), 10);
  EXPECT_THAT(Violated(Create<v1::CreateBurningIncidentRequest, v1::BurningIncident>(
                  "FarmingService/CreateBurningIncident", "burning_incident",
                  "village: 'villages/a' incident_date: '2018-06-10' handled_date: '2018-06-09' found_by: "
                  "BURNING_SOURCE_PATROL")),
              ElementsAre("handled_date RULE"));
}

TEST_P(RulesTest, LinesInMetresAndTheirYear) {
  EXPECT_THAT(Violated(Line("site: 'divisions/township' voltage: VOLTAGE_10KV planned_metres: 5 completed_metres: 6")),
              UnorderedElementsAre("completed_metres RULE", "started_date RULE"));
  EXPECT_THAT(Violated(Line("site: 'divisions/township' voltage: VOLTAGE_10KV planned_metres: 5 completed_metres: 5 "
                            "started_date: '2017-05-01' completed_date: '2017-06-01'")),
              ElementsAre("completed_date RULE"));
  EXPECT_THAT(Violated(Line("site: 'divisions/township' voltage: VOLTAGE_10KV planned_metres: 5 "
                            "started_date: '2018-05-01' completed_date: '2018-06-01'")),
              ElementsAre("completed_metres RULE"));
  EXPECT_THAT(Violated(Line("site: 'divisions/township' voltage: VOLTAGE_10KV planned_metres: 5 completed_metres: 5 "
                            "started_date: '2019-03-01'")),
              ElementsAre("started_date RULE"))
      << "work of another year must not raise this one's figure";
  ASSERT_OK(
      Line("site: 'divisions/township' voltage: VOLTAGE_10KV planned_metres: 479510 completed_metres: 479509 "
           "started_date: '2017-05-01'"));
  ASSERT_OK(
      Line("site: 'villages/a' voltage: VOLTAGE_110KV planned_metres: 30000 completed_metres: 1 started_date: "
           "'2018-05-01'"));
  EXPECT_EQ(At("lines_10kv_completed", "divisions/township"), 479'509);
  EXPECT_EQ(At("lines_110kv_completed"), 1);
  EXPECT_EQ(At("lines_110kv_planned"), 30'000);
}

TEST_P(RulesTest, VillagesWithTooLittlePower) {
  const auto shortage = [this](const std::string& text, const std::string& problem = "LOW_VOLTAGE") {
    return Create<v1::CreatePowerShortageRequest, v1::PowerShortage>(
        "PowerService/CreatePowerShortage", "power_shortage",
        absl::StrCat("village: 'villages/a' problem: POWER_PROBLEM_", problem, " ", text));
  };
  EXPECT_THAT(Violated(shortage("found_date: '2017-08-01' relieved_date: '2017-07-01'")),
              ElementsAre("relieved_date RULE"));
  ASSERT_OK(shortage("found_date: '2017-08-01' relieved_date: '2018-07-01'"));
  EXPECT_EQ(At("low_voltage_open", "villages/a", 2017), 1);
  EXPECT_EQ(At("low_voltage_open"), 0);
  ASSERT_OK(shortage("found_date: '2018-08-01'", "BOTTLENECK"));
  EXPECT_EQ(At("bottlenecks_open", "villages/a", 2017), 0);
  EXPECT_EQ(At("bottlenecks_open"), 1);
  EXPECT_EQ(At("low_voltage_open"), 0) << "the one is not the other";
  EXPECT_EQ(At("power_shortages_relieved"), 1);
}

TEST_P(RulesTest, ConstructionFromPlanToWarranty) {
  EXPECT_THAT(Violated(Construct("kind: CONSTRUCTION_KIND_ROADS unit: QUANTITY_UNIT_TREE planned_quantity: 5 "
                                 "completed_quantity: 6 cancel_reason: '无'")),
              UnorderedElementsAre("unit RULE", "completed_quantity RULE", "started_date RULE", "cancel_reason RULE"));
  EXPECT_THAT(Violated(Construct("kind: CONSTRUCTION_KIND_ROADS unit: QUANTITY_UNIT_METRE planned_quantity: 5 "
                                 "completed_date: '2018-05-01'")),
              UnorderedElementsAre("completed_date RULE", "completed_quantity RULE"));
  for (const auto& [kind, unit] : {std::pair{"FACILITIES", "TREE"}, std::pair{"CLEANING", "HOUSEHOLD"}}) {
    EXPECT_THAT(Violated(Construct(absl::StrCat("kind: CONSTRUCTION_KIND_", kind, " unit: QUANTITY_UNIT_", unit,
                                                " planned_quantity: 5"))),
                ElementsAre("unit RULE"))
        << kind;
  }
  for (const char* day : {"2018-01-31", "2999-01-01"}) {
    EXPECT_THAT(Violated(Construct(absl::StrCat("kind: CONSTRUCTION_KIND_ROADS unit: QUANTITY_UNIT_METRE "
                                                "planned_quantity: 5 approved_date: '2018-01-01' started_date: "
                                                "'2018-02-01' cancel_reason: '无' cancelled_date: '",
                                                day, "'"))),
                ElementsAre("cancelled_date RULE"))
        << day;
  }
  EXPECT_THAT(
      Violated(Construct("kind: CONSTRUCTION_KIND_ROADS unit: QUANTITY_UNIT_METRE planned_quantity: 5 "
                         "finances { source: FINANCE_SOURCE_FARMERS amount_fen: 1 allocation: 'fundAllocations/a' } "
                         "finances { source: FINANCE_SOURCE_CITY amount_fen: 1 allocation: 'fundAllocations/a' }")),
      UnorderedElementsAre("finances[0].allocation RULE", "finances[1].allocation DUPLICATE"));
  v1::ConstructionProject project;
  ASSERT_OK(
      Construct("kind: CONSTRUCTION_KIND_ROADS unit: QUANTITY_UNIT_METRE planned_quantity: 500 completed_quantity: 500 "
                "approved_date: '2018-01-01' started_date: '2018-02-01' completed_date: '2018-03-01' "
                "accepted_date: '2018-04-01' warranty_end_date: '2020-04-01' "
                "finances { source: FINANCE_SOURCE_FARMERS amount_fen: 300 } "
                "finances { source: FINANCE_SOURCE_CITY amount_fen: 700 allocation: 'fundAllocations/a' }",
                &project));
  EXPECT_EQ(project.state(), v1::CONSTRUCTION_STATE_ACCEPTED);
  EXPECT_EQ(project.finance_fen(), 1000);
  EXPECT_EQ(project.farmers_share_fen(), 300);
  EXPECT_EQ(At("construction_farmers_share"), 300);
  EXPECT_EQ(At("construction_accepted"), 1);
}

TEST_P(RulesTest, WaterFromSurveyToAcceptance) {
  EXPECT_THAT(
      Violated(Water("kind: WATER_PROJECT_KIND_DRINKING_WATER irrigated_area_centimu: 5 approved_date: '2018-01-01'")),
      UnorderedElementsAre("approved_date RULE", "irrigated_area_centimu RULE"));
  EXPECT_THAT(Violated(Water("kind: WATER_PROJECT_KIND_IRRIGATION designed_date: '2998-01-01' approved_date: "
                             "'2999-01-01'")),
              UnorderedElementsAre("designed_date RULE", "approved_date RULE"));
  v1::WaterProject project;
  ASSERT_OK(
      Water("kind: WATER_PROJECT_KIND_IRRIGATION designed_date: '2018-01-01' approved_date: '2018-01-02' "
            "started_date: '2018-02-01' completed_date: '2018-03-01'",
            &project));
  EXPECT_EQ(project.state(), v1::WATER_PROJECT_STATE_COMPLETED);
  EXPECT_EQ(At("irrigation_projects_completed"), 1);
  EXPECT_EQ(At("drinking_water_projects_completed"), 0);
}

TEST_P(RulesTest, SewageAndPondsWithTheirInspections) {
  EXPECT_THAT(
      Violated(Create<v1::CreateSewageFacilityRequest, v1::SewageFacility>(
          "WaterService/CreateSewageFacility", "sewage_facility",
          "site: 'divisions/township' display_name: '站' kind: SEWAGE_KIND_TREATMENT accepted_date: '2018-05-01'")),
      ElementsAre("accepted_date RULE"));
  EXPECT_THAT(Violated(Create<v1::CreateSewageFacilityRequest, v1::SewageFacility>(
                  "WaterService/CreateSewageFacility", "sewage_facility",
                  "site: 'divisions/township' display_name: '站' kind: SEWAGE_KIND_TREATMENT built_date: '2018-04-01' "
                  "accepted_date: '2018-05-01' closed_date: '2999-01-01'")),
              ElementsAre("closed_date RULE"));
  ASSERT_OK((Create<v1::CreateSewageFacilityRequest, v1::SewageFacility>(
      "WaterService/CreateSewageFacility", "sewage_facility",
      "site: 'divisions/township' display_name: '站' kind: SEWAGE_KIND_TREATMENT household_count: 70 "
      "built_date: '2018-04-01' accepted_date: '2018-05-01'")));
  EXPECT_EQ(At("sewage_facilities", "divisions/township"), 1);
  EXPECT_EQ(At("sewage_households", "divisions/township"), 70);
  v1::Pond pond;
  ASSERT_OK(Create<v1::CreatePondRequest>("WaterService/CreatePond", "pond",
                                          "village: 'villages/a' display_name: '塘' river_chief: '某' started_date: "
                                          "'2018-01-01' treated_date: '2018-06-01' "
                                          "inspections { inspection_date: '2018-08-01' finding: POND_FINDING_GOOD } "
                                          "inspections { inspection_date: '2018-07-01' finding: POND_FINDING_RUBBISH }",
                                          &pond));
  EXPECT_EQ(pond.inspection_count(), 2);
  EXPECT_EQ(pond.last_inspection_date(), "2018-08-01");
  EXPECT_EQ(At("ponds_treated"), 1);
  EXPECT_EQ(At("ponds_treated", "villages/a", 2017), 0);
}

}  // namespace
}  // namespace jiedui::infrastructure
