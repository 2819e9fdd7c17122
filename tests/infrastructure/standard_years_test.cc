// Which version of the standard a year is counted by is data, and may change at any time.

#include <atomic>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/infrastructure/infrastructure_program.h"

namespace jiedui::infrastructure {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;

class StandardYearsTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override { JIEDUI_REQUIRE_DATABASE(GetParam()); }
  int64_t Accepted(InfrastructureProgram& program, int year) {
    return program.Value(year, "villages/a", "facilities_accepted");
  }
  // In millionths of the year's standard: what says that a village has everything, whatever the standard's size.
  int64_t Share(InfrastructureProgram& program, int year) {
    return program.Value(year, "villages/a", "facilities_accepted_share");
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, StandardYearsTest, BothDatabases(), DatabaseName);

TEST_P(StandardYearsTest, ANewVersionOf73ItemsReplacesTheOldFromItsYearOn) {
  InfrastructureProgram program(GetParam(), {2018, 2019});
  ASSERT_OK(program.AddStandard("2018", 2018, 12));
  for (int item = 1; item <= 12; ++item) ASSERT_OK(program.Accept("villages/a", "2018", item, "2018-05-01"));
  EXPECT_EQ(Accepted(program, 2018), 12);
  EXPECT_EQ(Accepted(program, 2019), 12) << "the standard applies until another replaces it";
  EXPECT_EQ(Share(program, 2019), 1'000'000);

  ASSERT_OK(program.AddStandard("2019", 2019, 73));
  EXPECT_EQ(Accepted(program, 2018), 12);
  EXPECT_EQ(Accepted(program, 2019), 0);
  for (int item = 1; item <= 72; ++item) ASSERT_OK(program.Accept("villages/a", "2019", item, "2019-05-01"));
  EXPECT_EQ(Accepted(program, 2019), 72);
  EXPECT_LT(Share(program, 2019), 1'000'000) << "twelve were enough of the old one, 72 are not of this one";
  ASSERT_OK(program.Accept("villages/a", "2019", 73, "2019-05-01"));
  EXPECT_EQ(Share(program, 2019), 1'000'000);
  EXPECT_EQ(Share(program, 2018), 1'000'000);
  EXPECT_EQ(Accepted(program, 2018), 12);
  EXPECT_EQ(Accepted(program, 2019), 73);
  EXPECT_EQ(program.Value(2019, "villages/a", "facilities_accepted_in_year"), 73);
  EXPECT_EQ(program.Verify(), 0);

  program.SetYears({2018, 2019, 2020});
  EXPECT_EQ(Accepted(program, 2020), 73);
  EXPECT_EQ(program.Verify(), 0);
}

TEST_P(StandardYearsTest, AChangeOfTheFirstYearAndARemovalCountTheYearsAnew) {
  InfrastructureProgram program(GetParam(), {2017, 2018, 2019});
  ASSERT_OK(program.Accept("villages/a", "none", 1, "2017-05-01").ok() ? absl::InternalError("dangling")
                                                                       : absl::OkStatus());
  ASSERT_OK(program.AddStandard("old", 2018, 3));
  ASSERT_OK(program.AddStandard("new", 2019, 3));
  for (int item = 1; item <= 3; ++item) ASSERT_OK(program.Accept("villages/a", "old", item, "2017-05-01"));
  EXPECT_EQ(Accepted(program, 2017), 0) << "no standard yet";
  EXPECT_EQ(Accepted(program, 2018), 3);
  EXPECT_EQ(Accepted(program, 2019), 0);

  ASSERT_OK((program.Do<v1::UpdateFacilityStandardRequest, v1::FacilityStandard>(
      "FacilityService/UpdateFacilityStandard",
      "facility_standard { name: 'facilityStandards/old' first_year: 2017 }")));
  EXPECT_EQ(Accepted(program, 2017), 3);
  EXPECT_EQ(program.Verify(), 0);

  ASSERT_OK(program.Delete("FacilityService/DeleteFacilityStandard", "facilityStandards/new"));
  EXPECT_EQ(Accepted(program, 2019), 3);
  EXPECT_EQ(program.Verify(), 0);
  // A year has one standard.
  EXPECT_THAT(program.AddStandard("twin", 2017, 3), testing::StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(StandardYearsTest, ValidateOnlyChangesNothing) {
  InfrastructureProgram program(GetParam());
  ASSERT_OK(program.AddStandard("old", 2017, 3));
  ASSERT_OK(program.Accept("villages/a", "old", 1, "2017-05-01"));
  ASSERT_OK((program.Do<v1::CreateFacilityStandardRequest, v1::FacilityStandard>(
      "FacilityService/CreateFacilityStandard",
      "validate_only: true facility_standard { display_name: '标准' first_year: 2018 "
      "items { code: 'item-1' display_name: '项' group: FACILITY_GROUP_INFRASTRUCTURE } }")));
  ASSERT_OK(program.Accept("villages/a", "old", 2, "2018-05-01"));
  EXPECT_EQ(Accepted(program, 2018), 2);
  EXPECT_EQ(program.Verify(), 0);
}

TEST_P(StandardYearsTest, VersionsComeAndGoWhileVillagesReport) {
  InfrastructureProgram program(GetParam(), {2017, 2018, 2019});
  ASSERT_OK(program.AddStandard("s0", 2010, 40));
  std::atomic<bool> finished{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const std::string village = absl::StrCat("villages/", std::string(1, static_cast<char>('a' + t % 3)));
      for (int item = 1; item <= 40; ++item) {
        for (const int version : {0, 1, 2}) {
          // The versions that are not there, and the items that another thread was faster with, are refused.
          const absl::Status status = program.Accept(village, absl::StrCat("s", version), item, "2017-05-01");
          EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status)) << status;
        }
      }
    });
  }
  for (const int version : {1, 2}) {
    threads.emplace_back([&, version] {
      const std::string id = absl::StrCat("s", version);
      for (int round = 0; round < 12 && !finished; ++round) {
        const absl::Status added = program.AddStandard(id, 2017 + version, 40);
        EXPECT_TRUE(added.ok() || absl::IsAlreadyExists(added)) << added;
        const absl::Status removed =
            program.Delete("FacilityService/DeleteFacilityStandard", absl::StrCat("facilityStandards/", id));
        EXPECT_TRUE(removed.ok() || absl::IsFailedPrecondition(removed)) << removed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(program.Verify(), 0);
}

}  // namespace
}  // namespace jiedui::infrastructure
