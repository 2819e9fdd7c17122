// Money is conserved: nothing is made, lost or paid twice, whoever moves it at the same time.

#include <atomic>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "tests/industry/fund_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::industry {
namespace {

using testing::BothDatabases;
using testing::DatabaseName;
using testing::Proto;
using testing::StatusIs;
using testing::TestProgram;

constexpr int kThreads = 32;
constexpr int kSources = 2;
constexpr int kAllocations = 6;

class FundLedgerTest : public FundFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, FundLedgerTest, BothDatabases(), DatabaseName);

TEST_P(FundLedgerTest, MoneyTakesItsWayAndComesBack) {
  AddSource("s");
  AddAllocation("a", "s");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 10 * kMillion, "s"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 7 * kMillion, "s", "a"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 5 * kMillion, "s", "a"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_REFUND, kMillion, "s", "a"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_RETURN, 2 * kMillion, "s", "a"));
  EXPECT_EQ(Balance("fundSources/s", v1::FUND_ACCOUNT_KIND_EXTERNAL), -10 * kMillion);
  EXPECT_EQ(Balance("fundSources/s", v1::FUND_ACCOUNT_KIND_AVAILABLE), 5 * kMillion);
  EXPECT_EQ(Balance("fundAllocations/a", v1::FUND_ACCOUNT_KIND_UNDISBURSED), kMillion);
  EXPECT_EQ(Balance("fundAllocations/a", v1::FUND_ACCOUNT_KIND_DISBURSED), 4 * kMillion);
  ExpectConserved();
}

TEST_P(FundLedgerTest, AnOverdraftIsRefusedWithWhatIsLeft) {
  AddSource("s");
  AddAllocation("a", "s");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 1'000'000'000'000'000, "s"));
  const absl::Status refused = Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 1, "s", "a");
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(refused), error::v1::REASON_STATE);
  EXPECT_EQ(LeftIn(refused), "0");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 999'999'999'999'999, "s", "a"));
  EXPECT_EQ(LeftIn(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 2, "s", "a")), "1");
  EXPECT_THAT(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 1'000'000'000'000'001, "s"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ExpectConserved();
}

TEST_P(FundLedgerTest, AMovementIsReversedOnceAndNeverChanged) {
  AddSource("s");
  AddAllocation("a", "s");
  v1::FundMovement given, reversal, again;
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 50, "s", "", &given));
  v1::ReverseFundMovementRequest by_viewer;
  by_viewer.set_name(given.name());
  EXPECT_THAT(program_->Call(absl::StrCat(kFunds, "ReverseFundMovement"), by_viewer, &reversal,
                             {"users/viewer", "", {options::v1::ROLE_VIEWER}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 30, "s", "a"));
  const absl::Status spent = Reverse(given.name(), &reversal);
  EXPECT_THAT(spent, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(LeftIn(spent), "20");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_RETURN, 30, "s", "a"));
  ASSERT_OK(Reverse(given.name(), &reversal));
  EXPECT_EQ(reversal.reverses(), given.name());
  EXPECT_EQ(reversal.from_account(), given.to_account());
  EXPECT_EQ(Balance("fundSources/s", v1::FUND_ACCOUNT_KIND_AVAILABLE), 0);
  EXPECT_THAT(Reverse(given.name(), &again), StatusIs(absl::StatusCode::kAlreadyExists)) << "not that nothing is left";
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 50, "s"));
  EXPECT_THAT(Reverse(given.name(), &again), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Reverse(reversal.name(), &again), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(program_->table().Find(absl::StrCat(kFunds, "UpdateFundMovement")), nullptr);
  EXPECT_EQ(program_->table().Find(absl::StrCat(kFunds, "DeleteFundMovement")), nullptr);
  ExpectConserved();
}

