// The industry program: industry projects, incomes of villages and farmers.

#ifndef JIEDUI_SERVICES_INDUSTRY_DEFINITION_H_
#define JIEDUI_SERVICES_INDUSTRY_DEFINITION_H_

#include "common/service/definition.h"

namespace jiedui::industry {

service::Definition NewDefinition();

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_DEFINITION_H_
