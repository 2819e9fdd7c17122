#include "services/cli/sample/sample.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

TEST(SampleTest, WorksAndLandHaveEveryCase) {
  Files files = Write(2018, 1041);
  std::map<std::string, int> cases;
  for (const auto& row : Rows(files["villageFacilities"])) {
    const bool accepted = !row.at("accepted_date").empty();
    const bool lost = !row.at("lost_date").empty();
    ++cases[lost ? "lost" : accepted ? "accepted" : !row.at("built_date").empty() ? "built" : "not built"];
    if (row.at("period") == "2") ++cases["regained"];
  }
  for (const auto& row : Rows(files["powerLines"])) ++cases[row.at("voltage")];
  for (const auto& row : Rows(files["livestockFarms"])) {
    ++cases[row.at("opened_date").empty() ? "farm of before" : "farm opened"];
  }
  const auto count_all = [&](const std::string& collection, const char* column, const char* prefix,
                             std::initializer_list<const char*> values) {
    for (const auto& row : Rows(files[collection])) {
      for (const char* value : values) {
        const std::string name = absl::StrCat(prefix, value);
        if (absl::StrContains(row.at(column), absl::StrCat("\"", name, "\""))) ++cases[name];
      }
    }
    for (const char* value : values) EXPECT_GT(cases[absl::StrCat(prefix, value)], 20) << value;
  };
  count_all("constructionProjects", "finances", "FINANCE_SOURCE_",
            {"CENTRAL", "CITY", "DISTRICT", "TOWNSHIP", "ASSISTANCE_UNIT", "FARMERS", "SOCIAL"});
  count_all("strawRecords", "uses", "STRAW_USE_KIND_", {"FERTILISER", "FEED", "FUEL", "SUBSTRATE", "MATERIAL"});
  for (const char* each : {"lost", "accepted", "built", "not built", "regained", "farm of before", "farm opened"}) {
    EXPECT_GT(cases[each], 20) << each;
  }
  for (const char* each : {"VOLTAGE_110KV", "VOLTAGE_35KV", "VOLTAGE_10KV", "VOLTAGE_LOW"}) {
    EXPECT_GT(cases[each], 2) << each;
  }
  std::set<std::string> years;
  for (const auto& row : Rows(files["facilityStandards"])) years.insert(row.at("first_year"));
  EXPECT_EQ(years, (std::set<std::string>{"2018", "2019"}));
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

TEST(SampleTest, HasRecordsOfEveryCollectionThatCanBeImported) {
  Files files = Write(2018, 1041);
  for (const Resource& resource : Catalog::Get().resources()) {
    // The gateway loads the targets of the guidance itself.
    if (resource.program == "gateway") continue;
    if (resource.create == nullptr && resource.history_of.empty()) continue;
    EXPECT_FALSE(Rows(files[resource.collection()]).empty()) << resource.collection();
  }
}

// Where the steps of the sample lead each resource by the declarations; fails for a step that its state does not allow.
std::map<std::string, std::string> StatesByTheSteps(Files& files) {
  std::map<std::string, std::string> states;
  std::map<std::string, const options::v1::Workflow*> workflows;
  for (const Resource& resource : Catalog::Get().resources()) {
    if (!resource.message->options().HasExtension(options::v1::workflow)) continue;
    const auto& workflow = resource.message->options().GetExtension(options::v1::workflow);
    workflows[resource.collection()] = &workflow;
    for (const auto& row : Rows(files[resource.collection()])) states[row.at("name")] = workflow.initial();
  }
  for (const auto& step : Rows(files["villageTransitions"])) {
    const std::string& name = step.at("resource");
    std::string& state = states.at(name);
    const options::v1::Transition* taken = nullptr;
    for (const auto& each : workflows.at(name.substr(0, name.find('/')))->transitions()) {
      const bool from = std::find(each.from().begin(), each.from().end(), state) != each.from().end();
      if (from && each.rpc() == step.at("rpc")) taken = &each;
    }
    EXPECT_NE(taken, nullptr) << step.at("rpc") << " of " << name << ", which is " << state;
    if (taken != nullptr) state = taken->to();
  }
  return states;
}

// Names of the enum values, other than the first, of all fields of `descriptor` and what lies in it.
void CollectEnums(const google::protobuf::Descriptor* descriptor, std::set<std::string>* names) {
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    if (field->message_type() != nullptr) CollectEnums(field->message_type(), names);
    if (field->enum_type() == nullptr) continue;
    for (int j = 1; j < field->enum_type()->value_count(); ++j) names->insert(field->enum_type()->value(j)->name());
  }
}

TEST(SampleTest, EveryValueOfTheVillageProgramsEnumsOccurs) {
  Files files = Write(2018, 1041);
  std::set<std::string> missing;
  std::string text;
  for (const Resource& resource : Catalog::Get().resources()) {
    if (resource.program != "village" || !resource.history_of.empty()) continue;
    CollectEnums(resource.message, &missing);
    absl::StrAppend(&text, files[resource.collection()], "\n");
  }
  EXPECT_GT(missing.size(), 100u);
  // A facts' year that is closed could not be imported; what is overdue goes up by the scheduler alone.
  for (const char* name : {"YEAR_STATE_CLOSED", "SUPERVISION_STATE_DISTRICT", "SUPERVISION_STATE_CITY"})
    missing.erase(name);
  for (size_t i = 0; i < text.size();) {
    const auto in_word = [&](size_t at) {
      return at < text.size() && (absl::ascii_isupper(text[at]) || absl::ascii_isdigit(text[at]) || text[at] == '_');
    };
    size_t end = i;
    while (in_word(end)) ++end;
    if (end > i) missing.erase(text.substr(i, end - i));
    i = end + 1;
  }
  for (const auto& [name, state] : StatesByTheSteps(files)) {
    const Resource* resource = Catalog::Get().Find(name.substr(0, name.find('/')));
    const auto& field = resource->message->options().GetExtension(options::v1::workflow).state_field();
    for (int i = 0; i < resource->message->FindFieldByName(field)->enum_type()->value_count(); ++i) {
      const std::string& value = resource->message->FindFieldByName(field)->enum_type()->value(i)->name();
      if (absl::EndsWith(value, "_STATE_" + state)) missing.erase(value);
    }
  }
  for (const std::string& name : missing) ADD_FAILURE() << "no record has " << name;
}

TEST(SampleTest, AgesAndDaysAtTheEdgeOccur) {
  Files files = Write(2018, 1041);
  std::set<std::string> births, days;
  for (const auto& row : Rows(files["partyMembers"])) {
    births.insert(row.at("birth_date"));
    days.insert(row.at("birth_date").substr(8));
  }
  // 36 and 35 on the last day of 2018.
  EXPECT_TRUE(births.contains("1982-12-31"));
  EXPECT_TRUE(births.contains("1983-01-01"));
  EXPECT_EQ(days.size(), 31u);
}

TEST(SampleTest, WhatTheYearDoesNotCountAnyMoreOccursToo) {
  Files files = Write(2018, 1041);
  const auto count = [&](const char* collection, const char* field) {
    int set = 0;
    for (const auto& row : Rows(files[collection])) set += !row.at(field).empty();
    return set;
  };
  EXPECT_GT(count("villages", "exit_date"), 3);
  EXPECT_GT(count("civilisedRecognitions", "lost_date"), 10);
  EXPECT_GT(count("safeRecognitions", "lost_date"), 10);
  EXPECT_GT(count("villagePairings", "end_date"), 10);
  EXPECT_GT(count("partyMembers", "left_date"), 10);
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
