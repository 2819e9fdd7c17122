// The rules of the industry program, capability by capability (catalogue 3.2); the ledger and training have tests of their own.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/codes/credit_code.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/industry/v1/finance.pb.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/industry/v1/market.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/industry/v1/training.pb.h"
#include "tests/industry/industry_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::industry {
namespace {

using ::jiedui::testing::BothDatabases;
using ::jiedui::testing::DatabaseName;
using ::jiedui::testing::Proto;
using ::jiedui::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

class IndustryTest : public IndustryFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, IndustryTest, BothDatabases(), DatabaseName);

TEST_P(IndustryTest, ABundledProjectCountsOnceAndShowsInEachOfItsVillages) {
  v1::IndustryProject project;
  ASSERT_OK(CreateProject("own", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" budget_fen: 500)", &project));
  ASSERT_OK(CreateProject("bundled", R"(mode: PROJECT_MODE_BUNDLED site: "divisions/120119101" budget_fen: 1000
      approved_date: "2018-02-01" participants { village: "villages/1" share_ppm: 333333 }
      participants { village: "villages/2" share_ppm: 666667 })",
                          &project));
  EXPECT_EQ(program_->Value(2018, kTownship, "projects_approved"), 1);
  EXPECT_EQ(program_->Value(2018, kVillage, "projects_approved"), 0);
  v1::ListVillageProjectsResponse projects;
  ASSERT_OK(
      Call<v1::ListVillageProjectsRequest>("ProjectService/ListVillageProjects", "village: \"villages/1\"", &projects));
  ASSERT_EQ(projects.village_projects_size(), 2);
  EXPECT_EQ(projects.village_projects(0).project().name(), "industryProjects/bundled");
  EXPECT_EQ(projects.village_projects(0).share_ppm(), 333'333);
  EXPECT_EQ(projects.village_projects(0).budget_share_fen(), 333);
  EXPECT_EQ(projects.village_projects(1).share_ppm(), 1'000'000);
  v1::ListVillageProjectsResponse others;
  ASSERT_OK(
      Call<v1::ListVillageProjectsRequest>("ProjectService/ListVillageProjects", "village: \"villages/3\"", &others));
  EXPECT_EQ(others.village_projects_size(), 0);
  EXPECT_THAT(
      Call<v1::ListVillageProjectsRequest>("ProjectService/ListVillageProjects", "village: \"divisions/1\"", &others),
      StatusIs(absl::StatusCode::kInvalidArgument));
  // Shares that do not add up to one.
  EXPECT_THAT(Fields(CreateProject("short", R"(mode: PROJECT_MODE_BUNDLED site: "divisions/120119101"
      participants { village: "villages/1" share_ppm: 333333 } participants { village: "villages/2" share_ppm: 666666 })",
                                   &project)),
              ElementsAre("industry_project.participants"));
}

