// What is made up about works, sanitation, farming, water and power.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_INFRASTRUCTURE_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_INFRASTRUCTURE_SAMPLE_H_

#include <string>
#include <vector>

#include "jiedui/infrastructure/v1/construction.pb.h"
#include "services/cli/sample/random.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// The messages that the two below write.
std::vector<const google::protobuf::Descriptor*> InfrastructureDescriptors();

// The village's records; of those of the village standard, see WriteVillage. Answers the construction projects whose first
// finance entry names an allocation, which the caller writes.
std::vector<infrastructure::v1::ConstructionProject> WriteVillageInfrastructure(const VillagePlace& place, Random& random,
                                                                                SampleFiles& files);

// What serves the whole township: its lines and its sewage works. `villages` is how many it has.
void WriteTownshipInfrastructure(const std::string& code, int villages, int fortune, Random& random,
                                 SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_INFRASTRUCTURE_SAMPLE_H_
