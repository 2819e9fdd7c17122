#include "services/cli/sample/assistance_sample.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "common/personal/personal_kind.h"
#include "jiedui/assistance/v1/education.pb.h"
#include "jiedui/assistance/v1/health.pb.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/housing.pb.h"
#include "jiedui/assistance/v1/pension.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "jiedui/assistance/v1/relief.pb.h"
#include "jiedui/assistance/v1/support.pb.h"
#include "jiedui/workflow/v1/workflow.pb.h"
#include "services/cli/sample/assistance_member.h"
#include "services/cli/sample/assistance_village.h"

namespace jiedui::cli {
namespace {

constexpr int kYear = 2018;
constexpr int64_t kYuan = 100;  // fen

// Limits of a relief fund: more is decided by the district, still more by the city.
constexpr int64_t kTownshipLimit = 5'000 * kYuan;
constexpr int64_t kDistrictLimit = 20'000 * kYuan;

std::string FundOf(const std::string& district) { return absl::StrCat("reliefFunds/f-", district); }

// One district has not set up its fund.
bool HasFund(int fortune) { return fortune >= 35; }

// Days on which adults and children were born: so many, both prime, from these days on.
constexpr int kAdultDays = 21911;
constexpr int kChildDays = 4523;
constexpr absl::CivilDay kFirstAdult(1938, 1, 1);
constexpr absl::CivilDay kFirstChild(2002, 1, 1);

// A valid citizen number (GB 11643) of nobody: its region code, 120180 to 120189, is in no edition of GB/T 2260. Different for
// every `number` of a district below 999 × the days.
std::string CitizenNumber(int district, int64_t number, bool child) {
  const int days = child ? kChildDays : kAdultDays;
  // The multiplier spreads neighbours over the years; modulo a prime no two meet.
  const absl::CivilDay birth = (child ? kFirstChild : kFirstAdult) + number % days * 6007 % days;
  std::string text = absl::StrFormat("1201%02d%04d%02d%02d%03d", 80 + district % 10, birth.year(), birth.month(),
                                     birth.day(), 1 + number / days);
  text.push_back(personal::CitizenCheckCharacter(text));
  return text;
}

class AssistanceWriter : AssistanceVillage {
 public:
  using AssistanceVillage::AssistanceVillage;

  void WriteAll() {
    const int households = random_.Chance(18) ? 0 : static_cast<int>(random_.Between(1, 5));
    for (int i = 1; i <= households; ++i) WriteHousehold(i);
    WriteSurvey(assistance::v1::SURVEY_KIND_NEEDY_HOUSEHOLDS, "needy", households);
    WriteHouses();
    WriteRelief();
    WriteVillageAssistance(place_, random_, files_);
  }

 private:
  struct Household {
    std::string name;
    int number = 0;
    int members = 0;
    bool exiting = false;
  };

  // One of `cases` for the household, for what few households are; takes nothing from the random numbers.
  int64_t CaseOf(const Household& household, int64_t cases) const {
    return (std::stoll(place_.code) * 7 + household.number * 11) % cases;
  }

  // Numbers a person of the village within its district: at most 40 in each village.
  std::string NumberOf(int person, bool child) {
    const int64_t township = std::stoll(place_.code.substr(6, 3));
    const int64_t village = std::stoll(place_.code.substr(9, 3));
    return CitizenNumber(place_.code[5] - '0', ((township - 600) * 400 + village) * 20 + person, child);
  }

  std::string WritePerson(int person, bool child) {
    assistance::v1::Person record;
    record.set_name("persons/" + Id(child ? "c" : "a", person));
    record.set_village(village_);
    record.set_display_name(InventedPerson(random_));
    record.set_citizen_number(NumberOf(person, child));
    AddRecord(files_, record);
    return record.name();
  }

