// The rules of the program's resources, by what they are about.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_RULES_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_RULES_H_

#include "common/service/definition.h"

namespace jiedui::infrastructure {

// The standard and its items in villages.
void AddFacilityRules(service::Definition& definition);

// Farming, sanitation and power.
void AddEnvironmentRules(service::Definition& definition);

// Construction, sewage, ponds and water projects.
void AddWorksRules(service::Definition& definition);

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_RULES_H_
