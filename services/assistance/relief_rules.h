// Relief funds and emergency relief.

#ifndef JIEDUI_SERVICES_ASSISTANCE_RELIEF_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_RELIEF_RULES_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

// Adds the service, its policies and guards.
void AddReliefRules(service::Definition& definition);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_RELIEF_RULES_H_
