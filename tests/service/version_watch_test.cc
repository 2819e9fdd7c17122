#include "common/service/version_watch.h"

#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/measure/measure_set.h"
#include "gtest/gtest.h"
#include "services/village/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::service {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using testing::Proto;
using testing::TestProgram;

constexpr char kSync[] = "jiedui.village.v1.DirectoryService/SyncDirectory";

class VersionWatchTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<TestProgram>(village::NewDefinition(), GetParam());
  }

  village::v1::SyncDirectoryResponse Sync(const village::v1::SyncDirectoryRequest& request) {
    village::v1::SyncDirectoryResponse response;
    EXPECT_OK(program_->Call(kSync, request, &response));
    return response;
  }
  // Asks what changes after `held`, and waits for it.
  void SyncLater(const village::v1::SyncDirectoryResponse& held, int wait_millis) {
    waiting_.set_database_id(held.database_id());
    waiting_.set_version_sum(held.version_sum());
    waiting_.set_wait_millis(wait_millis);
    context_.deadline = absl::Now() + absl::Seconds(60);
    program_->table().Find(kSync)->unary(context_, waiting_, &later_, [this](absl::Status status) {
      EXPECT_OK(status);
      answered_.Notify();
    });
  }

  RequestContext context_;
  village::v1::SyncDirectoryRequest waiting_;
  village::v1::SyncDirectoryResponse later_;
  absl::Notification answered_;
  std::unique_ptr<TestProgram> program_;  // answers into what is above
};

INSTANTIATE_TEST_SUITE_P(Databases, VersionWatchTest, BothDatabases(), DatabaseName);

TEST_P(VersionWatchTest, AnAnswerWaitsForAChangeOfTheDirectory) {
  const auto held = Sync({});
  SyncLater(held, 30'000);
  EXPECT_FALSE(answered_.WaitForNotificationWithTimeout(absl::Milliseconds(400)));
  // A year is part of it.
  village::v1::ProgrammeYear year;
  ASSERT_OK(program_->Call("jiedui.village.v1.DivisionService/CreateProgrammeYear",
                           Proto<village::v1::CreateProgrammeYearRequest>(
                               R"(programme_year { year: 2030 state: YEAR_STATE_OPEN } programme_year_id: "2030")"),
                           &year));
  ASSERT_TRUE(answered_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_TRUE(later_.versions_wanted());
  EXPECT_GT(later_.version_sum(), held.version_sum());
}

TEST_P(VersionWatchTest, WhatIsKnownToHaveChangedIsToldAtOnce) {
  auto held = Sync({});
  held.set_version_sum(held.version_sum() - 1);
  SyncLater(held, 30'000);
  EXPECT_TRUE(answered_.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

TEST_P(VersionWatchTest, AnAnswerWaitsNoLongerThanItWasTold) {
  SyncLater(Sync({}), 300);
  ASSERT_TRUE(answered_.WaitForNotificationWithTimeout(absl::Seconds(10)));
  EXPECT_FALSE(later_.versions_wanted());
  EXPECT_EQ(later_.shards_size(), 0);
}

TEST_P(VersionWatchTest, AProgramThatStopsKeepsNobodyWaiting) {
  const auto held = Sync({});
  SyncLater(held, 30'000);
  program_->host().Drain();
  EXPECT_TRUE(answered_.WaitForNotificationWithTimeout(absl::Seconds(10)));
}

}  // namespace
}  // namespace jiedui::service
