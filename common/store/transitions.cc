// Steps of workflows: the one place where the state of a resource changes.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/field_mask.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/engine.h"
#include "common/store/errors.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/json_util.h"

namespace jiedui::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::RowVersion;
using resource::TablePlan;
using workflow::Transition;
using workflow::Workflow;

// "SubmitPlan (to SUBMITTED), WithdrawPlan (to DRAFT)" in both languages.
Text LegalSteps(const Workflow& workflow, const Message& resource) {
  std::vector<std::string> en, zh;
  for (const Transition* each : workflow.LegalFor(resource)) {
    en.push_back(absl::StrCat(each->rule->rpc(), " (to ", workflow.NameOf(each->to), ")"));
    zh.push_back(
        absl::StrCat(each->rule->title_zh(), "(", each->rule->rpc(), "，转为", workflow.TitleOf(each->to), ")"));
  }
  return {en.empty() ? "nothing" : absl::StrJoin(en, ", "), zh.empty() ? "无" : absl::StrJoin(zh, "、")};
}

absl::Status IllegalStep(const Workflow& workflow, const workflow::v1::Transition& step, const Message& resource) {
  const int state = workflow.StateOf(resource);
  const Text legal = LegalSteps(workflow, resource);
  std::vector<std::string> rpcs;
  for (const Transition* each : workflow.LegalFor(resource)) rpcs.push_back(each->rule->rpc());
  return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                   {absl::StrCat(step.resource(), " is ", workflow.NameOf(state), ", from which ", step.rpc(),
                                 " does not lead on; possible: ", legal.en),
                    absl::StrCat(step.resource(), " 处于“", workflow.TitleOf(state), "”状态，不能执行 ", step.rpc(),
                                 "；可执行：", legal.zh)},
                   {{"state", workflow.NameOf(state)}, {"legal", absl::StrJoin(rpcs, ",")}});
}

absl::Status UnknownStep(const Workflow& workflow) {
  std::vector<std::string> rpcs;
  for (const Transition& each : workflow.transitions()) {
    if (rpcs.empty() || rpcs.back() != each.rule->rpc()) rpcs.push_back(each.rule->rpc());
  }
  Violations violations;
  violations.Add("rpc", error::v1::REASON_ENUM,
                 {absl::StrCat("is none of ", absl::StrJoin(rpcs, ", ")),
                  absl::StrCat("应为 ", absl::StrJoin(rpcs, "、"), " 之一")});
  return violations.ToStatus();
}

absl::Status NotPermitted(Text text) {
  return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION, std::move(text));
}

std::string TitleOf(const google::protobuf::EnumValueDescriptor* value) {
  return value->options().GetExtension(options::v1::value_title_zh);
}

// What a step takes, read from its JSON into a resource.
absl::Status ReadInputs(const std::string& json, const Transition& transition, Message* inputs,
                        Violations& violations) {
  if (json.empty()) return absl::OkStatus();
  if (!google::protobuf::util::JsonStringToMessage(json, inputs).ok()) {
    violations.Add("input_json", error::v1::REASON_FORMAT,
                   {"is no JSON of fields of the resource", "不是该资源字段的JSON"});
    return absl::OkStatus();
  }
  std::vector<const FieldDescriptor*> given;
  inputs->GetReflection()->ListFields(*inputs, &given);
  for (const FieldDescriptor* field : given) {
    if (std::find(transition.inputs.begin(), transition.inputs.end(), field) != transition.inputs.end()) continue;
    violations.Add(
        "input_json", error::v1::REASON_UNKNOWN_FIELD,
        {absl::StrCat(field->name(), " is not taken by this step"), absl::StrCat("该步骤不填写 ", field->name())});
  }
  return absl::OkStatus();
}

std::string InputsAsJson(const Message& inputs) {
  std::vector<const FieldDescriptor*> given;
  inputs.GetReflection()->ListFields(inputs, &given);
  if (given.empty()) return "";
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  return google::protobuf::util::MessageToJsonString(inputs, &json, options).ok() ? json : "";
}

