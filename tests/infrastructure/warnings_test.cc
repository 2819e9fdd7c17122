// What is odd is kept and listed: each rule finds what it is about, and lets the record beside it alone.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/infrastructure/v1/farming.pb.h"
#include "jiedui/infrastructure/v1/power.pb.h"
#include "jiedui/infrastructure/v1/sanitation.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "tests/infrastructure/infrastructure_program.h"

namespace jiedui::infrastructure {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using testing::StatusIs;

class WarningsTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<InfrastructureProgram>(GetParam());
  }

  absl::Status Input(const std::string& text) {
    return program_->Do<v1::CreateAgriculturalInputRequest, v1::AgriculturalInput>(
        "FarmingService/CreateAgriculturalInput", absl::StrCat("agricultural_input { ", text, " }"));
  }
  absl::Status Straw(const std::string& text) {
    return program_->Do<v1::CreateStrawRecordRequest, v1::StrawRecord>(
        "FarmingService/CreateStrawRecord", absl::StrCat("straw_record { crop: STRAW_CROP_WHEAT ", text, " }"));
  }
  absl::Status Line(const std::string& text) {
    return program_->Do<v1::CreatePowerLineRequest, v1::PowerLine>(
        "PowerService/CreatePowerLine",
        absl::StrCat("power_line { year: 2018 display_name: '线' voltage: VOLTAGE_10KV ", text, " }"));
  }
  absl::Status Construct(const std::string& text) {
    return program_->Do<v1::CreateConstructionProjectRequest, v1::ConstructionProject>(
        "ConstructionService/CreateConstructionProject",
        absl::StrCat("construction_project { year: 2018 display_name: '路' planned_date: '2017-12-01' "
                     "kind: CONSTRUCTION_KIND_OTHER unit: QUANTITY_UNIT_PIECE ",
                     text, " }"));
  }
  absl::Status Toilets(const std::string& text) {
    return program_->Do<v1::CreateToiletRenovationRequest, v1::ToiletRenovation>(
        "SanitationService/CreateToiletRenovation",
        absl::StrCat("toilet_renovation { year: 2018 batch: '一' ", text, " }"));
  }
  absl::Status CleanUp(const std::string& text) {
    return program_->Do<v1::CreateCleanUpRequest, v1::CleanUp>(
        "SanitationService/CreateCleanUp",
        absl::StrCat("clean_up { year: 2018 quarter: 1 held_date: '2018-03-01' ", text, " }"));
  }
  absl::Status Farm(const std::string& text) {
    return program_->Do<v1::CreateLivestockFarmRequest, v1::LivestockFarm>(
        "FarmingService/CreateLivestockFarm",
        absl::StrCat("livestock_farm { display_name: '场' scale: FARM_SCALE_SMALL ", text, " }"));
  }
  measure::v1::ListWarningsResponse Warnings(const std::string& text) {
    measure::v1::ListWarningsResponse answer;
    EXPECT_OK(program_->Call("jiedui.measure.v1.MeasureService/ListWarnings",
                             testing::Proto<measure::v1::ListWarningsRequest>(text), &answer));
    return answer;
  }
  std::vector<std::string> SitesOf(const std::string& rule) {
    std::vector<std::string> sites;
    const measure::v1::ListWarningsResponse answer = Warnings(absl::StrCat("rule: '", rule, "'"));
    for (const auto& warning : answer.warnings()) sites.push_back(warning.site());
    return sites;
  }

  std::unique_ptr<InfrastructureProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, WarningsTest, BothDatabases(), DatabaseName);

