#include "services/cli/sample/industry_sample.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/codes/credit_code.h"
#include "jiedui/industry/v1/finance.pb.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/industry/v1/market.pb.h"
#include "jiedui/industry/v1/training.pb.h"

namespace jiedui::cli {
namespace {

namespace v1 = industry::v1;

constexpr int kYear = 2018;
constexpr int64_t kYuan = 100;  // fen
constexpr int64_t kWhole = 1'000'000;
constexpr uint64_t kStream = 4'000'000'000'000;  // of the generators, apart from those of the codes

constexpr const char* kSurnames[] = {"张", "王", "李", "刘", "陈", "杨", "赵", "孙", "周", "吴"};
constexpr const char* kGivenNames[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十"};
constexpr const char* kInstitutions[] = {"样例农村商业银行", "样例村镇银行", "样例邮政储蓄银行"};
constexpr const char* kGoods[] = {"小站稻", "设施蔬菜", "苹果", "肉羊", "食用菌"};
constexpr const char* kTechniques[] = {"水肥一体化", "绿色防控", "测土配方施肥", "稻蟹混养"};

class Writer {
 public:
  Writer(const VillagePlace& place, Random& random, SampleFiles& files, int64_t& people)
      : place_(place),
        random_(random),
        files_(files),
        people_(people),
        village_(absl::StrCat("villages/", place.code)) {}

  void WriteAll() {
    // A village that does not report is not a village that fails.
    if (!random_.Chance(3)) WriteTraining();
    WriteEmployment();
    WriteFinance();
    WriteMarket();
    if (Fortunate(45)) WriteLinkage();
  }

 private:
  bool Fortunate(int percent) { return random_.Chance(std::clamp(percent + (place_.fortune - 50) / 2, 1, 100)); }
  template <typename Record>
  Record Start(const char* collection, const char* kind, int number) {
    Record record;
    record.set_name(absl::StrCat(collection, "/", kind, "-", place_.code, "-", number));
    if constexpr (requires { record.set_village(village_); }) record.set_village(village_);
    return record;
  }

  // Somebody who does not exist, and whom nobody else is: every number gives another name and birth date.
  template <typename Record>
  void SetPerson(Record& record) {
    constexpr int64_t kDates = 28 * 12 * 40;
    constexpr int64_t kPeople = kDates * 10'000;
    int64_t rest = people_++ % kPeople * 7919 % kPeople;  // neighbours are not alike
    const int64_t date = rest % kDates;
    rest /= kDates;
    record.set_display_name(absl::StrCat("样例", kSurnames[rest % 10], kGivenNames[rest / 10 % 10],
                                         kGivenNames[rest / 100 % 10], rest < 1000 ? "" : kGivenNames[rest / 1000]));
    record.set_birth_date(absl::StrFormat("%04d-%02d-%02d", 1958 + date / 336, date / 28 % 12 + 1, date % 28 + 1));
  }

  // Of nobody: no authority registers under 99. The code of the village makes it the only one.
  std::string CreditCode() const {
    std::string code = absl::StrCat("99120", place_.code);
    code.push_back(codes::CreditCodeCheck(code));
    return code;
  }

  void WriteTraining() {
    const int practical = static_cast<int>(random_.Between(2, 6));
    const int skills = static_cast<int>(random_.Between(1, 4));
    AddDemand(v1::TRAINING_KIND_PRACTICAL, practical);
    AddDemand(v1::TRAINING_KIND_SKILLS, skills);
    AddTrained(v1::TRAINING_KIND_PRACTICAL, Fortunate(75) ? practical : practical - 1);
    AddTrained(v1::TRAINING_KIND_SKILLS, Fortunate(60) ? skills : skills - 1);
    AddTrained(v1::TRAINING_KIND_PROFESSIONAL_FARMER, Fortunate(80) ? 3 : static_cast<int>(random_.Between(0, 2)));
    AddTrained(v1::TRAINING_KIND_TECHNICAL_BACKBONE, Fortunate(85) ? 1 : 0);
    if (random_.Chance(20)) AddTrained(v1::TRAINING_KIND_LEADER, 1);
    if (!Fortunate(70)) return;
    auto service = Start<v1::TechnicalService>("technicalServices", "t", 1);
    service.set_group_name("样例农业技术帮扶组");
    service.set_kind(static_cast<v1::TechnicalServiceKind>(random_.Between(1, 3)));
    service.set_service_date(random_.Date(kYear, kYear));
    service.set_participant_count(random_.Between(5, 60));
    service.set_technique(random_.Pick(kTechniques));
    if (random_.Chance(30)) service.set_variety("样例新品种一号");
    AddRecord(files_, service);
  }

  void AddDemand(v1::TrainingKind kind, int willing) {
    auto demand = Start<v1::TrainingDemand>("trainingDemands", "d", kind);
    demand.set_year(kYear);
    demand.set_kind(kind);
    demand.set_willing_count(willing);
    AddRecord(files_, demand);
  }

  void AddTrained(v1::TrainingKind kind, int count) {
    const bool of_demand = kind == v1::TRAINING_KIND_PRACTICAL || kind == v1::TRAINING_KIND_SKILLS;
    for (int i = 1; i <= count; ++i) {
      auto training = Start<v1::PersonTraining>("personTrainings", "t", kind * 100 + i);
      training.set_year(kYear);
      training.set_kind(kind);
      SetPerson(training);
      training.set_willing(of_demand);
      training.set_trained_date(random_.Date(kYear, kYear));
      training.set_course("样例课程");
      if (kind == v1::TRAINING_KIND_SKILLS) training.set_subsidy_fen(random_.Between(500, 2'000) * kYuan);
      AddRecord(files_, training);
    }
  }

  void WriteEmployment() {
    const int count = static_cast<int>(random_.Between(0, 3));
    for (int i = 1; i <= count; ++i) {
      auto seeker = Start<v1::JobSeeker>("jobSeekers", "j", i);
      SetPerson(seeker);
      seeker.set_registered_date(random_.Date(2017, 2017));
      seeker.set_needy(random_.Chance(30));
      if (Fortunate(65)) {
        seeker.set_placed_date(random_.Date(kYear, kYear));
        seeker.set_placement_kind(static_cast<v1::PlacementKind>(random_.Between(1, 3)));
        if (seeker.placement_kind() == v1::PLACEMENT_KIND_EMPLOYER) {
          seeker.set_employer("样例制造有限公司");
          if (seeker.needy()) seeker.set_employer_subsidy_fen(3'000 * kYuan);
        }
      }
      AddRecord(files_, seeker);
    }
  }

  void WriteFinance() {
    if (Fortunate(88)) {
      auto terminal = Start<v1::FinanceTerminal>("financeTerminals", "m", 1);
      terminal.set_kind(static_cast<v1::TerminalKind>(random_.Between(1, 3)));
      terminal.set_institution(random_.Pick(kInstitutions));
      terminal.set_opened_date(random_.Date(2015, kYear));
      if (random_.Chance(2)) terminal.set_closed_date("2018-12-30");
      AddRecord(files_, terminal);
    }
    if (!random_.Chance(4)) {
      auto coverage = Start<v1::FinanceCoverage>("financeCoverages", "c", kYear);
      coverage.set_year(kYear);
      coverage.set_adult_count(std::max<int64_t>(1, place_.population * 8 / 10));
      coverage.set_served_count(Fortunate(60) ? coverage.adult_count()
                                              : coverage.adult_count() * random_.Between(70, 99) / 100);
      AddRecord(files_, coverage);
    }
    const int loans = static_cast<int>(random_.Between(0, 2));
    for (int i = 1; i <= loans; ++i) {
      auto loan = Start<v1::Loan>("loans", "l", i);
      const int64_t kind = random_.Between(1, 5);
      loan.set_borrower_kind(static_cast<v1::BorrowerKind>(kind));
      loan.set_institution(kInstitutions[0]);
      loan.set_product(absl::StrCat("financeProducts/product-", kind));
      loan.set_granted_date(random_.Date(2017, kYear));
      loan.set_granted_fen(random_.Between(1, 50) * 10'000 * kYuan);
      if (random_.Chance(50)) AddRepayments(loan.granted_fen() * random_.Between(5, 100) / 100, loan);
      AddRecord(files_, loan);
    }
  }

  // Half of it in the year after the grant, the rest a year later.
  static void AddRepayments(int64_t amount_fen, v1::Loan& loan) {
    const int year = std::stoi(loan.granted_date().substr(0, 4));
    for (const int later : {1, 2}) {
      v1::LoanRepayment& repayment = *loan.add_repayments();
      repayment.set_repaid_date(absl::StrCat(year + later, "-06-30"));
      repayment.set_amount_fen(later == 1 ? amount_fen / 2 : amount_fen - amount_fen / 2);
    }
  }

  void WriteMarket() {
    if (Fortunate(40)) {
      auto entity = Start<v1::BusinessEntity>("businessEntities", "e", 1);
      entity.set_site(village_);
      entity.set_kind(random_.Chance(10) ? v1::ENTITY_KIND_LEADING_ENTERPRISE
                                         : static_cast<v1::EntityKind>(random_.Between(2, 4)));
      entity.set_display_name(absl::StrCat("样例经营主体", place_.code));
      entity.set_registered_date(random_.Date(2012, kYear));
      if (entity.kind() != v1::ENTITY_KIND_FAMILY_FARM) entity.set_credit_code(CreditCode());
      entity.set_brands("样例品牌");
      entity.set_bases(absl::StrCat("样例基地", place_.code));
      v1::ServedVillage& served = *entity.add_served_villages();
      served.set_village(village_);
      served.set_household_count(random_.Between(5, 120));
      AddRecord(files_, entity);
    }
    if (random_.Chance(10)) {
      auto facility = Start<v1::MarketFacility>("marketFacilities", "f", 1);
      facility.set_site(village_);
      facility.set_kind(static_cast<v1::FacilityKind>(random_.Between(1, 6)));
      facility.set_display_name("样例市场设施");
      facility.set_capacity_kg(random_.Between(10, 900) * 1'000);
      facility.set_opened_date(random_.Date(2014, kYear));
      AddRecord(files_, facility);
    }
    const int contracts = static_cast<int>(random_.Between(0, 2));
    for (int i = 1; i <= contracts; ++i) {
      auto contract = Start<v1::SalesContract>("salesContracts", "s", i);
      contract.set_year(kYear);
      contract.set_channel(static_cast<v1::SalesChannel>(random_.Between(1, 6)));
      contract.set_buyer("样例采购方");
      contract.set_goods(random_.Pick(kGoods));
      contract.set_signed_date(random_.Date(kYear, kYear));
      contract.set_amount_fen(random_.Between(1, 80) * 10'000 * kYuan);
      contract.set_fulfilled_fen(contract.amount_fen() * random_.Between(0, 100) / 100);
      AddRecord(files_, contract);
    }
  }

  void WriteLinkage() {
    auto linkage = Start<v1::BenefitLinkage>("benefitLinkages", "b", 1);
    linkage.set_year(kYear);
    linkage.set_mode(static_cast<v1::LinkageMode>(random_.Between(1, 4)));
    linkage.set_operator_("样例经营主体");
    const int count = static_cast<int>(random_.Between(2, 8));
    linkage.set_dividend_fen(random_.Between(0, 60) * 1'000 * kYuan);
    int64_t share_left = kWhole;
    int64_t dividend_left = linkage.dividend_fen();
    for (int i = 1; i <= count; ++i) {
      v1::LinkedHousehold& household = *linkage.add_households();
      household.set_household(absl::StrCat("样例户", i));
      household.set_needy(random_.Chance(40));
      if (household.needy()) household.set_land_centimu(random_.Between(0, 800));
      // Multiples of a thousandth: dividends of whole yuan split without a rest.
      household.set_share_ppm(i == count ? share_left : kWhole / count / 1'000 * 1'000);
      household.set_dividend_fen(i == count ? dividend_left
                                            : linkage.dividend_fen() / 1'000 * (household.share_ppm() / 1'000));
      share_left -= household.share_ppm();
      dividend_left -= household.dividend_fen();
    }
    AddRecord(files_, linkage);
  }

  const VillagePlace& place_;
  Random& random_;
  SampleFiles& files_;
  int64_t& people_;
  const std::string village_;
};

// The money of one district, on its way from the sources to the projects.
class Money {
 public:
  Money(const std::string& district, Random& random, SampleFiles& files)
      : district_(district), random_(random), files_(files) {}

  void AddSource(const char* id, v1::FundLevel level, const std::string& display_name, int64_t appropriated_fen) {
    v1::FundSource source;
    source.set_name(absl::StrCat("fundSources/", district_, "-", id));
    source.set_display_name(display_name);
    source.set_programme_year(kYear);
    source.set_level(level);
    source.set_division("divisions/" + district_);
    AddRecord(files_, source);
    Move(v1::FUND_MOVEMENT_KIND_APPROPRIATION, source.name(), "", "2018-01-15", appropriated_fen);
  }

  // Names the allocation, which is of `source`.
  std::string Allocate(const std::string& id, const char* source, const std::string& project, v1::FundPurpose purpose) {
    v1::FundAllocation allocation;
    allocation.set_name("fundAllocations/" + id);
    allocation.set_fund_source(absl::StrCat("fundSources/", district_, "-", source));
    allocation.set_project(project);
    allocation.set_purpose(purpose);
    allocation.set_district("divisions/" + district_);
    allocation.set_disburse_by(random_.Chance(70) ? "2018-10-31" : "2018-12-31");
    AddRecord(files_, allocation);
    return allocation.name();
  }

  v1::FundMovement Move(v1::FundMovementKind kind, const std::string& source, const std::string& allocation,
                        const std::string& date, int64_t amount_fen, const std::string& reverses = "") {
    v1::FundMovement movement;
    // Exported by name, they are imported again in the order of the ledger.
    movement.set_name(absl::StrFormat("fundMovements/%s-%05d", district_, ++movements_));
    movement.set_kind(kind);
    movement.set_year(kYear);
    movement.set_movement_date(date);
    movement.set_fund_source(source);
    movement.set_allocation(allocation);
    movement.set_amount_fen(amount_fen);
    movement.set_reverses(reverses);
    movement.set_document_number(absl::StrCat("样例资〔2018〕", movements_, "号"));
    AddRecord(files_, movement);
    return movement;
  }

  // What a project was given before it was cancelled comes back.
  void FundAndTakeBack(const std::string& source, const std::string& allocation, const v1::IndustryProject& project,
                       int64_t amount_fen) {
    Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, source, allocation, "2018-03-05", amount_fen);
    const int64_t paid = amount_fen / 4 + 1;
    Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, source, allocation, project.cancelled_date(), paid);
    Move(v1::FUND_MOVEMENT_KIND_REFUND, source, allocation, "2018-06-28", paid);
    Move(v1::FUND_MOVEMENT_KIND_RETURN, source, allocation, "2018-06-29", amount_fen);
  }

  // What is put on the allocation, and what becomes of it.
  void Fund(const std::string& source, const std::string& allocation, int64_t amount_fen, bool started) {
    Move(v1::FUND_MOVEMENT_KIND_ALLOCATION, source, allocation, "2018-03-05", amount_fen);
    if (!started) return;
    const int64_t paid = amount_fen / 100 * random_.Between(30, 100);
    const v1::FundMovement movement = Move(v1::FUND_MOVEMENT_KIND_DISBURSEMENT, source, allocation, "2018-06-20", paid);
    if (random_.Chance(3)) {  // entered by mistake
      Move(movement.kind(), source, allocation, "2018-06-25", paid, movement.name());
      Move(movement.kind(), source, allocation, "2018-06-26", paid / 2 + 1);
    } else if (random_.Chance(5)) {
      Move(v1::FUND_MOVEMENT_KIND_REFUND, source, allocation, "2018-11-10", paid / 10 + 1);
      Move(v1::FUND_MOVEMENT_KIND_RETURN, source, allocation, "2018-11-20", paid / 10 + 1);
    }
  }

  void AddFinding(int number, const std::string& source, const std::string& allocation) {
    v1::AuditFinding finding;
    finding.set_name(absl::StrCat("auditFindings/", district_, "-", number));
    finding.set_fund_source(source);
    finding.set_allocation(allocation);
    finding.set_severity(static_cast<v1::FindingSeverity>(random_.Between(1, 3)));
    finding.set_description("样例：拨付凭证不完整");
    finding.set_amount_fen(random_.Between(1, 20) * 10'000 * kYuan);
    finding.set_found_date("2018-08-15");
    finding.set_rectify_by("2018-10-15");
    if (random_.Chance(60)) {
      finding.set_rectified_date("2018-10-08");
      finding.set_rectification("样例：已补齐凭证");
    }
    AddRecord(files_, finding);
  }

 private:
  const std::string& district_;
  Random& random_;
  SampleFiles& files_;
  int movements_ = 0;
};

// The district's part of what is built, which the service infrastructure keeps.
void FundConstruction(const std::string& district, const std::vector<infrastructure::v1::ConstructionProject>& works,
                      Money& money) {
  if (works.empty()) return;
  int64_t sum = kYuan;
  for (const auto& project : works) sum += project.finances(0).amount_fen();
  money.AddSource("works", v1::FUND_LEVEL_DISTRICT, "样例区级基础设施资金", sum);
  for (const auto& project : works) {
    const bool environment = project.kind() == infrastructure::v1::CONSTRUCTION_KIND_TOILETS ||
                             project.kind() == infrastructure::v1::CONSTRUCTION_KIND_CLEANING ||
                             project.kind() == infrastructure::v1::CONSTRUCTION_KIND_GREENING;
    const std::string allocation =
        money.Allocate(std::string(absl::StripPrefix(project.finances(0).allocation(), "fundAllocations/")), "works",
                       project.name(), environment ? v1::FUND_PURPOSE_ENVIRONMENT : v1::FUND_PURPOSE_INFRASTRUCTURE);
    money.Fund(absl::StrCat("fundSources/", district, "-works"), allocation, project.finances(0).amount_fen(),
               !project.started_date().empty());
  }
}

// The levels that give little: each to one running project.
void FundFirstProjects(const std::string& district, const std::vector<v1::IndustryProject>& projects, Money& money) {
  struct Giver {
    const char* id;
    v1::FundLevel level;
    const char* display_name;
  };
  constexpr Giver kGivers[] = {{"central", v1::FUND_LEVEL_CENTRAL, "样例中央专项资金"},
                               {"township", v1::FUND_LEVEL_TOWNSHIP, "样例镇级配套资金"},
                               {"farmers", v1::FUND_LEVEL_FARMERS, "样例农民自筹资金"},
                               {"social", v1::FUND_LEVEL_SOCIAL, "样例社会捐助资金"}};
  auto project = projects.begin();
  for (const Giver& giver : kGivers) {
    money.AddSource(giver.id, giver.level, giver.display_name, 200'000 * kYuan);
    while (project != projects.end() && (project->started_date().empty() || !project->cancelled_date().empty()))
      ++project;
    if (project == projects.end()) continue;
    const std::string allocation =
        money.Allocate(absl::StrCat(absl::StripPrefix(project->name(), "industryProjects/"), "-", giver.id), giver.id,
                       project->name(), v1::FUND_PURPOSE_INDUSTRY_PROJECT);
    money.Fund(absl::StrCat("fundSources/", district, "-", giver.id), allocation, 100'000 * kYuan, true);
    ++project;
  }
}

}  // namespace

std::vector<const google::protobuf::Descriptor*> IndustryMessages() {
  return {v1::ProjectReport::descriptor(),    v1::FundSource::descriptor(),
          v1::FundAllocation::descriptor(),   v1::FundMovement::descriptor(),
          v1::AuditFinding::descriptor(),     v1::TrainingDemand::descriptor(),
          v1::PersonTraining::descriptor(),   v1::JobSeeker::descriptor(),
          v1::TechnicalService::descriptor(), v1::FinanceOutlet::descriptor(),
          v1::FinanceTerminal::descriptor(),  v1::FinanceCoverage::descriptor(),
          v1::FinanceProduct::descriptor(),   v1::Loan::descriptor(),
          v1::BusinessEntity::descriptor(),   v1::MarketFacility::descriptor(),
          v1::SalesContract::descriptor(),    v1::BenefitLinkage::descriptor()};
}

void IndustrySample::WriteProducts() {
  for (int kind = v1::BORROWER_KIND_FARMER; kind <= v1::BORROWER_KIND_COLLECTIVE; ++kind) {
    v1::FinanceProduct product;
    product.set_name(absl::StrCat("financeProducts/product-", kind));
    product.set_display_name(absl::StrCat("样例惠农贷", kind));
    product.set_institution(kInstitutions[0]);
    product.set_borrower_kind(static_cast<v1::BorrowerKind>(kind));
    product.set_limit_fen(500'000 * kYuan);
    product.set_interest_ppm(43'500);
    product.set_opened_date("2016-01-01");
    AddRecord(files_, product);
  }
}

void IndustrySample::WriteVillage(const VillagePlace& place) {
  Random random(seed_, kStream + std::stoull(place.code));
  Writer(place, random, files_, people_).WriteAll();
  for (const v1::IndustryProject& project : place.projects) {
    AddReports(project, random);
    projects_.push_back(project);
  }
}

void IndustrySample::AddReports(const v1::IndustryProject& project, Random& random) {
  if (project.started_date().empty()) return;
  v1::ProjectReport report;
  report.set_name(absl::StrCat("projectReports/", absl::StripPrefix(project.name(), "industryProjects/"), "-1"));
  report.set_project(project.name());
  report.set_report_date("2018-06-30");
  report.set_progress_ppm(random.Between(10, 60) * 10'000);
  report.set_invested_fen(project.budget_fen() / 100 * (report.progress_ppm() / 10'000));
  report.set_content("样例：按计划推进");
  AddRecord(files_, report);
}

void IndustrySample::WriteTownship(const std::string& code, int fortune,
                                   const std::vector<v1::IndustryProject>& bundled) {
  Random random(seed_, kStream + std::stoull(code));
  if (random.Chance(std::clamp(80 + (fortune - 50) / 2, 1, 100))) {
    v1::FinanceOutlet outlet;
    outlet.set_name("financeOutlets/o-" + code);
    outlet.set_township("divisions/" + code);
    outlet.set_display_name("样例营业所");
    outlet.set_institution(random.Pick(kInstitutions));
    outlet.set_opened_date(random.Date(2005, kYear));
    AddRecord(files_, outlet);
  }
  for (const v1::IndustryProject& project : bundled) {
    AddReports(project, random);
    projects_.push_back(project);
  }
}

void IndustrySample::FundWorks(const std::vector<infrastructure::v1::ConstructionProject>& works) {
  works_.insert(works_.end(), works.begin(), works.end());
}

void IndustrySample::WriteDistrict(const std::string& code) {
  Random random(seed_, kStream + std::stoull(code));
  Money money(code, random, files_);
  int64_t budget = 0;
  for (const v1::IndustryProject& project : projects_) budget += project.budget_fen();
  money.AddSource("city", v1::FUND_LEVEL_CITY, "样例市级帮扶资金", budget + kYuan);
  money.AddSource("district", v1::FUND_LEVEL_DISTRICT, "样例区级配套资金", budget / 2 + kYuan);
  money.AddSource("unit", v1::FUND_LEVEL_ASSISTANCE_UNIT, "样例帮扶单位资金", budget / 4 + kYuan);
  int findings = 0;
  for (const v1::IndustryProject& project : projects_) {
    if (project.approved_date().empty() || !random.Chance(80)) continue;
    const char* id = random.Chance(70) ? "city" : random.Chance(70) ? "district" : "unit";
    const std::string source = absl::StrCat("fundSources/", code, "-", id);
    const std::string key = absl::StrCat(absl::StripPrefix(project.name(), "industryProjects/"), "-", id);
    const std::string allocation = money.Allocate(key, id, project.name(), v1::FUND_PURPOSE_INDUSTRY_PROJECT);
    // Sources other than the city's cover a fifth: together they never need more than they have.
    const int64_t amount = id[0] == 'c' ? project.budget_fen() * 4 / 5 : project.budget_fen() / 5;
    if (!project.cancelled_date().empty()) {
      money.FundAndTakeBack(source, allocation, project, amount);
      continue;
    }
    money.Fund(source, allocation, amount, !project.started_date().empty());
    if (random.Chance(2)) money.AddFinding(++findings, source, allocation);
  }
  FundConstruction(code, works_, money);
  works_.clear();
  FundFirstProjects(code, projects_, money);
  projects_.clear();
}

}  // namespace jiedui::cli
