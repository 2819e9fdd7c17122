#include "services/cli/sample/supervision_sample.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/cli/sample/step_sample.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

constexpr int kYear = 2018;
// Streams of random numbers apart from those of the places' other records.
constexpr uint64_t kVillageStream = 10'000'000'000'000;
constexpr uint64_t kDivisionStream = 11'000'000'000'000;

constexpr const char* kProblems[] = {"台账不完整", "项目进度滞后", "资金拨付不及时", "公示不到位", "驻村在岗不足"};
constexpr const char* kTargets[] = {"targets/2018-collective-income-200k", "targets/2018-beautiful-villages",
                                    "targets/2018-quarterly-cleanups", "targets/2018-young-party-members"};
// Around the end of the year.
constexpr const char* kDeadlines[] = {"2018-06-30", "2018-10-31", "2018-12-30",
                                      "2018-12-31", "2019-01-01", "2019-06-30"};

class Writer {
 public:
  // `id` makes names; `site` is a village or division.
  Writer(std::string id, std::string site, int fortune, Random& random, SampleFiles& files)
      : id_(std::move(id)), site_(std::move(site)), fortune_(fortune), random_(random), files_(files) {}

  v1::Inspection WriteInspection() {
    v1::Inspection inspection;
    inspection.set_name("inspections/i-" + id_);
    inspection.set_subject(site_);
    inspection.set_kind(random_.Chance(30) ? v1::INSPECTION_KIND_SPECIAL : v1::INSPECTION_KIND_ROUTINE);
    inspection.set_announced(random_.Chance(50));
    for (int method = 1; method <= 4; ++method) {
      if (random_.Chance(40) || (method == 4 && inspection.methods().empty())) {
        inspection.add_methods()->set_method(static_cast<v1::InspectionMethod>(method));
      }
    }
    inspection.set_held_date(absl::StrCat(kYear, "-0", random_.Between(3, 8), "-", random_.Between(10, 30)));
    inspection.set_inspectors("样例督查组");
    inspection.set_summary(inspection.announced() ? "样例：明查" : "样例：暗访");
    for (int64_t i = 0, count = random_.Between(0, 3); i < count; ++i) AddFinding(&inspection);
    AddRecord(files_, inspection);
    return inspection;
  }

  // What an inspection found and nobody has put right.
  void Supervise(const v1::Inspection& inspection) {
    for (const v1::InspectionFinding& finding : inspection.findings()) {
      if (!finding.rectified_date().empty()) continue;
      v1::SupervisedItem item = NewItem("i", finding.content(), v1::SUPERVISION_ORIGIN_INSPECTION);
      item.set_raised_date(inspection.held_date());
      item.set_due_date(finding.due_date());
      item.set_inspection(inspection.name());
      return Finish(item, 10);
    }
  }

  void WriteManualItem() {
    v1::SupervisedItem item = NewItem("s", "样例：完成村集体经济项目开工", v1::SUPERVISION_ORIGIN_MANUAL);
    SetDates(&item);
    Finish(item, 70);
  }

  void WriteTargetItem() {
    v1::SupervisedItem item = NewItem("g", "样例：补齐未达标指标", v1::SUPERVISION_ORIGIN_TARGET);
    SetDates(&item);
    item.set_target(random_.Pick(kTargets));
    Finish(item, 50);
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (fortune_ - 50) / 2, 1, 100)); }

  void AddFinding(v1::Inspection* inspection) {
    v1::InspectionFinding* finding = inspection->add_findings();
    finding->set_content(absl::StrCat("样例：", random_.Pick(kProblems)));
    finding->set_severity(static_cast<v1::FindingSeverity>(random_.Between(1, 3)));
    finding->set_due_date("2018-10-31");
    if (!Fortunate(70)) return;
    finding->set_rectified_date(absl::StrCat("2018-10-", random_.Between(10, 31)));
    finding->set_evidence("样例整改报告");
  }

  v1::SupervisedItem NewItem(const char* kind, const std::string& task, v1::SupervisionOrigin origin) {
    v1::SupervisedItem item;
    item.set_name(absl::StrCat("supervisedItems/", kind, "-", id_));
    item.set_site(site_);
    item.set_task(task);
    item.set_measure("样例：明确责任，限期办理，由镇核验");
    item.set_owner("样例镇分管负责人");
    item.set_escalation_days(random_.Chance(50) ? 15 : 30);
    item.set_origin(origin);
    return item;
  }

  // A few are raised when the year is over.
  void SetDates(v1::SupervisedItem* item) {
    item->set_due_date(random_.Pick(kDeadlines));
    const bool late = item->due_date() == "2019-06-30" && random_.Chance(50);
    item->set_raised_date(late ? "2019-01-01"
                               : absl::StrCat(kYear, "-0", random_.Between(2, 5), "-", random_.Between(10, 28)));
  }

  void Finish(const v1::SupervisedItem& item, int struck_off_percent) {
    AddRecord(files_, item);
    if (!Fortunate(struck_off_percent)) return;
    Steps(item.name(), files_)
        .Add("StrikeOffItem", "users/sample-supervisor", item.due_date(),
             R"({"evidence":"样例验收〔2018〕督字第1号"})");
  }

  const std::string id_;
  const std::string site_;
  const int fortune_;
  Random& random_;
  SampleFiles& files_;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> SupervisionMessages() {
  return {v1::Inspection::descriptor(), v1::Appraisal::descriptor()};
}

void WriteAppraisal(const std::string& id, const std::string& subject, Random& random, SampleFiles& files) {
  v1::Appraisal appraisal;
  appraisal.set_name("appraisals/" + id);
  appraisal.set_subject(subject);
  appraisal.set_year(kYear);
  const int64_t least = random.Chance(10) ? 1'000 : 1'600;
  int64_t total_centi = 0;
  for (const char* title : {"组织领导", "任务完成", "资金管理", "群众满意度"}) {
    v1::AppraisalScore* score = appraisal.add_scores();
    score->set_title(title);
    score->set_points_centi(random.Between(least, least + 900));
    total_centi += score->points_centi();
  }
  appraisal.set_grade(total_centi >= 9'000   ? v1::APPRAISAL_GRADE_EXCELLENT
                      : total_centi >= 7'500 ? v1::APPRAISAL_GRADE_GOOD
                      : total_centi >= 6'000 ? v1::APPRAISAL_GRADE_PASSED
                                             : v1::APPRAISAL_GRADE_FAILED);
  AddRecord(files, appraisal);
  const bool inspectable = subject.rfind("assistanceUnits/", 0) == 0 || subject.rfind("residentTeams/", 0) == 0;
  if (inspectable && random.Chance(15)) Writer(id, subject, 50, random, files).WriteInspection();
}

void WriteSupervision(const VillagePlace& place, uint64_t seed, SampleFiles& files) {
  Random random(seed, kVillageStream + std::stoull(place.code));
  Writer writer(place.code + "-1", "villages/" + place.code, place.fortune, random, files);
  if (random.Chance(15)) writer.Supervise(writer.WriteInspection());
  if (random.Chance(15)) writer.WriteManualItem();
  if (random.Chance(8)) writer.WriteTargetItem();
}

void WriteDivisionSupervision(const std::string& code, uint64_t seed, SampleFiles& files) {
  Random random(seed, kDivisionStream + std::stoull(code));
  const std::string division = "divisions/" + code;
  WriteAppraisal("d-" + code, division, random, files);
  Writer writer("d-" + code, division, 50, random, files);
  if (random.Chance(50)) writer.Supervise(writer.WriteInspection());
  if (random.Chance(10)) writer.WriteManualItem();
}

}  // namespace jiedui::cli
