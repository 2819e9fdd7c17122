// Education assistance.

#include "jiedui/assistance/v1/education.pb.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr char kOfStudent[] = R"(student: "students/s" village: "villages/v" year: 2018 )";

class EducationTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    for (const char* id : {"h", "k"}) {
      ASSERT_OK(
          Create<v1::NeedyHousehold>(id, R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME
          member_count: 3 found_date: "2017-10-01")"));
    }
    ASSERT_OK(
        Create<v1::Person>("p", R"(village: "villages/v" display_name: "样例" citizen_number: "11010519491231002X")"));
    ASSERT_OK(Create<v1::HouseholdMember>("m", R"(household: "needyHouseholds/h" person: "persons/p"
        relation: MEMBER_RELATION_CHILD joined_date: "2017-10-01")"));
  }

  absl::StatusOr<v1::Student> CreateStudent(const std::string& household = "h") {
    return Create<v1::Student>("s",
                               absl::StrCat(R"(member: "householdMembers/m" village: "villages/v" school_name: "样例"
        stage: EDUCATION_STAGE_COLLEGE enrolled_date: "2015-09-01" household: "needyHouseholds/)",
                                            household, "\""));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, EducationTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(EducationTest, AStudentIsAMemberOfTheHousehold) {
  EXPECT_THAT(Fields(CreateStudent("k")), ElementsAre("student.member RULE"));
  ASSERT_OK(CreateStudent());
}

TEST_P(EducationTest, NeedsAndAidAreCounted) {
  ASSERT_OK(CreateStudent());
  EXPECT_THAT(Fields(Create<v1::ChildNeed>(
                  "n", absl::StrCat(kOfStudent, "needs: EDUCATION_NEED_KIND_CARE needs: EDUCATION_NEED_KIND_CARE"))),
              ElementsAre("child_need.needs[1] DUPLICATE"));
  ASSERT_OK(Create<v1::ChildNeed>("n", absl::StrCat(kOfStudent, "needs: EDUCATION_NEED_KIND_TUITION")));
  EXPECT_EQ(program_->Value(2018, "villages/v", "children_needing_aid"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/v", "children_needs_met"), 0);
  for (const char* day : {"2017-12-31", "2999-01-01"}) {
    EXPECT_THAT(Fields(Update<v1::ChildNeed>("childNeeds/n", absl::StrCat("met_date: \"", day, "\""))),
                ElementsAre("child_need.met_date RULE"));
  }
  ASSERT_OK(Update<v1::ChildNeed>("childNeeds/n", "met_date: \"2018-10-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "children_needs_met"), 1);

  const std::string aid =
      absl::StrCat(kOfStudent, "kind: EDUCATION_AID_KIND_GRANT stage: EDUCATION_STAGE_COLLEGE amount_fen: 150000 ");
  EXPECT_THAT(Fields(Create<v1::EducationAid>("a", aid + "granted_date: \"2017-10-01\"")),
              ElementsAre("education_aid.granted_date RULE"));
  ASSERT_OK(Create<v1::EducationAid>("a", aid + "granted_date: \"2018-10-01\""));
  EXPECT_EQ(program_->Value(2018, "villages/v", "education_aids"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/v", "education_aid_fen"), 150000);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(EducationTest, OnlyGraduatesHaveAnEmployment) {
  ASSERT_OK(CreateStudent());
  const std::string text = absl::StrCat(kOfStudent, "outcome: EMPLOYMENT_OUTCOME_EMPLOYED ");
  EXPECT_THAT(Fields(Create<v1::GraduateEmployment>("g", text)),
              ElementsAre("graduate_employment.placed_date RULE", "graduate_employment.student RULE"));
  ASSERT_OK(Update<v1::Student>("students/s", "graduated_date: \"2018-07-01\""));
  ASSERT_OK(Create<v1::GraduateEmployment>("g", text + "placed_date: \"2018-08-01\""));
  EXPECT_THAT(Fields(Update<v1::GraduateEmployment>("graduateEmployments/g", "outcome: EMPLOYMENT_OUTCOME_SEEKING")),
              ElementsAre("graduate_employment.placed_date RULE"));
}

TEST_P(EducationTest, SchoolsAreImprovedAfterTheyWerePlanned) {
  const std::string text = R"(village: "villages/v" school_name: "样例" description: "样例" amount_fen: 100 )";
  EXPECT_THAT(
      Fields(Create<v1::SchoolImprovement>("x", text + "completed_date: \"2018-05-01\"")),
      UnorderedElementsAre("school_improvement.planned_date REQUIRED", "school_improvement.completed_date RULE"));
  EXPECT_THAT(
      Fields(Create<v1::SchoolImprovement>("x", text + "planned_date: \"2018-05-02\" completed_date: \"2018-05-01\"")),
      ElementsAre("school_improvement.completed_date RULE"));
  ASSERT_OK(Create<v1::SchoolImprovement>("x", text + "planned_date: \"2018-05-02\""));
  EXPECT_THAT(Fields(Update<v1::SchoolImprovement>("schoolImprovements/x", "completed_date: \"2018-05-01\"")),
              ElementsAre("school_improvement.completed_date RULE"));
  ASSERT_OK(Update<v1::SchoolImprovement>("schoolImprovements/x", "completed_date: \"2018-05-02\""));
  ASSERT_OK(Delete<v1::SchoolImprovement>("schoolImprovements/x"));
}

TEST_P(EducationTest, AKindergartenGoesFromTheReserveToBuilt) {
  const auto reserve = Create<v1::Kindergarten>("k", R"(village: "villages/v" display_name: "样例" batch: 2
      reserve_date: "2017-06-01")");
  ASSERT_OK(reserve);
  EXPECT_EQ(reserve->state(), v1::KINDERGARTEN_STATE_RESERVE);
  EXPECT_EQ(program_->Value(2018, "villages/v", "kindergartens_in_reserve"), 1);
  EXPECT_THAT(Fields(Update<v1::Kindergarten>("kindergartens/k", "completed_date: \"2018-11-01\"")),
              ElementsAre("kindergarten.completed_date RULE"));
  const auto built =
      Update<v1::Kindergarten>("kindergartens/k", "started_date: \"2018-03-01\" completed_date: \"2018-11-01\"");
  ASSERT_OK(built);
  EXPECT_EQ(built->state(), v1::KINDERGARTEN_STATE_BUILT);
  EXPECT_EQ(program_->Value(2017, "villages/v", "kindergartens_in_reserve"), 1);
  EXPECT_EQ(program_->Value(2018, "villages/v", "kindergartens_in_reserve"), 0);
  EXPECT_EQ(program_->Value(2018, "villages/v", "kindergartens_built"), 1);
}

}  // namespace
}  // namespace jiedui::assistance
