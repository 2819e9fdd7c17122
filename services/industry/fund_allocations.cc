#include "services/industry/fund_allocations.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/places.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "services/industry/fund_accounts.h"

namespace jiedui::industry {
namespace {

using error::v1::REASON_RULE;
using error::v1::REASON_STATE;
using google::protobuf::Message;
using store::UnitOfWork;

bool IsOwnProject(const std::string& project) { return absl::StartsWith(project, "industryProjects/"); }

// Locks the project; false when it is not there.
absl::StatusOr<bool> LockProject(UnitOfWork& work, const std::string& name, v1::IndustryProject* project) {
  const absl::Status status = work.GetForUpdate(PlanOf(work, "industryProjects"), name, project);
  if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return false;
  JIEDUI_RETURN_IF_ERROR(status);
  return true;
}

void Freeze(v1::FundAllocation* allocation) {
  allocation->set_state(v1::ALLOCATION_STATE_FROZEN);
  allocation->set_rejection("项目已取消");
}

absl::Status Count(UnitOfWork& work, const v1::FundAllocation& allocation, int change) {
  if (!IsOwnProject(allocation.project())) return absl::OkStatus();
  v1::IndustryProject project;
  const resource::TablePlan& plan = PlanOf(work, "industryProjects");
  JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(plan, allocation.project(), &project));
  project.set_allocation_count(project.allocation_count() + change);
  return work.Replace(plan, &project);
}

class AllocationPolicy final : public store::PolicyOf<v1::FundAllocation> {
 public:
  void PrepareResource(const v1::FundAllocation* before, v1::FundAllocation* allocation) const override {
    if (before != nullptr) return;
    allocation->set_state(IsOwnProject(allocation->project()) ? v1::ALLOCATION_STATE_CONFIRMED
                                                              : v1::ALLOCATION_STATE_PENDING);
  }

  // Money that a cancelled project was given before can be recorded afterwards. Those who cancel freeze what is there by themselves.
  absl::Status DeriveResource(UnitOfWork& work, v1::FundAllocation* allocation) const override {
    if (!IsOwnProject(allocation->project()) || allocation->state() != v1::ALLOCATION_STATE_CONFIRMED) {
      return absl::OkStatus();
    }
    v1::IndustryProject project;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockProject(work, allocation->project(), &project));
    if (found && !project.cancelled_date().empty()) Freeze(allocation);
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::FundAllocation* before, const v1::FundAllocation& after,
                                Violations& violations) const override {
    if (before != nullptr) return absl::OkStatus();
    store::CheckDivisionLevel(work, "district", after.district(), village::v1::DIVISION_LEVEL_DISTRICT, violations);
    // The infrastructure program answers for its own projects: money can be meant for one while that program is down.
    if (!IsOwnProject(after.project())) return absl::OkStatus();
    v1::IndustryProject project;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockProject(work, after.project(), &project));
    if (!found) {
      violations.Add("project", error::v1::REASON_DANGLING_REFERENCE, {"the project does not exist", "项目不存在"});
      return absl::OkStatus();
    }
    store::CheckWithin(work, "district", project.site(), after.district(), violations);
    return absl::OkStatus();
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto* was = static_cast<const v1::FundAllocation*>(before);
    const auto* is = static_cast<const v1::FundAllocation*>(after);
    if (is == nullptr) {
      JIEDUI_RETURN_IF_ERROR(CloseAccounts(work, was->name()));
      return Count(work, *was, -1);
    }
    if (was == nullptr) {
      JIEDUI_RETURN_IF_ERROR(OpenAccounts(work, *is));
      return Count(work, *is, +1);
    }
    if (was->state() != is->state()) JIEDUI_RETURN_IF_ERROR(FreezeAccounts(work, is->name(), IsFrozen(*is)));
    return was->disburse_by() == is->disburse_by() ? absl::OkStatus() : MoveDay(work, *is);
  }

 private:
  static bool IsFrozen(const v1::FundAllocation& allocation) {
    return allocation.state() != v1::ALLOCATION_STATE_CONFIRMED;
  }

  static absl::Status OpenAccounts(UnitOfWork& work, const v1::FundAllocation& allocation) {
    v1::FundSource source;
    JIEDUI_RETURN_IF_ERROR(work.Get(PlanOf(work, "fundSources"), allocation.fund_source(), &source));
    v1::FundAccount account;
    account.set_owner(allocation.name());
    account.set_fund_source(source.name());
    account.set_programme_year(source.programme_year());
    account.set_level(source.level());
    account.set_district(allocation.district());
    account.set_purpose(allocation.purpose());
    account.set_disburse_by(allocation.disburse_by());
    account.set_frozen(IsFrozen(allocation));
    JIEDUI_RETURN_IF_ERROR(OpenAccount(work, account, v1::FUND_ACCOUNT_KIND_UNDISBURSED));
    return OpenAccount(work, account, v1::FUND_ACCOUNT_KIND_DISBURSED);
  }

  static absl::Status MoveDay(UnitOfWork& work, const v1::FundAllocation& allocation) {
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * statement,
        work.transaction().Prepare("UPDATE fund_account SET disburse_by = ?, revision = revision + 1, "
                                   "update_time = ? WHERE owner = ?"));
    statement->BindText(0, allocation.disburse_by());
    statement->BindInt(1, absl::ToUnixMicros(work.now()));
    statement->BindText(2, allocation.name());
    return statement->Execute().status();
  }
};

