// Construction projects together: an allocation of money is of one, warranties end, and somebody pays.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "tests/infrastructure/infrastructure_program.h"
#include "tests/support/status_matchers.h"

namespace jiedui::infrastructure {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

class ConstructionTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<InfrastructureProgram>(GetParam());
  }

  absl::Status Construct(const std::string& id, const std::string& text) {
    return program_->Do<v1::CreateConstructionProjectRequest, v1::ConstructionProject>(
        "ConstructionService/CreateConstructionProject",
        absl::StrCat(
            "construction_project_id: '", id, "' construction_project { display_name: '路' kind: ",
            "CONSTRUCTION_KIND_ROADS unit: QUANTITY_UNIT_METRE planned_quantity: 9 planned_date: '2017-01-01' ", text,
            " }"));
  }
  absl::Status Update(const std::string& id, const std::string& text, const std::string& path) {
    return program_->Do<v1::UpdateConstructionProjectRequest, v1::ConstructionProject>(
        "ConstructionService/UpdateConstructionProject",
        absl::StrCat("construction_project { name: 'constructionProjects/", id, "' ", text, " } update_mask { paths: '",
                     path, "' }"));
  }
  // Accepted, with a warranty until the day.
  absl::Status Warranted(const std::string& id, const std::string& site, const std::string& day) {
    return Construct(id, absl::StrCat("site: '", site,
                                      "' year: 2017 contractor: '公司' approved_date: '2017-02-01' started_date: "
                                      "'2017-03-01' completed_date: '2017-04-01' completed_quantity: 9 accepted_date: "
                                      "'2017-05-01' warranty_end_date: '",
                                      day, "'"));
  }

  std::unique_ptr<InfrastructureProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, ConstructionTest, BothDatabases(), DatabaseName);

TEST_P(ConstructionTest, AnAllocationIsOfOneProject) {
  const std::string uses = "finances { source: FINANCE_SOURCE_CITY amount_fen: 1 allocation: 'fundAllocations/x' }";
  const std::string of_a = "site: 'villages/a' year: 2018 ";
  ASSERT_OK(Construct("p", of_a + uses));
  EXPECT_THAT(Violated(Construct("q", of_a + uses)), ElementsAre("finances[0].allocation DUPLICATE"));
  ASSERT_OK(Construct("q", of_a));
  EXPECT_THAT(Violated(Update("q", uses, "finances")), ElementsAre("finances[0].allocation DUPLICATE"));
  EXPECT_OK(Update("p", "contractor: '公司'", "contractor")) << "its own";
  // Given up by the one, it can be of the other.
  ASSERT_OK(Update("p", "", "finances"));
  EXPECT_OK(Update("q", uses, "finances"));
  EXPECT_THAT(Violated(Update("p", uses, "finances")), ElementsAre("finances[0].allocation DUPLICATE"));
  const auto remove = [this] {
    return program_->Delete("ConstructionService/DeleteConstructionProject", "constructionProjects/q");
  };
  EXPECT_THAT(remove(), StatusIs(absl::StatusCode::kFailedPrecondition)) << "money may have gone to it";
  ASSERT_OK(Update("q", "", "finances"));
  EXPECT_OK(Update("p", uses, "finances"));
  ASSERT_OK(remove());
}

