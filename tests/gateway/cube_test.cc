#include "services/gateway/cube.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/gateway/fake_world.h"
#include "tests/support/status_matchers.h"

namespace jiedui::gateway {
namespace {

using ::jiedui::testing::FakeWorld;
using ::jiedui::testing::StatusIs;

class CubeTest : public ::testing::Test {
 protected:
  CubeTest() {
    for (const char* code : {"12", "120119", "120119101", "120119101201", "120119101202", "120119102", "120119102201",
                             "120225", "120225001", "120225001201"}) {
      world_.AddPlace(code);
    }
  }

  void SyncDirectory() {
    for (Next next = Next::kAskForMore; next == Next::kAskForMore;) {
      village::v1::SyncDirectoryResponse response;
      world_.SyncDirectory(cube_.DirectoryRequest(true), &response);
      const absl::StatusOr<Next> applied = cube_.ApplyDirectory(response);
      ASSERT_OK(applied);
      next = *applied;
    }
  }
  // How many shards came.
  int SyncMeasures(int service, const std::vector<int>& years = {2017, 2018}) {
    int shards = 0;
    for (absl::StatusOr<Next> next = Next::kAskForMore; next.ok() && *next == Next::kAskForMore;) {
      measure::v1::SyncMeasuresResponse response;
      next = SyncOnce(service, years, &response);
      EXPECT_OK(next);
      for (const auto& year : response.years()) shards += year.shards_size();
    }
    return shards;
  }
  absl::StatusOr<Next> SyncOnce(int service, const std::vector<int>& years, measure::v1::SyncMeasuresResponse* response,
                                bool with_versions = true) {
    world_.SyncMeasures(service, cube_.MeasuresRequest(service, years, with_versions), response);
    return cube_.ApplyMeasures(service, *response);
  }
  void SyncAll() {
    SyncDirectory();
    for (int service = 0; service < kServiceCount; ++service) SyncMeasures(service);
  }
  const Column* ColumnOf(const std::string& measure, int year = 2018) {
    held_ = cube_.snapshot();
    return held_->ColumnOf(world_.catalog().measures()[world_.catalog().IndexOf(measure)], year);
  }
  int64_t Value(const std::string& node, const std::string& measure, int year = 2018) {
    const Column* column = ColumnOf(measure, year);
    const int index = held_->places->Find(node);
    if (column == nullptr || index < 0) return -1;
    return (*column)[index];
  }
  // As of the end of `year`: the value, the name and the division above.
  std::string PastOf(const std::string& node, const std::string& measure, int year) {
    const std::shared_ptr<const Snapshot> snapshot = cube_.SnapshotOf(year);
    const Places& places = *snapshot->places;
    const int index = places.Find(node);
    const Column* column = snapshot->ColumnOf(world_.catalog().measures()[world_.catalog().IndexOf(measure)], year);
    if (index < 0 || column == nullptr) return "nothing";
    return absl::StrCat((*column)[index], " ", places[index].code, " ", places[index].display_name, " in ",
                        places[places[index].parent].name);
  }
  // Every cell of the world is in the cube, and nothing else.
  void ExpectEqual() {
    const std::shared_ptr<const Snapshot> snapshot = cube_.snapshot();
    for (const MeasureInfo& measure : world_.catalog().measures()) {
      for (const int year : {2017, 2018}) {
        const Column* column = snapshot->ColumnOf(measure, year);
        ASSERT_NE(column, nullptr);
        for (int i = 0; i < snapshot->places->size(); ++i) {
          const std::string& node = (*snapshot->places)[i].name;
          ASSERT_EQ((*column)[i], world_.Get(year, node, measure.definition.id()))
              << node << " " << measure.definition.id();
        }
      }
    }
  }

