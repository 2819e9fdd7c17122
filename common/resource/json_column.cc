#include "common/resource/json_column.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace jiedui::resource {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string FieldToJson(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  if (field->is_repeated() ? reflection->FieldSize(message, field) == 0 : !reflection->HasField(message, field)) {
    return field->is_repeated() ? "[]" : "null";
  }
  // protobuf prints whole messages: a message that holds only this field is printed and unwrapped.
  std::unique_ptr<Message> holder(message.New());
  if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        reflection->AddMessage(holder.get(), field)->CopyFrom(reflection->GetRepeatedMessage(message, field, i));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        reflection->AddString(holder.get(), field, reflection->GetRepeatedString(message, field, i));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        reflection->AddEnumValue(holder.get(), field, reflection->GetRepeatedEnumValue(message, field, i));
      }
    }
  } else {
    reflection->MutableMessage(holder.get(), field)->CopyFrom(reflection->GetMessage(message, field));
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto status = google::protobuf::util::MessageToJsonString(*holder, &json, options);
  const size_t prefix = field->name().size() + 4;  // {"name":
  return status.ok() && json.size() > prefix ? json.substr(prefix, json.size() - prefix - 1) : "null";
}

absl::Status FieldFromJson(absl::string_view json, const FieldDescriptor* field, Message* message) {
  const auto* reflection = message->GetReflection();
  if (json.empty() || json == "[]" || json == "null") {
    reflection->ClearField(message, field);
    return absl::OkStatus();
  }
  std::unique_ptr<Message> holder(message->New());
  const auto status =
      google::protobuf::util::JsonStringToMessage(absl::StrCat("{\"", field->name(), "\":", json, "}"), holder.get());
  if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(field->name(), ": not JSON of its type"));
  // Text that closes the wrapper early could set other fields; only this one is taken over.
  reflection->ClearField(message, field);
  const std::vector<const FieldDescriptor*> fields = {field};
  reflection->SwapFields(message, holder.get(), fields);
  return absl::OkStatus();
}

}  // namespace jiedui::resource
