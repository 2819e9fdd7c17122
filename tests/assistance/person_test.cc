// A person is in one household of the whole city, and a household has one head, also when many clerks record at once.

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/personal/personal_kind.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StatusIs;

class PersonTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    AddHousehold("h1", "villages/v");
    AddHousehold("h2", "villages/w");
    ASSERT_OK(Create<v1::Person>("p", PersonText("11010519491231002X")));
  }

  void AddHousehold(const std::string& id, const std::string& village) {
    ASSERT_OK(
        Create<v1::NeedyHousehold>(id, absl::StrCat("village: \"", village,
                                                    "\" display_name: \"样例\" member_count: 2 "
                                                    "kind: HOUSEHOLD_KIND_LOW_INCOME found_date: \"2018-01-01\"")));
  }

  static std::string PersonText(const std::string& number) {
    return absl::StrCat("village: \"villages/v\" display_name: \"样例\" citizen_number: \"", number, "\"");
  }

  static std::string MemberText(const std::string& household, const std::string& person,
                                const std::string& relation = "MEMBER_RELATION_CHILD") {
    return absl::StrCat("household: \"needyHouseholds/", household, "\" person: \"persons/", person,
                        "\" relation: ", relation, " joined_date: \"2018-01-02\"");
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, PersonTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(PersonTest, OneCitizenNumberIsOnePerson) {
  const auto second = Create<v1::Person>("q", PersonText("11010519491231002X"));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("same citizen_number: persons/p of villages/v"));
  EXPECT_THAT(second.status().ToString(), ::testing::Not(HasSubstr("11010519491231002")));
}

TEST_P(PersonTest, NumbersAreChecked) {
  EXPECT_THAT(Fields(Create<v1::Person>("q", PersonText("110105194912310021") + " phone: \"12\" bank_account: \"x\"")),
              ElementsAre("person.citizen_number FORMAT", "person.phone FORMAT", "person.bank_account FORMAT"));
}

TEST_P(PersonTest, LivesInOneHouseholdAndTheOtherIsNamed) {
  ASSERT_OK(Create<v1::HouseholdMember>("m1", MemberText("h1", "p")));
  const auto second = Create<v1::HouseholdMember>("m2", MemberText("h2", "p"));
  EXPECT_THAT(Fields(second), ElementsAre("household_member.person ALREADY_EXISTS"));
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("needyHouseholds/h1"));
  EXPECT_EQ(Get<v1::Person>("persons/p").household_count(), 1);
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h1").registered_member_count(), 1);

  // Who has left may live elsewhere, but not come back as well.
  ASSERT_OK(Update<v1::HouseholdMember>("householdMembers/m1", "left_date: \"2018-05-01\""));
  ASSERT_OK(Create<v1::HouseholdMember>("m2", MemberText("h2", "p")));
  EXPECT_THAT(Fields(Update<v1::HouseholdMember>("householdMembers/m1", "", {"left_date"})),
              ElementsAre("household_member.person ALREADY_EXISTS"));
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h1").registered_member_count(), 0);
  EXPECT_EQ(Get<v1::NeedyHousehold>("needyHouseholds/h2").registered_member_count(), 1);
}

TEST_P(PersonTest, AHouseholdHasOneHead) {
  ASSERT_OK(Create<v1::Person>("q", PersonText("440524188001010014")));
  ASSERT_OK(Create<v1::HouseholdMember>("m1", MemberText("h1", "p", "MEMBER_RELATION_HEAD")));
  const auto second = Create<v1::HouseholdMember>("m2", MemberText("h1", "q", "MEMBER_RELATION_HEAD"));
  EXPECT_THAT(Fields(second), ElementsAre("household_member.relation ALREADY_EXISTS"));
  ASSERT_OK(Create<v1::HouseholdMember>("m2", MemberText("h1", "q", "MEMBER_RELATION_SPOUSE")));
  ASSERT_OK(Update<v1::HouseholdMember>("householdMembers/m1", "left_date: \"2018-06-01\""));
  ASSERT_OK(Update<v1::HouseholdMember>("householdMembers/m2", "relation: MEMBER_RELATION_HEAD"));
}

// Many clerks of two villages at the same moment: one of them registers the person, the others hear where it lives.
TEST_P(PersonTest, OfManyAtOnceOneRegisters) {
  constexpr int kClerks = 12;
  for (int round = 0; round < 5; ++round) {
    const std::string person = absl::StrCat("r", round);
    std::string number = absl::StrCat("12018019600101", 100 + round);
    number.push_back(personal::CitizenCheckCharacter(number));
    ASSERT_OK(Create<v1::Person>(person, PersonText(number)));
    std::atomic<int> registered{0}, named{0};
    std::vector<std::thread> clerks;
    for (int i = 0; i < kClerks; ++i) {
      clerks.emplace_back([&, i] {
        const auto made = Create<v1::HouseholdMember>("", MemberText(i % 2 == 0 ? "h1" : "h2", person));
        if (made.ok()) ++registered;
        if (absl::StrContains(made.status().message(), "lives in needyHouseholds/h")) ++named;
      });
    }
    for (std::thread& clerk : clerks) clerk.join();
    EXPECT_EQ(registered, 1);
    EXPECT_EQ(named, kClerks - 1);
    EXPECT_EQ(Get<v1::Person>("persons/" + person).household_count(), 1);
  }
}

}  // namespace
}  // namespace jiedui::assistance
