// A program of industry with places and short ways to record things, for the tests of its rules.

#ifndef JIEDUI_TESTS_INDUSTRY_INDUSTRY_FIXTURE_H_
#define JIEDUI_TESTS_INDUSTRY_INDUSTRY_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/market.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/industry/v1/training.pb.h"
#include "services/industry/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::industry {

constexpr char kTownship[] = "divisions/120119101";
constexpr char kVillage[] = "villages/1";

inline std::vector<std::string> Fields(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(status)) fields.push_back(violation.field());
  return fields;
}

class IndustryFixture : public ::testing::TestWithParam<testing::DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<testing::TestProgram>(NewDefinition(), GetParam());
    program_->names().Add("divisions/12");
    program_->names().Add("divisions/120119", "divisions/12");
    program_->names().Add(kTownship, "divisions/120119");
    program_->names().Add("divisions/120119102", "divisions/120119");
    for (const char* name : {kVillage, "villages/2", "villages/3"}) program_->names().Add(name, kTownship);
    program_->names().Add("villages/away", "divisions/120119102");
  }

  template <typename Request, typename Response>
  absl::Status Call(const std::string& method, const std::string& request, Response* response) {
    return program_->Call("jiedui.industry.v1." + method, testing::Proto<Request>(request), response);
  }

  absl::Status CreateProject(const std::string& id, const std::string& fields, v1::IndustryProject* project) {
    return Call<v1::CreateIndustryProjectRequest>(
        "ProjectService/CreateIndustryProject",
        absl::StrCat("industry_project_id: \"", id, R"(" industry_project { display_name: "样例" programme_year: 2018
            kind: PROJECT_KIND_AGRICULTURE planned_date: "2018-01-05" )",
                     fields, " }"),
        project);
  }
  absl::Status Report(const std::string& project, const std::string& date, int64_t progress_ppm) {
    v1::ProjectReport report;
    return Call<v1::CreateProjectReportRequest>(
        "ProjectService/CreateProjectReport",
        absl::StrCat("project_report { project: \"industryProjects/", project, "\" report_date: \"", date,
                     "\" progress_ppm: ", progress_ppm, " content: \"进展\" }"),
        &report);
  }
  absl::Status Train(const std::string& village, const std::string& kind, const std::string& more = "",
                     const std::string& date = "2018-05-01", v1::PersonTraining* training = nullptr) {
    v1::PersonTraining created;
    return Call<v1::CreatePersonTrainingRequest>(
        "TrainingService/CreatePersonTraining",
        absl::StrCat("person_training { village: \"", village, "\" year: 2018 kind: ", kind,
                     R"( display_name: "样例张三" birth_date: "1980-02-03" trained_date: ")", date, "\" ", more, " }"),
        training == nullptr ? &created : training);
  }
  absl::Status Link(const std::string& fields) {
    v1::BenefitLinkage linkage;
    return Call<v1::CreateBenefitLinkageRequest>(
        "MarketService/CreateBenefitLinkage",
        absl::StrCat(
            R"(benefit_linkage { village: "villages/1" year: 2018 mode: LINKAGE_MODE_SHARES operator: "合作社" )",
            fields, " }"),
        &linkage);
  }

  std::unique_ptr<testing::TestProgram> program_;
};

}  // namespace jiedui::industry

#endif  // JIEDUI_TESTS_INDUSTRY_INDUSTRY_FIXTURE_H_
