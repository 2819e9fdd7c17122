// Money is meant for projects that are there, and goes to none that is cancelled: of this program and of another.

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/industry/allocation_check.h"
#include "tests/industry/fund_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::industry {
namespace {

using testing::BothDatabases;
using testing::DatabaseName;
using testing::StatusIs;

class FundAllocationTest : public FundFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, FundAllocationTest, BothDatabases(), DatabaseName);

// An allocation to a project of another program.
TEST_P(FundAllocationTest, MoneyMovesOnceTheOtherProgramHasConfirmedTheProject) {
  AddSource("s");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 100, "s"));
  for (const char* id : {"there", "missing", "cancelled"}) AllocateToConstruction(id);
  std::map<std::string, ProjectAnswer> answers = {{"constructionProjects/there", {Standing::kThere, kVillage}},
                                                  {"constructionProjects/missing", {Standing::kMissing, ""}},
                                                  {"constructionProjects/cancelled", {Standing::kCancelled, kVillage}}};
  bool down = true;
  const AskProject ask = [&](const std::string& project, absl::Time) -> absl::StatusOr<ProjectAnswer> {
    if (down) return absl::UnavailableError("down");
    return answers.at(project);
  };
  store::Engine& engine = program_->host().engine();
  EXPECT_THAT(CheckAllocations(engine, ask), StatusIs(absl::StatusCode::kUnavailable));
  for (const char* id : {"there", "missing", "cancelled"}) {
    EXPECT_EQ(GetAllocation(id).state(), v1::ALLOCATION_STATE_PENDING);
    const absl::Status refused = Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 1, "s", id);
    ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(ViolationsOf(refused)[0].field(), "fund_movement.allocation");
  }
  down = false;
  ASSERT_OK(CheckAllocations(engine, ask));
  EXPECT_EQ(GetAllocation("there").state(), v1::ALLOCATION_STATE_CONFIRMED);
  EXPECT_EQ(GetAllocation("missing").state(), v1::ALLOCATION_STATE_REJECTED);
  EXPECT_EQ(GetAllocation("missing").rejection(), "项目不存在");
  EXPECT_EQ(GetAllocation("cancelled").rejection(), "项目已取消");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 40, "s", "there"));
  EXPECT_THAT(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 1, "s", "missing"), StatusIs(absl::StatusCode::kInvalidArgument));

  v1::RecheckFundAllocationRequest recheck;
  recheck.set_name("fundAllocations/there");
  v1::FundAllocation allocation;
  EXPECT_THAT(Call("RecheckFundAllocation", recheck, &allocation), StatusIs(absl::StatusCode::kFailedPrecondition));
  recheck.set_name("fundAllocations/missing");
  ASSERT_OK(Call("RecheckFundAllocation", recheck, &allocation));
  EXPECT_EQ(allocation.state(), v1::ALLOCATION_STATE_PENDING);
  EXPECT_EQ(allocation.rejection(), "");
  answers["constructionProjects/missing"] = {Standing::kThere, kVillage};
  ASSERT_OK(CheckAllocations(engine, ask));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 60, "s", "missing"));
  // An update leaves the state as it is.
  v1::UpdateFundAllocationRequest update;
  *update.mutable_fund_allocation() = GetAllocation("there");
  update.mutable_fund_allocation()->set_note("备注");
  ASSERT_OK(Call("UpdateFundAllocation", update, &allocation));
  EXPECT_EQ(allocation.state(), v1::ALLOCATION_STATE_CONFIRMED);
  ExpectConserved();
}

TEST_P(FundAllocationTest, NoMoneyGoesToACancelledProject) {
  AddSource("s");
  AddAllocation("a", "s");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 100, "s"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 60, "s", "a"));
  v1::FundMovement paid, reversal;
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 30, "s", "a"));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 10, "s", "a", &paid));
  ASSERT_OK(Cancel("a"));
  EXPECT_EQ(GetAllocation("a").state(), v1::ALLOCATION_STATE_FROZEN);
  EXPECT_EQ(GetAllocation("a").rejection(), "项目已取消");
  for (const auto kind : {v1::FUND_MOVEMENT_KIND_ALLOCATION, v1::FUND_MOVEMENT_KIND_DISBURSEMENT}) {
    const absl::Status refused = MoveOn("2018-06-02", kind, 1, "s", "a");
    ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_EQ(ViolationsOf(refused)[0].field(), "fund_movement.allocation");
  }
  // What is there comes back.
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_REFUND, 30, "s", "a"));
  ASSERT_OK(Reverse(paid.name(), &reversal));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_RETURN, 60, "s", "a"));
  EXPECT_EQ(LeftIn(Move(v1::FUND_MOVEMENT_KIND_RETURN, 1, "s", "a")), "0");
  EXPECT_EQ(Balance("fundSources/s", v1::FUND_ACCOUNT_KIND_AVAILABLE), 100);
  v1::RecheckFundAllocationRequest recheck;
  recheck.set_name("fundAllocations/a");
  v1::FundAllocation allocation;
  EXPECT_THAT(Call("RecheckFundAllocation", recheck, &allocation), StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectConserved();
}