// Makes `after` what the step makes of it, except for what policies derive.
void Apply(const Workflow& workflow, const Transition& transition, const workflow::v1::Transition& step,
           const Message& inputs, Message* after) {
  workflow.SetState(after, transition.to);
  for (const FieldDescriptor* field : transition.inputs) resource::CopyField(inputs, field, field, after);
  const auto* reflection = after->GetReflection();
  for (const auto& [field, value] : transition.sets) {
    switch (value) {
      case options::v1::STAMP_VALUE_ACTOR:
        reflection->SetString(after, field, step.actor());
        break;
      case options::v1::STAMP_VALUE_DATE:
        reflection->SetString(after, field, step.date());
        break;
      case options::v1::STAMP_VALUE_REASON:
        reflection->SetString(after, field, step.reason());
        break;
      default:
        reflection->ClearField(after, field);
        break;
    }
  }
}

void CheckBegin(const FieldDescriptor* field, const Message& resource, const std::string& date,
                Violations& violations) {
  if (field == nullptr) return;
  std::string scratch;
  const std::string& begin = resource.GetReflection()->GetStringReference(resource, field, &scratch);
  if (date >= begin) return;
  violations.Add("date", error::v1::REASON_RULE,
                 {absl::StrCat("must not be before ", field->name(), ", ", begin),
                  absl::StrCat("不得早于", field->options().GetExtension(options::v1::rules).title_zh(), " ", begin)});
}

void CheckInputs(const TablePlan& plan, const Transition& transition, const Message& inputs, Violations& violations) {
  plan.rules().ValidateFields(inputs, transition.inputs, violations);
  for (size_t i = 0; i < transition.required; ++i) {
    if (resource::IsSet(inputs, transition.inputs[i])) continue;
    violations.Add(transition.inputs[i]->name(), error::v1::REASON_REQUIRED, {"must be set", "必填"});
  }
}

}  // namespace

WriteHandler Engine::TransitionHandler(const TablePlan& plan, const std::string& rpc) const {
  return [this, &plan, rpc](UnitOfWork& work, const Message& request, Message* response) -> absl::Status {
    workflow::v1::Transition step;
    step.set_resource(resource::GetString(request, "name"));
    step.set_rpc(rpc);
    step.set_reason(resource::GetString(request, "reason"));
    step.set_date(resource::GetString(request, "date"));
    if (plan.IdOf(step.resource()).empty()) return BadName(plan);
    // All transitions of an RPC have its request; what the one that is meant does not take is refused there.
    std::unique_ptr<Message> inputs(plan.prototype().New());
    for (const Transition& transition : WorkflowOf(plan)->transitions()) {
      if (transition.rule->rpc() != rpc) continue;
      for (const FieldDescriptor* field : transition.inputs) {
        resource::CopyField(request, request.GetDescriptor()->FindFieldByName(field->name()), field, inputs.get());
      }
    }
    step.set_input_json(InputsAsJson(*inputs));
    return work.Advance(step, resource::GetString(request, "etag"), "", response);
  };
}

