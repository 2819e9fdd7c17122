// Emergency relief: routed by amount, every step by somebody else, paid once from a fund that never goes below zero.

#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "jiedui/assistance/v1/relief.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

constexpr char kFund[] = "reliefFunds/f";

// Seconds of the storm; JIEDUI_TEST_SECONDS makes it longer.
int Seconds() {
  const char* text = getenv("JIEDUI_TEST_SECONDS");
  return text == nullptr ? 3 : std::max(1, atoi(text));
}

class ReliefTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(
        Create<v1::Person>("p", R"(village: "villages/v" display_name: "样例" citizen_number: "11010519491231002X")"));
    ASSERT_OK(Create<v1::ReliefFund>(
        "f", R"(division: "divisions/120119" display_name: "样例基金" established_date: "2018-01-01"
        township_limit_fen: 1000 district_limit_fen: 5000)"));
  }

  absl::StatusOr<v1::ReliefMovement> Move(const std::string& kind, int64_t amount_fen) {
    return Create<v1::ReliefMovement>(
        "", absl::StrCat("fund: \"", kFund, "\" movement_date: \"2018-02-01\" amount_fen: ", amount_fen,
                         " kind: RELIEF_MOVEMENT_KIND_", kind));
  }

  absl::StatusOr<v1::ReliefRequest> Request(int64_t amount_fen) {
    return Create<v1::ReliefRequest>("", absl::StrCat(R"(village: "villages/v" person: "persons/p" fund: "reliefFunds/f"
        cause: RELIEF_CAUSE_ACCIDENT description: "样例" occurred_date: "2018-03-01" amount_fen: )",
                                                      amount_fen));
  }

  absl::Status Step(const std::string& who, const std::string& rpc, const std::string& name,
                    const std::string& date = "2018-04-01", const std::string& reason = "") {
    resource::v1::TransitionRequest request;
    request.set_name(name);
    request.set_date(date);
    request.set_reason(reason);
    v1::ReliefRequest after;
    return CallAs({who}, rpc + "ReliefRequest", request, &after);
  }
  absl::Status Approve(const std::string& who, const std::string& level, const std::string& name,
                       const std::string& date = "2018-04-02") {
    resource::v1::TransitionRequest request;
    request.set_name(name);
    request.set_date(date);
    v1::ReliefRequest after;
    return CallAs({who}, "ApproveReliefRequestAt" + level, request, &after);
  }

  v1::ReliefRequest At(const std::string& name) { return Get<v1::ReliefRequest>(name); }
  int64_t Balance() { return Get<v1::ReliefFund>(kFund).balance_fen(); }
};