TEST_P(FundAllocationTest, WhatWentToAProjectByTheDayOfItsCancellationIsRecordedAfterwardsToo) {
  AddSource("s");
  AddProject("a");
  ASSERT_OK(Cancel("a"));  // on 2018-06-01
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 100, "s"));
  ASSERT_OK(Allocate("a", "a", "s"));
  EXPECT_EQ(GetAllocation("a").state(), v1::ALLOCATION_STATE_FROZEN);
  EXPECT_EQ(GetAllocation("a").rejection(), "项目已取消");
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(MoveOn("2018-06-02", v1::FUND_MOVEMENT_KIND_ALLOCATION, 60, "s", "a"), refused);
  ASSERT_OK(MoveOn("2018-06-01", v1::FUND_MOVEMENT_KIND_ALLOCATION, 60, "s", "a"));
  v1::FundMovement paid, reversal;
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 40, "s", "a", &paid));
  EXPECT_EQ(LeftIn(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 40, "s", "a")), "20");
  ASSERT_OK(Reverse(paid.name(), &reversal)) << "by mistake";
  EXPECT_THAT(MoveOn("2018-06-02", v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 40, "s", "a"), refused);
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 40, "s", "a"));
  ASSERT_OK(MoveOn("2018-07-01", v1::FUND_MOVEMENT_KIND_REFUND, 40, "s", "a"));
  ASSERT_OK(MoveOn("2018-07-02", v1::FUND_MOVEMENT_KIND_RETURN, 60, "s", "a"));
  EXPECT_EQ(Balance("fundSources/s", v1::FUND_ACCOUNT_KIND_AVAILABLE), 100);
  // What else is changed leaves it frozen.
  v1::UpdateFundAllocationRequest update;
  *update.mutable_fund_allocation() = GetAllocation("a");
  update.mutable_fund_allocation()->set_disburse_by("2018-09-30");
  v1::FundAllocation allocation;
  ASSERT_OK(Call("UpdateFundAllocation", update, &allocation));
  EXPECT_EQ(allocation.state(), v1::ALLOCATION_STATE_FROZEN);
  EXPECT_THAT(MoveOn("2018-06-02", v1::FUND_MOVEMENT_KIND_ALLOCATION, 1, "s", "a"), refused);
  ExpectConserved();
}

TEST_P(FundAllocationTest, ProjectsOfAnotherProgramAreAskedForAgainAndOneOddOneStopsNobody) {
  AddSource("s");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, 100, "s"));
  for (const char* id : {"a-bad", "b-odd", "c-away", "d-good"}) AllocateToConstruction(id);
  Standing standing = Standing::kThere;
  const AskProject ask = [&](const std::string& project, absl::Time) -> absl::StatusOr<ProjectAnswer> {
    if (project == "constructionProjects/a-bad") return absl::InvalidArgumentError("no such name");
    if (project == "constructionProjects/b-odd") return absl::InternalError("broken");
    if (project == "constructionProjects/c-away") return ProjectAnswer{Standing::kThere, "villages/away"};
    return ProjectAnswer{standing, kVillage};
  };
  program_->names().Add("divisions/12");
  program_->names().Add("divisions/120118", "divisions/12");
  program_->names().Add("villages/away", "divisions/120118");
  store::Engine& engine = program_->host().engine();
  EXPECT_THAT(CheckAllocations(engine, ask), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(GetAllocation("a-bad").state(), v1::ALLOCATION_STATE_REJECTED);
  EXPECT_EQ(GetAllocation("b-odd").state(), v1::ALLOCATION_STATE_PENDING);
  EXPECT_EQ(GetAllocation("c-away").state(), v1::ALLOCATION_STATE_REJECTED);
  EXPECT_EQ(GetAllocation("d-good").state(), v1::ALLOCATION_STATE_CONFIRMED);
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, 40, "s", "d-good"));
  ASSERT_OK(RecheckAllocations(engine, ask));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 20, "s", "d-good"));
  standing = Standing::kCancelled;
  ASSERT_OK(RecheckAllocations(engine, ask));
  EXPECT_EQ(GetAllocation("d-good").state(), v1::ALLOCATION_STATE_FROZEN);
  EXPECT_THAT(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 1, "s", "d-good"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_RETURN, 5, "s", "d-good"));
  // Asked for again it stays frozen, until the project is there again.
  v1::RecheckFundAllocationRequest recheck;
  recheck.set_name("fundAllocations/d-good");
  v1::FundAllocation allocation;
  for (const Standing each : {Standing::kMissing, Standing::kThere}) {
    standing = each;
    ASSERT_OK(Call("RecheckFundAllocation", recheck, &allocation));
    EXPECT_THAT(CheckAllocations(engine, ask), StatusIs(absl::StatusCode::kInternal));
    EXPECT_EQ(GetAllocation("d-good").state(),
              each == Standing::kThere ? v1::ALLOCATION_STATE_CONFIRMED : v1::ALLOCATION_STATE_FROZEN);
  }
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, 1, "s", "d-good"));
  ExpectConserved();
}