absl::Status UnitOfWork::Advance(workflow::v1::Transition& step, absl::string_view etag, absl::string_view id,
                                 Message* resource) {
  const TablePlan* plan = engine_.registry().FindByName(step.resource());
  const Workflow* workflow = plan == nullptr ? nullptr : engine_.WorkflowOf(*plan);
  if (workflow == nullptr) return absl::InternalError("a step of a resource without a workflow");
  // Before anything is read: a refusal tells the resource's state. Which role the step asks for is known only then.
  JIEDUI_RETURN_IF_ERROR(CheckMaySee(engine_.registry(), *plan, context_.principal));
  JIEDUI_RETURN_IF_ERROR(CheckMayWrite(context_.principal));
  // Locked to the end of the transaction: the next number and state are nobody else's.
  std::unique_ptr<Message> before(plan->prototype().New());
  RowVersion version;
  JIEDUI_RETURN_IF_ERROR(GetForUpdate(*plan, step.resource(), before.get(), &version));
  if (!etag.empty() && etag != resource::EtagOf(version)) return EtagMismatch(resource::EtagOf(version));
  const Transition* transition = workflow->Find(step.rpc(), *before);
  if (transition == nullptr) {
    for (const Transition& each : workflow->transitions()) {
      if (each.rule->rpc() == step.rpc()) return IllegalStep(*workflow, step, *before);
    }
    return UnknownStep(*workflow);
  }
  if (step.actor().empty()) step.set_actor(context_.principal.id);
  JIEDUI_RETURN_IF_ERROR(CheckActor(*transition, step));

  JIEDUI_ASSIGN_OR_RETURN(const auto last, LastStep(step.resource()));
  Violations violations;
  std::unique_ptr<Message> inputs(plan->prototype().New());
  JIEDUI_RETURN_IF_ERROR(ReadInputs(step.input_json(), *transition, inputs.get(), violations));
  if (step.date().empty()) step.set_date(today());
  if (step.date() > today()) {
    violations.Add("date", error::v1::REASON_RULE, {"must not be in the future", "不得晚于今天"});
  } else if (step.date() < last.second) {
    violations.Add("date", error::v1::REASON_RULE,
                   {absl::StrCat("must not be before the step before it, ", last.second),
                    absl::StrCat("不得早于上一步骤的日期 ", last.second)});
  }
  CheckBegin(workflow->begin_field(), *before, step.date(), violations);
  if (step.reason().empty() && transition->rule->reason_required()) {
    violations.Add("reason", error::v1::REASON_REQUIRED, {"must be set", "必填"});
  }
  const TablePlan& history = *engine_.registry().history();
  history.rules().Validate(step, "", violations);
  CheckInputs(*plan, *transition, *inputs, violations);

  std::unique_ptr<Message> after(before->New());
  after->CopyFrom(*before);
  Apply(*workflow, *transition, step, *inputs, after.get());
  JIEDUI_RETURN_IF_ERROR(Prepare(*plan, before.get(), after.get()));
  for (const std::string& guard : transition->rule->guards()) {
    JIEDUI_RETURN_IF_ERROR(engine_.GuardOf(guard)(*this, {*before, *after, step}, violations));
  }
  JIEDUI_RETURN_IF_ERROR(Check(*plan, before.get(), *after, violations));

  const bool outer = std::exchange(broken_, true);  // until both rows are there
  JIEDUI_RETURN_IF_ERROR(ReplaceRow(*plan, *before, version, after.get(), DifferenceOf(*plan, *before, *after)));
  step.set_name(history.NameOf(id.empty() ? engine_.NewResourceId() : id));
  step.set_input_json(InputsAsJson(*inputs));
  step.set_sequence(last.first + 1);
  step.set_from_state(workflow->NameOf(workflow->StateOf(*before)));
  step.set_to_state(workflow->NameOf(transition->to));
  step.set_site(
      plan->options().scope_field().empty() ? "" : resource::GetString(*after, plan->options().scope_field().c_str()));
  JIEDUI_RETURN_IF_ERROR(Insert(history, &step));
  broken_ = outer;
  resource->GetReflection()->Swap(resource, after.get());
  return absl::OkStatus();
}

absl::StatusOr<UnitOfWork::Change> UnitOfWork::PutStep(absl::string_view id, const Message& row) {
  workflow::v1::Transition step = static_cast<const workflow::v1::Transition&>(row);
  const TablePlan& plan = *engine_.registry().FindByName(step.resource());
  std::unique_ptr<Message> resource(plan.prototype().New());
  JIEDUI_RETURN_IF_ERROR(Advance(step, "", id, resource.get()));
  return Change::kCreated;
}

absl::Status UnitOfWork::CheckActor(const Transition& transition, const workflow::v1::Transition& step) {
  const options::v1::Transition& rule = *transition.rule;
  const Principal& caller = context_.principal;
  const bool from_paper = step.actor() != caller.id;
  if (from_paper && !caller.HasRole(options::v1::ROLE_ADMINISTRATOR)) {
    return NotPermitted({"only an administrator records steps of others", "只有管理员可补录他人办理的步骤"});
  }
  if (!caller.HasRole(rule.role()) && rule.role() != options::v1::ROLE_UNSPECIFIED) {
    const auto* role = options::v1::Role_descriptor()->FindValueByNumber(rule.role());
    return NotPermitted({absl::StrCat(rule.rpc(), " asks for the role ", role->name()),
                         absl::StrCat(rule.title_zh(), "须由“", TitleOf(role), "”角色办理")});
  }
  const bool level_known =
      caller.level != options::v1::LEVEL_UNSPECIFIED && rule.level() != options::v1::LEVEL_UNSPECIFIED;
  if (level_known && !from_paper && caller.level != rule.level()) {
    const auto* level = options::v1::Level_descriptor()->FindValueByNumber(rule.level());
    return NotPermitted({absl::StrCat(rule.rpc(), " is for the level ", level->name()),
                         absl::StrCat(rule.title_zh(), "由", TitleOf(level), "级办理")});
  }
  if (rule.not_by_author()) {
    JIEDUI_ASSIGN_OR_RETURN(const bool wrote, HasWritten(*transition.method, step));
    if (wrote) {
      return NotPermitted({absl::StrCat("who has written ", step.resource(), " cannot do ", rule.rpc()),
                           absl::StrCat("录入或修改过 ", step.resource(), " 的人不能办理", rule.title_zh())});
    }
  }
  for (const std::string& other : rule.not_by()) {
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * done,
        transaction_.Prepare("SELECT 1 FROM workflow_transition WHERE resource = ? AND rpc = ? AND actor = ? LIMIT 1"));
    done->BindText(0, step.resource());
    done->BindText(1, other);
    done->BindText(2, step.actor());
    JIEDUI_ASSIGN_OR_RETURN(const bool found, done->Step());
    if (found) {
      return NotPermitted({absl::StrCat("who did ", other, " cannot do ", rule.rpc()),
                           absl::StrCat("已办理 ", other, " 的人不能再办理", rule.title_zh())});
    }
  }
  return absl::OkStatus();
}