  FakeWorld world_;
  Cube cube_{world_.shared_catalog()};
  std::shared_ptr<const Snapshot> held_;
};

TEST_F(CubeTest, TownshipsAndDistrictsOfAPastYearAreThoseOfItsVillages) {
  village::v1::DirectoryEntry moved = world_.places().at("villages/120119101201");
  village::v1::PastEntry* past = moved.add_past();
  past->set_until_date("2018-03-01");
  past->set_code(moved.code());
  past->set_parent(moved.parent());
  moved.set_parent("divisions/120225001");
  world_.SetPlace(moved);
  // The service counts where the village is now, in every year.
  for (const int year : {2017, 2018}) {
    world_.Set(year, "villages/120119101201", "programme_villages", 1);
    world_.Set(year, "divisions/120225001", "programme_townships", 1);
    world_.Set(year, "divisions/120225", "programme_districts", 1);
  }
  SyncAll();
  const auto at = [this](const std::string& place, const std::string& measure, int year) {
    return PastOf(place, measure, year).substr(0, 2);
  };
  EXPECT_EQ(at("divisions/120119101", "programme_townships", 2017), "1 ");
  EXPECT_EQ(at("divisions/120225001", "programme_townships", 2017), "0 ");
  EXPECT_EQ(at("divisions/120119", "programme_districts", 2017), "1 ");
  EXPECT_EQ(at("divisions/120225", "programme_districts", 2017), "0 ");
  EXPECT_EQ(at("divisions/120119101", "programme_townships", 2018), "0 ");
  EXPECT_EQ(at("divisions/120225001", "programme_townships", 2018), "1 ");
  EXPECT_EQ(at("divisions/120225", "programme_districts", 2018), "1 ");
}

TEST_F(CubeTest, AYearIsReadWithThePlacesOfItsLastDay) {
  world_.Set(2017, "villages/120119101201", "programme_villages", 1);
  world_.Set(2018, "villages/120119101201", "programme_villages", 1);
  SyncAll();
  EXPECT_EQ(cube_.SnapshotOf(2017), cube_.snapshot());
  village::v1::DirectoryEntry moved = world_.places().at("villages/120119101201");
  village::v1::PastEntry* past = moved.add_past();
  past->set_until_date("2018-03-01");
  past->set_code(moved.code());
  past->set_display_name("old name");
  past->set_parent(moved.parent());
  moved.set_code("120119102299");
  moved.set_display_name("new name");
  moved.set_parent("divisions/120119102");
  world_.SetPlace(moved);
  SyncAll();
  EXPECT_EQ(PastOf("villages/120119101201", "programme_villages", 2017),
            "1 120119101201 old name in divisions/120119101");
  EXPECT_EQ(PastOf("villages/120119101201", "programme_villages", 2018),
            "1 120119102299 new name in divisions/120119102");
  // The range of a division is that of the year.
  const auto count = [this](int year) {
    const std::shared_ptr<const Snapshot> snapshot = cube_.SnapshotOf(year);
    const int index = snapshot->places->Find("divisions/120119101");
    return (*snapshot->places)[index].end - index;
  };
  EXPECT_EQ(count(2017), count(2018) + 1);
  // Figures of other years do not make them anew.
  const std::shared_ptr<const Snapshot> read = cube_.SnapshotOf(2017);
  world_.SetYear(2019, village::v1::YEAR_STATE_OPEN);
  world_.Set(2018, "villages/120119101202", "party_members", 3);
  SyncMeasures(kVillage, {2018});
  EXPECT_EQ(cube_.SnapshotOf(2017), read);
  // What is corrected later is read there as well, and what has not changed is not made again.
  EXPECT_EQ(cube_.SnapshotOf(2017), cube_.SnapshotOf(2017));
  world_.Set(2017, "villages/120119101201", "programme_villages", 0);
  SyncAll();
  EXPECT_EQ(PastOf("villages/120119101201", "programme_villages", 2017),
            "0 120119101201 old name in divisions/120119101");
  ExpectEqual();
}

TEST_F(CubeTest, ADivisionIsFollowedByWhatLiesInIt) {
  SyncDirectory();
  const Places& places = *cube_.snapshot()->places;
  ASSERT_EQ(places.size(), 10);
  std::vector<std::string> codes;
  for (int i = 0; i < places.size(); ++i) codes.push_back(places[i].code);
  EXPECT_EQ(codes, (std::vector<std::string>{"12", "120119", "120119101", "120119101201", "120119101202", "120119102",
                                             "120119102201", "120225", "120225001", "120225001201"}));
  EXPECT_EQ(places[0].end, 10);
  EXPECT_EQ(places[1].end, 7);
  EXPECT_EQ(places[places.Find("divisions/120119101")].end, 5);
  EXPECT_EQ(places[places.Find("villages/120119101201")].end, 4);
  EXPECT_EQ(places[3].parent, 2);
  EXPECT_EQ(places.Find("villages/none"), -1);
}

TEST_F(CubeTest, AVillageIsWhereItsTownshipSaysWhateverItsCode) {
  village::v1::DirectoryEntry moved = world_.places().at("villages/120119101201");
  moved.set_parent("divisions/120225001");
  world_.SetPlace(moved);
  SyncDirectory();
  const Places& places = *cube_.snapshot()->places;
  const Place& township = places[places.Find("divisions/120225001")];
  const int village = places.Find("villages/120119101201");
  EXPECT_GT(village, places.Find("divisions/120225001"));
  EXPECT_LT(village, township.end);
}

TEST_F(CubeTest, NothingIsKnownBeforeAnAnswer) {
  EXPECT_EQ(ColumnOf("programme_villages"), nullptr);
  EXPECT_TRUE(cube_.snapshot()->directory_id.empty());
  SyncDirectory();
  EXPECT_EQ(ColumnOf("programme_villages"), nullptr);
  SyncMeasures(kVillage, {2018});
  EXPECT_NE(ColumnOf("programme_villages"), nullptr);
  EXPECT_EQ(ColumnOf("programme_villages", 2017), nullptr);
  EXPECT_EQ(ColumnOf("projects_approved"), nullptr);
}

TEST_F(CubeTest, AYearThatTheServiceDoesNotCountHasNoFigures) {
  SyncDirectory();
  SyncMeasures(kVillage, {2018, 2031});
  EXPECT_EQ(ColumnOf("programme_villages", 2031), nullptr);
  const std::shared_ptr<const Snapshot> before = cube_.snapshot();
  SyncMeasures(kVillage, {2018, 2031});
  EXPECT_EQ(cube_.snapshot(), before) << "nothing has changed";
}

TEST_F(CubeTest, OnlyChangedShardsComeAndOnlyTheirCellsChange) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  world_.Set(2018, "villages/120119101202", "party_members", 30);
  SyncAll();
  EXPECT_EQ(SyncMeasures(kVillage), 0);
  const std::shared_ptr<const Snapshot> before = cube_.snapshot();
  world_.Set(2018, "villages/120119101201", "party_members", 21);
  EXPECT_EQ(SyncMeasures(kVillage), 1);
  ExpectEqual();
  EXPECT_EQ(
      before->ColumnOf(world_.catalog().measures()[world_.catalog().IndexOf("party_members")], 2018)->operator[](3), 20)
      << "an older snapshot stays as it was";
  EXPECT_EQ(before->Figures(kVillage, 2017), cube_.snapshot()->Figures(kVillage, 2017));
  world_.Set(2018, "villages/120119101201", "party_members", 0);
  SyncMeasures(kVillage);
  EXPECT_EQ(Value("villages/120119101201", "party_members"), 0);
}

TEST_F(CubeTest, CellsWithoutAPlaceAreCountedUntilThePlaceComes) {
  world_.Set(2018, "villages/120225001202", "party_members", 7);
  world_.Set(2018, "villages/120225001202", "young_party_members", 2);
  SyncAll();
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2018), 1);
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2017), 0);
  world_.AddPlace("120225001202");
  SyncDirectory();
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2018), 0);
  EXPECT_EQ(Value("villages/120225001202", "party_members"), 7);
  ExpectEqual();
}

