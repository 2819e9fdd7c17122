#include "common/resource/request_fields.h"

#include "google/protobuf/field_mask.pb.h"

namespace jiedui::resource {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

const FieldDescriptor* Find(const Message& message, const char* name, FieldDescriptor::CppType type) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && field->cpp_type() == type && !field->is_repeated() ? field : nullptr;
}

}  // namespace

std::string GetString(const Message& message, const char* name) {
  const FieldDescriptor* field = Find(message, name, FieldDescriptor::CPPTYPE_STRING);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

bool GetBool(const Message& message, const char* name) {
  const FieldDescriptor* field = Find(message, name, FieldDescriptor::CPPTYPE_BOOL);
  return field != nullptr && message.GetReflection()->GetBool(message, field);
}

int32_t GetInt32(const Message& message, const char* name) {
  const FieldDescriptor* field = Find(message, name, FieldDescriptor::CPPTYPE_INT32);
  return field == nullptr ? 0 : message.GetReflection()->GetInt32(message, field);
}

int64_t GetInt64(const Message& message, const char* name) {
  const FieldDescriptor* field = Find(message, name, FieldDescriptor::CPPTYPE_INT64);
  return field == nullptr ? 0 : message.GetReflection()->GetInt64(message, field);
}

std::vector<std::string> GetMaskPaths(const Message& message, const char* name) {
  const FieldDescriptor* field = Find(message, name, FieldDescriptor::CPPTYPE_MESSAGE);
  if (field == nullptr || field->message_type() != google::protobuf::FieldMask::descriptor()) return {};
  const auto& mask =
      static_cast<const google::protobuf::FieldMask&>(message.GetReflection()->GetMessage(message, field));
  return {mask.paths().begin(), mask.paths().end()};
}

const FieldDescriptor* FieldOfType(const Descriptor* descriptor, const Descriptor* type) {
  for (int i = 0; i < descriptor->field_count(); ++i) {
    if (descriptor->field(i)->message_type() == type) return descriptor->field(i);
  }
  return nullptr;
}

}  // namespace jiedui::resource