TEST_P(FundLedgerTest, AMovementKeepsToItsSourceYearAndKind) {
  AddSource("s");
  AddSource("other");
  AddAllocation("a", "s");
  v1::CreateFundMovementRequest request = Movement(v1::FUND_MOVEMENT_KIND_ALLOCATION, 1, "other", "a");
  request.mutable_fund_movement()->set_movement_date("2017-05-01");
  v1::FundMovement movement;
  const absl::Status status = Call("CreateFundMovement", request, &movement);
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(status)) fields.push_back(violation.field());
  EXPECT_THAT(fields, ::testing::UnorderedElementsAre("fund_movement.allocation", "fund_movement.movement_date"));
  EXPECT_THAT(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 1, "s"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 1, "s", "a"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(FundLedgerTest, ReportsAndOverdueLists) {
  AddSource("s");
  AddSource("c", v1::FUND_LEVEL_CENTRAL);
  AddAllocation("late", "s");
  AddAllocation("later", "s", "2018-12-31");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 90, "s"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 5, "c"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 20, "s", "late"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 10, "s", "later"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 10, "s", "late"));
  v1::FundReport report;
  ASSERT_OK(Call("GetFundReport", v1::GetFundReportRequest(), &report));
  report.clear_as_of_date();
  report.clear_overdue_disbursements();
  report.clear_overdue_count();
  report.clear_overdue_fen();
  EXPECT_EQ(report.ShortDebugString(), Proto<v1::FundReport>(R"(
    levels { level: FUND_LEVEL_CENTRAL appropriated_fen: 5 available_fen: 5 }
    levels { level: FUND_LEVEL_CITY appropriated_fen: 90 available_fen: 60 allocated_fen: 30 disbursed_fen: 10 execution_ppm: 333333 }
    uses { level: FUND_LEVEL_CITY district: "divisions/120119" purpose: FUND_PURPOSE_INFRASTRUCTURE allocated_fen: 30 disbursed_fen: 10
           execution_ppm: 333333 })")
                                           .ShortDebugString());
  resource::v1::ListRequest overdue;
  overdue.set_filter("kind = FUND_ACCOUNT_KIND_UNDISBURSED AND balance_fen > 0 AND disburse_by < \"2018-09-01\"");
  v1::ListFundAccountsResponse accounts;
  ASSERT_OK(Call("ListFundAccounts", overdue, &accounts));
  ASSERT_EQ(accounts.fund_accounts_size(), 1);
  EXPECT_EQ(accounts.fund_accounts(0).owner(), "fundAllocations/late");
  EXPECT_EQ(accounts.fund_accounts(0).balance_fen(), 10);

  v1::CreateAuditFindingRequest finding;
  *finding.mutable_audit_finding() = Proto<v1::AuditFinding>(R"(
    fund_source: "fundSources/s" allocation: "fundAllocations/late" severity: FINDING_SEVERITY_MAJOR description: "凭证不全"
    found_date: "2018-08-01" rectify_by: "2018-08-31")");
  v1::AuditFinding found;
  ASSERT_OK(Call("CreateAuditFinding", finding, &found));
  v1::GetFundReportRequest of_day;
  of_day.set_programme_year(2018);
  of_day.set_as_of_date("2018-09-01");
  ASSERT_OK(Call("GetFundReport", of_day, &report));
  ASSERT_EQ(report.overdue_disbursements_size(), 1);
  EXPECT_EQ(report.overdue_disbursements(0).allocation(), "fundAllocations/late");
  EXPECT_EQ(report.overdue_disbursements(0).project(), "industryProjects/late");
  EXPECT_EQ(report.overdue_disbursements(0).days_overdue(), 63);
  EXPECT_EQ(report.overdue_fen(), 10);
  ASSERT_EQ(report.unrectified_findings_size(), 1);
  EXPECT_EQ(report.unrectified_findings(0).days_overdue(), 1);
  v1::UpdateAuditFindingRequest rectify;
  *rectify.mutable_audit_finding() = found;
  rectify.mutable_audit_finding()->set_rectified_date("2018-09-02");
  rectify.mutable_audit_finding()->set_rectification("已补齐");
  ASSERT_OK(Call("UpdateAuditFinding", rectify, &found));
  ASSERT_OK(Call("GetFundReport", of_day, &report));
  EXPECT_EQ(report.unrectified_count(), 1) << "on that day it was not put right";
  of_day.set_as_of_date("2018-09-02");
  ASSERT_OK(Call("GetFundReport", of_day, &report));
  EXPECT_EQ(report.unrectified_count(), 0);
  of_day.set_as_of_date("2018-09-31");
  EXPECT_THAT(Call("GetFundReport", of_day, &report), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(FundLedgerTest, SumsAreRightOrRefusedAndAWrongBalanceIsFound) {
  constexpr int kMany = 10;
  for (int i = 0; i < kMany; ++i) AddSource(absl::StrCat("s", i));
  AddAllocation("a", "s0");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 100, "s0"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 60, "s0", "a"));
  EXPECT_THAT(Move(v1::FUND_MOVEMENT_KIND_RETURN, std::numeric_limits<int64_t>::min(), "s0", "a"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  v1::VerifyFundAccountsResponse verified;
  ASSERT_OK(Call("VerifyFundAccounts", v1::VerifyFundAccountsRequest(), &verified));
  EXPECT_EQ(verified.account_count(), 2 * kMany + 2);
  EXPECT_EQ(verified.movement_count(), 2);
  EXPECT_EQ(verified.difference_count(), 0);
  sql::WriteOptions options;
  options.deadline = absl::Now() + absl::Seconds(20);
  ASSERT_OK(
      sql::WriteAndWait(program_->database(), std::move(options), [](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(
            sql::Statement * update,
            transaction.Prepare("UPDATE fund_account SET balance_fen = -1000000000000000000 WHERE kind = 1"));
        return update->Execute().status();
      }));
  v1::FundReport report;
  const absl::Status refused = Call("GetFundReport", v1::GetFundReportRequest(), &report);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kOutOfRange));
  EXPECT_EQ(ReasonOf(refused), error::v1::REASON_RANGE);
  ASSERT_OK(Call("VerifyFundAccounts", v1::VerifyFundAccountsRequest(), &verified));
  EXPECT_EQ(verified.difference_count(), kMany);
  ASSERT_EQ(verified.differences_size(), kMany);
  EXPECT_EQ(verified.differences(0).owner(), "fundSources/s0");
  EXPECT_EQ(verified.differences(0).kind(), v1::FUND_ACCOUNT_KIND_EXTERNAL);
  EXPECT_EQ(verified.differences(0).movements_fen(), -100);
}

