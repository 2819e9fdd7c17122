#include "services/cli/sample/party_sample.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "jiedui/village/v1/organisation.pb.h"
#include "jiedui/village/v1/party.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

constexpr int kYear = 2018;
// A stream of random numbers apart from those of the village's other records.
constexpr uint64_t kStream = 7'000'000'000'000;

constexpr const char* kDuties[] = {"环境卫生监督岗", "矛盾调解岗", "政策宣传岗", "扶贫帮困岗", "村务监督岗"};

// The same day of another year; 28 February for the 29th.
std::string Shifted(const std::string& date, int years) {
  const std::string rest = date.substr(4);
  return absl::StrFormat("%04d%s", std::stoi(date.substr(0, 4)) + years, rest == "-02-29" ? "-02-28" : rest);
}

class Writer {
 public:
  Writer(VillagePlace& place, uint64_t seed, SampleFiles& files)
      : place_(place),
        random_(seed, kStream + std::stoull(place.code)),
        files_(files),
        village_("villages/" + place.code) {}

  void WriteAll() {
    // A village that does not report is not a village that fails.
    if (!random_.Chance(2)) WriteMembers();
    WriteOrganisation();
    WriteVenue();
    WriteActivities();
    if (random_.Chance(20)) WriteStudyGroup();
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number = 1) { return absl::StrCat(kind, "-", place_.code, "-", number); }

  void WriteMembers() {
    const int young = Fortunate(92) ? static_cast<int>(random_.Between(2, 3)) : static_cast<int>(random_.Between(0, 1));
    const int members = young + static_cast<int>(random_.Between(2, 5));
    place_.party_members = members;
    for (int i = 1; i <= members; ++i) WriteMember(i, i <= young);
    const int all = members + static_cast<int>(random_.Between(0, 3));
    for (int i = members + 1; i <= all; ++i) WriteOnTheWay(i);
  }

  v1::PartyMember NewPerson(int number, const std::string& birth_date) {
    v1::PartyMember person;
    person.set_name("partyMembers/" + Id("m", number));
    person.set_village(village_);
    person.set_display_name(InventedPerson(random_));
    person.set_birth_date(birth_date);
    return person;
  }

  // Ages are taken on 31 December: who was born on the last day of 1982 is 36 then, a day later makes 35.
  void WriteMember(int number, bool young) {
    const bool edge = random_.Chance(8);
    v1::PartyMember member = NewPerson(number, edge && young ? "1983-01-01"
                                               : edge        ? "1982-12-31"
                                               : young       ? random_.Date(1983, 1993)
                                                             : random_.Date(1948, 1982));
    const bool probationary = random_.Chance(8);
    member.set_stage(probationary ? v1::DEVELOPMENT_STAGE_PROBATIONARY : v1::DEVELOPMENT_STAGE_FULL);
    const std::string joined = probationary ? random_.Chance(90) ? random_.Date(kYear, kYear) : "2019-01-01"
                               : young      ? random_.Date(2016, 2017)
                                            : random_.Date(2005, 2017);
    member.set_joined_date(joined);
    member.set_applied_date(Shifted(joined, -3));
    member.set_activist_date(Shifted(joined, -2));
    member.set_candidate_date(Shifted(joined, -1));
    if (!probationary) member.set_full_date(Shifted(joined, 1));
    member.set_origin(random_.Chance(75) ? v1::MEMBER_ORIGIN_DEVELOPED
                                         : static_cast<v1::MemberOrigin>(random_.Between(2, 6)));
    if (young) member.set_recruitment_group(static_cast<v1::RecruitmentGroup>(random_.Between(1, 6)));
    member.set_household_plate(number % 3 == 0);
    constexpr const char* kLeft[] = {"2018-06-30", "2018-12-31", "2019-01-01"};
    if (joined < "2017" && random_.Chance(5)) member.set_left_date(random_.Pick(kLeft));
    if (number % 4 == 0) AddDuties(&member);
    AddRecord(files_, member);
    if (joined >= "2018" || !member.left_date().empty()) return;
    if (members_.empty() || random_.Chance(10)) WriteService(member.name(), number);
    members_.push_back(std::move(member));
  }

