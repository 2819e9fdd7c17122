// workflows, advance, steps: state machines of resources, read from their declarations.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/bulk/columns.h"
#include "common/resource/field_mask.h"
#include "common/status/macros.h"
#include "common/workflow/diagram.h"
#include "common/workflow/workflow.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/workflow/v1/workflow.pb.h"
#include "services/cli/commands.h"
#include "services/cli/records.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"

namespace jiedui::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using workflow::Transition;
using workflow::Workflow;

constexpr int kMostSteps = 1000;

bool HasWorkflow(const Resource& resource) { return resource.message->options().HasExtension(options::v1::workflow); }

// A workflow with the plan that it is bound to.
struct Declared {
  std::unique_ptr<resource::TablePlan> plan;
  std::unique_ptr<Workflow> workflow;
};

absl::StatusOr<Declared> DeclaredOf(const Resource& resource) {
  if (!HasWorkflow(resource)) {
    return UsageError(
        {absl::StrCat(resource.collection(), " has no workflow; `jiedui workflows` lists those that have"),
         absl::StrCat("资源 ", resource.collection(), " 没有工作流；用 jiedui workflows 查看全部")});
  }
  Declared declared;
  declared.plan = PlanOf(resource);
  JIEDUI_ASSIGN_OR_RETURN(declared.workflow, Workflow::Build(*declared.plan));
  return declared;
}

void AddRows(const Workflow& workflow, std::vector<std::vector<std::string>>* rows) {
  for (const Transition& transition : workflow.transitions()) {
    for (const int from : transition.from) {
      rows->push_back({workflow.plan().collection(), transition.rule->rpc(), transition.rule->title_zh(),
                       workflow.NameOf(from), workflow.NameOf(transition.to), workflow::Conditions(transition)});
    }
  }
}

absl::StatusOr<ExitCode> RunWorkflows(Session& session, const Arguments& arguments) {
  std::vector<const Resource*> chosen;
  const std::string& program = arguments.Get("program");
  if (!program.empty() && !Session::IsProgram(program)) {
    return UsageError({absl::StrCat("there is no program \"", program, "\""), absl::StrCat("没有服务 ", program)});
  }
  if (arguments.operands().empty()) {
    for (const Resource& resource : Catalog::Get().resources()) {
      if (HasWorkflow(resource) && (program.empty() || resource.program == program)) chosen.push_back(&resource);
    }
  } else {
    JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().Require(arguments.operands()[0]));
    chosen.push_back(resource);
  }
  std::vector<std::vector<std::string>> rows;
  if (!program.empty() && session.format() == OutputFormat::kTable) {
    session.out() << "# Workflows of jiedui-" << program << " (工作流)\n\nMade from the declarations in proto/jiedui/"
                  << program << "/v1 by `jiedui workflows --program " << program << "`.\n\n";
  }
  for (const Resource* resource : chosen) {
    JIEDUI_ASSIGN_OR_RETURN(const Declared declared, DeclaredOf(*resource));
    if (session.format() != OutputFormat::kTable) {
      AddRows(*declared.workflow, &rows);
      continue;
    }
    session.out() << "## " << resource->collection() << ' ' << resource->options->title_zh() << "\n\n```mermaid\n"
                  << workflow::ToMermaid(*declared.workflow) << "```\n\n";
  }
  if (session.format() == OutputFormat::kTable) return ExitCode::kOk;
  PrintRows(session,
            {{"collection", {"collection", "资源"}},
             {"rpc", {"step", "步骤"}},
             {"title_zh", {"title", "名称"}},
             {"from", {"from", "原状态"}},
             {"to", {"to", "新状态"}},
             {"conditions", {"conditions", "条件"}}},
            rows);
  return ExitCode::kOk;
}

// The transitions that `word` means: the name of the RPC, or how it begins, whatever the case.
absl::StatusOr<std::vector<const Transition*>> TransitionsOf(const Workflow& workflow, const std::string& word) {
  std::vector<const Transition*> meant;
  std::vector<std::string> rpcs;
  for (const Transition& each : workflow.transitions()) {
    const std::string& rpc = each.rule->rpc();
    if (std::find(rpcs.begin(), rpcs.end(), rpc) == rpcs.end()) rpcs.push_back(rpc);
    if (absl::StartsWithIgnoreCase(rpc, word)) meant.push_back(&each);
  }
  const bool one = !meant.empty() && std::all_of(meant.begin(), meant.end(), [&meant](const Transition* each) {
    return each->rule->rpc() == meant[0]->rule->rpc();
  });
  if (one) return meant;
  return UsageError({absl::StrCat("which step is \"", word, "\"? There are ", absl::StrJoin(rpcs, ", ")),
                     absl::StrCat("不明的步骤“", word, "”，可用：", absl::StrJoin(rpcs, "、"))});
}

void SetText(Message* message, const char* field, const std::string& text) {
  message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName(field), text);
}

