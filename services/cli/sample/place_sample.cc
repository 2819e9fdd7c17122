#include "services/cli/sample/place_sample.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "jiedui/village/v1/action.pb.h"
#include "jiedui/village/v1/creation.pb.h"
#include "jiedui/village/v1/culture.pb.h"
#include "jiedui/village/v1/exchange.pb.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "jiedui/village/v1/organisation.pb.h"
#include "jiedui/village/v1/safety.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

constexpr int kYear = 2018;
// Streams of random numbers apart from those of the village's other records.
constexpr uint64_t kVillageStream = 4'000'000'000'000;
constexpr uint64_t kDistrictStream = 5'000'000'000'000;

struct Item {
  const char* code;
  const char* display_name;
};
constexpr Item kFiveGood[] = {{"leadership", "领导班子好"}, {"members", "党员队伍好"}, {"institutions", "工作制度好"},
                              {"work", "工作业绩好"},       {"response", "群众反映好"}};
constexpr Item kCivilised[] = {{"morals", "思想道德建设"}, {"culture", "文化生活"}, {"environment", "村容村貌"}, {"customs", "移风易俗"}};
constexpr Item kSafe[] = {{"order", "治安防控"}, {"disputes", "矛盾化解"}, {"law", "法治宣传"}, {"fire", "安全生产与消防"}};
constexpr Item kActions[] = {{"party", "基层组织建设"},  {"industry", "产业发展"},    {"facilities", "基础设施建设"}, {"environment", "人居环境整治"},
                             {"education", "教育帮扶"},  {"health", "医疗卫生帮扶"},  {"employment", "就业帮扶"},     {"finance", "金融帮扶"},
                             {"technology", "科技帮扶"}, {"relief", "困难群体帮扶"}};

template <size_t kSize>
void WriteStandardOf(v1::StandardKind kind, const char* id, const char* display_name, const Item (&items)[kSize], SampleFiles& files) {
  v1::CreationStandard standard;
  standard.set_name(absl::StrCat("creationStandards/", id, "-", kYear));
  standard.set_kind(kind);
  standard.set_version(absl::StrCat(kYear));
  standard.set_first_year(kYear);
  standard.set_display_name(display_name);
  for (const Item& item : items) {
    v1::CreationItem* out = standard.add_items();
    out->set_code(item.code);
    out->set_display_name(item.display_name);
  }
  AddRecord(files, standard);
}

class Writer {
 public:
  Writer(const VillagePlace& place, uint64_t seed, SampleFiles& files)
      : place_(place), random_(seed, kVillageStream + std::stoull(place.code)), files_(files), village_("villages/" + place.code) {}

  void WriteAll() {
    WriteOrganisation();
    WriteSafety();
    WriteCulture();
    WriteTask();
    WritePublicity();
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number = 1) { return absl::StrCat(kind, "-", place_.code, "-", number); }

