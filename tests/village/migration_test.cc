// Migrations of the village program that change what is there.

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/village/definition.h"
#include "tests/support/migrated_database.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;

class VillageMigrationTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override { JIEDUI_REQUIRE_DATABASE(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Databases, VillageMigrationTest, BothDatabases(), DatabaseName);

TEST_P(VillageMigrationTest, TermsHaveTheDayOfTheFirstElectionOfTheYear) {
  MigratedDatabase database(village::NewDefinition, GetParam(), "0164");
  const auto term = [&database](const std::string& id, const std::string& official, const char* origin,
                                const std::string& from, const std::string& to, const std::string& trained) {
    database.Insert("official_term", {{"id", id},
                                      {"official", "villageOfficials/" + official},
                                      {"origin", origin},
                                      {"start_date", from},
                                      {"end_date", to},
                                      {"trained_date", trained}});
  };
  // Elected to two organs, trained in between, and gone on without one of the posts.
  term("a1", "a", "1", "2015-06-01", "2018-06-01", "2018-06-20");
  term("a2", "a", "1", "2018-06-01", "2018-08-01", "2018-06-20");
  term("a3", "a", "1", "2018-08-01", "2018-09-01", "2018-12-01");
  term("a4", "a", "3", "2018-09-01", "", "2018-12-01");
  for (const auto& [id, day] : {std::pair<const char*, const char*>{"a1", "2018-06-20"}, {"a2", "2018-12-01"}}) {
    database.Insert("official_training", {{"id", id}, {"official", "villageOfficials/a"}, {"held_date", day}});
  }
  // A day out of office; appointed; elected, without training.
  term("b1", "b", "1", "2018-06-01", "2018-07-31", "");
  term("b2", "b", "1", "2018-08-01", "", "");
  term("c1", "c", "2", "2018-06-01", "2018-08-01", "");
  term("c2", "c", "3", "2018-08-01", "", "");
  database.MigrateOn();
  EXPECT_THAT(database.Rows("SELECT id, elected_date, trained_date FROM official_term ORDER BY id", 3),
              ElementsAre("a1 2015-06-01 2018-06-20", "a2 2018-06-01 2018-06-20", "a3 2018-06-01 2018-06-20",
                          "a4 2018-06-01 2018-06-20", "b1 2018-06-01 ", "b2 2018-08-01 ", "c1  ", "c2  "));
}

TEST_P(VillageMigrationTest, SupervisedItemsAreRaisedBeforeTheirStepsAndBeforeTheirLevel) {
  MigratedDatabase database(village::NewDefinition, GetParam(), "0170");
  database.Insert("division", {{"id", "12"}, {"code", "12"}, {"level", "1"}});
  database.Insert("division", {{"id", "120119"}, {"code", "120119"}, {"level", "2"}, {"parent", "divisions/12"}});
  database.Insert("division",
                  {{"id", "120119101"}, {"code", "120119101"}, {"level", "3"}, {"parent", "divisions/120119"}});
  const auto item = [&database](const std::string& id, const std::string& site, const std::string& state) {
    database.Insert("supervised_item", {{"id", id},
                                        {"site", site},
                                        {"state", state},
                                        {"due_date", "2018-06-30"},
                                        {"level_due_date", "2018-06-30"},
                                        {"raised_date", "2018-06-30"}});
  };
  int sequence = 0;
  const auto step = [&](const std::string& id, const std::string& rpc, const std::string& date, const std::string& from,
                        const std::string& to) {
    ++sequence;
    database.Insert("workflow_transition", {{"id", std::to_string(sequence)},
                                            {"resource", "supervisedItems/" + id},
                                            {"rpc", rpc},
                                            {"date", date},
                                            {"sequence", std::to_string(sequence)},
                                            {"from_state", from},
                                            {"to_state", to}});
  };
  item("city", "divisions/12", "1");
  item("district", "divisions/120119", "1");
  item("township", "divisions/120119101", "1");
  item("village", "villages/120119101201", "1");
  item("extended-city", "divisions/12", "1");
  step("extended-city", "ExtendItem", "2018-06-01", "TOWNSHIP", "TOWNSHIP");
  item("extended-district", "divisions/120119", "1");
  step("extended-district", "ExtendItem", "2018-06-05", "TOWNSHIP", "TOWNSHIP");
  step("extended-district", "ExtendItem", "2018-06-09", "TOWNSHIP", "TOWNSHIP");
  item("extended-village", "villages/120119101201", "1");
  step("extended-village", "ExtendItem", "2018-07-05", "TOWNSHIP", "TOWNSHIP");
  // Was the township's, and is overdue or done.
  item("escalated-district", "divisions/120119", "2");
  step("escalated-district", "EscalateItem", "2018-07-01", "TOWNSHIP", "DISTRICT");
  item("struck-off-district", "divisions/120119", "4");
  step("struck-off-district", "StrikeOffItem", "2018-05-01", "TOWNSHIP", "STRUCK_OFF");
  database.MigrateOn();
  EXPECT_THAT(database.Rows("SELECT id, state, raised_date, level_due_date FROM supervised_item ORDER BY id", 4),
              ElementsAre("city 3 2018-06-30 ", "district 2 2018-06-30 2018-06-30",
                          "escalated-district 2 2018-06-30 2018-06-30", "extended-city 3 2018-06-01 ",
                          "extended-district 2 2018-06-05 2018-06-30", "extended-village 1 2018-06-30 2018-06-30",
                          "struck-off-district 4 2018-05-01 2018-06-30", "township 1 2018-06-30 2018-06-30",
                          "village 1 2018-06-30 2018-06-30"));
  EXPECT_THAT(database.Rows("SELECT from_state, to_state FROM workflow_transition ORDER BY sequence", 2),
              ElementsAre("CITY CITY", "DISTRICT DISTRICT", "DISTRICT DISTRICT", "TOWNSHIP TOWNSHIP",
                          "TOWNSHIP DISTRICT", "TOWNSHIP STRUCK_OFF"));
}

}  // namespace
}  // namespace jiedui::testing
