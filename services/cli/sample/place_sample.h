// What is made up about the standards, safety, culture, actions and publicity of villages.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_PLACE_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_PLACE_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// Messages that the functions below write.
std::vector<const google::protobuf::Descriptor*> PlaceMessages();

// Standards and the ten actions of the year.
void WritePlaceStandards(SampleFiles& files);

// What a district does.
void WriteDistrictRecords(const std::string& district, uint64_t seed, SampleFiles& files);

void WritePlaceRecords(const VillagePlace& place, uint64_t seed, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_PLACE_SAMPLE_H_
