// The infrastructure program: items of the village standard, works, sanitation, farming, water and power.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_DEFINITION_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_DEFINITION_H_

#include "common/service/definition.h"

namespace jiedui::infrastructure {

service::Definition NewDefinition();

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_DEFINITION_H_
