// What is made up about how places, units and people are inspected, supervised and appraised.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_SUPERVISION_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_SUPERVISION_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// Messages that the functions below write, but supervised items, which have a workflow.
std::vector<const google::protobuf::Descriptor*> SupervisionMessages();

// How `subject`, a unit, team, division or cadre, was appraised in the year; often it was inspected as well.
void WriteAppraisal(const std::string& id, const std::string& subject, Random& random, SampleFiles& files);

// What was inspected in a village, and its supervised items.
void WriteSupervision(const VillagePlace& place, uint64_t seed, SampleFiles& files);

// What was inspected in a district or township, and what is supervised there.
void WriteDivisionSupervision(const std::string& code, uint64_t seed, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_SUPERVISION_SAMPLE_H_