TEST_F(CubeTest, FiguresOfARemovedPlaceAreCountedAndComeBackWithIt) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  world_.Set(2018, "villages/120119101201", "needy_households", 3);
  SyncAll();
  world_.RemovePlace("villages/120119101201");
  SyncDirectory();
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2018), 2) << "once in each service";
  ExpectEqual();
  world_.AddPlace("120119101201");
  SyncDirectory();
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2018), 0);
  EXPECT_EQ(Value("villages/120119101201", "party_members"), 20);
  EXPECT_EQ(SyncMeasures(kVillage), 0);
}

TEST_F(CubeTest, FiguresMayComeBeforeTheDirectory) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  SyncMeasures(kVillage);
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2018), 1);
  SyncDirectory();
  EXPECT_EQ(Value("villages/120119101201", "party_members"), 20);
}

TEST_F(CubeTest, AnotherDatabaseMakesTheCopyForgotten) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  SyncAll();
  world_.Set(2018, "villages/120119101201", "party_members", 0);
  world_.ReplaceDatabase(kVillage);
  SyncMeasures(kVillage, {2018});
  EXPECT_EQ(Value("villages/120119101201", "party_members"), 0);
  EXPECT_EQ(ColumnOf("party_members", 2017), nullptr) << "what the new database says of the other year is not known";
  world_.RemovePlace("divisions/120225");
  SyncDirectory();
  EXPECT_EQ(cube_.snapshot()->places->Find("divisions/120225"), -1);
}

