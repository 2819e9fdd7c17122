// Persons and members of households: a person lives in one household, a household has one head.

#ifndef JIEDUI_SERVICES_ASSISTANCE_PERSON_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_PERSON_RULES_H_

#include "common/service/definition.h"

namespace jiedui::assistance {

// Adds the service and its policies.
void AddPersonRules(service::Definition& definition);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_PERSON_RULES_H_
