#include "services/cli/sample/organisation_sample.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/codes/credit_code.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/official.pb.h"
#include "jiedui/village/v1/unit.pb.h"
#include "services/cli/sample/election_sample.h"
#include "services/cli/sample/supervision_sample.h"
#include "services/cli/sample/workflow_sample.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

constexpr int kYear = 2018;
constexpr int kClassHours = 56;
constexpr int kVillagesOfAUnit = 3;
// Streams of random numbers apart from those of the village's other records.
constexpr uint64_t kVillageStream = 6'000'000'000'000;
constexpr uint64_t kAppraisalStream = 6'500'000'000'000;
constexpr uint64_t kElectionDayStream = 6'700'000'000'000;
constexpr uint64_t kGroupStream = 3'000'000'000'000;

struct UnitName {
  v1::UnitKind kind;
  const char* name;
};
constexpr UnitName kUnits[] = {{v1::UNIT_KIND_CITY_ORGAN, "发展局"},
                               {v1::UNIT_KIND_STATE_ENTERPRISE, "建设集团"},
                               {v1::UNIT_KIND_UNIVERSITY, "大学"},
                               {v1::UNIT_KIND_INSTITUTION, "医院"},
                               {v1::UNIT_KIND_CENTRAL_UNIT, "银行分行"},
                               {v1::UNIT_KIND_DISTRICT_ORGAN, "区农业局"},
                               {v1::UNIT_KIND_STATE_ENTERPRISE, "水务公司"},
                               {v1::UNIT_KIND_SOCIAL_ORGANISATION, "商会"},
                               {v1::UNIT_KIND_PRIVATE_ENTERPRISE, "食品公司"}};
constexpr const char* kSpecialties[] = {"设施蔬菜", "林果", "水产养殖", "畜牧", "农产品加工"};

// Codes of a registration authority that does not exist.
std::string CreditCode(const std::string& township, int number) {
  std::string code = absl::StrFormat("99%s%06d", township, number);
  code.push_back(codes::CreditCodeCheck(code));
  return code;
}

using Posts = std::vector<v1::VillagePost>;

// When the organs of a village are elected.
struct ElectionDays {
  std::string party;
  std::string committee;  // and supervisors
  std::string others;

  bool apart() const { return party != others; }
  const std::string& Of(v1::VillagePost post) const {
    switch (post) {
      case v1::VILLAGE_POST_SECRETARY:
      case v1::VILLAGE_POST_DEPUTY_SECRETARY:
      case v1::VILLAGE_POST_PARTY_COMMITTEE_MEMBER:
        return party;
      case v1::VILLAGE_POST_COLLECTIVE_HEAD:
      case v1::VILLAGE_POST_YOUTH_SECRETARY:
      case v1::VILLAGE_POST_WOMENS_CHAIR:
      case v1::VILLAGE_POST_OTHER:
        return others;
      default:
        return committee;
    }
  }
};

class Writer {
 public:
  Writer(const VillagePlace& place, int index, uint64_t seed, SampleFiles& files)
      : place_(place),
        index_(index),
        seed_(seed),
        random_(seed, kVillageStream + std::stoull(place.code)),
        day_random_(seed, kElectionDayStream + std::stoull(place.code)),
        files_(files),
        village_("villages/" + place.code),
        unit_id_(absl::StrCat(place.code.substr(0, 9), "-", index / kVillagesOfAUnit + 1)) {}

  void WriteAll() {
    if (index_ % kVillagesOfAUnit == 0) WriteUnit();
    // A village without a unit has to be noticed.
    const bool paired = !random_.Chance(1);
    if (paired) {
      WriteUnitPairings();
      WritePairing("t", 1, "residentTeams/t-" + unit_id_, random_.Date(2017, 2017));
    }
    if (Fortunate(80)) {
      WritePairing("g", 1, "technicalGroups/g-" + place_.code.substr(0, 6), random_.Date(kYear, kYear));
    }
    if (paired && !random_.Chance(2)) WriteCadres();
    if (!random_.Chance(2)) WriteOfficials();
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number) { return absl::StrCat(kind, "-", place_.code, "-", number); }

