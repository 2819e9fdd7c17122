// Repeated and nested fields as the JSON text of their column: [{"village":"villages/x","share_ppm":500000}].

#ifndef JIEDUI_COMMON_RESOURCE_JSON_COLUMN_H_
#define JIEDUI_COMMON_RESOURCE_JSON_COLUMN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::resource {

// The JSON of one field, with proto field names and enum names; "[]" or "null" when it is empty.
std::string FieldToJson(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);

// Sets the field from such JSON, replacing what it had. INVALID_ARGUMENT (without the text itself) when it is not JSON of
// the field's type (reason TYPE) or has unknown fields (reason UNKNOWN_FIELD).
absl::Status FieldFromJson(absl::string_view json, const google::protobuf::FieldDescriptor* field,
                           google::protobuf::Message* message);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_JSON_COLUMN_H_
