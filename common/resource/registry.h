// All resources of a program, found through the gRPC services that it serves.

#ifndef JIEDUI_COMMON_RESOURCE_REGISTRY_H_
#define JIEDUI_COMMON_RESOURCE_REGISTRY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/resource/table_plan.h"

namespace jiedui::resource {

// A count that `parent` keeps over the resources of another plan that refer to it.
struct RollupPlan {
  const TablePlan* parent = nullptr;
  const google::protobuf::FieldDescriptor* count_field = nullptr;  // of the parent
  const google::protobuf::FieldDescriptor* reference = nullptr;    // of the counted resource
  filter::Filter filter;
};

class Registry {
 public:
  // Takes every message with resource options of the files in which `services` (full names) are defined.
  // INVALID_ARGUMENT listing every mistake: plans that cannot be built, collections or tables that are used twice,
  // references to collections that neither exist here nor are divisions or villages, rollups that do not fit.
  static absl::StatusOr<std::unique_ptr<Registry>> Build(absl::Span<const std::string> services);

  // Whether any resource has encrypted fields.
  bool HasCells() const;
  // For all plans; `vault` must outlive the registry.
  void UseVault(const personal::Vault* vault);

  // nullptr when there is none.
  const TablePlan* FindByCollection(absl::string_view collection) const;
  const TablePlan* FindByMessage(const google::protobuf::Descriptor* descriptor) const;
  // The plan of a resource name by its first segment, nullptr when it is not of this program.
  const TablePlan* FindByName(absl::string_view name) const;

  // The history of the resources that have a workflow, nullptr when there are none: "villageTransitions" of
  // jiedui.workflow.v1.Transition.
  const TablePlan* history() const { return history_; }

  // In an order in which references point backwards.
  const std::vector<const TablePlan*>& plans() const { return plans_; }

  // Rollups that change when a resource of `plan` is written.
  const std::vector<RollupPlan>& RollupsOf(const TablePlan& plan) const;

  // Fields of this program's resources that refer to resources of `plan`: a delete looks there first.
  struct Referrer {
    const TablePlan* plan = nullptr;
    const google::protobuf::FieldDescriptor* field = nullptr;
    // The repeated field whose elements have `field`; null where the resource has it.
    const google::protobuf::FieldDescriptor* items = nullptr;
    // ? = full name; in quotes, as JSON has it, with `items`. Empty where they are encrypted, so that no SQL finds it.
    std::string exists_sql;
  };
  const std::vector<Referrer>& ReferrersOf(const TablePlan& plan) const;

 private:
  absl::Status AddHistory();
  absl::Status AddRelations();
  void AddReferrers(const TablePlan& plan, const Reference& reference, const google::protobuf::FieldDescriptor* items,
                    std::vector<std::string>* problems);

  std::vector<std::unique_ptr<TablePlan>> owned_;
  std::vector<const TablePlan*> plans_;
  const TablePlan* history_ = nullptr;
  absl::flat_hash_map<std::string, const TablePlan*> by_collection_;
  absl::flat_hash_map<const google::protobuf::Descriptor*, const TablePlan*> by_message_;
  absl::flat_hash_map<const TablePlan*, std::vector<RollupPlan>> rollups_;
  absl::flat_hash_map<const TablePlan*, std::vector<Referrer>> referrers_;
};

// "villageTransitions", of the package "jiedui.village.v1" of a resource with a workflow.
std::string HistoryCollection(const google::protobuf::Descriptor* resource);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_REGISTRY_H_
