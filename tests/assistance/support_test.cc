// Visits of helpers, and social forces matched to needs.

#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/support.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using testing::StatusIs;
using ::testing::UnorderedElementsAre;

class SupportTest : public AssistanceTest {};

INSTANTIATE_TEST_SUITE_P(Databases, SupportTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(SupportTest, VisitsAreMadeDuringThePairing) {
  ASSERT_OK(
      Create<v1::NeedyHousehold>("h", R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME
      member_count: 3 found_date: "2017-10-01")"));
  ASSERT_OK(Create<v1::HelperPairing>("k", R"(household: "needyHouseholds/h" helper_name: "样例" helper: "cadres/c"
      helper_kind: HELPER_KIND_RESIDENT_CADRE start_date: "2018-02-01" end_date: "2018-11-30")"));
  const std::string text = R"(pairing: "helperPairings/k" village: "villages/v" content: "样例" visit_date: )";
  for (const char* day : {"\"2018-01-31\"", "\"2018-12-01\""}) {
    EXPECT_THAT(Fields(Create<v1::HelperVisit>("v", text + day)), ElementsAre("helper_visit.visit_date RULE"));
  }
  ASSERT_OK(Create<v1::HelperVisit>("v", text + "\"2018-11-30\""));
  EXPECT_THAT(Fields(Update<v1::HelperVisit>("helperVisits/v", "content: \" 　\\n\"")),
              ElementsAre("helper_visit.content REQUIRED"))
      << "nothing that can be seen";
  EXPECT_EQ(Get<v1::HelperPairing>("helperPairings/k").visit_count(), 1);
  EXPECT_THAT(Delete<v1::HelperPairing>("helperPairings/k"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(SupportTest, AnActivityIsMatchedToANeedOfItsVillageAndKind) {
  const auto need = [this](const std::string& id, const std::string& village, const std::string& kind) {
    ASSERT_OK(Create<v1::AssistanceNeed>(id, absl::StrCat("village: \"", village, "\" kind: ", kind,
                                                          " description: \"样例\" raised_date: \"2018-03-01\"")));
  };
  need("n", "villages/v", "NEED_KIND_GOODS");
  need("other", "villages/w", "NEED_KIND_MEDICAL");
  ASSERT_OK(
      Create<v1::SocialActivity>("a", R"(village: "villages/v" organisation: "样例" kind: NEED_KIND_GOODS year: 2018
      organisation_kind: SOCIAL_FORCE_KIND_DEMOCRATIC_PARTY held_date: "2018-05-01")"));
  const auto match = [this](const std::string& name, const std::string& day) {
    return Create<v1::NeedMatch>("", absl::StrCat("activity: \"socialActivities/a\" need: \"assistanceNeeds/", name,
                                                  "\" matched_date: \"", day, "\""));
  };
  EXPECT_THAT(Fields(match("other", "2018-05-01")),
              UnorderedElementsAre("need_match.activity RULE", "need_match.activity RULE"));
  EXPECT_THAT(Fields(match("n", "2018-02-28")), ElementsAre("need_match.matched_date RULE"));
  EXPECT_THAT(Fields(match("n", "2999-01-01")), ElementsAre("need_match.matched_date RULE"));
  const auto made = match("n", "2018-05-01");
  ASSERT_OK(made);
  EXPECT_THAT(match("n", "2018-05-02"), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Get<v1::AssistanceNeed>("assistanceNeeds/n").match_count(), 1);
  EXPECT_EQ(Get<v1::SocialActivity>("socialActivities/a").match_count(), 1);
  ASSERT_OK(Delete<v1::NeedMatch>(made->name()));
  EXPECT_EQ(Get<v1::AssistanceNeed>("assistanceNeeds/n").match_count(), 0);
}

}  // namespace
}  // namespace jiedui::assistance