// Entries of other methods are what followed by itself, and the steps.
absl::StatusOr<bool> UnitOfWork::HasWritten(const google::protobuf::MethodDescriptor& method,
                                            const workflow::v1::Transition& step) {
  const std::string created = absl::StrCat(method.service()->full_name(), "/Create", method.output_type()->name());
  const std::string updated = absl::StrCat(method.service()->full_name(), "/Update", method.output_type()->name());
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * wrote,
      transaction_.Prepare(
          "SELECT 1 FROM audit_entry WHERE resource = ? AND principal = ? AND method IN (?, ?, ?) LIMIT 1"));
  wrote->BindText(0, step.resource());
  wrote->BindText(1, step.actor());
  wrote->BindText(2, created);
  wrote->BindText(3, updated);
  wrote->BindText(4, "jiedui.bulk.v1.BulkService/Import");
  return wrote->Step();
}

// Read committed: what was committed before the resource was locked is seen.
absl::StatusOr<std::pair<int32_t, std::string>> UnitOfWork::LastStep(absl::string_view resource) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * last,
      transaction_.Prepare(
          "SELECT sequence, date FROM workflow_transition WHERE resource = ? ORDER BY sequence DESC LIMIT 1"));
  last->BindText(0, resource);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, last->Step());
  if (!found) return std::make_pair(0, std::string());
  return std::make_pair(static_cast<int32_t>(last->Int(0)), std::string(last->Text(1)));
}

absl::Status UnitOfWork::CheckEditable(const TablePlan& plan, const Message& before) {
  const Workflow* workflow = engine_.WorkflowOf(plan);
  if (workflow == nullptr || workflow->IsEditable(workflow->StateOf(before))) return absl::OkStatus();
  const int state = workflow->StateOf(before);
  std::vector<std::string> zh;
  for (int i = 0; i < workflow->states().value_count(); ++i) {
    const int each = workflow->states().value(i)->number();
    if (workflow->IsEditable(each)) zh.push_back(workflow->TitleOf(each));
  }
  const std::string editable = absl::StrJoin(workflow->options().editable(), ", ");
  return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                   {absl::StrCat("is ", workflow->NameOf(state), ": fields can be changed only while ",
                                 editable.empty() ? "never" : editable),
                    absl::StrCat("处于“", workflow->TitleOf(state), "”状态，",
                                 zh.empty() ? "内容不可修改" : "只有以下状态可修改：", absl::StrJoin(zh, "、"))},
                   {{"state", workflow->NameOf(state)}});
}

void UnitOfWork::SetInitialState(const TablePlan& plan, Message* resource) {
  const Workflow* workflow = engine_.WorkflowOf(plan);
  if (workflow != nullptr) workflow->SetState(resource, workflow->initial());
}

absl::Status UnitOfWork::CheckInitialState(const TablePlan& plan, const Message& resource) const {
  const Workflow* workflow = engine_.WorkflowOf(plan);
  if (workflow == nullptr) return absl::OkStatus();
  const std::vector<int>& initials = workflow->initials();
  if (std::find(initials.begin(), initials.end(), workflow->StateOf(resource)) != initials.end())
    return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat(plan.collection(), " cannot begin as ", workflow->NameOf(workflow->StateOf(resource))));
}

}  // namespace jiedui::store
