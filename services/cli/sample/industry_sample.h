// What is made up about industry and money: training, finance, markets, benefit linkage, and the funds of the projects.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_INDUSTRY_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_INDUSTRY_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// Messages of which it writes records, but IndustryProject and the incomes.
std::vector<const google::protobuf::Descriptor*> IndustryMessages();

// Writes in the order of the division tree: a village, its township, its district.
class IndustrySample {
 public:
  IndustrySample(uint64_t seed, SampleFiles& files) : seed_(seed), files_(files) {}

  // What the whole has: finance products.
  void WriteProducts();
  // Everything of the village; its projects are given money at the end of the district.
  void WriteVillage(const VillagePlace& place);
  void WriteTownship(const std::string& code, int fortune, const std::vector<industry::v1::IndustryProject>& bundled);
  // Construction projects that are given money at the end of the district, by the allocation that their first finance entry names.
  void FundWorks(const std::vector<infrastructure::v1::ConstructionProject>& works);
  // The sources of the district's money, and its way to the projects seen since the district before.
  void WriteDistrict(const std::string& code);

 private:
  void AddReports(const industry::v1::IndustryProject& project, Random& random);

  const uint64_t seed_;
  SampleFiles& files_;
  int64_t people_ = 0;  // made up so far
  std::vector<industry::v1::IndustryProject> projects_;
  std::vector<infrastructure::v1::ConstructionProject> works_;
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_INDUSTRY_SAMPLE_H_
