// Who was trained counts once, whoever enters them and wherever.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/personal/personal_kind.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/training.pb.h"
#include "tests/industry/industry_fixture.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::industry {
namespace {

using ::jiedui::testing::BothDatabases;
using ::jiedui::testing::DatabaseName;
using ::jiedui::testing::StatusIs;
using ::testing::ElementsAre;

class TrainingTest : public IndustryFixture {};

INSTANTIATE_TEST_SUITE_P(Databases, TrainingTest, BothDatabases(), DatabaseName);

TEST_P(TrainingTest, APersonCountsOnceAYearAndKindWhereverEntered) {
  ASSERT_OK(Train(kVillage, "TRAINING_KIND_PROFESSIONAL_FARMER"));
  EXPECT_THAT(Train(kVillage, "TRAINING_KIND_PROFESSIONAL_FARMER"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Train("villages/2", "TRAINING_KIND_PROFESSIONAL_FARMER"), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(Train("villages/2", "TRAINING_KIND_TECHNICAL_BACKBONE"));
  EXPECT_THAT(Fields(Train("villages/2", "TRAINING_KIND_PROFESSIONAL_FARMER", "namesake: 1")),
              ElementsAre("person_training.namesake_evidence"));
  EXPECT_THAT(
      Fields(Train("villages/2", "TRAINING_KIND_PROFESSIONAL_FARMER", "namesake: 2 namesake_evidence: \"已核对\"")),
      ElementsAre("person_training.namesake"))
      << "there is no second one";
  EXPECT_THAT(Fields(Train("villages/2", "TRAINING_KIND_SKILLS", "namesake: 1 namesake_evidence: \"已核对\"")),
              ElementsAre("person_training.namesake"))
      << "there is no first one of that kind";
  EXPECT_THAT(Fields(Train("villages/2", "TRAINING_KIND_SKILLS", "namesake_evidence: \"已核对\"")),
              ElementsAre("person_training.namesake_evidence"));
  ASSERT_OK(Train("villages/2", "TRAINING_KIND_PROFESSIONAL_FARMER", "namesake: 1 namesake_evidence: \"已核对身份证\""))
      << "another person of that name and day";
  EXPECT_EQ(program_->Value(2018, kVillage, "professional_farmers_trained"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/2", "professional_farmers_trained"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/2", "technical_backbones_trained"), 1);
  EXPECT_THAT(Fields(Train(kVillage, "TRAINING_KIND_SKILLS", "", "2017-05-01")),
              ElementsAre("person_training.trained_date"));
  EXPECT_EQ(program_->Verify(), 0);
}

// A citizen number of nobody: GB/T 2260 has no region code 120180.
std::string CitizenNumber(int n) {
  std::string number = absl::StrFormat("12018019800203%03d", n);
  number.push_back(personal::CitizenCheckCharacter(number));
  return number;
}

TEST_P(TrainingTest, APersonCountsOnceUnderTheirCitizenNumber) {
  const std::string number = absl::StrCat("citizen_number: \"", CitizenNumber(1), "\"");
  ASSERT_OK(Train(kVillage, "TRAINING_KIND_SKILLS", number));
  const absl::Status again =
      Train("villages/2", "TRAINING_KIND_SKILLS", absl::StrCat(number, " namesake: 1 namesake_evidence: \"已核对\""));
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(again.ToString(), ::testing::Not(::testing::HasSubstr(CitizenNumber(1))));
  ASSERT_OK(Train("villages/2", "TRAINING_KIND_TECHNICAL_BACKBONE", number)) << "another kind";
  EXPECT_THAT(Fields(Train(kVillage, "TRAINING_KIND_PRACTICAL", "citizen_number: \"120180198002030018\"")),
              ElementsAre("person_training.citizen_number"))
      << "its checksum";
}

TEST_P(TrainingTest, APersonCountsOnceHoweverManyEnterThemAtOnceAndWhere) {
  constexpr int kPeople = 12, kWriters = 6;
  const std::string villages[] = {"villages/1", "villages/2", "villages/3"};
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int n = 0; n < kPeople; ++n) {
        // Half of the people are known by their number, under names written in one way or another.
        const bool numbered = n % 2 == 0;
        v1::CreatePersonTrainingRequest request;
        v1::PersonTraining& training = *request.mutable_person_training();
        training.set_village(villages[(w + n) % 3]);
        training.set_year(2018);
        training.set_kind(v1::TRAINING_KIND_PROFESSIONAL_FARMER);
        training.set_display_name(absl::StrCat("样例甲", numbered && w % 2 == 0 ? "一" : "二"));
        training.set_birth_date(absl::StrFormat("1980-02-%02d", 1 + n));
        training.set_trained_date("2018-05-01");
        if (numbered) training.set_citizen_number(CitizenNumber(n));
        v1::PersonTraining created;
        const absl::Status status =
            program_->Call("jiedui.industry.v1.TrainingService/CreatePersonTraining", request, &created);
        if (status.ok()) {
          ++written;
        } else {
          EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(written, kPeople);
  int64_t counted = 0;
  for (const std::string& village : villages) counted += program_->Value(2018, village, "professional_farmers_trained");
  EXPECT_EQ(counted, kPeople);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(TrainingTest, ThoseWhoWantedTrainingAreCountedAgainstTheDemand) {
  v1::TrainingDemand demand;
  ASSERT_OK(Call<v1::CreateTrainingDemandRequest>(
      "TrainingService/CreateTrainingDemand",
      R"(training_demand { village: "villages/1" year: 2018 kind: TRAINING_KIND_PRACTICAL willing_count: 2 })",
      &demand));
  ASSERT_OK(Train(kVillage, "TRAINING_KIND_PRACTICAL", "willing: true"));
  ASSERT_OK(Train(kVillage, "TRAINING_KIND_PRACTICAL", "namesake: 1 namesake_evidence: \"已核对身份证\""));
  EXPECT_EQ(program_->Value(2018, kVillage, "practical_training_willing"), 2);
  EXPECT_EQ(program_->Value(2018, kVillage, "practical_trained"), 1);
}

}  // namespace
}  // namespace jiedui::industry
