#include "services/cli/sample/sample.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/resource/registry.h"
#include "common/status/macros.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/division_change.pb.h"
#include "jiedui/village/v1/recognition.pb.h"
#include "jiedui/workflow/v1/workflow.pb.h"
#include "services/cli/sample/assistance_sample.h"
#include "services/cli/sample/change_sample.h"
#include "services/cli/sample/election_sample.h"
#include "services/cli/sample/industry_sample.h"
#include "services/cli/sample/infrastructure_sample.h"
#include "services/cli/sample/organisation_sample.h"
#include "services/cli/sample/party_sample.h"
#include "services/cli/sample/place_sample.h"
#include "services/cli/sample/random.h"
#include "services/cli/sample/sample_file.h"
#include "services/cli/sample/supervision_sample.h"
#include "services/cli/sample/village_sample.h"
#include "services/cli/sample/workflow_sample.h"

namespace jiedui::cli {
namespace {

constexpr int kFirstYear = 2017;
constexpr int kLastYear = 2018;
constexpr int kVillagesOfATownship = 14;
constexpr int kMostTownships = 399;  // of a district
// Townships and villages have codes that the statistics do not use.
constexpr int kFirstTownshipCode = 600;
constexpr int kFirstVillageCode = 1;
constexpr int kBundled = 3;  // villages of a bundled project
// Codes have at most twelve digits.
constexpr uint64_t kInfrastructureStreams = 3'000'000'000'000;

struct District {
  const char* code;
  const char* display_name;
  int weight;   // how many of a hundred villages
  int fortune;  // how well things go
};

// The agriculture-related districts (涉农区) of Tianjin, GB/T 2260.
constexpr District kDistricts[] = {{"120110", "东丽区", 2, 85},   {"120111", "西青区", 4, 80},
                                   {"120112", "津南区", 4, 78},   {"120113", "北辰区", 6, 70},
                                   {"120114", "武清区", 20, 60},  {"120115", "宝坻区", 20, 45},
                                   {"120116", "滨海新区", 5, 75}, {"120117", "宁河区", 12, 40},
                                   {"120118", "静海区", 14, 50},  {"120119", "蓟州区", 13, 30}};

absl::Status AddFile(const SampleOptions& options, const google::protobuf::Descriptor* descriptor, SampleFiles* files) {
  JIEDUI_ASSIGN_OR_RETURN((*files)[descriptor->full_name()], SampleFile::Create(options.folder, descriptor));
  return absl::OkStatus();
}

// The steps of workflows: one file for each program, by its collection.
absl::Status AddHistories(const SampleOptions& options,
                          const std::vector<const google::protobuf::Descriptor*>& descriptors, SampleFiles* files) {
  std::map<std::string, std::vector<std::string>> collections;
  for (const google::protobuf::Descriptor* each : descriptors) {
    if (!each->options().HasExtension(options::v1::workflow)) continue;
    collections[resource::HistoryCollection(each)].push_back(
        each->options().GetExtension(options::v1::resource).collection());
  }
  for (auto& [history, resources] : collections) {
    JIEDUI_ASSIGN_OR_RETURN(auto plan, resource::TablePlan::BuildShared(workflow::v1::Transition::descriptor(), history,
                                                                        "resource", std::move(resources)));
    JIEDUI_ASSIGN_OR_RETURN((*files)[history], SampleFile::Create(options.folder, std::move(plan)));
  }
  return absl::OkStatus();
}

void AddDivision(SampleFiles& files, const std::string& code, const std::string& display_name,
                 const std::string& parent, village::v1::DivisionLevel level) {
  village::v1::Division division;
  division.set_name("divisions/" + code);
  division.set_code(code);
  division.set_display_name(display_name);
  if (!parent.empty()) division.set_parent("divisions/" + parent);
  division.set_level(level);
  AddRecord(files, division);
}

void AddYears(SampleFiles& files) {
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    village::v1::ProgrammeYear record;
    record.set_name(absl::StrCat("programmeYears/", year));
    record.set_year(year);
    record.set_state(village::v1::YEAR_STATE_OPEN);
    AddRecord(files, record);
  }
}

// One project of the township's first villages, with shares that add up to one.
industry::v1::IndustryProject AddBundledProject(const std::string& township, const std::vector<std::string>& villages,
                                                Random& random, SampleFiles& files) {
  industry::v1::IndustryProject project;
  project.set_name(absl::StrCat("industryProjects/b-", township, "-1"));
  project.set_display_name("样例镇级打捆产业园");
  project.set_programme_year(kLastYear);
  project.set_kind(industry::v1::PROJECT_KIND_AGRICULTURE);
  project.set_mode(industry::v1::PROJECT_MODE_BUNDLED);
  project.set_site("divisions/" + township);
  int64_t left = 1'000'000;
  for (size_t i = 0; i < villages.size(); ++i) {
    industry::v1::ProjectParticipant* participant = project.add_participants();
    participant->set_village("villages/" + villages[i]);
    participant->set_share_ppm(i + 1 == villages.size() ? left : random.Between(200'000, 400'000));
    left -= participant->share_ppm();
  }
  project.set_budget_fen(random.Between(200, 900) * 1'000'000);
  project.set_planned_date("2017-11-15");
  project.set_approved_date("2018-01-20");
  project.set_approval_document("样例镇级批复〔2018〕1号");
  if (random.Chance(75)) {
    project.set_started_date("2018-04-10");
    project.set_start_evidence("样例开工令");
  }
  AddRecord(files, project);
  return project;
}

void AddTownship(const SampleOptions& options, const District& district, int number, int villages,
                 IndustrySample& industry, SampleFiles& files) {
  constexpr const char* kNames[] = {"柳河", "杨桥", "桃园", "石台", "林庄", "湖口", "枣营", "梨沟", "大港", "前塘"};
  const std::string code = absl::StrFormat("%s%03d", district.code, kFirstTownshipCode + number - 1);
  Random random(options.seed, 1'000'000'000'000 + std::stoull(code));
  const std::string display_name = absl::StrCat("样例", random.Pick(kNames), "镇");
  AddDivision(files, code, display_name, district.code, village::v1::DIVISION_LEVEL_TOWNSHIP);
  const TownshipPlace township{code, display_name, number, villages};
  WriteChanges(township, files);
  WriteDivisionSupervision(code, options.seed, files);
  std::vector<std::string> bundled;
  for (int i = 0; i < villages; ++i) {
    VillagePlace place;
    place.code = absl::StrFormat("%s%03d", code, kFirstVillageCode + i);
    place.township = "divisions/" + code;
    place.fortune = district.fortune;
    place.exit_date = VillageEnd(township, i, options.seed);
    Random own(options.seed, std::stoull(place.code));
    WriteVillage(place, own, files);
    WriteParty(place, options.seed, files);
    Random assistance(options.seed, 2'000'000'000'000 + std::stoull(place.code));
    WriteAssistance(place, assistance, files);
    WriteOrganisation(place, i, options.seed, files);
    WritePlaceRecords(place, options.seed, files);
    WriteSupervision(place, options.seed, files);
    WriteWorkflows(place, options.seed, files);
    Random works(options.seed, kInfrastructureStreams + std::stoull(place.code));
    industry.FundWorks(WriteVillageInfrastructure(place, works, files));
    industry.WriteVillage(place);
    if (bundled.size() < kBundled) bundled.push_back(place.code);
  }
  Random works(options.seed, kInfrastructureStreams + std::stoull(code));
  WriteTownshipInfrastructure(code, villages, district.fortune, works, files);
  std::vector<industry::v1::IndustryProject> projects;
  if (bundled.size() == kBundled && random.Chance(50))
    projects.push_back(AddBundledProject(code, bundled, random, files));
  industry.WriteTownship(code, district.fortune, projects);
}

void AddDistrict(const SampleOptions& options, const District& district, int villages, IndustrySample& industry,
                 SampleFiles& files) {
  AddDivision(files, district.code, district.display_name, "12", village::v1::DIVISION_LEVEL_DISTRICT);
  WriteTechnicalGroup(district.code, options.seed, files);
  WriteDistrictRecords(district.code, options.seed, files);
  WriteDivisionSupervision(district.code, options.seed, files);
  WriteReliefFund(district.code, district.fortune, villages, files);
  const int townships = std::min(kMostTownships, (villages + kVillagesOfATownship - 1) / kVillagesOfATownship);
  int left = villages;
  for (int number = 1; number <= townships; ++number) {
    const int share = left / (townships - number + 1);
    AddTownship(options, district, number, share, industry, files);
    left -= share;
  }
  industry.WriteDistrict(district.code);
}

}  // namespace