  void WriteUnit() {
    const UnitName& of = random_.Pick(kUnits);
    v1::AssistanceUnit unit;
    unit.set_name("assistanceUnits/u-" + unit_id_);
    unit.set_code(CreditCode(place_.code.substr(0, 9), index_ / kVillagesOfAUnit + 1));
    unit.set_display_name(absl::StrCat("样例", of.name, unit_id_));
    unit.set_kind(of.kind);
    unit.set_contact_name(InventedPerson(random_));
    unit.set_start_date("2016-12-01");
    AddRecord(files_, unit);
    v1::ResidentTeam team;
    team.set_name("residentTeams/t-" + unit_id_);
    team.set_unit(unit.name());
    team.set_display_name(absl::StrCat(unit.display_name(), "驻村工作组"));
    team.set_start_date("2016-12-10");
    AddRecord(files_, team);
    Random appraisals(seed_, kAppraisalStream + std::stoull(place_.code));
    WriteAppraisal("u-" + unit_id_, unit.name(), appraisals, files_);
    WriteAppraisal("t-" + unit_id_, team.name(), appraisals, files_);
  }

  // Now and then the unit of the villages before takes over, or nobody does.
  void WriteUnitPairings() {
    constexpr const char* kEnds[] = {"2018-09-30", "2018-12-31", "2019-01-01"};
    const bool ended = random_.Chance(4);
    const std::string end = ended ? random_.Pick(kEnds) : "";
    WritePairing("u", 1, "assistanceUnits/u-" + unit_id_, random_.Date(2017, 2017), end);
    const int before = index_ / kVillagesOfAUnit;
    if (!ended || before == 0 || random_.Chance(30)) return;
    WritePairing("u", 2, absl::StrCat("assistanceUnits/u-", place_.code.substr(0, 9), "-", before), end);
  }

  void WritePairing(const char* kind, int number, const std::string& partner, const std::string& start_date,
                    const std::string& end_date = "") {
    v1::VillagePairing pairing;
    pairing.set_name("villagePairings/" + Id(kind, number));
    pairing.set_village(village_);
    pairing.set_partner(partner);
    pairing.set_start_date(start_date);
    pairing.set_end_date(end_date);
    AddRecord(files_, pairing);
  }

  void WriteCadres() {
    for (int i = 1; i <= 2; ++i) {
      v1::Cadre cadre;
      cadre.set_name("cadres/" + Id("c", i));
      cadre.set_display_name(InventedPerson(random_));
      cadre.set_unit("assistanceUnits/u-" + unit_id_);
      cadre.set_birth_date(random_.Date(1965, 1993));
      cadre.set_party_member(random_.Chance(85));
      AddRecord(files_, cadre);
      v1::CadrePosting posting;
      posting.set_name("cadrePostings/" + Id("c", i));
      posting.set_village(village_);
      posting.set_cadre(cadre.name());
      posting.set_team("residentTeams/t-" + unit_id_);
      posting.set_role(i == 2               ? v1::CADRE_ROLE_MEMBER
                       : random_.Chance(70) ? v1::CADRE_ROLE_LEADER
                                            : v1::CADRE_ROLE_FIRST_SECRETARY);
      posting.set_start_date(random_.Date(2017, 2017));
      if (random_.Chance(4)) posting.set_end_date(absl::StrCat(kYear, "-10-", random_.Between(10, 28)));
      AddRecord(files_, posting);
      WriteTrainings(cadre.name(), i);
      if (i == 1) WriteStays(posting.name());
      if (i == 2 && random_.Chance(40)) WriteLeave(village_, cadre.name(), Id("l", i), random_, files_);
      if (random_.Chance(5)) WriteAppraisal(Id("c", i), cadre.name(), random_, files_);
    }
    v1::SafetyBriefing briefing;
    briefing.set_name("safetyBriefings/" + Id("b", 1));
    briefing.set_village(village_);
    briefing.set_held_date(random_.Date(kYear, kYear));
    briefing.set_topic("样例：驻村安全与廉洁自律");
    for (int i = 1; i <= 2; ++i) briefing.add_attendees()->set_cadre("cadres/" + Id("c", i));
    AddRecord(files_, briefing);
  }

