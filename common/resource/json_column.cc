#include "common/resource/json_column.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "google/protobuf/util/json_util.h"

namespace jiedui::resource {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

// Whether `wrapped` is JSON of an object whose only field is `field`. Text that closes the wrapper early could set others.
bool ParseWrapped(const std::string& wrapped, const FieldDescriptor* field, bool ignore_unknown, Message* holder) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = ignore_unknown;
  holder->Clear();
  if (!google::protobuf::util::JsonStringToMessage(wrapped, holder, options).ok()) return false;
  std::vector<const FieldDescriptor*> set;
  holder->GetReflection()->ListFields(*holder, &set);
  return set.empty() || (set.size() == 1 && set[0] == field);
}

}  // namespace

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
  const std::string wrapped = absl::StrCat("{\"", field->name(), "\":", json, "}");
  if (!ParseWrapped(wrapped, field, /*ignore_unknown=*/false, holder.get())) {
    const bool unknown = ParseWrapped(wrapped, field, /*ignore_unknown=*/true, holder.get());
    return MakeError(absl::StatusCode::kInvalidArgument, unknown ? error::v1::REASON_UNKNOWN_FIELD : error::v1::REASON_TYPE,
                     {absl::StrCat(field->name(), unknown ? " has a JSON field that does not exist" : " is not JSON of its type"),
                      absl::StrCat(field->name(), unknown ? " 的JSON中有不存在的字段" : " 不是相应类型的JSON")});
  }
  reflection->ClearField(message, field);
  const std::vector<const FieldDescriptor*> fields = {field};
  reflection->SwapFields(message, holder.get(), fields);
  return absl::OkStatus();
}

}  // namespace jiedui::resource
