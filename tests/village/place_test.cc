// Party organisations, standards, safety, actions, inspections and appraisals.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "jiedui/village/v1/action.pb.h"
#include "jiedui/village/v1/creation.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/exchange.pb.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/organisation.pb.h"
#include "jiedui/village/v1/party.pb.h"
#include "jiedui/village/v1/recognition.pb.h"
#include "jiedui/village/v1/safety.pb.h"
#include "jiedui/village/v1/unit.pb.h"
#include "tests/village/village_program.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using village::v1::ActionTask;
using village::v1::ActivityVenue;
using village::v1::Appraisal;
using village::v1::AssistanceAction;
using village::v1::AssistanceUnit;
using village::v1::CivilisedRecognition;
using village::v1::CreationAssessment;
using village::v1::CreationStandard;
using village::v1::Dispute;
using village::v1::Inspection;
using village::v1::MutualVisit;
using village::v1::OrganisationGrade;
using village::v1::PartyActivity;
using village::v1::PartyMember;
using village::v1::PartyOrganisation;
using village::v1::ProgrammeYear;

class PlaceTest : public VillageTest {
 protected:
  void AddOrganisation() {
    ASSERT_OK(Create<PartyOrganisation>(
        "o", R"(village: "villages/120119101201" display_name: "支部" kind: ORGANISATION_KIND_BRANCH
                                              start_date: "1990-07-01")"));
  }
  absl::StatusOr<OrganisationGrade> Grade(const std::string& id, const std::string& rest) {
    return Create<OrganisationGrade>(id, R"(organisation: "partyOrganisations/o" )" + rest);
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, PlaceTest, BothDatabases(), DatabaseName);

TEST_P(PlaceTest, AnOrganisationHasOneGradeAtATimeAndShowsIt) {
  AddOrganisation();
  ASSERT_OK(Grade("a", R"(grade: PARTY_GRADE_BACKWARD start_date: "2017-01-01" end_date: "2018-07-01")"));
  EXPECT_THAT(Violated(Grade("b", R"(grade: PARTY_GRADE_MIDDLE start_date: "2018-06-30")").status()),
              ElementsAre("start_date RULE"));
  ASSERT_OK(Grade("b", R"(grade: PARTY_GRADE_MIDDLE start_date: "2018-07-01")"));
  EXPECT_EQ(Get<PartyOrganisation>("partyOrganisations/o")->grade(), village::v1::PARTY_GRADE_MIDDLE);
  EXPECT_EQ(Value(2017, "backward_organisations"), 1);
  EXPECT_EQ(Value(2018, "backward_organisations"), 0);
  ASSERT_OK(Delete<OrganisationGrade>("organisationGrades/b"));
  EXPECT_EQ(Get<PartyOrganisation>("partyOrganisations/o")->grade(), village::v1::PARTY_GRADE_UNSPECIFIED);
}

// With it its frozen figures would go, and nothing brings them back.
TEST_P(PlaceTest, AYearThatIsClosedStaysAndYearsAreTheCitys) {
  const auto as = [this](options::v1::Level level, const std::string& method,
                         const google::protobuf::Message& request) {
    google::protobuf::Empty empty;
    ProgrammeYear year;
    google::protobuf::Message* answer = &year;
    if (method == "DeleteProgrammeYear") answer = &empty;
    return program_->Call(absl::StrCat("jiedui.village.v1.DivisionService/", method), request, answer,
                          Principal{"users/test", "", {}, level});
  };
  village::v1::CreateProgrammeYearRequest create;
  create.set_programme_year_id("2030");
  create.mutable_programme_year()->set_year(2030);
  create.mutable_programme_year()->set_state(village::v1::YEAR_STATE_OPEN);
  EXPECT_THAT(as(options::v1::LEVEL_DISTRICT, "CreateProgrammeYear", create),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(as(options::v1::LEVEL_CITY, "CreateProgrammeYear", create));
  resource::v1::DeleteRequest remove;
  remove.set_name("programmeYears/2030");
  EXPECT_THAT(as(options::v1::LEVEL_VILLAGE, "DeleteProgrammeYear", remove),
              StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK(Update<ProgrammeYear>("programmeYears/2030", "state: YEAR_STATE_CLOSED"));
  EXPECT_THAT(as(options::v1::LEVEL_CITY, "DeleteProgrammeYear", remove),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Update<ProgrammeYear>("programmeYears/2030", "state: YEAR_STATE_OPEN"));
  EXPECT_OK(as(options::v1::LEVEL_CITY, "DeleteProgrammeYear", remove));
}

TEST_P(PlaceTest, ADutyEndsAfterItBegins) {
  EXPECT_THAT(Violated(Create<PartyMember>("m", R"(village: "villages/120119101201" display_name: "张三"
                           birth_date: "1990-01-01" stage: DEVELOPMENT_STAGE_FULL joined_date: "2015-07-01"
                           duties { title: "卫生" start_date: "2018-05-01" end_date: "2018-01-01" })")
                           .status()),
              ElementsAre("duties[0].end_date RULE"));
}

TEST_P(PlaceTest, AttendanceOfAnActivityAddsUp) {
  AddOrganisation();
  ASSERT_OK(Create<PartyMember>("m", R"(village: "villages/120119101201" display_name: "张三" birth_date: "1990-01-01"
                                      stage: DEVELOPMENT_STAGE_FULL joined_date: "2015-07-01")"));
  const std::string base =
      R"(organisation: "partyOrganisations/o" kind: ACTIVITY_KIND_PARTY_LECTURE held_date: "2018-05-01" topic: "党课" )";
  EXPECT_THAT(Violated(Create<PartyActivity>("a", base + R"(expected_count: 2 attended_count: 3)").status()),
              ElementsAre("attended_count RULE"));
  EXPECT_THAT(Violated(Create<PartyActivity>(
                           "a", base + R"(expected_count: 3 attended_count: 1 attendees { member: "partyMembers/m" }
                                                           attendees { member: "partyMembers/m" })")
                           .status()),
              UnorderedElementsAre("attendees RULE", "attendees[1].member RULE"));
  const auto held = Create<PartyActivity>(
      "a", base + R"(expected_count: 3 attended_count: 1 attendees { member: "partyMembers/m" })");
  ASSERT_OK(held);
  EXPECT_EQ(held->village(), kVillage);
  EXPECT_EQ(Value(2018, "party_activities"), 1);
}

TEST_P(PlaceTest, AnAssessmentNamesEveryItemOfItsStandardOnce) {
  AddOrganisation();
  ASSERT_OK(Create<CreationStandard>(
      "five", R"(kind: STANDARD_KIND_FIVE_GOOD version: "2018" first_year: 2018 display_name: "五好"
      items { code: "a" display_name: "一" } items { code: "b" display_name: "二" })"));
  const std::string base = R"(standard: "creationStandards/five" year: 2018 )";
  EXPECT_THAT(
      Violated(Create<CreationAssessment>("x", base + R"(subject: "villages/120119101201" items { code: "a" met: true }
                                                                items { code: "a" } items { code: "z" })")
                   .status()),
      UnorderedElementsAre("subject RULE", "items[1].code RULE", "items[2].code RULE", "items RULE"));
  auto made = Create<CreationAssessment>(
      "x", base + R"(subject: "partyOrganisations/o" items { code: "a" met: true } items { code: "b" })");
  ASSERT_OK(made);
  EXPECT_FALSE(made->passed());
  EXPECT_EQ(made->missing_count(), 1);
  EXPECT_EQ(Value(2018, "five_good_branches"), 0);
  ASSERT_OK(Update<CreationAssessment>("creationAssessments/x",
                                       R"(items { code: "a" met: true } items { code: "b" met: true })"));
  EXPECT_EQ(Value(2018, "five_good_branches"), 1);
  // Another version is another standard; this one is in use.
  EXPECT_THAT(
      Violated(
          Update<CreationStandard>("creationStandards/five", R"(items { code: "c" display_name: "三" })").status()),
      ElementsAre("items RULE"));
  EXPECT_THAT(Violated(Create<CivilisedRecognition>("r", R"(village: "villages/120119101201" level: CIVILISED_LEVEL_CITY
      recognised_date: "2018-01-01" standard: "creationStandards/five" lost_reason: "x")")
                           .status()),
              UnorderedElementsAre("lost_reason RULE", "standard RULE"));
}

TEST_P(PlaceTest, ADisputeIsSettledWithAnOutcome) {
  const std::string base =
      R"(village: "villages/120119101201" kind: DISPUTE_KIND_LAND summary: "承包地" raised_date: "2018-03-01" )";
  EXPECT_THAT(
      Violated(Create<Dispute>("d", base + R"(mediated_date: "2018-03-02" settled_date: "2018-02-01")").status()),
      UnorderedElementsAre("settled_date RULE", "outcome RULE", "mediation RULE"));
  ASSERT_OK(Create<Dispute>("d", base));
  EXPECT_EQ(Value(2018, "disputes_raised"), 1);
  EXPECT_EQ(Value(2018, "disputes_settled"), 0);
  ASSERT_OK(Update<Dispute>(
      "disputes/d", R"(mediation: MEDIATION_KIND_PEOPLE settled_date: "2018-04-01" outcome: DISPUTE_OUTCOME_AGREED)"));
  EXPECT_EQ(Value(2018, "disputes_settled"), 1);
}

TEST_P(PlaceTest, ATimetableSaysWhatIsDueNext) {
  ASSERT_OK(Create<AssistanceAction>("a", R"(year: 2018 position: 1 display_name: "行动")"));
  const std::string base =
      R"(action: "assistanceActions/a" place: "villages/120119101201" task: "一" responsible_body: "村" )";
  EXPECT_THAT(Violated(Create<ActionTask>("t", base + R"(timetable { title: "一" due_date: "2018-06-30" }
                                                        timetable { title: "二" due_date: "2018-05-30" })")
                           .status()),
              ElementsAre("timetable[1].due_date RULE"));
  auto task = Create<ActionTask>("t", base + R"(timetable { title: "一" due_date: "2018-06-30" done_date: "2018-06-01" }
                                               timetable { title: "二" due_date: "2018-12-31" })");
  ASSERT_OK(task);
  EXPECT_EQ(task->next_due_date(), "2018-12-31");
  EXPECT_EQ(task->done_count(), 1);
  EXPECT_EQ(task->done_date(), "");
}

TEST_P(PlaceTest, AnInspectionCountsWhatIsNotPutRight) {
  const std::string base =
      R"(subject: "villages/120119101201" kind: INSPECTION_KIND_SPECIAL held_date: "2018-05-01" inspectors: "组" )";
  EXPECT_THAT(
      Violated(
          Create<Inspection>(
              "i", base + R"(methods { method: INSPECTION_METHOD_SURVEY } methods { method: INSPECTION_METHOD_SURVEY }
      findings { content: "一" severity: FINDING_SEVERITY_MINOR due_date: "2018-04-30" })")
              .status()),
      UnorderedElementsAre("methods[1].method RULE", "findings[0].due_date RULE"));
  const auto made = Create<Inspection>("i", base + R"(methods { method: INSPECTION_METHOD_SURVEY }
      findings { content: "一" severity: FINDING_SEVERITY_MINOR due_date: "2018-06-30" }
      findings { content: "二" severity: FINDING_SEVERITY_MAJOR due_date: "2018-05-30" rectified_date: "2018-05-20" })");
  ASSERT_OK(made);
  EXPECT_EQ(made->finding_count(), 2);
  EXPECT_EQ(made->open_count(), 1);
  EXPECT_EQ(made->next_due_date(), "2018-06-30");
}

TEST_P(PlaceTest, FindingsArePutRightAfterTheYearOfTheInspection) {
  const std::string finding = R"(findings { content: "一" severity: FINDING_SEVERITY_MINOR due_date: "2019-03-31" )";
  program_->SetYears({2018, 2019});
  ASSERT_OK(Create<Inspection>("i", R"(subject: "villages/120119101201" kind: INSPECTION_KIND_SPECIAL
      held_date: "2018-11-20" inspectors: "组" methods { method: INSPECTION_METHOD_SURVEY } )" +
                                        finding + "}"));
  program_->SetYears({2019}, {2018});
  const auto done = Update<Inspection>("inspections/i", finding + R"(rectified_date: "2019-03-15" })");
  ASSERT_OK(done);
  EXPECT_EQ(done->open_count(), 0);
  EXPECT_EQ(done->next_due_date(), "");
  // The inspection itself is of the closed year.
  EXPECT_THAT(Violated(Update<Inspection>("inspections/i", R"(inspectors: "另一组" )" + finding + "}").status()),
              ElementsAre("year YEAR_NOT_OPEN"));
  EXPECT_THAT(Violated(Update<Inspection>("inspections/i", R"(held_date: "2019-01-20")").status()),
              ElementsAre("year YEAR_NOT_OPEN"));
  EXPECT_THAT(Delete<Inspection>("inspections/i"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(PlaceTest, EqualPointsShareARank) {
  const char* codes[] = {"91350100M000100Y43", "91330100799655058B", "12100000400000624D"};
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(
        Create<AssistanceUnit>(absl::StrCat("u", i), absl::StrCat(R"(display_name: "单位" kind: UNIT_KIND_UNIVERSITY
        start_date: "2017-08-01" code: ")",
                                                                  codes[i], "\"")));
    ASSERT_OK(Create<Appraisal>(absl::StrCat("a", i),
                                absl::StrCat(R"(subject: "assistanceUnits/u)", i, R"(" year: 2018
        grade: APPRAISAL_GRADE_GOOD scores { title: "一" points_centi: )",
                                             i == 1 ? 4000 : 9000, R"( } scores { title: "二" points_centi: 500 })")));
  }
  ASSERT_OK(Create<Appraisal>(
      "d",
      R"(subject: "divisions/120119" year: 2018 grade: APPRAISAL_GRADE_GOOD scores { title: "一" points_centi: 1 })"));
  village::v1::RankAppraisalsRequest request;
  request.set_year(2018);
  request.set_collection("assistanceUnits");
  village::v1::RankAppraisalsResponse response;
  constexpr char kRank[] = "jiedui.village.v1.InspectionService/RankAppraisals";
  ASSERT_OK(program_->Call(kRank, request, &response));
  std::vector<std::string> ranks;
  for (const auto& each : response.ranks())
    ranks.push_back(absl::StrCat(each.rank(), " ", each.subject(), " ", each.total_centi()));
  EXPECT_THAT(ranks,
              ElementsAre("1 assistanceUnits/u0 9500", "1 assistanceUnits/u2 9500", "3 assistanceUnits/u1 4500"));
  EXPECT_EQ(response.total_count(), 3);
  request.set_collection("villages");
  EXPECT_THAT(Violated(program_->Call(kRank, request, &response)), ElementsAre("collection RULE"));
}

TEST_P(PlaceTest, StagesOfAMemberComeInOrder) {
  EXPECT_THAT(Violated(Create<PartyMember>(
                           "m", R"(village: "villages/120119101201" display_name: "张三" birth_date: "1990-01-01"
      stage: DEVELOPMENT_STAGE_ACTIVIST applied_date: "2016-01-01" activist_date: "2015-01-01" candidate_date: "2017-01-01")")
                           .status()),
              UnorderedElementsAre("activist_date RULE", "candidate_date RULE"));
  ASSERT_OK(Create<PartyMember>("m", R"(village: "villages/120119101201" display_name: "张三" birth_date: "1990-01-01"
      stage: DEVELOPMENT_STAGE_ACTIVIST applied_date: "2016-01-01" activist_date: "2017-01-01"
      recruitment_group: RECRUITMENT_GROUP_VETERAN duties { title: "岗" start_date: "2018-01-01" })"));
  EXPECT_EQ(Value(2018, "party_members"), 0);
}

TEST_P(PlaceTest, APlaceDoesNotVisitItself) {
  EXPECT_THAT(
      Violated(Create<MutualVisit>(
                   "v", R"(host: "divisions/120119" guest: "divisions/120119" held_date: "2018-05-01" topic: "一")")
                   .status()),
      ElementsAre("guest RULE"));
}

TEST_P(PlaceTest, AGradeThatHasEndedIsNotShownAndADissolvedOrganisationHasNone) {
  AddOrganisation();
  EXPECT_THAT(Violated(Grade("f", R"(grade: PARTY_GRADE_ADVANCED start_date: "2199-01-01")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_THAT(Violated(Grade("e", R"(grade: PARTY_GRADE_ADVANCED start_date: "1990-06-30")").status()),
              ElementsAre("start_date RULE"));
  ASSERT_OK(Grade("a", R"(grade: PARTY_GRADE_BACKWARD start_date: "2017-01-01")"));
  EXPECT_EQ(Get<PartyOrganisation>("partyOrganisations/o")->grade(), village::v1::PARTY_GRADE_BACKWARD);
  EXPECT_EQ(Value(2018, "backward_organisations"), 1);
  EXPECT_THAT(Violated(Update<PartyOrganisation>("partyOrganisations/o", R"(end_date: "2018-06-01")").status()),
              ElementsAre("end_date RULE"));
  ASSERT_OK(Update<OrganisationGrade>("organisationGrades/a", R"(end_date: "2018-06-01")"));
  EXPECT_EQ(Get<PartyOrganisation>("partyOrganisations/o")->grade(), village::v1::PARTY_GRADE_UNSPECIFIED);
  ASSERT_OK(Update<PartyOrganisation>("partyOrganisations/o", R"(end_date: "2018-06-01")"));
  EXPECT_EQ(Value(2017, "backward_organisations"), 1);
  EXPECT_EQ(Value(2018, "backward_organisations"), 0);
  EXPECT_THAT(Violated(Grade("b", R"(grade: PARTY_GRADE_MIDDLE start_date: "2018-06-01")").status()),
              ElementsAre("end_date RULE"));
}

TEST_P(PlaceTest, EachOrganisationOfAVillageHasASecretary) {
  AddOrganisation();
  const std::string member = R"(display_name: "张三" birth_date: "1990-01-01" joined_date: "2015-07-01" )";
  const std::string here = R"(village: "villages/120119101201" )", full = "stage: DEVELOPMENT_STAGE_FULL ";
  ASSERT_OK(Create<PartyMember>("m", member + here + full));
  ASSERT_OK(Create<PartyMember>("n", member + here + full));
  ASSERT_OK(Create<PartyMember>("other", member + full + R"(village: "villages/120119101202")"));
  ASSERT_OK(Create<PartyMember>("new", member + here + "stage: DEVELOPMENT_STAGE_PROBATIONARY"));
  ASSERT_OK(Create<PartyMember>("left", member + here + full + R"(left_date: "2018-01-01")"));
  // A general branch, and the branch under it.
  const std::string general =
      here + R"(display_name: "总支" kind: ORGANISATION_KIND_GENERAL_BRANCH start_date: "1990-07-01" )";
  ASSERT_OK(Create<PartyOrganisation>("g", general + R"(secretary: "partyMembers/n")"));
  ASSERT_OK(Update<PartyOrganisation>("partyOrganisations/o", R"(secretary: "partyMembers/m")"));
  for (const char* refused : {"other", "new", "left"}) {
    EXPECT_THAT(Violated(Update<PartyOrganisation>("partyOrganisations/o",
                                                   absl::StrCat("secretary: \"partyMembers/", refused, "\""))
                             .status()),
                ElementsAre("secretary RULE"));
  }
  EXPECT_THAT(Violated(Update<PartyMember>("partyMembers/m", R"(left_date: "2018-06-01")").status()),
              ElementsAre("left_date RULE"));
  EXPECT_THAT(Delete<PartyMember>("partyMembers/m"), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Update<PartyOrganisation>("partyOrganisations/o", "", {"secretary"}));
  EXPECT_OK(Update<PartyMember>("partyMembers/m", R"(left_date: "2018-06-01")"));
}

TEST_P(PlaceTest, AYearHasOneVersionOfAStandard) {
  program_->SetYears({2017, 2018, 2019});
  AddOrganisation();
  const auto standard = [this](int year) {
    return Create<CreationStandard>(
        absl::StrCat("v", year), absl::StrCat("kind: STANDARD_KIND_FIVE_GOOD version: \"", year, "\" first_year: ",
                                              year, R"( display_name: "五好" items { code: "a" display_name: "一" })"));
  };
  const auto assess = [this](const std::string& id, int standard, int year) {
    return Create<CreationAssessment>(
        id, absl::StrCat("standard: \"creationStandards/v", standard, "\" year: ", year,
                         R"( subject: "partyOrganisations/o" items { code: "a" met: true })"));
  };
  ASSERT_OK(standard(2018));
  EXPECT_THAT(Violated(assess("x", 2018, 2017).status()), ElementsAre("standard RULE"));
  ASSERT_OK(assess("a", 2018, 2018));
  ASSERT_OK(standard(2019));
  EXPECT_THAT(Violated(assess("x", 2018, 2019).status()), ElementsAre("standard RULE"));
  EXPECT_THAT(Violated(assess("x", 2019, 2018).status()), ElementsAre("standard RULE"));
  ASSERT_OK(assess("b", 2019, 2019));
  EXPECT_EQ(Value(2018, "five_good_branches"), 1);
  EXPECT_EQ(Value(2019, "five_good_branches"), 1);
  // What was assessed keeps its version.
  EXPECT_THAT(Violated(Update<CreationStandard>("creationStandards/v2019", "first_year: 2020").status()),
              ElementsAre("first_year RULE"));
  EXPECT_THAT(Violated(Update<CreationStandard>("creationStandards/v2018", "first_year: 2019").status()),
              ::testing::Contains("first_year RULE"));
  EXPECT_OK(Update<CreationStandard>("creationStandards/v2018", "first_year: 2017"));
  EXPECT_THAT(
      Violated(Create<CreationStandard>("between", R"(kind: STANDARD_KIND_FIVE_GOOD version: "2018a" first_year: 2018
      display_name: "五好" items { code: "a" display_name: "一" })")
                   .status()),
      ElementsAre("first_year RULE"));
}

TEST_P(PlaceTest, DivisionsAreRankedAmongThoseOfTheirLevel) {
  for (const auto& [id, points] : {std::pair<std::string, int>{"12", 100}, {"120119", 9000}, {"120119101", 9500}}) {
    ASSERT_OK(Create<Appraisal>(
        id,
        absl::StrCat("subject: \"divisions/", id,
                     R"(" year: 2018 grade: APPRAISAL_GRADE_GOOD scores { title: "一" points_centi: )", points, " }")));
  }
  village::v1::RankAppraisalsRequest request;
  request.set_year(2018);
  request.set_collection("divisions");
  village::v1::RankAppraisalsResponse response;
  constexpr char kRank[] = "jiedui.village.v1.InspectionService/RankAppraisals";
  EXPECT_THAT(Violated(program_->Call(kRank, request, &response)), ElementsAre("level RULE"));
  request.set_level(village::v1::DIVISION_LEVEL_DISTRICT);
  ASSERT_OK(program_->Call(kRank, request, &response));
  ASSERT_EQ(response.total_count(), 1);
  EXPECT_EQ(response.ranks(0).subject(), "divisions/120119");
  EXPECT_EQ(response.ranks(0).rank(), 1);
  request.set_collection("cadres");
  EXPECT_THAT(Violated(program_->Call(kRank, request, &response)), ElementsAre("level RULE"));
}

TEST_P(PlaceTest, AVenueHasUsesAndIsRenovatedAfterItWasBuilt) {
  AddOrganisation();
  const std::string base =
      R"(village: "villages/120119101201" display_name: "党群服务中心" organisation: "partyOrganisations/o"
      uses { title: "党员活动" } uses { title: "便民服务" } )";
  EXPECT_THAT(
      Violated(Create<ActivityVenue>("v", base + R"(built_date: "2015-01-01" renovated_date: "2014-01-01")").status()),
      ElementsAre("renovated_date RULE"));
  EXPECT_THAT(
      Violated(Create<ActivityVenue>("v", base + R"(built_date: "2015-01-01" renovated_date: "2199-01-01")").status()),
      ElementsAre("renovated_date RULE"));
  ASSERT_OK(Create<ActivityVenue>(
      "v", base + R"(built_date: "2015-01-01" renovated_date: "2018-05-01" renovation: "屋面翻新")"));
  const auto venue = Get<ActivityVenue>("activityVenues/v");
  ASSERT_OK(venue);
  ASSERT_EQ(venue->uses_size(), 2);
  EXPECT_EQ(venue->uses(1).title(), "便民服务");
  EXPECT_EQ(venue->renovation(), "屋面翻新");
  EXPECT_THAT(Violated(Update<ActivityVenue>("activityVenues/v", "uses {}").status()),
              ElementsAre("uses[0].title REQUIRED"));
  // What takes place there keeps it.
  ASSERT_OK(Create<PartyActivity>(
      "a", R"(organisation: "partyOrganisations/o" kind: ACTIVITY_KIND_PARTY_LECTURE held_date: "2018-05-01"
      topic: "党课" venue: "activityVenues/v" expected_count: 3 attended_count: 3)"));
  EXPECT_THAT(Delete<ActivityVenue>("activityVenues/v"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(PlaceTest, WhatHasNotHappenedIsNotRecorded) {
  AddOrganisation();
  program_->SetYears({2018, 2199});
  const std::string here = R"(village: "villages/120119101201" )";
  EXPECT_THAT(
      Violated(Create<Dispute>("d", here + R"(kind: DISPUTE_KIND_LAND summary: "承包地" raised_date: "2199-03-01")")
                   .status()),
      ElementsAre("raised_date RULE"));
  EXPECT_THAT(
      Violated(Create<CivilisedRecognition>("r", here + R"(level: CIVILISED_LEVEL_CITY recognised_date: "2018-01-01"
      lost_date: "2199-01-01")")
                   .status()),
      ElementsAre("lost_date RULE"));
  EXPECT_THAT(
      Violated(Create<PartyActivity>("a", R"(organisation: "partyOrganisations/o" kind: ACTIVITY_KIND_PARTY_LECTURE
      held_date: "2199-05-01" topic: "党课" expected_count: 3 attended_count: 1)")
                   .status()),
      ElementsAre("held_date RULE"));
  EXPECT_THAT(
      Violated(Create<Inspection>(
                   "i", R"(subject: "villages/120119101201" kind: INSPECTION_KIND_SPECIAL held_date: "2018-05-01"
      inspectors: "组" methods { method: INSPECTION_METHOD_SURVEY }
      findings { content: "一" severity: FINDING_SEVERITY_MINOR due_date: "2199-06-30" rectified_date: "2199-06-01" })")
                   .status()),
      ElementsAre("findings[0].rectified_date RULE"));
  ASSERT_OK(Create<AssistanceAction>("a", R"(year: 2018 position: 1 display_name: "行动")"));
  // A timetable is planned, what is done is not.
  EXPECT_THAT(
      Violated(
          Create<ActionTask>(
              "t", R"(action: "assistanceActions/a" place: "villages/120119101201" task: "一" responsible_body: "村"
      timetable { title: "一" due_date: "2199-06-30" done_date: "2199-06-01" })")
              .status()),
      ElementsAre("timetable[0].done_date RULE"));
}

}  // namespace
}  // namespace jiedui::testing
