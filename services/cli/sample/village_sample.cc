#include "services/cli/sample/village_sample.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/recognition.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

constexpr int kYear = 2018;
constexpr char kStandard[] = "facilityStandards/2018";
constexpr int64_t kYuan = 100;  // fen

struct Item {
  const char* code;
  const char* display_name;
  infrastructure::v1::FacilityGroup group;
};

constexpr std::array<Item, 12> kItems = {{
    {"road-hardening", "道路硬化", infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE},
    {"street-lighting", "街道亮化", infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE},
    {"clean-energy", "能源清洁化", infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE},
    {"waste-treatment", "垃圾污水处理无害化", infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE},
    {"greening", "绿化美化", infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE},
    {"healthy-living", "生活健康化", infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE},
    {"party-room", "党员活动室", infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE},
    {"culture-room", "文化活动室", infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE},
    {"clinic", "卫生室", infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE},
    {"shop", "便民超市", infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE},
    {"library", "农家书屋(村邮站)", infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE},
    {"fitness-square", "健身广场", infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE},
}};

constexpr const char* kSurnames[] = {"张", "王", "李", "刘", "陈", "杨", "赵", "孙", "周", "吴"};
constexpr const char* kGivenNames[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
constexpr const char* kFirst[] = {"柳", "杨", "桃", "梨", "枣", "石", "河", "湖",
                                  "林", "桥", "店", "马", "大", "小", "前", "后"};
constexpr const char* kSecond[] = {"庄", "屯", "堡", "寺", "塘", "营", "沽", "港",
                                   "台", "洼", "沟", "铺", "家", "园", "口", "窝"};
constexpr const char* kTrades[] = {"设施蔬菜",   "林果采摘", "光伏电站", "标准厂房",
                                   "农产品加工", "冷链仓储", "民宿",     "肉羊养殖"};

class VillageWriter {
 public:
  VillageWriter(VillagePlace& place, Random& random, SampleFiles& files)
      : place_(place), random_(random), files_(files), village_(absl::StrCat("villages/", place.code)) {}

  void WriteAll() {
    WriteVillageRecord();
    WriteRecognitions();
    // A village that does not report is not a village that fails.
    if (!random_.Chance(4)) WriteProjects();
    if (!random_.Chance(3)) WriteIncomes();
    if (!random_.Chance(3)) WriteFacilities();
  }

 private:
  // More often where things go well.
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  std::string Id(const char* kind, int number) { return absl::StrCat(kind, "-", place_.code, "-", number); }

  void WriteVillageRecord() {
    village::v1::Village village;
    village.set_name(village_);
    village.set_code(place_.code);
    village.set_display_name(absl::StrCat("样例", random_.Pick(kFirst), random_.Pick(kSecond), "村"));
    village.set_township(place_.township);
    village.set_support_level(random_.Chance(60) ? village::v1::SUPPORT_LEVEL_CITY
                                                 : village::v1::SUPPORT_LEVEL_DISTRICT);
    population_ = random_.Between(300, 2600);
    village.set_population(population_);
    place_.population = population_;
    village.set_household_count(population_ * 10 / random_.Between(28, 36));
    village.set_labour_force(population_ * random_.Between(45, 62) / 100);
    village.set_arable_land_centimu(population_ * random_.Between(80, 320));
    village.set_entry_date("2017-08-01");
    village.set_exit_date(place_.exit_date);
    AddRecord(files_, village);
  }

  void WriteRecognitions() {
    if (Fortunate(68)) {
      const int64_t roll = random_.Between(1, 100);
      // Below the district's level it does not count.
      const v1::CivilisedLevel level = roll <= 4    ? v1::CIVILISED_LEVEL_TOWNSHIP
                                       : roll <= 78 ? v1::CIVILISED_LEVEL_DISTRICT
                                       : roll <= 97 ? v1::CIVILISED_LEVEL_CITY
                                                    : v1::CIVILISED_LEVEL_NATIONAL;
      WriteCivilised(1, level, random_.Date(2015, kYear), random_.Chance(6));
      // Some had come to the district's level before the city's.
      if (level == v1::CIVILISED_LEVEL_CITY && random_.Chance(50)) {
        WriteCivilised(2, v1::CIVILISED_LEVEL_DISTRICT, random_.Date(2012, 2014), false);
      }
    }
    if (!Fortunate(69)) return;
    v1::SafeRecognition safe;
    safe.set_name("safeRecognitions/" + Id("s", 1));
    safe.set_village(village_);
    safe.set_recognised_date(random_.Date(2016, kYear));
    Finish("safe", random_.Chance(5), "样例：发生刑事案件", &safe);
  }

  void WriteCivilised(int number, v1::CivilisedLevel level, const std::string& date, bool lost) {
    v1::CivilisedRecognition civilised;
    civilised.set_name("civilisedRecognitions/" + Id("c", number));
    civilised.set_village(village_);
    civilised.set_level(level);
    civilised.set_recognised_date(date);
    Finish("civilised", lost, "样例：复查未通过", &civilised);
  }

  // The standard of 2018 is for the recognitions from then on.
  template <typename Recognition>
  void Finish(const char* kind, bool lost, const char* reason, Recognition* recognition) {
    constexpr const char* kLost[] = {"2018-12-31", "2019-01-01", "2019-03-29"};
    const std::string year = recognition->recognised_date().substr(0, 4);
    if (year == absl::StrCat(kYear)) recognition->set_standard(absl::StrCat("creationStandards/", kind, "-", kYear));
    recognition->set_document_number(absl::StrCat("样例文〔", year, "〕", random_.Between(1, 99), "号"));
    if (lost) {
      recognition->set_lost_date(random_.Pick(kLost));
      recognition->set_lost_reason(reason);
    }
    AddRecord(files_, *recognition);
  }

  void WriteProjects() {
    const int count = static_cast<int>(random_.Between(1, 2));
    for (int i = 1; i <= count; ++i) {
      industry::v1::IndustryProject project;
      project.set_name("industryProjects/" + Id("p", i));
      project.set_display_name(absl::StrCat("样例", random_.Pick(kTrades), "项目"));
      project.set_programme_year(kYear);
      project.set_kind(static_cast<industry::v1::ProjectKind>(random_.Between(1, 3)));
      project.set_mode(industry::v1::PROJECT_MODE_VILLAGE);
      project.set_site(village_);
      project.set_budget_fen(random_.Between(20, 300) * 10'000 * kYuan);
      project.set_operator_("样例村股份经济合作社");
      project.set_planned_date(random_.Date(2017, 2017));
      if (!random_.Chance(5)) AddProgress(&project);
      AddRecord(files_, project);
      place_.projects.push_back(std::move(project));
    }
  }

  void AddProgress(industry::v1::IndustryProject* project) {
    project->set_approved_date(absl::StrCat(kYear, "-01-", random_.Between(10, 28)));
    project->set_approval_document("样例批复〔2018〕1号");
    if (random_.Chance(3)) {
      project->set_cancelled_date(absl::StrCat(kYear, "-05-", random_.Between(10, 28)));
      project->set_cancel_reason("样例：用地未落实");
      return;
    }
    if (!Fortunate(76)) return;
    project->set_started_date(absl::StrCat(kYear, "-03-", random_.Between(10, 28)));
    project->set_start_evidence("样例开工令");
    if (!Fortunate(48)) return;
    project->set_completed_date(absl::StrCat(kYear, "-09-", random_.Between(10, 28)));
    project->set_completion_evidence("样例竣工验收单");
    if (random_.Chance(40)) project->set_operating_date(absl::StrCat(kYear, "-11-", random_.Between(10, 28)));
  }

  void WriteIncomes() {
    const int64_t base =
        Fortunate(96) ? Fortunate(34) ? random_.Between(200'000, 900'000) : random_.Between(8'000, 199'000) : 0;
    const int64_t per_capita = random_.Between(14'000, 24'000) * kYuan;
    for (const int year : {kYear - 1, kYear}) {
      industry::v1::CollectiveIncome income;
      income.set_name("collectiveIncomes/" + Id("i", year));
      income.set_village(village_);
      income.set_year(year);
      income.set_operating_income_fen((year == kYear ? base : base * random_.Between(40, 95) / 100) * kYuan);
      income.set_contracting_income_fen(random_.Between(0, 120'000) * kYuan);
      income.set_investment_income_fen(random_.Chance(20) ? random_.Between(1'000, 80'000) * kYuan : 0);
      income.set_subsidy_income_fen(random_.Between(50'000, 400'000) * kYuan);
      AddRecord(files_, income);
      // Some have no figures of the year before, and so no growth.
      if (year != kYear && population_ % 40 == 0) continue;
      industry::v1::FarmerIncome farmer;
      farmer.set_name("farmerIncomes/" + Id("f", year));
      farmer.set_village(village_);
      farmer.set_year(year);
      farmer.set_per_capita_disposable_income_fen(
          year == kYear ? per_capita * (1060 + random_.Between(0, 80) + place_.fortune / 5) / 1000 : per_capita);
      farmer.set_population(population_);
      AddRecord(files_, farmer);
    }
  }

  void WriteFacilities() {
    const bool complete = Fortunate(47);
    const bool this_year = random_.Chance(55);
    // Most of those that are not complete lack little.
    const int missing = complete ? 0 : static_cast<int>(std::min(random_.Between(1, 7), random_.Between(1, 7)));
    const int first_missing = static_cast<int>(random_.Between(0, kItems.size() - 1));
    for (int i = 0; i < static_cast<int>(kItems.size()); ++i) {
      infrastructure::v1::VillageFacility facility = NewFacility(kItems[i].code);
      const int distance = (i - first_missing + static_cast<int>(kItems.size())) % static_cast<int>(kItems.size());
      if (distance >= missing) {
        Accept(this_year && distance == missing ? random_.Date(kYear, kYear) : random_.Date(2016, 2017), facility);
        if (random_.Chance(2)) facility = Regained(facility);
      } else {
        AddProgress(&facility);
      }
      AddRecord(files_, facility);
    }
  }

  infrastructure::v1::VillageFacility NewFacility(const char* item) {
    infrastructure::v1::VillageFacility facility;
    facility.set_name(absl::StrCat("villageFacilities/v-", place_.code, "-", item));
    facility.set_village(village_);
    facility.set_standard(kStandard);
    facility.set_item(item);
    facility.set_period(1);
    return facility;
  }

  void Accept(const std::string& date, infrastructure::v1::VillageFacility& facility) {
    facility.set_accepted_date(date);
    facility.set_evidence(absl::StrCat("样例验收〔", date.substr(0, 4), "〕", random_.Between(1, 999), "号"));
  }

  // The item was there before, and lost; writes that, and answers `facility` as its second period.
  infrastructure::v1::VillageFacility Regained(infrastructure::v1::VillageFacility facility) {
    infrastructure::v1::VillageFacility first = NewFacility(facility.item().c_str());
    Accept(random_.Date(2013, 2014), first);
    first.set_lost_date(random_.Date(2015, 2015));
    AddRecord(files_, first);
    facility.set_name(absl::StrCat(facility.name(), "-2"));
    facility.set_period(2);
    return facility;
  }

  // What has become of an item that does not stand.
  void AddProgress(infrastructure::v1::VillageFacility* facility) {
    const int64_t fate = random_.Between(1, 100);
    if (fate <= 60) {
      facility->set_planned_date(random_.Date(kYear + 1, kYear + 2));
    } else if (fate <= 68) {
      facility->set_planned_date(random_.Date(kYear, kYear));
      facility->set_built_date(random_.Date(kYear, kYear));
    } else if (fate <= 76) {
      Accept(random_.Date(2014, 2017), *facility);
      facility->set_lost_date(random_.Date(kYear, kYear));
    }
  }

  VillagePlace& place_;
  Random& random_;
  SampleFiles& files_;
  const std::string village_;
  int64_t population_ = 0;
};

}  // namespace

std::string InventedPerson(Random& random) {
  return absl::StrCat("样例", random.Pick(kSurnames), random.Pick(kGivenNames));
}

void WriteVillage(VillagePlace& place, Random& random, SampleFiles& files) {
  VillageWriter(place, random, files).WriteAll();
}

void WriteStandard(SampleFiles& files) {
  infrastructure::v1::FacilityStandard standard;
  standard.set_name(kStandard);
  standard.set_display_name("六化六有(2018)");
  standard.set_first_year(2018);
  for (const Item& item : kItems) {
    infrastructure::v1::StandardItem* out = standard.add_items();
    out->set_code(item.code);
    out->set_display_name(item.display_name);
    out->set_group(item.group);
  }
  AddRecord(files, standard);

  // The next year's is longer.
  constexpr int kNextItems = 73;
  standard.set_name("facilityStandards/2019");
  standard.set_display_name("样例六化六有(2019)");
  standard.set_first_year(kYear + 1);
  while (standard.items_size() < kNextItems) {
    infrastructure::v1::StandardItem* out = standard.add_items();
    out->set_code(absl::StrCat("sample-", standard.items_size()));
    out->set_display_name(absl::StrCat("样例新增项", standard.items_size()));
    out->set_group(standard.items_size() % 2 == 0 ? infrastructure::v1::FACILITY_GROUP_INFRASTRUCTURE
                                                  : infrastructure::v1::FACILITY_GROUP_PUBLIC_SERVICE);
  }
  AddRecord(files, standard);
}

}  // namespace jiedui::cli
