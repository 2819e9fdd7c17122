// Workflows of resources: state machines declared as an option of the message (jiedui.options.v1.Workflow), bound here to the
// descriptors and checked. What runs them is the store.

#ifndef JIEDUI_COMMON_WORKFLOW_WORKFLOW_H_
#define JIEDUI_COMMON_WORKFLOW_WORKFLOW_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/resource/registry.h"
#include "common/resource/table_plan.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "jiedui/options/v1/options.pb.h"

namespace jiedui::workflow {

// A transition with everything looked up.
struct Transition {
  const options::v1::Transition* rule = nullptr;
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::vector<int> from;
  int to = 0;
  filter::Filter when;
  // Fields of the resource that the request gives: the first `required` of them must be set.
  std::vector<const google::protobuf::FieldDescriptor*> inputs;
  size_t required = 0;
  std::vector<std::pair<const google::protobuf::FieldDescriptor*, options::v1::StampValue>> sets;
};

class Workflow {
 public:
  // INVALID_ARGUMENT listing everything in the declaration of `plan`'s message that does not fit.
  static absl::StatusOr<std::unique_ptr<Workflow>> Build(const resource::TablePlan& plan);

  const resource::TablePlan& plan() const { return *plan_; }
  const options::v1::Workflow& options() const { return *options_; }
  const std::vector<Transition>& transitions() const { return transitions_; }
  const google::protobuf::EnumDescriptor& states() const { return *state_field_->enum_type(); }
  // States of a new resource: the one that it has unless its policy sets another one of them.
  int initial() const { return initials_.front(); }
  const std::vector<int>& initials() const { return initials_; }
  // The date before which no step is; null when the declaration names none.
  const google::protobuf::FieldDescriptor* begin_field() const { return begin_field_; }

  int StateOf(const google::protobuf::Message& resource) const;
  void SetState(google::protobuf::Message* resource, int state) const;
  // "DRAFT" for PLAN_STATE_DRAFT; the number for one that is not declared.
  std::string NameOf(int state) const;
  // The Chinese term, or the name where it has none.
  std::string TitleOf(int state) const;
  bool IsEditable(int state) const;

  // The transition that `rpc` means for `resource` as it is; nullptr when its state does not allow it.
  const Transition* Find(absl::string_view rpc, const google::protobuf::Message& resource) const;
  // Those that the state of `resource` allows, whoever asks.
  std::vector<const Transition*> LegalFor(const google::protobuf::Message& resource) const;

 private:
  Workflow() = default;
  bool Applies(const Transition& transition, const google::protobuf::Message& resource) const;

  const resource::TablePlan* plan_ = nullptr;
  const options::v1::Workflow* options_ = nullptr;
  const google::protobuf::FieldDescriptor* state_field_ = nullptr;
  std::string state_prefix_;
  std::vector<int> initials_;
  const google::protobuf::FieldDescriptor* begin_field_ = nullptr;
  std::vector<int> editable_;
  std::vector<Transition> transitions_;
};

// All workflows of a program.
class WorkflowSet {
 public:
  // INVALID_ARGUMENT listing every mistake.
  static absl::StatusOr<std::unique_ptr<WorkflowSet>> Build(const resource::Registry& registry);

  // nullptr when the resource has none.
  const Workflow* Find(const resource::TablePlan& plan) const;
  const std::vector<std::unique_ptr<Workflow>>& all() const { return all_; }

 private:
  std::vector<std::unique_ptr<Workflow>> all_;
  absl::flat_hash_map<const resource::TablePlan*, const Workflow*> by_plan_;
};

}  // namespace jiedui::workflow

#endif  // JIEDUI_COMMON_WORKFLOW_WORKFLOW_H_
