#include "common/workflow/workflow.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jiedui::workflow {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// "PLAN_STATE_" for PlanState.
std::string PrefixOf(const EnumDescriptor& type) {
  std::string prefix;
  for (const char c : type.name()) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !prefix.empty()) prefix.push_back('_');
    prefix.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  return prefix + "_";
}

const MethodDescriptor* FindMethod(const FileDescriptor& file, const std::string& rpc) {
  for (int i = 0; i < file.service_count(); ++i) {
    if (const MethodDescriptor* method = file.service(i)->FindMethodByName(rpc); method != nullptr) return method;
  }
  return nullptr;
}

bool IsString(const FieldDescriptor* field) {
  return field != nullptr && !field->is_repeated() && field->type() == FieldDescriptor::TYPE_STRING;
}

bool IsSameType(const FieldDescriptor& a, const FieldDescriptor& b) {
  return a.type() == b.type() && a.is_repeated() == b.is_repeated() && a.has_presence() == b.has_presence() &&
         a.message_type() == b.message_type() && a.enum_type() == b.enum_type();
}

// Builds the transitions of one declaration and collects what is wrong with it.
class Builder {
 public:
  Builder(const resource::TablePlan& plan, const FieldDescriptor* state_field, const std::string& prefix)
      : plan_(plan), state_field_(*state_field), prefix_(prefix) {}

  int State(const std::string& name) {
    const auto* value = state_field_.enum_type()->FindValueByName(prefix_ + name);
    if (value == nullptr || value->number() == 0) Problem(absl::StrCat("there is no state ", name));
    return value == nullptr ? 0 : value->number();
  }

  Transition Make(const options::v1::Transition& rule, const options::v1::Workflow& options) {
    Transition transition;
    transition.rule = &rule;
    transition.method = FindMethod(*plan_.descriptor()->file(), rule.rpc());
    for (const std::string& from : rule.from()) transition.from.push_back(State(from));
    transition.to = State(rule.to());
    if (rule.title_zh().empty() || rule.from().empty()) Problem(rule.rpc() + " needs title_zh and from");
    CheckMethod(rule, transition.method);
    auto when = filter::Filter::Parse(rule.when(), plan_.measure_schema());
    if (when.ok()) {
      transition.when = *std::move(when);
    } else {
      Problem(absl::StrCat(rule.rpc(), ".when: ", when.status().message()));
    }
    for (const std::string& field : rule.takes()) AddInput(rule, field, transition);
    transition.required = transition.inputs.size();
    for (const std::string& field : rule.may_take()) AddInput(rule, field, transition);
    for (const options::v1::Stamp& stamp : rule.sets()) AddStamp(rule, stamp, transition);
    for (const std::string& other : rule.not_by()) {
      const bool known = std::any_of(options.transitions().begin(), options.transitions().end(),
                                     [&other](const auto& each) { return each.rpc() == other; });
      if (!known) Problem(absl::StrCat(rule.rpc(), ".not_by: there is no transition ", other));
    }
    return transition;
  }

  // Every state must be one to which an initial state leads, and one answer must fit each call.
  void CheckGraph(const std::vector<int>& initials, const std::vector<Transition>& transitions) {
    std::set<int> reached(initials.begin(), initials.end());
    for (size_t before = 0; before != reached.size();) {
      before = reached.size();
      for (const Transition& each : transitions) {
        for (const int from : each.from) {
          if (reached.count(from) > 0) reached.insert(each.to);
        }
      }
    }
    for (int i = 0; i < state_field_.enum_type()->value_count(); ++i) {
      const auto* value = state_field_.enum_type()->value(i);
      if (value->number() != 0 && reached.count(value->number()) == 0) {
        Problem(absl::StrCat("nothing leads to the state ", value->name()));
      }
    }
    std::set<std::pair<std::string, int>> certain;
    for (const Transition& each : transitions) {
      for (const int from : each.from) {
        if (certain.count({each.rule->rpc(), from}) > 0)
          Problem(absl::StrCat(each.rule->rpc(), " is declared twice for a state"));
        if (each.when.empty()) certain.emplace(each.rule->rpc(), from);
      }
    }
  }

  void Problem(std::string text) { problems_.push_back(std::move(text)); }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  // A field that only the server and transitions write.
  const FieldDescriptor* OwnField(const options::v1::Transition& rule, const std::string& name) {
    const resource::Column* column = plan_.FindColumn(name);
    if (column == nullptr || !column->rule->output_only || column->rule->rules.personal() ||
        column->field == &state_field_) {
      Problem(absl::StrCat(rule.rpc(), ": ", name, " is no output-only field, or a personal one"));
      return nullptr;
    }
    return column->field;
  }

  void CheckMethod(const options::v1::Transition& rule, const MethodDescriptor* method) {
    if (method == nullptr || method->output_type() != plan_.descriptor() ||
        method->options().GetExtension(options::v1::mode) != options::v1::METHOD_MODE_WRITE) {
      Problem(absl::StrCat(rule.rpc(), " is no writing method that answers the resource"));
      return;
    }
    for (const char* field : {"name", "reason", "date", "etag", "request_id"}) {
      if (!IsString(method->input_type()->FindFieldByName(field))) {
        Problem(absl::StrCat("the request of ", rule.rpc(), " has no string ", field));
      }
    }
  }

