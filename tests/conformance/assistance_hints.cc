// What the rules of social assistance ask beyond the options.

#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/resource_maker.h"

namespace jiedui::testing {
namespace {

using Needs = std::vector<std::pair<std::string, std::string>>;

// A household with a member, for what is recorded of them.
const Needs& Household() {
  static const auto* const kNeeds = new Needs{
      {"needyHouseholds/h{n}",
       R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME member_count: 2 found_date: "2000-01-01")"},
      {"persons/h{n}", R"(village: "villages/v" display_name: "样例" citizen_number: "{citizen1}")"},
      {"householdMembers/h{n}",
       R"(household: "needyHouseholds/h{n}" person: "persons/h{n}" relation: MEMBER_RELATION_HEAD
                                  joined_date: "2000-01-01")"}};
  return *kNeeds;
}

const Needs& With(Needs needs, const std::string& name, const std::string& text) {
  needs.emplace_back(name, text);
  return *new Needs(std::move(needs));
}

// Of a household of its own: a member is one student.
const Needs& Student() {
  static const auto* const kNeeds = new Needs{
      {"needyHouseholds/y{n}",
       R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME member_count: 2 found_date: "2000-01-01")"},
      {"persons/y{n}", R"(village: "villages/v" display_name: "样例" citizen_number: "{citizen2}")"},
      {"householdMembers/y{n}",
       R"(household: "needyHouseholds/y{n}" person: "persons/y{n}" relation: MEMBER_RELATION_CHILD joined_date: "2000-01-01")"},
      {"students/y{n}",
       R"(household: "needyHouseholds/y{n}" member: "householdMembers/y{n}" village: "villages/v" school_name: "样例"
          stage: EDUCATION_STAGE_COLLEGE enrolled_date: "2010-01-01" graduated_date: "2014-01-01")"}};
  return *kNeeds;
}

const Needs& Pairing() {
  static const Needs& needs = With(Household(), "helperPairings/h{n}",
                                   R"(household: "needyHouseholds/h{n}" helper_name: "样例" helper: "partyMembers/m"
      helper_kind: HELPER_KIND_PARTY_MEMBER start_date: "2018-01-01")");
  return needs;
}

const Needs& NeedAndActivity() {
  static const Needs& needs =
      With({{"assistanceNeeds/h{n}",
             R"(village: "villages/v" kind: NEED_KIND_GOODS description: "样例" raised_date: "2018-01-01")"}},
           "socialActivities/h{n}", R"(village: "villages/v" organisation: "样例" kind: NEED_KIND_GOODS year: 2018
           organisation_kind: SOCIAL_FORCE_KIND_OTHER held_date: "2018-05-01")");
  return needs;
}

}  // namespace

void AddAssistanceHints(std::vector<Hint>& hints) {
  const std::vector<Hint> more = {
      {"helperPairings", {}, R"(helper_kind: HELPER_KIND_PARTY_MEMBER helper: "partyMembers/m{n}")", {}},
      {"householdIncomes", {}, R"(household: "needyHouseholds/h{n}" village: "villages/v")", Household()},
      {"householdRechecks",
       {"new_kind"},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" outcome: RECHECK_OUTCOME_STILL_NEEDY recheck_date: "2018-05-01")",
       Household()},
      {"villageSurveys", {}, R"(surveyed_date: "2018-05-01")", {}},
      {"students",
       {},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" member: "householdMembers/h{n}")",
       Household()},
      {"childNeeds",
       {},
       R"(student: "students/y{n}" village: "villages/v" needs: EDUCATION_NEED_KIND_LIVING met_date: "2018-05-01")",
       Student()},
      {"educationAids", {}, R"(student: "students/y{n}" village: "villages/v" granted_date: "2018-05-01")", Student()},
      {"graduateEmployments",
       {},
       R"(student: "students/y{n}" village: "villages/v" outcome: EMPLOYMENT_OUTCOME_EMPLOYED placed_date: "2018-05-01")",
       Student()},
      {"medicalAids",
       {"expense_fen"},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" member: "householdMembers/h{n}" granted_date: "2018-05-01")",
       Household()},
      {"doctorTrainings", {}, R"(start_date: "2018-05-01" end_date: "2018-05-09")", {}},
      {"healthRecords",
       {},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" record_number: "R-{n}")",
       Household()},
      {"familyDoctorContracts", {}, R"(household: "needyHouseholds/h{n}" village: "villages/v")", Household()},
      {"pensionEnrolments",
       {},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" member: "householdMembers/h{n}")",
       Household()},
      {"pensionCampaigns", {}, R"(held_date: "2018-05-01")", {}},
      {"helperVisits",
       {},
       R"(pairing: "helperPairings/h{n}" village: "villages/v" visit_date: "2018-05-01")",
       Pairing()},
      {"assistanceNeeds",
       {},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" kind: NEED_KIND_GOODS)",
       Household()},
      {"socialActivities", {}, R"(village: "villages/v" kind: NEED_KIND_GOODS held_date: "2018-05-01")", {}},
      {"needMatches",
       {},
       R"(need: "assistanceNeeds/h{n}" activity: "socialActivities/h{n}" matched_date: "2018-06-01")",
       NeedAndActivity()},
      {"dangerousHouses", {}, R"(household: "needyHouseholds/h{n}" village: "villages/v")", Household()},
      {"reliefFunds", {"closed_date"}, "township_limit_fen: 100 district_limit_fen: 200", {}},
      {"reliefRequests",
       {},
       R"(household: "needyHouseholds/h{n}" village: "villages/v" person: "persons/h{n}")",
       Household()},
  };
  hints.insert(hints.end(), more.begin(), more.end());
}

}  // namespace jiedui::testing
