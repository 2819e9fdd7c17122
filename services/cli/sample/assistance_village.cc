#include "services/cli/sample/assistance_village.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "jiedui/assistance/v1/education.pb.h"
#include "jiedui/assistance/v1/health.pb.h"
#include "jiedui/assistance/v1/pension.pb.h"
#include "jiedui/assistance/v1/support.pb.h"

namespace jiedui::cli {
namespace {

constexpr int kYear = 2018;
constexpr int64_t kYuan = 100;  // fen

class Writer : AssistanceVillage {
 public:
  using AssistanceVillage::AssistanceVillage;

  void WriteAll() {
    WriteVillageHealth();
    WritePublicity();
    WriteSchools();
    WriteSocialForces();
  }

 private:
  void WriteVillageHealth() {
    if (random_.Chance(97)) {
      assistance::v1::FamilyDoctorCoverage coverage;
      coverage.set_name("familyDoctorCoverages/" + Id("f", 1));
      coverage.set_village(village_);
      coverage.set_institution("样例镇卫生院");
      if (Fortunate(90)) coverage.set_opened_date(random_.Date(2016, kYear));
      AddRecord(files_, coverage);
    }
    if (Fortunate(85)) {
      assistance::v1::VillageClinic clinic;
      clinic.set_name("villageClinics/" + Id("c", 1));
      clinic.set_village(village_);
      clinic.set_display_name("样例村卫生室");
      clinic.set_opened_date(random_.Date(2010, 2017));
      if (Fortunate(70)) clinic.set_standard_date(In2018(1, 12));
      clinic.set_floor_area(static_cast<int>(random_.Between(60, 160)));
      clinic.set_doctor_count(static_cast<int>(random_.Between(1, 3)));
      AddRecord(files_, clinic);
    }
    if (!Fortunate(60)) return;
    assistance::v1::DoctorTraining training;
    training.set_name("doctorTrainings/" + Id("t", 1));
    training.set_village(village_);
    training.set_year(kYear);
    training.set_doctor_name(InventedPerson(random_));
    training.set_kind(static_cast<assistance::v1::DoctorTrainingKind>(random_.Between(1, 4)));
    training.set_subject("样例：慢性病管理");
    training.set_start_date(absl::StrCat(kYear, "-05-07"));
    training.set_end_date(absl::StrCat(kYear, "-05-", random_.Between(10, 28)));
    training.set_class_hours(static_cast<int>(random_.Between(8, 60)));
    AddRecord(files_, training);
  }

  void WritePublicity() {
    if (!Fortunate(70)) return;
    assistance::v1::PensionCampaign campaign;
    campaign.set_name("pensionCampaigns/" + Id("p", 1));
    campaign.set_village(village_);
    campaign.set_year(kYear);
    campaign.set_form(static_cast<assistance::v1::PublicityForm>(random_.Between(1, 4)));
    campaign.set_held_date(In2018(3, 11));
    campaign.set_attendance(static_cast<int>(random_.Between(20, 300)));
    AddRecord(files_, campaign);
  }

  void WriteSchools() {
    if (random_.Chance(8)) {
      assistance::v1::SchoolImprovement improvement;
      improvement.set_name("schoolImprovements/" + Id("x", 1));
      improvement.set_village(village_);
      improvement.set_school_name("样例小学");
      improvement.set_description("样例：校舍维修");
      improvement.set_amount_fen(random_.Between(5, 80) * 10'000 * kYuan);
      improvement.set_planned_date(random_.Date(2017, 2017));
      if (Fortunate(60)) improvement.set_completed_date(In2018(6, 11));
      AddRecord(files_, improvement);
    }
    if (!random_.Chance(10)) return;
    assistance::v1::Kindergarten kindergarten;
    kindergarten.set_name("kindergartens/" + Id("z", 1));
    kindergarten.set_village(village_);
    kindergarten.set_display_name("样例幼儿园");
    kindergarten.set_batch(static_cast<int>(random_.Between(1, 3)));
    kindergarten.set_places(static_cast<int>(random_.Between(3, 12)) * 30);
    kindergarten.set_reserve_date(random_.Date(2017, 2017));
    if (random_.Chance(70)) {
      kindergarten.set_started_date(In2018(3, 4));
      if (Fortunate(60)) kindergarten.set_completed_date(In2018(10, 12));
    }
    AddRecord(files_, kindergarten);
  }

  void WriteSocialForces() {
    if (!random_.Chance(30)) return;
    assistance::v1::AssistanceNeed need;
    need.set_name("assistanceNeeds/" + Id("x", 1));
    need.set_village(village_);
    need.set_kind(static_cast<assistance::v1::NeedKind>(random_.Between(1, 8)));
    need.set_description("样例：需要社会力量支持");
    need.set_raised_date(In2018(1, 3));
    const bool matched = Fortunate(60);
    if (matched && random_.Chance(60)) need.set_met_date(In2018(10, 12));
    AddRecord(files_, need);
    if (!matched) return;
    assistance::v1::SocialActivity activity;
    activity.set_name("socialActivities/" + Id("x", 1));
    activity.set_village(village_);
    activity.set_organisation("样例商会");
    activity.set_organisation_kind(static_cast<assistance::v1::SocialForceKind>(random_.Between(1, 4)));
    activity.set_kind(need.kind());
    activity.set_year(kYear);
    activity.set_held_date(In2018(4, 9));
    activity.set_value_fen(random_.Between(1, 50) * 1'000 * kYuan);
    activity.set_beneficiary_count(static_cast<int>(random_.Between(1, 200)));
    AddRecord(files_, activity);
    assistance::v1::NeedMatch match;
    match.set_name("needMatches/" + Id("x", 1));
    match.set_need(need.name());
    match.set_activity(activity.name());
    match.set_matched_date(activity.held_date());
    AddRecord(files_, match);
  }
};

}  // namespace

bool AssistanceVillage::Fortunate(int percent) {
  return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100));
}

std::string AssistanceVillage::Id(const char* kind, int number) const {
  return absl::StrCat(kind, "-", place_.code, "-", number);
}

std::string AssistanceVillage::In2018(int first_month, int last_month) {
  return absl::StrFormat("%d-%02d-%02d", kYear, random_.Between(first_month, last_month), random_.Between(1, 28));
}

void WriteVillageAssistance(const VillagePlace& place, Random& random, SampleFiles& files) {
  Writer(place, random, files).WriteAll();
}

}  // namespace jiedui::cli
