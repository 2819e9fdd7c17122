#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
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
#include "services/infrastructure/definition.h"
#include "services/village/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using testing::Proto;
using testing::StatusIs;
using testing::TestProgram;
using ::testing::UnorderedElementsAre;

constexpr char kVillage[] = "villages/120119101201";
constexpr char kIncomes[] = "jiedui.industry.v1.IncomeService/";
constexpr char kProjects[] = "jiedui.industry.v1.ProjectService/";

std::vector<std::string> Fields(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(status)) {
    fields.push_back(absl::StrCat(violation.field(), " ", ReasonName(violation.reason())));
  }
  return fields;
}

class EngineTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    industry_ = std::make_unique<TestProgram>(industry::NewDefinition(), GetParam());
    industry_->names().Add(kVillage);
    industry_->names().Add("divisions/120119101");
  }

  industry::v1::CreateCollectiveIncomeRequest IncomeRequest(int64_t operating_fen, const std::string& id = "i-2018") {
    industry::v1::CreateCollectiveIncomeRequest request;
    request.set_collective_income_id(id);
    request.mutable_collective_income()->set_village(kVillage);
    request.mutable_collective_income()->set_year(2018);
    request.mutable_collective_income()->set_operating_income_fen(operating_fen);
    return request;
  }

  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response) {
    return industry_->Call(method, request, response);
  }

  std::unique_ptr<TestProgram> industry_;
};

INSTANTIATE_TEST_SUITE_P(Databases, EngineTest, BothDatabases(), DatabaseName);

class ProgramTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override { JIEDUI_REQUIRE_DATABASE(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Databases, ProgramTest, BothDatabases(), DatabaseName);

TEST_P(EngineTest, CreateFillsOutputFieldsAndGetReadsTheSame) {
  industry::v1::CollectiveIncome created, read;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(20'000'000), &created));
  EXPECT_EQ(created.name(), "collectiveIncomes/i-2018");
  EXPECT_EQ(created.author(), "users/test");
  EXPECT_EQ(created.total_income_fen(), 20'000'000);
  EXPECT_FALSE(created.etag().empty());
  resource::v1::GetRequest get;
  get.set_name(created.name());
  ASSERT_OK(Call(absl::StrCat(kIncomes, "GetCollectiveIncome"), get, &read));
  EXPECT_EQ(read.ShortDebugString(), created.ShortDebugString());
}

TEST_P(EngineTest, CreateListsEveryViolationAtOnceAndWritesNothing) {
  industry::v1::CreateIndustryProjectRequest request = Proto<industry::v1::CreateIndustryProjectRequest>(R"(
    industry_project {
      programme_year: 2031 kind: PROJECT_KIND_AGRICULTURE mode: PROJECT_MODE_BUNDLED site: "divisions/nowhere"
      planned_date: "2018-02-30" completed_date: "2018-05-01" budget_fen: -1
      participants { village: "villages/120119101201" share_ppm: 400000 }
    })");
  industry::v1::IndustryProject response;
  const absl::Status status = Call(absl::StrCat(kProjects, "CreateIndustryProject"), request, &response);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Fields(status),
              ::testing::IsSupersetOf({"industry_project.display_name REQUIRED",
                                       "industry_project.programme_year YEAR_NOT_OPEN",
                                       "industry_project.site DANGLING_REFERENCE",
                                       "industry_project.planned_date FORMAT", "industry_project.budget_fen RANGE",
                                       "industry_project.completed_date RULE", "industry_project.participants RULE"}));
  industry::v1::ListIndustryProjectsResponse list;
  ASSERT_OK(Call(absl::StrCat(kProjects, "ListIndustryProjects"), resource::v1::ListRequest(), &list));
  EXPECT_EQ(list.industry_projects_size(), 0);
}

