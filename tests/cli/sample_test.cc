#include "services/cli/sample/sample.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/bulk/csv.h"
#include "gtest/gtest.h"

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

TEST(SampleTest, EveryNameIsThereOnceAndEveryReferenceLeadsSomewhere) {
  Files files = Write(2018, 300);
  std::set<std::string> names;
  for (const auto& [collection, text] : files) {
    for (const auto& row : Rows(text)) {
      EXPECT_EQ(row.at("name").substr(0, collection.size() + 1), collection + "/");
      EXPECT_TRUE(names.insert(row.at("name")).second) << row.at("name");
    }
  }
  for (const auto& [collection, text] : files) {
    for (const auto& row : Rows(text)) {
      for (const char* column : {"village", "township", "parent", "site", "standard", "household"}) {
        const auto cell = row.find(column);
        if (cell == row.end() || cell->second.empty()) continue;
        EXPECT_TRUE(names.contains(cell->second)) << collection << ": " << cell->second;
      }
    }
  }
}

TEST(SampleTest, WhatIsMadeUpSaysSo) {
  Files files = Write(2018, 100);
  for (const auto& row : Rows(files["villages"])) EXPECT_EQ(row.at("display_name").rfind("样例", 0), 0u);
  for (const auto& row : Rows(files["partyMembers"])) EXPECT_EQ(row.at("display_name").rfind("样例", 0), 0u);
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
