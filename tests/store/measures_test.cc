// Which figures an answer of SyncMeasures holds, and which it must not: other definitions, closed years, sums that do not fit.

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "common/measure/measure_set.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "services/industry/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui {
namespace {

using measure::v1::SyncMeasuresRequest;
using measure::v1::SyncMeasuresResponse;
using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::StatusIs;
using testing::TestProgram;

constexpr char kVillage[] = "villages/120119101201";
constexpr char kOther[] = "villages/120119101202";
constexpr char kSync[] = "jiedui.measure.v1.MeasureService/SyncMeasures";

class MeasuresTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    Start(industry::NewDefinition());
  }

  void Start(service::Definition definition, const std::vector<int>& open_years = {2018}) {
    program_ = std::make_unique<TestProgram>(std::move(definition), GetParam(), open_years);
    program_->names().Add(kVillage);
    program_->names().Add(kOther);
  }

  // The program's next release, in which one measure has another name, migrates and opens the database.
  void Release() {
    service::Definition definition = industry::NewDefinition();
    later_json_ = absl::StrReplaceAll(definition.measures_json,
                                      {{"\"operating_income_nonzero\"", "\"operating_income_above_zero\""}});
    definition.measures_json = later_json_;
    OpenLater(std::move(definition));
  }
  void OpenLater(service::Definition definition) {
    auto host = service::Host::Create(std::move(definition));
    ASSERT_OK(host);
    later_ = *std::move(host);
    ASSERT_OK(later_->Migrate(program_->database()));
    ASSERT_OK(later_->Open(&program_->database(), &program_->names(), &program_->vault()));
  }

  absl::Status AddIncome(int year, int64_t operating_fen, const std::string& village = kVillage) {
    industry::v1::CreateCollectiveIncomeRequest request;
    request.mutable_collective_income()->set_village(village);
    request.mutable_collective_income()->set_year(year);
    request.mutable_collective_income()->set_operating_income_fen(operating_fen);
    industry::v1::CollectiveIncome income;
    return program_->Call("jiedui.industry.v1.IncomeService/CreateCollectiveIncome", request, &income);
  }

  SyncMeasuresResponse Sync(const SyncMeasuresRequest& request) {
    SyncMeasuresResponse response;
    EXPECT_OK(program_->Call(kSync, request, &response));
    return response;
  }
  static SyncMeasuresRequest Years(const std::vector<int>& years) {
    SyncMeasuresRequest request;
    for (const int year : years) request.add_years()->set_year(year);
    return request;
  }
  // What the next release answers.
  SyncMeasuresResponse SyncLater(const std::vector<int>& years) {
    SyncMeasuresResponse response;
    const SyncMeasuresRequest request = Years(years);
    const store::ReadHandler handler = later_->engine().SyncMeasuresHandler();
    RequestContext context;
    EXPECT_OK(program_->database().ReadHere(
        [&](sql::Transaction& transaction) { return handler(context, transaction, request, &response); }));
    return response;
  }
  static std::vector<std::string> Uncounted(const SyncMeasuresResponse& response, int year) {
    std::vector<std::string> ids;
    for (const int index : response.years(year).uncounted_measures()) ids.push_back(response.measures(index));
    return ids;
  }
  static village::v1::DirectoryYear Year(int number, village::v1::YearState state) {
    village::v1::DirectoryYear year;
    year.set_year(number);
    year.set_state(state);
    return year;
  }

  std::unique_ptr<TestProgram> program_;
  std::string later_json_;
  std::unique_ptr<service::Host> later_;
};

INSTANTIATE_TEST_SUITE_P(Databases, MeasuresTest, BothDatabases(), DatabaseName);

TEST(MeasureDefinitionsTest, FiguresOfRecordsOfPersonsAreOfPersons) {
  service::Definition definition = industry::NewDefinition();
  const std::string json =
      absl::StrReplaceAll(definition.measures_json, {{"\"of_persons\": true", "\"of_persons\": false"}});
  definition.measures_json = json;
  const absl::Status status = service::Host::Create(std::move(definition)).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(status.message()), HasSubstr("measure persons_trained: the collection is of persons"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("measure households_linked: the collection is of persons"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("training_demands_reported")))
      << "counts reports of villages";
}

