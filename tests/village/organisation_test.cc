// Units and pairings, cadres, village officials.

#include <atomic>
#include <string>
#include <vector>

#include "common/sql/database.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/official.pb.h"
#include "jiedui/village/v1/organisation.pb.h"
#include "jiedui/village/v1/party.pb.h"
#include "jiedui/village/v1/unit.pb.h"
#include "tests/village/village_program.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using village::v1::AssistanceUnit;
using village::v1::Cadre;
using village::v1::CadrePosting;
using village::v1::CadreStandard;
using village::v1::CadreStay;
using village::v1::CadreTraining;
using village::v1::OfficialTerm;
using village::v1::OfficialTraining;
using village::v1::PartyActivity;
using village::v1::PartyMember;
using village::v1::PartyOrganisation;
using village::v1::SafetyBriefing;
using village::v1::StudyGroup;
using village::v1::Village;
using village::v1::VillageOfficial;
using village::v1::VillagePairing;

constexpr char kUnit[] =
    R"(code: "91350100M000100Y43" display_name: "样例单位" kind: UNIT_KIND_CITY_ORGAN start_date: "2016-12-01")";
constexpr char kPairing[] = R"(village: "villages/120119101201" partner: "assistanceUnits/u" start_date: "2017-09-01")";

class OrganisationTest : public VillageTest {
 protected:
  void AddCadre() {
    ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
    ASSERT_OK(Create<Cadre>("c", R"(display_name: "张三" unit: "assistanceUnits/u")"));
    ASSERT_OK(Create<CadreStandard>("2018", "year: 2018 class_hours: 56"));
  }
  absl::StatusOr<CadrePosting> Post(const std::string& id, const std::string& dates) {
    return Create<CadrePosting>(
        id, R"(village: "villages/120119101201" cadre: "cadres/c" role: CADRE_ROLE_MEMBER )" + dates);
  }
  absl::StatusOr<CadreTraining> Train(const std::string& id, const std::string& date, int hours) {
    return Create<CadreTraining>(
        id, absl::StrCat(R"(cadre: "cadres/c" channel: TRAINING_CHANNEL_DISTANCE held_date: ")", date,
                         R"(" class_hours: )", hours));
  }
  void AddOfficial(const std::string& id) {
    ASSERT_OK(Create<VillageOfficial>(id, R"(village: "villages/120119101201" display_name: "李四")"));
  }
  absl::StatusOr<OfficialTerm> Hold(const std::string& official, const std::string& id, const std::string& rest) {
    return Create<OfficialTerm>(
        id, absl::StrCat(R"(official: "villageOfficials/)", official, R"(" origin: TERM_ORIGIN_ELECTED )", rest));
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, OrganisationTest, BothDatabases(), DatabaseName);

TEST_P(OrganisationTest, ACreditCodeWithAWrongCheckCharacterIsRefused) {
  std::string wrong = kUnit;
  wrong.replace(wrong.find("Y43"), 3, "Y44");
  EXPECT_THAT(Violated(Create<AssistanceUnit>("u", wrong).status()), ElementsAre("code FORMAT"));
  ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
  EXPECT_THAT(Create<AssistanceUnit>("v", kUnit), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_P(OrganisationTest, AVillageWithoutAUnitIsNoticed) {
  ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
  const auto lonely = [this] {
    resource::v1::ListRequest request;
    request.set_filter("unit_count = 0");
    village::v1::ListVillagesResponse response;
    EXPECT_OK(program_->Call("jiedui.village.v1.DivisionService/ListVillages", request, &response));
    std::vector<std::string> names;
    for (const Village& each : response.villages()) names.push_back(each.name());
    return names;
  };
  EXPECT_THAT(lonely(), ElementsAre(kVillage, kOther));
  ASSERT_OK(Create<VillagePairing>("p", kPairing));
  EXPECT_THAT(lonely(), ElementsAre(kOther));
  ASSERT_OK(Update<VillagePairing>("villagePairings/p", R"(end_date: "2018-06-01")"));
  EXPECT_THAT(lonely(), ElementsAre(kVillage, kOther));
  EXPECT_EQ(Value(2017, "unit_pairings"), 1);
  EXPECT_EQ(Value(2018, "unit_pairings"), 0);
}

TEST_P(OrganisationTest, APartnerIsPairedWithAVillageOnceAtATime) {
  ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
  ASSERT_OK(Create<VillagePairing>("p", std::string(kPairing) + R"( end_date: "2018-01-01")"));
  const std::string again = R"(village: "villages/120119101201" partner: "assistanceUnits/u" start_date: )";
  EXPECT_THAT(Violated(Create<VillagePairing>("q", again + R"("2017-12-31")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_THAT(Violated(Create<VillagePairing>("q", again + R"("2017-01-01" end_date: "2017-09-02")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_THAT(Violated(Create<VillagePairing>("q", again + R"("2018-05-01" end_date: "2018-05-01")").status()),
              ElementsAre("end_date RULE"));
  ASSERT_OK(Create<VillagePairing>("q", again + R"("2018-01-01")"));
  ASSERT_OK(Create<VillagePairing>("r", again + R"("2017-01-01" end_date: "2017-09-01")"));
}

TEST_P(OrganisationTest, OneOfManyOverlappingPairingsIsKept) {
  ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
  std::atomic<int> kept{0};
  InParallel(8, [&](int i) {
    const auto created = Create<VillagePairing>(
        absl::StrCat("p", i),
        absl::StrCat(R"(village: "villages/120119101201" partner: "assistanceUnits/u" start_date: "2017-09-0)", i + 1,
                     "\""));
    if (created.ok()) ++kept;
  });
  EXPECT_EQ(kept, 1);
}

TEST_P(OrganisationTest, ClassHoursOfAYearAreAddedUpAndHeldAgainstItsStandard) {
  AddCadre();
  ASSERT_OK(Post("p", R"(start_date: "2017-09-01")"));
  ASSERT_OK(Train("t1", "2018-03-01", 30));
  ASSERT_OK(Train("t2", "2018-11-01", 25));
  ASSERT_OK(Train("t3", "2017-11-01", 90));  // 2017 has no standard
  EXPECT_EQ(Value(2018, "cadres_in_post"), 1);
  EXPECT_EQ(Value(2018, "cadres_hours_met"), 0);
  ASSERT_OK(Update<CadreTraining>("cadreTrainings/t2", "class_hours: 26"));
  EXPECT_EQ(Value(2018, "cadres_hours_met"), 1);
  EXPECT_EQ(Value(2017, "cadres_hours_met"), 0);
  const auto cadre = Get<Cadre>("cadres/c");
  ASSERT_OK(cadre);
  ASSERT_EQ(cadre->years_size(), 2);
  EXPECT_EQ(cadre->years(1).class_hours(), 56);
  EXPECT_TRUE(cadre->years(1).hours_met());
  EXPECT_EQ(cadre->qualified_years(), "2018");

  ASSERT_OK(Update<CadreStandard>("cadreStandards/2018", "class_hours: 57"));
  EXPECT_EQ(Value(2018, "cadres_hours_met"), 0);
  ASSERT_OK(Create<CadreStandard>("2017", "year: 2017 class_hours: 90"));
  EXPECT_EQ(Value(2017, "cadres_hours_met"), 1);
  ASSERT_OK(Delete<CadreTraining>("cadreTrainings/t3"));
  EXPECT_EQ(Value(2017, "cadres_hours_met"), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(OrganisationTest, ACadreIsCountedWhereThePostingIsAtTheEndOfTheYear) {
  AddCadre();
  ASSERT_OK(Train("t1", "2018-03-01", 60));
  ASSERT_OK(Post("p", R"(start_date: "2017-09-01" end_date: "2018-06-01")"));
  EXPECT_THAT(Violated(Create<CadrePosting>("q", R"(village: "villages/120119101202" cadre: "cadres/c"
                                             role: CADRE_ROLE_MEMBER start_date: "2018-05-31")")
                           .status()),
              ElementsAre("start_date RULE"));
  ASSERT_OK(Create<CadrePosting>("q", R"(village: "villages/120119101202" cadre: "cadres/c" role: CADRE_ROLE_MEMBER
                                 start_date: "2018-06-01")"));
  EXPECT_EQ(Value(2017, "cadres_in_post"), 1);
  EXPECT_EQ(Value(2018, "cadres_in_post"), 0);
  EXPECT_EQ(Value(2018, "cadres_in_post", kOther), 1);
  EXPECT_EQ(Value(2018, "cadres_hours_met", kOther), 1);
}

TEST_P(OrganisationTest, TrainingsOfAClosedYearAreRefused) {
  AddCadre();
  EXPECT_THAT(Violated(Train("t", "2016-03-01", 8).status()), ElementsAre("year YEAR_NOT_OPEN"));
}

TEST_P(OrganisationTest, DaysInTheVillageFitTheMonthAndThePosting) {
  AddCadre();
  ASSERT_OK(Post("p", R"(start_date: "2017-09-01" end_date: "2018-03-11")"));
  const auto stay = [this](int month, int days) {
    return Create<CadreStay>("",
                             absl::StrCat(R"(posting: "cadrePostings/p" year: 2018 month: )", month, " days: ", days));
  };
  EXPECT_THAT(Violated(stay(2, 29).status()), ElementsAre("days RANGE"));
  ASSERT_OK(stay(2, 28));
  EXPECT_THAT(Violated(stay(3, 11).status()), ElementsAre("days RANGE"));
  ASSERT_OK(stay(3, 10));
  EXPECT_THAT(Violated(stay(4, 1).status()), ElementsAre("days RANGE"));
  const auto cadre = Get<Cadre>("cadres/c");
  ASSERT_OK(cadre);
  ASSERT_EQ(cadre->years_size(), 1);
  EXPECT_EQ(cadre->years(0).village_days(), 38);
}

TEST_P(OrganisationTest, HoursThatManyEnterAtOnceAreAllCounted) {
  AddCadre();
  ASSERT_OK(Post("p", R"(start_date: "2017-09-01")"));
  InParallel(8, [this](int i) {
    for (int j = 0; j < 7; ++j) EXPECT_OK(Train(absl::StrCat("t", i, "-", j), "2018-03-01", 1));
  });
  const auto cadre = Get<Cadre>("cadres/c");
  ASSERT_OK(cadre);
  EXPECT_EQ(cadre->years(0).class_hours(), 56);
  EXPECT_EQ(Value(2018, "cadres_hours_met"), 1);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(OrganisationTest, AStandardThatChangesWhilePeopleAreTrainedMissesNobody) {
  AddCadre();
  ASSERT_OK(Post("p", R"(start_date: "2017-09-01")"));
  InParallel(4, [this](int i) {
    for (int j = 1; j <= 10; ++j) {
      if (i == 0) {
        EXPECT_OK(Update<CadreStandard>("cadreStandards/2018", absl::StrCat("class_hours: ", j % 2 == 0 ? 60 : 1000)));
      } else {
        EXPECT_OK(Train(absl::StrCat("t", i, "-", j), "2018-03-01", 2));
      }
    }
  });
  EXPECT_EQ(Value(2018, "cadres_hours_met"), 1);  // 60 hours, and 60 are asked for
}

TEST_P(OrganisationTest, OnePersonInBothPostsFollowsFromTheTerm) {
  AddOfficial("o");
  auto term =
      Hold("o", "t", R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2017-05-01" secretary_and_director: true)");
  ASSERT_OK(term);
  EXPECT_FALSE(term->secretary_and_director());
  EXPECT_EQ(Value(2018, "one_person_posts"), 0);
  ASSERT_OK(Update<OfficialTerm>("officialTerms/t", R"(end_date: "2018-06-01")"));
  term =
      Hold("o", "t2",
           R"(posts { post: VILLAGE_POST_DIRECTOR } posts { post: VILLAGE_POST_SECRETARY } start_date: "2018-06-01")");
  ASSERT_OK(term);
  EXPECT_TRUE(term->secretary_and_director());
  EXPECT_EQ(term->village(), kVillage);
  EXPECT_EQ(Value(2017, "one_person_posts"), 0);
  EXPECT_EQ(Value(2018, "one_person_posts"), 1);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(OrganisationTest, AVillageHasOneSecretaryAndOneDirectorAtATime) {
  AddOfficial("a");
  AddOfficial("b");
  ASSERT_OK(Hold("a", "ta", R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2018-05-01")"));
  EXPECT_THAT(Violated(Hold("b", "tb", R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2018-06-01")").status()),
              ElementsAre("posts RULE"));
  ASSERT_OK(Hold("b", "tb", R"(posts { post: VILLAGE_POST_DIRECTOR } start_date: "2018-06-01")"));
  EXPECT_THAT(Violated(Hold("b", "tc", R"(posts { post: VILLAGE_POST_OTHER } start_date: "2018-07-01")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_THAT(Violated(Hold("a", "td", R"(posts { post: VILLAGE_POST_OTHER } posts { post: VILLAGE_POST_OTHER }
                                         start_date: "2015-01-01" end_date: "2016-01-01")")
                           .status()),
              ElementsAre("posts[1].post RULE"));
}

TEST_P(OrganisationTest, OneOfManySecretariesIsKept) {
  for (int i = 0; i < 6; ++i) AddOfficial(absl::StrCat("o", i));
  std::atomic<int> kept{0};
  InParallel(6, [&](int i) {
    if (Hold(absl::StrCat("o", i), absl::StrCat("t", i),
             R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2018-05-01")")
            .ok()) {
      ++kept;
    }
  });
  EXPECT_EQ(kept, 1);
  EXPECT_EQ(Value(2018, "officials_in_office"), 1);
}

TEST_P(OrganisationTest, NewlyElectedOfficialsAreTrainedOnceTheirTermHasBegun) {
  AddOfficial("o");
  ASSERT_OK(Hold("o", "t", R"(posts { post: VILLAGE_POST_DIRECTOR } start_date: "2018-06-01")"));
  const auto train = [this](const std::string& id, const std::string& date) {
    return Create<OfficialTraining>(
        id,
        absl::StrCat(R"(official: "villageOfficials/o" kind: OFFICIAL_TRAINING_KIND_TEAM held_date: ")", date, "\""));
  };
  EXPECT_EQ(Value(2018, "officials_elected"), 1);
  ASSERT_OK(train("early", "2018-05-31"));
  EXPECT_EQ(Value(2018, "officials_elected_trained"), 0);
  ASSERT_OK(train("on-time", "2018-12-31"));
  EXPECT_EQ(Value(2018, "officials_elected_trained"), 1);
  EXPECT_EQ(Get<OfficialTerm>("officialTerms/t")->trained_date(), "2018-12-31");
  ASSERT_OK(Update<OfficialTerm>("officialTerms/t", R"(start_date: "2018-05-01")"));
  EXPECT_EQ(Get<OfficialTerm>("officialTerms/t")->trained_date(), "2018-05-31");
  ASSERT_OK(Delete<OfficialTraining>("officialTrainings/early"));
  ASSERT_OK(Delete<OfficialTraining>("officialTrainings/on-time"));
  EXPECT_EQ(Value(2018, "officials_elected_trained"), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(OrganisationTest, AnotherOrganElectedLaterInTheYearIsNotAnotherElectionOfThePerson) {
  AddOfficial("o");
  ASSERT_OK(
      Hold("o", "party", R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2018-07-01" end_date: "2018-08-15")"));
  ASSERT_OK(Create<OfficialTraining>(
      "t", R"(official: "villageOfficials/o" kind: OFFICIAL_TRAINING_KIND_TEAM held_date: "2018-07-10")"));
  ASSERT_OK(Hold("o", "both", R"(posts { post: VILLAGE_POST_SECRETARY } posts { post: VILLAGE_POST_DIRECTOR }
      start_date: "2018-08-15" end_date: "2018-10-01")"));
  // The youth league has elected somebody else.
  ASSERT_OK(Hold("o", "rest", R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2018-10-01")"));
  ASSERT_OK(Update<OfficialTerm>("officialTerms/rest", "origin: TERM_ORIGIN_CONTINUED"));
  for (const char* term : {"officialTerms/both", "officialTerms/rest"}) {
    EXPECT_EQ(Get<OfficialTerm>(term)->elected_date(), "2018-07-01") << term;
    EXPECT_EQ(Get<OfficialTerm>(term)->trained_date(), "2018-07-10") << term;
  }
  EXPECT_EQ(Value(2018, "officials_elected"), 1);
  EXPECT_EQ(Value(2018, "officials_elected_trained"), 1);
  // A correction of the first reaches those that go on from it.
  ASSERT_OK(Update<OfficialTerm>("officialTerms/party", R"(start_date: "2018-07-15")"));
  EXPECT_EQ(Get<OfficialTerm>("officialTerms/rest")->elected_date(), "2018-07-15");
  EXPECT_EQ(Value(2018, "officials_elected_trained"), 0);
  ASSERT_OK(Delete<OfficialTerm>("officialTerms/party"));
  EXPECT_EQ(Get<OfficialTerm>("officialTerms/rest")->elected_date(), "2018-08-15");
  // The election of another year is another one.
  ASSERT_OK(
      Hold("o", "before", R"(posts { post: VILLAGE_POST_SECRETARY } start_date: "2017-03-01" end_date: "2018-08-15")"));
  EXPECT_EQ(Get<OfficialTerm>("officialTerms/rest")->elected_date(), "2018-08-15");
  ASSERT_OK(Update<OfficialTerm>("officialTerms/both", "origin: TERM_ORIGIN_CONTINUED"));
  EXPECT_EQ(Get<OfficialTerm>("officialTerms/rest")->elected_date(), "2017-03-01");
  EXPECT_EQ(Value(2018, "officials_elected"), 0);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(OrganisationTest, NobodyAssistsLongerThanTheyTakePart) {
  ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
  const std::string base = R"(village: "villages/120119101201" partner: "assistanceUnits/u" )";
  EXPECT_THAT(Violated(Create<VillagePairing>("p", base + R"(start_date: "2016-11-30")").status()),
              ElementsAre("start_date RULE"));
  // What begins or ends in the future would be counted today, or no more.
  EXPECT_THAT(Violated(Create<VillagePairing>("p", base + R"(start_date: "2199-01-01")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_THAT(
      Violated(Create<VillagePairing>("p", base + R"(start_date: "2017-09-01" end_date: "2199-01-01")").status()),
      ElementsAre("end_date RULE"));
  ASSERT_OK(Create<VillagePairing>("p", base + R"(start_date: "2017-09-01")"));
  EXPECT_THAT(Violated(Update<AssistanceUnit>("assistanceUnits/u", R"(end_date: "2018-06-01")").status()),
              ElementsAre("end_date RULE"));
  EXPECT_THAT(Violated(Update<AssistanceUnit>("assistanceUnits/u", R"(start_date: "2017-10-01")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_EQ(Get<Village>(kVillage)->unit_count(), 1);
  ASSERT_OK(Update<VillagePairing>("villagePairings/p", R"(end_date: "2018-06-01")"));
  ASSERT_OK(Update<AssistanceUnit>("assistanceUnits/u", R"(end_date: "2018-06-01")"));
  EXPECT_EQ(Get<Village>(kVillage)->unit_count(), 0);
  EXPECT_THAT(Violated(Create<VillagePairing>("q", base + R"(start_date: "2018-06-01")").status()),
              ElementsAre("end_date RULE"));
  // Teams and groups are partners as well.
  ASSERT_OK(Create<village::v1::TechnicalGroup>(
      "g", R"(display_name: "组" institution: "院" expert_count: 3 start_date: "2018-01-01")"));
  ASSERT_OK(Create<VillagePairing>(
      "g", R"(village: "villages/120119101201" partner: "technicalGroups/g" start_date: "2018-02-01")"));
  EXPECT_THAT(Violated(Update<village::v1::TechnicalGroup>("technicalGroups/g", R"(end_date: "2018-06-01")").status()),
              ElementsAre("end_date RULE"));
}

TEST_P(OrganisationTest, AUnitThatEndsWhileItIsPairedLeavesNoPairingBehind) {
  ASSERT_OK(Create<AssistanceUnit>("u", kUnit));
  for (int round = 0; round < 5; ++round) {
    const std::string id = absl::StrCat("p", round);
    ASSERT_OK(Update<AssistanceUnit>("assistanceUnits/u", "", {"end_date"}));
    std::atomic<bool> paired{false}, ended{false};
    InParallel(2, [&](int i) {
      if (i == 0) paired = Create<VillagePairing>(id, kPairing).ok();
      if (i == 1) ended = Update<AssistanceUnit>("assistanceUnits/u", R"(end_date: "2018-06-01")").ok();
    });
    EXPECT_NE(paired.load(), ended.load());
    if (paired) {
      ASSERT_OK(Delete<VillagePairing>("villagePairings/" + id));
    }
  }
}

TEST_P(OrganisationTest, WhatHasNotHappenedIsNotRecorded) {
  AddCadre();
  AddOfficial("o");
  program_->SetYears({2018, 2199});
  ASSERT_OK(Post("p", R"(start_date: "2017-09-01")"));
  EXPECT_THAT(Violated(Train("t", "2199-03-01", 8).status()), ElementsAre("held_date RULE"));
  EXPECT_THAT(Violated(Create<OfficialTraining>("t", R"(official: "villageOfficials/o" kind: OFFICIAL_TRAINING_KIND_TEAM
                                                        held_date: "2199-03-01")")
                           .status()),
              ElementsAre("held_date RULE"));
  EXPECT_THAT(Violated(Hold("o", "t", R"(posts { post: VILLAGE_POST_DIRECTOR } start_date: "2199-06-01")").status()),
              ElementsAre("start_date RULE"));
  EXPECT_THAT(Violated(Create<CadreStay>("s", R"(posting: "cadrePostings/p" year: 2199 month: 1 days: 1)").status()),
              ::testing::Contains("days RANGE"));
}

TEST_P(OrganisationTest, WhoWasAtASafetyBriefingIsNamedOnce) {
  AddCadre();
  const std::string base = R"(village: "villages/120119101201" topic: "驻村安全" )";
  EXPECT_THAT(Violated(Create<SafetyBriefing>("b", base + R"(held_date: "2018-05-01" attendees { cadre: "cadres/c" }
                                                            attendees { cadre: "cadres/c" })")
                           .status()),
              ElementsAre("attendees[1].cadre RULE"));
  EXPECT_THAT(
      Violated(
          Create<SafetyBriefing>("b", base + R"(held_date: "2018-05-01" attendees { cadre: "cadres/none" })").status()),
      ElementsAre("attendees[0].cadre DANGLING_REFERENCE"));
  const auto held = Create<SafetyBriefing>("b", base + R"(held_date: "2018-05-01" attendees { cadre: "cadres/c" })");
  ASSERT_OK(held);
  EXPECT_EQ(held->year(), 2018);
  ASSERT_EQ(held->attendees_size(), 1);
  EXPECT_EQ(held->attendees(0).cadre(), "cadres/c");
}

TEST_P(OrganisationTest, WhoIsNamedInAListStays) {
  for (const char* id : {"m", "m-1", "n"}) {
    ASSERT_OK(Create<PartyMember>(id, R"(village: "villages/120119101201" display_name: "张三" birth_date: "1970-01-01"
                                         stage: DEVELOPMENT_STAGE_FULL joined_date: "2000-01-01")"));
  }
  ASSERT_OK(Create<PartyOrganisation>(
      "o",
      R"(village: "villages/120119101201" display_name: "支部" kind: ORGANISATION_KIND_BRANCH start_date: "2000-01-01")"));
  ASSERT_OK(Create<PartyActivity>("a", R"(organisation: "partyOrganisations/o" kind: ACTIVITY_KIND_MEMBERS_MEETING
      held_date: "2018-05-01" topic: "学习" expected_count: 3 attended_count: 2 attendees { member: "partyMembers/m-1" })"));
  ASSERT_OK(Create<StudyGroup>("g", R"(village: "villages/120119101201" display_name: "小组" start_date: "2018-01-01"
      members { display_name: "李四" } members { display_name: "张三" member: "partyMembers/n" })"));
  // Another name that begins the same is not named.
  ASSERT_OK(Delete<PartyMember>("partyMembers/m"));
  for (const auto& [member, collection] :
       {std::pair("partyMembers/m-1", "partyActivities"), {"partyMembers/n", "studyGroups"}}) {
    const absl::Status status = Delete<PartyMember>(member);
    EXPECT_EQ(ReasonOf(status), error::v1::REASON_REFERENCED) << status;
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(collection));
  }
  ASSERT_OK(Update<StudyGroup>("studyGroups/g", R"(members { display_name: "李四" })"));
  ASSERT_OK(Delete<PartyMember>("partyMembers/n"));

  // Names that were lost before this was checked do not lock the record that has them, and no new ones get in.
  ASSERT_OK(sql::WriteAndWait(program_->database(), {}, [](sql::Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * lost, transaction.Prepare("DELETE FROM party_member WHERE id = 'm-1'"));
    return lost->Execute().status();
  }));
  ASSERT_OK(Update<PartyActivity>("partyActivities/a", R"(topic: "讨论")"));
  EXPECT_THAT(Violated(Update<PartyActivity>("partyActivities/a", R"(attendees { member: "partyMembers/m-1" }
                                                                     attendees { member: "partyMembers/n" })")
                           .status()),
              ElementsAre("attendees[1].member DANGLING_REFERENCE"));
}

}  // namespace
}  // namespace jiedui::testing