TEST_P(ConstructionTest, WarrantiesThatEndAreListedTheFirstFirst) {
  ASSERT_OK(Warranted("late", "villages/a", "2019-06-30"));
  ASSERT_OK(Warranted("early", "villages/b", "2019-01-01"));
  ASSERT_OK(Warranted("same", "divisions/township", "2019-06-30"));
  ASSERT_OK(Warranted("other", "villages/c", "2019-06-30"));
  ASSERT_OK(Warranted("before", "villages/a", "2018-12-31"));
  ASSERT_OK(Warranted("after", "villages/a", "2019-07-01"));
  ASSERT_OK(Construct("unfinished", "site: 'villages/a' year: 2018"));
  const auto found = [this](const std::string& text) {
    std::vector<std::string> projects;
    std::string token;
    do {
      v1::ListExpiringWarrantiesResponse page;
      EXPECT_OK(program_->Do<v1::ListExpiringWarrantiesRequest>(
          "ConstructionService/ListExpiringWarranties",
          absl::StrCat("from_date: '2019-01-01' page_size: 1 page_token: '", token, "' ", text), &page));
      for (const auto& each : page.warranties()) {
        projects.push_back(each.project().substr(std::string("constructionProjects/").size()));
        EXPECT_EQ(each.contractor(), "公司");
        EXPECT_EQ(each.accepted_date(), "2017-05-01");
      }
      token = page.next_page_token();
    } while (!token.empty());
    return projects;
  };
  EXPECT_THAT(found("until_date: '2019-06-30'"), ElementsAre("early", "late", "other", "same"));
  EXPECT_THAT(found("until_date: '2019-06-30' division: 'divisions/township'"), ElementsAre("early", "late", "same"));
  EXPECT_THAT(found(""), ElementsAre("early")) << "ninety days";
  EXPECT_THAT(
      Violated(program_->Do<v1::ListExpiringWarrantiesRequest, v1::ListExpiringWarrantiesResponse>(
          "ConstructionService/ListExpiringWarranties",
          "from_date: '2019-1-1' until_date: 'soon' page_size: -1 division: 'divisions/none'")),
      UnorderedElementsAre("from_date FORMAT", "until_date FORMAT", "page_size RANGE", "division DANGLING_REFERENCE"));
  EXPECT_THAT(Violated(program_->Do<v1::ListExpiringWarrantiesRequest, v1::ListExpiringWarrantiesResponse>(
                  "ConstructionService/ListExpiringWarranties", "from_date: '2019-01-02' until_date: '2019-01-01'")),
              ElementsAre("until_date RULE"));
}

TEST_P(ConstructionTest, WhoPaysHowMuch) {
  const auto pays = [](const std::string& source, int64_t fen) {
    return absl::StrCat("finances { source: FINANCE_SOURCE_", source, " amount_fen: ", fen, " } ");
  };
  ASSERT_OK(Construct("p", absl::StrCat("site: 'villages/a' year: 2018 budget_fen: 100 ", pays("CITY", 60),
                                        pays("CITY", 10), pays("FARMERS", 20))));
  ASSERT_OK(Construct("q", absl::StrCat("site: 'divisions/township' year: 2018 budget_fen: 10 ", pays("FARMERS", 10))));
  ASSERT_OK(Construct("r", absl::StrCat("site: 'villages/c' year: 2018 budget_fen: 1 ", pays("SOCIAL", 1))));
  ASSERT_OK(Construct("earlier", absl::StrCat("site: 'villages/a' year: 2017 ", pays("CENTRAL", 5))));
  ASSERT_OK(Construct("cancelled", absl::StrCat("site: 'villages/a' year: 2018 cancelled_date: '2018-05-01' ",
                                                "cancel_reason: '无' ", pays("CENTRAL", 7))));
  v1::ConstructionFinance report;
  ASSERT_OK(program_->Do<v1::GetConstructionFinanceRequest>("ConstructionService/GetConstructionFinance",
                                                            "year: 2018 division: 'divisions/township'", &report));
  EXPECT_EQ(report.ShortDebugString(), testing::Proto<v1::ConstructionFinance>(
                                           "project_count: 2 budget_fen: 110 finance_fen: 100 "
                                           "sources { source: FINANCE_SOURCE_CITY project_count: 1 amount_fen: 70 "
                                           "share_ppm: 700000 } "
                                           "sources { source: FINANCE_SOURCE_FARMERS project_count: 2 amount_fen: 30 "
                                           "share_ppm: 300000 }")
                                           .ShortDebugString());
  ASSERT_OK(program_->Do<v1::GetConstructionFinanceRequest>("ConstructionService/GetConstructionFinance", "", &report));
  EXPECT_EQ(report.project_count(), 4);
  EXPECT_EQ(report.finance_fen(), 106);
  EXPECT_THAT(Violated(program_->Do<v1::GetConstructionFinanceRequest, v1::ConstructionFinance>(
                  "ConstructionService/GetConstructionFinance", "division: 'divisions/none'")),
              ElementsAre("division DANGLING_REFERENCE"));
}

}  // namespace
}  // namespace jiedui::infrastructure
