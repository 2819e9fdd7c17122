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
// back. Adds a violation for each path that is no field, has a dot, or is output-only, and for each immutable field of a personal kind
// for which a value that is no mask is given, be it the target's own (`prefix` is put
// before its name). Answers which of the copied fields carry such a value: what is then
// answered must not tell whether it was the target's, so that the update is a change in any case.
enum class PlainText { kNone, kPersonal, kSearchable };
PlainText MergeByMask(const TablePlan& plan, absl::Span<const std::string> mask, const google::protobuf::Message& given,
                      google::protobuf::Message* target, absl::string_view prefix, Violations& violations);

// Makes `to_field` of `to` equal to `from_field` of `from`; both of one type.
void CopyField(const google::protobuf::Message& from, const google::protobuf::FieldDescriptor* from_field,
               const google::protobuf::FieldDescriptor* to_field, google::protobuf::Message* to);

// Whether the field is set, or, without presence, not its default.
bool IsSet(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);

// Adds a violation for each immutable field that differs.
void CheckImmutable(const TablePlan& plan, const google::protobuf::Message& before,
                    const google::protobuf::Message& after, Violations& violations);

// Whether a field differs.
bool Differs(const google::protobuf::Message& a, const google::protobuf::Message& b,
             const google::protobuf::FieldDescriptor* field);

// Whether any column or the source differs.
bool DiffersInFacts(const TablePlan& plan, const google::protobuf::Message& before,
                    const google::protobuf::Message& after);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_FIELD_MASK_H_
