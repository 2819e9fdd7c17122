// Which construction project an allocation of money is used by: each by one only. The finances of a project are one column,
// so what they name is kept beside them, where it can be found and is unique.

#ifndef JIEDUI_SERVICES_INFRASTRUCTURE_ALLOCATION_USES_H_
#define JIEDUI_SERVICES_INFRASTRUCTURE_ALLOCATION_USES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/unit_of_work.h"
#include "jiedui/infrastructure/v1/construction.pb.h"

namespace jiedui::infrastructure {

// The project that uses the allocation; empty when none does. Errors of the database.
absl::StatusOr<std::string> UserOfAllocation(store::UnitOfWork& work, const std::string& allocation);

// Makes what is kept that of `after` instead of `before`; null for a project that is not there. INVALID_ARGUMENT when another
// project has taken an allocation meanwhile; errors of the database.
absl::Status KeepAllocationUses(store::UnitOfWork& work, const v1::ConstructionProject* before,
                                const v1::ConstructionProject* after);

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_SERVICES_INFRASTRUCTURE_ALLOCATION_USES_H_