TEST_P(IndustryTest, StatesFollowDatesAndEvidenceIsOfSomethingThatHappened) {
  v1::IndustryProject project;
  EXPECT_THAT(Fields(CreateProject("p", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" completed_date: "2018-09-01"
      start_evidence: "照片")",
                                   &project)),
              UnorderedElementsAre("industry_project.completed_date", "industry_project.start_evidence",
                                   "industry_project.completion_evidence"));
  ASSERT_OK(CreateProject("p", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" approved_date: "2018-02-01"
      started_date: "2018-03-01" start_evidence: "开工令" plan: "建大棚二十座")",
                          &project));
  EXPECT_EQ(project.state(), v1::PROJECT_STATE_STARTED);
  ASSERT_OK(Report("p", "2018-06-30", 400'000));
  EXPECT_THAT(Fields(Report("p", "2018-02-28", 0)), ElementsAre("project_report.report_date")) << "before the start";
  EXPECT_THAT(Fields(Report("p", "2018-09-30", 399'999)), ElementsAre("project_report.progress_ppm"));
  EXPECT_THAT(Fields(Report("p", "2018-05-30", 400'001)), ElementsAre("project_report.progress_ppm"));
  ASSERT_OK(Report("p", "2018-09-30", 900'000));
  EXPECT_THAT(Report("p", "2018-09-30", 900'000), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(
      Call<v1::CancelIndustryProjectRequest>("ProjectService/CancelIndustryProject",
                                             R"(name: "industryProjects/p" cancelled_date: "2018-10-01")", &project),
      StatusIs(absl::StatusCode::kInvalidArgument))
      << "without a reason";
  ASSERT_OK(Call<v1::CancelIndustryProjectRequest>("ProjectService/CancelIndustryProject", R"(name: "industryProjects/p"
      cancelled_date: "2018-10-01" cancel_reason: "用地未落实")",
                                                   &project));
  EXPECT_EQ(project.state(), v1::PROJECT_STATE_CANCELLED);
  EXPECT_THAT(Fields(Report("p", "2018-10-02", 950'000)), ElementsAre("project_report.report_date"));
  ASSERT_OK(Report("p", "2018-10-01", 950'000)) << "what was done until then";
}

TEST_P(IndustryTest, WhatHasNotHappenedIsNotRecorded) {
  v1::IndustryProject project;
  EXPECT_THAT(Fields(CreateProject("p", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" approved_date: "2018-02-01"
      started_date: "2999-01-01" start_evidence: "一" completed_date: "2999-02-01" completion_evidence: "二"
      operating_date: "2999-03-01")",
                                   &project)),
              UnorderedElementsAre("industry_project.started_date", "industry_project.completed_date",
                                   "industry_project.operating_date"));
  ASSERT_OK(CreateProject("p", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1")", &project));
  EXPECT_THAT(Fields(Call<v1::CancelIndustryProjectRequest>(
                  "ProjectService/CancelIndustryProject",
                  R"(name: "industryProjects/p" cancelled_date: "2999-01-01" cancel_reason: "一")", &project)),
              ElementsAre("cancelled_date"));
  const auto future = [this]<typename Request, typename Resource>(const std::string& method, const std::string& fields,
                                                                  Resource resource) {
    return Fields(Call<Request>(method, fields, &resource));
  };
  EXPECT_THAT(Fields(Train(kVillage, "TRAINING_KIND_SKILLS", "", "2999-05-01")),
              ElementsAre("person_training.trained_date", "person_training.trained_date"));
  EXPECT_THAT(future.template operator()<v1::CreateJobSeekerRequest>(
                  "TrainingService/CreateJobSeeker",
                  R"(job_seeker { village: "villages/1" display_name: "样例李四" birth_date: "1990-01-01"
                     registered_date: "2018-01-01" placed_date: "2999-01-01" placement_kind: PLACEMENT_KIND_EMPLOYER })",
                  v1::JobSeeker()),
              ElementsAre("job_seeker.placed_date"));
  EXPECT_THAT(future.template operator()<v1::CreateFinanceTerminalRequest>(
                  "FinanceService/CreateFinanceTerminal",
                  R"(finance_terminal { village: "villages/1" kind: TERMINAL_KIND_CASH opened_date: "2999-01-01" })",
                  v1::FinanceTerminal()),
              ElementsAre("finance_terminal.opened_date"));
  EXPECT_THAT(future.template operator()<v1::CreateLoanRequest>(
                  "FinanceService/CreateLoan",
                  R"(loan { village: "villages/1" borrower_kind: BORROWER_KIND_FARMER institution: "样例银行"
                     granted_date: "2999-01-01" granted_fen: 1 })",
                  v1::Loan()),
              ElementsAre("loan.granted_date"));
}

TEST_P(IndustryTest, PlacesAreOfTheRightLevelAndLieInEachOther) {
  v1::IndustryProject project;
  for (const char* site : {"divisions/12", "divisions/120119"}) {
    EXPECT_THAT(Fields(CreateProject("b", absl::StrCat("mode: PROJECT_MODE_BUNDLED site: \"", site, R"("
        participants { village: "villages/1" share_ppm: 400000 } participants { village: "villages/2" share_ppm: 600000 })"),
                                     &project)),
                ElementsAre("industry_project.site"))
        << site;
  }
  EXPECT_THAT(Fields(CreateProject("b", R"(mode: PROJECT_MODE_BUNDLED site: "divisions/120119101"
      participants { village: "villages/1" share_ppm: 400000 } participants { village: "villages/away" share_ppm: 600000 })",
                                   &project)),
              ElementsAre("industry_project.participants[1].village"));
  ASSERT_OK(CreateProject("b", R"(mode: PROJECT_MODE_BUNDLED site: "divisions/120119101"
      participants { village: "villages/1" share_ppm: 400000 } participants { village: "villages/2" share_ppm: 600000 })",
                          &project));
  // A village that moves away later does not make its project wrong.
  program_->names().Add("villages/2", "divisions/120119102");
  v1::UpdateIndustryProjectRequest update;
  *update.mutable_industry_project() = project;
  update.mutable_industry_project()->set_operator_("公司");
  ASSERT_OK(program_->Call("jiedui.industry.v1.ProjectService/UpdateIndustryProject", update, &project));
  v1::FinanceOutlet outlet;
  for (const char* place : {"divisions/12", "divisions/120119"}) {
    EXPECT_THAT(Fields(Call<v1::CreateFinanceOutletRequest>(
                    "FinanceService/CreateFinanceOutlet",
                    absl::StrCat("finance_outlet { township: \"", place,
                                 "\" display_name: \"营业所\" opened_date: \"2010-01-01\" }"),
                    &outlet)),
                ElementsAre("finance_outlet.township"));
  }
}

TEST_P(IndustryTest, AStartStandsUnderItsReportsAndACancellationIsForGood) {
  v1::IndustryProject project;
  EXPECT_THAT(Fields(CreateProject("p", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" approved_date: "2018-02-01"
      started_date: "2018-03-01")",
                                   &project)),
              ElementsAre("industry_project.start_evidence"));
  ASSERT_OK(CreateProject("p", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" approved_date: "2018-02-01"
      started_date: "2018-03-01" start_evidence: "开工令")",
                          &project));
  ASSERT_OK(Report("p", "2018-06-30", 400'000));
  const auto update = [&](const std::string& fields, const std::vector<std::string>& paths) {
    v1::UpdateIndustryProjectRequest request;
    *request.mutable_industry_project() =
        Proto<v1::IndustryProject>(absl::StrCat("name: \"industryProjects/p\" ", fields));
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return Fields(program_->Call("jiedui.industry.v1.ProjectService/UpdateIndustryProject", request, &project));
  };
  EXPECT_THAT(update("", {"started_date", "start_evidence"}), ElementsAre("industry_project.started_date"));
  EXPECT_THAT(update("started_date: \"2018-07-01\"", {"started_date"}), ElementsAre("industry_project.started_date"));
  EXPECT_THAT(update("started_date: \"2018-04-01\"", {"started_date"}), ElementsAre());
  for (const char* date : {"2018-06-29", "2018-03-31"}) {
    const std::string cancelled = absl::StrCat("cancelled_date: \"", date, "\" cancel_reason: \"用地\"");
    EXPECT_THAT(update(cancelled, {"cancelled_date", "cancel_reason"}),
                ::testing::Each("industry_project.cancelled_date"))
        << date;
    EXPECT_NE(project.state(), v1::PROJECT_STATE_CANCELLED) << date;
  }
  EXPECT_THAT(update("cancelled_date: \"2018-08-01\" cancel_reason: \"用地\"", {"cancelled_date", "cancel_reason"}),
              ElementsAre());
  EXPECT_EQ(project.state(), v1::PROJECT_STATE_CANCELLED);
  EXPECT_THAT(update("", {"cancelled_date", "cancel_reason"}), ElementsAre("industry_project.cancelled_date"));
  EXPECT_THAT(update("cancelled_date: \"2018-06-29\"", {"cancelled_date"}),
              ElementsAre("industry_project.cancelled_date"));
  EXPECT_THAT(Fields(CreateProject("q", R"(mode: PROJECT_MODE_VILLAGE site: "villages/1" approved_date: "2018-02-01"
      cancelled_date: "2018-01-31" cancel_reason: "用地")",
                                   &project)),
              ElementsAre("industry_project.cancelled_date"));
}

TEST_P(IndustryTest, CodesContractsAndLinkagesAreWhatTheySay) {
  const auto entity = [this](const std::string& code) {
    v1::BusinessEntity created;
    return Call<v1::CreateBusinessEntityRequest>(
        "MarketService/CreateBusinessEntity",
        absl::StrCat(R"(business_entity { site: "villages/1" kind: ENTITY_KIND_COOPERATIVE display_name: "合作社"
            registered_date: "2017-01-01" credit_code: ")",
                     code, "\" }"),
        &created);
  };
  std::string code = "93120000123456789";
  code.push_back(codes::CreditCodeCheck(code));
  EXPECT_THAT(Fields(entity(code.substr(0, 17) + (code[17] == '0' ? "1" : "0"))),
              ElementsAre("business_entity.credit_code"));
  ASSERT_OK(entity(code));
  EXPECT_THAT(entity(code), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(entity(""));
  ASSERT_OK(entity("")) << "many have none";
  v1::SalesContract contract;
  EXPECT_THAT(Fields(Call<v1::CreateSalesContractRequest>(
                  "MarketService/CreateSalesContract",
                  R"(sales_contract { village: "villages/1" year: 2018 channel: SALES_CHANNEL_SCHOOL buyer: "学校"
             signed_date: "2017-03-01" amount_fen: 10 fulfilled_fen: 11 })",
                  &contract)),
              UnorderedElementsAre("sales_contract.signed_date", "sales_contract.fulfilled_fen"));
  const std::string linkage = R"(dividend_fen: 0 households { household: "1" share_ppm: 1000000 })";
  ASSERT_OK(Link(linkage));
  EXPECT_THAT(Link(linkage), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(IndustryTest, NumbersOutOfRangeAreRefusedAndDoNotOverflow) {
  v1::IndustryProject project;
  EXPECT_THAT(Fields(CreateProject("b", R"(mode: PROJECT_MODE_BUNDLED site: "divisions/120119101"
      participants { village: "villages/1" share_ppm: 9223372036854775807 }
      participants { village: "villages/2" share_ppm: 9223372036854775807 })",
                                   &project)),
              UnorderedElementsAre("industry_project.participants[0].share_ppm",
                                   "industry_project.participants[1].share_ppm", "industry_project.participants"));
}

TEST_P(IndustryTest, FinanceCountsOutletsTerminalsAdultsAndBalances) {
  v1::FinanceOutlet outlet;
  ASSERT_OK(Call<v1::CreateFinanceOutletRequest>(
      "FinanceService/CreateFinanceOutlet",
      R"(finance_outlet { township: "divisions/120119101" display_name: "营业所" opened_date: "2010-01-01" })",
      &outlet));
  v1::FinanceTerminal terminal;
  ASSERT_OK(Call<v1::CreateFinanceTerminalRequest>(
      "FinanceService/CreateFinanceTerminal",
      R"(finance_terminal { village: "villages/1" kind: TERMINAL_KIND_CASH opened_date: "2016-01-01" closed_date: "2018-06-01" })",
      &terminal));
  EXPECT_EQ(program_->Value(2018, kTownship, "finance_outlets"), 1);
  EXPECT_EQ(program_->Value(2017, kVillage, "finance_terminals"), 1);
  EXPECT_EQ(program_->Value(2018, kVillage, "finance_terminals"), 0) << "it is gone at the end of the year";
  v1::FinanceCoverage coverage;
  EXPECT_THAT(
      Fields(Call<v1::CreateFinanceCoverageRequest>(
          "FinanceService/CreateFinanceCoverage",
          R"(finance_coverage { village: "villages/1" year: 2018 adult_count: 10 served_count: 11 })", &coverage)),
      ElementsAre("finance_coverage.served_count"));
  v1::FinanceProduct product;
  ASSERT_OK(Call<v1::CreateFinanceProductRequest>(
      "FinanceService/CreateFinanceProduct",
      R"(finance_product_id: "p" finance_product { display_name: "惠农贷" institution: "样例银行" borrower_kind: BORROWER_KIND_FARMER
         opened_date: "2016-01-01" })",
      &product));
  v1::Loan loan;
  ASSERT_OK(Call<v1::CreateLoanRequest>(
      "FinanceService/CreateLoan",
      R"(loan { village: "villages/1" borrower_kind: BORROWER_KIND_FARMER institution: "样例银行" product: "financeProducts/p"
         granted_date: "2017-02-01" granted_fen: 1000 repayments { repaid_date: "2018-06-01" amount_fen: 400 }
         repayments { repaid_date: "2019-06-01" amount_fen: 100 } })",
      &loan));
  EXPECT_EQ(loan.outstanding_fen(), 500);
  EXPECT_EQ(program_->Value(2017, kVillage, "loans_outstanding"), 1000);
  EXPECT_EQ(program_->Value(2018, kVillage, "loans_outstanding"), 600) << "what is repaid in 2019 does not lower 2018";
  EXPECT_EQ(program_->Value(2018, kVillage, "loans_outstanding_farmers"), 600);
  EXPECT_EQ(program_->Value(2018, kVillage, "loans_outstanding_enterprises"), 0);
  EXPECT_EQ(program_->Value(2017, kVillage, "loans_granted_farmers"), 1000);
  EXPECT_EQ(program_->Value(2018, kVillage, "loans_granted"), 0);
  EXPECT_EQ(program_->Verify(), 0);
  v1::UpdateLoanRequest update;
  *update.mutable_loan() = loan;
  update.mutable_loan()->set_village("villages/2");
  v1::Loan updated;
  ASSERT_OK(program_->Call("jiedui.industry.v1.FinanceService/UpdateLoan", update, &updated));
  EXPECT_EQ(program_->Value(2018, kVillage, "loans_outstanding"), 0);
  EXPECT_EQ(program_->Value(2018, "villages/2", "loans_outstanding"), 600);
  EXPECT_EQ(program_->Verify(), 0);
  *update.mutable_loan() = updated;
  update.mutable_loan()->mutable_repayments(0)->set_amount_fen(901);
  update.mutable_loan()->mutable_repayments(1)->set_repaid_date("2016-06-01");
  EXPECT_THAT(Fields(program_->Call("jiedui.industry.v1.FinanceService/UpdateLoan", update, &updated)),
              UnorderedElementsAre("loan.repayments", "loan.repayments[1].repaid_date"));
}

TEST_P(IndustryTest, EntitiesFacilitiesContractsAndServices) {
  v1::BusinessEntity entity;
  EXPECT_THAT(
      Fields(Call<v1::CreateBusinessEntityRequest>(
          "MarketService/CreateBusinessEntity",
          R"(business_entity { site: "villages/1" kind: ENTITY_KIND_COOPERATIVE display_name: "合作社" registered_date: "2017-01-01"
         served_villages { village: "villages/1" } served_villages { village: "villages/1" } })",
          &entity)),
      ElementsAre("business_entity.served_villages[1].village"));
  ASSERT_OK(Call<v1::CreateBusinessEntityRequest>(
      "MarketService/CreateBusinessEntity",
      R"(business_entity { site: "divisions/120119101" kind: ENTITY_KIND_COOPERATIVE display_name: "合作社"
         registered_date: "2017-01-01" brands: "样例" bases: "样例基地" served_villages { village: "villages/1" household_count: 9 } })",
      &entity));
  EXPECT_EQ(program_->Value(2018, kTownship, "cooperatives"), 1);
  v1::MarketFacility facility;
  ASSERT_OK(Call<v1::CreateMarketFacilityRequest>(
      "MarketService/CreateMarketFacility",
      R"(market_facility { site: "villages/1" kind: FACILITY_KIND_COLD_CHAIN display_name: "冷库" opened_date: "2018-01-01" })",
      &facility));
  EXPECT_EQ(program_->Value(2018, kVillage, "market_facilities"), 1);
  v1::SalesContract contract;
  ASSERT_OK(Call<v1::CreateSalesContractRequest>(
      "MarketService/CreateSalesContract",
      R"(sales_contract { village: "villages/1" year: 2018 channel: SALES_CHANNEL_SCHOOL buyer: "学校" signed_date: "2018-03-01"
         amount_fen: 1000000000000000 })",
      &contract));
  EXPECT_EQ(program_->Value(2018, kVillage, "sales_school"), 1'000'000'000'000'000);
  v1::TechnicalService service;
  ASSERT_OK(Call<v1::CreateTechnicalServiceRequest>(
      "TrainingService/CreateTechnicalService",
      R"(technical_service { village: "villages/1" group_name: "技术组" kind: TECHNICAL_SERVICE_KIND_REMOTE service_date: "2018-03-01" })",
      &service));
  EXPECT_EQ(program_->Value(2018, kVillage, "technical_services"), 1);
  v1::JobSeeker seeker;
  EXPECT_THAT(
      Fields(Call<v1::CreateJobSeekerRequest>(
          "TrainingService/CreateJobSeeker",
          R"(job_seeker { village: "villages/1" display_name: "样例李四" birth_date: "1990-01-01" registered_date: "2018-01-01"
         placed_date: "2018-02-01" })",
          &seeker)),
      ElementsAre("job_seeker.placement_kind"));
  ASSERT_OK(Call<v1::CreateJobSeekerRequest>(
      "TrainingService/CreateJobSeeker",
      R"(job_seeker { village: "villages/1" display_name: "样例李四" birth_date: "1990-01-01" registered_date: "2018-01-01"
         placed_date: "2018-02-01" placement_kind: PLACEMENT_KIND_EMPLOYER employer: "工厂" needy: true })",
      &seeker));
  EXPECT_EQ(program_->Value(2018, kVillage, "workers_placed"), 1);
}

