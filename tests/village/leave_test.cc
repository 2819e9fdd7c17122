// Leave of cadres.

#include <atomic>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/leave.pb.h"
#include "jiedui/village/v1/unit.pb.h"
#include "tests/village/step_test.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using village::v1::CadreLeave;

class LeaveTest : public StepTest {
 protected:
  void SetUp() override {
    StepTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(Create<village::v1::AssistanceUnit>(
        "u", R"(code: "91350100M000100Y43" display_name: "样例单位" kind: UNIT_KIND_CITY_ORGAN
        start_date: "2017-08-01")"));
    ASSERT_OK(Create<village::v1::Cadre>("c", R"(display_name: "驻村甲" unit: "assistanceUnits/u")"));
    ASSERT_OK(Create<village::v1::CadrePosting>("p", absl::StrCat("village: \"", kVillage, R"(" cadre: "cadres/c"
        role: CADRE_ROLE_LEADER start_date: "2017-09-01" end_date: "2018-10-01")")));
  }

  absl::StatusOr<CadreLeave> Ask(const std::string& id, const std::string& from, const std::string& to,
                                 const std::string& village = kVillage) {
    return Create<CadreLeave>(
        id, absl::StrCat("cadre: \"cadres/c\" village: \"", village, "\" purpose: \"探亲\" start_date: \"", from,
                         "\" end_date: \"", to, "\""));
  }
  absl::Status Request(const std::string& id) {
    return Step<CadreLeave>("RequestLeave", "cadreLeaves/" + id, R"(date: "2018-06-07")", "users/cadre").status();
  }
  absl::Status Approve(const std::string& id) {
    return Step<CadreLeave>("ApproveLeave", "cadreLeaves/" + id, R"(date: "2018-06-08")", "users/leader").status();
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, LeaveTest, BothDatabases(), DatabaseName);

TEST_P(LeaveTest, LeaveIsApprovedByAnotherAndEndsInTheVillage) {
  const auto leave = Ask("a", "2018-06-11", "2018-06-15");
  ASSERT_OK(leave);
  EXPECT_EQ(leave->day_count(), 5);
  EXPECT_THAT(Step<CadreLeave>("ApproveLeave", "cadreLeaves/a"), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Step<CadreLeave>("RequestLeave", "cadreLeaves/a", R"(date: "2018-06-07")", "users/cadre"));
  EXPECT_THAT(Step<CadreLeave>("ApproveLeave", "cadreLeaves/a", "", "users/cadre"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Ask("b", "2018-06-15", "2018-06-20"));
  ASSERT_OK(Step<CadreLeave>("RequestLeave", "cadreLeaves/b", R"(date: "2018-06-07")", "users/cadre"));
  // Of two leaves at the same time one is approved.
  std::atomic<int> approved{0};
  InParallel(6, [&](int i) {
    approved += Step<CadreLeave>("ApproveLeave", i % 2 == 0 ? "cadreLeaves/a" : "cadreLeaves/b",
                                 R"(date: "2018-06-08")", "users/leader")
                    .ok();
  });
  EXPECT_EQ(approved, 1);
  const bool first = Get<CadreLeave>("cadreLeaves/a")->state() == village::v1::CADRE_LEAVE_STATE_APPROVED;
  const std::string name = first ? "cadreLeaves/a" : "cadreLeaves/b";
  EXPECT_THAT(Violated(Step<CadreLeave>("ReturnFromLeave", name, R"(date: "2018-06-09")").status()),
              ElementsAre("date RULE"));
  const auto back = Step<CadreLeave>("ReturnFromLeave", name, R"(date: "2018-06-16")");
  ASSERT_OK(back);
  EXPECT_EQ(back->returned_date(), "2018-06-16");
  EXPECT_EQ(CheckHistories(*program_, "cadreLeaves"), 4);
}

TEST_P(LeaveTest, WhoIsBackEarlierOrLaterIsOnLeaveUntilThen) {
  ASSERT_OK(Ask("a", "2018-06-11", "2018-06-20"));
  ASSERT_OK(Request("a"));
  ASSERT_OK(Approve("a"));
  ASSERT_OK(Step<CadreLeave>("ReturnFromLeave", "cadreLeaves/a", R"(date: "2018-06-14")"));
  ASSERT_OK(Ask("overlapping", "2018-06-13", "2018-06-13"));
  ASSERT_OK(Request("overlapping"));
  EXPECT_THAT(Violated(Approve("overlapping")), ElementsAre("start_date RULE"));
  ASSERT_OK(Ask("again", "2018-06-14", "2018-06-15"));
  ASSERT_OK(Request("again"));
  ASSERT_OK(Approve("again"));
  ASSERT_OK(Step<CadreLeave>("ReturnFromLeave", "cadreLeaves/again", R"(date: "2018-06-18")"));
  ASSERT_OK(Ask("late", "2018-06-17", "2018-06-19"));
  ASSERT_OK(Request("late"));
  EXPECT_THAT(Violated(Approve("late")), ElementsAre("start_date RULE"));
}

TEST_P(LeaveTest, LeaveIsFromTheVillageOfThePosting) {
  ASSERT_OK(Ask("elsewhere", "2018-06-11", "2018-06-12", kOther));
  EXPECT_THAT(Violated(Request("elsewhere")), ElementsAre("village RULE"));
  ASSERT_OK(Ask("a", "2018-09-30", "2018-10-01"));
  EXPECT_THAT(Violated(Request("a")), ElementsAre("village RULE"));
  ASSERT_OK(Update<CadreLeave>("cadreLeaves/a", R"(end_date: "2018-09-30")"));
  EXPECT_OK(Request("a"));
}

TEST_P(LeaveTest, LeaveIsRefusedOrCancelledWithAReason) {
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_OK(Ask(id, "2018-06-11", "2018-06-12"));
    ASSERT_OK(Request(id));
  }
  EXPECT_THAT(Violated(Step<CadreLeave>("RefuseLeave", "cadreLeaves/a", "", "users/leader").status()),
              ElementsAre("reason REQUIRED"));
  EXPECT_THAT(Step<CadreLeave>("RefuseLeave", "cadreLeaves/a", R"(reason: "防汛")", "users/cadre"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  const auto refused = Step<CadreLeave>("RefuseLeave", "cadreLeaves/a", R"(reason: "防汛")", "users/leader");
  ASSERT_OK(refused);
  EXPECT_EQ(refused->state(), village::v1::CADRE_LEAVE_STATE_REFUSED);
  EXPECT_EQ(refused->approver(), "users/leader");
  EXPECT_THAT(Approve("a"), StatusIs(absl::StatusCode::kFailedPrecondition));
  // Before and after it is approved; then the days are free.
  ASSERT_OK(Step<CadreLeave>("CancelLeave", "cadreLeaves/b", R"(reason: "不去了")", "users/cadre"));
  ASSERT_OK(Approve("c"));
  EXPECT_THAT(Violated(Step<CadreLeave>("CancelLeave", "cadreLeaves/c", "", "users/cadre").status()),
              ElementsAre("reason REQUIRED"));
  ASSERT_OK(Step<CadreLeave>("CancelLeave", "cadreLeaves/c", R"(reason: "不去了")", "users/cadre"));
  ASSERT_OK(Ask("d", "2018-06-11", "2018-06-12"));
  ASSERT_OK(Request("d"));
  EXPECT_OK(Approve("d"));
}

}  // namespace
}  // namespace jiedui::testing
