// Dangerous housing.

#ifndef JIEDUI_SERVICES_ASSISTANCE_HOUSING_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_HOUSING_RULES_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

// Adds the service, its policies and guards.
void AddHousingRules(service::Definition& definition);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_HOUSING_RULES_H_
