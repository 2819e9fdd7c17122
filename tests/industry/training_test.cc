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
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/training.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
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

class TrainingTest : public IndustryFixture {
 protected:
  v1::TrainingDemand AddDemand(const std::string& village, const std::string& kind, int64_t willing) {
    v1::TrainingDemand demand;
    EXPECT_OK(Call<v1::CreateTrainingDemandRequest>(
        "TrainingService/CreateTrainingDemand",
        absl::StrCat("training_demand { village: \"", village, "\" year: 2018 kind: ", kind,
                     " willing_count: ", willing, " }"),
        &demand));
    return demand;
  }
  absl::Status SetWilling(const std::string& demand, int64_t willing) {
    v1::TrainingDemand changed;
    return Call<v1::UpdateTrainingDemandRequest>(
        "TrainingService/UpdateTrainingDemand",
        absl::StrCat("training_demand { name: \"", demand, "\" willing_count: ", willing,
                     " } update_mask { paths: \"willing_count\" }"),
        &changed);
  }
  absl::Status Delete(const std::string& singular, const std::string& name) {
    google::protobuf::Empty empty;
    return Call<resource::v1::DeleteRequest>(absl::StrCat("TrainingService/Delete", singular),
                                             absl::StrCat("name: \"", name, "\""), &empty);
  }
};

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
std::string CitizenNumber(int n, int day = 3) {
  std::string number = absl::StrFormat("120180198002%02d%03d", day, n);
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
        if (numbered) training.set_citizen_number(CitizenNumber(n, 1 + n));
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

TEST_P(TrainingTest, ACitizenNumberIsOfThePersonsBirthDate) {
  const auto number = [](int day) { return absl::StrCat("citizen_number: \"", CitizenNumber(1, day), "\""); };
  EXPECT_THAT(Fields(Train(kVillage, "TRAINING_KIND_SKILLS", number(4))), ElementsAre("person_training.birth_date"));
  ASSERT_OK(Train(kVillage, "TRAINING_KIND_SKILLS", number(3)));
}

TEST_P(TrainingTest, ANumberStaysWhileAnotherIsToldApartFromIt) {
  constexpr char kFarmer[] = "TRAINING_KIND_PROFESSIONAL_FARMER";
  constexpr char kFirst[] = "namesake: 0";
  constexpr char kSecond[] = "namesake: 1 namesake_evidence: \"已核对\"";
  v1::PersonTraining first, second, changed;
  ASSERT_OK(Train(kVillage, kFarmer, kFirst, "2018-05-01", &first));
  ASSERT_OK(Train(kVillage, kFarmer, kSecond, "2018-05-01", &second));
  const absl::Status kept = Delete("PersonTraining", first.name());
  EXPECT_THAT(kept, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(kept), error::v1::REASON_REFERENCED);
  const auto update = [&](const std::string& fields) {
    return Call<v1::UpdatePersonTrainingRequest>(
        "TrainingService/UpdatePersonTraining",
        absl::StrCat("person_training { name: \"", first.name(), "\" ", fields, " }"), &changed);
  };
  EXPECT_THAT(Fields(update("birth_date: \"1980-02-04\"")), ElementsAre("person_training.namesake"));
  EXPECT_THAT(Fields(update("display_name: \"样例李四\"")), ElementsAre("person_training.namesake"));
  ASSERT_OK(update("course: \"样例课程\""));
  EXPECT_THAT(Train("villages/2", kFarmer), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(Delete("PersonTraining", second.name()));
  ASSERT_OK(update("birth_date: \"1980-02-04\""));
  ASSERT_OK(Delete("PersonTraining", first.name()));
}

// One adds the second of a name while another removes the first.
TEST_P(TrainingTest, WhoeverComesFirstThereIsNoSecondWithoutAFirst) {
  constexpr int kRounds = 20;
  for (int i = 0; i < kRounds; ++i) {
    const std::string day = absl::StrFormat("2018-05-%02d", 1 + i);
    v1::PersonTraining first, second;
    ASSERT_OK(Train(kVillage, "TRAINING_KIND_LEADER", "", day, &first));
    absl::Status removed, added;
    std::thread remover([&] { removed = Delete("PersonTraining", first.name()); });
    added = Train("villages/2", "TRAINING_KIND_LEADER", "namesake: 1 namesake_evidence: \"已核对\"", day, &second);
    remover.join();
    EXPECT_NE(removed.ok(), added.ok()) << removed << added;
    if (added.ok()) {
      ASSERT_OK(Delete("PersonTraining", second.name()));
      ASSERT_OK(Delete("PersonTraining", first.name()));
    }
  }
}

TEST_P(TrainingTest, ThoseWhoWantedTrainingAreCountedAgainstTheDemand) {
  constexpr char kPractical[] = "TRAINING_KIND_PRACTICAL";
  EXPECT_THAT(Fields(Train(kVillage, kPractical, "willing: true")), ElementsAre("person_training.willing"))
      << "nobody is known to have wanted it";
  v1::TrainingDemand demand = AddDemand(kVillage, kPractical, 1);
  v1::PersonTraining wanted, other;
  ASSERT_OK(Train(kVillage, kPractical, "willing: true", "2018-05-01", &wanted));
  const std::string second = "namesake: 1 namesake_evidence: \"已核对身份证\" ";
  EXPECT_THAT(Fields(Train(kVillage, kPractical, second + "willing: true")), ElementsAre("person_training.willing"));
  EXPECT_THAT(Fields(Train("villages/2", kPractical, second + "willing: true")), ElementsAre("person_training.willing"))
      << "it is the demand of another village";
  ASSERT_OK(Train("villages/2", kPractical, second, "2018-05-01", &other));
  EXPECT_EQ(program_->Value(2018, kVillage, "practical_training_willing"), 1);
  EXPECT_EQ(program_->Value(2018, kVillage, "practical_trained"), 1);

  // The demand stays above those who are trained, and they move within what is wanted.
  EXPECT_THAT(Fields(SetWilling(demand.name(), 0)), ElementsAre("training_demand.willing_count"));
  EXPECT_THAT(Delete("TrainingDemand", demand.name()), StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto update = [&](const std::string& name, const std::string& fields, const std::string& path) {
    return Fields(Call<v1::UpdatePersonTrainingRequest>(
        "TrainingService/UpdatePersonTraining",
        absl::StrCat("person_training { name: \"", name, "\" ", fields, " } update_mask { paths: \"", path, "\" }"),
        &other));
  };
  const std::string name = other.name();
  EXPECT_THAT(update(name, "willing: true", "willing"), ElementsAre("person_training.willing"));
  AddDemand("villages/2", kPractical, 1);
  EXPECT_THAT(update(name, "willing: true", "willing"), ElementsAre());
  EXPECT_THAT(update(name, "village: \"villages/1\"", "village"), ElementsAre("person_training.willing"));
  ASSERT_OK(SetWilling(demand.name(), 2));
  EXPECT_THAT(update(name, "village: \"villages/1\"", "village"), ElementsAre());
  EXPECT_EQ(program_->Value(2018, kVillage, "practical_trained"), 2);
  EXPECT_THAT(update(name, "", "willing"), ElementsAre());
  EXPECT_THAT(update(wanted.name(), "", "willing"), ElementsAre());
  ASSERT_OK(Delete("TrainingDemand", demand.name()));
  EXPECT_EQ(program_->Verify(), 0);
}

// Many are trained while the demand goes up and down.
TEST_P(TrainingTest, ThereAreNeverMoreTrainedThanWantedIt) {
  constexpr int kWriters = 4, kPeople = 12;
  const v1::TrainingDemand demand = AddDemand(kVillage, "TRAINING_KIND_SKILLS", 5);
  std::atomic<int> trained{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int n = 0; n < kPeople; ++n) {
        v1::PersonTraining created;
        const absl::Status status = Call<v1::CreatePersonTrainingRequest>(
            "TrainingService/CreatePersonTraining",
            absl::StrFormat(R"(person_training { village: "villages/1" year: 2018 kind: TRAINING_KIND_SKILLS
                display_name: "样例甲" birth_date: "19%02d-02-%02d" trained_date: "2018-05-01" willing: true })",
                            60 + w, 1 + n),
            &created);
        trained += status.ok() ? 1 : 0;
      }
    });
  }
  int64_t willing = 5;
  for (const int64_t count : {3, 8, 6, 11, 2, 9}) willing = SetWilling(demand.name(), count).ok() ? count : willing;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(program_->Value(2018, kVillage, "skills_training_willing"), willing);
  EXPECT_EQ(program_->Value(2018, kVillage, "skills_trained"), trained);
  EXPECT_LE(trained, willing);
  EXPECT_GE(trained, 2) << "there was always room for them";
}

}  // namespace
}  // namespace jiedui::industry
