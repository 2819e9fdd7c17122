// The social assistance of a village: households, their members, and what is done for them.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_SAMPLE_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/sample/random.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// The messages that WriteAssistance writes.
std::vector<const google::protobuf::Descriptor*> AssistanceDescriptors();

// Writes the relief fund of a district, where it has one.
void WriteReliefFund(const std::string& district, int fortune, int villages, SampleFiles& files);

// Writes every record of the assistance service about the village.
void WriteAssistance(const VillagePlace& place, Random& random, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_SAMPLE_H_
