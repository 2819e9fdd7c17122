// Update masks (AIP-134) and the comparisons that updates need.

#ifndef JIEDUI_COMMON_RESOURCE_FIELD_MASK_H_
#define JIEDUI_COMMON_RESOURCE_FIELD_MASK_H_

#include <string>

#include "absl/types/span.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "google/protobuf/message.h"

namespace jiedui::resource {

// Copies the masked fields of `update` into `target`: every field that can be written for "*", the fields that are set for
// an empty mask. A masked personal value that is the mask of the target's own leaves it as it is: whoever read a resource can write it
// back. Adds a violation for each path that is no field, has a dot, or is output-only.
void MergeByMask(const TablePlan& plan, absl::Span<const std::string> mask, const google::protobuf::Message& given,
                 google::protobuf::Message* target, Violations& violations);

// Makes `to_field` of `to` equal to `from_field` of `from`; both of one type.
void CopyField(const google::protobuf::Message& from, const google::protobuf::FieldDescriptor* from_field,
               const google::protobuf::FieldDescriptor* to_field, google::protobuf::Message* to);

// Whether the field is set, or, without presence, not its default.
bool IsSet(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);

// Adds a violation for each immutable field that differs.
void CheckImmutable(const TablePlan& plan, const google::protobuf::Message& before,
                    const google::protobuf::Message& after, Violations& violations);

// Whether any column or the source differs.
bool DiffersInFacts(const TablePlan& plan, const google::protobuf::Message& before,
                    const google::protobuf::Message& after);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_FIELD_MASK_H_
