#include "services/cli/sample/place_sample.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jiedui/village/v1/action.pb.h"
#include "jiedui/village/v1/creation.pb.h"
#include "jiedui/village/v1/culture.pb.h"
#include "jiedui/village/v1/exchange.pb.h"
#include "jiedui/village/v1/safety.pb.h"
#include "services/cli/sample/party_sample.h"

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
constexpr Item kFiveGood[] = {{"leadership", "领导班子好"},
                              {"members", "党员队伍好"},
                              {"institutions", "工作制度好"},
                              {"work", "工作业绩好"},
                              {"response", "群众反映好"}};
constexpr Item kCivilised[] = {
    {"morals", "思想道德建设"}, {"culture", "文化生活"}, {"environment", "村容村貌"}, {"customs", "移风易俗"}};
constexpr Item kSafe[] = {
    {"order", "治安防控"}, {"disputes", "矛盾化解"}, {"law", "法治宣传"}, {"fire", "安全生产与消防"}};
// The guidance speaks of ten actions without naming them all: these are examples.
constexpr Item kActions[] = {{"party", "基层组织建设"},       {"industry", "产业发展"},  {"facilities", "基础设施建设"},
                             {"environment", "人居环境整治"}, {"education", "教育帮扶"}, {"health", "医疗卫生帮扶"},
                             {"employment", "就业帮扶"},      {"finance", "金融帮扶"},   {"technology", "科技帮扶"},
                             {"relief", "困难群体帮扶"}};

template <size_t kSize>
void WriteStandardOf(v1::StandardKind kind, const char* id, const char* display_name, const Item (&items)[kSize],
                     SampleFiles& files) {
  v1::CreationStandard standard;
  standard.set_name(absl::StrCat("creationStandards/", id, "-", kYear));
  standard.set_kind(kind);
  standard.set_version(absl::StrCat(kYear));
  standard.set_display_name(display_name);
  for (const Item& item : items) {
    v1::CreationItem* out = standard.add_items();
    out->set_code(item.code);
    out->set_display_name(item.display_name);
  }
  standard.set_first_year(kYear);
  AddRecord(files, standard);
}

// What a place does for one of the ten actions.
void WriteActionTask(const Item& action, const std::string& id, const std::string& place, const char* body, int fortune,
                     Random& random, SampleFiles& files) {
  v1::ActionTask task;
  task.set_name("actionTasks/" + id);
  task.set_action(absl::StrCat("assistanceActions/", action.code, "-", kYear));
  task.set_place(place);
  task.set_task(absl::StrCat("样例：落实", action.display_name, "行动"));
  task.set_responsible_body(body);
  task.set_roadmap("样例：摸底调查，制定方案，组织实施，总结验收");
  bool done = true;
  int month = 4;
  for (const char* due : {"2018-03-31", "2018-06-30", "2018-12-31"}) {
    v1::ActionMilestone* milestone = task.add_timetable();
    milestone->set_title("样例节点");
    milestone->set_due_date(due);
    done = done && random.Chance(std::clamp(75 + (fortune - 50) / 2, 1, 100));
    if (done) milestone->set_done_date(absl::StrCat(kYear, "-0", month, "-15"));
    month += 2;
  }
  AddRecord(files, task);
}

class Writer {
 public:
  Writer(const VillagePlace& place, uint64_t seed, SampleFiles& files)
      : place_(place),
        random_(seed, kVillageStream + std::stoull(place.code)),
        files_(files),
        village_("villages/" + place.code) {}

  void WriteAll() {
    WriteAssessments();
    WriteDisputes();
    WriteSafety();
    WriteCulture();
    WriteTasks();
    WritePublicity();
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number = 1) { return absl::StrCat(kind, "-", place_.code, "-", number); }

  void WriteAssessments() {
    WriteAssessment("f", "five-good", OrganisationOf(place_.code), kFiveGood, Fortunate(45));
    if (random_.Chance(60)) WriteAssessment("c", "civilised", village_, kCivilised, Fortunate(55));
    if (random_.Chance(60)) WriteAssessment("s", "safe", village_, kSafe, Fortunate(60));
  }

  template <size_t kSize>
  void WriteAssessment(const char* id, const char* standard, const std::string& subject, const Item (&items)[kSize],
                       bool all) {
    v1::CreationAssessment assessment;
    assessment.set_name("creationAssessments/" + Id(id));
    assessment.set_standard(absl::StrCat("creationStandards/", standard, "-", kYear));
    assessment.set_subject(subject);
    assessment.set_year(kYear);
    for (const Item& item : items) {
      v1::AssessedItem* out = assessment.add_items();
      out->set_code(item.code);
      out->set_met(all || random_.Chance(70));
      if (!out->met()) out->set_remark("样例：尚未达标");
    }
    AddRecord(files_, assessment);
  }

  void WriteDisputes() {
    for (int i = 1, count = static_cast<int>(random_.Between(0, 3)); i <= count; ++i) {
      v1::Dispute dispute;
      dispute.set_name("disputes/" + Id("d", i));
      dispute.set_village(village_);
      dispute.set_kind(static_cast<v1::DisputeKind>(random_.Between(1, 6)));
      const bool earlier = random_.Chance(8);
      dispute.set_raised_date(
          absl::StrCat(earlier ? kYear - 1 : kYear, "-0", random_.Between(1, 9), "-", random_.Between(10, 28)));
      dispute.set_summary("样例：邻里与承包地纠纷");
      AddRecord(files_, Mediated(std::move(dispute)));
    }
  }

