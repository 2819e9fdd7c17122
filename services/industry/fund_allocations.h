// Allocations: the part of a source that is meant for a project, of this program or of another.
//
// Money goes to a project until the day of its cancellation; what went there by then can be recorded afterwards. Whoever allocates to a project of this program writes its row (it counts
// its allocations), as do those who cancel or remove it; and who cancels writes the accounts that a movement writes. So of two that
// meet, on whatever servers, one starts again and sees what the other did.

#ifndef JIEDUI_SERVICES_INDUSTRY_FUND_ALLOCATIONS_H_
#define JIEDUI_SERVICES_INDUSTRY_FUND_ALLOCATIONS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/store/policy.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/message.h"
#include "jiedui/industry/v1/fund.pb.h"

namespace jiedui::industry {

std::unique_ptr<store::Policy> NewAllocationPolicy();

// Stops the money of all confirmed allocations to a project of this program that is being cancelled. The project is locked.
absl::Status FreezeAllocations(store::UnitOfWork& work, const std::string& project);

// Whether money of that day still went to the project of this program whose cancellation froze the allocation. Locks the project.
absl::StatusOr<bool> WentOutInTime(store::UnitOfWork& work, const v1::FundAllocation& allocation,
                                   const std::string& date);

// Adds a violation unless the place lies in the district of every allocation to the project.
absl::Status CheckAllocationsCover(store::UnitOfWork& work, const std::string& project, const std::string& site,
                                   Violations& violations);

// The method of that name.
absl::Status RecheckFundAllocation(store::UnitOfWork& work, const google::protobuf::Message& request,
                                   google::protobuf::Message* response);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_FUND_ALLOCATIONS_H_