TEST_F(CubeTest, AMalformedAnswerIsRefusedAsAWhole) {
  SyncAll();
  measure::v1::SyncMeasuresResponse response;
  world_.SyncMeasures(kVillage, {}, &response);
  measure::v1::MeasureYear* year = response.add_years();
  year->set_year(2018);
  year->set_counted(true);
  measure::v1::MeasureShard* shard = year->add_shards();
  shard->add_cell_nodes(0);
  shard->add_cell_measures(0);
  shard->add_cell_values(1);
  EXPECT_THAT(cube_.ApplyMeasures(kVillage, response), StatusIs(absl::StatusCode::kInternal));
  response.set_shard_count(16);
  EXPECT_THAT(cube_.ApplyMeasures(kVillage, response), StatusIs(absl::StatusCode::kFailedPrecondition));
  ExpectEqual();
}

TEST_F(CubeTest, AMeasureThatIsDefinedLaterHasNoFiguresUntilAllCame) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  world_.Set(2018, "villages/120119101202", "party_members", 30);
  world_.SetDefined("party_members", false);
  SyncAll();
  EXPECT_EQ(ColumnOf("party_members"), nullptr);
  // The next release of the service: the versions are what they were.
  world_.SetDefined("party_members", true);
  SyncMeasures(kVillage);
  ExpectEqual();
  // And back, as while both releases answer in turn.
  world_.SetDefined("party_members", false);
  SyncMeasures(kVillage);
  EXPECT_EQ(ColumnOf("party_members"), nullptr);
  world_.SetDefined("party_members", true);
  SyncMeasures(kVillage);
  ExpectEqual();
}

// Whatever a service says, a column that nobody has sent is not shown as zeros.
TEST_F(CubeTest, AColumnIsNotMadeOfShardsThatDidNotCome) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  world_.SetUncounted(2018, "party_members");
  SyncAll();
  EXPECT_EQ(ColumnOf("party_members"), nullptr);
  EXPECT_NE(ColumnOf("programme_villages"), nullptr) << "only that measure has no figures";
  measure::v1::SyncMeasuresResponse response;
  world_.SyncMeasures(kVillage, cube_.MeasuresRequest(kVillage, {2018}, true), &response);
  response.mutable_years(0)->clear_uncounted_measures();
  EXPECT_THAT(cube_.ApplyMeasures(kVillage, response), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(ColumnOf("party_members"), nullptr);
  EXPECT_EQ(cube_.MeasuresRequest(kVillage, {2018}, false).years(0).version_sum(), 0) << "all has to come again";
}

TEST_F(CubeTest, CellsOfUnknownMeasuresAreDroppedAlsoBeforeTheDirectory) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  measure::v1::SyncMeasuresResponse response;
  world_.SyncMeasures(kVillage, cube_.MeasuresRequest(kVillage, {2017, 2018}, true), &response);
  const int unknown = response.measures_size();
  response.add_measures("of_a_later_release");
  response.set_definitions("later");
  for (measure::v1::MeasureYear& year : *response.mutable_years()) {
    for (measure::v1::MeasureShard& shard : *year.mutable_shards()) {
      shard.add_nodes("villages/120119102201");
      shard.add_cell_nodes(shard.nodes_size() - 1);
      shard.add_cell_measures(unknown);
      shard.add_cell_values(1'000'000);
    }
  }
  ASSERT_OK(cube_.ApplyMeasures(kVillage, response));
  EXPECT_EQ(cube_.snapshot()->UnplacedNodeCount(2018), 1);
  SyncDirectory();
  for (const int service : {kIndustry, kInfrastructure, kAssistance}) SyncMeasures(service);
  ExpectEqual();
}

