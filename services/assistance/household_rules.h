// Needy households, their yearly figures, and their helpers.

#ifndef JIEDUI_SERVICES_ASSISTANCE_HOUSEHOLD_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_HOUSEHOLD_RULES_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

// Adds the service and its policies.
void AddHouseholdRules(service::Definition& definition);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_HOUSEHOLD_RULES_H_