// A client takes 4 MiB by default.
TEST_P(EngineTest, PagesOfLargeRecordsEndBeforeTheirNumber) {
  constexpr int kProjectCount = 1000;
  auto request = Proto<industry::v1::CreateIndustryProjectRequest>(R"(
    industry_project {
      display_name: "大棚" programme_year: 2018 kind: PROJECT_KIND_AGRICULTURE mode: PROJECT_MODE_VILLAGE
      site: "villages/120119101201" planned_date: "2018-01-05"
    })");
  for (int i = 0; i < 1024; ++i) absl::StrAppend(request.mutable_industry_project()->mutable_plan(), "𠮷");
  industry::v1::IndustryProject project;
  for (int i = 0; i < kProjectCount; ++i) {
    request.set_industry_project_id(absl::StrCat("p", i));
    ASSERT_OK(Call(absl::StrCat(kProjects, "CreateIndustryProject"), request, &project));
  }
  resource::v1::ListRequest list;
  list.set_page_size(1000);
  std::set<std::string> seen;
  int pages = 0;
  do {
    industry::v1::ListIndustryProjectsResponse page;
    ASSERT_OK(Call(absl::StrCat(kProjects, "ListIndustryProjects"), list, &page));
    EXPECT_GT(page.industry_projects_size(), 0);
    EXPECT_LT(page.ByteSizeLong(), size_t{4} << 20);
    for (const auto& each : page.industry_projects()) seen.insert(each.name());
    list.set_page_token(page.next_page_token());
    ++pages;
  } while (!list.page_token().empty() && pages < 10);
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(seen.size(), static_cast<size_t>(kProjectCount));
}

TEST_P(EngineTest, MeasuresFollowEveryWrite) {
  industry::v1::CollectiveIncome income;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(19'999'999), &income));
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income_nonzero"), 1);
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income_200k"), 0);

  industry::v1::UpdateCollectiveIncomeRequest update;
  *update.mutable_collective_income() = income;
  update.mutable_collective_income()->set_operating_income_fen(20'000'000);
  ASSERT_OK(Call(absl::StrCat(kIncomes, "UpdateCollectiveIncome"), update, &income));
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income_200k"), 1);
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income"), 20'000'000);
  EXPECT_EQ(industry_->Verify(), 0);

  resource::v1::DeleteRequest remove;
  remove.set_name(income.name());
  google::protobuf::Empty empty;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "DeleteCollectiveIncome"), remove, &empty));
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income"), 0);
  EXPECT_EQ(industry_->Verify(), 0);
}

TEST_P(EngineTest, UniqueKeyIsRefusedByName) {
  industry::v1::CollectiveIncome income;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(1, "a"), &income));
  const absl::Status status = Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(2, "b"), &income);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("village, year"));
  EXPECT_EQ(industry_->Verify(), 0);
}

TEST_P(EngineTest, StaleEtagIsAborted) {
  industry::v1::CollectiveIncome first, second;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(1), &first));
  industry::v1::UpdateCollectiveIncomeRequest update;
  *update.mutable_collective_income() = first;
  update.mutable_collective_income()->set_operating_income_fen(2);
  ASSERT_OK(Call(absl::StrCat(kIncomes, "UpdateCollectiveIncome"), update, &second));
  EXPECT_NE(second.etag(), first.etag());
  EXPECT_THAT(Call(absl::StrCat(kIncomes, "UpdateCollectiveIncome"), update, &second),
              StatusIs(absl::StatusCode::kAborted));
}

TEST_P(EngineTest, SameRequestIdGetsTheFirstAnswerAndAnotherBodyIsRefused) {
  industry::v1::CreateCollectiveIncomeRequest request = IncomeRequest(5);
  request.set_request_id("r1");
  industry::v1::CollectiveIncome first, again;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), request, &first));
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), request, &again));
  EXPECT_EQ(first.ShortDebugString(), again.ShortDebugString());
  request.mutable_collective_income()->set_operating_income_fen(6);
  const absl::Status status = Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), request, &again);
  EXPECT_THAT(Fields(status), UnorderedElementsAre("request_id REQUEST_ID_REUSED"));
}

TEST_P(EngineTest, ValidateOnlyAnswersAndWritesNothing) {
  industry::v1::CreateCollectiveIncomeRequest request = IncomeRequest(5);
  request.set_validate_only(true);
  industry::v1::CollectiveIncome income;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), request, &income));
  EXPECT_EQ(income.total_income_fen(), 5);
  resource::v1::GetRequest get;
  get.set_name(income.name());
  EXPECT_THAT(Call(absl::StrCat(kIncomes, "GetCollectiveIncome"), get, &income), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income"), 0);
}

