#include "services/industry/allocation_check.h"

#include <vector>

#include "absl/time/clock.h"
#include "common/resource/request_context.h"
#include "common/resource/table_plan.h"
#include "common/status/macros.h"
#include "common/store/places.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/fund.pb.h"

namespace jiedui::industry {
namespace {

constexpr int kBatch = 100;
constexpr absl::Duration kAnswerTime = absl::Seconds(2);
constexpr absl::Duration kDatabaseTime = absl::Seconds(30);

struct Question {
  std::string id;
  std::string project;
};
struct Answered {
  Question question;
  ProjectAnswer answer;
};

// The next allocations to projects of another program in a state, after the id `after`.
absl::StatusOr<std::vector<Question>> ReadQuestions(store::Engine& engine, v1::AllocationState state,
                                                    const std::string& after) {
  std::vector<Question> questions;
  JIEDUI_RETURN_IF_ERROR(sql::ReadAndWait(
      engine.database(), absl::Now() + kDatabaseTime, [&](sql::Transaction& transaction) -> absl::Status {
        questions.clear();
        JIEDUI_ASSIGN_OR_RETURN(
            sql::Statement * row,
            transaction.Prepare("SELECT id, project FROM fund_allocation WHERE state = ? AND id > ? "
                                "AND project NOT LIKE 'industryProjects/%' ORDER BY id LIMIT ?"));
        row->BindInt(0, state);
        row->BindText(1, after);
        row->BindInt(2, kBatch);
        while (true) {
          JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
          if (!found) return absl::OkStatus();
          questions.push_back({std::string(row->Text(0)), std::string(row->Text(1))});
        }
      }));
  return questions;
}

// Whether the allocation ever had money.
absl::StatusOr<bool> HasMovements(store::UnitOfWork& work, const std::string& allocation) {
  return work.Exists(*work.engine().registry().FindByCollection("fundMovements"), {{"allocation", allocation}});
}

absl::Status Settle(store::UnitOfWork& work, v1::AllocationState state, const Answered& answered) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("fundAllocations");
  v1::FundAllocation allocation;
  const absl::Status status = work.GetForUpdate(plan, plan.NameOf(answered.question.id), &allocation);
  if (absl::IsNotFound(status)) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(status);
  // Another replica may have settled it meanwhile.
  if (allocation.state() != state) return absl::OkStatus();
  const ProjectAnswer& answer = answered.answer;
  if (answer.standing == Standing::kMissing) {
    allocation.set_rejection("项目不存在");
  } else if (answer.standing == Standing::kCancelled) {
    allocation.set_rejection("项目已取消");
  } else if (state == v1::ALLOCATION_STATE_PENDING && store::LiesOutside(work, answer.site, allocation.district())) {
    allocation.set_rejection("项目不在该区");
  }
  if (allocation.rejection().empty()) {
    allocation.set_state(v1::ALLOCATION_STATE_CONFIRMED);
  } else {
    JIEDUI_ASSIGN_OR_RETURN(const bool funded, HasMovements(work, allocation.name()));
    allocation.set_state(funded || state == v1::ALLOCATION_STATE_CONFIRMED ? v1::ALLOCATION_STATE_FROZEN
                                                                           : v1::ALLOCATION_STATE_REJECTED);
  }
  return work.Replace(plan, &allocation);
}

absl::Status SettleAll(store::Engine& engine, v1::AllocationState state, const std::vector<Answered>& answers) {
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
                             for (const Answered& each : answers) {
                               JIEDUI_RETURN_IF_ERROR(Settle(work, state, each));
                             }
                             return work.Flush();
                           });
}

absl::StatusOr<ProjectAnswer> Ask(const AskProject& ask, const std::string& project) {
  absl::StatusOr<ProjectAnswer> answer = ask(project, absl::Now() + kAnswerTime);
  const absl::Status& status = answer.status();
  if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return ProjectAnswer{Standing::kMissing, ""};
  return answer;
}

bool IsSilence(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

absl::Status Round(store::Engine& engine, v1::AllocationState state, const AskProject& ask) {
  std::string last;
  absl::Status problem;
  while (!IsSilence(problem)) {
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<Question> batch, ReadQuestions(engine, state, last));
    if (batch.empty()) return problem;
    last = batch.back().id;
    std::vector<Answered> answers;
    for (const Question& question : batch) {
      const absl::StatusOr<ProjectAnswer> answer = Ask(ask, question.project);
      if (IsSilence(answer.status())) {
        problem = answer.status();
        break;
      }
      problem.Update(answer.status());
      const bool settles =
          answer.ok() && (state == v1::ALLOCATION_STATE_PENDING || answer->standing != Standing::kThere);
      if (settles) answers.push_back({question, *answer});
    }
    JIEDUI_RETURN_IF_ERROR(SettleAll(engine, state, answers));
  }
  return problem;
}

}  // namespace

absl::Status CheckAllocations(store::Engine& engine, const AskProject& ask) {
  return Round(engine, v1::ALLOCATION_STATE_PENDING, ask);
}

absl::Status RecheckAllocations(store::Engine& engine, const AskProject& ask) {
  return Round(engine, v1::ALLOCATION_STATE_CONFIRMED, ask);
}

}  // namespace jiedui::industry
