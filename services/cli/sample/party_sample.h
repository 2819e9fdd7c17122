// What is made up about the party in villages: members and those on the way, organisations, their venues and what they do.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_PARTY_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_PARTY_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// Messages that WriteParty writes.
std::vector<const google::protobuf::Descriptor*> PartyMessages();

// The village's main party organisation.
std::string OrganisationOf(const std::string& village_code);

// Says in `place` how many members there are.
void WriteParty(VillagePlace& place, uint64_t seed, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_PARTY_SAMPLE_H_
