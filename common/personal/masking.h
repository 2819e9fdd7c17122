// Finds the personal data of any message by its options: masks it, as in every answer, or brings it into its one written form.

#ifndef JIEDUI_COMMON_PERSONAL_MASKING_H_
#define JIEDUI_COMMON_PERSONAL_MASKING_H_

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::personal {

// Whether messages of this type hold fields with a personal_kind, at any depth. Cheap: computed once for each type.
bool HasPersonalFields(const google::protobuf::Descriptor* type);

// Replaces the value of every field with a personal_kind, at any depth, by its mask.
void MaskPersonalFields(google::protobuf::Message* message);

// The same by its canonical form.
void CanonicalisePersonalFields(google::protobuf::Message* message);

// Whether `field` holds, at any depth, a value of a personal_kind that is no mask.
bool HasPlainText(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);

// Puts back what `shown` has as masks of `current`, a message of the same type: the value of a field whose mask is unchanged, and in
// repeated messages that of an element that is otherwise unchanged, in whatever place. What cannot be told stays a mask: of two
// elements that look the same in masks, one was left out. Only `field` is looked at.
void UnmaskUnchanged(const google::protobuf::Message& current, const google::protobuf::FieldDescriptor* field,
                     google::protobuf::Message* shown);

}  // namespace jiedui::personal

#endif  // JIEDUI_COMMON_PERSONAL_MASKING_H_
