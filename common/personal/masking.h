// Masks the personal data of any message by its options: what every answer goes through.

#ifndef JIEDUI_COMMON_PERSONAL_MASKING_H_
#define JIEDUI_COMMON_PERSONAL_MASKING_H_

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::personal {

// Whether messages of this type hold fields with a personal_kind, at any depth. Cheap: computed once for each type.
bool HasPersonalFields(const google::protobuf::Descriptor* type);

// Replaces the value of every field with a personal_kind, at any depth, by its mask.
void MaskPersonalFields(google::protobuf::Message* message);

}  // namespace jiedui::personal

#endif  // JIEDUI_COMMON_PERSONAL_MASKING_H_
