#include "services/infrastructure/allocation_uses.h"

#include <set>

#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::infrastructure {
namespace {

std::set<std::string> AllocationsOf(const v1::ConstructionProject* project) {
  std::set<std::string> allocations;
  if (project == nullptr) return allocations;
  for (const v1::FinanceEntry& entry : project->finances()) {
    if (!entry.allocation().empty()) allocations.insert(entry.allocation());
  }
  return allocations;
}

}  // namespace

absl::StatusOr<std::string> UserOfAllocation(store::UnitOfWork& work, const std::string& allocation) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare("SELECT project FROM allocation_use WHERE allocation = ?"));
  row->BindText(0, allocation);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? std::string(row->Text(0)) : std::string();
}

absl::Status KeepAllocationUses(store::UnitOfWork& work, const v1::ConstructionProject* before,
                                const v1::ConstructionProject* after) {
  const std::set<std::string> old = AllocationsOf(before);
  const std::set<std::string> now = AllocationsOf(after);
  for (const std::string& allocation : old) {
    if (now.count(allocation) > 0) continue;
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * remove,
        work.transaction().Prepare("DELETE FROM allocation_use WHERE allocation = ? AND project = ?"));
    remove->BindText(0, allocation);
    remove->BindText(1, before->name());
    JIEDUI_RETURN_IF_ERROR(remove->Execute().status());
  }
  for (const std::string& allocation : now) {
    if (old.count(allocation) > 0) continue;
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * add,
        work.transaction().Prepare("INSERT INTO allocation_use (allocation, project) VALUES (?, ?)"));
    add->BindText(0, allocation);
    add->BindText(1, after->name());
    const absl::Status added = add->Execute().status();
    if (absl::IsAlreadyExists(added)) {
      Violations violations;
      violations.Add("finances", error::v1::REASON_DUPLICATE,
                     {"names an allocation that another project has taken", "资金分配已被其他项目使用"});
      return violations.ToStatus();
    }
    JIEDUI_RETURN_IF_ERROR(added);
  }
  return absl::OkStatus();
}

}  // namespace jiedui::infrastructure