  std::string WriteMember(const Household& household, int member, const std::string& person,
                          assistance::v1::MemberRelation relation) {
    assistance::v1::HouseholdMember record;
    record.set_name("householdMembers/" + Id("w", household.number * 10 + member));
    record.set_household(household.name);
    record.set_person(person);
    record.set_relation(relation);
    record.set_joined_date("2017-09-01");
    const bool child = relation == assistance::v1::MEMBER_RELATION_CHILD;
    record.set_work_ability(child ? assistance::v1::WORK_ABILITY_NONE
                                  : static_cast<assistance::v1::WorkAbility>(random_.Between(1, 3)));
    record.set_health_condition(static_cast<assistance::v1::HealthCondition>(random_.Between(1, 4)));
    AddRecord(files_, record);
    return record.name();
  }

  void WriteHousehold(int number) {
    assistance::v1::NeedyHousehold record;
    record.set_name("needyHouseholds/" + Id("h", number));
    record.set_village(village_);
    record.set_display_name(InventedPerson(random_));
    record.set_kind(static_cast<assistance::v1::HouseholdKind>(random_.Between(1, 4)));
    record.set_member_count(static_cast<int>(random_.Between(1, 4)));
    record.set_found_date(random_.Date(2017, 2017));
    record.add_causes(static_cast<assistance::v1::NeedyCause>(random_.Between(1, 4)));
    if (random_.Chance(40)) record.add_causes(static_cast<assistance::v1::NeedyCause>(random_.Between(5, 8)));
    AddRecord(files_, record);
    const bool filed = Fortunate(97);
    const Household household{record.name(), number, record.member_count(), filed && random_.Chance(6)};
    WriteLife(household, filed);
    WritePairing(household);
    WriteYears(household);
    WriteHealthOf(household);
    WriteMembers(household);
  }

  void WriteLife(const Household& household, bool filed) {
    if (random_.Chance(2)) {
      AddStep(household.name, "RejectNeedyHousehold", "township", In2018(2, 3), "", "样例：复核后不符合条件");
      if (CaseOf(household, 3) == 0) {
        AddStep(household.name, "ReopenNeedyHousehold", "township", "2019-01-10", "", "样例：家庭情况变化");
      }
      return;
    }
    AddStep(household.name, "ReviewNeedyHousehold", "village", In2018(1, 1));
    AddStep(household.name, "PublicizeNeedyHousehold", "village", In2018(2, 2));
    if (!filed) return;
    AddStep(household.name, "FileNeedyHousehold", "township", In2018(3, 3));
    if (!household.exiting) return;
    WriteRecheck(household);
    AddStep(household.name, "ExitNeedyHousehold", "township", In2018(10, 10), "", "样例：收入稳定超过标准");
    if (random_.Chance(15)) {
      AddStep(household.name, "ReenterNeedyHousehold", "township", In2018(12, 12), "", "样例：因病返贫");
    } else if (CaseOf(household, 5) == 0) {
      AddStep(household.name, "ReenterNeedyHousehold", "township", "2019-01-20", "", "样例：因灾返贫");
    }
  }

  // With a party member of the village: what is named is recorded.
  void WritePairing(const Household& household) {
    if (!Fortunate(88) || place_.party_members == 0) return;
    assistance::v1::HelperPairing pairing;
    pairing.set_name("helperPairings/" + Id("k", household.number));
    pairing.set_household(household.name);
    pairing.set_helper_name(InventedPerson(random_));
    pairing.set_helper("partyMembers/" + Id("m", static_cast<int>(random_.Between(1, place_.party_members))));
    pairing.set_helper_kind(assistance::v1::HELPER_KIND_PARTY_MEMBER);
    pairing.set_start_date(absl::StrCat(kYear, "-03-", random_.Between(10, 28)));
    // A few begin or end around the end of the year.
    const int64_t dates = CaseOf(household, 40);
    if (dates == 0) pairing.set_start_date("2019-01-15");
    if (dates == 1) pairing.set_end_date("2018-11-30");
    if (dates == 2) pairing.set_end_date("2019-01-20");
    AddRecord(files_, pairing);
    const int visits = dates == 0 ? 0 : static_cast<int>(random_.Between(0, 3));
    for (int i = 1; i <= visits; ++i) {
      assistance::v1::HelperVisit visit;
      visit.set_name("helperVisits/" + Id("v", household.number * 10 + i));
      visit.set_pairing(pairing.name());
      visit.set_village(village_);
      visit.set_visit_date(In2018(2 + i * 2, 3 + i * 2));
      visit.set_content("样例：入户走访，了解生活与就业情况");
      AddRecord(files_, visit);
    }
  }

