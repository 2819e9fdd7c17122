// Fields of requests that the engine finds by their AIP names.

#ifndef JIEDUI_COMMON_RESOURCE_REQUEST_FIELDS_H_
#define JIEDUI_COMMON_RESOURCE_REQUEST_FIELDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::resource {

// The text, or "" when the message has no such field.
std::string GetString(const google::protobuf::Message& message, const char* field);

// The flag, or false when the message has no such field.
bool GetBool(const google::protobuf::Message& message, const char* field);

// The number, or 0 when the message has no such field.
int32_t GetInt32(const google::protobuf::Message& message, const char* field);
int64_t GetInt64(const google::protobuf::Message& message, const char* field);

// The paths of a google.protobuf.FieldMask field, empty when there is none.
std::vector<std::string> GetMaskPaths(const google::protobuf::Message& message, const char* field);

// The first field of `descriptor` with the message type `type`, nullptr when there is none.
const google::protobuf::FieldDescriptor* FieldOfType(const google::protobuf::Descriptor* descriptor,
                                                     const google::protobuf::Descriptor* type);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_REQUEST_FIELDS_H_