  void WriteOrganisation() {
    v1::PartyOrganisation organisation;
    organisation.set_name("partyOrganisations/" + Id("o"));
    organisation.set_village(village_);
    organisation.set_display_name("样例村党支部");
    organisation.set_kind(v1::ORGANISATION_KIND_BRANCH);
    organisation.set_start_date("1986-07-01");
    AddRecord(files_, organisation);
    v1::OrganisationGrade grade;
    grade.set_organisation(organisation.name());
    const bool improved = Fortunate(60);
    grade.set_name("organisationGrades/" + Id("o", 1));
    grade.set_grade(random_.Chance(12) ? v1::PARTY_GRADE_BACKWARD : v1::PARTY_GRADE_MIDDLE);
    grade.set_start_date("2017-01-01");
    if (grade.grade() == v1::PARTY_GRADE_BACKWARD) grade.set_measures("样例：选派第一书记，逐项整顿");
    if (improved) grade.set_end_date("2018-07-01");
    AddRecord(files_, grade);
    if (improved) {
      grade.set_name("organisationGrades/" + Id("o", 2));
      grade.set_grade(v1::PARTY_GRADE_ADVANCED);
      grade.clear_measures();
      grade.set_start_date("2018-07-01");
      grade.clear_end_date();
      AddRecord(files_, grade);
    }
    WriteAssessment(organisation.name());
    v1::ActivityVenue venue;
    venue.set_name("activityVenues/" + Id("v"));
    venue.set_village(village_);
    venue.set_display_name("样例党群服务中心");
    venue.set_organisation(organisation.name());
    venue.set_area_centisquare_metres(random_.Between(8'000, 40'000));
    venue.add_uses()->set_title("党员活动");
    venue.add_uses()->set_title("便民服务");
    venue.set_built_date(random_.Date(1998, 2015));
    if (Fortunate(50)) venue.set_renovated_date(random_.Date(kYear, kYear));
    AddRecord(files_, venue);
    const int64_t members = random_.Between(12, 60);
    for (int i = 1; i <= 3; ++i) {
      v1::PartyActivity activity;
      activity.set_name("partyActivities/" + Id("a", i));
      activity.set_organisation(organisation.name());
      activity.set_kind(static_cast<v1::ActivityKind>(random_.Between(1, 8)));
      activity.set_held_date(random_.Date(kYear, kYear));
      activity.set_topic("样例：学习与组织生活");
      activity.set_venue(venue.name());
      activity.set_expected_count(members);
      activity.set_attended_count(members * random_.Between(60, 100) / 100);
      AddRecord(files_, activity);
    }
    if (random_.Chance(20)) {
      v1::StudyGroup group;
      group.set_name("studyGroups/" + Id("g"));
      group.set_village(village_);
      group.set_display_name("样例青年学习小组");
      group.set_start_date(random_.Date(kYear, kYear));
      group.add_members()->set_display_name(InventedPerson(random_));
      group.set_session_count(random_.Between(1, 10));
      AddRecord(files_, group);
    }
  }

  void WriteAssessment(const std::string& organisation) {
    v1::CreationAssessment assessment;
    assessment.set_name("creationAssessments/" + Id("f"));
    assessment.set_standard(absl::StrCat("creationStandards/five-good-", kYear));
    assessment.set_subject(organisation);
    assessment.set_year(kYear);
    const bool all = Fortunate(45);
    for (const Item& item : kFiveGood) {
      v1::AssessedItem* out = assessment.add_items();
      out->set_code(item.code);
      out->set_met(all || random_.Chance(70));
    }
    AddRecord(files_, assessment);
  }

  void WriteSafety() {
    for (int i = 1, count = static_cast<int>(random_.Between(0, 3)); i <= count; ++i) {
      v1::Dispute dispute;
      dispute.set_name("disputes/" + Id("d", i));
      dispute.set_village(village_);
      dispute.set_kind(static_cast<v1::DisputeKind>(random_.Between(1, 6)));
      dispute.set_raised_date(absl::StrCat(kYear, "-0", random_.Between(1, 9), "-", random_.Between(10, 28)));
      dispute.set_summary("样例：邻里与承包地纠纷");
      dispute.set_mediation(static_cast<v1::MediationKind>(random_.Between(1, 3)));
      if (Fortunate(85)) {
        dispute.set_settled_date(absl::StrCat(kYear, "-", random_.Between(10, 12), "-", random_.Between(10, 28)));
        dispute.set_outcome(random_.Chance(90) ? v1::DISPUTE_OUTCOME_AGREED : v1::DISPUTE_OUTCOME_TRANSFERRED);
      }
      AddRecord(files_, dispute);
    }
    v1::PatrolTeam team;
    team.set_name("patrolTeams/" + Id("p"));
    team.set_village(village_);
    team.set_display_name("样例治安巡逻队");
    team.set_kind(v1::PATROL_KIND_PATROL);
    team.set_member_count(random_.Between(4, 20));
    team.set_start_date(random_.Date(2016, 2017));
    AddRecord(files_, team);
    v1::DefenceMeasure defence;
    defence.set_name("defenceMeasures/" + Id("p"));
    defence.set_village(village_);
    defence.set_form(static_cast<v1::DefenceForm>(random_.Between(1, 6)));
    defence.set_quantity(random_.Between(1, 60));
    defence.set_start_date(random_.Date(2016, kYear));
    AddRecord(files_, defence);
    if (!random_.Chance(30)) return;
    v1::LawPublicity law;
    law.set_name("lawPublicities/" + Id("l"));
    law.set_village(village_);
    law.set_held_date(random_.Date(kYear, kYear));
    law.set_topic("样例：宪法与土地承包法");
    law.set_attended_count(random_.Between(20, 300));
    AddRecord(files_, law);
  }