TEST_P(EngineTest, ReferenceRecordedAMomentAgoIsFetched) {
  industry_->names().AddLater("villages/new");
  industry::v1::CreateCollectiveIncomeRequest request = IncomeRequest(5);
  request.mutable_collective_income()->set_village("villages/new");
  industry::v1::CollectiveIncome income;
  EXPECT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), request, &income));
}

TEST_P(EngineTest, BundledProjectCountsOnceAtItsTownshipAndShowsInItsVillages) {
  industry_->names().Add("villages/b");
  industry::v1::IndustryProject project;
  ASSERT_OK(Call(absl::StrCat(kProjects, "CreateIndustryProject"), Proto<industry::v1::CreateIndustryProjectRequest>(R"(
    industry_project_id: "p"
    industry_project {
      display_name: "大棚" programme_year: 2018 kind: PROJECT_KIND_AGRICULTURE mode: PROJECT_MODE_BUNDLED
      site: "divisions/120119101" planned_date: "2018-01-05" approved_date: "2018-02-01" started_date: "2018-03-01"
      start_evidence: "开工令" participants { village: "villages/120119101201" share_ppm: 400000 }
      participants { village: "villages/b" share_ppm: 600000 }
    })"),
                 &project));
  EXPECT_EQ(project.state(), industry::v1::PROJECT_STATE_STARTED);
  EXPECT_EQ(project.participants_size(), 2);
  EXPECT_EQ(industry_->Value(2018, "divisions/120119101", "projects_started"), 1);
  EXPECT_EQ(industry_->Value(2018, "villages/b", "project_participations"), 1);
  EXPECT_EQ(industry_->Verify(), 0);

  industry::v1::CancelIndustryProjectRequest cancel;
  cancel.set_name(project.name());
  cancel.set_cancelled_date("2018-04-01");
  cancel.set_cancel_reason("用地未落实");
  ASSERT_OK(Call(absl::StrCat(kProjects, "CancelIndustryProject"), cancel, &project));
  EXPECT_EQ(project.state(), industry::v1::PROJECT_STATE_CANCELLED);
  EXPECT_EQ(industry_->Value(2018, "divisions/120119101", "projects_started"), 0);
  EXPECT_EQ(industry_->Verify(), 0);
  EXPECT_THAT(Call(absl::StrCat(kProjects, "CancelIndustryProject"), cancel, &project),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(EngineTest, PagesCoverEverythingOnceAndTokensBelongToTheirQuery) {
  for (int i = 0; i < 25; ++i) {
    industry_->names().Add(absl::StrCat("villages/v", i));
    industry::v1::CreateCollectiveIncomeRequest request = IncomeRequest(i, absl::StrCat("i", i));
    request.mutable_collective_income()->set_village(absl::StrCat("villages/v", i));
    request.mutable_collective_income()->set_year(i % 2 == 0 ? 2017 : 2018);
    industry::v1::CollectiveIncome income;
    ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), request, &income));
  }
  resource::v1::ListRequest list;
  list.set_page_size(7);
  list.set_order_by("year desc, name");
  list.set_filter("operating_income_fen >= 3");
  std::vector<std::string> names;
  std::vector<int> years;
  std::string token;
  do {
    industry::v1::ListCollectiveIncomesResponse page;
    list.set_page_token(token);
    ASSERT_OK(Call(absl::StrCat(kIncomes, "ListCollectiveIncomes"), list, &page));
    for (const auto& income : page.collective_incomes()) {
      names.push_back(income.name());
      years.push_back(income.year());
    }
    if (token.empty()) {
      resource::v1::ListRequest other;
      other.set_page_token(page.next_page_token());
      industry::v1::ListCollectiveIncomesResponse ignored;
      EXPECT_THAT(Fields(Call(absl::StrCat(kIncomes, "ListCollectiveIncomes"), other, &ignored)),
                  UnorderedElementsAre("page_token PAGE_TOKEN"));
      std::string forged = page.next_page_token();
      forged.back() = forged.back() == 'A' ? 'B' : 'A';
      other = list;
      other.set_page_token(forged);
      EXPECT_THAT(Fields(Call(absl::StrCat(kIncomes, "ListCollectiveIncomes"), other, &ignored)),
                  UnorderedElementsAre("page_token PAGE_TOKEN"));
    }
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(names.size(), 22u);
  EXPECT_TRUE(std::is_sorted(years.rbegin(), years.rend()));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST_P(EngineTest, ClosedYearRefusesWritesAndKeepsItsFigures) {
  industry::v1::CollectiveIncome income;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(7), &income));
  industry_->SetYears({2019}, {2017, 2018});
  resource::v1::DeleteRequest remove;
  remove.set_name(income.name());
  google::protobuf::Empty empty;
  EXPECT_THAT(Fields(Call(absl::StrCat(kIncomes, "DeleteCollectiveIncome"), remove, &empty)),
              UnorderedElementsAre("year YEAR_NOT_OPEN"));
  EXPECT_EQ(industry_->Value(2018, kVillage, "operating_income"), 7);
  EXPECT_EQ(industry_->Verify(), 0);
}

