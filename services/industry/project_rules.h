// The rules and methods of industry projects.

#ifndef JIEDUI_SERVICES_INDUSTRY_PROJECT_RULES_H_
#define JIEDUI_SERVICES_INDUSTRY_PROJECT_RULES_H_

#include "common/service/definition.h"

namespace jiedui::industry {

// Adds their policies and methods.
void AddProjects(service::Definition& definition);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_PROJECT_RULES_H_