  void WriteCulture() {
    v1::CultureFacility facility;
    facility.set_name("cultureFacilities/" + Id("f"));
    facility.set_village(village_);
    facility.set_display_name("样例文化广场");
    facility.set_kind(static_cast<v1::CultureFacilityKind>(random_.Between(1, 6)));
    facility.set_start_date(random_.Date(2005, kYear));
    AddRecord(files_, facility);
    if (random_.Chance(40)) {
      v1::CultureTeam team;
      team.set_name("cultureTeams/" + Id("t"));
      team.set_village(village_);
      team.set_display_name("样例秧歌队");
      team.set_art("秧歌");
      team.set_member_count(random_.Between(8, 40));
      team.set_start_date(random_.Date(2010, kYear));
      AddRecord(files_, team);
    }
    if (!random_.Chance(5)) return;
    v1::Tradition tradition;
    tradition.set_name("traditions/" + Id("t"));
    tradition.set_village(village_);
    tradition.set_display_name("样例剪纸");
    tradition.set_level(v1::TRADITION_LEVEL_DISTRICT);
    tradition.set_bearer_name(InventedPerson(random_));
    AddRecord(files_, tradition);
  }

  void WriteTask() {
    const size_t number = random_.Next() % std::size(kActions);
    v1::ActionTask task;
    task.set_name("actionTasks/" + Id("t"));
    task.set_action(absl::StrCat("assistanceActions/", kActions[number].code, "-", kYear));
    task.set_place(village_);
    task.set_task(absl::StrCat("样例：落实", kActions[number].display_name, "行动"));
    task.set_responsible_body("样例村党支部");
    for (const char* due : {"2018-06-30", "2018-12-31"}) {
      v1::ActionMilestone* milestone = task.add_timetable();
      milestone->set_title("样例节点");
      milestone->set_due_date(due);
      if (Fortunate(60)) milestone->set_done_date(absl::StrCat(kYear, "-0", random_.Between(4, 9), "-15"));
    }
    AddRecord(files_, task);
  }

  // What an inspection found and nobody has put right.
  void Supervise(const v1::Inspection& inspection) {
    v1::SupervisedItem item;
    item.set_name("supervisedItems/" + Id("i"));
    item.set_site(village_);
    item.set_task("样例：督查发现台账不完整");
    item.set_measure("补齐台账，由镇核验");
    item.set_owner("样例镇分管负责人");
    item.set_raised_date(inspection.held_date());
    item.set_due_date(inspection.findings(0).due_date());
    item.set_escalation_days(30);
    item.set_origin(v1::SUPERVISION_ORIGIN_INSPECTION);
    item.set_inspection(inspection.name());
    AddRecord(files_, item);
  }

  void WritePublicity() {
    if (random_.Chance(15)) {
      v1::Inspection inspection;
      inspection.set_name("inspections/" + Id("i"));
      inspection.set_subject(village_);
      inspection.set_kind(v1::INSPECTION_KIND_ROUTINE);
      inspection.set_announced(random_.Chance(50));
      inspection.add_methods()->set_method(v1::INSPECTION_METHOD_SPOT_CHECK);
      inspection.set_held_date(absl::StrCat(kYear, "-0", random_.Between(3, 8), "-20"));
      inspection.set_inspectors("样例督查组");
      if (random_.Chance(60)) {
        v1::InspectionFinding* finding = inspection.add_findings();
        finding->set_content("样例：台账不完整");
        finding->set_severity(v1::FINDING_SEVERITY_MINOR);
        finding->set_due_date("2018-10-31");
        if (Fortunate(70)) finding->set_rectified_date("2018-10-15");
      }
      AddRecord(files_, inspection);
      if (inspection.findings_size() > 0 && inspection.findings(0).rectified_date().empty()) Supervise(inspection);
    }
    if (Fortunate(3)) {
      v1::ModelVillage model;
      model.set_name("modelVillages/" + Id("m"));
      model.set_village(village_);
      model.set_theme("样例：产业带动");
      model.set_level(v1::MODEL_LEVEL_DISTRICT);
      model.set_start_date(random_.Date(kYear, kYear));
      AddRecord(files_, model);
    }
    if (!random_.Chance(5)) return;
    v1::MediaItem media;
    media.set_name("mediaItems/" + Id("m"));
    media.set_subject(village_);
    media.set_title("样例：困难村的新变化");
    media.set_outlet("样例日报");
    media.set_level(static_cast<v1::MediaLevel>(random_.Between(1, 3)));
    media.set_published_date(random_.Date(kYear, kYear));
    AddRecord(files_, media);
  }

