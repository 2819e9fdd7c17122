// Pension insurance.

#ifndef JIEDUI_SERVICES_ASSISTANCE_PENSION_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_PENSION_RULES_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

// Adds the service and its policies.
void AddPensionRules(service::Definition& definition);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_PENSION_RULES_H_
