// Feed and Sources: freshness, coalescing, deadlines, and services that fail, hang or come back.

#include "services/gateway/sources.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/gateway/fake_executor.h"
#include "tests/gateway/fake_world.h"
#include "tests/support/status_matchers.h"

namespace jiedui::gateway {
namespace {

using ::jiedui::testing::FakeClients;
using ::jiedui::testing::FakeExecutor;
using ::jiedui::testing::FakeWorld;
using ::jiedui::testing::IsOk;

constexpr char kVillageName[] = "villages/120119101201";

class SourcesTest : public ::testing::Test {
 protected:
  SourcesTest() {
    for (const char* code : {"12", "120119", "120119101", "120119101201"}) world_.AddPlace(code);
    world_.Set(2018, kVillageName, "party_members", 20);
    world_.Set(2018, kVillageName, "projects_approved", 2);
  }

  // The answer of a sync, once it is there.
  using Answer = std::shared_ptr<std::optional<SourceStatuses>>;
  Answer Sync(absl::Duration wait = absl::Seconds(2), std::vector<int> years = {2017, 2018}) {
    auto answer = std::make_shared<std::optional<SourceStatuses>>();
    sources_->Sync(std::move(years), executor_->Now() + wait,
                   [answer](const SourceStatuses& statuses) { *answer = statuses; });
    return answer;
  }
  v1::SourceState State(int service, const Answer& answer, int year = 2018) const {
    return StateOf(service, (**answer)[service], *cube_->snapshot(), year, cube_->times(year));
  }
  int64_t Value(const std::string& measure) const {
    const auto snapshot = cube_->snapshot();
    const Column* column = snapshot->ColumnOf(world_.catalog().measures()[world_.catalog().IndexOf(measure)], 2018);
    const int index = snapshot->places->Find(kVillageName);
    return column == nullptr || index < 0 ? -1 : (*column)[index];
  }