// As in a group of writes that is run again: years are opened, the next write sees them, and then all of it is undone.
TEST_P(EngineTest, YearsSeenInATransactionThatWasRolledBackAreForgotten) {
  const absl::Status undone =
      sql::WriteAndWait(industry_->database(), {}, [&](sql::Transaction& transaction) -> absl::Status {
        auto advance = transaction.Prepare("UPDATE engine_state SET epoch = epoch + 1 WHERE id = 1");
        if (!advance.ok()) return advance.status();
        EXPECT_OK((*advance)->Execute());
        EXPECT_OK(industry_->host().engine().ReloadYears(transaction));
        return absl::CancelledError("undone");
      });
  EXPECT_THAT(undone, StatusIs(absl::StatusCode::kCancelled));
  industry::v1::CollectiveIncome income;
  EXPECT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(1), &income));
}

TEST_P(EngineTest, HistoryHoldsEveryChange) {
  industry::v1::CollectiveIncome income;
  ASSERT_OK(Call(absl::StrCat(kIncomes, "CreateCollectiveIncome"), IncomeRequest(1), &income));
  for (int i = 2; i <= 4; ++i) {
    industry::v1::UpdateCollectiveIncomeRequest update;
    update.mutable_collective_income()->set_name(income.name());
    update.mutable_collective_income()->set_operating_income_fen(i);
    ASSERT_OK(Call(absl::StrCat(kIncomes, "UpdateCollectiveIncome"), update, &income));
  }
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource(income.name());
  request.set_page_size(3);
  audit::v1::ListAuditEntriesResponse page;
  ASSERT_OK(Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &page));
  ASSERT_EQ(page.audit_entries_size(), 3);
  EXPECT_EQ(page.audit_entries(0).revision(), 4);
  EXPECT_EQ(page.audit_entries(0).principal(), "users/test");
  EXPECT_THAT(page.audit_entries(0).before_json(), ::testing::HasSubstr("\"operating_income_fen\":\"3\""));
  request.set_page_token(page.next_page_token());
  ASSERT_OK(Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &page));
}

TEST_P(ProgramTest, CountFollowsTheCountedResources) {
  TestProgram program(assistance::NewDefinition(), GetParam());
  program.names().Add(kVillage);
  assistance::v1::NeedyHousehold household;
  ASSERT_OK(program.Call("jiedui.assistance.v1.HouseholdService/CreateNeedyHousehold",
                         Proto<assistance::v1::CreateNeedyHouseholdRequest>(R"(
      needy_household_id: "h"
      needy_household { village: "villages/120119101201" display_name: "样例户主" kind: HOUSEHOLD_KIND_LOW_INCOME
                        member_count: 3 found_date: "2018-01-01" active_pairing_count: 9 })"),
                         &household));
  EXPECT_EQ(household.active_pairing_count(), 0);
  assistance::v1::HelperPairing pairing;
  ASSERT_OK(program.Call("jiedui.assistance.v1.HouseholdService/CreateHelperPairing",
                         Proto<assistance::v1::CreateHelperPairingRequest>(R"(
      helper_pairing { household: "needyHouseholds/h" helper_name: "样例党员" helper: "partyMembers/m" helper_kind: HELPER_KIND_PARTY_MEMBER
                       start_date: "2018-02-01" })"),
                         &pairing));
  EXPECT_EQ(program.Value(2018, kVillage, "needy_households_paired"), 1);
  assistance::v1::UpdateHelperPairingRequest end;
  end.mutable_helper_pairing()->set_name(pairing.name());
  end.mutable_helper_pairing()->set_end_date("2018-06-01");
  ASSERT_OK(program.Call("jiedui.assistance.v1.HouseholdService/UpdateHelperPairing", end, &pairing));
  EXPECT_EQ(program.Value(2018, kVillage, "needy_households_paired"), 0);
  EXPECT_EQ(program.Verify(), 0);
}