// One of the writers: random movements over two hot sources, each sent with a request_id, some of them twice.
class Writer {
 public:
  Writer(TestProgram& program, int number) : program_(program), number_(number), random_(number) {}

  void Run(absl::Time end) {
    for (int i = 0; absl::Now() < end; ++i) {
      v1::CreateFundMovementRequest request = Next();
      request.set_request_id(absl::StrCat("w", number_, "-", i));
      v1::FundMovement first, second;
      const absl::Status status = Send(request, &first);
      if (!status.ok()) {
        ++refused_;
        EXPECT_THAT(status, ::testing::AnyOf(StatusIs(absl::StatusCode::kFailedPrecondition),
                                             StatusIs(absl::StatusCode::kAborted)));
        continue;
      }
      acknowledged_.push_back(first.name());
      if (Below(4) != 0) continue;
      if (Send(request, &second).ok()) {
        EXPECT_EQ(second.name(), first.name());
      }
    }
  }

  const std::vector<std::string>& acknowledged() const { return acknowledged_; }
  int refused() const { return refused_; }

 private:
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_() % bound); }

  absl::Status Send(const v1::CreateFundMovementRequest& request, v1::FundMovement* movement) {
    return program_.Call(absl::StrCat(kFunds, "CreateFundMovement"), request, movement);
  }

  v1::CreateFundMovementRequest Next() {
    v1::CreateFundMovementRequest request;
    v1::FundMovement& movement = *request.mutable_fund_movement();
    const auto kind = static_cast<v1::FundMovementKind>(1 + Below(5));
    const uint32_t allocation = Below(kAllocations);
    movement.set_kind(kind);
    movement.set_year(2018);
    movement.set_movement_date("2018-05-01");
    movement.set_fund_source(absl::StrCat("fundSources/s", allocation % kSources));
    if (kind != v1::FUND_MOVEMENT_KIND_APPROPRIATION)
      movement.set_allocation(absl::StrCat("fundAllocations/a", allocation));
    movement.set_amount_fen(1 + Below(1000));
    return request;
  }

  TestProgram& program_;
  const int number_;
  std::mt19937_64 random_;
  std::vector<std::string> acknowledged_;
  int refused_ = 0;
};

TEST_P(FundLedgerTest, ManyWritersConserveEveryFen) {
  for (int i = 0; i < kSources; ++i) AddSource(absl::StrCat("s", i));
  for (int i = 0; i < kAllocations; ++i) AddAllocation(absl::StrCat("a", i), absl::StrCat("s", i % kSources));
  std::vector<Writer> writers;
  for (int i = 0; i < kThreads; ++i) writers.emplace_back(*program_, i);
  const absl::Time end = absl::Now() + absl::Seconds(4);
  std::atomic<bool> done = false;
  int snapshots = 0;
  std::thread reader([&] {
    while (!done) {
      ExpectConserved();
      ++snapshots;
    }
  });
  std::vector<std::thread> threads;
  for (Writer& writer : writers) threads.emplace_back([&writer, end] { writer.Run(end); });
  for (std::thread& thread : threads) thread.join();
  done = true;
  reader.join();
  ExpectConserved();

  size_t acknowledged = 0;
  int refused = 0;
  std::set<std::string> names;
  for (const Writer& writer : writers) {
    acknowledged += writer.acknowledged().size();
    refused += writer.refused();
    names.insert(writer.acknowledged().begin(), writer.acknowledged().end());
  }
  EXPECT_EQ(names.size(), acknowledged);
  EXPECT_GT(acknowledged, 100);
  EXPECT_GT(refused, 0);
  EXPECT_GT(snapshots, 1);
  RecordProperty("movements", static_cast<int>(acknowledged));
  RecordProperty("refused", refused);
  RecordProperty("snapshots", snapshots);
  int64_t recorded = 0;
  ASSERT_OK(sql::ReadAndWait(
      program_->database(), absl::InfiniteFuture(), [&](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare("SELECT COUNT(*) FROM fund_movement"));
        JIEDUI_RETURN_IF_ERROR(row->Step().status());
        recorded = row->Int(0);
        return absl::OkStatus();
      }));
  // An ABORTED answer wrote nothing: what was acknowledged is there once, and nothing else.
  EXPECT_EQ(recorded, static_cast<int64_t>(acknowledged));
}

}  // namespace
}  // namespace jiedui::industry
