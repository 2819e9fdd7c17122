// Changes of divisions and villages, and what the directory says of them.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "jiedui/village/v1/directory.pb.h"
#include "jiedui/village/v1/division_change.pb.h"
#include "tests/village/village_program.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using village::v1::Division;
using village::v1::DivisionChange;
using village::v1::Village;

class DivisionChangeTest : public VillageTest {
 protected:
  void SetUp() override {
    VillageTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(Create<Division>("120119102", R"(code: "120119102" display_name: "邻镇" level: DIVISION_LEVEL_TOWNSHIP
                                             parent: "divisions/120119")"));
  }
  // "until code name parent" of each past state, then the current one.
  std::vector<std::string> Listed(const std::string& name) {
    village::v1::SyncDirectoryResponse response;
    EXPECT_OK(program_->Call("jiedui.village.v1.DirectoryService/SyncDirectory", village::v1::SyncDirectoryRequest(),
                             &response));
    std::vector<std::string> states;
    for (const auto& shard : response.shards()) {
      for (const auto& entry : shard.entries()) {
        if (entry.name() != name) continue;
        for (const auto& past : entry.past()) {
          states.push_back(
              absl::StrCat(past.until_date(), " ", past.code(), " ", past.display_name(), " ", past.parent()));
        }
        states.push_back(
            absl::StrCat(entry.to_date(), " ", entry.code(), " ", entry.display_name(), " ", entry.parent()));
      }
    }
    return states;
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, DivisionChangeTest, BothDatabases(), DatabaseName);

TEST_P(DivisionChangeTest, AVillageKeepsItsIdWhenItsCodeNameAndTownshipChange) {
  ASSERT_OK(Create<DivisionChange>("a", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
                                         effective_date: "2018-03-01" display_name: "新村")"));
  ASSERT_OK(Create<DivisionChange>("b", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MOVED
      effective_date: "2019-01-01" code: "120119102299" parent: "divisions/120119102")"));
  const auto village = Get<Village>(kVillage);
  ASSERT_OK(village);
  EXPECT_EQ(village->display_name(), "新村");
  EXPECT_EQ(village->code(), "120119102299");
  EXPECT_EQ(village->township(), "divisions/120119102");
  EXPECT_THAT(Listed(kVillage), ElementsAre("2018-03-01 120119101201 村 divisions/120119101",
                                            "2019-01-01 120119101201 新村 divisions/120119101",
                                            " 120119102299 新村 divisions/120119102"));
}

TEST_P(DivisionChangeTest, TheLastChangeCanBeTakenBack) {
  ASSERT_OK(Create<DivisionChange>("a", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
                                         effective_date: "2018-03-01" display_name: "新村")"));
  ASSERT_OK(Create<DivisionChange>("b", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_ABOLISHED
                                         effective_date: "2018-06-01")"));
  EXPECT_EQ(Get<Village>(kVillage)->exit_date(), "2018-06-01");
  EXPECT_EQ(Value(2017, "programme_villages"), 1);
  EXPECT_EQ(Value(2018, "programme_villages"), 0);
  EXPECT_THAT(Delete<DivisionChange>("divisionChanges/a"), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/b"));
  EXPECT_EQ(Value(2018, "programme_villages"), 1);
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/a"));
  EXPECT_THAT(Listed(kVillage), ElementsAre(" 120119101201 村 divisions/120119101"));
}

TEST_P(DivisionChangeTest, WhatLiesInAMergedTownshipMovesToItsSuccessor) {
  ASSERT_OK(Create<DivisionChange>("m", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-03-01" successors { place: "divisions/120119102" })"));
  EXPECT_EQ(Get<Division>(kTownship)->valid_to(), "2018-03-01");
  for (const char* village : {kVillage, kOther}) EXPECT_EQ(Get<Village>(village)->township(), "divisions/120119102");
  EXPECT_THAT(Listed(kOther),
              ElementsAre("2018-03-01 120119101202 村 divisions/120119101", " 120119101202 村 divisions/120119102"));
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, ADivisionWithPlacesInItIsNotSplitOrAbolished) {
  EXPECT_THAT(
      Violated(Create<DivisionChange>("a", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_ABOLISHED
                                                     effective_date: "2018-03-01")")
                   .status()),
      ElementsAre("subject RULE"));
  for (const char* village : {kVillage, kOther}) {
    ASSERT_OK(Create<DivisionChange>("", absl::StrCat(R"(subject: ")", village, R"(" kind: DIVISION_CHANGE_KIND_MOVED
        effective_date: "2018-03-01" parent: "divisions/120119102")")));
  }
  ASSERT_OK(Create<DivisionChange>("a", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_ABOLISHED
                                         effective_date: "2018-03-01")"));
}

TEST_P(DivisionChangeTest, EverythingWrongIsSaidAtOnce) {
  EXPECT_THAT(Violated(Create<DivisionChange>("a", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_SPLIT
      effective_date: "2100-01-01" display_name: "x" successors { place: "villages/120119101201" })")
                           .status()),
              ElementsAre("display_name RULE", "successors RULE", "successors[0].place RULE", "effective_date RULE"));
  ASSERT_OK(Create<DivisionChange>("b", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
                                         effective_date: "2018-03-01" display_name: "新村")"));
  EXPECT_THAT(
      Violated(Create<DivisionChange>("c", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RECODED
                                                     effective_date: "2018-02-01")")
                   .status()),
      ElementsAre("code REQUIRED", "effective_date RULE"));
  EXPECT_THAT(Create<DivisionChange>("d", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
                                           effective_date: "2018-03-01" display_name: "又一村")"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  // A village does not move to a district, and nothing of the change stays.
  EXPECT_THAT(Create<DivisionChange>("e", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MOVED
                                           effective_date: "2018-04-01" parent: "divisions/120119")"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Listed(kVillage),
              ElementsAre("2018-03-01 120119101201 村 divisions/120119101", " 120119101201 新村 divisions/120119101"));
}

TEST_P(DivisionChangeTest, AnImportedHistoryKeepsItsStatesBefore) {
  // The village is as it is now already: only the history is new.
  ASSERT_OK(Create<DivisionChange>("a", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
      effective_date: "2018-03-01" display_name: "村" display_name_before: "老村" code_before: "120119999999"
      parent_before: "divisions/120119102")"));
  EXPECT_THAT(Listed(kVillage),
              ElementsAre("2018-03-01 120119999999 老村 divisions/120119102", " 120119101201 村 divisions/120119101"));
}

TEST_P(DivisionChangeTest, AVillageIsMergedIntoAnotherOrSplitIntoOthers) {
  for (const char* code : {"120119102201", "120119102202"}) {
    ASSERT_OK(
        Create<Village>(code, absl::StrCat("code: \"", code, R"(" display_name: "分村" township: "divisions/120119102"
        support_level: SUPPORT_LEVEL_CITY entry_date: "2018-07-01")")));
  }
  ASSERT_OK(Create<DivisionChange>("m", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-03-01" successors { place: "villages/120119101202" } document_number: "1号")"));
  EXPECT_EQ(Get<Village>(kVillage)->exit_date(), "2018-03-01");
  EXPECT_EQ(Get<Village>(kOther)->exit_date(), "");
  const auto split = Create<DivisionChange>("s", R"(subject: "villages/120119101202" kind: DIVISION_CHANGE_KIND_SPLIT
      effective_date: "2018-07-01" successors { place: "villages/120119102201" } successors { place: "villages/120119102202" })");
  ASSERT_OK(split);
  EXPECT_EQ(split->successors_size(), 2);
  EXPECT_EQ(ReasonOf(Delete<Village>("villages/120119102201")), error::v1::REASON_REFERENCED);
  EXPECT_EQ(Get<Village>(kOther)->exit_date(), "2018-07-01");
  EXPECT_EQ(Value(2017, "programme_villages"), 1);
  EXPECT_EQ(Value(2018, "programme_villages", kOther), 0);
  EXPECT_EQ(Value(2018, "programme_villages", "villages/120119102201"), 1);
  EXPECT_THAT(Listed(kOther), ElementsAre("2018-07-01 120119101202 村 divisions/120119101",
                                          "2018-07-01 120119101202 村 divisions/120119101"));
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/s"));
  EXPECT_EQ(Get<Village>(kOther)->exit_date(), "");
  EXPECT_EQ(Value(2018, "programme_villages", kOther), 1);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, ADivisionThatIsEmptyIsSplit) {
  for (const char* code : {"120119103", "120119104"}) {
    ASSERT_OK(
        Create<Division>(code, absl::StrCat("code: \"", code, R"(" display_name: "新镇" level: DIVISION_LEVEL_TOWNSHIP
        parent: "divisions/120119" valid_from: "2018-03-01")")));
  }
  ASSERT_OK(Create<DivisionChange>(
      "s", R"(subject: "divisions/120119102" kind: DIVISION_CHANGE_KIND_SPLIT effective_date: "2018-03-01"
      successors { place: "divisions/120119103" } successors { place: "divisions/120119104" })"));
  EXPECT_EQ(Get<Division>("divisions/120119102")->valid_to(), "2018-03-01");
}

TEST_P(DivisionChangeTest, WhoTakesOverIsThereOnTheDay) {
  ASSERT_OK(Create<Division>("120119103", R"(code: "120119103" display_name: "新镇" level: DIVISION_LEVEL_TOWNSHIP
      parent: "divisions/120119" valid_from: "2018-06-01")"));
  ASSERT_OK(Create<DivisionChange>(
      "m", R"(subject: "divisions/120119102" kind: DIVISION_CHANGE_KIND_MERGED effective_date: "2018-03-01"
      successors { place: "divisions/120119101" })"));
  const auto merge = [this](const std::string& into, const std::string& day) {
    return Violated(
        Create<DivisionChange>("x", absl::StrCat(R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_MERGED
        effective_date: ")",
                                                 day, "\" successors { place: \"divisions/", into, "\" }"))
            .status());
  };
  EXPECT_THAT(merge("120119102", "2018-07-01"), ElementsAre("successors[0].place RULE"));
  EXPECT_THAT(merge("120119103", "2018-05-31"), ElementsAre("successors[0].place RULE"));
  EXPECT_THAT(Violated(Create<DivisionChange>("x", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MOVED
      effective_date: "2018-04-01" parent: "divisions/120119102")")
                           .status()),
              ElementsAre("parent RULE"));
  // Nor is anything recorded in, or moved by a correction to, what has ended.
  EXPECT_THAT(Violated(Create<Village>("v", R"(code: "120119102201" display_name: "村" township: "divisions/120119102"
      support_level: SUPPORT_LEVEL_CITY entry_date: "2018-08-01")")
                           .status()),
              ElementsAre("township RULE"));
  EXPECT_THAT(Violated(Update<Village>(kVillage, R"(township: "divisions/120119102")").status()),
              ElementsAre("township RULE"));
  EXPECT_OK(Create<Village>("v", R"(code: "120119102201" display_name: "村" township: "divisions/120119102"
      support_level: SUPPORT_LEVEL_CITY entry_date: "2017-08-01" exit_date: "2018-01-01")"));
}

TEST_P(DivisionChangeTest, AMergeThatIsTakenBackBringsBackWhatLayInIt) {
  ASSERT_OK(Create<DivisionChange>("m", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-03-01" successors { place: "divisions/120119102" })"));
  ASSERT_OK(Create<DivisionChange>("r", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
      effective_date: "2018-04-01" display_name: "新村")"));
  EXPECT_THAT(Delete<DivisionChange>("divisionChanges/m"), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/r"));
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/m"));
  EXPECT_EQ(Get<Division>(kTownship)->valid_to(), "");
  for (const char* village : {kVillage, kOther}) EXPECT_EQ(Get<Village>(village)->township(), kTownship);
  EXPECT_THAT(Listed(kOther), ElementsAre(" 120119101202 村 divisions/120119101"));
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, TheBoundaryOfAClosedYearStays) {
  const std::string move =
      R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MOVED parent: "divisions/120119102" )";
  ASSERT_OK(Create<DivisionChange>("old", move + R"(effective_date: "2017-12-01")"));
  ASSERT_OK(Create<village::v1::ProgrammeYear>("2017", "year: 2017 state: YEAR_STATE_CLOSED"));
  const std::string rename =
      R"(subject: "villages/120119101202" kind: DIVISION_CHANGE_KIND_RENAMED display_name: "新村" )";
  EXPECT_THAT(Violated(Create<DivisionChange>("x", rename + R"(effective_date: "2017-12-31")").status()),
              ElementsAre("effective_date YEAR_NOT_OPEN"));
  EXPECT_THAT(Violated(Create<DivisionChange>("x", rename + R"(effective_date: "2016-12-31")").status()),
              ElementsAre("effective_date YEAR_NOT_OPEN"));
  EXPECT_THAT(Violated(Create<DivisionChange>(
                           "x", rename + R"(effective_date: "2018-01-01" parent_before: "divisions/120119102")")
                           .status()),
              ElementsAre("parent_before YEAR_NOT_OPEN"));
  EXPECT_THAT(Delete<DivisionChange>("divisionChanges/old"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Violated(Update<Village>(kOther, R"(township: "divisions/120119102")").status()),
              ElementsAre("township YEAR_NOT_OPEN"));
  // What changes later is recorded, and taken back.
  ASSERT_OK(Create<DivisionChange>("new", R"(subject: "villages/120119101202" kind: DIVISION_CHANGE_KIND_MOVED
      parent: "divisions/120119102" effective_date: "2018-01-01")"));
  EXPECT_EQ(Get<Village>(kOther)->township(), "divisions/120119102");
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/new"));
  EXPECT_EQ(Get<Village>(kOther)->township(), kTownship);
  EXPECT_EQ(Get<Village>(kOther)->district(), "divisions/120119");
}

TEST_P(DivisionChangeTest, WhatIsExportedIsImportedIntoAnEmptyDatabase) {
  ASSERT_OK(Create<DivisionChange>("", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
                                        effective_date: "2018-03-01" display_name: "新村")"));
  ASSERT_OK(Create<DivisionChange>("", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2019-01-01" successors { place: "divisions/120119102" })"));
  ASSERT_OK(Create<DivisionChange>("", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2019-06-01" successors { place: "villages/120119101202" })"));
  auto other = std::make_unique<BulkProgram>(village::NewDefinition(), GetParam());
  for (const char* collection : {"divisions", "villages", "divisionChanges"}) {
    std::string csv;
    ASSERT_OK(program_->Export(collection, "", &csv));
    const ImportAnswer answer = other->Import(collection, csv);
    ASSERT_OK(answer.status);
    EXPECT_THAT(answer.Errors(), ElementsAre()) << csv;
    EXPECT_TRUE(answer.result.committed());
  }
  const std::vector<std::string> listed = Listed(kVillage);
  EXPECT_EQ(listed.size(), 4u);
  std::swap(program_, other);
  EXPECT_EQ(Listed(kVillage), listed);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, APlaceThatEndsLaterIsInItsDivisionUntilThen) {
  ASSERT_OK(Update<Village>(kVillage, R"(exit_date: "2019-06-30")"));
  ASSERT_OK(Update<Village>(kOther, R"(exit_date: "2018-02-01")"));
  EXPECT_THAT(
      Violated(Create<DivisionChange>("a", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_ABOLISHED
                                                     effective_date: "2018-03-01")")
                   .status()),
      ElementsAre("subject RULE"));
  ASSERT_OK(Create<DivisionChange>("m", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-03-01" successors { place: "divisions/120119102" })"));
  EXPECT_EQ(Get<Village>(kVillage)->township(), "divisions/120119102");
  EXPECT_EQ(Get<Village>(kVillage)->exit_date(), "2019-06-30");
  // Over by then.
  EXPECT_EQ(Get<Village>(kOther)->township(), kTownship);
  const auto change = [this](const char* kind, const char* day) {
    return Violated(Create<DivisionChange>("x", absl::StrCat("subject: \"", kVillage, "\" kind: DIVISION_CHANGE_KIND_",
                                                             kind, " effective_date: \"", day, "\""))
                        .status());
  };
  EXPECT_THAT(change("RECODED code: \"120119102299\"", "2019-07-01"), ElementsAre("subject RULE"));
  EXPECT_THAT(change("ABOLISHED", "2019-06-01"), ElementsAre("subject RULE"));
  EXPECT_THAT(change("RECODED code: \"120119102299\"", "2019-06-01"), ElementsAre());
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, ACorrectionReachesTheStatesBeforeChangesOfOtherFields) {
  ASSERT_OK(Create<DivisionChange>("m", R"(subject: "villages/120119101202" kind: DIVISION_CHANGE_KIND_MOVED
      effective_date: "2018-01-01" parent: "divisions/120119102")"));
  for (const char* village : {kVillage, kOther}) {
    ASSERT_OK(Create<DivisionChange>("", absl::StrCat("subject: \"", village, R"(" kind: DIVISION_CHANGE_KIND_RENAMED
        effective_date: "2018-06-01" display_name: "新村")")));
  }
  ASSERT_OK(Update<Village>(kVillage, R"(township: "divisions/120119102" code: "120119102299" display_name: "正名")"));
  EXPECT_THAT(Listed(kVillage),
              ElementsAre("2018-06-01 120119102299 村 divisions/120119102", " 120119102299 正名 divisions/120119102"));
  // Where it lay before it moved is not what is corrected.
  ASSERT_OK(Update<Village>(kOther, R"(township: "divisions/120119101")"));
  EXPECT_THAT(Listed(kOther),
              ElementsAre("2018-01-01 120119101202 村 divisions/120119101",
                          "2018-06-01 120119101202 村 divisions/120119101", " 120119101202 新村 divisions/120119101"));
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, AChangeThatIsTakenBackRestoresWhatItSetAlone) {
  ASSERT_OK(Create<DivisionChange>("r", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_RENAMED
      effective_date: "2018-06-01" display_name: "新村")"));
  ASSERT_OK(Update<Village>(kVillage, R"(township: "divisions/120119102" code: "120119102299")"));
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/r"));
  EXPECT_THAT(Listed(kVillage), ElementsAre(" 120119102299 村 divisions/120119102"));
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(DivisionChangeTest, APlaceThatAChangeEndedIsNotRevivedByAnUpdate) {
  ASSERT_OK(Create<DivisionChange>("v", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-06-01" successors { place: "villages/120119101202" })"));
  ASSERT_OK(Create<DivisionChange>("t", R"(subject: "divisions/120119102" kind: DIVISION_CHANGE_KIND_ABOLISHED
      effective_date: "2018-07-01")"));
  EXPECT_THAT(Violated(Update<Village>(kVillage, "", {"exit_date"}).status()), ElementsAre("exit_date RULE"));
  EXPECT_THAT(Violated(Update<Village>(kVillage, R"(exit_date: "2018-06-02")").status()),
              ElementsAre("exit_date RULE"));
  EXPECT_THAT(Violated(Update<Division>("divisions/120119102", "", {"valid_to"}).status()),
              ElementsAre("valid_to RULE"));
  EXPECT_OK(Update<Village>(kVillage, R"(population: 900)"));
  ASSERT_OK(Delete<DivisionChange>("divisionChanges/v"));
  EXPECT_EQ(Get<Village>(kVillage)->exit_date(), "");
  EXPECT_OK(Update<Village>(kVillage, R"(exit_date: "2018-06-02")"));
}

TEST_P(DivisionChangeTest, AVillageDoesNotComeBackToATownshipThatHasEnded) {
  ASSERT_OK(Create<DivisionChange>("e", R"(subject: "villages/120119101201" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-06-01" successors { place: "villages/120119101202" })"));
  ASSERT_OK(Create<DivisionChange>("t", R"(subject: "divisions/120119101" kind: DIVISION_CHANGE_KIND_MERGED
      effective_date: "2018-07-01" successors { place: "divisions/120119102" })"));
  EXPECT_THAT(Delete<DivisionChange>("divisionChanges/e"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace jiedui::testing