TEST_P(FundAllocationTest, ADistrictIsADistrictAndHasTheProject) {
  program_->names().Add("divisions/12");
  program_->names().Add(kDistrict, "divisions/12");
  program_->names().Add("divisions/120118", "divisions/12");
  program_->names().Add("divisions/120119101", kDistrict);
  program_->names().Add(kVillage, "divisions/120119101");
  program_->names().Add("villages/away", "divisions/120118");
  AddSource("s");
  AddProject("p");
  for (const char* place : {"divisions/12", "divisions/120119101", "divisions/120118"}) {
    const absl::Status refused = Allocate("a", "p", "s", "2018-06-30", place);
    ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << place;
    for (const auto& violation : ViolationsOf(refused)) EXPECT_EQ(violation.field(), "fund_allocation.district");
  }
  ASSERT_OK(Allocate("a", "p", "s"));
  v1::UpdateIndustryProjectRequest move;
  move.mutable_industry_project()->set_name("industryProjects/p");
  move.mutable_industry_project()->set_site("villages/away");
  move.mutable_update_mask()->add_paths("site");
  v1::IndustryProject moved;
  const absl::Status refused = program_->Call("jiedui.industry.v1.ProjectService/UpdateIndustryProject", move, &moved);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument)) << "its money is of the other district";
  EXPECT_EQ(ViolationsOf(refused)[0].field(), "industry_project.site");
}

// Who allocates and pays, and who cancels or removes the project at the same time.
TEST_P(FundAllocationTest, WhoeverComesFirstNoMoneyIsMeantForWhatIsGoneNorGoesToWhatIsCancelled) {
  constexpr int kProjects = 24;
  AddSource("s");
  ASSERT_OK(Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, kMillion, "s"));
  for (int i = 0; i < kProjects; ++i) AddProject(absl::StrCat("p", i));
  std::atomic<int> ready{0};
  const auto start_together = [&ready](int round) {
    ++ready;
    while (ready < 2 * (round + 1)) std::this_thread::yield();
  };
  std::vector<std::string> allocated;
  std::map<std::string, int64_t> when_cancelled;
  std::thread payer([&] {
    for (int i = 0; i < kProjects; ++i) {
      const std::string id = absl::StrCat("p", i);
      start_together(i);
      if (!Allocate(id, id, "s").ok()) continue;
      allocated.push_back(id);
      for (int n = 0; n < 3; ++n) (void)MoveOn("2018-06-02", v1::FUND_MOVEMENT_KIND_ALLOCATION, 10, "s", id);
    }
  });
  for (int i = 0; i < kProjects; ++i) {
    const std::string id = absl::StrCat("p", i);
    start_together(i);
    if (i % 2 == 0) {
      EXPECT_OK(Cancel(id));
      when_cancelled[id] = Balances()[id];  // from here on nothing goes there
      continue;
    }
    resource::v1::DeleteRequest remove;
    remove.set_name("industryProjects/" + id);
    google::protobuf::Empty empty;
    (void)program_->Call("jiedui.industry.v1.ProjectService/DeleteIndustryProject", remove, &empty);
  }
  payer.join();
  std::map<std::string, int64_t> balances = Balances();
  for (const auto& [id, fen] : when_cancelled) {
    if (balances.contains(id)) {
      EXPECT_EQ(GetAllocation(id).state(), v1::ALLOCATION_STATE_FROZEN);
    }
    EXPECT_EQ(balances[id], fen) << id;
  }
  for (const std::string& id : allocated) {
    resource::v1::GetRequest get;
    get.set_name("industryProjects/" + id);
    v1::IndustryProject project;
    EXPECT_OK(program_->Call("jiedui.industry.v1.ProjectService/GetIndustryProject", get, &project));
    EXPECT_EQ(project.allocation_count(), 1);
  }
  ExpectConserved();
}

}  // namespace
}  // namespace jiedui::industry