  void AddDuties(v1::PartyMember* member) {
    v1::PartyDuty* duty = member->add_duties();
    duty->set_title(random_.Pick(kDuties));
    duty->set_start_date("2018-03-01");
    if (!random_.Chance(20)) return;
    duty->set_end_date("2018-09-01");
    duty = member->add_duties();
    duty->set_title(random_.Pick(kDuties));
    duty->set_start_date("2018-09-01");
  }

  void WriteOnTheWay(int number) {
    v1::PartyMember person = NewPerson(number, random_.Date(1975, 1995));
    const auto stage = static_cast<v1::DevelopmentStage>(random_.Between(1, 3));
    person.set_stage(stage);
    person.set_applied_date(random_.Date(2015, 2015));
    if (stage >= v1::DEVELOPMENT_STAGE_ACTIVIST) person.set_activist_date(random_.Date(2016, 2016));
    if (stage >= v1::DEVELOPMENT_STAGE_CANDIDATE) person.set_candidate_date(random_.Date(2017, kYear));
    person.set_recruitment_group(static_cast<v1::RecruitmentGroup>(random_.Between(1, 6)));
    AddRecord(files_, person);
  }

  void WriteService(const std::string& member, int number) {
    v1::VolunteerService service;
    service.set_name("volunteerServices/" + Id("s", number));
    service.set_member(member);
    service.set_held_date("2018-07-01");
    service.set_content("样例：慰问困难群众");
    service.set_hours(random_.Between(2, 8));
    AddRecord(files_, service);
  }

  void WriteOrganisation() {
    v1::PartyOrganisation organisation;
    organisation.set_name(OrganisationOf(place_.code));
    organisation.set_village(village_);
    organisation.set_kind(place_.population > 2300   ? v1::ORGANISATION_KIND_COMMITTEE
                          : place_.population > 1700 ? v1::ORGANISATION_KIND_GENERAL_BRANCH
                                                     : v1::ORGANISATION_KIND_BRANCH);
    organisation.set_display_name(organisation.kind() == v1::ORGANISATION_KIND_COMMITTEE        ? "样例村党委"
                                  : organisation.kind() == v1::ORGANISATION_KIND_GENERAL_BRANCH ? "样例村党总支"
                                                                                                : "样例村党支部");
    organisation.set_start_date("1986-07-01");
    AddRecord(files_, organisation);
    WriteGrades(organisation.name());
    if (organisation.kind() == v1::ORGANISATION_KIND_BRANCH && !random_.Chance(10)) return;
    v1::PartyOrganisation group;
    group.set_name("partyOrganisations/" + Id("o", 2));
    group.set_village(village_);
    group.set_kind(v1::ORGANISATION_KIND_GROUP);
    group.set_display_name("样例村第一党小组");
    group.set_start_date(random_.Date(2008, 2016));
    if (random_.Chance(10)) group.set_end_date(random_.Date(kYear, kYear));
    AddRecord(files_, group);
  }

  void WriteGrades(const std::string& organisation) {
    v1::OrganisationGrade grade;
    grade.set_organisation(organisation);
    grade.set_name("organisationGrades/" + Id("o", 1));
    grade.set_grade(random_.Chance(12)   ? v1::PARTY_GRADE_BACKWARD
                    : random_.Chance(15) ? v1::PARTY_GRADE_ADVANCED
                                         : v1::PARTY_GRADE_MIDDLE);
    grade.set_start_date("2017-01-01");
    if (grade.grade() == v1::PARTY_GRADE_BACKWARD) grade.set_measures("样例：选派第一书记，逐项整顿");
    const bool changed = grade.grade() != v1::PARTY_GRADE_ADVANCED && Fortunate(60);
    constexpr const char* kDays[] = {"2018-07-01", "2018-12-31", "2019-01-01"};
    if (changed) grade.set_end_date(random_.Chance(80) ? kDays[0] : random_.Pick(kDays));
    AddRecord(files_, grade);
    if (!changed) return;
    const bool was_backward = grade.grade() == v1::PARTY_GRADE_BACKWARD;
    grade.set_name("organisationGrades/" + Id("o", 2));
    grade.set_grade(was_backward        ? v1::PARTY_GRADE_MIDDLE
                    : random_.Chance(4) ? v1::PARTY_GRADE_BACKWARD
                                        : v1::PARTY_GRADE_ADVANCED);
    grade.set_measures(grade.grade() == v1::PARTY_GRADE_BACKWARD ? "样例：镇党委包村整顿" : "");
    grade.set_start_date(grade.end_date());
    grade.clear_end_date();
    AddRecord(files_, grade);
  }