  void WriteTrainings(const std::string& cadre, int number) {
    int64_t left = Fortunate(85) ? random_.Between(kClassHours, kClassHours + 24) : random_.Between(8, kClassHours - 1);
    for (int i = 1; left > 0; ++i) {
      v1::CadreTraining training;
      training.set_name(absl::StrCat("cadreTrainings/", Id("c", number), "-", i));
      training.set_cadre(cadre);
      training.set_held_date(random_.Date(kYear, kYear));
      training.set_channel(static_cast<v1::TrainingChannel>(random_.Between(1, 4)));
      training.set_class_hours(std::min<int64_t>(left, random_.Between(12, 32)));
      left -= training.class_hours();
      AddRecord(files_, training);
    }
  }

  void WriteStays(const std::string& posting) {
    for (int month = 1; month <= 3; ++month) {
      v1::CadreStay stay;
      stay.set_name(absl::StrCat("cadreStays/", Id("c", 1), "-", month));
      stay.set_posting(posting);
      stay.set_year(kYear);
      stay.set_month(month);
      stay.set_days(static_cast<int32_t>(random_.Between(12, 26)));
      AddRecord(files_, stay);
    }
  }

  // Most villages elect all organs on one day, some the branch two months and the committee one month before the others.
  ElectionDays NewElectionDays() {
    const int64_t month = random_.Between(5, 8);
    const int64_t day = random_.Between(10, 30);
    const int apart = day_random_.Chance(25) ? 1 : 0;
    const auto of = [day](int64_t in_month) { return absl::StrCat(kYear, "-0", in_month, "-", day); };
    return {of(month - 2 * apart), of(month - apart), of(month)};
  }

  void WriteOfficials() {
    const ElectionDays elected = NewElectionDays();
    const bool one_person = Fortunate(72);
    SampleElection party{v1::ELECTED_ORGAN_PARTY_ORGANISATION, elected.party, {}};
    SampleElection committee{v1::ELECTED_ORGAN_VILLAGE_COMMITTEE, elected.committee, {}};
    SampleElection supervisors{v1::ELECTED_ORGAN_SUPERVISORY_COMMITTEE, elected.committee, {}};
    const v1::VillageOfficial secretary = WriteOfficial(
        1,
        one_person ? Posts{v1::VILLAGE_POST_SECRETARY, v1::VILLAGE_POST_DIRECTOR} : Posts{v1::VILLAGE_POST_SECRETARY},
        elected);
    Elect(secretary, v1::VILLAGE_POST_SECRETARY, party);
    if (one_person) Elect(secretary, v1::VILLAGE_POST_DIRECTOR, committee);
    // Some leave the youth league to somebody younger.
    const bool leaves = elected.apart() && day_random_.Chance(50);
    const v1::VillageOfficial deputy =
        WriteOfficial(3, {v1::VILLAGE_POST_DEPUTY_SECRETARY, v1::VILLAGE_POST_COMMITTEE_MEMBER}, elected,
                      leaves ? Posts{v1::VILLAGE_POST_YOUTH_SECRETARY} : Posts{});
    Elect(deputy, v1::VILLAGE_POST_DEPUTY_SECRETARY, party);
    Elect(deputy, v1::VILLAGE_POST_COMMITTEE_MEMBER, committee);
    if (!one_person) {
      const v1::VillageOfficial director =
          WriteOfficial(2, {v1::VILLAGE_POST_DIRECTOR, v1::VILLAGE_POST_PARTY_COMMITTEE_MEMBER}, elected);
      Elect(director, v1::VILLAGE_POST_DIRECTOR, committee);
      Elect(director, v1::VILLAGE_POST_PARTY_COMMITTEE_MEMBER, party);
    }
    if (random_.Chance(30)) {
      Elect(WriteOfficial(5, {v1::VILLAGE_POST_DEPUTY_DIRECTOR}, elected), v1::VILLAGE_POST_DEPUTY_DIRECTOR, committee);
    }
    Elect(WriteOfficial(4, {v1::VILLAGE_POST_SUPERVISORY_DIRECTOR}, elected), v1::VILLAGE_POST_SUPERVISORY_DIRECTOR,
          supervisors);
    if (random_.Chance(40)) {
      Elect(WriteOfficial(6, {v1::VILLAGE_POST_SUPERVISORY_MEMBER}, elected), v1::VILLAGE_POST_SUPERVISORY_MEMBER,
            supervisors);
    }
    if (random_.Chance(30)) {
      for (const SampleElection* each : {&party, &committee, &supervisors}) WriteElection(place_, *each, seed_, files_);
    }
    WriteOtherOrgans(elected);
  }

