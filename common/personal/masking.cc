#include "common/personal/masking.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "common/personal/personal_kind.h"

namespace jiedui::personal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct TypePlan {
  std::vector<std::pair<const FieldDescriptor*, PersonalKind>> texts;
  std::vector<const FieldDescriptor*> messages;  // whose type has some, at any depth
  bool empty() const { return texts.empty() && messages.empty(); }
};

PersonalKind KindOf(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING
             ? field->options().GetExtension(options::v1::rules).personal_kind()
             : options::v1::PERSONAL_KIND_UNSPECIFIED;
}

// Types may contain themselves, so each is looked at once.
bool Reaches(const Descriptor* type, absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(type).second) return false;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    if (KindOf(field) != options::v1::PERSONAL_KIND_UNSPECIFIED) return true;
    if (field->message_type() != nullptr && Reaches(field->message_type(), seen)) return true;
  }
  return false;
}

TypePlan MakePlan(const Descriptor* type) {
  TypePlan plan;
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* field = type->field(i);
    absl::flat_hash_set<const Descriptor*> seen;
    if (const PersonalKind kind = KindOf(field); kind != options::v1::PERSONAL_KIND_UNSPECIFIED) {
      plan.texts.emplace_back(field, kind);
    } else if (field->message_type() != nullptr && Reaches(field->message_type(), seen)) {
      plan.messages.push_back(field);
    }
  }
  return plan;
}

const TypePlan& PlanOf(const Descriptor* type) {
  static auto* const kMutex = new absl::Mutex();
  static auto* const kPlans = new absl::flat_hash_map<const Descriptor*, std::unique_ptr<const TypePlan>>();
  {
    absl::ReaderMutexLock lock(kMutex);
    const auto it = kPlans->find(type);
    if (it != kPlans->end()) return *it->second;
  }
  auto plan = std::make_unique<const TypePlan>(MakePlan(type));
  absl::MutexLock lock(kMutex);
  return *kPlans->emplace(type, std::move(plan)).first->second;
}

}  // namespace

bool HasPersonalFields(const Descriptor* type) { return !PlanOf(type).empty(); }

void MaskPersonalFields(Message* message) {
  const TypePlan& plan = PlanOf(message->GetDescriptor());
  if (plan.empty()) return;
  const auto* reflection = message->GetReflection();
  std::string scratch;
  for (const auto& [field, kind] : plan.texts) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        reflection->SetRepeatedString(
            message, field, i, Masked(kind, reflection->GetRepeatedStringReference(*message, field, i, &scratch)));
      }
    } else if (const std::string& text = reflection->GetStringReference(*message, field, &scratch); !text.empty()) {
      reflection->SetString(message, field, Masked(kind, text));
    }
  }
  for (const FieldDescriptor* field : plan.messages) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        MaskPersonalFields(reflection->MutableRepeatedMessage(message, field, i));
      }
    } else if (reflection->HasField(*message, field)) {
      MaskPersonalFields(reflection->MutableMessage(message, field));
    }
  }
}

}  // namespace jiedui::personal
