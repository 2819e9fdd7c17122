#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/bulk/import_log.h"
#include "common/sql/database.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "services/assistance/definition.h"
#include "services/industry/definition.h"
#include "services/village/definition.h"
#include "tests/bulk/bulk_program.h"
#include "tests/support/status_matchers.h"

ABSL_DECLARE_FLAG(int64_t, import_max_bytes);
ABSL_DECLARE_FLAG(int64_t, import_max_rows);
ABSL_DECLARE_FLAG(int64_t, import_max_whole_bytes);

namespace jiedui {
namespace {

using testing::BothDatabases;
using testing::BulkProgram;
using ::testing::Contains;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ImportAnswer;
using testing::ImportOptions;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::StatusIs;

constexpr char kVillage[] = "villages/120119101201";
constexpr auto kKeepGood = bulk::v1::IMPORT_MODE_KEEP_GOOD;
constexpr auto kAllOrNothing = bulk::v1::IMPORT_MODE_ALL_OR_NOTHING;

ImportOptions KeepGood(const std::string& import_id = "") {
  ImportOptions options;
  options.mode = kKeepGood;
  options.import_id = import_id;
  return options;
}

class IndustryImportTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<BulkProgram>(industry::NewDefinition(), GetParam());
    program_->names().Add(kVillage);
    program_->names().Add("divisions/120119101");
    for (int i = 0; i < 50; ++i) program_->names().Add(absl::StrCat("villages/v", i));
  }

  // Incomes of villages v0 to v49, two years each.
  static std::string Incomes(int count, const std::string& header = "name,village,year,operating_income_fen") {
    std::string csv = absl::StrCat(header, "\n");
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&csv, "collectiveIncomes/i", i, ",villages/v", i % 50, ",", i < 50 ? 2017 : 2018, ",", 100 + i,
                      "\n");
    }
    return csv;
  }

  int64_t IncomeCount() { return program_->Number("SELECT COUNT(*) FROM collective_income"); }

  std::unique_ptr<BulkProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, IndustryImportTest, BothDatabases(), DatabaseName);

TEST_P(IndustryImportTest, CreatesUpdatesAndLeavesAlone) {
  EXPECT_EQ(program_->Import("collectiveIncomes", Incomes(60)).Counts(), "60 0 0 0 0 committed");
  EXPECT_EQ(IncomeCount(), 60);
  EXPECT_EQ(program_->Value(2017, "villages/v3", "operating_income"), 103);

  const std::string changed = absl::StrReplaceAll(Incomes(61), {{",103\n", ",999\n"}});
  const ImportAnswer again = program_->Import("collectiveIncomes", changed, KeepGood());
  EXPECT_OK(again.status);
  EXPECT_EQ(again.Counts(), "1 1 59 0 0 committed");
  EXPECT_EQ(program_->Value(2017, "villages/v3", "operating_income"), 999);
  EXPECT_EQ(program_->Verify(), 0);
  industry::v1::CollectiveIncome income;
  resource::v1::GetRequest get;
  get.set_name("collectiveIncomes/i3");
  ASSERT_OK(program_->Call("jiedui.industry.v1.IncomeService/GetCollectiveIncome", get, &income));
  EXPECT_EQ(income.total_income_fen(), 999);
  EXPECT_EQ(income.author(), "users/test");
}

TEST_P(IndustryImportTest, ColumnsThatAreNotThereStayAsTheyAre) {
  ASSERT_EQ(program_
                ->Import("collectiveIncomes",
                         "name,village,year,operating_income_fen,subsidy_income_fen,source\n"
                         "collectiveIncomes/a,villages/v1,2018,5,7,统计表\n")
                .Counts(),
            "1 0 0 0 0 committed");
  EXPECT_EQ(
      program_->Import("collectiveIncomes", "operating_income_fen,name,source\n6,collectiveIncomes/a,\n").Counts(),
      "0 1 0 0 0 committed");
  industry::v1::CollectiveIncome income;
  resource::v1::GetRequest get;
  get.set_name("collectiveIncomes/a");
  ASSERT_OK(program_->Call("jiedui.industry.v1.IncomeService/GetCollectiveIncome", get, &income));
  EXPECT_EQ(income.operating_income_fen(), 6);
  EXPECT_EQ(income.subsidy_income_fen(), 7);
  EXPECT_EQ(income.source(), "") << "an empty cell is a field that is not set";
}

