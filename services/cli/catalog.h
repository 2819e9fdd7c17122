// The resources that exist, read from the descriptors that are linked in: their collections, the program that owns each and
// the standard methods. Nothing in the command line is written per resource.

#ifndef JIEDUI_SERVICES_CLI_CATALOG_H_
#define JIEDUI_SERVICES_CLI_CATALOG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/resource/table_plan.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "jiedui/options/v1/options.pb.h"

namespace jiedui::cli {

struct Resource {
  const google::protobuf::Descriptor* message = nullptr;
  const options::v1::ResourceOptions* options = nullptr;
  std::string program;  // "village": the second part of the proto package
  // Standard methods, nullptr where the service has none.
  const google::protobuf::MethodDescriptor* get = nullptr;
  const google::protobuf::MethodDescriptor* list = nullptr;
  const google::protobuf::MethodDescriptor* create = nullptr;
  const google::protobuf::MethodDescriptor* update = nullptr;
  const google::protobuf::MethodDescriptor* remove = nullptr;
  // Of the history of a program's workflows: the collections whose steps it holds.
  std::vector<std::string> history_of;

  const std::string& collection() const { return options->collection(); }
  // Nobody else records any of them, as the accounts of a ledger; they are read and exported only.
  bool IsKeptByItsProgram() const { return create == nullptr && history_of.empty(); }
};

class Catalog {
 public:
  // All resources of the programs linked in, ordered by program and file.
  static const Catalog& Get();

  const std::vector<Resource>& resources() const { return resources_; }
  // Every method of the linked services, by file and service.
  const std::vector<const google::protobuf::MethodDescriptor*>& methods() const { return methods_; }
  // nullptr when there is no such collection.
  const Resource* Find(absl::string_view collection) const;
  // Usage error that names the nearest collection.
  absl::StatusOr<const Resource*> Require(absl::string_view collection) const;
  // The resource type of "villages/120119901201". Usage error when the name has another form.
  absl::StatusOr<const Resource*> RequireByName(absl::string_view name) const;

 private:
  Catalog();
  void AddHistories();

  std::vector<Resource> resources_;
  std::vector<const google::protobuf::MethodDescriptor*> methods_;
  std::vector<std::unique_ptr<options::v1::ResourceOptions>> history_options_;
};

// The plan of a resource's columns; the servers would not start if it could not be built.
std::unique_ptr<resource::TablePlan> PlanOf(const Resource& resource);

// Collections that must be there before a record of `resource` can be: those that its fields, also nested ones, refer to,
// and the years, in which every record counts. Without the resource itself.
std::vector<std::string> Prerequisites(const Resource& resource);

// `resources` so that each stands behind what it refers to; otherwise in the order of the catalog.
std::vector<const Resource*> InImportOrder(std::vector<const Resource*> resources);

// A node and the nodes that must come before it.
using Dependencies = std::vector<std::pair<std::string, std::vector<std::string>>>;

// Names of `nodes` with every node behind its prerequisites; ties in the given order. Prerequisites that are no nodes are
// not looked at; nodes of a cycle come last.
std::vector<std::string> TopologicalOrder(const Dependencies& nodes);

// "jiedui.village.v1.DivisionService/GetVillage".
std::string MethodPath(const google::protobuf::MethodDescriptor* method);

// A new, empty message of a linked type.
std::unique_ptr<google::protobuf::Message> NewMessage(const google::protobuf::Descriptor* descriptor);

const options::v1::FieldRules& RulesOf(const google::protobuf::FieldDescriptor* field);

// The elements of a List response: its only repeated field of messages.
const google::protobuf::FieldDescriptor* PageField(const google::protobuf::Descriptor* response);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_CATALOG_H_