TEST_F(CubeTest, NothingOfACutAnswerIsShownBeforeTheRest) {
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  SyncAll();
  world_.ReplaceDatabase(kVillage);
  world_.Set(2018, "villages/120119101201", "party_members", 10);
  world_.Set(2018, "villages/120119101202", "party_members", 30);
  world_.shards_at_once = 300;
  for (int part = 0; part < 6; ++part) {
    measure::v1::SyncMeasuresResponse response;
    const absl::StatusOr<Next> next = SyncOnce(kVillage, {2017, 2018}, &response);
    ASSERT_OK(next);
    EXPECT_EQ(*next, Next::kAskForMore);
    EXPECT_EQ(Value("villages/120119101201", "party_members"), 20);
    EXPECT_EQ(Value("villages/120119101202", "party_members"), 0);
    if (part == 2) {
      // A member moves from one village to the other, and the directory changes meanwhile.
      world_.Set(2018, "villages/120119101201", "party_members", 9);
      world_.Set(2018, "villages/120119101202", "party_members", 31);
      world_.AddPlace("120119101200");
      SyncDirectory();
    }
  }
  SyncMeasures(kVillage);
  ExpectEqual();
  // A year that another call asks for meanwhile is shown by itself.
  world_.ReplaceDatabase(kVillage);
  measure::v1::SyncMeasuresResponse response;
  ASSERT_OK(SyncOnce(kVillage, {2017}, &response));
  world_.shards_at_once = 2000;
  SyncMeasures(kVillage, {2018});
  EXPECT_EQ(ColumnOf("party_members", 2017), nullptr);
  EXPECT_NE(ColumnOf("party_members", 2018), nullptr);
  SyncAll();
  ExpectEqual();
}

TEST_F(CubeTest, WhereNothingHasChangedASumIsAllThatIsSent) {
  SyncAll();
  const std::shared_ptr<const Snapshot> before = cube_.snapshot();
  world_.now += absl::Seconds(5);
  const auto request = cube_.MeasuresRequest(kVillage, {2017, 2018}, false);
  EXPECT_LT(request.ByteSizeLong(), 20'000U);
  EXPECT_EQ(request.years(0).versions_size(), 0);
  measure::v1::SyncMeasuresResponse response;
  ASSERT_OK(SyncOnce(kVillage, {2017, 2018}, &response, false));
  EXPECT_EQ(response.measures_size(), 0);
  EXPECT_EQ(cube_.snapshot(), before);
  EXPECT_EQ(cube_.times(2018).services[kVillage], world_.now);
  EXPECT_EQ(cube_.times(2018).directory, world_.now) << "the answer speaks of the directory too";
  EXPECT_TRUE(cube_.HoldsDirectoryOf(response));
  world_.Set(2018, "villages/120119101201", "party_members", 20);
  world_.AddPlace("120119101200");
  response.Clear();
  const absl::StatusOr<Next> next = SyncOnce(kVillage, {2017, 2018}, &response, false);
  ASSERT_OK(next);
  EXPECT_EQ(*next, Next::kAskForMore);
  EXPECT_FALSE(cube_.HoldsDirectoryOf(response));
  EXPECT_EQ(SyncMeasures(kVillage), 1);
  SyncDirectory();
  ExpectEqual();
}

// Whatever changes, and in whatever order it is learnt, the cube ends as the world is.
TEST_F(CubeTest, FollowsRandomChanges) {
  std::mt19937 random(20180411);
  const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  const auto village = [&pick] { return absl::StrCat("12011", pick(3), "10", pick(3), "2", pick(10), pick(10)); };
  for (int i = 0; i < 3; ++i) {
    world_.AddPlace(absl::StrCat("12011", i));
    for (int j = 0; j < 3; ++j) world_.AddPlace(absl::StrCat("12011", i, "10", j));
  }
  for (int step = 0; step < 2000; ++step) {
    const std::string code = village();
    const MeasureInfo& measure =
        world_.catalog().measures()[pick(static_cast<int>(world_.catalog().measures().size()))];
    switch (pick(8)) {
      case 0:
        world_.AddPlace(code);
        break;
      case 1:
        world_.RemovePlace(FakeWorld::NameOf(code));
        break;
      case 2: {
        const auto found = world_.places().find(FakeWorld::NameOf(code));
        if (found == world_.places().end()) break;
        village::v1::DirectoryEntry moved = found->second;
        moved.set_parent(absl::StrCat("divisions/12011", pick(3), "10", pick(3)));
        world_.SetPlace(moved);
        break;
      }
      case 3:
        SyncDirectory();
        break;
      case 4:
        world_.shards_at_once = 1 + pick(2000);
        SyncMeasures(pick(kServiceCount));
        break;
      default:
        world_.Set(2017 + pick(2), FakeWorld::NameOf(code), measure.definition.id(), pick(5));
    }
    if (step % 100 == 99) {
      SyncAll();
      ExpectEqual();
    }
  }
}

}  // namespace
}  // namespace jiedui::gateway
