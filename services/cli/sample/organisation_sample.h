// What is made up about those who assist villages and those who lead them: units, teams, cadres, officials.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_ORGANISATION_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_ORGANISATION_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// Messages that the functions below write.
std::vector<const google::protobuf::Descriptor*> OrganisationMessages();

// What a year asks for.
void WriteOrganisationStandards(SampleFiles& files);

// The technical group of a district.
void WriteTechnicalGroup(const std::string& district, uint64_t seed, SampleFiles& files);

// Units, cadres and officials of the village that is number `index` in its township.
void WriteOrganisation(const VillagePlace& place, int index, uint64_t seed, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_ORGANISATION_SAMPLE_H_