INSTANTIATE_TEST_SUITE_P(Databases, ReliefTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(ReliefTest, TheBalanceIsTheSumOfTheMovementsAndNeverBelowZero) {
  ASSERT_OK(Move("DEPOSIT", 700));
  EXPECT_EQ(Balance(), 700);
  const auto too_much = Move("WITHDRAWAL", 701);
  EXPECT_THAT(too_much, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(too_much.status().message()), HasSubstr("has 700 fen left"));
  ASSERT_OK(Move("WITHDRAWAL", 700));
  EXPECT_EQ(Balance(), 0);
  const auto request = Request(10);
  ASSERT_OK(request);
  EXPECT_THAT(Fields(Create<v1::ReliefMovement>(
                  "", absl::StrCat(R"(fund: "reliefFunds/f" movement_date: "2018-02-01" amount_fen: 10
      kind: RELIEF_MOVEMENT_KIND_PAYMENT request: ")",
                                   request->name(), "\""))),
              ElementsAre("relief_movement.kind RULE"));
}

TEST_P(ReliefTest, AFundIsClosedWhenItIsEmpty) {
  ASSERT_OK(Move("DEPOSIT", 5));
  EXPECT_THAT(Fields(Update<v1::ReliefFund>(kFund, "closed_date: \"2018-12-01\"")),
              ElementsAre("relief_fund.closed_date RULE"));
  ASSERT_OK(Move("WITHDRAWAL", 5));
  ASSERT_OK(Update<v1::ReliefFund>(kFund, "closed_date: \"2018-12-01\""));
  EXPECT_THAT(Fields(Move("DEPOSIT", 5)), ElementsAre("relief_movement.movement_date RULE"));
  EXPECT_THAT(Fields(Update<v1::ReliefFund>(kFund, "district_limit_fen: 999")),
              ElementsAre("relief_fund.district_limit_fen RULE"));
}

// Up to and including the limit of the township, of the district, above it.
TEST_P(ReliefTest, TheAmountSaysHowFarItGoes) {
  ASSERT_OK(Move("DEPOSIT", 100'000));
  struct Case {
    int64_t amount_fen;
    std::vector<std::string> levels;
  };
  for (const Case& each : std::vector<Case>{{1000, {"Township"}},
                                            {1001, {"Township", "District"}},
                                            {5000, {"Township", "District"}},
                                            {5001, {"Township", "District", "City"}}}) {
    const auto request = Request(each.amount_fen);
    ASSERT_OK(request);
    ASSERT_OK(Step("users/village", "Submit", request->name()));
    for (const std::string& level : each.levels) {
      EXPECT_THAT(Step("users/cashier", "Pay", request->name()), StatusIs(absl::StatusCode::kFailedPrecondition));
      for (const char* other : {"Township", "District", "City"}) {
        if (level != other) {
          EXPECT_THAT(Approve("users/other", other, request->name()), StatusIs(absl::StatusCode::kFailedPrecondition));
        }
      }
      ASSERT_OK(Approve("users/" + level, level, request->name()));
    }
    const int64_t before = Balance();
    ASSERT_OK(Step("users/cashier", "Pay", request->name(), "2018-04-11"));
    EXPECT_EQ(Balance(), before - each.amount_fen);
    EXPECT_EQ(At(request->name()).settle_days(), 10);
    EXPECT_THAT(Step("users/cashier", "Pay", request->name(), "2018-04-11"),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
  EXPECT_EQ(program_->Value(2018, "villages/v", "relief_cases"), 4);
  EXPECT_EQ(program_->Value(2018, "villages/v", "relief_settled"), 4);
  EXPECT_EQ(program_->Value(2018, "villages/v", "relief_settle_days"), 40);
  EXPECT_EQ(program_->Verify(), 0);
}

// 各区要设立社会救助基金.
TEST_P(ReliefTest, AFundIsADistrictsAndPaysForItsVillages) {
  const std::string fund = R"(display_name: "样例基金" established_date: "2018-01-01" division: )";
  for (const char* other : {"\"divisions/12\"", "\"divisions/120119901\""}) {
    EXPECT_THAT(Fields(Create<v1::ReliefFund>("g", fund + other)), ElementsAre("relief_fund.division RULE"));
  }
  ASSERT_OK(Create<v1::ReliefFund>("g", fund + "\"divisions/120118\""));
  const std::string text = R"(village: "villages/v" person: "persons/p" cause: RELIEF_CAUSE_ACCIDENT description: "样例"
      occurred_date: "2018-03-01" amount_fen: 5 fund: )";
  const auto other = Create<v1::ReliefRequest>("r", text + "\"reliefFunds/g\"");
  EXPECT_THAT(Fields(other), ElementsAre("relief_request.fund RULE"));
  EXPECT_THAT(std::string(other.status().message()), HasSubstr("divisions/120118"));
  ASSERT_OK(Create<v1::ReliefRequest>("r", text + "\"reliefFunds/f\""));
  EXPECT_THAT(Fields(Update<v1::ReliefRequest>("reliefRequests/r", "fund: \"reliefFunds/g\"")),
              ElementsAre("relief_request.fund RULE"));
}

// Also when somebody else submits what they wrote.
TEST_P(ReliefTest, WhoWroteARequestNeitherApprovesNorPaysIt) {
  ASSERT_OK(Move("DEPOSIT", 100'000));
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
  const auto request = Request(900);  // by users/test
  ASSERT_OK(request);
  v1::UpdateReliefRequestRequest update;
  update.mutable_relief_request()->set_name(request->name());
  update.mutable_relief_request()->set_amount_fen(950);
  v1::ReliefRequest updated;
  ASSERT_OK(CallAs({"users/editor"}, "UpdateReliefRequest", update, &updated));
  ASSERT_OK(Step("users/clerk", "Submit", request->name()));
  for (const char* who : {"users/test", "users/editor", "users/clerk"}) {
    EXPECT_THAT(Approve(who, "Township", request->name()), refused) << who;
  }
  ASSERT_OK(Approve("users/b", "Township", request->name()));
  for (const char* who : {"users/test", "users/editor"}) {
    EXPECT_THAT(Step(who, "Pay", request->name(), "2018-04-05"), refused) << who;
  }
  ASSERT_OK(Step("users/e", "Pay", request->name(), "2018-04-05"));
}

Principal Somebody(const std::string& id, options::v1::Role role, options::v1::Level level) {
  return {id, "", {role}, level};
}

// Otherwise whoever may write to the fund sends any amount past those who decide, or takes the money itself.
TEST_P(ReliefTest, AFundIsReviewedByTheDistrictOrTheCity) {
  ASSERT_OK(Move("DEPOSIT", 1000));
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
  v1::UpdateReliefFundRequest update;
  update.mutable_relief_fund()->set_name(kFund);
  v1::CreateReliefMovementRequest movement;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(fund: "reliefFunds/f" kind: RELIEF_MOVEMENT_KIND_WITHDRAWAL movement_date: "2018-03-01" amount_fen: 10)",
      movement.mutable_relief_movement()));
  const auto change_limits = [&](const Principal& who) {
    update.mutable_relief_fund()->set_district_limit_fen(update.relief_fund().district_limit_fen() + 10'000);
    v1::ReliefFund after;
    return CallAs(who, "UpdateReliefFund", update, &after);
  };
  const auto withdraw = [&](const Principal& who) {
    v1::ReliefMovement made;
    return CallAs(who, "CreateReliefMovement", movement, &made);
  };
  const Principal clerk = Somebody("users/clerk", options::v1::ROLE_EDITOR, options::v1::LEVEL_VILLAGE);
  for (const Principal& who : {clerk, Somebody("users/d", options::v1::ROLE_EDITOR, options::v1::LEVEL_DISTRICT),
                               Somebody("users/t", options::v1::ROLE_REVIEWER, options::v1::LEVEL_TOWNSHIP)}) {
    const absl::Status limits = change_limits(who);
    EXPECT_THAT(limits, refused) << who.id;
    EXPECT_THAT(std::string(limits.message()), HasSubstr("reviewer of the district or the city"));
    EXPECT_THAT(withdraw(who), refused) << who.id;
  }
  for (const Principal& who :
       {Somebody("users/d", options::v1::ROLE_REVIEWER, options::v1::LEVEL_DISTRICT),
        Somebody("users/c", options::v1::ROLE_ADMINISTRATOR, options::v1::LEVEL_CITY), Principal{"users/unknown"}}) {
    EXPECT_OK(change_limits(who)) << who.id;
    EXPECT_OK(withdraw(who)) << who.id;
    EXPECT_EQ(Get<v1::ReliefFund>(kFund).limits_author(), who.id);
  }
  // What else there is to a fund, a clerk writes.
  v1::UpdateReliefFundRequest rename;
  rename.mutable_relief_fund()->set_name(kFund);
  rename.mutable_relief_fund()->set_display_name("样例二");
  v1::ReliefFund after;
  EXPECT_OK(CallAs(clerk, "UpdateReliefFund", rename, &after));
  EXPECT_EQ(Get<v1::ReliefFund>(kFund).limits_author(), "users/unknown");
  v1::CreateReliefFundRequest create;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(division: "divisions/120118" display_name: "样例基金" established_date: "2018-01-01" district_limit_fen: 7)",
      create.mutable_relief_fund()));
  EXPECT_THAT(CallAs(clerk, "CreateReliefFund", create, &after), refused);
  create.mutable_relief_fund()->clear_district_limit_fen();
  EXPECT_OK(CallAs(clerk, "CreateReliefFund", create, &after)) << "everything goes to the city";
}

TEST_P(ReliefTest, WhoSetTheLimitsSubmitsNothing) {
  v1::UpdateReliefFundRequest update;
  update.mutable_relief_fund()->set_name(kFund);
  update.mutable_relief_fund()->set_township_limit_fen(4000);
  v1::ReliefFund fund;
  const Principal both{
      "users/x", "", {options::v1::ROLE_EDITOR, options::v1::ROLE_REVIEWER}, options::v1::LEVEL_DISTRICT};
  ASSERT_OK(CallAs(both, "UpdateReliefFund", update, &fund));
  const auto request = Request(3000);
  ASSERT_OK(request);
  resource::v1::TransitionRequest submit;
  submit.set_name(request->name());
  submit.set_date("2018-04-01");
  v1::ReliefRequest after;
  EXPECT_THAT(CallAs(both, "SubmitReliefRequest", submit, &after), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(CallAs(Somebody("users/clerk", options::v1::ROLE_EDITOR, options::v1::LEVEL_VILLAGE), "SubmitReliefRequest",
                   submit, &after));
}

// A request is decided, sent back and paid where it is.
TEST_P(ReliefTest, AnotherLevelNeitherRejectsNorReturnsNorPays) {
  ASSERT_OK(Move("DEPOSIT", 100'000));
  const auto request = Request(6000);
  ASSERT_OK(request);
  ASSERT_OK(Step("users/a", "Submit", request->name()));
  ASSERT_OK(Approve("users/b", "Township", request->name()));
  ASSERT_OK(Approve("users/c", "District", request->name()));
  resource::v1::TransitionRequest step;
  step.set_name(request->name());
  step.set_date("2018-04-03");
  step.set_reason("样例");
  v1::ReliefRequest after;
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
  for (const auto level : {options::v1::LEVEL_VILLAGE, options::v1::LEVEL_TOWNSHIP, options::v1::LEVEL_DISTRICT}) {
    for (const char* rpc : {"RejectReliefRequest", "ReturnReliefRequest"}) {
      EXPECT_THAT(CallAs(Somebody("users/r", options::v1::ROLE_REVIEWER, level), rpc, step, &after), refused) << rpc;
    }
  }
  ASSERT_OK(Approve("users/d", "City", request->name()));
  for (const auto level : {options::v1::LEVEL_VILLAGE, options::v1::LEVEL_TOWNSHIP, options::v1::LEVEL_CITY}) {
    EXPECT_THAT(CallAs(Somebody("users/e", options::v1::ROLE_EDITOR, level), "PayReliefRequest", step, &after),
                refused);
    EXPECT_THAT(CallAs(Somebody("users/r", options::v1::ROLE_REVIEWER, level), "ReturnReliefRequest", step, &after),
                refused);
  }
  ASSERT_OK(CallAs(Somebody("users/r", options::v1::ROLE_REVIEWER, options::v1::LEVEL_DISTRICT), "ReturnReliefRequest",
                   step, &after));
  EXPECT_EQ(after.state(), v1::RELIEF_STATE_DRAFT);
}

TEST_P(ReliefTest, WhatWasSubmittedIsNotDeleted) {
  const auto request = Request(900);
  ASSERT_OK(request);
  ASSERT_OK(Step("users/a", "Submit", request->name()));
  EXPECT_THAT(Delete<v1::ReliefRequest>(request->name()), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Step("users/b", "Return", request->name(), "2018-04-02", "样例"));
  EXPECT_THAT(Delete<v1::ReliefRequest>(request->name()), StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto draft = Request(900);
  ASSERT_OK(draft);
  ASSERT_OK(Delete<v1::ReliefRequest>(draft->name()));
}

TEST_P(ReliefTest, NobodyDoesTwoSteps) {
  ASSERT_OK(Move("DEPOSIT", 100'000));
  const auto request = Request(6000);
  ASSERT_OK(request);
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
  ASSERT_OK(Step("users/a", "Submit", request->name()));
  EXPECT_THAT(Approve("users/a", "Township", request->name()), refused);
  EXPECT_THAT(Step("users/a", "Return", request->name(), "2018-04-02", "样例"), refused);
  ASSERT_OK(Approve("users/b", "Township", request->name()));
  for (const char* who : {"users/a", "users/b"}) EXPECT_THAT(Approve(who, "District", request->name()), refused);
  ASSERT_OK(Approve("users/c", "District", request->name()));
  for (const char* who : {"users/a", "users/b", "users/c"}) EXPECT_THAT(Approve(who, "City", request->name()), refused);
  ASSERT_OK(Approve("users/d", "City", request->name()));
  for (const char* who : {"users/a", "users/b", "users/c", "users/d"}) {
    EXPECT_THAT(Step(who, "Pay", request->name(), "2018-04-05"), refused);
  }
  ASSERT_OK(Step("users/e", "Pay", request->name(), "2018-04-05"));
  EXPECT_EQ(Balance(), 94'000);
}

TEST_P(ReliefTest, WhatWasSubmittedCannotBeChangedUntilItIsReturned) {
  ASSERT_OK(Move("DEPOSIT", 100'000));
  const auto request = Request(900);
  ASSERT_OK(request);
  ASSERT_OK(Step("users/a", "Submit", request->name()));
  EXPECT_THAT(Update<v1::ReliefRequest>(request->name(), "amount_fen: 9000"),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  // The limits of the fund change; the request goes the way it had when it was submitted.
  ASSERT_OK(Update<v1::ReliefFund>(kFund, "township_limit_fen: 100"));
  EXPECT_EQ(At(request->name()).required_level(), v1::RELIEF_LEVEL_TOWNSHIP);
  ASSERT_OK(Step("users/b", "Return", request->name(), "2018-04-02", "样例"));
  EXPECT_EQ(At(request->name()).submitted_date(), "");
  ASSERT_OK(Update<v1::ReliefRequest>(request->name(), "amount_fen: 9000"));
  EXPECT_EQ(At(request->name()).required_level(), v1::RELIEF_LEVEL_CITY);
}

// Clerks, approvers and cashiers at random on few requests and a fund that is often empty.
TEST_P(ReliefTest, AStormOfStepsPaysNothingTwiceAndLeavesNoDebt) {
  constexpr int kThreads = 12;
  constexpr int kRequests = 60;
  constexpr const char* kPeople[] = {"users/a", "users/b", "users/c", "users/d", "users/e", "users/f"};
  std::vector<std::string> names;
  std::mt19937 dice(1);
  for (int i = 0; i < kRequests; ++i) {
    const auto request = Request(1 + static_cast<int64_t>(dice() % 8000));
    ASSERT_OK(request);
    names.push_back(request->name());
  }
  ASSERT_OK(Move("DEPOSIT", 20'000));
  const absl::Time end = absl::Now() + absl::Seconds(Seconds());
  std::atomic<int64_t> deposited{20'000}, steps{0};
  std::atomic<bool> debt{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 own(static_cast<uint32_t>(t + 10));
      while (absl::Now() < end) {
        const std::string& name = names[own() % names.size()];
        const std::string who = kPeople[own() % 6];
        absl::Status status;
        switch (own() % 12) {
          case 0:
            status = Move("DEPOSIT", 3000).status();
            if (status.ok()) deposited += 3000;
            break;
          case 1:
            status = Move("WITHDRAWAL", 1000).status();
            if (status.ok()) deposited -= 1000;
            break;
          case 2:
            status = Step(who, "Return", name, "", "样例");
            break;
          case 3:
          case 4:
            status = Step(who, "Submit", name, "");
            break;
          case 5:
          case 6:
            status = Approve(who, "Township", name, "");
            break;
          case 7:
            status = Approve(who, "District", name, "");
            break;
          case 8:
            status = Approve(who, "City", name, "");
            break;
          default:
            status = Step(who, "Pay", name, "");
            break;
        }
        if (status.ok()) ++steps;
        EXPECT_TRUE(status.ok() || absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status) ||
                    absl::IsInvalidArgument(status))
            << status;
        debt = debt || Balance() < 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(debt);
  EXPECT_GT(steps, 100);

  // The fund holds what was put in less what the paid requests say, each of them paid by one movement.
  int64_t paid = 0;
  int count = 0;
  for (const std::string& name : names) {
    const v1::ReliefRequest request = At(name);
    if (request.state() != v1::RELIEF_STATE_PAID) continue;
    paid += request.amount_fen();
    ++count;
  }
  EXPECT_GT(count, 0);
  EXPECT_EQ(Balance(), deposited - paid);
  EXPECT_EQ(
      Number(absl::StrCat("SELECT COUNT(*) FROM relief_movement WHERE kind = ", v1::RELIEF_MOVEMENT_KIND_PAYMENT)),
      count);
  // Nobody approved or paid what they had submitted, or paid what they had approved.
  EXPECT_EQ(Number("SELECT COUNT(*) FROM workflow_transition a JOIN workflow_transition b ON a.resource = b.resource "
                   "AND a.actor = "
                   "b.actor AND a.sequence > b.sequence WHERE (b.rpc = 'SubmitReliefRequest' AND (a.rpc LIKE "
                   "'Approve%' OR a.rpc = "
                   "'PayReliefRequest')) OR (b.rpc LIKE 'Approve%' AND a.rpc = 'PayReliefRequest')"),
            0);
  EXPECT_EQ(program_->Verify(), 0);
}

}  // namespace
}  // namespace jiedui::assistance
