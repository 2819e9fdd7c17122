#include "services/cli/catalog.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/resource/registry.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor_database.h"
#include "jiedui/workflow/v1/workflow.pb.h"
#include "services/cli/arguments.h"

namespace jiedui::cli {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::FileDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::MessageFactory;
using ::google::protobuf::MethodDescriptor;
using ::google::protobuf::ServiceDescriptor;

constexpr absl::string_view kProtoFolder = "jiedui/";
constexpr absl::string_view kYears = "programmeYears";

std::vector<const FileDescriptor*> LinkedFiles() {
  std::vector<std::string> names;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&names);
  std::sort(names.begin(), names.end());
  std::vector<const FileDescriptor*> files;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, kProtoFolder)) files.push_back(DescriptorPool::generated_pool()->FindFileByName(name));
  }
  return files;
}

const MethodDescriptor* FindList(const ServiceDescriptor* service, const Descriptor* message) {
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* method = service->method(i);
    const FieldDescriptor* page = PageField(method->output_type());
    if (absl::StartsWith(method->name(), "List") && page != nullptr && page->message_type() == message) return method;
  }
  return nullptr;
}

void FindMethods(const ServiceDescriptor* service, Resource& resource) {
  const MethodDescriptor* get = service->FindMethodByName(absl::StrCat("Get", resource.message->name()));
  if (get == nullptr || get->output_type() != resource.message) return;
  resource.get = get;
  resource.list = FindList(service, resource.message);
  resource.create = service->FindMethodByName(absl::StrCat("Create", resource.message->name()));
  resource.update = service->FindMethodByName(absl::StrCat("Update", resource.message->name()));
  resource.remove = service->FindMethodByName(absl::StrCat("Delete", resource.message->name()));
}

void AddReferences(const Descriptor* message, std::set<std::string>& collections) {
  for (int i = 0; i < message->field_count(); ++i) {
    const FieldDescriptor* field = message->field(i);
    const auto& references = RulesOf(field).reference_to();
    collections.insert(references.begin(), references.end());
    if (field->message_type() != nullptr && field->message_type()->file() == message->file()) {
      AddReferences(field->message_type(), collections);
    }
  }
}

}  // namespace

Catalog::Catalog() {
  for (const FileDescriptor* file : LinkedFiles()) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) methods_.push_back(file->service(i)->method(j));
    }
    for (int i = 0; i < file->message_type_count(); ++i) {
      const Descriptor* message = file->message_type(i);
      if (!message->options().HasExtension(options::v1::resource)) continue;
      Resource resource;
      resource.message = message;
      resource.options = &message->options().GetExtension(options::v1::resource);
      const std::vector<std::string> package = absl::StrSplit(file->package(), '.');
      resource.program = package.size() > 1 ? package[1] : "";
      for (int j = 0; j < file->service_count(); ++j) FindMethods(file->service(j), resource);
      // Each program has its own of these.
      if (message != workflow::v1::Transition::descriptor()) resources_.push_back(resource);
    }
  }
  AddHistories();
}

void Catalog::AddHistories() {
  std::map<std::string, Resource> histories;
  for (const Resource& resource : resources_) {
    if (!resource.message->options().HasExtension(options::v1::workflow)) continue;
    Resource& history = histories[resource::HistoryCollection(resource.message)];
    history.program = resource.program;
    history.history_of.push_back(resource.collection());
  }
  for (auto& [collection, history] : histories) {
    history.message = workflow::v1::Transition::descriptor();
    auto options =
        std::make_unique<options::v1::ResourceOptions>(history.message->options().GetExtension(options::v1::resource));
    options->set_collection(collection);
    history.options = options.get();
    history_options_.push_back(std::move(options));
    FindMethods(history.message->file()->service(0), history);
    resources_.push_back(std::move(history));
  }
}

const Catalog& Catalog::Get() {
  static const Catalog* const kCatalog = new Catalog;
  return *kCatalog;
}

const Resource* Catalog::Find(absl::string_view collection) const {
  for (const Resource& resource : resources_) {
    if (resource.collection() == collection) return &resource;
  }
  return nullptr;
}