TEST_P(IndustryImportTest, EmptyNamesGetNewOnes) {
  EXPECT_EQ(program_->Import("collectiveIncomes", "name,village,year\n,villages/v1,2018\n,villages/v2,2018\n").Counts(),
            "2 0 0 0 0 committed");
  EXPECT_EQ(program_->Import("collectiveIncomes", "village,year\nvillages/v3,2018\n").Counts(), "1 0 0 0 0 committed");
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM collective_income WHERE LENGTH(id) = 26"), 3);
}

TEST_P(IndustryImportTest, ReadsEveryTypeOfCell) {
  const ImportAnswer answer =
      program_->Import("industryProjects",
                       "\xEF\xBB\xBF"
                       "name,display_name,programme_year,kind,mode,site,participants,budget_fen,planned_date,source\r\n"
                       "industryProjects/a,=大棚,2018,农业,PROJECT_MODE_VILLAGE,villages/120119101201,, 12 "
                       ",2018-01-01,\"a, \"\"b\"\"\nc\"\r\n"
                       "industryProjects/b,冷库,2018,PROJECT_KIND_COMMERCE,打捆,divisions/"
                       "120119101,\"[{\"\"village\"\":\"\"villages/v1\"\","
                       "\"\"share_ppm\"\":400000},{\"\"village\"\":\"\"villages/"
                       "v2\"\",\"\"share_ppm\"\":\"\"600000\"\"}]\",,2018-01-01,\r\n");
  EXPECT_OK(answer.status);
  EXPECT_THAT(answer.Errors(), IsEmpty());
  ASSERT_EQ(answer.Counts(), "2 0 0 0 0 committed");
  industry::v1::IndustryProject project;
  resource::v1::GetRequest get;
  get.set_name("industryProjects/a");
  ASSERT_OK(program_->Call("jiedui.industry.v1.ProjectService/GetIndustryProject", get, &project));
  EXPECT_EQ(project.display_name(), "=大棚");
  EXPECT_EQ(project.kind(), industry::v1::PROJECT_KIND_AGRICULTURE);
  EXPECT_EQ(project.budget_fen(), 12);
  EXPECT_EQ(project.source(), "a, \"b\"\nc");
  get.set_name("industryProjects/b");
  ASSERT_OK(program_->Call("jiedui.industry.v1.ProjectService/GetIndustryProject", get, &project));
  EXPECT_EQ(project.mode(), industry::v1::PROJECT_MODE_BUNDLED);
  EXPECT_EQ(project.participants(1).share_ppm(), 600000);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(IndustryImportTest, ListsEveryErrorOfEveryRowAndWritesNothing) {
  const std::string long_name(200, 'x');
  const ImportAnswer answer = program_->Import(
      "industryProjects",
      absl::StrCat(
          "name,display_name,programme_year,kind,mode,site,participants,budget_fen,planned_date\n",
          "industryProjects/good,好,2018,农业,单村,villages/v1,,1,2018-01-01\n",                              // 2
          "industryProjects/BAD,,x,渔业,单村,villages/nowhere,,1e3,2018-02-30\n",                             // 3
          "industryProjects/a,", long_name, ",2018,农业,单村,villages/v1,,-1,2018-01-01\n",                   // 4
          "industryProjects/b,b,2031,农业,打捆,divisions/120119101,[],99999999999999999999,2018-01-01\n",     // 5
          "industryProjects/c,c,2018,农业,打捆,divisions/120119101,\"[{\"\"vilage\"\":1}]\",1,2018-01-01\n",  // 6
          "industryProjects/d,d,2018,农业,打捆,divisions/120119101,\"{\",1,2018-01-01\n",                     // 7
          "industryProjects/e,e,2018,农业\n",                                                                 // 8
          "industryProjects/f,\"f\ng\",2018,农业,单村,villages/v1,,1,2018-01-01,\n",  // 9, two lines
          "industryProjects/good,\xFF,2018,农业,单村,foo,,1,2018-01-01\n"));          // 11
  EXPECT_OK(answer.status);
  EXPECT_THAT(
      answer.Errors(),
      ElementsAre("3 name NAME industryProjects/BAD", "3 programme_year TYPE x", "3 kind ENUM 渔业",
                  "3 budget_fen TYPE 1e3", "3 display_name REQUIRED ", "3 planned_date FORMAT 2018-02-30",
                  "3 site DANGLING_REFERENCE villages/nowhere",
                  absl::StrCat("4 display_name LENGTH ", std::string(64, 'x')), "4 budget_fen RANGE -1",
                  "5 budget_fen RANGE ********************", "5 programme_year YEAR_NOT_OPEN 2031",
                  "5 participants RULE []", "6 participants UNKNOWN_FIELD [{\"vilage\":1}]", "7 participants TYPE {",
                  "8  FORMAT ", "9  FORMAT ", "11 name DUPLICATE industryProjects/good",
                  "11 display_name MALFORMED \xEF\xBF\xBD", "11 site NAME foo", "11 site RULE foo"));
  EXPECT_EQ(answer.Counts(), "0 0 0 8 0 nothing");
  EXPECT_EQ(answer.result.row_count(), 9);
  EXPECT_THAT(answer.errors[0].violation().message(), HasSubstr("industryProjects/{id}"));
  EXPECT_THAT(answer.errors[2].violation().message_zh(), HasSubstr("PROJECT_KIND_AGRICULTURE (农业)"));
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM industry_project"), 0);
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM audit_entry"), 0);
}

TEST_P(IndustryImportTest, ErrorsShowCodesOfVillagesAndNoOtherLongNumbers) {
  std::string csv = "name,display_name,programme_year,kind,mode,site,budget_fen,planned_date\n";
  for (const char* site : {"villages/120119101999", "villages/c-120119101999-1", "villages/13812345678",
                           "villages/6222021234567890123", "120119101999", "1/120119101999"}) {
    absl::StrAppend(&csv, ",好,2018,农业,单村,", site, ",1,2018-01-01\n");
  }
  std::vector<std::string> shown;
  for (const auto& error : program_->Import("industryProjects", csv).errors) shown.push_back(error.value());
  EXPECT_THAT(shown, Contains("villages/120119101999"));
  EXPECT_THAT(shown, Contains("villages/c-120119101999-1"));
  EXPECT_THAT(shown, Contains("villages/***********"));
  EXPECT_THAT(shown, Contains("villages/*******************"));
  EXPECT_THAT(shown, Contains("************"));
  EXPECT_THAT(shown, Contains("1/************"));
}

TEST_P(IndustryImportTest, HeadingMustFit) {
  const ImportAnswer unknown = program_->Import("collectiveIncomes", "name,vilage,year,name,\nx,y,z,1,2\n");
  EXPECT_THAT(unknown.Errors(),
              ElementsAre("1 vilage UNKNOWN_FIELD vilage", "1 name DUPLICATE name", "1  UNKNOWN_FIELD "));
  EXPECT_EQ(unknown.Counts(), "0 0 0 1 0 nothing");
  EXPECT_THAT(program_->Import("collectiveIncomes", "", KeepGood()).Errors(), ElementsAre("1  REQUIRED "));
  EXPECT_THAT(program_->Import("collectiveIncomes", "name,\"villa").Errors(), ElementsAre("1  FORMAT "));
  EXPECT_EQ(program_->Import("collectiveIncomes", "name,village\n").Counts(), "0 0 0 0 0 committed");
  EXPECT_THAT(program_->Import("collectiveIncomes", "欧阳某,2018\nx,y\n").Errors(), ElementsAre("1  UNKNOWN_FIELD "));
}

TEST_P(IndustryImportTest, AnOpenQuoteEndsTheFileWithAnError) {
  const std::string csv = Incomes(3) + "collectiveIncomes/x,\"villages/v1,2018,1\n";
  const ImportAnswer all = program_->Import("collectiveIncomes", csv);
  EXPECT_THAT(all.Errors(), ElementsAre("5 village FORMAT "));
  EXPECT_EQ(IncomeCount(), 0);
  EXPECT_EQ(program_->Import("collectiveIncomes", csv, KeepGood()).Counts(), "3 0 0 1 0 committed");
}

TEST_P(IndustryImportTest, UniqueKeysAreCheckedAgainstDatabaseAndFile) {
  ASSERT_EQ(
      program_->Import("collectiveIncomes", "name,village,year\ncollectiveIncomes/old,villages/v1,2018\n").Counts(),
      "1 0 0 0 0 committed");
  const std::string csv =
      "name,village,year\ncollectiveIncomes/a,villages/v1,2018\ncollectiveIncomes/b,villages/v2,2018\n"
      "collectiveIncomes/c,villages/v2,2018\n";
  ImportOptions dry;
  dry.dry_run = true;
  for (const ImportOptions& options : {ImportOptions(), dry}) {
    const ImportAnswer answer = program_->Import("collectiveIncomes", csv, options);
    EXPECT_THAT(answer.Errors(), ElementsAre("2 village, year ALREADY_EXISTS ", "4 village, year ALREADY_EXISTS "));
    EXPECT_EQ(IncomeCount(), 1);
  }
  EXPECT_EQ(program_->Import("collectiveIncomes", csv, KeepGood()).Counts(), "1 0 0 2 0 committed");
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(IndustryImportTest, ImmutableFieldsStay) {
  ASSERT_EQ(program_->Import("collectiveIncomes", Incomes(1)).Counts(), "1 0 0 0 0 committed");
  const ImportAnswer answer =
      program_->Import("collectiveIncomes", "name,village,year\ncollectiveIncomes/i0,villages/v9,2018\n");
  EXPECT_THAT(answer.Errors(), ElementsAre("2 village IMMUTABLE villages/v9", "2 year IMMUTABLE 2018"));
}

TEST_P(IndustryImportTest, DryRunSaysWhatWouldHappenAndWritesNothing) {
  ASSERT_EQ(program_->Import("collectiveIncomes", Incomes(2)).Counts(), "2 0 0 0 0 committed");
  ImportOptions dry;
  dry.dry_run = true;
  dry.import_id = "dry";
  const std::string changed = absl::StrReplaceAll(Incomes(10), {{",101\n", ",1\n"}});
  for (const auto mode : {kAllOrNothing, kKeepGood}) {
    dry.mode = mode;
    const ImportAnswer answer = program_->Import("collectiveIncomes", changed, dry);
    EXPECT_OK(answer.status);
    EXPECT_EQ(answer.Counts(), "8 1 1 0 0 nothing");
  }
  EXPECT_EQ(IncomeCount(), 2);
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM bulk_import"), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(IndustryImportTest, KeepsGoodRowsOnly) {
  const std::string csv =
      absl::StrReplaceAll(Incomes(20), {{"villages/v7,", "villages/nowhere,"}, {",113\n", ",abc\n"}});
  const ImportAnswer answer = program_->Import("collectiveIncomes", csv, KeepGood());
  EXPECT_THAT(answer.Errors(),
              ElementsAre("9 village DANGLING_REFERENCE villages/nowhere", "15 operating_income_fen TYPE abc"));
  EXPECT_EQ(answer.Counts(), "18 0 0 2 0 committed");
  EXPECT_EQ(IncomeCount(), 18);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(IndustryImportTest, AReplicaOfAnotherReleaseCallsNoRowWrong) {
  // Puts the definitions of another release into the database, and answers those that were there.
  const auto release = [this](std::string definitions) {
    EXPECT_OK(sql::WriteAndWait(program_->database(), {}, [&definitions](sql::Transaction& write) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, write.Prepare("SELECT definitions FROM engine_state"));
      JIEDUI_RETURN_IF_ERROR(row->Step().status());
      const std::string before(row->Text(0));
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * update,
                              write.Prepare("UPDATE engine_state SET epoch = epoch + 1, definitions = ?"));
      update->BindText(0, definitions);
      JIEDUI_RETURN_IF_ERROR(update->Execute().status());
      definitions = before;
      return absl::OkStatus();
    }));
    return definitions;
  };
  const std::string ours = release("of another");
  const ImportAnswer refused = program_->Import("collectiveIncomes", Incomes(20), KeepGood("upgrade"));
  EXPECT_THAT(refused.status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(refused.errors, IsEmpty());
  EXPECT_EQ(IncomeCount(), 0);
  release(ours);
  EXPECT_EQ(program_->Import("collectiveIncomes", Incomes(20), KeepGood("upgrade")).Counts(), "20 0 0 0 0 committed");
}

TEST_P(IndustryImportTest, NamesRecordedAMomentAgoAreFetched) {
  for (const auto mode : {kAllOrNothing, kKeepGood}) {
    const std::string village = absl::StrCat("villages/late", mode);
    program_->names().AddLater(village);
    ImportOptions options;
    options.mode = mode;
    EXPECT_EQ(
        program_->Import("collectiveIncomes", absl::StrCat("village,year\n", village, ",2018\n"), options).Counts(),
        "1 0 0 0 0 committed");
  }
}

TEST_P(IndustryImportTest, EveryRowHasItsAuditEntry) {
  ASSERT_OK(program_->Import("collectiveIncomes", Incomes(30)).status);
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM audit_entry"), 30);
  EXPECT_EQ(program_->Number("SELECT COUNT(DISTINCT transaction_id) FROM audit_entry"), 1);
  audit::v1::ListAuditEntriesRequest request;
  audit::v1::ListAuditEntriesResponse page;
  request.set_resource("collectiveIncomes/i7");
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &page));
  ASSERT_EQ(page.audit_entries_size(), 1);
  EXPECT_EQ(page.audit_entries(0).method(), "jiedui.bulk.v1.BulkService/Import");
  EXPECT_EQ(page.audit_entries(0).principal(), "users/test");
}

