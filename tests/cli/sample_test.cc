#include "services/cli/sample/sample.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/bulk/csv.h"
#include "common/personal/personal_kind.h"
#include "gtest/gtest.h"
#include "services/cli/catalog.h"
#include "services/cli/records.h"

namespace jiedui::cli {
namespace {

using Files = std::map<std::string, std::string>;  // by collection

Files Write(uint64_t seed, int villages) {
  std::string folder = ::testing::TempDir() + "/jiedui-sample.XXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  SampleOptions options;
  options.folder = folder;
  options.seed = seed;
  options.villages = villages;
  EXPECT_TRUE(WriteSample(options).ok());
  Files files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    files[entry.path().stem().string()] = text.str();
  }
  std::filesystem::remove_all(folder);
  return files;
}

// Rows as column → cell.
std::vector<std::map<std::string, std::string>> Rows(const std::string& text) {
  bulk::CsvReader reader;
  reader.Feed(text);
  reader.Finish();
  std::vector<std::string> columns;
  std::vector<std::map<std::string, std::string>> rows;
  while (reader.Next() == bulk::CsvReader::Result::kRow) {
    EXPECT_TRUE(reader.problems().empty());
    if (columns.empty()) {
      for (const absl::string_view cell : reader.cells()) columns.emplace_back(cell);
      continue;
    }
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) row[columns[i]] = std::string(reader.cells()[i]);
  }
  return rows;
}

TEST(SampleTest, TheSeedDecidesEverything) {
  EXPECT_EQ(Write(1, 60), Write(1, 60));
  EXPECT_NE(Write(1, 60), Write(2, 60));
}

TEST(SampleTest, HasAsManyVillagesAsAskedFor) {
  for (const int villages : {1, 9, 1041}) {
    EXPECT_EQ(Rows(Write(2018, villages)["villages"]).size(), static_cast<size_t>(villages));
  }
}

// Every text of `message`, also nested, that refers to another resource.
void CollectReferences(const google::protobuf::Message& message, std::vector<std::string>* references) {
  const auto* descriptor = message.GetDescriptor();
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (field->is_repeated() && field->message_type() != nullptr) {
      for (int j = 0; j < reflection->FieldSize(message, field); ++j) {
        CollectReferences(reflection->GetRepeatedMessage(message, field, j), references);
      }
    } else if (!RulesOf(field).reference_to().empty() && !reflection->GetString(message, field).empty()) {
      references->push_back(reflection->GetString(message, field));
    }
  }
}

TEST(SampleTest, EveryRowKeepsTheRulesOfItsFieldsAndRefersToWhatIsThere) {
  const Files files = Write(2018, 300);
  EXPECT_GE(files.size(), 13u);
  std::set<std::string> names;
  std::vector<std::string> references;
  for (const auto& [collection, text] : files) {
    const Resource* resource = Catalog::Get().Find(collection);
    ASSERT_NE(resource, nullptr) << collection;
    const Records records(*resource);
    for (const auto& row : Rows(text)) {
      const std::unique_ptr<google::protobuf::Message> record = NewMessage(resource->message);
      for (const auto& [column, cell] : row) {
        ASSERT_NE(records.columns().Find(column), nullptr) << collection << '.' << column;
        if (cell.empty()) continue;
        EXPECT_FALSE(records.columns().Find(column)->Parse(cell, record.get()).has_value())
            << collection << '.' << column;
      }
      Violations violations;
      records.columns().plan().rules().Validate(*record, "", violations);
      EXPECT_TRUE(violations.empty()) << collection << ": " << violations.ToStatus();
      EXPECT_EQ(row.at("name").substr(0, collection.size() + 1), collection + "/");
      EXPECT_TRUE(names.insert(row.at("name")).second) << row.at("name");
      CollectReferences(*record, &references);
    }
  }
  EXPECT_GT(references.size(), 1000u);
  for (const std::string& reference : references) EXPECT_TRUE(names.contains(reference)) << reference;
}

TEST(SampleTest, TenRealDistrictsAndOthersInCodesThatTheStatisticsDoNotUse) {
  Files files = Write(2018, 1041);
  int districts = 0;
  for (const auto& row : Rows(files["divisions"])) {
    districts += row.at("level") == "DIVISION_LEVEL_DISTRICT" ? 1 : 0;
    if (row.at("level") != "DIVISION_LEVEL_TOWNSHIP") continue;
    EXPECT_GE(row.at("code").substr(6), "600");
    EXPECT_EQ(row.at("display_name").rfind("样例", 0), 0u);
  }
  EXPECT_EQ(districts, 10);
}

TEST(SampleTest, WhatIsMadeUpSaysSo) {
  Files files = Write(2018, 100);
  for (const auto& row : Rows(files["villages"])) EXPECT_EQ(row.at("display_name").rfind("样例", 0), 0u);
  for (const auto& row : Rows(files["partyMembers"])) EXPECT_EQ(row.at("display_name").rfind("样例", 0), 0u);
}

// Citizen numbers of the sample are valid, and of nobody: their region codes, 120180 to 120189, are in no edition of GB/T 2260.
TEST(SampleTest, CitizenNumbersAreOfUnusedRegions) {
  Files files = Write(2018, 300);
  std::set<std::string> numbers;
  for (const auto& row : Rows(files["persons"])) {
    const std::string& number = row.at("citizen_number");
    ASSERT_EQ(number.size(), 18u);
    EXPECT_EQ(number.substr(0, 5), "12018") << number;
    EXPECT_EQ(number[17], personal::CitizenCheckCharacter(number.substr(0, 17)));
    EXPECT_TRUE(numbers.insert(number).second) << number;
  }
  EXPECT_GT(numbers.size(), 100u);
  for (const auto& [collection, text] : files) {
    if (collection == "persons") continue;
    EXPECT_FALSE(personal::ContainsCitizenNumber(text)) << collection;
  }
}

TEST(SampleTest, HelpersOfHouseholdsAreRecordedAndHeadsRegistered) {
  Files files = Write(2018, 300);
  std::set<std::string> members, heads;
  for (const auto& row : Rows(files["partyMembers"])) members.insert(row.at("name"));
  const auto pairings = Rows(files["helperPairings"]);
  EXPECT_GT(pairings.size(), 100u);
  for (const auto& row : pairings) EXPECT_TRUE(members.contains(row.at("helper"))) << row.at("helper");
  for (const auto& row : Rows(files["householdMembers"])) {
    if (row.at("relation") == "MEMBER_RELATION_HEAD") heads.insert(row.at("household"));
  }
  for (const auto& row : Rows(files["needyHouseholds"])) EXPECT_TRUE(heads.contains(row.at("name"))) << row.at("name");
}

TEST(SampleTest, SomeVillagesHaveNotReported) {
  Files files = Write(2018, 1041);
  std::set<std::string> reported;
  for (const auto& row : Rows(files["collectiveIncomes"])) reported.insert(row.at("village"));
  EXPECT_GT(reported.size(), 900u);
  EXPECT_LT(reported.size(), 1041u);
}

}  // namespace
}  // namespace jiedui::cli