  v1::Dispute Mediated(v1::Dispute dispute) {
    if (random_.Chance(5)) return dispute;
    dispute.set_mediation(static_cast<v1::MediationKind>(random_.Between(1, 3)));
    dispute.set_mediated_date("2018-10-01");
    if (!Fortunate(85)) return dispute;
    dispute.set_settled_date(random_.Chance(8)
                                 ? "2019-01-01"
                                 : absl::StrCat(kYear, "-", random_.Between(10, 12), "-", random_.Between(10, 30)));
    dispute.set_outcome(random_.Chance(85)   ? v1::DISPUTE_OUTCOME_AGREED
                        : random_.Chance(50) ? v1::DISPUTE_OUTCOME_NOT_AGREED
                                             : v1::DISPUTE_OUTCOME_TRANSFERRED);
    return dispute;
  }

  void WriteSafety() {
    constexpr const char* kTeams[] = {"样例治安巡逻队", "样例平安志愿者队", "样例矛盾调解队"};
    for (int kind = v1::PATROL_KIND_PATROL; kind <= v1::PATROL_KIND_MEDIATION; ++kind) {
      if (!random_.Chance(kind == v1::PATROL_KIND_PATROL ? 90 : 40)) continue;
      v1::PatrolTeam team;
      team.set_name("patrolTeams/" + Id("p", kind));
      team.set_village(village_);
      team.set_display_name(kTeams[kind - 1]);
      team.set_kind(static_cast<v1::PatrolKind>(kind));
      team.set_member_count(random_.Between(4, 20));
      team.set_start_date(random_.Date(2016, 2017));
      if (random_.Chance(4)) team.set_end_date(random_.Date(kYear, kYear));
      AddRecord(files_, team);
    }
    constexpr const char* kForms[] = {"十户联防", "治安承包", "邻里守望", "专职人防", "围栏门禁", "视频监控"};
    for (int form = v1::DEFENCE_FORM_TEN_HOUSEHOLDS; form <= v1::DEFENCE_FORM_TECHNICAL; ++form) {
      if (!random_.Chance(35)) continue;
      v1::DefenceMeasure defence;
      defence.set_name("defenceMeasures/" + Id("p", form));
      defence.set_village(village_);
      defence.set_form(static_cast<v1::DefenceForm>(form));
      defence.set_quantity(random_.Between(1, 60));
      defence.set_description(absl::StrCat("样例：", kForms[form - 1]));
      defence.set_start_date(random_.Date(2016, kYear));
      AddRecord(files_, defence);
    }
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
    facility.set_display_name("样例文化设施");
    facility.set_kind(static_cast<v1::CultureFacilityKind>(random_.Between(1, 7)));
    facility.set_area_centisquare_metres(random_.Between(3'000, 90'000));
    facility.set_start_date(random_.Date(2005, kYear));
    if (random_.Chance(3)) facility.set_end_date("2019-05-01");
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
    if (!random_.Chance(8)) return;
    v1::Tradition tradition;
    tradition.set_name("traditions/" + Id("t"));
    tradition.set_village(village_);
    tradition.set_display_name("样例剪纸");
    tradition.set_level(static_cast<v1::TraditionLevel>(random_.Between(1, 4)));
    tradition.set_category("传统美术");
    tradition.set_bearer_name(InventedPerson(random_));
    tradition.set_measures("样例：传承人进校园授课");
    if (tradition.level() != v1::TRADITION_LEVEL_NONE) tradition.set_listed_date(random_.Date(2008, 2017));
    AddRecord(files_, tradition);
  }

  void WriteTasks() {
    for (const Item& action : kActions) {
      if (random_.Chance(90))
        WriteActionTask(action, Id(action.code), village_, "样例村党支部", place_.fortune, random_, files_);
    }
  }

  void WritePublicity() {
    if (Fortunate(3)) {
      v1::ModelVillage model;
      model.set_name("modelVillages/" + Id("m"));
      model.set_village(village_);
      model.set_theme("样例：产业带动");
      model.set_level(static_cast<v1::ModelLevel>(random_.Between(1, 3)));
      model.set_start_date(random_.Date(kYear, kYear));
      if (random_.Chance(10)) model.set_end_date("2019-12-31");
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
  return {v1::CreationStandard::descriptor(), v1::CreationAssessment::descriptor(), v1::Dispute::descriptor(),
          v1::PatrolTeam::descriptor(),       v1::DefenceMeasure::descriptor(),     v1::LawPublicity::descriptor(),
          v1::CultureFacility::descriptor(),  v1::CultureTeam::descriptor(),        v1::Tradition::descriptor(),
          v1::AssistanceAction::descriptor(), v1::ActionTask::descriptor(),         v1::ModelVillage::descriptor(),
          v1::ExperienceReport::descriptor(), v1::MutualVisit::descriptor(),        v1::MediaItem::descriptor()};
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
    action.set_display_name(absl::StrCat("示例：", kActions[i].display_name, "行动"));
    action.set_description("示例名称：指导意见提出十项帮扶行动，未逐项列名");
    AddRecord(files, action);
  }
}

void WriteDistrictRecords(const std::string& district, uint64_t seed, SampleFiles& files) {
  Random random(seed, kDistrictStream + std::stoull(district));
  const std::string division = "divisions/" + district;
  for (const Item& action : kActions) {
    WriteActionTask(action, absl::StrCat("d-", district, "-", action.code), division, "样例区结对帮扶办", 60, random,
                    files);
  }
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

void WritePlaceRecords(const VillagePlace& place, uint64_t seed, SampleFiles& files) {
  Writer(place, seed, files).WriteAll();
}

}  // namespace jiedui::cli