TEST_P(IndustryImportTest, MessagesOutOfOrderAreRefused) {
  testing::ScriptedStream no_header;
  no_header.requests.push_back(std::make_unique<bulk::v1::ImportRequest>());
  EXPECT_THAT(program_->Run(no_header).status, StatusIs(absl::StatusCode::kInvalidArgument));
  testing::ScriptedStream two_headers;
  for (int i = 0; i < 2; ++i) {
    auto header = std::make_unique<bulk::v1::ImportRequest>();
    header->mutable_header()->set_collection("collectiveIncomes");
    two_headers.requests.push_back(std::move(header));
  }
  EXPECT_THAT(program_->Run(two_headers).status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(program_->Import("villages", "name\n").status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(program_->Import("collectiveIncomes", "name\n", KeepGood(std::string(65, 'x'))).status,
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(IndustryImportTest, ALostConnectionWritesNothingOfTheRest) {
  for (const auto mode : {kAllOrNothing, kKeepGood}) {
    ImportOptions options;
    options.mode = mode;
    options.chunk = 100;
    options.lost_before = 3;
    EXPECT_THAT(program_->Import("collectiveIncomes", Incomes(30), options).status,
                StatusIs(absl::StatusCode::kCancelled));
    EXPECT_EQ(IncomeCount(), 0);
  }
  ImportOptions late;
  late.deadline = absl::ZeroDuration();
  EXPECT_THAT(program_->Import("collectiveIncomes", Incomes(30), late).status,
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(IndustryImportTest, TheSameImportIdIsAnsweredAgainAndOtherContentRefused) {
  for (const auto mode : {kAllOrNothing, kKeepGood}) {
    ImportOptions options;
    options.mode = mode;
    options.import_id = absl::StrCat("import-", mode);
    ASSERT_EQ(program_->Import("collectiveIncomes", Incomes(40), options).result.row_count(), 40);
    const ImportAnswer again = program_->Import("collectiveIncomes", Incomes(40), options);
    EXPECT_OK(again.status);
    EXPECT_EQ(again.result.resumed_count(), 40);
    EXPECT_TRUE(again.result.committed());
    for (const std::string& other :
         {Incomes(41), Incomes(39), absl::StrReplaceAll(Incomes(40), {{",100\n", ",5\n"}})}) {
      EXPECT_THAT(program_->Import("collectiveIncomes", other, options).status,
                  StatusIs(absl::StatusCode::kInvalidArgument));
    }
    options.mode = mode == kKeepGood ? kAllOrNothing : kKeepGood;
    EXPECT_THAT(program_->Import("collectiveIncomes", Incomes(40), options).status,
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

// Several batches, so that an interruption falls between two commits.
class HouseholdImportTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<BulkProgram>(assistance::NewDefinition(), GetParam());
    for (int i = 0; i < 40; ++i) program_->names().Add(absl::StrCat("villages/v", i));
  }

  static std::string Households(int count, bool named) {
    std::string csv = "name,village,display_name,kind,member_count,found_date\n";
    for (int i = 0; i < count; ++i) {
      if (named) absl::StrAppend(&csv, "needyHouseholds/h", i);
      absl::StrAppend(&csv, ",villages/v", i % 40, ",样例", i, ",HOUSEHOLD_KIND_LOW_INCOME,", 1 + i % 6,
                      ",2018-01-01\n");
    }
    return csv;
  }
  int64_t HouseholdCount() { return program_->Number("SELECT COUNT(*) FROM needy_household"); }

  std::unique_ptr<BulkProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, HouseholdImportTest, BothDatabases(), DatabaseName);

TEST_P(HouseholdImportTest, GoesOnBehindItsLastCommit) {
  // Without names a row that is taken twice would be there twice.
  const std::string csv = absl::StrReplaceAll(Households(20'000, false), {{",样例1500,", ",,"}});
  ImportOptions options = KeepGood("resumed");
  options.chunk = 100'000;
  int64_t committed = 0;
  for (const size_t lost_before : {size_t{3}, size_t{12}}) {
    options.lost_before = lost_before;
    EXPECT_THAT(program_->Import("needyHouseholds", csv, options).status, StatusIs(absl::StatusCode::kCancelled));
    EXPECT_GE(HouseholdCount(), committed);
    committed = HouseholdCount();
    EXPECT_LT(committed, 19'999);
  }
  EXPECT_GT(committed, 0);
  options.lost_before = SIZE_MAX;
  options.chunk = 7'777;
  const ImportAnswer answer = program_->Import("needyHouseholds", csv, options);
  EXPECT_OK(answer.status);
  EXPECT_EQ(answer.result.created_count(), 19'999);
  EXPECT_EQ(answer.result.failed_count(), 1);
  EXPECT_EQ(answer.result.row_count(), 20'000);
  EXPECT_GE(answer.result.resumed_count(), committed);
  EXPECT_EQ(HouseholdCount(), 19'999);
  EXPECT_EQ(program_->Import("needyHouseholds", csv, options).result.resumed_count(), 20'000);
  EXPECT_EQ(HouseholdCount(), 19'999);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(HouseholdImportTest, OtherContentUnderTheIdOfAnInterruptedImportIsRefused) {
  ImportOptions options = KeepGood("changed");
  options.chunk = 100'000;
  options.lost_before = 15;
  EXPECT_THAT(program_->Import("needyHouseholds", Households(20'000, true), options).status,
              StatusIs(absl::StatusCode::kCancelled));
  const int64_t committed = HouseholdCount();
  EXPECT_GE(committed, 1000);
  options.lost_before = SIZE_MAX;
  const std::string other = absl::StrReplaceAll(Households(20'000, true), {{"样例17,", "样例X,"}});
  EXPECT_THAT(program_->Import("needyHouseholds", other, options).status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(program_->Import("needyHouseholds", Households(10, true), options).status,
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(HouseholdCount(), committed);
}

TEST_P(HouseholdImportTest, PersonalValuesAreNeverEchoed) {
  const ImportAnswer answer = program_->Import(
      "needyHouseholds", absl::StrCat("name,village,display_name,kind,member_count,found_date\n,villages/v1,",
                                      std::string(300, 'Z'), ",HOUSEHOLD_KIND_LOW_INCOME,1,2018-01-01\n"));
  ASSERT_THAT(answer.Errors(), ElementsAre("2 display_name LENGTH "));
  EXPECT_THAT(answer.errors[0].ShortDebugString(), Not(HasSubstr("ZZ")));
}

TEST_P(HouseholdImportTest, ErrorsAreListedUpToALimit) {
  std::string csv = "village,display_name,kind,member_count,found_date\n";
  for (int i = 0; i < 10'500; ++i) absl::StrAppend(&csv, "villages/v1,a,HOUSEHOLD_KIND_LOW_INCOME,x,2018-01-01\n");
  for (const auto mode : {kAllOrNothing, kKeepGood}) {
    ImportOptions options;
    options.mode = mode;
    options.chunk = 100'000;
    const ImportAnswer answer = program_->Import("needyHouseholds", csv, options);
    EXPECT_EQ(answer.result.failed_count(), 10'500);
    ASSERT_EQ(answer.errors.size(), 10'001u);
    EXPECT_EQ(answer.errors.back().line(), 10'002);
  }
}

TEST_P(HouseholdImportTest, CountsOfReferredResourcesFollow) {
  ASSERT_EQ(program_->Import("needyHouseholds", Households(5, true)).Counts(), "5 0 0 0 0 committed");
  std::string pairings = "household,helper,helper_name,helper_kind,start_date,end_date\n";
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&pairings, "needyHouseholds/h", i % 5, ",partyMembers/m", i, ",样例,党员,2018-01-02,",
                    i == 9 ? "2018-03-01" : "", "\n");
  }
  ASSERT_EQ(program_->Import("helperPairings", pairings).Counts(), "10 0 0 0 0 committed");
  EXPECT_EQ(program_->Number("SELECT SUM(active_pairing_count) FROM needy_household"), 9);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(HouseholdImportTest, ImportsAndSingleWritesTogetherKeepFiguresExact) {
  ASSERT_OK(program_->Import("needyHouseholds", Households(200, true)).status);
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([this, t] {
      ImportOptions options;
      options.mode = t == 0 ? kKeepGood : kAllOrNothing;
      for (int round = 0; round < 4; ++round) {
        // Moves every household by one village, and back.
        const std::string csv = absl::StrReplaceAll(
            Households(200, true), {{",villages/v1", round % 2 == 0 ? ",villages/v2" : ",villages/v1"}});
        const ImportAnswer answer = program_->Import("needyHouseholds", csv, options);
        EXPECT_OK(answer.status);
        EXPECT_EQ(answer.result.failed_count(), 0);
      }
    });
  }
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([this, t, &stop] {
      for (int i = 0; !stop; ++i) {
        assistance::v1::UpdateNeedyHouseholdRequest update;
        update.mutable_needy_household()->set_name(absl::StrCat("needyHouseholds/h", (i * 7 + t) % 200));
        update.mutable_needy_household()->set_village(absl::StrCat("villages/v", (i + t) % 40));
        assistance::v1::NeedyHousehold household;
        EXPECT_OK(program_->Call("jiedui.assistance.v1.HouseholdService/UpdateNeedyHousehold", update, &household));
      }
    });
  }
  threads[0].join();
  threads[1].join();
  stop = true;
  for (size_t t = 2; t < threads.size(); ++t) threads[t].join();
  EXPECT_EQ(HouseholdCount(), 200);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(HouseholdImportTest, AYearIsOpenedDuringALongImport) {
  if (GetParam() == DatabaseKind::kSqlite) return;  // one writes at a time
  ImportAnswer answer;
  std::atomic<bool> over{false};
  std::thread import([this, &answer, &over] {
    answer = program_->Import("needyHouseholds", Households(15'000, true));
    over = true;
  });
  const std::string under_way =
      "SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p "
      "ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE() AND t.trx_rows_modified > 2500";
  const absl::Time end = absl::Now() + absl::Seconds(60);
  // What it shows is made anew only where nobody has asked for a tenth of a second.
  while (program_->Number(under_way) == 0 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(150));
  ASSERT_LT(absl::Now(), end) << "the import was over too soon";
  program_->SetYears({2017, 2018, 2019});
  EXPECT_FALSE(over) << "whoever opens a year, and everybody behind them, waited for the import";
  import.join();
  EXPECT_EQ(answer.Counts(), "15000 0 0 0 0 committed");
  EXPECT_EQ(program_->Verify(), 0);
}

// Whatever the file is, the server's memory, its disk, and on SQLite the writes of others come to no harm.
TEST_P(IndustryImportTest, AFileThatIsTooLargeIsRefusedWithWhatToDo) {
  const absl::FlagSaver saver;
  absl::SetFlag(&FLAGS_import_max_bytes, 3000);
  absl::SetFlag(&FLAGS_import_max_whole_bytes, 1000);
  absl::SetFlag(&FLAGS_import_max_rows, 60);
  BulkProgram program(industry::NewDefinition(), GetParam());
  for (int i = 0; i < 50; ++i) program.names().Add(absl::StrCat("villages/v", i));
  const auto expect_refused = [&](int rows, const ImportOptions& options, const char* what) {
    const absl::Status status = program.Import("collectiveIncomes", Incomes(rows), options).status;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    const auto violations = ViolationsOf(status);
    ASSERT_EQ(violations.size(), 1u);
    EXPECT_EQ(violations[0].reason(), error::v1::REASON_LENGTH);
    EXPECT_THAT(violations[0].message(), HasSubstr(what));
  };
  ImportOptions dry;
  dry.dry_run = true;
  expect_refused(60, ImportOptions(), "keep the good rows");
  expect_refused(60, dry, "keep the good rows");
  expect_refused(61, KeepGood(), "more than 60 rows");
  ImportOptions at_once = KeepGood();
  at_once.chunk = 100'000;
  expect_refused(90, at_once, "more than 3000 bytes");
  EXPECT_EQ(program.Number("SELECT COUNT(*) FROM collective_income"), 0);
  EXPECT_EQ(program.Import("collectiveIncomes", Incomes(20), ImportOptions()).Counts(), "20 0 0 0 0 committed");
  EXPECT_EQ(program.Import("collectiveIncomes", Incomes(60), KeepGood()).Counts(), "40 0 20 0 0 committed");
}

TEST_P(IndustryImportTest, ImportsAreForgottenAfterAWhile) {
  ASSERT_EQ(program_->Import("collectiveIncomes", Incomes(5), KeepGood("first")).Counts(), "5 0 0 0 0 committed");
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  ASSERT_OK(program_->host().engine().PruneLogs(absl::Now() - absl::Minutes(5), deadline));
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM bulk_import"), 1);
  ASSERT_OK(program_->host().engine().PruneLogs(absl::Now() + absl::Minutes(5), deadline));
  EXPECT_EQ(program_->Number("SELECT COUNT(*) FROM bulk_import"), 0);
}

class VillageImportTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override { JIEDUI_REQUIRE_DATABASE(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Databases, VillageImportTest, BothDatabases(), DatabaseName);

TEST_P(VillageImportTest, RowsMayReferToRowsBeforeThem) {
  BulkProgram program(village::NewDefinition(), GetParam());
  std::string csv =
      "name,code,display_name,level,parent\ndivisions/12,12,天津市,市,\ndivisions/120119,120119,蓟州区,区,divisions/"
      "12\n";
  for (int i = 0; i < 900; ++i) {
    const std::string code = absl::StrCat("120119", absl::Dec(i, absl::kZeroPad3));
    absl::StrAppend(&csv, "divisions/", code, ",", code, ",样例镇,DIVISION_LEVEL_TOWNSHIP,divisions/120119\n");
  }
  ImportOptions dry;
  dry.dry_run = true;
  EXPECT_EQ(program.Import("divisions", csv, dry).Counts(), "902 0 0 0 0 nothing");
  EXPECT_EQ(program.Import("divisions", csv).Counts(), "902 0 0 0 0 committed");
  const ImportAnswer wrong = program.Import("divisions",
                                            "name,code,display_name,level,parent\n"
                                            "divisions/x,120119999,y,镇(乡),divisions/12\n");
  EXPECT_THAT(wrong.Errors(), ElementsAre("2 parent RULE divisions/12"));
}

// What is recorded of a place changes the place as well, and that may be refused when the record is written already.
TEST_P(VillageImportTest, ARowThatIsRefusedHalfWayCostsNoOtherRow) {
  BulkProgram program(village::NewDefinition(), GetParam());
  std::string csv =
      "name,code,display_name,level,parent\ndivisions/12,12,天津市,市,\n"
      "divisions/120119,120119,蓟州区,区,divisions/12\n";
  std::string changes = "name,subject,kind,effective_date,code,display_name\n";
  for (int i = 0; i < 20; ++i) {
    const std::string code = absl::StrCat("120119", absl::Dec(100 + i, absl::kZeroPad3));
    absl::StrAppend(&csv, "divisions/", code, ",", code, ",样例镇,DIVISION_LEVEL_TOWNSHIP,divisions/120119\n");
    // Of the wrong length, taken, free.
    const std::string other = i == 3 ? "12011" : i == 11 ? "120119100" : absl::StrCat("120119", 500 + i);
    absl::StrAppend(&changes, "divisionChanges/c", i, ",divisions/", code, ",DIVISION_CHANGE_KIND_RECODED,2018-03-01,",
                    other, ",\n");
  }
  ASSERT_EQ(program.Import("divisions", csv).Counts(), "22 0 0 0 0 committed");
  // Row 2 frees the code that row 13 wants only where it is written.
  const std::string kept = absl::StrReplaceAll(changes, {{"120119500", "x"}});
  const auto expected = ElementsAre(HasSubstr("2 code"), HasSubstr("5 code"), HasSubstr("13 code"));
  ImportOptions dry;
  dry.dry_run = true;
  for (const ImportOptions& options : {dry, ImportOptions()}) {
    const ImportAnswer answer = program.Import("divisionChanges", kept, options);
    EXPECT_OK(answer.status);
    EXPECT_THAT(answer.Errors(), expected);
    EXPECT_EQ(answer.result.failed_count(), 3);
    EXPECT_FALSE(answer.result.committed());
  }
  EXPECT_EQ(program.Number("SELECT COUNT(*) FROM division_change"), 0);
  const ImportAnswer answer = program.Import("divisionChanges", kept, KeepGood("changes"));
  EXPECT_OK(answer.status);
  EXPECT_THAT(answer.Errors(), expected);
  EXPECT_EQ(answer.Counts(), "17 0 0 3 0 committed");
  EXPECT_EQ(program.Import("divisionChanges", kept, KeepGood("changes")).Counts(), "17 0 0 3 20 committed");
  EXPECT_EQ(program.Number("SELECT COUNT(*) FROM division_change"), 17);
  EXPECT_EQ(program.Number("SELECT COUNT(*) FROM division WHERE code LIKE '1201195%'"), 17);
  EXPECT_EQ(program.Verify(), 0);
}

// Whether a batch was committed is asked while its COMMIT may still be on its way.
TEST_P(VillageImportTest, ARecordThatIsBeingCommittedIsWaitedFor) {
  BulkProgram program(village::NewDefinition(), GetParam());
  const std::string key = bulk::ImportKey("users/test", "villages", "import");
  absl::Notification written, asked, committed;
  program.database().Write(
      {},
      [&](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_RETURN_IF_ERROR(bulk::RecordImport(transaction, key, 1, 0, {"hash", 7, {}}));
        if (!written.HasBeenNotified()) written.Notify();
        asked.WaitForNotificationWithTimeout(absl::Milliseconds(300));
        return absl::OkStatus();
      },
      [&committed](const absl::Status& status) {
        EXPECT_OK(status);
        committed.Notify();
      });
  written.WaitForNotification();
  std::optional<bulk::ImportRecord> record;
  EXPECT_OK(sql::WriteAndWait(program.database(), {}, [&](sql::Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(record, bulk::FindImportLocked(transaction, key));
    if (!asked.HasBeenNotified()) asked.Notify();
    return absl::OkStatus();
  }));
  committed.WaitForNotification();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->committed_rows, 7);
}

}  // namespace
}  // namespace jiedui