  static void Elect(const v1::VillageOfficial& official, v1::VillagePost post, SampleElection& election) {
    election.candidates.push_back({post, official.display_name(), official.birth_date()});
  }

  // The collective economic organisation, the trade union, the youth league, the women's federation and others.
  void WriteOtherOrgans(const ElectionDays& elected) {
    constexpr std::pair<v1::ElectedOrgan, v1::VillagePost> kOthers[] = {
        {v1::ELECTED_ORGAN_COLLECTIVE_ECONOMY, v1::VILLAGE_POST_COLLECTIVE_HEAD},
        {v1::ELECTED_ORGAN_TRADE_UNION, v1::VILLAGE_POST_OTHER},
        {v1::ELECTED_ORGAN_YOUTH_LEAGUE, v1::VILLAGE_POST_YOUTH_SECRETARY},
        {v1::ELECTED_ORGAN_WOMENS_FEDERATION, v1::VILLAGE_POST_WOMENS_CHAIR},
        {v1::ELECTED_ORGAN_OTHER, v1::VILLAGE_POST_OTHER}};
    int number = 10;
    for (const auto& [organ, post] : kOthers) {
      ++number;
      if (!random_.Chance(12)) continue;
      SampleElection election{organ, elected.others, {}, random_.Chance(60)};
      if (election.held) {
        Elect(WriteOfficial(number, {post}, elected), post, election);
      } else {
        election.candidates.push_back({post, InventedPerson(random_), random_.Date(1960, 1995)});
      }
      WriteElection(place_, election, seed_, files_);
    }
    if (!random_.Chance(10)) return;
    // Somebody who was appointed, and went on with another post.
    v1::VillageOfficial official = NewOfficial(10);
    WriteTerm(official.name(), 1, {v1::VILLAGE_POST_OTHER}, v1::TERM_ORIGIN_APPOINTED, "2017-09-01", "2018-12-31");
    WriteTerm(official.name(), 2, {v1::VILLAGE_POST_OTHER}, v1::TERM_ORIGIN_CONTINUED, "2018-12-31", "");
  }

  v1::VillageOfficial NewOfficial(int number) {
    v1::VillageOfficial official;
    official.set_name("villageOfficials/" + Id("o", number));
    official.set_village(village_);
    official.set_display_name(InventedPerson(random_));
    official.set_birth_date(random_.Date(1955, 1992));
    AddRecord(files_, official);
    return official;
  }

  // Somebody who is elected to `posts`, and had `lost` until then.
  v1::VillageOfficial WriteOfficial(int number, const Posts& posts, const ElectionDays& elected,
                                    const Posts& lost = {}) {
    v1::VillageOfficial official = NewOfficial(number);
    // Some held their posts before the election as well.
    std::string before = random_.Chance(30) ? random_.Date(2015, 2015) : "";
    if (before.empty() && !lost.empty()) before = "2015-07-01";
    Posts held;
    if (!before.empty()) {
      held = lost;
      held.push_back(posts.front());
    }
    WriteTerms(official.name(), before, std::move(held), posts, elected, lost);
    if (!Fortunate(90)) return official;
    v1::OfficialTraining training;
    training.set_name("officialTrainings/" + Id("o", number));
    training.set_official(official.name());
    training.set_kind(static_cast<v1::OfficialTrainingKind>(random_.Between(1, 4)));
    training.set_held_date(random_.Chance(3)
                               ? absl::StrCat(kYear, "-12-31")
                               : absl::StrCat(kYear, "-", random_.Between(10, 12), "-", random_.Between(10, 30)));
    training.set_class_hours(random_.Between(8, 40));
    // In the month of the first election, mostly after it; days of elections are from the tenth to the thirtieth.
    if (elected.apart() && day_random_.Chance(40)) {
      std::string first = elected.Of(posts.front());
      for (const v1::VillagePost post : posts) first = std::min(first, elected.Of(post));
      training.set_held_date(first.substr(0, 8) + (day_random_.Chance(10) ? "09" : "30"));
    }
    AddRecord(files_, training);
    return official;
  }

