// Elections.

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/official.pb.h"
#include "jiedui/village/v1/unit.pb.h"
#include "tests/village/step_test.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using village::v1::Election;
using village::v1::ElectionCandidate;
using village::v1::ElectionRule;
using village::v1::ElectionVoter;

class ElectionTest : public StepTest {
 protected:
  void SetUp() override {
    StepTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(Create<ElectionRule>("r", R"(display_name: "规则" valid_from: "2018-01-01"
        disqualifications { code: "convicted" display_name: "受过刑事处罚" }
        disqualifications { code: "bribery" display_name: "拉票贿选" }
        turnout { numerator: 1 denominator: 2 more_than: true } majority { numerator: 1 denominator: 2 more_than: true })"));
    ASSERT_OK(Create<village::v1::AssistanceUnit>(
        "u",
        R"(code: "91350100M000100Y43" display_name: "样例单位" kind: UNIT_KIND_CITY_ORGAN start_date: "2017-08-01")"));
    ASSERT_OK(Create<village::v1::Cadre>(
        "c", R"(display_name: "驻村甲" birth_date: "1980-05-06" unit: "assistanceUnits/u")"));
    ASSERT_OK(Create<village::v1::CadrePosting>("p", absl::StrCat("village: \"", kVillage, R"(" cadre: "cadres/c"
        role: CADRE_ROLE_LEADER start_date: "2017-09-01")")));
    ASSERT_OK(Create<Election>(
        "e", absl::StrCat("village: \"", kVillage, R"(" organ: ELECTED_ORGAN_VILLAGE_COMMITTEE rule: "electionRules/r"
        term: 11 planned_date: "2018-09-16" seats: 1)")));
  }

  absl::StatusOr<ElectionCandidate> Nominate(const std::string& id, const std::string& name,
                                             const std::string& rest = "") {
    return Create<ElectionCandidate>(
        id, absl::StrCat("election: \"elections/e\" display_name: \"", name, R"(" birth_date: "1980-05-06" )",
                         absl::StrContains(rest, "post:") ? "" : "post: VILLAGE_POST_DIRECTOR ", rest));
  }
  std::vector<std::string> Terms();

  static constexpr char kClean[] = R"(checks { code: "convicted" } checks { code: "bribery" })";
};

INSTANTIATE_TEST_SUITE_P(Databases, ElectionTest, BothDatabases(), DatabaseName);

TEST_P(ElectionTest, AResidentCadreIsNeitherVoterNorCandidate) {
  EXPECT_THAT(Violated(Nominate("a", "驻村甲", kClean).status()), ElementsAre("display_name RULE"));
  EXPECT_THAT(
      Violated(Create<ElectionVoter>("v", R"(election: "elections/e" display_name: "驻村甲" birth_date: "1980-05-06")")
                   .status()),
      ElementsAre("display_name RULE"));
  // A villager of the same name, and the cadre at home.
  EXPECT_OK(Create<ElectionVoter>("v", R"(election: "elections/e" display_name: "驻村甲" birth_date: "1981-05-06")"));
  ASSERT_OK(Create<Election>(
      "o", absl::StrCat("village: \"", kOther, R"(" organ: ELECTED_ORGAN_VILLAGE_COMMITTEE rule: "electionRules/r"
      term: 11 planned_date: "2018-09-16" seats: 1)")));
  EXPECT_OK(Create<ElectionVoter>("w", R"(election: "elections/o" display_name: "驻村甲" birth_date: "1980-05-06")"));
}

TEST_P(ElectionTest, EveryItemOfTheListIsCheckedForEachCandidate) {
  ASSERT_OK(Nominate("a", "甲", R"(checks { code: "convicted" })"));
  EXPECT_THAT(
      Violated(Nominate("x", "丙", R"(checks { code: "age" } checks { code: "bribery" } checks { code: "bribery" })")
                   .status()),
      UnorderedElementsAre("checks[0].code RULE", "checks[2].code DUPLICATE"));
  EXPECT_THAT(Violated(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/a").status()),
              ElementsAre("checks REQUIRED"));
  ASSERT_OK(Nominate("b", "乙", R"(checks { code: "convicted" holds: true } checks { code: "bribery" })"));
  EXPECT_THAT(Violated(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/b").status()),
              ElementsAre("checks RULE"));
  EXPECT_OK(Step<ElectionCandidate>("DisqualifyCandidate", "electionCandidates/b", R"(reason: "受过刑事处罚")"));
  EXPECT_THAT(Violated(Step<Election>("AnnounceCandidates", "elections/e").status()),
              ElementsAre("name RULE", "name RULE"));
  ASSERT_OK(Update<ElectionCandidate>("electionCandidates/a", kClean));
  EXPECT_OK(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/a"));
  EXPECT_OK(Step<Election>("AnnounceCandidates", "elections/e"));
  EXPECT_THAT(Violated(Nominate("late", "丁", kClean).status()), ElementsAre("election STATE"));
}

TEST_P(ElectionTest, AnElectionCountsWithEnoughVotersAndVotes) {
  ASSERT_OK(Nominate("a", "甲", kClean));
  ASSERT_OK(Nominate("b", "乙", kClean));
  for (const char* id : {"a", "b"})
    ASSERT_OK(
        Step<ElectionCandidate>("QualifyCandidate", absl::StrCat("electionCandidates/", id), R"(date: "2018-09-01")"));
  ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-06")"));
  const std::string results =
      R"(results { candidate: "electionCandidates/a" votes: 40 elected: true } results { candidate: "electionCandidates/b" votes: 10 })";
  EXPECT_THAT(
      Violated(
          Step<Election>("HoldElection", "elections/e", "registered_count: 100 voted_count: 50 " + results).status()),
      ElementsAre("voted_count RULE"));
  EXPECT_THAT(
      Violated(
          Step<Election>("HoldElection", "elections/e", "registered_count: 100 voted_count: 90 " + results).status()),
      ElementsAre("votes RULE"));
  // Nobody, as nobody has enough; one left out; more votes than papers.
  for (
      const char* wrong :
      {R"(results { candidate: "electionCandidates/a" votes: 45 } results { candidate: "electionCandidates/b" votes: 30 })",
       R"(results { candidate: "electionCandidates/a" votes: 60 elected: true })",
       R"(results { candidate: "electionCandidates/a" votes: 60 elected: true } results { candidate: "electionCandidates/b" votes: 31 })"}) {
    EXPECT_THAT(Violated(Step<Election>("HoldElection", "elections/e",
                                        absl::StrCat("registered_count: 100 voted_count: 90 ", wrong))
                             .status()),
                ElementsAre("results RULE"))
        << wrong;
  }
  EXPECT_THAT(Violated(Step<Election>("HoldElection", "elections/e", R"(registered_count: 100 voted_count: 90
      results { candidate: "electionCandidates/a" votes: 46 elected: true } results { candidate: "electionCandidates/b" votes: 47 })")
                           .status()),
              UnorderedElementsAre("elected RULE", "results RULE"));
  // A director who has enough votes, and none.
  EXPECT_THAT(Violated(Step<Election>("HoldElection", "elections/e", R"(registered_count: 100 voted_count: 90
      results { candidate: "electionCandidates/a" votes: 60 } results { candidate: "electionCandidates/b" votes: 30 })")
                           .status()),
              UnorderedElementsAre("elected RULE", "results RULE"));
  // Void, and again.
  ASSERT_OK(Step<Election>("VoidElection", "elections/e",
                           R"(registered_count: 100 voted_count: 50 reason: "未过半" date: "2018-09-16")"));
  EXPECT_EQ(Value(2018, "organs_reelected"), 0);
  ASSERT_OK(Step<Election>("RepeatElection", "elections/e", R"(date: "2018-09-17")"));
  ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-18")"));
  const auto held = Step<Election>("HoldElection", "elections/e",
                                   R"(date: "2018-09-30" registered_count: 100 voted_count: 51 )" + results);
  ASSERT_OK(held);
  EXPECT_EQ(held->held_date(), "2018-09-30");
  EXPECT_EQ(Value(2018, "organs_reelected"), 1);
  EXPECT_THAT(Violated(Step<Election>("HandOverElection", "elections/e").status()),
              ElementsAre("handover_note REQUIRED"));
  EXPECT_OK(Step<Election>("HandOverElection", "elections/e", R"(handover_note: "公章、账目" date: "2018-10-08")"));
  EXPECT_THAT(Step<ElectionCandidate>("WithdrawCandidate", "electionCandidates/a"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(CheckHistories(*program_, "elections"), 6);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(ElectionTest, ABallotHasOneNameForTheHeadAndOneForEachSeat) {
  ASSERT_OK(Update<Election>("elections/e", "seats: 2"));
  const std::string member = absl::StrCat("post: VILLAGE_POST_COMMITTEE_MEMBER ", kClean);
  ASSERT_OK(Nominate("a", "甲", kClean));
  ASSERT_OK(Nominate("b", "乙", kClean));
  ASSERT_OK(Nominate("c", "丙", member));
  ASSERT_OK(Nominate("d", "丁", member));
  for (const char* id : {"a", "b", "c", "d"}) {
    ASSERT_OK(
        Step<ElectionCandidate>("QualifyCandidate", absl::StrCat("electionCandidates/", id), R"(date: "2018-09-01")"));
  }
  ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-06")"));
  // The rest of each result: votes and, where so, "elected: true".
  const auto hold = [this](const std::vector<std::string>& results) {
    std::string text = R"(date: "2018-09-16" registered_count: 100 voted_count: 100 )";
    for (size_t i = 0; i < results.size(); ++i) {
      absl::StrAppend(&text, "results { candidate: \"electionCandidates/", std::string(1, 'a' + i),
                      "\" votes: ", results[i], " }");
    }
    return Violated(Step<Election>("HoldElection", "elections/e", text).status());
  };
  // Directors with 101 votes, though there are fewer than 200 in all; 201 in all; one with more than voted.
  EXPECT_THAT(hold({"60 elected: true", "41", "55 elected: true", "9"}), ElementsAre("results RULE"));
  EXPECT_THAT(hold({"60 elected: true", "40", "90 elected: true", "11"}), ElementsAre("results RULE"));
  EXPECT_THAT(hold({"101 elected: true", "0", "55 elected: true", "9"}),
              UnorderedElementsAre("votes RULE", "results RULE"));
  // No director, though one has enough votes; a director with too few.
  EXPECT_THAT(hold({"60", "40", "55 elected: true", "45"}), ElementsAre("elected RULE"));
  EXPECT_THAT(hold({"45 elected: true", "40", "55 elected: true", "45"}), ElementsAre("votes RULE"));
  // Members with enough votes may find the seats taken; without a director, one is elected anew.
  EXPECT_THAT(hold({"45", "40", "55 elected: true", "55"}), ElementsAre());
}

// What the terms of the village say: "name posts from..to origin", by name and day.
std::vector<std::string> ElectionTest::Terms() {
  std::vector<std::string> terms;
  village::v1::ListOfficialTermsResponse all;
  EXPECT_OK(program_->Call("jiedui.village.v1.OfficialService/ListOfficialTerms", resource::v1::ListRequest(), &all));
  for (const village::v1::OfficialTerm& term : all.official_terms()) {
    std::vector<std::string> posts;
    for (const auto& held : term.posts()) posts.push_back(village::v1::VillagePost_Name(held.post()).substr(13));
    const std::string masked = Get<village::v1::VillageOfficial>(term.official())->display_name();
    terms.push_back(absl::StrCat(masked.substr(0, masked.find('*')), " ", absl::StrJoin(posts, "+"), " ",
                                 term.start_date(), "..", term.end_date(),
                                 term.origin() == village::v1::TERM_ORIGIN_ELECTED ? " elected" : "",
                                 term.secretary_and_director() ? " both" : ""));
  }
  std::sort(terms.begin(), terms.end());
  return terms;
}

TEST_P(ElectionTest, TheElectedAreOfficialsFromThatDayOn) {
  // In office: a director who is not elected again and sits on the party committee, and a member who becomes director.
  for (const auto& [id, name] : {std::pair<std::string, std::string>{"old", "老主任"}, {"a", "甲"}}) {
    ASSERT_OK(Create<village::v1::VillageOfficial>(
        id, absl::StrCat("village: \"", kVillage, "\" display_name: \"", name, "\" birth_date: \"1980-05-06\"")));
  }
  ASSERT_OK(
      Create<village::v1::OfficialTerm>("old", R"(official: "villageOfficials/old" posts { post: VILLAGE_POST_DIRECTOR }
      posts { post: VILLAGE_POST_PARTY_COMMITTEE_MEMBER } origin: TERM_ORIGIN_APPOINTED start_date: "2015-01-01")"));
  ASSERT_OK(
      Create<village::v1::OfficialTerm>("a", R"(official: "villageOfficials/a" posts { post: VILLAGE_POST_SECRETARY }
      posts { post: VILLAGE_POST_COMMITTEE_MEMBER } origin: TERM_ORIGIN_APPOINTED start_date: "2016-01-01")"));
  EXPECT_THAT(Violated(Nominate("x", "丙", "post: VILLAGE_POST_SECRETARY").status()), ElementsAre("post RULE"));
  ASSERT_OK(Nominate("a", "甲", kClean));
  ASSERT_OK(Nominate("b", "乙", absl::StrCat("post: VILLAGE_POST_COMMITTEE_MEMBER ", kClean)));
  ASSERT_OK(Nominate("c", "丁", kClean));
  ASSERT_OK(Update<Election>("elections/e", "seats: 2"));
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_OK(
        Step<ElectionCandidate>("QualifyCandidate", absl::StrCat("electionCandidates/", id), R"(date: "2018-09-01")"));
  }
  ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-06")"));
  const std::string counts = R"(date: "2018-09-16" registered_count: 100 voted_count: 90 )";
  EXPECT_EQ(Value(2018, "one_person_posts"), 0);
  // Two directors there are not.
  EXPECT_THAT(Violated(Step<Election>("HoldElection", "elections/e", counts + R"(
      results { candidate: "electionCandidates/a" votes: 60 elected: true } results { candidate: "electionCandidates/c" votes: 60 elected: true }
      results { candidate: "electionCandidates/b" votes: 9 })")
                           .status()),
              UnorderedElementsAre("elected RULE", "results RULE"));
  ASSERT_OK(Step<Election>("HoldElection", "elections/e", counts + R"(
      results { candidate: "electionCandidates/a" votes: 60 elected: true } results { candidate: "electionCandidates/b" votes: 50 elected: true }
      results { candidate: "electionCandidates/c" votes: 9 })"));
  EXPECT_THAT(Terms(), ElementsAre("乙 COMMITTEE_MEMBER 2018-09-16.. elected",
                                   "甲 SECRETARY+COMMITTEE_MEMBER 2016-01-01..2018-09-16",
                                   "甲 SECRETARY+DIRECTOR 2018-09-16.. elected both",
                                   "老 DIRECTOR+PARTY_COMMITTEE_MEMBER 2015-01-01..2018-09-16",
                                   "老 PARTY_COMMITTEE_MEMBER 2018-09-16.."));
  EXPECT_EQ(Value(2018, "one_person_posts"), 1);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(ElectionTest, ElectionsOfSeveralOrgansAtOnceSeatEverybody) {
  constexpr const char* kOrgans[][3] = {{"p", "PARTY_ORGANISATION", "SECRETARY"},
                                        {"w", "WOMENS_FEDERATION", "WOMENS_CHAIR"},
                                        {"y", "YOUTH_LEAGUE", "YOUTH_SECRETARY"},
                                        {"e", "VILLAGE_COMMITTEE", "DIRECTOR"}};
  for (const auto& [id, organ, post] : kOrgans) {
    if (std::string(id) != "e") {
      ASSERT_OK(Create<Election>(
          id, absl::StrCat("village: \"", kVillage, "\" organ: ELECTED_ORGAN_", organ,
                           R"( rule: "electionRules/r" term: 11 planned_date: "2018-09-16" seats: 1)")));
    }
    ASSERT_OK(Create<ElectionCandidate>(
        id, absl::StrCat("election: \"elections/", id,
                         R"(" display_name: "甲" birth_date: "1980-05-06" post: VILLAGE_POST_)", post, " ", kClean)));
    ASSERT_OK(
        Step<ElectionCandidate>("QualifyCandidate", absl::StrCat("electionCandidates/", id), R"(date: "2018-09-01")"));
    ASSERT_OK(Step<Election>("AnnounceCandidates", absl::StrCat("elections/", id), R"(date: "2018-09-06")"));
  }
  InParallel(4, [&](int i) {
    const std::string id = kOrgans[i][0];
    EXPECT_OK(Step<Election>("HoldElection", "elections/" + id,
                             absl::StrCat(R"(date: "2018-09-16" registered_count: 10 voted_count: 9
        results { candidate: "electionCandidates/)",
                                          id, R"(" votes: 9 elected: true })")));
  });
  // One person, one term with everything.
  EXPECT_THAT(Terms(), ElementsAre("甲 SECRETARY+DIRECTOR+YOUTH_SECRETARY+WOMENS_CHAIR 2018-09-16.. elected both"));
  EXPECT_EQ(Value(2018, "one_person_posts"), 1);
  EXPECT_EQ(program_->Verify(), 0);
}

TEST_P(ElectionTest, ARecordedTermOfTheElectedStaysAsItIs) {
  ASSERT_OK(
      Create<village::v1::VillageOfficial>("a", absl::StrCat("village: \"", kVillage, R"(" display_name: "甲")")));
  ASSERT_OK(
      Create<village::v1::OfficialTerm>("a", R"(official: "villageOfficials/a" posts { post: VILLAGE_POST_DIRECTOR }
      origin: TERM_ORIGIN_ELECTED start_date: "2018-09-16" end_date: "2018-12-01" election: "elections/e")"));
  ASSERT_OK(Create<village::v1::OfficialTerm>("b", R"(official: "villageOfficials/a" posts { post: VILLAGE_POST_OTHER }
      origin: TERM_ORIGIN_CONTINUED start_date: "2019-01-01")"));
  ASSERT_OK(Nominate("a", "甲", kClean));
  ASSERT_OK(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/a", R"(date: "2018-09-01")"));
  ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-06")"));
  ASSERT_OK(Step<Election>("HoldElection", "elections/e", R"(date: "2018-09-16" registered_count: 10 voted_count: 9
      results { candidate: "electionCandidates/a" votes: 9 elected: true })"));
  EXPECT_THAT(Terms(), ElementsAre("甲 DIRECTOR 2018-09-16..2018-12-01 elected", "甲 OTHER 2019-01-01.."));
  // The term follows from an election of its village, which stays.
  ASSERT_OK(Create<Election>(
      "o", absl::StrCat("village: \"", kOther, R"(" organ: ELECTED_ORGAN_VILLAGE_COMMITTEE rule: "electionRules/r"
      term: 11 planned_date: "2018-09-16" seats: 1)")));
  EXPECT_THAT(Violated(Create<village::v1::OfficialTerm>(
                           "c", R"(official: "villageOfficials/a" posts { post: VILLAGE_POST_OTHER }
      origin: TERM_ORIGIN_ELECTED start_date: "2012-01-01" end_date: "2015-01-01" election: "elections/o")")
                           .status()),
              ElementsAre("election RULE"));
}

TEST_P(ElectionTest, RulesInUseStayAndEnd) {
  EXPECT_THAT(
      Violated(Update<ElectionRule>("electionRules/r", R"(disqualifications { code: "age" display_name: "年龄" })")
                   .status()),
      ElementsAre("disqualifications IMMUTABLE"));
  ASSERT_OK(Update<ElectionRule>("electionRules/r", R"(valid_to: "2018-12-31")"));
  EXPECT_THAT(Violated(Create<Election>("f", absl::StrCat("village: \"", kVillage,
                                                          R"(" organ: ELECTED_ORGAN_YOUTH_LEAGUE rule: "electionRules/r"
      term: 3 planned_date: "2019-09-16" seats: 1)"))
                           .status()),
              ElementsAre("rule RULE"));
}

TEST_P(ElectionTest, ACadreWhosePostingIsRecordedLaterIsFoundBeforeTheElection) {
  ASSERT_OK(Nominate("a", "甲", kClean));
  ASSERT_OK(Nominate("b", "驻村乙", kClean));
  ASSERT_OK(Create<ElectionVoter>("v", R"(election: "elections/e" display_name: "驻村乙" birth_date: "1980-05-06")"));
  ASSERT_OK(Create<ElectionVoter>("w", R"(election: "elections/e" display_name: "驻村乙" birth_date: "1981-05-06")"));
  ASSERT_OK(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/a", R"(date: "2018-09-01")"));
  ASSERT_OK(
      Create<village::v1::Cadre>("d", R"(display_name: "驻村乙" birth_date: "1980-05-06" unit: "assistanceUnits/u")"));
  ASSERT_OK(Create<village::v1::CadrePosting>("q", absl::StrCat("village: \"", kVillage, R"(" cadre: "cadres/d"
      role: CADRE_ROLE_MEMBER start_date: "2018-09-10")")));
  EXPECT_THAT(
      Violated(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/b", R"(date: "2018-09-01")").status()),
      ElementsAre("display_name RULE"));
  ASSERT_OK(Step<ElectionCandidate>("WithdrawCandidate", "electionCandidates/b", R"(date: "2018-09-02")"));
  EXPECT_THAT(Violated(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-06")").status()),
              ElementsAre("name RULE"));
  // On an earlier day the cadre did not live there; what counts in the end is the day of voting.
  ASSERT_OK(Update<Election>("elections/e", R"(planned_date: "2018-09-09")"));
  ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/e", R"(date: "2018-09-06")"));
  const std::string held =
      R"(registered_count: 10 voted_count: 9 results { candidate: "electionCandidates/a" votes: 9 elected: true } )";
  EXPECT_THAT(Violated(Step<Election>("HoldElection", "elections/e", held + R"(date: "2018-09-10")").status()),
              ElementsAre("name RULE"));
  ASSERT_OK(Delete<ElectionVoter>("electionVoters/v"));
  EXPECT_OK(Step<Election>("HoldElection", "elections/e", held + R"(date: "2018-09-10")"));
}

// Loses a post of one organ and wins one of another on the same day.
TEST_P(ElectionTest, WhoWinsIsNewlyElectedInWhicheverOrderTheDayIsRecorded) {
  ASSERT_OK(Create<Election>("p", absl::StrCat("village: \"", kVillage, R"(" organ: ELECTED_ORGAN_PARTY_ORGANISATION
      rule: "electionRules/r" term: 11 planned_date: "2018-09-16" seats: 1)")));
  ASSERT_OK(Create<Election>("oe", absl::StrCat("village: \"", kOther, R"(" organ: ELECTED_ORGAN_VILLAGE_COMMITTEE
      rule: "electionRules/r" term: 11 planned_date: "2018-09-16" seats: 1)")));
  ASSERT_OK(Create<Election>("op", absl::StrCat("village: \"", kOther, R"(" organ: ELECTED_ORGAN_PARTY_ORGANISATION
      rule: "electionRules/r" term: 11 planned_date: "2018-09-16" seats: 1)")));
  const auto candidate = [this](const std::string& id, const std::string& election, const std::string& name,
                                const char* post) {
    ASSERT_OK(Create<ElectionCandidate>(
        id, absl::StrCat("election: \"elections/", election, "\" display_name: \"", name,
                         "\" birth_date: \"1980-05-06\" post: VILLAGE_POST_", post, " ", kClean)));
    ASSERT_OK(Step<ElectionCandidate>("QualifyCandidate", "electionCandidates/" + id, R"(date: "2018-09-01")"));
    ASSERT_OK(Step<Election>("AnnounceCandidates", "elections/" + election, R"(date: "2018-09-06")"));
  };
  const auto hold = [this](const std::string& election, const std::string& winner) {
    ASSERT_OK(Step<Election>("HoldElection", "elections/" + election,
                             absl::StrCat(R"(date: "2018-09-16" registered_count: 10
        voted_count: 9 results { candidate: "electionCandidates/)",
                                          winner, R"(" votes: 9 elected: true })")));
  };
  for (const auto& [id, home] : {std::pair<std::string, std::string>{"a", kVillage}, {"o", kOther}}) {
    ASSERT_OK(Create<village::v1::VillageOfficial>(
        id, absl::StrCat("village: \"", home, "\" display_name: \"甲\" birth_date: \"1980-05-06\"")));
    ASSERT_OK(Create<village::v1::OfficialTerm>(
        id, absl::StrCat("official: \"villageOfficials/", id, R"(" posts { post: VILLAGE_POST_DIRECTOR }
        posts { post: VILLAGE_POST_OTHER } origin: TERM_ORIGIN_APPOINTED start_date: "2015-01-01")")));
  }
  candidate("c1", "e", "乙", "DIRECTOR");
  candidate("c2", "p", "甲", "SECRETARY");
  candidate("c3", "oe", "乙", "DIRECTOR");
  candidate("c4", "op", "甲", "SECRETARY");
  hold("e", "c1");  // lost first
  hold("p", "c2");
  hold("op", "c4");  // won first
  hold("oe", "c3");
  for (const auto& [official, election] : {std::pair<std::string, std::string>{"a", "p"}, {"o", "op"}}) {
    resource::v1::ListRequest request;
    request.set_filter(absl::StrCat("official = \"villageOfficials/", official, "\" AND start_date = \"2018-09-16\""));
    village::v1::ListOfficialTermsResponse found;
    ASSERT_OK(program_->Call("jiedui.village.v1.OfficialService/ListOfficialTerms", request, &found));
    ASSERT_EQ(found.official_terms_size(), 1);
    EXPECT_EQ(found.official_terms(0).origin(), village::v1::TERM_ORIGIN_ELECTED) << official;
    EXPECT_EQ(found.official_terms(0).election(), "elections/" + election);
    EXPECT_EQ(found.official_terms(0).posts_size(), 2);
    EXPECT_THAT(
        Violated(
            Update<village::v1::OfficialTerm>(found.official_terms(0).name(), R"(election: "elections/e")").status()),
        ::testing::Contains("election IMMUTABLE"));
  }
  // Row 11 counts both, and the directors.
  EXPECT_EQ(Value(2018, "officials_elected"), 2);
  EXPECT_EQ(Value(2018, "officials_elected", kOther), 2);
  EXPECT_EQ(program_->Verify(), 0);
}

}  // namespace
}  // namespace jiedui::testing
