// What is asked of all construction projects together: which warranties end, and who pays.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_CONSTRUCTION_REPORT_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_CONSTRUCTION_REPORT_H_

#include "common/store/engine.h"

namespace jiedui::infrastructure {

// The handlers of ConstructionService/ListExpiringWarranties and GetConstructionFinance. INVALID_ARGUMENT for what is no day
// or no place.
store::ReadHandler ExpiringWarrantiesHandler(const store::Engine& engine);
store::ReadHandler ConstructionFinanceHandler(const store::Engine& engine);

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_CONSTRUCTION_REPORT_H_