  void AddInput(const options::v1::Transition& rule, const std::string& name, Transition& transition) {
    const FieldDescriptor* field = OwnField(rule, name);
    if (field == nullptr || transition.method == nullptr) return;
    const FieldDescriptor* given = transition.method->input_type()->FindFieldByName(name);
    if (given == nullptr || !IsSameType(*given, *field)) {
      Problem(absl::StrCat("the request of ", rule.rpc(), " has no field ", name, " of the resource's type"));
    }
    transition.inputs.push_back(field);
  }

  void AddStamp(const options::v1::Transition& rule, const options::v1::Stamp& stamp, Transition& transition) {
    const FieldDescriptor* field = OwnField(rule, stamp.field());
    if (field == nullptr) return;
    if (stamp.value() == options::v1::STAMP_VALUE_UNSPECIFIED ||
        (stamp.value() != options::v1::STAMP_VALUE_EMPTY && !IsString(field))) {
      Problem(absl::StrCat(rule.rpc(), ": ", stamp.field(), " cannot be filled with that"));
    }
    transition.sets.emplace_back(field, stamp.value());
  }

  const resource::TablePlan& plan_;
  const FieldDescriptor& state_field_;
  const std::string& prefix_;
  std::vector<std::string> problems_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Workflow>> Workflow::Build(const resource::TablePlan& plan) {
  std::unique_ptr<Workflow> workflow(new Workflow());
  workflow->plan_ = &plan;
  workflow->options_ = &plan.descriptor()->options().GetExtension(options::v1::workflow);
  const options::v1::Workflow& options = *workflow->options_;
  const resource::Column* state = plan.FindColumn(options.state_field());
  if (state == nullptr || state->type != resource::ColumnType::kEnum || !state->rule->output_only) {
    return absl::InvalidArgumentError(
        absl::StrCat(plan.descriptor()->full_name(), ": state_field is no output-only enum field"));
  }
  workflow->state_field_ = state->field;
  workflow->state_prefix_ = PrefixOf(*state->field->enum_type());
  Builder builder(plan, state->field, workflow->state_prefix_);
  workflow->initials_.push_back(builder.State(options.initial()));
  for (const std::string& name : options.initial_also()) workflow->initials_.push_back(builder.State(name));
  if (!options.begin_field().empty()) {
    const resource::Column* begin = plan.FindColumn(options.begin_field());
    if (begin != nullptr && begin->rule->is_date) {
      workflow->begin_field_ = begin->field;
    } else {
      builder.Problem("begin_field is no date");
    }
  }
  for (const std::string& name : options.editable()) workflow->editable_.push_back(builder.State(name));
  for (const auto& rule : options.transitions()) workflow->transitions_.push_back(builder.Make(rule, options));
  builder.CheckGraph(workflow->initials_, workflow->transitions_);
  if (builder.problems().empty()) return workflow;
  return absl::InvalidArgumentError(
      absl::StrCat(plan.descriptor()->full_name(), ": ", absl::StrJoin(builder.problems(), "; ")));
}

int Workflow::StateOf(const Message& resource) const {
  return resource.GetReflection()->GetEnumValue(resource, state_field_);
}

void Workflow::SetState(Message* resource, int state) const {
  resource->GetReflection()->SetEnumValue(resource, state_field_, state);
}

std::string Workflow::NameOf(int state) const {
  const auto* value = states().FindValueByNumber(state);
  return value == nullptr ? absl::StrCat(state) : value->name().substr(state_prefix_.size());
}

std::string Workflow::TitleOf(int state) const {
  const auto* value = states().FindValueByNumber(state);
  if (value == nullptr) return absl::StrCat(state);
  const std::string& title = value->options().GetExtension(options::v1::value_title_zh);
  return title.empty() ? NameOf(state) : title;
}

bool Workflow::IsEditable(int state) const {
  return std::find(editable_.begin(), editable_.end(), state) != editable_.end();
}

bool Workflow::Applies(const Transition& transition, const Message& resource) const {
  const int state = StateOf(resource);
  return std::find(transition.from.begin(), transition.from.end(), state) != transition.from.end() &&
         transition.when.Matches(resource);
}

const Transition* Workflow::Find(absl::string_view rpc, const Message& resource) const {
  for (const Transition& transition : transitions_) {
    if (transition.rule->rpc() == rpc && Applies(transition, resource)) return &transition;
  }
  return nullptr;
}

std::vector<const Transition*> Workflow::LegalFor(const Message& resource) const {
  std::vector<const Transition*> legal;
  for (const Transition& transition : transitions_) {
    const bool known = std::any_of(legal.begin(), legal.end(),
                                   [&](const Transition* each) { return each->rule->rpc() == transition.rule->rpc(); });
    if (!known && Applies(transition, resource)) legal.push_back(&transition);
  }
  return legal;
}

absl::StatusOr<std::unique_ptr<WorkflowSet>> WorkflowSet::Build(const resource::Registry& registry) {
  auto set = std::make_unique<WorkflowSet>();
  std::vector<std::string> problems;
  for (const resource::TablePlan* plan : registry.plans()) {
    if (!plan->descriptor()->options().HasExtension(options::v1::workflow)) continue;
    auto workflow = Workflow::Build(*plan);
    if (!workflow.ok()) {
      problems.push_back(std::string(workflow.status().message()));
      continue;
    }
    set->by_plan_.emplace(plan, workflow->get());
    set->all_.push_back(*std::move(workflow));
  }
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  return set;
}

const Workflow* WorkflowSet::Find(const resource::TablePlan& plan) const {
  const auto it = by_plan_.find(&plan);
  return it == by_plan_.end() ? nullptr : it->second;
}

}  // namespace jiedui::workflow
