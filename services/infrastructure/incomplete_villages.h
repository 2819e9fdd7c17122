// The villages that are short of items of the standard.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_INCOMPLETE_VILLAGES_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_INCOMPLETE_VILLAGES_H_

#include "common/store/engine.h"

namespace jiedui::infrastructure {

// The handler of FacilityService/ListIncompleteVillages. INVALID_ARGUMENT for a year or a count that cannot be.
store::ReadHandler IncompleteVillagesHandler(const store::Engine& engine);

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_INCOMPLETE_VILLAGES_H_