TEST_P(IndustryTest, DividendsMatchTheShares) {
  ASSERT_OK(Link(
      R"(dividend_fen: 100 households { household: "1" needy: true land_centimu: 30 share_ppm: 333333 dividend_fen: 33 }
      households { household: "2" share_ppm: 666667 dividend_fen: 67 })"));
  EXPECT_EQ(program_->Value(2018, kVillage, "households_linked"), 2);
  EXPECT_EQ(program_->Value(2018, kVillage, "needy_households_linked"), 1);
  EXPECT_EQ(program_->Value(2018, kVillage, "dividends_paid"), 100);
  EXPECT_THAT(
      Fields(Link(R"(dividend_fen: 100 households { household: "1" share_ppm: 500000 dividend_fen: 60 }
      households { household: "2" share_ppm: 500000 dividend_fen: 40 })")),
      UnorderedElementsAre("benefit_linkage.households[0].dividend_fen", "benefit_linkage.households[1].dividend_fen"));
  EXPECT_THAT(Fields(Link(R"(dividend_fen: 100 households { household: "1" share_ppm: 999999 dividend_fen: 100 })")),
              ElementsAre("benefit_linkage.households"));
}

TEST_P(IndustryTest, CorrectionsOfIncomesKeepTheirHistory) {
  v1::CollectiveIncome income;
  ASSERT_OK(Call<v1::CreateCollectiveIncomeRequest>(
      "IncomeService/CreateCollectiveIncome",
      R"(collective_income_id: "i" collective_income { village: "villages/1" year: 2018 operating_income_fen: 100 })",
      &income));
  for (const int64_t fen : {200, 300}) {
    v1::UpdateCollectiveIncomeRequest update;
    *update.mutable_collective_income() = income;
    update.mutable_collective_income()->set_operating_income_fen(fen);
    ASSERT_OK(program_->Call("jiedui.industry.v1.IncomeService/UpdateCollectiveIncome", update, &income));
  }
  EXPECT_EQ(program_->Value(2018, kVillage, "operating_income"), 300);
  audit::v1::ListAuditEntriesResponse history;
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries",
                           Proto<audit::v1::ListAuditEntriesRequest>("resource: \"collectiveIncomes/i\""), &history));
  std::string before;
  for (const auto& entry : history.audit_entries())
    absl::StrAppend(&before, entry.principal(), " ", entry.before_json(), "\n");
  EXPECT_EQ(history.audit_entries_size(), 3);
  for (const char* value : {"\"100\"", "\"200\"", "users/test"}) EXPECT_THAT(before, ::testing::HasSubstr(value));
}

}  // namespace
}  // namespace jiedui::industry
