// What is made up about that which goes step by step: decisions, plans, leave. Elections and supervised items have files of their own.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_WORKFLOW_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_WORKFLOW_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// The messages with workflows, whose steps are in villageTransitions, and what belongs to them.
std::vector<const google::protobuf::Descriptor*> WorkflowMessages();

// The methods of decision of 2018.
void WriteMethods(SampleFiles& files);

// Decisions and plans of a village.
void WriteWorkflows(const VillagePlace& place, uint64_t seed, SampleFiles& files);

// A leave of a cadre, `id` its last segment.
void WriteLeave(const std::string& village, const std::string& cadre, const std::string& id, Random& random,
                SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_WORKFLOW_SAMPLE_H_
