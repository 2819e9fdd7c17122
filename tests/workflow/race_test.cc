// Many clients take random steps, legal and illegal, on the same few resources at once: no illegal state is ever stored, and
// every history is complete and ordered. JIEDUI_TEST_SECONDS lengthens the run.

#include <stdlib.h>

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"
#include "tests/workflow/application.h"
#include "tests/workflow/history_check.h"

namespace jiedui {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using testing::kApplicationService;

constexpr int kClients = 16;
constexpr int kApplications = 6;

absl::Duration RunTime() {
  const char* seconds = getenv("JIEDUI_TEST_SECONDS");
  return absl::Seconds(seconds == nullptr ? 3 : atoi(seconds));
}

bool IsRefusal(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsPermissionDenied(status) || absl::IsInvalidArgument(status) ||
         absl::IsAborted(status);
}

class WorkflowRaceTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<testing::TestProgram>(testing::NewApplicationDefinition(), GetParam());
    program_->names().Add("villages/v1");
    for (int i = 0; i < kApplications; ++i) {
      testing::v1::CreateApplicationRequest request;
      request.set_application_id(absl::StrCat("a", i));
      request.mutable_application()->set_village("villages/v1");
      request.mutable_application()->set_amount(i % 2 == 0 ? 500 : 5000);
      testing::v1::Application created;
      ASSERT_OK(program_->Call(absl::StrCat(kApplicationService, "CreateApplication"), request, &created));
    }
  }

  absl::Status RandomStep(std::mt19937& dice) {
    const std::string name = absl::StrCat("applications/a", dice() % kApplications);
    const Principal who = {absl::StrCat("users/u", dice() % 4)};
    testing::v1::Application after;
    switch (dice() % 8) {
      case 0: {
        testing::v1::UpdateApplicationRequest update;
        update.mutable_application()->set_name(name);
        update.mutable_application()->set_amount(1 + dice() % 3000);
        update.mutable_update_mask()->add_paths("amount");
        return program_->Call(absl::StrCat(kApplicationService, "UpdateApplication"), update, &after, who);
      }
      case 1:
      case 2:
      case 3: {
        testing::v1::SubmitApplicationRequest submit;
        submit.set_name(name);
        submit.set_document(absl::StrCat("d", dice() % 100));
        return program_->Call(absl::StrCat(kApplicationService, "SubmitApplication"), submit, &after, who);
      }
      case 4: {
        resource::v1::TransitionRequest approve;
        approve.set_name(name);
        // Seldom: an approved application moves no more.
        approve.set_validate_only(dice() % 50 != 0);
        return program_->Call(absl::StrCat(kApplicationService, "ApproveApplication"), approve, &after, who);
      }
      default: {
        resource::v1::TransitionRequest back;
        back.set_name(name);
        if (dice() % 10 != 0) back.set_reason("补充材料");
        return program_->Call(absl::StrCat(kApplicationService, "ReturnApplication"), back, &after, who);
      }
    }
  }

  std::unique_ptr<testing::TestProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, WorkflowRaceTest, BothDatabases(), DatabaseName);

TEST_P(WorkflowRaceTest, RandomStepsLeaveOnlyLegalHistories) {
  const absl::Time end = absl::Now() + RunTime();
  std::atomic<int> taken{0}, refused{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([this, i, end, &taken, &refused] {
      std::mt19937 dice(static_cast<uint32_t>(i + 1));
      while (absl::Now() < end) {
        const absl::Status status = RandomStep(dice);
        if (status.ok()) {
          ++taken;
        } else if (IsRefusal(status)) {
          ++refused;
        } else {
          ADD_FAILURE() << status;
          return;
        }
      }
    });
  }
  for (std::thread& client : clients) client.join();
  RecordProperty("taken", taken);
  RecordProperty("refused", refused);
  EXPECT_GT(taken, kClients);
  EXPECT_GT(refused, kClients);
  EXPECT_GT(testing::CheckHistories(*program_, "applications"), kClients);
}

}  // namespace
}  // namespace jiedui
