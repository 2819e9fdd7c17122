// A COMMIT that fails on the disk, seen by a caller: the answer is no success, and the same request_id settles it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/industry/definition.h"
#include "tests/support/failing_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"

namespace jiedui {
namespace {

using testing::FailingLog;
using testing::StatusIs;
using testing::TestProgram;

constexpr char kVillage[] = "villages/120119101201";

industry::v1::CreateCollectiveIncomeRequest RequestOfYear(int year) {
  industry::v1::CreateCollectiveIncomeRequest request;
  request.set_collective_income_id(absl::StrCat("i-", year));
  request.set_request_id(absl::StrCat("request ", year));
  request.mutable_collective_income()->set_village(kVillage);
  request.mutable_collective_income()->set_year(year);
  request.mutable_collective_income()->set_operating_income_fen(100);
  return request;
}

TEST(CommitFailureTest, TheSameRequestIdSettlesAnUnknownOutcome) {
  constexpr char kCreate[] = "jiedui.industry.v1.IncomeService/CreateCollectiveIncome";
  constexpr int kFirstYear = 2000;
  FailingLog::FailNth(0);
  std::vector<int> years;
  for (int year = kFirstYear; year < kFirstYear + 19; ++year) years.push_back(year);
  TestProgram program(industry::NewDefinition(), testing::DatabaseKind::kSqlite, years);
  program.names().Add(kVillage);
  int failures = 0;
  for (const int year : years) {
    const auto request = RequestOfYear(year);
    industry::v1::CollectiveIncome income, again;
    FailingLog::FailNth(failures + 1);
    const absl::Status status = program.Call(kCreate, request, &income);
    if (!FailingLog::HasFailed()) {
      EXPECT_OK(status);
      break;
    }
    ++failures;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnknown));
    EXPECT_EQ(ReasonOf(status), error::v1::REASON_OUTCOME_UNKNOWN);
    EXPECT_EQ(program.Value(year, kVillage, "operating_income"), 0);
    ASSERT_OK(program.Call(kCreate, request, &income));
    EXPECT_OK(program.Call(kCreate, request, &again));
    EXPECT_EQ(again.SerializeAsString(), income.SerializeAsString());
    EXPECT_EQ(program.Value(year, kVillage, "operating_income"), 100);
  }
  EXPECT_GT(failures, 2);
  EXPECT_EQ(program.Verify(), 0);
}

}  // namespace
}  // namespace jiedui
