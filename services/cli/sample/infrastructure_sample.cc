#include "services/cli/sample/infrastructure_sample.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/infrastructure/v1/farming.pb.h"
#include "jiedui/infrastructure/v1/power.pb.h"
#include "jiedui/infrastructure/v1/sanitation.pb.h"
#include "jiedui/infrastructure/v1/water.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = infrastructure::v1;

constexpr int kYear = 2018;
constexpr int64_t kTenThousandYuan = 1'000'000;  // fen

// A day of the month.
std::string Day(int year, int month, Random& random) {
  return absl::StrFormat("%04d-%02d-%02d", year, month, random.Between(1, 28));
}

class Writer {
 public:
  Writer(std::string code, std::string site, int fortune, Random& random, SampleFiles& files)
      : code_(std::move(code)), site_(std::move(site)), fortune_(fortune), random_(random), files_(files) {}

  // The construction projects that are given money.
  const std::vector<v1::ConstructionProject>& funded() const { return funded_; }

  void WriteVillage() {
    WriteToilets();
    WriteCleanUps();
    WriteFarms();
    WriteInputs();
    WriteStraw();
    WriteWater();
    WriteShortage();
    WriteConstruction();
  }

  void WriteTownship(int villages) {
    WriteLine("1", v1::VOLTAGE_10KV, villages * random_.Between(380, 640));
    if (random_.Chance(20)) WriteLine("2", v1::VOLTAGE_110KV, random_.Between(1'200, 3'400));
    if (random_.Chance(30)) WriteLine("3", v1::VOLTAGE_LOW, random_.Between(600, 4'000));
    if (Fortunate(40)) WriteSewage(v1::SEWAGE_KIND_TREATMENT, "样例镇污水处理站", villages * random_.Between(40, 90));
    if (random_.Chance(10)) WriteLine("4", v1::VOLTAGE_35KV, random_.Between(2'000, 9'000));
  }

 private:
  // More often where things go well.
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (fortune_ - 50) / 2, 1, 100)); }
  std::string Name(const char* collection, const char* kind, absl::string_view number) {
    return absl::StrCat(collection, "/", kind, "-", code_, "-", number);
  }

  void WriteToilets() {
    if (random_.Chance(4)) return;  // not reported
    const int batches = static_cast<int>(random_.Between(1, 2));
    for (int batch = 1; batch <= batches; ++batch) {
      v1::ToiletRenovation toilets;
      toilets.set_name(Name("toiletRenovations", "t", absl::StrCat(batch)));
      toilets.set_village(site_);
      toilets.set_year(kYear);
      toilets.set_batch(absl::StrCat("第", batch, "批"));
      toilets.set_planned_count(random_.Between(6, 34));
      toilets.set_completed_count(Fortunate(70) ? toilets.planned_count()
                                                : random_.Between(0, toilets.planned_count() - 1));
      if (toilets.completed_count() > 0) toilets.set_completed_date(Day(kYear, 10, random_));
      if (toilets.completed_count() > 0 && random_.Chance(70)) {
        toilets.set_accepted_count(random_.Between(1, toilets.completed_count()));
        toilets.set_accepted_date(Day(kYear, 11, random_));
      }
      AddRecord(files_, toilets);
    }
  }

  void WriteCleanUps() {
    if (random_.Chance(3)) return;  // not reported
    for (int quarter = 1; quarter <= 4; ++quarter) {
      if (!Fortunate(93)) continue;
      v1::CleanUp clean_up;
      clean_up.set_name(Name("cleanUps", "q", absl::StrCat(quarter)));
      clean_up.set_village(site_);
      clean_up.set_year(kYear);
      clean_up.set_quarter(quarter);
      clean_up.set_held_date(Day(kYear, quarter * 3 - static_cast<int>(random_.Between(0, 2)), random_));
      clean_up.set_content("样例：清理街巷、沟渠和庭院");
      clean_up.set_participant_count(random_.Between(8, 160));
      clean_up.set_waste_kg(random_.Between(300, 20'000));
      AddRecord(files_, clean_up);
    }
  }

  void WriteFarms() {
    const int farms = static_cast<int>(random_.Between(0, 3)) - 1;
    for (int i = 1; i <= farms; ++i) {
      v1::LivestockFarm farm;
      farm.set_name(Name("livestockFarms", "a", absl::StrCat(i)));
      farm.set_village(site_);
      farm.set_display_name(absl::StrCat("样例养殖场", i));
      farm.set_kind(static_cast<v1::LivestockKind>(random_.Between(1, 4)));
      farm.set_scale(random_.Chance(45) ? v1::FARM_SCALE_LARGE : v1::FARM_SCALE_SMALL);
      farm.set_head_count(farm.scale() == v1::FARM_SCALE_LARGE ? random_.Between(500, 8'000)
                                                               : random_.Between(20, 480));
      farm.set_planned_date(Day(2017, 9, random_));
      if (Fortunate(90)) farm.set_built_date(Day(kYear, 6, random_));
      if (!farm.built_date().empty() && Fortunate(88)) farm.set_accepted_date(Day(kYear, 10, random_));
      if (random_.Chance(3)) farm.set_closed_date(Day(kYear, 12, random_));
      // Most are older than the programme.
      if (random_.Chance(12)) farm.set_opened_date(Day(2017, 5, random_));
      AddRecord(files_, farm);
    }
  }

  void WriteInputs() {
    if (random_.Chance(5)) return;  // not reported
    const int64_t fertiliser = random_.Between(20'000, 160'000);
    const int64_t pesticide = random_.Between(300, 2'400);
    const int64_t film = random_.Between(0, 4) == 0 ? 0 : random_.Between(800, 9'000);
    for (const int year : {kYear - 1, kYear}) {
      v1::AgriculturalInput input;
      input.set_name(absl::StrCat("agriculturalInputs/n-", code_, "-", year));
      input.set_village(site_);
      input.set_year(year);
      input.set_fertiliser_kg(year == kYear ? fertiliser * random_.Between(90, 106) / 100 : fertiliser);
      input.set_pesticide_kg(year == kYear ? pesticide * random_.Between(88, 108) / 100 : pesticide);
      // Odd, but possible: the list of what to check shows it.
      if (year == kYear && random_.Chance(1)) input.set_pesticide_kg(pesticide * 12);
      if (year == kYear - 1 || random_.Chance(97)) {
        input.set_film_used_kg(film);
        input.set_film_recovered_kg(film * std::clamp<int64_t>(random_.Between(35, 85) + (fortune_ - 50) / 4, 0, 100) /
                                    100);
        // Not weighed yet: the village has not reported its film.
        if (year == kYear && random_.Chance(2)) input.clear_film_recovered_kg();
      }
      AddRecord(files_, input);
    }
  }

  void WriteStraw() {
    constexpr v1::StrawCrop kCrops[] = {v1::STRAW_CROP_WHEAT, v1::STRAW_CROP_CORN, v1::STRAW_CROP_RICE,
                                        v1::STRAW_CROP_COTTON, v1::STRAW_CROP_OTHER};
    for (const v1::StrawCrop crop : kCrops) {
      if (!random_.Chance(crop == v1::STRAW_CROP_WHEAT ? 96 : crop == v1::STRAW_CROP_CORN ? 90 : 12)) continue;
      v1::StrawRecord straw;
      straw.set_name(Name("strawRecords", "w", absl::StrCat(static_cast<int>(crop))));
      straw.set_village(site_);
      straw.set_year(kYear);
      straw.set_crop(crop);
      straw.set_produced_kg(random_.Between(30'000, 900'000));
      const bool whole = Fortunate(crop == v1::STRAW_CROP_WHEAT ? 95 : 60);
      int64_t used = whole ? straw.produced_kg() : straw.produced_kg() * random_.Between(70, 99) / 100;
      const int64_t fodder = used * random_.Between(1, 25) / 100;
      AddUse(v1::STRAW_USE_KIND_FEED, fodder, straw);
      used -= fodder;
      for (const v1::StrawUseKind kind :
           {v1::STRAW_USE_KIND_FUEL, v1::STRAW_USE_KIND_SUBSTRATE, v1::STRAW_USE_KIND_MATERIAL}) {
        if (!random_.Chance(12)) continue;
        const int64_t part = used * random_.Between(2, 20) / 100;
        AddUse(kind, part, straw);
        used -= part;
      }
      AddUse(v1::STRAW_USE_KIND_FERTILISER, used, straw);
      AddRecord(files_, straw);
    }
    if (Fortunate(98)) return;
    v1::BurningIncident incident;
    incident.set_name(Name("burningIncidents", "b", "1"));
    incident.set_village(site_);
    incident.set_incident_date(Day(kYear, 6, random_));
    incident.set_found_by(static_cast<v1::BurningSource>(random_.Between(1, 3)));
    incident.set_area_centimu(random_.Between(20, 900));
    incident.set_handled_date(Day(kYear, 7, random_));
    incident.set_handling("样例：当场扑灭并教育");
    AddRecord(files_, incident);
  }

  static void AddUse(v1::StrawUseKind kind, int64_t weight, v1::StrawRecord& straw) {
    if (weight == 0) return;
    v1::StrawUse* use = straw.add_uses();
    use->set_kind(kind);
    use->set_weight_kg(weight);
  }

  void WriteSewage(v1::SewageKind kind, const char* display_name, int64_t households) {
    v1::SewageFacility facility;
    facility.set_name(Name("sewageFacilities", "s", absl::StrCat(static_cast<int>(kind))));
    facility.set_site(site_);
    facility.set_display_name(display_name);
    facility.set_kind(kind);
    facility.set_capacity_m3_per_day(households * random_.Between(2, 5) / 10);
    facility.set_household_count(households);
    facility.set_planned_date(Day(2017, 10, random_));
    if (Fortunate(75)) facility.set_built_date(Day(kYear, 7, random_));
    if (!facility.built_date().empty() && Fortunate(80)) facility.set_accepted_date(Day(kYear, 10, random_));
    AddRecord(files_, facility);
  }

  void WriteWater() {
    if (random_.Chance(35)) WriteSewage(v1::SEWAGE_KIND_COLLECTION, "样例村污水收集管网", random_.Between(80, 500));
    if (random_.Chance(45)) {
      v1::Pond pond;
      pond.set_name(Name("ponds", "p", "1"));
      pond.set_village(site_);
      pond.set_display_name("样例村东坑塘");
      pond.set_area_centimu(random_.Between(80, 4'000));
      pond.set_river_chief("样例河长");
      pond.set_started_date(Day(kYear, 3, random_));
      if (Fortunate(65)) pond.set_treated_date(Day(kYear, 9, random_));
      for (int month = 4; month <= 12; month += static_cast<int>(random_.Between(2, 4))) {
        v1::PondInspection* inspection = pond.add_inspections();
        inspection->set_inspection_date(Day(kYear, month, random_));
        inspection->set_finding(random_.Chance(80) ? v1::POND_FINDING_GOOD : v1::POND_FINDING_RUBBISH);
      }
      AddRecord(files_, pond);
    }
    for (const v1::WaterProjectKind kind : {v1::WATER_PROJECT_KIND_IRRIGATION, v1::WATER_PROJECT_KIND_DRINKING_WATER}) {
      if (!random_.Chance(25)) continue;
      v1::WaterProject project;
      project.set_name(Name("waterProjects", "y", absl::StrCat(static_cast<int>(kind))));
      project.set_site(site_);
      project.set_year(kYear);
      project.set_kind(kind);
      const bool irrigation = kind == v1::WATER_PROJECT_KIND_IRRIGATION;
      project.set_display_name(irrigation ? "样例节水灌溉工程" : "样例饮水提质增效工程");
      if (irrigation) project.set_irrigated_area_centimu(random_.Between(5'000, 120'000));
      if (!irrigation) project.set_household_count(random_.Between(90, 700));
      project.set_budget_fen(random_.Between(20, 180) * kTenThousandYuan);
      project.set_surveyed_date(Day(2017, 12, random_));
      project.set_designed_date(Day(kYear, 1, random_));
      project.set_approved_date(Day(kYear, 2, random_));
      if (Fortunate(85)) project.set_started_date(Day(kYear, 4, random_));
      if (!project.started_date().empty() && Fortunate(70)) project.set_completed_date(Day(kYear, 9, random_));
      if (!project.completed_date().empty() && random_.Chance(80)) project.set_accepted_date(Day(kYear, 11, random_));
      AddRecord(files_, project);
    }
  }

  void WriteLine(const char* number, v1::Voltage voltage, int64_t metres) {
    v1::PowerLine line;
    line.set_name(Name("powerLines", "l", number));
    line.set_site(site_);
    line.set_year(kYear);
    line.set_voltage(voltage);
    line.set_display_name(absl::StrCat("样例",
                                       voltage == v1::VOLTAGE_110KV  ? "110千伏"
                                       : voltage == v1::VOLTAGE_35KV ? "35千伏"
                                       : voltage == v1::VOLTAGE_10KV ? "10千伏"
                                                                     : "低压",
                                       "线路"));
    line.set_planned_metres(metres);
    if (Fortunate(96)) line.set_started_date(Day(kYear, 3, random_));
    if (!line.started_date().empty()) {
      line.set_completed_metres(Fortunate(85) ? metres : metres * random_.Between(20, 95) / 100);
      if (line.completed_metres() == metres) line.set_completed_date(Day(kYear, 10, random_));
    }
    AddRecord(files_, line);
  }

  void WriteShortage() {
    if (Fortunate(82)) return;
    v1::PowerShortage shortage;
    shortage.set_name(Name("powerShortages", "e", "1"));
    shortage.set_village(site_);
    shortage.set_problem(random_.Chance(60) ? v1::POWER_PROBLEM_LOW_VOLTAGE : v1::POWER_PROBLEM_BOTTLENECK);
    shortage.set_found_date(Day(2017, 8, random_));
    shortage.set_household_count(random_.Between(20, 300));
    shortage.set_measure("样例：更换变压器");
    shortage.set_planned_date(Day(kYear, 9, random_));
    if (Fortunate(60)) shortage.set_relieved_date(Day(kYear, 8, random_));
    AddRecord(files_, shortage);
  }

  struct Work {
    v1::ConstructionKind kind;
    v1::QuantityUnit unit;
    const char* display_name;
  };

  void WriteConstruction() {
    constexpr Work kWorks[] = {
        {v1::CONSTRUCTION_KIND_FACILITIES, v1::QUANTITY_UNIT_SQUARE_METRE, "样例村民活动场所改造"},
        {v1::CONSTRUCTION_KIND_TOILETS, v1::QUANTITY_UNIT_PIECE, "样例公厕改造"},
        {v1::CONSTRUCTION_KIND_ROADS, v1::QUANTITY_UNIT_METRE, "样例村内道路硬化"},
        {v1::CONSTRUCTION_KIND_DWELLINGS, v1::QUANTITY_UNIT_HOUSEHOLD, "样例特色民居"},
        {v1::CONSTRUCTION_KIND_CLEANING, v1::QUANTITY_UNIT_CUBIC_METRE, "样例积存垃圾清运"},
        {v1::CONSTRUCTION_KIND_GREENING, v1::QUANTITY_UNIT_TREE, "样例村庄绿化"},
        {v1::CONSTRUCTION_KIND_OTHER, v1::QUANTITY_UNIT_PIECE, "样例太阳能路灯"}};
    const int count = static_cast<int>(random_.Between(0, 2));
    for (int i = 1; i <= count; ++i) {
      const Work work = random_.Pick(kWorks);
      v1::ConstructionProject project;
      project.set_name(Name("constructionProjects", "c", absl::StrCat(i)));
      project.set_site(site_);
      project.set_year(kYear);
      project.set_display_name(work.display_name);
      project.set_kind(work.kind);
      project.set_unit(work.unit);
      project.set_planned_quantity(random_.Between(10, 900));
      project.set_contractor("样例建筑工程有限公司");
      AddFinance(project);
      project.set_planned_date(Day(2017, 12, random_));
      AddProgress(project);
      if (!project.approved_date().empty() && project.cancelled_date().empty()) {
        project.mutable_finances(0)->set_allocation(
            absl::StrCat("fundAllocations/", absl::StripPrefix(project.name(), "constructionProjects/"), "-works"));
        funded_.push_back(project);
      }
      AddRecord(files_, project);
    }
  }

  void AddFinance(v1::ConstructionProject& project) {
    int64_t sum = 0;
    const auto add = [&](v1::FinanceSource source, int64_t ten_thousands) {
      v1::FinanceEntry* entry = project.add_finances();
      entry->set_source(source);
      entry->set_amount_fen(ten_thousands * kTenThousandYuan);
      sum += entry->amount_fen();
    };
    add(v1::FINANCE_SOURCE_DISTRICT, random_.Between(5, 80));
    if (random_.Chance(50)) add(v1::FINANCE_SOURCE_ASSISTANCE_UNIT, random_.Between(2, 30));
    if (random_.Chance(40)) add(v1::FINANCE_SOURCE_FARMERS, random_.Between(1, 5));
    for (const v1::FinanceSource source : {v1::FINANCE_SOURCE_CENTRAL, v1::FINANCE_SOURCE_CITY,
                                           v1::FINANCE_SOURCE_TOWNSHIP, v1::FINANCE_SOURCE_SOCIAL}) {
      if (random_.Chance(5)) add(source, random_.Between(1, 20));
    }
    project.set_budget_fen(sum);
  }

  void AddProgress(v1::ConstructionProject& project) {
    if (!random_.Chance(95)) return;
    project.set_approved_date(Day(kYear, 2, random_));
    if (random_.Chance(3)) {
      project.set_cancelled_date(Day(kYear, 5, random_));
      project.set_cancel_reason("样例：与规划道路冲突");
      return;
    }
    if (!Fortunate(85)) return;
    project.set_started_date(Day(kYear, 4, random_));
    if (!Fortunate(70)) {
      project.set_completed_quantity(project.planned_quantity() * random_.Between(0, 90) / 100);
      return;
    }
    project.set_completed_quantity(project.planned_quantity());
    project.set_completed_date(Day(kYear, 9, random_));
    if (!random_.Chance(80)) return;
    project.set_accepted_date(Day(kYear, 11, random_));
    project.set_warranty_end_date(Day(kYear + 2, 11, random_));
  }

  const std::string code_;
  const std::string site_;
  const int fortune_;
  Random& random_;
  SampleFiles& files_;
  std::vector<v1::ConstructionProject> funded_;
};

}  // namespace

std::vector<const google::protobuf::Descriptor*> InfrastructureDescriptors() {
  return {v1::ToiletRenovation::descriptor(),  v1::CleanUp::descriptor(),       v1::LivestockFarm::descriptor(),
          v1::AgriculturalInput::descriptor(), v1::StrawRecord::descriptor(),   v1::BurningIncident::descriptor(),
          v1::SewageFacility::descriptor(),    v1::Pond::descriptor(),          v1::WaterProject::descriptor(),
          v1::PowerLine::descriptor(),         v1::PowerShortage::descriptor(), v1::ConstructionProject::descriptor()};
}

std::vector<v1::ConstructionProject> WriteVillageInfrastructure(const VillagePlace& place, Random& random,
                                                                SampleFiles& files) {
  Writer writer(place.code, absl::StrCat("villages/", place.code), place.fortune, random, files);
  writer.WriteVillage();
  return writer.funded();
}

void WriteTownshipInfrastructure(const std::string& code, int villages, int fortune, Random& random,
                                 SampleFiles& files) {
  Writer(code, absl::StrCat("divisions/", code), fortune, random, files).WriteTownship(villages);
}

}  // namespace jiedui::cli