absl::StatusOr<const Resource*> Catalog::Require(absl::string_view collection) const {
  if (const Resource* resource = Find(collection); resource != nullptr) return resource;
  std::vector<std::string> names;
  for (const Resource& resource : resources_) names.push_back(resource.collection());
  const std::string nearest = NearestTo(collection, names);
  if (!nearest.empty()) {
    return UsageError({absl::StrCat("there is no collection \"", collection, "\"; did you mean ", nearest, "?"),
                       absl::StrCat("没有资源 ", collection, "；是否想用 ", nearest, "？")});
  }
  return UsageError({absl::StrCat("there is no collection \"", collection, "\"; `jiedui collections` lists them"),
                     absl::StrCat("没有资源 ", collection, "；用 jiedui collections 查看全部")});
}

absl::StatusOr<const Resource*> Catalog::RequireByName(absl::string_view name) const {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(name, absl::MaxSplits('/', 1));
  if (!parts.first.empty() && !parts.second.empty()) return Require(parts.first);
  return UsageError({absl::StrCat("\"", name, "\" is no resource name; one looks like villages/120119901201"),
                     absl::StrCat("“", name, "”不是资源名；资源名形如 villages/120119901201")});
}

std::unique_ptr<resource::TablePlan> PlanOf(const Resource& resource) {
  auto plan = resource.history_of.empty() ? resource::TablePlan::Build(resource.message)
                                          : resource::TablePlan::BuildShared(resource.message, resource.collection(),
                                                                             "resource", resource.history_of);
  if (!plan.ok()) {
    std::cerr << plan.status().message() << std::endl;
    std::abort();
  }
  return *std::move(plan);
}

std::vector<std::string> Prerequisites(const Resource& resource) {
  std::set<std::string> collections = {std::string(kYears)};
  AddReferences(resource.message, collections);
  collections.insert(resource.history_of.begin(), resource.history_of.end());
  // An allocation's project may be of either program, so its name is no reference that the options know.
  if (resource.collection() == "fundAllocations") collections.insert({"industryProjects", "constructionProjects"});
  // Nor does a row that counts against a demand name it.
  if (resource.collection() == "personTrainings") collections.insert("trainingDemands");
  collections.erase(resource.collection());
  // The years refer to nothing, so that they can come first.
  if (resource.collection() == kYears) collections.clear();
  return {collections.begin(), collections.end()};
}

std::vector<const Resource*> InImportOrder(std::vector<const Resource*> resources) {
  std::sort(resources.begin(), resources.end());
  Dependencies nodes;
  for (const Resource* resource : resources) nodes.emplace_back(resource->collection(), Prerequisites(*resource));
  std::vector<const Resource*> ordered;
  for (const std::string& name : TopologicalOrder(nodes)) ordered.push_back(Catalog::Get().Find(name));
  return ordered;
}

std::vector<std::string> TopologicalOrder(const Dependencies& nodes) {
  std::set<std::string> waiting;
  for (const auto& [name, prerequisites] : nodes) waiting.insert(name);
  std::vector<std::string> ordered;
  while (!waiting.empty()) {
    const auto ready = std::find_if(nodes.begin(), nodes.end(), [&waiting](const auto& node) {
      return waiting.contains(node.first) &&
             std::none_of(node.second.begin(), node.second.end(), [&](const std::string& prerequisite) {
               return prerequisite != node.first && waiting.contains(prerequisite);
             });
    });
    if (ready == nodes.end()) break;
    ordered.push_back(ready->first);
    waiting.erase(ready->first);
  }
  for (const auto& [name, prerequisites] : nodes) {
    if (waiting.contains(name)) ordered.push_back(name);
  }
  return ordered;
}

std::string MethodPath(const MethodDescriptor* method) {
  return absl::StrCat(method->service()->full_name(), "/", method->name());
}

std::unique_ptr<Message> NewMessage(const Descriptor* descriptor) {
  return std::unique_ptr<Message>(MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

const options::v1::FieldRules& RulesOf(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::rules);
}

const FieldDescriptor* PageField(const Descriptor* response) {
  for (int i = 0; i < response->field_count(); ++i) {
    const FieldDescriptor* field = response->field(i);
    if (field->is_repeated() && field->message_type() != nullptr) return field;
  }
  return nullptr;
}

}  // namespace jiedui::cli