  void WriteYears(const Household& household) {
    for (const int year : {kYear - 1, kYear}) {
      if (!random_.Chance(94)) continue;
      assistance::v1::HouseholdIncome income;
      income.set_name("householdIncomes/" + Id("i", household.number * 10'000 + year));
      income.set_household(household.name);
      income.set_village(village_);
      income.set_year(year);
      income.set_wage_income_fen(random_.Between(0, 12'000) * kYuan);
      income.set_business_income_fen(random_.Between(0, 4'000) * kYuan);
      income.set_transfer_income_fen(random_.Between(1'000, 9'000) * kYuan);
      income.set_member_count(household.members);
      AddRecord(files_, income);
    }
    if (!household.exiting && Fortunate(90)) WriteRecheck(household);
  }

  void WriteRecheck(const Household& household) {
    assistance::v1::HouseholdRecheck recheck;
    recheck.set_name("householdRechecks/" + Id("r", household.number));
    recheck.set_household(household.name);
    recheck.set_village(village_);
    recheck.set_year(kYear);
    recheck.set_recheck_date(In2018(8, 9));
    recheck.set_checker(InventedPerson(random_));
    recheck.set_outcome(household.exiting ? assistance::v1::RECHECK_OUTCOME_EXIT
                                          : assistance::v1::RECHECK_OUTCOME_STILL_NEEDY);
    AddRecord(files_, recheck);
  }

  void WriteHealthOf(const Household& household) {
    if (Fortunate(91)) {
      assistance::v1::HealthRecord record;
      record.set_name("healthRecords/" + Id("d", household.number));
      record.set_household(household.name);
      record.set_village(village_);
      record.set_record_number(absl::StrCat("JK-", place_.code, "-", household.number));
      record.set_institution("样例镇卫生院");
      record.set_opened_date(In2018(1, 11));
      const int64_t dates = CaseOf(household, 50);
      if (dates == 10) record.set_opened_date("2019-01-08");
      if (dates == 11) record.set_closed_date("2018-12-20");
      if (dates == 12) record.set_closed_date("2019-02-10");
      AddRecord(files_, record);
    }
    if (Fortunate(70)) {
      assistance::v1::FamilyDoctorContract contract;
      contract.set_name("familyDoctorContracts/" + Id("q", household.number));
      contract.set_village(village_);
      contract.set_household(household.name);
      contract.set_doctor_name(InventedPerson(random_));
      contract.set_institution("样例镇卫生院");
      contract.set_signed_date(In2018(1, 11));
      contract.set_resident_count(household.members);
      AddRecord(files_, contract);
    }
    if (!random_.Chance(20)) return;
    assistance::v1::MedicalAid aid;
    aid.set_name("medicalAids/" + Id("y", household.number));
    aid.set_household(household.name);
    aid.set_village(village_);
    aid.set_year(kYear);
    aid.set_kind(static_cast<assistance::v1::MedicalAidKind>(random_.Between(1, 5)));
    aid.set_expense_fen(random_.Between(2'000, 60'000) * kYuan);
    aid.set_amount_fen(aid.expense_fen() * random_.Between(20, 70) / 100);
    aid.set_granted_date(In2018(1, 12));
    AddRecord(files_, aid);
  }

  void WriteMembers(const Household& household) {
    for (int i = 1; i <= household.members; ++i) {
      const bool child = i >= 3;
      const std::string person = WritePerson(household.number * 4 + i - 4, child);
      const std::string member = WriteMember(household, i, person,
                                             i == 1   ? assistance::v1::MEMBER_RELATION_HEAD
                                             : i == 2 ? assistance::v1::MEMBER_RELATION_SPOUSE
                                                      : assistance::v1::MEMBER_RELATION_CHILD);
      WriteMemberRecords(place_, {household.name, member, child, household.number * 10 + i}, random_, files_);
    }
  }

  // Also says that there is none, where there is none.
  void WriteSurvey(assistance::v1::SurveyKind kind, const char* id, int found) {
    if (random_.Chance(4)) return;
    assistance::v1::VillageSurvey survey;
    survey.set_name("villageSurveys/" + Id(id, kYear));
    survey.set_village(village_);
    survey.set_year(kYear);
    survey.set_kind(kind);
    survey.set_surveyed_date(In2018(1, 3));
    survey.set_found_count(found);
    AddRecord(files_, survey);
  }

  // A step of the workflow of a resource, by a person of that office.
  void AddStep(const std::string& resource, const char* rpc, const char* office, const std::string& date,
               const std::string& input_json = "", const std::string& reason = "") {
    workflow::v1::Transition step;
    step.set_name("assistanceTransitions/" + Id("t", ++steps_));
    step.set_resource(resource);
    step.set_rpc(rpc);
    step.set_actor(absl::StrCat("users/sample-", office, "-", place_.code));
    step.set_date(date);
    step.set_input_json(input_json);
    step.set_reason(reason);
    files_.at("assistanceTransitions")->Add(step);
  }

  // 二(四)2.
  void WriteHouses() {
    const int count = random_.Chance(55) ? 0 : static_cast<int>(random_.Between(1, 3));
    for (int i = 1; i <= count; ++i) {
      assistance::v1::DangerousHouse house;
      house.set_name("dangerousHouses/" + Id("b", i));
      house.set_village(village_);
      house.set_owner_name(InventedPerson(random_));
      house.set_resident_group(static_cast<assistance::v1::HousingGroup>(random_.Between(1, 6)));
      house.set_grade(static_cast<assistance::v1::HousingGrade>(random_.Between(1, 2)));
      house.set_report_number(absl::StrCat("样例鉴〔2017〕", i));
      house.set_floor_area(static_cast<int>(random_.Between(40, 140)));
      house.set_identified_date(random_.Date(2017, 2017));
      AddRecord(files_, house);
      WriteWorks(house);
    }
    WriteSurvey(assistance::v1::SURVEY_KIND_DANGEROUS_HOUSING, "house", count);
  }

  void WriteWorks(const assistance::v1::DangerousHouse& house) {
    if (random_.Chance(3)) return;
    const bool c = house.grade() == assistance::v1::HOUSING_GRADE_C;
    const char* measure = random_.Chance(30) ? "REINFORCE" : c ? "REPAIR" : "REBUILD";
    AddStep(house.name(), "ApproveDangerousHouse", "district", absl::StrCat(kYear, "-02-", random_.Between(10, 28)),
            absl::StrCat("{\"measure\": \"HOUSING_MEASURE_", measure, "\", \"subsidy_fen\": \"",
                         random_.Between(c ? 5 : 20, c ? 15 : 40) * 1'000 * kYuan, "\"}"));
    if (!Fortunate(92)) return;
    AddStep(house.name(), "StartDangerousHouse", "village", absl::StrCat(kYear, "-04-", random_.Between(10, 28)));
    if (!Fortunate(85)) return;
    AddStep(house.name(), "AcceptDangerousHouse", "checker", absl::StrCat(kYear, "-10-", random_.Between(10, 28)),
            absl::StrCat("{\"acceptance_document\": \"样例验收〔", kYear, "〕", random_.Between(1, 999), "号\"}"));
  }

  void WriteRelief() {
    if (!HasFund(place_.fortune) || !random_.Chance(8)) return;
    const std::string payee = WritePerson(20, false);
    assistance::v1::ReliefRequest request;
    request.set_name("reliefRequests/" + Id("j", 1));
    request.set_village(village_);
    request.set_person(payee);
    request.set_fund(FundOf(place_.code.substr(0, 6)));
    request.set_cause(static_cast<assistance::v1::ReliefCause>(random_.Between(1, 4)));
    request.set_description("样例：突发困难，家庭难以承担");
    request.set_amount_fen((random_.Chance(60) ? random_.Between(5, 50) : random_.Between(51, 400)) * 100 * kYuan);
    request.set_occurred_date(In2018(1, 3));
    AddRecord(files_, request);
    if (random_.Chance(5)) return;
    AddStep(request.name(), "SubmitReliefRequest", "village", In2018(4, 4));
    if (random_.Chance(6)) {
      AddStep(request.name(), "RejectReliefRequest", "township", In2018(5, 5), "", "样例：不符合条件");
      return;
    }
    AddStep(request.name(), "ApproveReliefRequestAtTownship", "township", In2018(5, 5));
    if (request.amount_fen() > kTownshipLimit) {
      AddStep(request.name(), "ApproveReliefRequestAtDistrict", "district", In2018(6, 6));
    }
    if (request.amount_fen() > kDistrictLimit) {
      AddStep(request.name(), "ApproveReliefRequestAtCity", "city", In2018(7, 7));
    }
    if (Fortunate(85)) AddStep(request.name(), "PayReliefRequest", "cashier", In2018(8, 8));
  }

  int steps_ = 0;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> AssistanceDescriptors() {
  using namespace assistance::v1;  // NOLINT(google-build-using-namespace): thirty names of one area
  return {NeedyHousehold::descriptor(),
          HelperPairing::descriptor(),
          HouseholdIncome::descriptor(),
          HouseholdRecheck::descriptor(),
          VillageSurvey::descriptor(),
          DangerousHouse::descriptor(),
          ReliefFund::descriptor(),
          ReliefRequest::descriptor(),
          ReliefMovement::descriptor(),
          Person::descriptor(),
          HouseholdMember::descriptor(),
          Student::descriptor(),
          ChildNeed::descriptor(),
          EducationAid::descriptor(),
          GraduateEmployment::descriptor(),
          SchoolImprovement::descriptor(),
          Kindergarten::descriptor(),
          MedicalAid::descriptor(),
          VillageClinic::descriptor(),
          DoctorTraining::descriptor(),
          HealthRecord::descriptor(),
          FamilyDoctorCoverage::descriptor(),
          FamilyDoctorContract::descriptor(),
          PensionEnrolment::descriptor(),
          PensionCampaign::descriptor(),
          HelperVisit::descriptor(),
          AssistanceNeed::descriptor(),
          SocialActivity::descriptor(),
          NeedMatch::descriptor()};
}

void WriteReliefFund(const std::string& district, int fortune, int villages, SampleFiles& files) {
  if (!HasFund(fortune)) return;
  assistance::v1::ReliefFund fund;
  fund.set_name(FundOf(district));
  fund.set_division("divisions/" + district);
  fund.set_display_name("样例社会救助基金");
  fund.set_established_date("2018-01-15");
  fund.set_township_limit_fen(kTownshipLimit);
  fund.set_district_limit_fen(kDistrictLimit);
  AddRecord(files, fund);
  assistance::v1::ReliefMovement deposit;
  deposit.set_name("reliefMovements/d-" + district);
  deposit.set_fund(fund.name());
  deposit.set_kind(assistance::v1::RELIEF_MOVEMENT_KIND_DEPOSIT);
  deposit.set_movement_date("2018-01-20");
  deposit.set_amount_fen((100'000 + int64_t{8'000} * villages) * kYuan);
  deposit.set_counterparty("样例区财政局");
  AddRecord(files, deposit);
}

void WriteAssistance(const VillagePlace& place, Random& random, SampleFiles& files) {
  AssistanceWriter(place, random, files).WriteAll();
}

}  // namespace jiedui::cli