TEST_P(MeasuresTest, AReplicaOfAnOlderReleaseCountsNoMore) {
  ASSERT_OK(AddIncome(2018, 5));
  EXPECT_OK(program_->host().engine().CheckDefinitions());
  Release();
  // Its own definitions would count what nobody reads, and leave out what the new ones count. Whatever it learns of the database,
  // it does not begin again.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const absl::Status refused = AddIncome(2018, 7, kOther);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
    EXPECT_EQ(ReasonOf(refused), error::v1::REASON_UNAVAILABLE);
  }
  SyncMeasuresResponse response;
  EXPECT_THAT(program_->Call(kSync, Years({2018}), &response), StatusIs(absl::StatusCode::kUnavailable));
  measure::v1::VerifyMeasuresResponse differences;
  EXPECT_THAT(program_->Call("jiedui.measure.v1.MeasureService/VerifyMeasures", measure::v1::VerifyMeasuresRequest(),
                             &differences),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(program_->host().engine().CheckDefinitions(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(
      program_->host().engine().SetYears({Year(2019, village::v1::YEAR_STATE_OPEN)}, absl::Now() + absl::Seconds(30)),
      StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(later_->engine().CheckDefinitions());
  EXPECT_EQ(program_->Value(2018, kVillage, "operating_income_above_zero"), 1);
}

TEST_P(MeasuresTest, WhatAClosedYearNeverCountedIsNotZero) {
  ASSERT_OK(AddIncome(2018, 5));
  // Seen closed at first: nobody has counted it.
  program_->SetYears({2018}, {2017});
  SyncMeasuresResponse response = Sync(Years({2017, 2018}));
  EXPECT_FALSE(response.years(0).counted());
  EXPECT_TRUE(response.years(1).counted());
  EXPECT_EQ(program_->Verify(), 0);
  // Closed after it was counted: frozen, but for a measure that comes later.
  program_->SetYears({2019}, {2017, 2018});
  EXPECT_TRUE(Sync(Years({2018})).years(0).counted());
  Release();
  response = SyncLater({2017, 2018, 2019});
  EXPECT_FALSE(response.years(0).counted());
  EXPECT_THAT(Uncounted(response, 1), ElementsAre("operating_income_above_zero"));
  EXPECT_THAT(Uncounted(response, 2), IsEmpty());
  // Opened again it is counted.
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  ASSERT_OK(later_->engine().SetYears(
      {Year(2018, village::v1::YEAR_STATE_OPEN), Year(2019, village::v1::YEAR_STATE_OPEN)}, deadline));
  EXPECT_THAT(Uncounted(SyncLater({2018}), 0), IsEmpty());
  EXPECT_EQ(program_->Value(2018, kVillage, "operating_income_above_zero"), 1);
  ASSERT_OK(later_->engine().SetYears({Year(2018, village::v1::YEAR_STATE_CLOSED)}, deadline));
  EXPECT_THAT(Uncounted(SyncLater({2018}), 0), IsEmpty());
}

TEST_P(MeasuresTest, AMigrationThatHasFiguresCountedAnewLeavesClosedYears) {
  ASSERT_OK(AddIncome(2018, 5));
  program_->SetYears({2019}, {2018});
  ASSERT_OK(AddIncome(2019, 7));
  const auto forget = [](sql::Transaction& transaction) -> absl::Status {
    for (const char* text :
         {"DELETE FROM measure_definition", "UPDATE measure_value SET value = 3 WHERE year = 2019"}) {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction.Prepare(text));
      JIEDUI_RETURN_IF_ERROR(statement->Execute().status());
    }
    return absl::OkStatus();
  };
  ASSERT_OK(sql::WriteAndWait(program_->database(), {}, forget));
  OpenLater(industry::NewDefinition());
  const SyncMeasuresResponse response = SyncLater({2018, 2019});
  EXPECT_TRUE(response.years(0).counted());
  EXPECT_THAT(Uncounted(response, 0), IsEmpty());
  EXPECT_EQ(program_->Value(2018, kVillage, "operating_income_nonzero"), 1);
  EXPECT_EQ(program_->Value(2019, kVillage, "operating_income_nonzero"), 1);
}

TEST_P(MeasuresTest, ASumThatDoesNotFitIsRefusedByName) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const auto& measures = program_->host().measures().measures();
  const auto write = [&](const std::vector<int64_t>& values, int sign = 1) {
    return sql::WriteAndWait(program_->database(), {}, [&](sql::Transaction& transaction) {
      measure::Deltas deltas;
      for (const int64_t value : values) deltas.Add(2018, kVillage, 0, sign, value);
      return deltas.Flush(transaction, measures);
    });
  };
  ASSERT_OK(write({kMost - 1}));
  for (const absl::Status& refused :
       {write({2}), write({kMost, 1}), write({std::numeric_limits<int64_t>::min()}, -1)}) {
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_EQ(ReasonOf(refused), error::v1::REASON_RANGE);
  }
  EXPECT_EQ(program_->Value(2018, kVillage, measures[0].definition.id()), kMost - 1);
  ASSERT_OK(write({1}));
  EXPECT_EQ(program_->Value(2018, kVillage, measures[0].definition.id()), kMost);
}

TEST_P(MeasuresTest, ASumOfVersionsSaysThatNothingHasChanged) {
  SyncMeasuresRequest request = Years({2018});
  SyncMeasuresResponse response = Sync(request);
  ASSERT_EQ(response.years(0).shards_size(), measure::kShardCount);
  EXPECT_GT(response.measures_size(), 0);
  request.set_database_id(response.database_id());
  request.set_definitions(response.definitions());
  measure::v1::HeldYear& held = *request.mutable_years(0);
  std::vector<int64_t> versions(measure::kShardCount);
  int64_t sum = 0;
  for (const auto& shard : response.years(0).shards()) {
    versions[shard.shard()] = shard.version();
    sum += shard.version();
  }
  held.set_version_sum(sum);
  response = Sync(request);
  EXPECT_EQ(response.years(0).shards_size() + response.measures_size(), 0);
  EXPECT_FALSE(response.years(0).versions_wanted());
  ASSERT_OK(AddIncome(2018, 5));
  response = Sync(request);
  EXPECT_EQ(response.years(0).shards_size(), 0);
  EXPECT_TRUE(response.years(0).versions_wanted());
  held.mutable_versions()->Add(versions.begin(), versions.end());
  response = Sync(request);
  ASSERT_EQ(response.years(0).shards_size(), 1);
  EXPECT_THAT(response.years(0).shards(0).nodes(), ElementsAre(kVillage));
  // Of another release or database all is sent.
  request.set_definitions("older");
  EXPECT_EQ(Sync(request).years(0).shards_size(), measure::kShardCount);
}

TEST_P(MeasuresTest, ALongAnswerIsCutAndItsPartsMakeTheWhole) {
  service::Definition definition = industry::NewDefinition();
  definition.sync_bytes = 1000;
  Start(std::move(definition), {2017, 2018});
  ASSERT_OK(AddIncome(2018, 5));
  SyncMeasuresRequest request = Years({2017, 2018});
  for (auto& held : *request.mutable_years()) held.mutable_versions()->Resize(measure::kShardCount, 0);
  int parts = 0;
  int shards = 0;
  int nodes = 0;
  bool more = true;
  while (more) {
    ASSERT_LT(++parts, 1000);
    const SyncMeasuresResponse response = Sync(request);
    EXPECT_LT(response.ByteSizeLong(), 20'000U);
    more = response.more();
    request.set_database_id(response.database_id());
    request.set_definitions(response.definitions());
    for (int year = 0; year < response.years_size(); ++year) {
      for (const auto& shard : response.years(year).shards()) {
        request.mutable_years(year)->set_versions(shard.shard(), shard.version());
        nodes += shard.nodes_size();
        ++shards;
      }
    }
  }
  EXPECT_GT(parts, 5);
  EXPECT_EQ(shards, 2 * measure::kShardCount);
  EXPECT_EQ(nodes, 1);
}

}  // namespace
}  // namespace jiedui
