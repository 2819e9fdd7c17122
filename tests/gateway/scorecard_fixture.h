// The gateway as a whole, in process: its database, released targets, and fake services.

#ifndef JIEDUI_TESTS_GATEWAY_SCORECARD_FIXTURE_H_
#define JIEDUI_TESTS_GATEWAY_SCORECARD_FIXTURE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/resource/request_context.h"
#include "common/sql/database.h"
#include "gtest/gtest.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "services/gateway/gateway.h"
#include "tests/gateway/fake_executor.h"
#include "tests/gateway/fake_world.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"

namespace jiedui::gateway {

using ::jiedui::testing::FakeClients;
using ::jiedui::testing::FakeExecutor;
using ::jiedui::testing::FakeWorld;

class ScorecardTest : public ::testing::Test {
 protected:
  ScorecardTest() {
    sql::DatabaseOptions options;
    options.url = absl::StrCat("sqlite:", directory_.path(), "/gateway.db");
    database_ = *sql::OpenDatabase(options);
    gateway_ = *Gateway::Create();
    EXPECT_OK(gateway_->Migrate(*database_));
  }

  void Open() {
    GatewayOptions options;
    options.clients = clients_.clients();
    options.executor = executor_;
    options.clock = [this] { return executor_->Now() + later_; };
    options.today = today_;
    ASSERT_OK(gateway_->Open(database_.get(), std::move(options)));
    ASSERT_OK(gateway_->AddMethods(table_));
    ASSERT_OK(table_.CheckComplete());
  }
  template <typename Request, typename Response>
  absl::Status Call(const std::string& method, const Request& request, Response* response,
                    absl::Duration deadline = absl::Seconds(30)) {
    RequestContext context;
    context.method = method;
    context.deadline = executor_->Now() + deadline;
    context.principal = caller_;
    std::optional<absl::Status> result;
    table_.Find(method)->unary(context, request, response,
                               [&result](absl::Status status) { result = std::move(status); });
    if (!result.has_value()) executor_->Advance(deadline);
    return result.value_or(absl::UnknownError("not answered"));
  }
  // Of a method that the database answers on a thread of its own, in real time.
  template <typename Request, typename Response>
  absl::Status CallAndWait(const std::string& method, const Request& request, Response* response) {
    RequestContext context;
    context.method = method;
    context.deadline = absl::Now() + absl::Seconds(30);
    absl::Status result;
    absl::Notification finished;
    table_.Find(method)->unary(context, request, response, [&](absl::Status status) {
      result = std::move(status);
      finished.Notify();
    });
    finished.WaitForNotification();
    return result;
  }
  absl::StatusOr<v1::Scorecard> GetScorecard(const std::string& division = "", int year = 0) {
    v1::GetScorecardRequest request;
    request.set_division(division);
    request.set_year(year);
    v1::Scorecard card;
    const absl::Status status = Call("jiedui.gateway.v1.ScorecardService/GetScorecard", request, &card);
    if (!status.ok()) return status;
    return card;
  }
  absl::StatusOr<v1::ListFailingVillagesResponse> ListFailing(const std::string& target,
                                                              const std::string& division = "", int page_size = 0,
                                                              const std::string& token = "") {
    v1::ListFailingVillagesRequest request;
    request.set_target(target);
    request.set_division(division);
    request.set_page_size(page_size);
    request.set_page_token(token);
    v1::ListFailingVillagesResponse page;
    const absl::Status status = Call("jiedui.gateway.v1.ScorecardService/ListFailingVillages", request, &page);
    if (!status.ok()) return status;
    return page;
  }
  static const v1::ScorecardRow& RowOf(const v1::Scorecard& card, const std::string& id) {
    for (const v1::ScorecardRow& row : card.rows()) {
      if (row.target() == absl::StrCat("targets/2018-", id)) return row;
    }
    ADD_FAILURE() << "no row " << id;
    return card.rows(0);
  }
  // Two districts with two townships of three villages each, all in the programme.
  void AddVillages() {
    world_.AddPlace("12");
    for (const std::string district : {"120119", "120225"}) {
      world_.AddPlace(district);
      for (const std::string township : {"101", "102"}) {
        world_.AddPlace(district + township);
        for (const std::string village : {"201", "202", "203"}) {
          const std::string code = district + township + village;
          world_.AddPlace(code);
          villages_.push_back(FakeWorld::NameOf(code));
          for (const int year : {2017, 2018}) world_.Set(year, villages_.back(), "programme_villages", 1);
        }
      }
    }
  }

  Principal caller_;
  absl::Duration later_;
  std::optional<absl::CivilDay> today_;
  testing::TemporaryDirectory directory_;
  FakeWorld world_;
  std::vector<std::string> villages_;
  FakeClients clients_{&world_};
  std::shared_ptr<FakeExecutor> executor_ = std::make_shared<FakeExecutor>();
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Gateway> gateway_;
  server::MethodTable table_;
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_TESTS_GATEWAY_SCORECARD_FIXTURE_H_
