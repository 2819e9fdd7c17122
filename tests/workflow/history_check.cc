#include "tests/workflow/history_check.h"

#include <algorithm>
#include <map>

#include "common/workflow/workflow.h"
#include "jiedui/resource/v1/resource.pb.h"

namespace jiedui::testing {
namespace {

using workflow::Workflow;

// State of every resource, by name.
std::map<std::string, int> StatesOf(TestProgram& program, const Workflow& workflow) {
  std::map<std::string, int> states;
  const resource::TablePlan& plan = workflow.plan();
  const absl::Status status = program.database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
    auto row = transaction.Prepare(plan.select_sql());
    if (!row.ok()) return row.status();
    while (true) {
      auto more = (*row)->Step();
      if (!more.ok() || !*more) return more.status();
      std::unique_ptr<google::protobuf::Message> resource(plan.prototype().New());
      resource::RowVersion version;
      if (absl::Status read = plan.ReadRow(**row, resource.get(), &version); !read.ok()) return read;
      states.emplace(plan.NameOf((*row)->Text(0)), workflow.StateOf(*resource));
    }
  });
  EXPECT_TRUE(status.ok()) << status;
  return states;
}

bool IsDeclared(const Workflow& workflow, const workflow::v1::Transition& step) {
  return std::any_of(workflow.transitions().begin(), workflow.transitions().end(), [&](const auto& each) {
    const bool from = std::any_of(each.from.begin(), each.from.end(),
                                  [&](int state) { return workflow.NameOf(state) == step.from_state(); });
    return from && each.rule->rpc() == step.rpc() && workflow.NameOf(each.to) == step.to_state();
  });
}

void CheckOne(const Workflow& workflow, const std::vector<workflow::v1::Transition>& steps, int state) {
  std::string at;
  for (const int initial : workflow.initials()) {
    const std::string first = steps.empty() ? workflow.NameOf(state) : steps.front().from_state();
    if (workflow.NameOf(initial) == first) at = first;
  }
  std::string date;
  int sequence = 0;
  std::multimap<std::string, std::string> done;  // actor, rpc
  for (const workflow::v1::Transition& step : steps) {
    EXPECT_EQ(step.sequence(), ++sequence);
    EXPECT_EQ(step.from_state(), at);
    EXPECT_TRUE(IsDeclared(workflow, step)) << step.ShortDebugString();
    EXPECT_FALSE(step.actor().empty());
    EXPECT_GE(step.date(), date);
    for (const auto& transition : workflow.transitions()) {
      if (transition.rule->rpc() != step.rpc()) continue;
      for (const std::string& other : transition.rule->not_by()) {
        const auto range = done.equal_range(step.actor());
        EXPECT_TRUE(std::none_of(range.first, range.second, [&](const auto& each) { return each.second == other; }))
            << step.ShortDebugString();
      }
    }
    done.emplace(step.actor(), step.rpc());
    at = step.to_state();
    date = step.date();
  }
  EXPECT_EQ(at, workflow.NameOf(state));
}

}  // namespace

std::vector<workflow::v1::Transition> StepsOf(TestProgram& program, const std::string& resource) {
  resource::v1::ListRequest request;
  request.set_filter(absl::StrCat("resource = \"", resource, "\""));
  request.set_order_by("sequence");
  request.set_page_size(1000);
  std::vector<workflow::v1::Transition> steps;
  do {
    workflow::v1::ListTransitionsResponse response;
    const absl::Status status = program.Call("jiedui.workflow.v1.WorkflowService/ListTransitions", request, &response);
    EXPECT_TRUE(status.ok()) << status;
    steps.insert(steps.end(), response.transitions().begin(), response.transitions().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return steps;
}

int CheckHistories(TestProgram& program, const std::string& collection) {
  const Workflow* workflow = program.host().workflows().Find(*program.host().registry().FindByCollection(collection));
  int count = 0;
  for (const auto& [name, state] : StatesOf(program, *workflow)) {
    SCOPED_TRACE(name);
    const auto steps = StepsOf(program, name);
    count += static_cast<int>(steps.size());
    CheckOne(*workflow, steps, state);
  }
  return count;
}

}  // namespace jiedui::testing
