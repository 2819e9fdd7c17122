#include "services/industry/allocation_check.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/resource/request_context.h"
#include "common/resource/table_plan.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/fund.pb.h"

namespace jiedui::industry {
namespace {

constexpr int kBatch = 100;
constexpr absl::Duration kAnswerTime = absl::Seconds(2);
constexpr absl::Duration kDatabaseTime = absl::Seconds(30);

struct Pending {
  std::string id;
  std::string project;
};

// The next pending allocations after the id `after`.
absl::StatusOr<std::vector<Pending>> ReadPending(store::Engine& engine, const std::string& after) {
  std::vector<Pending> pending;
  JIEDUI_RETURN_IF_ERROR(sql::ReadAndWait(
      engine.database(), absl::Now() + kDatabaseTime, [&](sql::Transaction& transaction) -> absl::Status {
        pending.clear();
        JIEDUI_ASSIGN_OR_RETURN(
            sql::Statement * row,
            transaction.Prepare("SELECT id, project FROM fund_allocation WHERE state = ? AND id > ? "
                                "ORDER BY id LIMIT ?"));
        row->BindInt(0, v1::ALLOCATION_STATE_PENDING);
        row->BindText(1, after);
        row->BindInt(2, kBatch);
        while (true) {
          JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
          if (!found) return absl::OkStatus();
          pending.push_back({std::string(row->Text(0)), std::string(row->Text(1))});
        }
      }));
  return pending;
}

absl::Status Settle(store::UnitOfWork& work, const Pending& pending, ProjectAnswer answer) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("fundAllocations");
  v1::FundAllocation allocation;
  const absl::Status status = work.GetForUpdate(plan, plan.NameOf(pending.id), &allocation);
  if (absl::IsNotFound(status)) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(status);
  // Another replica may have settled it meanwhile.
  if (allocation.state() != v1::ALLOCATION_STATE_PENDING) return absl::OkStatus();
  allocation.set_state(answer == ProjectAnswer::kThere ? v1::ALLOCATION_STATE_CONFIRMED
                                                       : v1::ALLOCATION_STATE_REJECTED);
  if (answer == ProjectAnswer::kMissing) allocation.set_rejection("项目不存在");
  if (answer == ProjectAnswer::kCancelled) allocation.set_rejection("项目已取消");
  return work.Replace(plan, &allocation);
}

absl::Status SettleAll(store::Engine& engine, const std::vector<std::pair<Pending, ProjectAnswer>>& answers) {
  if (answers.empty()) return absl::OkStatus();
  RequestContext context;
  context.method = "jiedui.industry/CheckAllocations";
  context.principal.id = "services/industry";
  context.start_time = absl::Now();
  context.deadline = context.start_time + kDatabaseTime;
  const std::string id = engine.NewTransactionId();
  return sql::WriteAndWait(engine.database(), engine.WriteOptionsOf(id, context.deadline),
                           [&](sql::Transaction& transaction) -> absl::Status {
                             store::UnitOfWork work(engine, context, transaction, id);
                             for (const auto& [pending, answer] : answers) {
                               JIEDUI_RETURN_IF_ERROR(Settle(work, pending, answer));
                             }
                             return work.Flush();
                           });
}

}  // namespace

absl::Status CheckAllocations(store::Engine& engine, const AskProject& ask) {
  std::string last;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<Pending> batch, ReadPending(engine, last));
    if (batch.empty()) return absl::OkStatus();
    last = batch.back().id;
    std::vector<std::pair<Pending, ProjectAnswer>> answers;
    absl::Status silence;
    for (const Pending& pending : batch) {
      const absl::StatusOr<ProjectAnswer> answer = ask(pending.project, absl::Now() + kAnswerTime);
      if (!answer.ok()) {
        silence = answer.status();
        break;
      }
      answers.emplace_back(pending, *answer);
    }
    JIEDUI_RETURN_IF_ERROR(SettleAll(engine, answers));
    JIEDUI_RETURN_IF_ERROR(silence);
  }
}

}  // namespace jiedui::industry