TEST(DefinitionTest, EveryMethodOfEveryProgramHasAHandler) {
  for (auto* definition : {&village::NewDefinition, &industry::NewDefinition, &infrastructure::NewDefinition,
                           &assistance::NewDefinition}) {
    TestProgram program(definition());
    EXPECT_OK(program.table().CheckComplete());
  }
}

// Creates, updates, moves and deletes from many threads at once: the kept figures equal the facts at the end.
TEST_P(ProgramTest, FiguresStayExactUnderManyWriters) {
  constexpr int kThreads = 8, kRounds = 60, kVillages = 20;
  TestProgram program(assistance::NewDefinition(), GetParam());
  for (int i = 0; i < kVillages; ++i) program.names().Add(absl::StrCat("villages/v", i));
  std::atomic<int> written{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&program, &written, t] {
      const std::string service = "jiedui.assistance.v1.HouseholdService/";
      for (int i = 0; i < kRounds; ++i) {
        assistance::v1::CreateNeedyHouseholdRequest create;
        create.mutable_needy_household()->set_village(absl::StrCat("villages/v", (t + i) % kVillages));
        create.mutable_needy_household()->set_display_name("样例");
        create.mutable_needy_household()->set_kind(assistance::v1::HOUSEHOLD_KIND_LOW_INCOME);
        create.mutable_needy_household()->set_member_count(1 + i % 5);
        create.mutable_needy_household()->set_found_date("2018-01-01");
        assistance::v1::NeedyHousehold household;
        if (!program.Call(service + "CreateNeedyHousehold", create, &household).ok()) continue;
        ++written;
        assistance::v1::CreateHelperPairingRequest pair;
        pair.mutable_helper_pairing()->set_household(household.name());
        pair.mutable_helper_pairing()->set_helper_name("样例");
        pair.mutable_helper_pairing()->set_helper("partyMembers/m");
        pair.mutable_helper_pairing()->set_helper_kind(assistance::v1::HELPER_KIND_PARTY_MEMBER);
        pair.mutable_helper_pairing()->set_start_date("2018-01-02");
        assistance::v1::HelperPairing pairing;
        EXPECT_OK(program.Call(service + "CreateHelperPairing", pair, &pairing));
        assistance::v1::UpdateNeedyHouseholdRequest move;
        move.mutable_needy_household()->set_name(household.name());
        move.mutable_needy_household()->set_village(absl::StrCat("villages/v", (t * 7 + i) % kVillages));
        EXPECT_OK(program.Call(service + "UpdateNeedyHousehold", move, &household));
        if (i % 3 != 0) continue;
        resource::v1::DeleteRequest remove;
        google::protobuf::Empty empty;
        remove.set_name(household.name());
        EXPECT_THAT(program.Call(service + "DeleteNeedyHousehold", remove, &empty),
                    StatusIs(absl::StatusCode::kFailedPrecondition));
        remove.set_name(pairing.name());
        EXPECT_OK(program.Call(service + "DeleteHelperPairing", remove, &empty));
        remove.set_name(household.name());
        EXPECT_OK(program.Call(service + "DeleteNeedyHousehold", remove, &empty));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(written, kThreads * kRounds);
  EXPECT_EQ(program.Verify(), 0);
}

}  // namespace
}  // namespace jiedui
