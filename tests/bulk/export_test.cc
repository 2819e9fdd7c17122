#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/assistance/definition.h"
#include "services/industry/definition.h"
#include "tests/bulk/bulk_program.h"
#include "tests/support/status_matchers.h"

namespace jiedui {
namespace {

using testing::BothDatabases;
using testing::BulkProgram;
using testing::DatabaseKind;
using testing::DatabaseName;
using testing::ImportOptions;
using testing::StatusIs;

constexpr char kProjects[] =
    "name,display_name,programme_year,kind,mode,site,participants,budget_fen,planned_date,source\n"
    "industryProjects/b,\"冷库, \"\"甲\"\"\n二行\",2018,PROJECT_KIND_COMMERCE,打捆,divisions/120119101,"
    "\"[{\"\"village\"\":\"\"villages/v1\"\",\"\"share_ppm\"\":400000},{\"\"village\"\":\"\"villages/"
    "v2\"\",\"\"share_ppm\"\":600000}]\""
    ",5,2018-01-01,=cmd\n"
    "industryProjects/a,大棚,2018,农业,单村,villages/v1,,0,2018-01-01,\n";

class ExportTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override { JIEDUI_REQUIRE_DATABASE(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Databases, ExportTest, BothDatabases(), DatabaseName);

TEST_P(ExportTest, WritesEveryFieldOrderedByName) {
  BulkProgram program(industry::NewDefinition(), GetParam());
  for (const char* name : {"villages/v1", "villages/v2", "divisions/120119101"}) program.names().Add(name);
  ASSERT_EQ(program.Import("industryProjects", kProjects).Counts(), "2 0 0 0 0 committed");
  std::string csv;
  ASSERT_OK(program.Export("industryProjects", "", &csv));
  EXPECT_TRUE(
      absl::StartsWith(csv,
                       "name,etag,create_time,update_time,author,source,display_name,programme_year,kind,mode,site,"
                       "participants,budget_fen,"))
      << csv;
  EXPECT_LT(csv.find("\nindustryProjects/a,"), csv.find("\nindustryProjects/b,"));
  EXPECT_THAT(csv, ::testing::HasSubstr(
                       ",users/test,=cmd,\"冷库, \"\"甲\"\"\n二行\",2018,PROJECT_KIND_COMMERCE,PROJECT_MODE_BUNDLED,"));
  EXPECT_THAT(csv, ::testing::HasSubstr(",PROJECT_STATE_PLANNED,,,,,0\n"));
}

TEST_P(ExportTest, WhoOnlyViewsExportsNoPersonsAndImportsNothing) {
  BulkProgram program(assistance::NewDefinition(), GetParam());
  program.names().Add("villages/v1");
  const std::string fields = "name,village,display_name,kind,member_count,found_date\n";
  const std::string household = fields + "needyHouseholds/h,villages/v1,样例,HOUSEHOLD_KIND_LOW_INCOME,3,2018-01-01\n";
  ASSERT_EQ(program.Import("needyHouseholds", household).Counts(), "1 0 0 0 0 committed");
  program.caller.roles = {options::v1::ROLE_VIEWER};
  std::string csv;
  EXPECT_THAT(program.Export("needyHouseholds", "", &csv), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(program.Export("assistanceTransitions", "", &csv), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(csv, "");
  EXPECT_OK(program.Export("kindergartens", "", &csv));
  EXPECT_THAT(program.Import("needyHouseholds", household).status, StatusIs(absl::StatusCode::kPermissionDenied));
  program.caller.roles = {options::v1::ROLE_EDITOR};
  EXPECT_OK(program.Export("needyHouseholds", "", &csv));
  EXPECT_THAT(csv, ::testing::HasSubstr("needyHouseholds/h"));
}

TEST_P(ExportTest, ComesBackUnchanged) {
  BulkProgram program(industry::NewDefinition(), GetParam());
  for (const char* name : {"villages/v1", "villages/v2", "divisions/120119101"}) program.names().Add(name);
  ASSERT_EQ(program.Import("industryProjects", kProjects).Counts(), "2 0 0 0 0 committed");
  std::string csv, again;
  ASSERT_OK(program.Export("industryProjects", "", &csv));
  for (const auto mode : {bulk::v1::IMPORT_MODE_ALL_OR_NOTHING, bulk::v1::IMPORT_MODE_KEEP_GOOD}) {
    ImportOptions options;
    options.mode = mode;
    const auto answer = program.Import("industryProjects", csv, options);
    EXPECT_EQ(answer.Counts(), "0 0 2 0 0 committed") << ::testing::PrintToString(answer.Errors());
  }
  ASSERT_OK(program.Export("industryProjects", "", &again));
  EXPECT_EQ(csv, again);
  // Also when the year is closed by now: what does not change is no write.
  program.SetYears({2019}, {2018});
  EXPECT_EQ(program.Import("industryProjects", csv).Counts(), "0 0 2 0 0 committed");
  // And into an empty database.
  BulkProgram other(industry::NewDefinition(), GetParam());
  for (const char* name : {"villages/v1", "villages/v2", "divisions/120119101"}) other.names().Add(name);
  EXPECT_EQ(other.Import("industryProjects", csv).Counts(), "2 0 0 0 0 committed");
}

TEST_P(ExportTest, FiltersAndPagesThroughManyRows) {
  BulkProgram program(assistance::NewDefinition(), GetParam());
  program.names().Add("villages/v1");
  std::string csv = "name,village,display_name,kind,member_count,found_date\n";
  for (int i = 0; i < 3000; ++i) {
    absl::StrAppend(&csv, "needyHouseholds/h", i, ",villages/v1,样例,HOUSEHOLD_KIND_LOW_INCOME,", 1 + i % 3,
                    ",2018-01-01\n");
  }
  ImportOptions options;
  options.chunk = 50'000;
  ASSERT_EQ(program.Import("needyHouseholds", csv, options).Counts(), "3000 0 0 0 0 committed");
  std::string all, some, none;
  ASSERT_OK(program.Export("needyHouseholds", "", &all));
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 3001);
  ASSERT_OK(program.Export("needyHouseholds", "member_count = 2", &some));
  EXPECT_EQ(std::count(some.begin(), some.end(), '\n'), 1001);
  ASSERT_OK(program.Export("needyHouseholds", "member_count > 7", &none));
  EXPECT_EQ(std::count(none.begin(), none.end(), '\n'), 1);
  EXPECT_EQ(program.Import("needyHouseholds", all, options).Counts(), "0 0 3000 0 0 committed");
  // Whoever is gone is noticed while the rows are still being gathered.
  int asked = 0;
  std::string nothing;
  EXPECT_THAT(program.Export("needyHouseholds", "", &nothing, [&asked] { return ++asked == 2; }),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(nothing, "");
}

TEST_P(ExportTest, ALostConnectionDoesNotMixTwoSnapshots) {
  if (GetParam() == DatabaseKind::kSqlite) return;  // there is no connection to lose
  BulkProgram program(assistance::NewDefinition(), GetParam());
  program.names().Add("villages/v1");
  std::string csv = "name,village,display_name,kind,member_count,found_date\n";
  for (int i = 0; i < 2500; ++i) {
    absl::StrAppend(&csv, "needyHouseholds/h", i, ",villages/v1,样例,HOUSEHOLD_KIND_LOW_INCOME,3,2018-01-01\n");
  }
  ASSERT_EQ(program.Import("needyHouseholds", csv).Counts(), "2500 0 0 0 0 committed");
  int asked = 0;
  const auto kill = [&program, &asked] {
    if (++asked != 3) return false;
    const int64_t reader = program.Number(
        "SELECT MAX(id) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() AND info "
        "IS NULL");
    for (int64_t id = reader; id > 0;
         id = program.Number(absl::StrCat("SELECT MAX(id) FROM information_schema.processlist "
                                          "WHERE db = DATABASE() AND id <> CONNECTION_ID() AND id < ",
                                          id))) {
      (void)sql::WriteAndWait(program.database(), {}, [id](sql::Transaction& transaction) -> absl::Status {
        auto statement = transaction.Prepare(absl::StrCat("KILL ", id));
        return statement.ok() ? (*statement)->Execute().status() : statement.status();
      });
    }
    return false;
  };
  std::string all;
  ASSERT_OK(program.Export("needyHouseholds", "", &all, kill));
  EXPECT_GT(asked, 4) << "nothing was read again";
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2501);
  EXPECT_EQ(program.Import("needyHouseholds", all).Counts(), "0 0 2500 0 0 committed");
}

TEST_P(ExportTest, RefusesBadRequests) {
  BulkProgram program(assistance::NewDefinition(), GetParam());
  std::string csv;
  EXPECT_THAT(program.Export("nothing", "", &csv), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(program.Export("", "", &csv), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(program.Export("needyHouseholds", "((((", &csv), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(csv, "");
}

}  // namespace
}  // namespace jiedui