TEST_P(WarningsTest, EveryRuleFindsWhatItIsAboutAndNothingElse) {
  struct Case {
    const char* rule;
    std::function<absl::Status(const std::string& site)> quiet;
    std::function<absl::Status(const std::string& site)> odd;
  };
  // Of this year as many times that of the year before.
  const auto input = [this](const char* field, int times) {
    return [=, this](const std::string& site) {
      const absl::Status before = Input(absl::StrCat(site, "year: 2017 ", field, ": 100"));
      return before.ok() ? Input(absl::StrCat(site, "year: 2018 ", field, ": ", 100 * times)) : before;
    };
  };
  const auto straw = [this](int64_t kg) {
    return [=, this](const std::string& site) {
      const absl::Status before = Straw(absl::StrCat(site, "year: 2017 produced_kg: 100"));
      return before.ok() ? Straw(absl::StrCat(site, "year: 2018 produced_kg: ", kg)) : before;
    };
  };
  const auto with = [](auto create, const std::string& text) {
    return [=](const std::string& site) { return create(absl::StrCat(site, text)); };
  };
  const auto construct = [this](const std::string& text) { return Construct(text); };
  const auto line = [this](const std::string& text) { return Line(text); };
  const auto toilets = [this](const std::string& text) { return Toilets(text); };
  const auto clean_up = [this](const std::string& text) { return CleanUp(text); };
  const auto farm = [this](const std::string& text) { return Farm(text); };
  const std::string accepted =
      "planned_quantity: 5 approved_date: '2018-01-01' started_date: '2018-02-01' completed_date: '2018-03-01' "
      "accepted_date: '2018-04-01' completed_quantity: ";
  const std::string money = "planned_quantity: 1 finances { source: FINANCE_SOURCE_CITY amount_fen: 10 } budget_fen: ";
  const Case cases[] = {
      {"fertiliser-jump", input("fertiliser_kg", 3), input("fertiliser_kg", 4)},
      {"pesticide-jump", input("pesticide_kg", 3), input("pesticide_kg", 4)},
      {"film-jump", input("film_used_kg", 3), input("film_used_kg", 4)},
      {"straw-jump", straw(300), straw(301)},
      {"finance-over-budget", with(construct, money + "10"), with(construct, money + "9")},
      // There is no budget at all, yet money.
      {"finance-over-budget", with(construct, "planned_quantity: 1"), with(construct, money + "0")},
      {"accepted-unfinished", with(construct, accepted + "5"), with(construct, accepted + "4")},
      {"line-long", with(line, "planned_metres: 100000"), with(line, "planned_metres: 100001")},
      {"toilets-many", with(toilets, "planned_count: 2000"), with(toilets, "planned_count: 2001")},
      {"clean-up-large", with(clean_up, "participant_count: 5000"), with(clean_up, "participant_count: 5001")},
      {"farm-scale", with(farm, "kind: LIVESTOCK_KIND_POULTRY head_count: 5001"),
       with(farm, "kind: LIVESTOCK_KIND_CATTLE head_count: 5001")}};
  for (const Case& each : cases) {
    program_ = std::make_unique<InfrastructureProgram>(GetParam());
    const bool at_site = absl::StrContains(each.rule, "finance") || absl::StrContains(each.rule, "accepted") ||
                         absl::StrContains(each.rule, "line");
    const std::string field = at_site ? "site" : "village";
    ASSERT_OK(each.quiet(field + ": 'villages/a' ")) << each.rule;
    ASSERT_OK(each.odd(field + ": 'villages/b' ")) << each.rule;
    EXPECT_THAT(SitesOf(each.rule), ElementsAre("villages/b")) << each.rule;
    EXPECT_EQ(Warnings("").warnings_size(), 1) << each.rule;
  }
}

TEST_P(WarningsTest, WhatIsOddIsKeptAndListed) {
  ASSERT_OK(Input("village: 'villages/a' year: 2018 fertiliser_kg: 1000 pesticide_kg: 30"));
  EXPECT_EQ(Warnings("").warnings_size(), 0) << "there is no year before";
  ASSERT_OK(Input("village: 'villages/a' year: 2017 fertiliser_kg: 100 pesticide_kg: 10"));
  ASSERT_OK(Input("village: 'villages/b' year: 2017 fertiliser_kg: 100"));
  ASSERT_OK(Input("village: 'villages/b' year: 2018 fertiliser_kg: 300"));
  const measure::v1::ListWarningsResponse jump = Warnings("");
  ASSERT_EQ(jump.warnings_size(), 1) << "three times as much is not odd yet";
  EXPECT_EQ(jump.warnings(0).rule(), "fertiliser-jump");
  EXPECT_EQ(jump.warnings(0).site(), "villages/a");
  EXPECT_EQ(jump.warnings(0).year(), 2018);
  EXPECT_EQ(jump.warnings(0).value(), 1000);
  EXPECT_EQ(jump.warnings(0).compared_value(), 100);

  ASSERT_OK(Line("site: 'villages/b' planned_metres: 100001"));
  ASSERT_OK(
      Construct("site: 'villages/a' planned_quantity: 1 budget_fen: 10 "
                "finances { source: FINANCE_SOURCE_CITY amount_fen: 11 }"));
  std::vector<std::string> rules;
  std::string token;
  do {
    const measure::v1::ListWarningsResponse page = Warnings(absl::StrCat("page_size: 1 page_token: '", token, "'"));
    for (const auto& warning : page.warnings()) rules.push_back(warning.rule());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(rules, ElementsAre("fertiliser-jump", "finance-over-budget", "line-long"));
  EXPECT_EQ(Warnings("site: 'villages/b'").warnings_size(), 1);
  EXPECT_EQ(Warnings("rule: 'line-long' year: 2018").warnings_size(), 1);
  EXPECT_EQ(Warnings("year: 2017").warnings_size(), 0);
  measure::v1::ListWarningsResponse answer;
  EXPECT_THAT(program_->Call("jiedui.measure.v1.MeasureService/ListWarnings",
                             testing::Proto<measure::v1::ListWarningsRequest>("rule: 'none'"), &answer),
              StatusIs(absl::StatusCode::kInvalidArgument));
}
}  // namespace
}  // namespace jiedui::infrastructure
