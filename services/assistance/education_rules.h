// Education assistance.

#ifndef JIEDUI_SERVICES_ASSISTANCE_EDUCATION_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_EDUCATION_RULES_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

// Adds the service and its policies.
void AddEducationRules(service::Definition& definition);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_EDUCATION_RULES_H_