  const VillagePlace& place_;
  Random random_;
  SampleFiles& files_;
  const std::string village_;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> PlaceMessages() {
  return {v1::PartyOrganisation::descriptor(), v1::OrganisationGrade::descriptor(), v1::ActivityVenue::descriptor(),
          v1::PartyActivity::descriptor(),     v1::VolunteerService::descriptor(), v1::StudyGroup::descriptor(), v1::CreationStandard::descriptor(),
          v1::CreationAssessment::descriptor(), v1::Dispute::descriptor(),          v1::PatrolTeam::descriptor(),
          v1::DefenceMeasure::descriptor(),    v1::LawPublicity::descriptor(),      v1::CultureFacility::descriptor(),
          v1::CultureTeam::descriptor(),       v1::Tradition::descriptor(),         v1::AssistanceAction::descriptor(),
          v1::ActionTask::descriptor(),        v1::Inspection::descriptor(),        v1::Appraisal::descriptor(),
          v1::ModelVillage::descriptor(),      v1::ExperienceReport::descriptor(),  v1::MutualVisit::descriptor(),
          v1::MediaItem::descriptor()};
}

void WritePlaceStandards(SampleFiles& files) {
  WriteStandardOf(v1::STANDARD_KIND_FIVE_GOOD, "five-good", "五好党支部(2018)", kFiveGood, files);
  WriteStandardOf(v1::STANDARD_KIND_CIVILISED, "civilised", "文明村(2018)", kCivilised, files);
  WriteStandardOf(v1::STANDARD_KIND_SAFE, "safe", "平安村庄(2018)", kSafe, files);
  for (size_t i = 0; i < std::size(kActions); ++i) {
    v1::AssistanceAction action;
    action.set_name(absl::StrCat("assistanceActions/", kActions[i].code, "-", kYear));
    action.set_year(kYear);
    action.set_position(static_cast<int32_t>(i + 1));
    action.set_display_name(absl::StrCat("样例", kActions[i].display_name, "行动"));
    AddRecord(files, action);
  }
}

void WriteAppraisal(const std::string& id, const std::string& subject, Random& random, SampleFiles& files) {
  v1::Appraisal appraisal;
  appraisal.set_name("appraisals/" + id);
  appraisal.set_subject(subject);
  appraisal.set_year(kYear);
  int64_t total_centi = 0;
  for (const char* title : {"组织领导", "任务完成", "资金管理", "群众满意度"}) {
    v1::AppraisalScore* score = appraisal.add_scores();
    score->set_title(title);
    score->set_points_centi(random.Between(1'600, 2'500));
    total_centi += score->points_centi();
  }
  appraisal.set_grade(total_centi >= 9'000   ? v1::APPRAISAL_GRADE_EXCELLENT
                      : total_centi >= 7'500 ? v1::APPRAISAL_GRADE_GOOD
                                             : v1::APPRAISAL_GRADE_PASSED);
  AddRecord(files, appraisal);
}

void WriteDistrictRecords(const std::string& district, uint64_t seed, SampleFiles& files) {
  Random random(seed, kDistrictStream + std::stoull(district));
  const std::string division = "divisions/" + district;
  WriteAppraisal("d-" + district, division, random, files);
  v1::ExperienceReport report;
  report.set_name("experienceReports/d-" + district);
  report.set_subject(division);
  report.set_title("样例：结对帮扶经验");
  report.set_published_date(random.Date(kYear, kYear));
  AddRecord(files, report);
  v1::MutualVisit visit;
  visit.set_name("mutualVisits/d-" + district);
  visit.set_host(division);
  visit.set_guest("divisions/12");
  visit.set_held_date(random.Date(kYear, kYear));
  visit.set_topic("样例：现场推动会");
  visit.set_guest_count(random.Between(10, 60));
  AddRecord(files, visit);
}

void WritePlaceRecords(const VillagePlace& place, uint64_t seed, SampleFiles& files) { Writer(place, seed, files).WriteAll(); }

}  // namespace jiedui::cli