absl::Status WriteSample(const SampleOptions& options) {
  SampleFiles files;
  for (const google::protobuf::Descriptor* descriptor :
       {village::v1::Division::descriptor(), village::v1::DivisionChange::descriptor(),
        village::v1::Village::descriptor(), village::v1::ProgrammeYear::descriptor(),
        village::v1::CivilisedRecognition::descriptor(), village::v1::SafeRecognition::descriptor(),
        industry::v1::IndustryProject::descriptor(), industry::v1::CollectiveIncome::descriptor(),
        industry::v1::FarmerIncome::descriptor(), infrastructure::v1::FacilityStandard::descriptor(),
        infrastructure::v1::VillageFacility::descriptor()}) {
    JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  }
  for (const google::protobuf::Descriptor* descriptor : AssistanceDescriptors()) {
    JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  }
  for (const auto* descriptor : PartyMessages()) JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  for (const auto* descriptor : SupervisionMessages()) JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  for (const auto* descriptor : PlaceMessages()) JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  for (const auto* descriptor : OrganisationMessages()) JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  for (const auto* descriptor : WorkflowMessages()) JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  for (const google::protobuf::Descriptor* descriptor : InfrastructureDescriptors()) {
    JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  }
  for (const google::protobuf::Descriptor* descriptor : IndustryMessages()) {
    JIEDUI_RETURN_IF_ERROR(AddFile(options, descriptor, &files));
  }
  IndustrySample industry(options.seed, files);
  industry.WriteProducts();
  JIEDUI_RETURN_IF_ERROR(AddHistories(options, AssistanceDescriptors(), &files));
  JIEDUI_RETURN_IF_ERROR(AddHistories(options, WorkflowMessages(), &files));
  AddYears(files);
  WriteStandard(files);
  WriteOrganisationStandards(files);
  WritePlaceStandards(files);
  WriteMethods(files);
  WriteElectionRule(files);
  AddDivision(files, "12", "天津市", "", village::v1::DIVISION_LEVEL_CITY);
  int left = options.villages;
  int weight_left = 100;
  for (const District& district : kDistricts) {
    const int villages = static_cast<int>(static_cast<int64_t>(left) * district.weight / weight_left);
    AddDistrict(options, district, villages, industry, files);
    left -= villages;
    weight_left -= district.weight;
  }
  for (auto& [name, file] : files) JIEDUI_RETURN_IF_ERROR(file->Close());
  return absl::OkStatus();
}

}  // namespace jiedui::cli
