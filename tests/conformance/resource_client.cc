#include "tests/conformance/resource_client.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/resource/request_fields.h"
#include "common/status/macros.h"
#include "google/protobuf/field_mask.pb.h"

namespace jiedui::testing {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string TextOf(const Message& message, const std::string& field) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(field));
}

ResourceClient::ResourceClient(TestProgram& program, const resource::TablePlan& plan, Principal who)
    : program_(program), plan_(plan), who_(std::move(who)) {}

ResourceClient::Call ResourceClient::Start(const std::string& verb, const std::string& noun) const {
  for (const auto& service : program_.table().services()) {
    for (const server::Method* method : service.methods) {
      if (method->descriptor->name() != absl::StrCat(verb, noun)) continue;
      return {method->name, MessagePtr(method->request_prototype->New()),
              MessagePtr(method->response_prototype->New())};
    }
  }
  ADD_FAILURE() << "there is no method " << verb << noun;
  return {};
}

absl::StatusOr<MessagePtr> ResourceClient::Finish(Call call) {
  if (call.request == nullptr) return absl::UnimplementedError("no such method");
  JIEDUI_RETURN_IF_ERROR(program_.Call(call.method, *call.request, call.response.get(), who_));
  return std::move(call.response);
}

void ResourceClient::Set(Message& message, const std::string& field, const std::string& text) {
  message.GetReflection()->SetString(&message, message.GetDescriptor()->FindFieldByName(field), text);
}

void ResourceClient::SetExtras(Message& request, const WriteExtras& extras) {
  Set(request, "request_id", extras.request_id);
  request.GetReflection()->SetBool(&request, request.GetDescriptor()->FindFieldByName("validate_only"),
                                   extras.validate_only);
}

absl::StatusOr<MessagePtr> ResourceClient::Create(const Message& resource, const std::string& id,
                                                  const WriteExtras& extras) {
  Call call = Start("Create", plan_.descriptor()->name());
  const FieldDescriptor* field = resource::FieldOfType(call.request->GetDescriptor(), plan_.descriptor());
  call.request->GetReflection()->MutableMessage(call.request.get(), field)->CopyFrom(resource);
  Set(*call.request, absl::StrCat(field->name(), "_id"), id);
  SetExtras(*call.request, extras);
  return Finish(std::move(call));
}

absl::StatusOr<MessagePtr> ResourceClient::Get(const std::string& name) {
  Call call = Start("Get", plan_.descriptor()->name());
  Set(*call.request, "name", name);
  return Finish(std::move(call));
}

absl::StatusOr<MessagePtr> ResourceClient::Update(const Message& resource, const std::vector<std::string>& mask,
                                                  const WriteExtras& extras) {
  Call call = Start("Update", plan_.descriptor()->name());
  const auto* reflection = call.request->GetReflection();
  const FieldDescriptor* field = resource::FieldOfType(call.request->GetDescriptor(), plan_.descriptor());
  reflection->MutableMessage(call.request.get(), field)->CopyFrom(resource);
  auto* paths = static_cast<google::protobuf::FieldMask*>(
      reflection->MutableMessage(call.request.get(), call.request->GetDescriptor()->FindFieldByName("update_mask")));
  for (const std::string& path : mask) paths->add_paths(path);
  SetExtras(*call.request, extras);
  return Finish(std::move(call));
}

absl::Status ResourceClient::Delete(const std::string& name, const std::string& etag, const WriteExtras& extras) {
  Call call = Start("Delete", plan_.descriptor()->name());
  Set(*call.request, "name", name);
  Set(*call.request, "etag", etag);
  SetExtras(*call.request, extras);
  return Finish(std::move(call)).status();
}

absl::StatusOr<Page> ResourceClient::List(const std::string& filter, const std::string& order_by, int page_size,
                                          const std::string& page_token) {
  // The plural of the method is that of the collection.
  std::string noun = plan_.collection();
  noun[0] = absl::ascii_toupper(static_cast<unsigned char>(noun[0]));
  Call call = Start("List", noun);
  Set(*call.request, "filter", filter);
  Set(*call.request, "order_by", order_by);
  Set(*call.request, "page_token", page_token);
  call.request->GetReflection()->SetInt32(call.request.get(),
                                          call.request->GetDescriptor()->FindFieldByName("page_size"), page_size);
  JIEDUI_ASSIGN_OR_RETURN(const MessagePtr response, Finish(std::move(call)));
  Page page;
  page.next_page_token = TextOf(*response, "next_page_token");
  const FieldDescriptor* items = resource::FieldOfType(response->GetDescriptor(), plan_.descriptor());
  for (int i = 0; i < response->GetReflection()->FieldSize(*response, items); ++i) {
    MessagePtr item(plan_.prototype().New());
    item->CopyFrom(response->GetReflection()->GetRepeatedMessage(*response, items, i));
    page.resources.push_back(std::move(item));
  }
  return page;
}

absl::StatusOr<std::vector<MessagePtr>> ResourceClient::ListAll(const std::string& filter, const std::string& order_by,
                                                                int page_size) {
  std::vector<MessagePtr> all;
  std::string token;
  do {
    JIEDUI_ASSIGN_OR_RETURN(Page page, List(filter, order_by, page_size, token));
    token = page.next_page_token;
    const auto size = static_cast<int>(page.resources.size());
    if (size > page_size || (!token.empty() && size != page_size))
      return absl::InternalError("a page has the wrong size");
    for (MessagePtr& each : page.resources) all.push_back(std::move(each));
  } while (!token.empty());
  return all;
}

}  // namespace jiedui::testing