  FakeWorld world_;
  FakeClients clients_{&world_};
  std::shared_ptr<FakeExecutor> executor_ = std::make_shared<FakeExecutor>();
  std::shared_ptr<Cube> cube_ = std::make_shared<Cube>(world_.shared_catalog());
  std::unique_ptr<Sources> sources_ = std::make_unique<Sources>(clients_.clients(), cube_, executor_, FeedOptions());
};

TEST_F(SourcesTest, AllAnswer) {
  const Answer answer = Sync();
  ASSERT_TRUE(answer->has_value());
  for (int service = 0; service < kServiceCount; ++service) {
    EXPECT_EQ(State(service, answer).freshness(), v1::FRESHNESS_FRESH);
    EXPECT_EQ(State(service, answer).service(), ServiceName(service));
    EXPECT_TRUE(State(service, answer).has_as_of_time());
    EXPECT_EQ(State(service, answer).problem(), "");
  }
  EXPECT_EQ(Value("party_members"), 20);
  world_.Set(2018, kVillageName, "party_members", 21);
  Sync();
  EXPECT_EQ(Value("party_members"), 21);
}

TEST_F(SourcesTest, AServiceThatWasNeverSeenIsMissing) {
  clients_[kIndustry].set_status(absl::UnavailableError("refused"));
  const Answer answer = Sync();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ(State(kVillage, answer).freshness(), v1::FRESHNESS_FRESH);
  EXPECT_EQ(State(kIndustry, answer).freshness(), v1::FRESHNESS_MISSING);
  EXPECT_FALSE(State(kIndustry, answer).has_as_of_time());
  EXPECT_EQ(State(kIndustry, answer).problem(), "UNAVAILABLE");
  EXPECT_EQ(Value("projects_approved"), -1);
}

TEST_F(SourcesTest, AServiceThatFailsKeepsItsLastStateAndItsTime) {
  const int64_t seen = absl::ToUnixSeconds(world_.now);
  Sync();
  world_.now += absl::Minutes(5);
  world_.Set(2018, kVillageName, "projects_approved", 3);
  clients_[kIndustry].set_status(absl::UnavailableError("refused"));
  const Answer answer = Sync();
  EXPECT_EQ(State(kIndustry, answer).freshness(), v1::FRESHNESS_STALE);
  EXPECT_EQ(State(kIndustry, answer).as_of_time().seconds(), seen);
  EXPECT_EQ(State(kVillage, answer).as_of_time().seconds(), seen + 300);
  EXPECT_EQ(Value("projects_approved"), 2);
}

TEST_F(SourcesTest, TheTimeIsThatOfTheYearAndEveryYearOnceAskedForIsKept) {
  const int64_t begin = absl::ToUnixSeconds(world_.now);
  Sync();
  // Others ask for another year, or for none, and the copy of 2018 goes on.
  world_.now += absl::Minutes(1);
  world_.Set(2018, kVillageName, "projects_approved", 3);
  Sync(absl::Seconds(2), {2019});
  EXPECT_EQ(Value("projects_approved"), 3);
  world_.now += absl::Minutes(1);
  world_.Set(2018, kVillageName, "projects_approved", 4);
  Sync(absl::Seconds(2), {});
  EXPECT_EQ(Value("projects_approved"), 4);
  world_.now += absl::Minutes(1);
  clients_[kIndustry].set_status(absl::UnavailableError("refused"));
  const Answer answer = Sync(absl::Seconds(2), {2018, 2020});
  EXPECT_EQ(State(kIndustry, answer).as_of_time().seconds(), begin + 120);
  EXPECT_EQ(State(kIndustry, answer, 2019).as_of_time().seconds(), begin + 120);
  EXPECT_EQ(State(kIndustry, answer, 2020).freshness(), v1::FRESHNESS_MISSING);
  EXPECT_FALSE(State(kIndustry, answer, 2020).has_as_of_time());
  EXPECT_EQ(State(kVillage, answer, 2020).freshness(), v1::FRESHNESS_FRESH);
}

TEST_F(SourcesTest, AServiceThatLeftOutAYearHasItsOlderTime) {
  const int64_t begin = absl::ToUnixSeconds(world_.now);
  measure::v1::SyncMeasuresResponse response;
  const auto take = [&](std::vector<int> years) {
    response.Clear();
    world_.SyncMeasures(kIndustry, cube_->MeasuresRequest(kIndustry, years, true), &response);
    EXPECT_OK(cube_->ApplyMeasures(kIndustry, response));
  };
  take({2018});
  world_.now += absl::Minutes(1);
  take({2019});
  EXPECT_EQ(absl::ToUnixSeconds(cube_->times(2018).services[kIndustry]), begin);
  EXPECT_EQ(absl::ToUnixSeconds(cube_->times(2019).services[kIndustry]), begin) << "growth is over both";
  take({2017, 2018});
  EXPECT_EQ(absl::ToUnixSeconds(cube_->times(2018).services[kIndustry]), begin + 60);
  EXPECT_EQ(cube_->times(2017).services[kVillage], absl::InfinitePast());
}

TEST_F(SourcesTest, WhileAServiceFailsNobodyAsksItButAProbe) {
  clients_[kIndustry].set_status(absl::UnavailableError("refused"));
  Sync();
  const int calls = clients_[kIndustry].calls();
  for (int i = 0; i < 10; ++i) {
    const Answer answer = Sync();
    ASSERT_TRUE(answer->has_value()) << "at once";
    EXPECT_EQ((**answer)[kIndustry].code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_EQ(clients_[kIndustry].calls(), calls);
  executor_->Advance(absl::Milliseconds(100));
  EXPECT_EQ(clients_[kIndustry].calls(), calls + 1);
  executor_->Advance(absl::Milliseconds(100));
  EXPECT_EQ(clients_[kIndustry].calls(), calls + 1) << "the wait doubles";
  clients_[kIndustry].set_status(absl::OkStatus());
  executor_->Advance(absl::Milliseconds(100));
  EXPECT_EQ(Value("projects_approved"), 2) << "the probe brought the figures";
  EXPECT_THAT((**Sync())[kIndustry], IsOk());
}

TEST_F(SourcesTest, AServiceThatHangsCostsNoMoreThanTheDeadline) {
  Sync();
  clients_[kIndustry].set_hangs(true);
  world_.Set(2018, kVillageName, "projects_approved", 3);
  const Answer first = Sync(absl::Milliseconds(500));
  EXPECT_FALSE(first->has_value());
  executor_->Advance(absl::Milliseconds(499));
  EXPECT_FALSE(first->has_value());
  executor_->Advance(absl::Milliseconds(1));
  ASSERT_TRUE(first->has_value());
  EXPECT_EQ(State(kIndustry, first).freshness(), v1::FRESHNESS_STALE);
  EXPECT_EQ(State(kIndustry, first).problem(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(State(kVillage, first).freshness(), v1::FRESHNESS_FRESH);
  executor_->Advance(absl::Seconds(2));
  EXPECT_TRUE(Sync()->has_value()) << "nobody waits for it any more";
  EXPECT_EQ(clients_[kIndustry].waiting(), 1);
  clients_[kIndustry].set_hangs(false);
  clients_[kIndustry].Release();
  EXPECT_EQ(Value("projects_approved"), 3);
  EXPECT_THAT((**Sync())[kIndustry], IsOk());
}

TEST_F(SourcesTest, ThoseWhoAskMeanwhileShareTheNextCall) {
  Sync();
  clients_[kIndustry].set_hangs(true);
  const int calls = clients_[kIndustry].calls();
  const Answer first = Sync();
  std::vector<Answer> later;
  for (int i = 0; i < 20; ++i) later.push_back(Sync());
  EXPECT_EQ(clients_[kIndustry].calls(), calls + 1);
  clients_[kIndustry].Release();
  EXPECT_TRUE(first->has_value());
  for (const Answer& each : later) EXPECT_FALSE(each->has_value()) << "its call must begin after it asked";
  EXPECT_EQ(clients_[kIndustry].calls(), calls + 2);
  clients_[kIndustry].Release();
  for (const Answer& each : later) EXPECT_TRUE(each->has_value());
  EXPECT_EQ(clients_[kIndustry].calls(), calls + 2);
}

TEST_F(SourcesTest, AReplacedDatabaseIsForgotten) {
  Sync();
  world_.Set(2018, kVillageName, "projects_approved", 0);
  world_.ReplaceDatabase(kIndustry);
  EXPECT_THAT((**Sync())[kIndustry], IsOk());
  EXPECT_EQ(Value("projects_approved"), 0);
  EXPECT_EQ(Value("party_members"), 20);
}

TEST_F(SourcesTest, TheCopyIsKeptUpToDateWhileNobodyAsks) {
  Sync();
  world_.Set(2018, kVillageName, "projects_approved", 4);
  executor_->Advance(absl::Seconds(6));
  EXPECT_EQ(Value("projects_approved"), 4);
}

TEST_F(SourcesTest, OneCallOfEachServiceWhereNothingHasChanged) {
  Sync();
  std::array<int, kServiceCount> calls;
  for (int service = 0; service < kServiceCount; ++service) calls[service] = clients_[service].calls();
  Sync();
  for (int service = 0; service < kServiceCount; ++service) {
    EXPECT_EQ(clients_[service].calls(), calls[service] + 1) << ServiceName(service);
  }
  // A change is asked for with the versions.
  world_.Set(2018, kVillageName, "projects_approved", 5);
  Sync();
  EXPECT_EQ(clients_[kIndustry].calls(), calls[kIndustry] + 3);
  EXPECT_EQ(Value("projects_approved"), 5);
  // So is the directory, which `village` says is another one.
  world_.AddPlace("120119101202");
  Sync();
  EXPECT_GE(cube_->snapshot()->places->Find("villages/120119101202"), 0);
  EXPECT_EQ(State(kVillage, Sync()).freshness(), v1::FRESHNESS_FRESH);
}

TEST_F(SourcesTest, CutAnswersAreAskedForUntilTheyAreWhole) {
  world_.shards_at_once = 100;
  EXPECT_THAT((**Sync())[kIndustry], IsOk());
  EXPECT_EQ(clients_[kIndustry].calls(), 21) << "2048 shards";
  EXPECT_EQ(Value("projects_approved"), 2);
  EXPECT_EQ(Value("party_members"), 20);
}

TEST_F(SourcesTest, ManyYearsAreAskedForInParts) {
  std::vector<int> years;
  for (int year = 2001; year <= 2020; ++year) {
    world_.SetYear(year, village::v1::YEAR_STATE_OPEN);
    years.push_back(year);
  }
  EXPECT_THAT((**Sync(absl::Seconds(2), years))[kIndustry], IsOk());
  EXPECT_EQ(clients_[kIndustry].calls(), 3);
  for (const int year : years) EXPECT_NE(cube_->snapshot()->Figures(kIndustry, year), nullptr);
}

TEST_F(SourcesTest, AnAnswerThatComesAfterTheEndIsHarmless) {
  clients_[kIndustry].set_hangs(true);
  const Answer answer = Sync(absl::Seconds(2), {2018});
  sources_ = nullptr;
  executor_->Stop();
  clients_[kIndustry].Release();
  EXPECT_TRUE(answer->has_value());
}

TEST(ExecutorTest, RunsWorkAndTimersAndDropsCancelledOnes) {
  const std::unique_ptr<Executor> executor = NewExecutor(2);
  absl::Mutex mutex;
  int done = 0;
  const auto count = [&] {
    absl::MutexLock lock(&mutex);
    ++done;
  };
  const Executor::Timer far = executor->RunAt(absl::Now() + absl::Hours(1), count);
  executor->RunAt(absl::Now() + absl::Milliseconds(5), count);
  executor->Run(count);
  executor->Cancel(far);
  {
    absl::MutexLock lock(&mutex);
    const auto both = [&done] { return done == 2; };
    mutex.Await(absl::Condition(&both));
  }
  executor->Stop();
  executor->Run(count);
  EXPECT_EQ(done, 2);
}

}  // namespace
}  // namespace jiedui::gateway
