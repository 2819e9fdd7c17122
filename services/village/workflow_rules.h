// The rules of resources that go step by step: their policies, and the guards that their workflows name.

#ifndef JIEDUI_SERVICES_VILLAGE_WORKFLOW_RULES_H_
#define JIEDUI_SERVICES_VILLAGE_WORKFLOW_RULES_H_

#include "common/service/definition.h"

namespace jiedui::village {

// Methods of decision with their steps, and decisions by them.
void AddDecisionRules(service::Definition& definition);

// Three-year and annual plans.
void AddPlanRules(service::Definition& definition);

// Leave of cadres.
void AddLeaveRules(service::Definition& definition);

// Rules of elections, elections, candidates, voters.
void AddElectionRules(service::Definition& definition);

// Supervised items and the scheduler that escalates them.
void AddSupervisionRules(service::Definition& definition);

}  // namespace jiedui::village

#endif  // JIEDUI_SERVICES_VILLAGE_WORKFLOW_RULES_H_