// The one text of each row.
absl::StatusOr<std::vector<std::string>> Texts(sql::Statement& row) {
  std::vector<std::string> texts;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row.Step());
    if (!found) return texts;
    texts.emplace_back(row.Text(0));
  }
}

}  // namespace

std::unique_ptr<store::Policy> NewAllocationPolicy() { return std::make_unique<AllocationPolicy>(); }

absl::StatusOr<bool> WentOutInTime(UnitOfWork& work, const v1::FundAllocation& allocation, const std::string& date) {
  if (allocation.state() != v1::ALLOCATION_STATE_FROZEN || !IsOwnProject(allocation.project())) return false;
  v1::IndustryProject project;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, LockProject(work, allocation.project(), &project));
  return found && date <= project.cancelled_date();
}

absl::Status FreezeAllocations(UnitOfWork& work, const std::string& project) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT id FROM fund_allocation WHERE project = ? AND state = ? ORDER BY id"));
  row->BindText(0, project);
  row->BindInt(1, v1::ALLOCATION_STATE_CONFIRMED);
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> ids, Texts(*row));
  const resource::TablePlan& plan = PlanOf(work, "fundAllocations");
  for (const std::string& id : ids) {
    v1::FundAllocation allocation;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(plan, plan.NameOf(id), &allocation));
    Freeze(&allocation);
    JIEDUI_RETURN_IF_ERROR(work.Replace(plan, &allocation));
  }
  return absl::OkStatus();
}

absl::Status CheckAllocationsCover(UnitOfWork& work, const std::string& project, const std::string& site,
                                   Violations& violations) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(
                                                    "SELECT DISTINCT district FROM fund_allocation WHERE project = ?"));
  row->BindText(0, project);
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> districts, Texts(*row));
  for (const std::string& district : districts) store::CheckWithin(work, "site", site, district, violations);
  return absl::OkStatus();
}

absl::Status RecheckFundAllocation(UnitOfWork& work, const Message& request, Message* response) {
  auto* allocation = static_cast<v1::FundAllocation*>(response);
  const resource::TablePlan& plan = PlanOf(work, "fundAllocations");
  JIEDUI_RETURN_IF_ERROR(
      work.GetForUpdate(plan, static_cast<const v1::RecheckFundAllocationRequest&>(request).name(), allocation));
  const bool stopped =
      allocation->state() == v1::ALLOCATION_STATE_REJECTED || allocation->state() == v1::ALLOCATION_STATE_FROZEN;
  if (!stopped || IsOwnProject(allocation->project())) {
    return MakeError(absl::StatusCode::kFailedPrecondition, REASON_STATE,
                     {"only a rejected or frozen allocation to a project of another program is asked for again",
                      "只有其他服务项目的不成立或已冻结的资金分配可重新确认"},
                     {{"state", v1::AllocationState_Name(allocation->state())}});
  }
  allocation->set_state(v1::ALLOCATION_STATE_PENDING);
  allocation->clear_rejection();
  return work.Replace(plan, allocation);
}

}  // namespace jiedui::industry
