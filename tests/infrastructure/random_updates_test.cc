// Ten thousand random updates of lines, toilets and clean-ups from many threads: the figures hold at any moment.

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "jiedui/infrastructure/v1/power.pb.h"
#include "jiedui/infrastructure/v1/sanitation.pb.h"
#include "tests/infrastructure/infrastructure_program.h"

namespace jiedui::infrastructure {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;

constexpr int kThreads = 16;
constexpr int kUpdates = 10'000;
constexpr int kRecords = 60;  // of each kind
constexpr int kVillages = 12;

class RandomUpdatesTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<InfrastructureProgram>(GetParam());
    for (int i = 0; i < kVillages; ++i) program_->names().Add(absl::StrCat("villages/v", i));
    for (int i = 0; i < kRecords; ++i) {
      ASSERT_OK(CreateLine(i));
      ASSERT_OK(CreateToilets(i));
      ASSERT_OK(CreateCleanUp(i));
    }
  }

  absl::Status CreateLine(int i) {
    return program_->Do<v1::CreatePowerLineRequest, v1::PowerLine>(
        "PowerService/CreatePowerLine",
        absl::StrCat("power_line_id: 'l", i, "' power_line { site: 'villages/v", i % kVillages,
                     "' year: ", 2017 + i % 2,
                     " display_name: '线路' voltage: VOLTAGE_10KV planned_metres: 9000 started_date: '2017-02-01' }"));
  }
  absl::Status CreateToilets(int i) {
    return program_->Do<v1::CreateToiletRenovationRequest, v1::ToiletRenovation>(
        "SanitationService/CreateToiletRenovation",
        absl::StrCat("toilet_renovation_id: 't", i, "' toilet_renovation { village: 'villages/v", i % kVillages,
                     "' year: ", 2017 + i % 2, " batch: '", i, "' planned_count: 900 }"));
  }
  absl::Status CreateCleanUp(int i) {
    return program_->Do<v1::CreateCleanUpRequest, v1::CleanUp>(
        "SanitationService/CreateCleanUp",
        absl::StrCat("clean_up_id: 'c", i, "' clean_up { village: 'villages/v", i % kVillages, "' year: 2018 quarter: ",
                     1 + i % 4, " held_date: '2018-", i % 4 == 3 ? "" : "0", 3 + i % 4 * 3, "-05' }"));
  }

  absl::Status Change(int kind, int i, int64_t number) {
    switch (kind) {
      case 0:
        return program_->Do<v1::UpdatePowerLineRequest, v1::PowerLine>(
            "PowerService/UpdatePowerLine",
            absl::StrCat("power_line { name: 'powerLines/l", i, "' completed_metres: ", number % 9000,
                         " voltage: ", number % 3 == 0 ? "VOLTAGE_110KV" : "VOLTAGE_10KV",
                         " } update_mask { paths: 'completed_metres' paths: 'voltage' }"));
      case 1:
        return program_->Do<v1::UpdateToiletRenovationRequest, v1::ToiletRenovation>(
            "SanitationService/UpdateToiletRenovation",
            absl::StrCat("toilet_renovation { name: 'toiletRenovations/t", i, "' completed_count: ", number % 900,
                         " completed_date: '", number % 900 == 0 ? "" : absl::StrCat(2017 + i % 2, "-11-01"),
                         "' } update_mask { paths: 'completed_count' paths: 'completed_date' }"));
      case 2: {
        const absl::Status removed = program_->Delete("SanitationService/DeleteCleanUp", absl::StrCat("cleanUps/c", i));
        return removed.ok() ? removed : CreateCleanUp(i);
      }
      default: {
        const absl::Status removed = program_->Delete("PowerService/DeletePowerLine", absl::StrCat("powerLines/l", i));
        return removed.ok() ? CreateLine(i) : removed;
      }
    }
  }

  std::unique_ptr<InfrastructureProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, RandomUpdatesTest, BothDatabases(), DatabaseName);

TEST_P(RandomUpdatesTest, LinesToiletsAndCleanUpsHold) {
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<uint32_t>(t + 1));
      while (done < kUpdates) {
        const int kind = static_cast<int>(random() % 10);
        const absl::Status status = Change(kind < 5   ? 0
                                           : kind < 8 ? 1
                                           : kind < 9 ? 2
                                                      : 3,
                                           static_cast<int>(random() % kRecords), static_cast<int64_t>(random()));
        // Removed meanwhile by another thread, or made by it.
        EXPECT_TRUE(status.ok() || absl::IsNotFound(status) || absl::IsAlreadyExists(status)) << status;
        if (status.ok()) ++done;
      }
    });
  }
  int looks = 0;
  while (done < kUpdates) {
    EXPECT_EQ(program_->Verify(), 0) << "after " << done << " updates";
    ++looks;
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(looks, 2);
  EXPECT_EQ(program_->Verify(), 0);
  EXPECT_EQ(program_->database().stats().unknown_outcomes, 0);
}

}  // namespace
}  // namespace jiedui::infrastructure
