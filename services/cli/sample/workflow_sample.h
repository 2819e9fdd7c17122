// What is made up about that which goes step by step: decisions, plans, elections, leave, supervised items.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_WORKFLOW_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_WORKFLOW_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// Messages that the functions below write, and the steps of their workflows in villageTransitions.
std::vector<const google::protobuf::Descriptor*> WorkflowMessages();

// The methods of decision and the rules of elections of 2018.
void WriteMethods(SampleFiles& files);

// Who was elected director of a village, and when.
struct ElectedDirector {
  std::string display_name;
  std::string birth_date;
  std::string held_date;
};

// The election of a director whose term is recorded.
void WriteElection(const VillagePlace& place, const ElectedDirector& director, uint64_t seed, SampleFiles& files);

// Decisions, plans and supervised items of a village.
void WriteWorkflows(const VillagePlace& place, uint64_t seed, SampleFiles& files);

// A leave of a cadre, `id` its last segment.
void WriteLeave(const std::string& village, const std::string& cadre, const std::string& id, Random& random, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_WORKFLOW_SAMPLE_H_
