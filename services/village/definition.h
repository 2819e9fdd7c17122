// The village program: divisions, villages and years; units, cadres, officials; party members and organisations; recognitions, safety,
// culture, actions, inspections, publicity.

#ifndef JIEDUI_SERVICES_VILLAGE_DEFINITION_H_
#define JIEDUI_SERVICES_VILLAGE_DEFINITION_H_

#include "common/service/definition.h"

namespace jiedui::village {

service::Definition NewDefinition();

}  // namespace jiedui::village

#endif  // JIEDUI_SERVICES_VILLAGE_DEFINITION_H_