  // One after the other: with `held` since `before`, and from each day on which an organ is elected with what that changes.
  void WriteTerms(const std::string& official, const std::string& before, Posts held, const Posts& posts,
                  const ElectionDays& elected, const Posts& lost) {
    std::set<std::string> days;
    for (const Posts* each : {&posts, &lost}) {
      for (const v1::VillagePost post : *each) days.insert(elected.Of(post));
    }
    int number = 1;
    std::string start = before;
    v1::TermOrigin origin = v1::TERM_ORIGIN_ELECTED;
    for (const std::string& day : days) {
      if (!start.empty()) WriteTerm(official, number, held, origin, start, day);
      ++number;
      start = day;
      origin = v1::TERM_ORIGIN_CONTINUED;
      for (const v1::VillagePost post : lost) {
        if (elected.Of(post) == day) held.erase(std::remove(held.begin(), held.end(), post), held.end());
      }
      for (const v1::VillagePost post : posts) {
        if (elected.Of(post) != day) continue;
        origin = v1::TERM_ORIGIN_ELECTED;
        if (std::find(held.begin(), held.end(), post) == held.end()) held.push_back(post);
      }
    }
    WriteTerm(official, number, held, origin, start, "");
  }

  void WriteTerm(const std::string& official, int number, const Posts& posts, v1::TermOrigin origin,
                 const std::string& start_date, const std::string& end_date) {
    v1::OfficialTerm term;
    term.set_name(absl::StrCat("officialTerms/", official.substr(official.find('/') + 1), "-", number));
    term.set_official(official);
    for (const v1::VillagePost post : posts) term.add_posts()->set_post(post);
    term.set_origin(origin);
    term.set_start_date(start_date);
    term.set_end_date(end_date);
    AddRecord(files_, term);
  }

  const VillagePlace& place_;
  const int index_;
  const uint64_t seed_;
  Random random_;
  Random day_random_;
  SampleFiles& files_;
  const std::string village_;
  const std::string unit_id_;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> OrganisationMessages() {
  return {v1::AssistanceUnit::descriptor(),  v1::ResidentTeam::descriptor(),    v1::TechnicalGroup::descriptor(),
          v1::VillagePairing::descriptor(),  v1::Cadre::descriptor(),           v1::CadrePosting::descriptor(),
          v1::CadreTraining::descriptor(),   v1::CadreStay::descriptor(),       v1::SafetyBriefing::descriptor(),
          v1::CadreStandard::descriptor(),   v1::VillageOfficial::descriptor(), v1::OfficialTerm::descriptor(),
          v1::OfficialTraining::descriptor()};
}

void WriteOrganisationStandards(SampleFiles& files) {
  v1::CadreStandard standard;
  standard.set_name(absl::StrCat("cadreStandards/", kYear));
  standard.set_year(kYear);
  standard.set_class_hours(kClassHours);
  AddRecord(files, standard);
}

void WriteTechnicalGroup(const std::string& district, uint64_t seed, SampleFiles& files) {
  Random random(seed, kGroupStream + std::stoull(district));
  v1::TechnicalGroup group;
  group.set_name("technicalGroups/g-" + district);
  group.set_display_name(absl::StrCat("样例技术帮扶组", district));
  group.set_institution("样例农业科学院");
  group.set_specialty(random.Pick(kSpecialties));
  group.set_leader_name(InventedPerson(random));
  group.set_expert_count(random.Between(4, 12));
  group.set_start_date("2017-09-01");
  AddRecord(files, group);
}

void WriteOrganisation(const VillagePlace& place, int index, uint64_t seed, SampleFiles& files) {
  Writer(place, index, seed, files).WriteAll();
}

}  // namespace jiedui::cli