absl::StatusOr<ExitCode> RunAdvance(Session& session, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().RequireByName(name));
  JIEDUI_ASSIGN_OR_RETURN(const Declared declared, DeclaredOf(*resource));
  JIEDUI_ASSIGN_OR_RETURN(const auto meant, TransitionsOf(*declared.workflow, arguments.operands()[1]));
  const auto* method = meant[0]->method;
  std::unique_ptr<Message> request = NewMessage(method->input_type());
  SetText(request.get(), "name", name);
  for (const char* field : {"reason", "date", "etag", "request_id"})
    SetText(request.get(), field, arguments.Get(field));
  if (arguments.GetBool("validate_only")) {
    const auto* field = method->input_type()->FindFieldByName("validate_only");
    request->GetReflection()->SetBool(request.get(), field, true);
  }
  const bulk::Columns columns(*declared.plan);
  for (const Transition* transition : meant) {
    for (const FieldDescriptor* field : transition->inputs) {
      if (!arguments.Has(field->name())) continue;
      std::unique_ptr<Message> parsed = NewMessage(resource->message);
      if (const auto problem = columns.Find(field->name())->Parse(arguments.Get(field->name()), parsed.get())) {
        return UsageError({absl::StrCat("--", field->name(), " ", problem->text.en),
                           absl::StrCat("--", field->name(), " ", problem->text.zh)});
      }
      resource::CopyField(*parsed, field, method->input_type()->FindFieldByName(field->name()), request.get());
    }
  }
  std::vector<std::unique_ptr<Message>> answer;
  answer.push_back(NewMessage(resource->message));
  JIEDUI_RETURN_IF_ERROR(session.Call(resource->program, MethodPath(method), *request, answer[0].get()));
  if (session.format() == OutputFormat::kTable) {
    Records(*resource).PrintFields(session, *answer[0]);
  } else {
    JIEDUI_RETURN_IF_ERROR(Records(*resource).Print(session, answer, {}));
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunSteps(Session& session, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().RequireByName(name));
  JIEDUI_RETURN_IF_ERROR(DeclaredOf(*resource).status());
  resource::v1::ListRequest request;
  request.set_filter(absl::StrCat("resource = \"", name, "\""));
  request.set_order_by("sequence");
  request.set_page_size(kMostSteps);
  workflow::v1::ListTransitionsResponse all;
  do {
    workflow::v1::ListTransitionsResponse page;
    JIEDUI_RETURN_IF_ERROR(
        session.Call(resource->program, "jiedui.workflow.v1.WorkflowService/ListTransitions", request, &page));
    all.mutable_transitions()->MergeFrom(page.transitions());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::vector<std::vector<std::string>> rows;
  for (const workflow::v1::Transition& step : all.transitions()) {
    rows.push_back({absl::StrCat(step.sequence()), step.date(), step.rpc(), step.from_state(), step.to_state(),
                    step.actor(), step.reason(), step.input_json()});
  }
  PrintRows(session,
            {{"sequence", {"no.", "序号"}, TextTable::Align::kRight},
             {"date", {"date", "日期"}},
             {"rpc", {"step", "步骤"}},
             {"from_state", {"from", "原状态"}},
             {"to_state", {"to", "新状态"}},
             {"actor", {"who", "办理人"}},
             {"reason", {"reason", "原因"}},
             {"input_json", {"with", "填写内容"}}},
            rows);
  return ExitCode::kOk;
}

}  // namespace

std::vector<Flag> StepFlags(const Resource& resource) {
  std::vector<Flag> flags;
  const absl::StatusOr<Declared> declared = DeclaredOf(resource);
  if (!declared.ok()) return flags;
  for (const Transition& transition : declared->workflow->transitions()) {
    for (const FieldDescriptor* field : transition.inputs) {
      const bool known =
          std::any_of(flags.begin(), flags.end(), [field](const Flag& flag) { return flag.name == field->name(); });
      const std::string& title = RulesOf(field).title_zh();
      if (!known) flags.push_back({field->name(), "VALUE", {title, title}, "", "", 0});
    }
  }
  return flags;
}

std::vector<Command> WorkflowCommands() {
  std::vector<Command> commands;
  commands.push_back({"workflows",
                      "[COLLECTION]",
                      0,
                      1,
                      {"state machines as Mermaid diagrams", "工作流状态图（Mermaid）"},
                      {"With -o csv or -o json the transitions as rows.", "用 -o csv 或 -o json 输出各步骤。"},
                      {{"program", "NAME", {"those of one program", "某一服务的工作流"}, "", "", 0}},
                      RunWorkflows});
  commands.push_back(
      {"advance",
       "NAME STEP",
       2,
       2,
       {"take a step of a workflow", "办理工作流的一个步骤"},
       {"STEP is an RPC, e.g. SubmitPlan, or how it begins. Fields that steps take are flags: "
        "jiedui advance NAME --help lists them.",
        "STEP 为步骤名，如 SubmitPlan，可只写开头。步骤要填写的字段都是参数，用 jiedui advance NAME --help 查看。"},
       {{"reason", "TEXT", {"why", "原因"}, "", "", 0},
        {"date", "DATE", {"when it happened; today if not given", "办理日期，默认今天"}, "", "", 0},
        {"etag", "ETAG", {"only if this is the current version", "仅当版本一致时执行"}, "", "", 0},
        {"request_id", "ID", {"the same id is carried out once", "请求号，相同请求号只执行一次"}, "", "", 0},
        {"validate_only", "", {"check everything, write nothing", "仅校验，不写入"}, "", "", 0}},
       RunAdvance});
  commands.push_back({"steps", "NAME", 1, 1, {"the steps that a record has taken", "查看流转记录"}, {}, {}, RunSteps});
  return commands;
}

}  // namespace jiedui::cli
