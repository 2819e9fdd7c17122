// The rules of technical service, employment, finance, markets and benefit linkage.

#ifndef JIEDUI_SERVICES_INDUSTRY_RULES_H_
#define JIEDUI_SERVICES_INDUSTRY_RULES_H_

#include "common/service/definition.h"

namespace jiedui::industry {

// Adds their policies.
void AddRules(service::Definition& definition);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_RULES_H_
