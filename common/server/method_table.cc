#include "common/server/method_table.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace jiedui::server {

using google::protobuf::DescriptorPool;
using google::protobuf::MessageFactory;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

absl::Status MethodTable::AddService(absl::string_view name) {
  const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
  if (service == nullptr) return absl::NotFoundError(absl::StrCat("no gRPC service ", name));
  Service added;
  added.descriptor = service;
  for (int i = 0; i < service->method_count(); ++i) {
    const MethodDescriptor* descriptor = service->method(i);
    auto method = std::make_unique<Method>();
    method->descriptor = descriptor;
    method->request_prototype = MessageFactory::generated_factory()->GetPrototype(descriptor->input_type());
    method->response_prototype = MessageFactory::generated_factory()->GetPrototype(descriptor->output_type());
    method->name = absl::StrCat(service->full_name(), "/", descriptor->name());
    method->quiet = service->full_name() == "grpc.health.v1.Health" || absl::StartsWith(descriptor->name(), "Sync");
    if (!by_name_.emplace(method->name, method.get()).second) {
      return absl::InvalidArgumentError(absl::StrCat("the service ", name, " was added twice"));
    }
    added.methods.push_back(method.get());
    methods_.push_back(std::move(method));
  }
  services_.push_back(std::move(added));
  return absl::OkStatus();
}

namespace {

absl::Status CheckFree(const Method* method, absl::string_view name, bool stream) {
  if (method == nullptr) return absl::InvalidArgumentError(absl::StrCat("no method ", name));
  const bool is_stream = method->descriptor->client_streaming() || method->descriptor->server_streaming();
  if (is_stream != stream) return absl::InvalidArgumentError(absl::StrCat(name, " is of the other kind"));
  if (method->unary != nullptr || method->stream != nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has a handler already"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MethodTable::AddUnary(absl::string_view name, UnaryHandler handler) {
  const auto it = by_name_.find(name);
  Method* method = it == by_name_.end() ? nullptr : it->second;
  absl::Status status = CheckFree(method, name, false);
  if (status.ok()) method->unary = std::move(handler);
  return status;
}

absl::Status MethodTable::AddStream(absl::string_view name, StreamHandler handler) {
  const auto it = by_name_.find(name);
  Method* method = it == by_name_.end() ? nullptr : it->second;
  absl::Status status = CheckFree(method, name, true);
  if (status.ok()) method->stream = std::move(handler);
  return status;
}

absl::Status MethodTable::CheckComplete() const {
  std::vector<absl::string_view> missing;
  for (const auto& method : methods_) {
    if (method->unary == nullptr && method->stream == nullptr) missing.push_back(method->name);
  }
  if (missing.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("methods without a handler: ", absl::StrJoin(missing, ", ")));
}

const Method* MethodTable::Find(absl::string_view method) const {
  const auto it = by_name_.find(method);
  return it == by_name_.end() ? nullptr : it->second;
}

}  // namespace jiedui::server
