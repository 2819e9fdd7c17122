// Reports, and calls of methods that no other command is made for.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/cli/catalog.h"
#include "services/cli/session.h"
#include "tests/cli/app_fixture.h"

namespace jiedui::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class ReportTest : public AppTest {
 protected:
  ReportTest() {
    Play<resource::v1::ListRequest, village::v1::ListProgrammeYearsResponse>(
        "jiedui.village.v1.DivisionService/ListProgrammeYears", [](const auto& request, auto* response) {
          EXPECT_EQ(request.order_by(), "year desc");
          response->add_programme_years()->set_year(2019);
          return absl::OkStatus();
        });
  }

  void PlayFunds() {
    Play<industry::v1::GetFundReportRequest, industry::v1::FundReport>(
        "jiedui.industry.v1.FundService/GetFundReport", [](const auto& request, auto* response) {
          EXPECT_EQ(request.programme_year(), 2018);
          response->set_as_of_date(request.as_of_date());
          industry::v1::FundLevelRow* level = response->add_levels();
          level->set_level(industry::v1::FUND_LEVEL_CITY);
          level->set_appropriated_fen(1'000'000'000'000'005);
          level->set_allocated_fen(300);
          level->set_disbursed_fen(299);
          level->set_execution_ppm(996'666);
          response->add_levels()->set_level(industry::v1::FUND_LEVEL_TOWNSHIP);
          response->add_uses()->set_district("divisions/120119");
          response->add_overdue_disbursements()->set_allocation("fundAllocations/a1");
          response->mutable_overdue_disbursements(0)->set_undisbursed_fen(1234);
          response->set_overdue_count(7);
          auto* finding = response->add_unrectified_findings();
          finding->mutable_finding()->set_fund_source("fundSources/s1");
          finding->set_days_overdue(12);
          response->set_unrectified_count(1);
          return absl::OkStatus();
        });
  }
};

TEST_F(ReportTest, FundsAreShownInYuanAndKeptInFen) {
  PlayFunds();
  EXPECT_EQ(Run({"funds", "--year", "2018", "--as_of_date", "2018-12-31", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("10000000000000.05"));
  // Cut, not rounded.
  EXPECT_THAT(out_.str(), HasSubstr("99.66%"));
  EXPECT_THAT(out_.str(), HasSubstr("截至 2018-12-31：逾期未拨付 7 笔，未整改问题 1 个"));
  EXPECT_EQ(Run({"funds", "--year", "2018", "-o", "csv"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(),
            "level,appropriated_fen,available_fen,allocated_fen,disbursed_fen,execution_ppm\n"
            "FUND_LEVEL_CITY,1000000000000005,0,300,299,996666\nFUND_LEVEL_TOWNSHIP,0,0,0,0,\n");
  EXPECT_EQ(Run({"funds", "--year", "2018", "-o", "csv", "--by", "use"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr(",divisions/120119,"));
  EXPECT_EQ(Run({"funds", "--by", "colour"}), ExitCode::kUsage);
}

TEST_F(ReportTest, OverdueMoneyAndOpenFindingsAreListedWithHowManyThereAre) {
  PlayFunds();
  EXPECT_EQ(Run({"overdue", "--year", "2018"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("fundAllocations/a1"));
  EXPECT_THAT(out_.str(), HasSubstr("12.34"));
  EXPECT_THAT(err_.str(), HasSubstr("1 of 7"));
  EXPECT_EQ(Run({"findings", "--year", "2018", "-o", "csv"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr(",fundSources/s1,,,,12\n"));
  EXPECT_EQ(err_.str(), "");
  EXPECT_EQ(Run({"findings", "--year", "2018", "-o", "json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), Not(HasSubstr("overdue_disbursements")));
}

TEST_F(ReportTest, IncompleteVillagesOfTheLatestYearAreReadToTheLastPage) {
  Play<infrastructure::v1::ListIncompleteVillagesRequest, infrastructure::v1::ListIncompleteVillagesResponse>(
      "jiedui.infrastructure.v1.FacilityService/ListIncompleteVillages", [](const auto& request, auto* response) {
        EXPECT_EQ(request.year(), 2019);
        EXPECT_EQ(request.missing_count(), 2);
        EXPECT_EQ(request.division(), "divisions/120119");
        const bool first = request.page_token().empty();
        response->set_standard("facilityStandards/2018");
        auto* village = response->add_incomplete_villages();
        village->set_village(first ? "villages/1" : "villages/2");
        village->add_missing_items("roads");
        village->add_missing_items("clinic");
        if (first) response->set_next_page_token("next");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"incomplete", "--missing", "2", "--division", "120119"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("2019, facilityStandards/2018: 2 missing in 2 villages"));
  EXPECT_EQ(Run({"incomplete", "--missing", "2", "--division", "120119", "-o", "csv"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(), "village,missing_items\nvillages/1,roads clinic\nvillages/2,roads clinic\n");
}

TEST_F(ReportTest, WarrantiesAreReadToTheLastPageAndMoneyIsShownBySource) {
  Play<infrastructure::v1::ListExpiringWarrantiesRequest, infrastructure::v1::ListExpiringWarrantiesResponse>(
      "jiedui.infrastructure.v1.ConstructionService/ListExpiringWarranties", [](const auto& request, auto* response) {
        EXPECT_EQ(request.from_date(), "2020-01-01");
        EXPECT_EQ(request.until_date(), "2020-12-31");
        EXPECT_EQ(request.division(), "divisions/120119");
        const bool first = request.page_token().empty();
        response->add_warranties()->set_project(first ? "constructionProjects/1" : "constructionProjects/2");
        if (first) response->set_next_page_token("next");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"warranties", "--from_date", "2020-01-01", "--until_date", "2020-12-31", "--division", "120119", "-o",
                 "csv"}),
            ExitCode::kOk);
  EXPECT_EQ(out_.str(),
            "warranty_end_date,project,display_name,site,contractor,accepted_date\n"
            ",constructionProjects/1,,,,\n,constructionProjects/2,,,,\n");
  Play<infrastructure::v1::GetConstructionFinanceRequest, infrastructure::v1::ConstructionFinance>(
      "jiedui.infrastructure.v1.ConstructionService/GetConstructionFinance", [](const auto& request, auto* response) {
        EXPECT_EQ(request.year(), 2018);
        auto* farmers = response->add_sources();
        farmers->set_source(infrastructure::v1::FINANCE_SOURCE_FARMERS);
        farmers->set_amount_fen(1234);
        farmers->set_share_ppm(100'000);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"finances", "--year", "2018", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("农民自筹"));
  EXPECT_THAT(out_.str(), HasSubstr("12.34"));
}

TEST_F(ReportTest, MoneyThatDoesNotAgreeWithItsAllocationIsListed) {
  Play<resource::v1::ListRequest, industry::v1::ListFundAllocationsResponse>(
      "jiedui.industry.v1.FundService/ListFundAllocations", [](const auto& /*request*/, auto* response) {
        for (const char* id : {"right", "less", "other"}) {
          auto* allocation = response->add_fund_allocations();
          allocation->set_name(absl::StrCat("fundAllocations/", id));
          allocation->set_project(absl::StrCat("constructionProjects/", id));
        }
        return absl::OkStatus();
      });
  Play<resource::v1::ListRequest, industry::v1::ListFundMovementsResponse>(
      "jiedui.industry.v1.FundService/ListFundMovements", [](const auto& request, auto* response) {
        EXPECT_EQ(request.filter(), "kind = FUND_MOVEMENT_KIND_ALLOCATION");
        const auto move = [response](const char* id, int64_t fen, const char* reverses) {
          auto* movement = response->add_fund_movements();
          movement->set_allocation(absl::StrCat("fundAllocations/", id));
          movement->set_amount_fen(fen);
          movement->set_reverses(reverses);
        };
        move("right", 70, "");
        move("right", 70, "fundMovements/m");
        move("right", 100, "");
        move("less", 99, "");
        move("other", 100, "");
        return absl::OkStatus();
      });
  Play<resource::v1::ListRequest, infrastructure::v1::ListConstructionProjectsResponse>(
      "jiedui.infrastructure.v1.ConstructionService/ListConstructionProjects",
      [](const auto& /*request*/, auto* response) {
        for (const char* id : {"right", "less", "none"}) {
          auto* project = response->add_construction_projects();
          project->set_name(absl::StrCat("constructionProjects/", id));
          auto* entry = project->add_finances();
          entry->set_amount_fen(100);
          entry->set_allocation(absl::StrCat("fundAllocations/", id));
          project->add_finances()->set_amount_fen(5);
        }
        response->mutable_construction_projects(0)->mutable_finances(1)->set_allocation("fundAllocations/other");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"allocations", "-o", "csv"}), ExitCode::kFindings);
  EXPECT_EQ(out_.str(),
            "project,allocation,problem,amount_fen,allocated_project,allocated_fen\n"
            "constructionProjects/right,fundAllocations/other,PROJECT,5,constructionProjects/other,100\n"
            "constructionProjects/less,fundAllocations/less,AMOUNT,100,constructionProjects/less,99\n"
            "constructionProjects/none,fundAllocations/none,MISSING,100,,0\n");
}

TEST_F(ReportTest, AppraisalsAreRanked) {
  Play<village::v1::RankAppraisalsRequest, village::v1::RankAppraisalsResponse>(
      "jiedui.village.v1.InspectionService/RankAppraisals", [](const auto& request, auto* response) {
        EXPECT_EQ(request.year(), 2018);
        EXPECT_EQ(request.collection(), "residentTeams");
        EXPECT_EQ(request.page_size(), 1);
        auto* rank = response->add_ranks();
        rank->set_rank(1);
        rank->set_subject("residentTeams/a");
        rank->set_total_centi(9850);
        rank->set_grade(village::v1::APPRAISAL_GRADE_EXCELLENT);
        response->set_total_count(3);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"ranking", "residentTeams", "--year", "2018", "--limit", "1", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("residentTeams/a  98.50  优秀"));
  EXPECT_THAT(err_.str(), HasSubstr("仅列出 1 条，共 3 条"));
}

TEST_F(ReportTest, DivisionsAreRankedByLevel) {
  Play<village::v1::RankAppraisalsRequest, village::v1::RankAppraisalsResponse>(
      "jiedui.village.v1.InspectionService/RankAppraisals", [](const auto& request, auto* /*response*/) {
        EXPECT_EQ(request.level(), village::v1::DIVISION_LEVEL_DISTRICT);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"ranking", "divisions", "--year", "2018", "--level", "district"}), ExitCode::kOk);
  EXPECT_EQ(Run({"ranking", "divisions", "--year", "2018", "--level", "street"}), ExitCode::kUsage);
}

TEST_F(ReportTest, GapsDoNotShowAWithheldFigureAsZero) {
  Play<gateway::v1::ListFailingVillagesRequest, gateway::v1::ListFailingVillagesResponse>(
      "jiedui.gateway.v1.ScorecardService/ListFailingVillages", [](const auto& /*request*/, auto* response) {
        gateway::v1::FailingVillage* village = response->add_failing_villages();
        gateway::v1::Shortfall* shortfall = village->add_shortfalls();
        shortfall->set_measure("young_members");
        shortfall->set_withheld(true);
        shortfall->set_needed_value(6);
        shortfall = village->add_shortfalls();
        shortfall->set_measure("members");
        shortfall->set_value(7);
        shortfall->set_needed_value(9);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"gaps", "targets/t"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("young_members withheld → 6; members 7 → 9"));
  EXPECT_EQ(Run({"gaps", "targets/t", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("young_members 不予显示 → 6"));
}

TEST_F(ReportTest, SuperviseRaisesEveryFailingVillageInBatches) {
  constexpr int kFailing = 2500;
  int failing = kFailing;
  Play<gateway::v1::ListFailingVillagesRequest, gateway::v1::ListFailingVillagesResponse>(
      "jiedui.gateway.v1.ScorecardService/ListFailingVillages", [&failing](const auto& request, auto* response) {
        const int first = request.page_token().empty() ? 0 : std::stoi(request.page_token());
        const int end = std::min(first + request.page_size(), failing + 1);
        for (int i = first; i < end; ++i) {
          response->add_failing_villages()->set_village("villages/" + std::to_string(i));
          response->mutable_failing_villages(i - first)->set_unreported(i == failing);
        }
        if (end <= failing) response->set_next_page_token(std::to_string(end));
        response->set_failing_count(failing);
        gateway::v1::SourceState* source = response->add_sources();
        source->set_service("industry");
        source->set_freshness(failing == 0 ? gateway::v1::FRESHNESS_FRESH : gateway::v1::FRESHNESS_STALE);
        return absl::OkStatus();
      });
  std::vector<std::pair<std::string, int>> raised;
  Play<village::v1::RaiseSupervisedItemsRequest, village::v1::RaiseSupervisedItemsResponse>(
      "jiedui.village.v1.SupervisionService/RaiseSupervisedItems", [&raised](const auto& request, auto* response) {
        raised.emplace_back(request.request_id(), request.villages_size());
        for (int i = 1; i < request.villages_size(); ++i) response->add_items();
        response->set_open_already(1);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"supervise", "targets/t", "--request_id", "r", "-o", "csv"}), ExitCode::kOk);
  EXPECT_THAT(raised, ElementsAre(Pair("r", 2000), Pair("r-2", 500)));
  EXPECT_EQ(out_.str(), "raised,open_already\n2498,2\n");
  EXPECT_THAT(err_.str(), HasSubstr("sources: industry stale"));
  raised.clear();
  EXPECT_EQ(Run({"supervise", "targets/t", "--limit", "3"}), ExitCode::kOk);
  EXPECT_THAT(raised, ElementsAre(Pair("", 3)));
  raised.clear();
  failing = 0;
  EXPECT_EQ(Run({"supervise", "targets/t", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_TRUE(raised.empty());
  EXPECT_EQ(err_.str(), "没有已知未达标的村\n");
}

TEST_F(ReportTest, WarningsOfEveryProgramAreListedToTheLastPage) {
  int calls = 0;
  Play<measure::v1::ListWarningsRequest, measure::v1::ListWarningsResponse>(
      "jiedui.measure.v1.MeasureService/ListWarnings", [&calls](const auto& request, auto* response) {
        EXPECT_EQ(request.year(), 2018);
        auto* warning = response->add_warnings();
        warning->set_title_zh("农药用量异常");
        warning->set_resource("agriculturalInputs/" + std::to_string(++calls));
        if (calls == 1) response->set_next_page_token("next");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"warnings", "--year", "2018", "-o", "csv"}), ExitCode::kOk);
  EXPECT_EQ(calls, 5);
  EXPECT_THAT(out_.str(), HasSubstr("农药用量异常,agriculturalInputs/5,"));
}

TEST_F(ReportTest, EveryMethodCanBeCalled) {
  int methods = 0;
  for (const auto* method : Catalog::Get().methods()) {
    if (method->client_streaming() || method->server_streaming()) continue;
    int called = 0;
    answers_ = {{MethodPath(method), [&called](const Message&, Message*) {
                   ++called;
                   return absl::OkStatus();
                 }}};
    std::vector<std::string> words = {"call", MethodPath(method)};
    const std::vector<std::string> package = absl::StrSplit(method->file()->package(), '.');
    if (!Session::IsProgram(package[1])) words.insert(words.end(), {"--program", "village"});
    EXPECT_EQ(Run(words), ExitCode::kOk) << MethodPath(method) << ": " << err_.str();
    EXPECT_EQ(called, 1) << MethodPath(method);
    ++methods;
  }
  EXPECT_GT(methods, 500);
}

TEST_F(ReportTest, ACallTakesItsRequestFromFlagsAndJson) {
  Play<village::v1::RankAppraisalsRequest, village::v1::RankAppraisalsResponse>(
      "jiedui.village.v1.InspectionService/RankAppraisals", [](const auto& request, auto* response) {
        response->set_total_count(request.year());
        for (int i = 0; i < request.page_size(); ++i) response->add_ranks()->set_subject(request.collection());
        return absl::OkStatus();
      });
  in_.str(R"({"collection": "cadres", "year": 2017})");
  EXPECT_EQ(Run({"call", "RankAppraisals", "--json", "-", "--year", "2018", "--page_size", "2"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("total_count  2018"));
  EXPECT_THAT(out_.str(), HasSubstr("ranks\n"));
  EXPECT_EQ(
      Run({"call", "InspectionService/RankAppraisals", "--collection", "cadres", "--page_size", "1", "-o", "csv"}),
      ExitCode::kOk);
  EXPECT_EQ(out_.str(), "rank,appraisal,subject,total_centi,grade\n0,,cadres,0,APPRAISAL_GRADE_UNSPECIFIED\n");
  EXPECT_EQ(Run({"call", "RankAppraisals", "--year", "soon"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"call", "RankAppraisal"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("jiedui call RankAppraisals"));
  EXPECT_EQ(Run({"call", "ListWarnings"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--program"));
  EXPECT_EQ(Run({"call", "Import"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"methods", "rank"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("village  InspectionService/RankAppraisals  year collection page_size"));
}

TEST_F(ReportTest, ACallTakesListsMessagesAndYesOrNo) {
  Play<village::v1::UpdateDivisionRequest, village::v1::Division>("jiedui.village.v1.DivisionService/UpdateDivision",
                                                                  [](const auto& request, auto* response) {
                                                                    EXPECT_EQ(request.division().code(), "12");
                                                                    EXPECT_EQ(request.update_mask().paths_size(), 2);
                                                                    EXPECT_TRUE(request.validate_only());
                                                                    *response = request.division();
                                                                    return absl::OkStatus();
                                                                  });
  EXPECT_EQ(Run({"call", "UpdateDivision", "--division", R"({"code": "12"})", "--update_mask", "code,displayName",
                 "--validate_only", "true"}),
            ExitCode::kOk)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("code   12"));
}

TEST_F(ReportTest, TheCallerTheirRolesAndTheirLevelAreTold) {
  PlayFunds();
  EXPECT_EQ(Run({"funds", "--year", "2018", "--principal", "users/zhang", "--principal_roles", "reviewer,editor",
                 "--principal_level", "township"}),
            ExitCode::kOk);
  EXPECT_THAT(seen_.metadata,
              ElementsAre(Pair("x-jiedui-principal", "users/zhang"), Pair("x-jiedui-roles", "reviewer,editor"),
                          Pair("x-jiedui-level", "township")));
}

}  // namespace
}  // namespace jiedui::cli