  void WriteVenue() {
    v1::ActivityVenue venue;
    venue.set_name("activityVenues/" + Id("v"));
    venue.set_village(village_);
    venue.set_display_name("样例党群服务中心");
    venue.set_organisation(OrganisationOf(place_.code));
    venue.set_area_centisquare_metres(random_.Between(8'000, 40'000));
    for (const char* use : {"党员活动", "便民服务", "农民培训"}) {
      if (venue.uses().empty() || random_.Chance(60)) venue.add_uses()->set_title(use);
    }
    venue.set_built_date(random_.Date(1998, 2015));
    if (Fortunate(50)) {
      venue.set_renovated_date(random_.Date(kYear, kYear));
      venue.set_renovation("样例：翻修屋面，配齐桌椅和远程教育设备");
    }
    AddRecord(files_, venue);
  }

  // Lists name those who came of the members that are recorded; some activities were only counted.
  void WriteActivities() {
    const int64_t members = random_.Between(12, 60);
    for (int i = 1, count = static_cast<int>(random_.Between(2, 6)); i <= count; ++i) {
      v1::PartyActivity activity;
      activity.set_name("partyActivities/" + Id("a", i));
      activity.set_organisation(OrganisationOf(place_.code));
      activity.set_kind(static_cast<v1::ActivityKind>(random_.Between(1, 8)));
      activity.set_held_date(random_.Date(random_.Chance(10) ? kYear - 1 : kYear, kYear));
      activity.set_topic("样例：学习与组织生活");
      activity.set_venue("activityVenues/" + Id("v"));
      activity.set_expected_count(members);
      activity.set_attended_count(members * random_.Between(60, 100) / 100);
      if (activity.held_date() >= "2018" && random_.Chance(70)) {
        for (const v1::PartyMember& member : members_) {
          if (random_.Chance(85)) activity.add_attendees()->set_member(member.name());
        }
      }
      AddRecord(files_, activity);
    }
  }

  // Young people who want to join, members and volunteers.
  void WriteStudyGroup() {
    v1::StudyGroup group;
    group.set_name("studyGroups/" + Id("g"));
    group.set_village(village_);
    group.set_display_name("样例青年马克思主义学习小组");
    group.set_start_date(random_.Date(kYear, kYear));
    if (random_.Chance(10)) group.set_end_date("2019-03-01");
    for (const v1::PartyMember& each : members_) {
      if (!random_.Chance(50)) continue;
      v1::StudyGroupMember* member = group.add_members();
      member->set_display_name(each.display_name());
      member->set_member(each.name());
    }
    for (int i = 0, count = static_cast<int>(random_.Between(1, 4)); i < count; ++i) {
      group.add_members()->set_display_name(InventedPerson(random_) + "（志愿者）");
    }
    group.set_session_count(random_.Between(1, 10));
    AddRecord(files_, group);
  }

  VillagePlace& place_;
  Random random_;
  SampleFiles& files_;
  const std::string village_;
  std::vector<v1::PartyMember> members_;  // who were in the branch all through the year
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> PartyMessages() {
  return {v1::PartyMember::descriptor(),   v1::PartyOrganisation::descriptor(), v1::OrganisationGrade::descriptor(),
          v1::ActivityVenue::descriptor(), v1::PartyActivity::descriptor(),     v1::VolunteerService::descriptor(),
          v1::StudyGroup::descriptor()};
}

std::string OrganisationOf(const std::string& village_code) {
  return absl::StrCat("partyOrganisations/o-", village_code, "-1");
}

void WriteParty(VillagePlace& place, uint64_t seed, SampleFiles& files) { Writer(place, seed, files).WriteAll(); }

}  // namespace jiedui::cli
