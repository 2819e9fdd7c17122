// Health assistance and pension insurance.

#include "jiedui/assistance/v1/health.pb.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/pension.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using testing::StatusIs;

constexpr char kOfHousehold[] = R"(household: "needyHouseholds/h" village: "villages/v" )";

class HealthTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(
        Create<v1::NeedyHousehold>("h", R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME
        member_count: 3 found_date: "2017-10-01")"));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, HealthTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(HealthTest, AHouseholdHasARecordUntilItIsClosed) {
  ASSERT_OK(Create<v1::HealthRecord>("r", absl::StrCat(kOfHousehold, R"(record_number: "JK-1" institution: "样例"
      opened_date: "2018-03-01")")));
  EXPECT_EQ(program_->Value(2018, "villages/v", "needy_households_with_record"), 1);
  EXPECT_EQ(program_->Value(2017, "villages/v", "needy_households_with_record"), 0);
  ASSERT_OK(Update<v1::HealthRecord>("healthRecords/r", "closed_date: \"2019-01-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "needy_households_with_record"), 1);
  EXPECT_THAT(Fields(Update<v1::HealthRecord>("healthRecords/r", "closed_date: \"2999-01-01\"")),
              ElementsAre("health_record.closed_date RULE"));
  ASSERT_OK(Update<v1::HealthRecord>("healthRecords/r", "closed_date: \"2018-06-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "needy_households_with_record"), 0);
  EXPECT_THAT(Create<v1::HealthRecord>("s", absl::StrCat(kOfHousehold, R"(record_number: "JK-1" institution: "样例"
      opened_date: "2018-03-01")")),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(HealthTest, SigningIsOpenReportedOrUnknown) {
  ASSERT_OK(Create<v1::FamilyDoctorCoverage>("v", R"(village: "villages/v")"));
  EXPECT_EQ(program_->Value(2018, "villages/v", "family_doctor_reported"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/v", "family_doctor_open"), 0);
  EXPECT_THAT(Fields(Update<v1::FamilyDoctorCoverage>("familyDoctorCoverages/v", "opened_date: \"2018-03-01\"")),
              ElementsAre("family_doctor_coverage.institution RULE"));
  ASSERT_OK(
      Update<v1::FamilyDoctorCoverage>("familyDoctorCoverages/v", "opened_date: \"2018-03-01\" institution: \"样例\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "family_doctor_open"), 1);
  EXPECT_EQ(program_->Value(2017, "villages/v", "family_doctor_open"), 0);
  EXPECT_THAT(Create<v1::FamilyDoctorCoverage>("w", R"(village: "villages/v")"),
              StatusIs(absl::StatusCode::kAlreadyExists));

  ASSERT_OK(Create<v1::FamilyDoctorContract>("c", absl::StrCat(kOfHousehold, R"(doctor_name: "样例" institution: "样例"
      signed_date: "2018-04-01" resident_count: 3)")));
  EXPECT_EQ(program_->Value(2018, "villages/v", "family_doctor_residents"), 3);
  ASSERT_OK(Update<v1::FamilyDoctorContract>("familyDoctorContracts/c", "end_date: \"2018-12-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "family_doctor_residents"), 0);
}

TEST_P(HealthTest, AidIsNotMoreThanTheCost) {
  const std::string text = absl::StrCat(kOfHousehold, R"(year: 2018 kind: MEDICAL_AID_KIND_INPATIENT expense_fen: 1000
      granted_date: "2018-03-01" amount_fen: )");
  EXPECT_THAT(Fields(Create<v1::MedicalAid>("a", text + "1001")), ElementsAre("medical_aid.amount_fen RULE"));
  EXPECT_OK(Create<v1::MedicalAid>("a", text + "1000"));
}

TEST_P(HealthTest, ATrainingEndsInItsYear) {
  const std::string text = R"(village: "villages/v" year: 2018 doctor_name: "样例" class_hours: 8
      kind: DOCTOR_TRAINING_KIND_REMOTE start_date: "2018-12-30" end_date: )";
  EXPECT_THAT(Fields(Create<v1::DoctorTraining>("t", text + "\"2019-01-02\"")),
              ElementsAre("doctor_training.end_date RULE"));
  EXPECT_OK(Create<v1::DoctorTraining>("t", text + "\"2018-12-31\""));
  EXPECT_THAT(
      Fields(Create<v1::VillageClinic>("c", R"(village: "villages/v" display_name: "样例" opened_date: "2018-02-01"
      standard_date: "2018-01-01")")),
      ElementsAre("village_clinic.standard_date RULE"));
}

TEST_P(HealthTest, PensionsOfMembersCountForTheHousehold) {
  ASSERT_OK(
      Create<v1::Person>("p", R"(village: "villages/v" display_name: "样例" citizen_number: "11010519491231002X")"));
  ASSERT_OK(Create<v1::HouseholdMember>("m", R"(household: "needyHouseholds/h" person: "persons/p"
      relation: MEMBER_RELATION_HEAD joined_date: "2017-10-01")"));
  const std::string text = absl::StrCat(kOfHousehold, R"(member: "householdMembers/m" kind: PENSION_KIND_RESIDENT
      payer: PREMIUM_PAYER_GOVERNMENT enrolled_date: "2018-03-01")");
  ASSERT_OK(Create<v1::PensionEnrolment>("e", text));
  EXPECT_EQ(program_->Value(2018, "villages/v", "needy_households_with_pension"), 1);
  EXPECT_THAT(Create<v1::PensionEnrolment>("f", text), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(program_->Value(2017, "villages/v", "needy_households_with_pension"), 0);
  ASSERT_OK(Update<v1::PensionEnrolment>("pensionEnrolments/e", "ended_date: \"2019-09-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "needy_households_with_pension"), 1);
  EXPECT_THAT(Fields(Update<v1::PensionEnrolment>("pensionEnrolments/e", "ended_date: \"2999-09-01\"")),
              ElementsAre("pension_enrolment.ended_date RULE"));
  ASSERT_OK(Update<v1::PensionEnrolment>("pensionEnrolments/e", "ended_date: \"2018-09-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "needy_households_with_pension"), 0);
  EXPECT_THAT(Fields(Create<v1::PensionCampaign>("c", R"(village: "villages/v" year: 2018 form: PUBLICITY_FORM_MEETING
      held_date: "2019-01-01")")),
              ElementsAre("pension_campaign.held_date RULE"));
}

}  // namespace
}  // namespace jiedui::assistance
