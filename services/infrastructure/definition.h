// The infrastructure program: the items of the village standard.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_DEFINITION_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_DEFINITION_H_

#include "common/service/definition.h"

namespace jiedui::infrastructure {

service::Definition NewDefinition();

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_DEFINITION_H_
