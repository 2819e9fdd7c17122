#include "common/personal/masking.h"

#include <map>
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

using Change = std::string (*)(PersonalKind kind, absl::string_view value);

void ChangeFields(Message* message, Change change) {
  const TypePlan& plan = PlanOf(message->GetDescriptor());
  if (plan.empty()) return;
  const auto* reflection = message->GetReflection();
  std::string scratch;
  for (const auto& [field, kind] : plan.texts) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        reflection->SetRepeatedString(
            message, field, i, change(kind, reflection->GetRepeatedStringReference(*message, field, i, &scratch)));
      }
    } else if (const std::string& text = reflection->GetStringReference(*message, field, &scratch); !text.empty()) {
      reflection->SetString(message, field, change(kind, text));
    }
  }
  for (const FieldDescriptor* field : plan.messages) {
    if (field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
        ChangeFields(reflection->MutableRepeatedMessage(message, field, i), change);
      }
    } else if (reflection->HasField(*message, field)) {
      ChangeFields(reflection->MutableMessage(message, field), change);
    }
  }
}

// The elements of a repeated field by their masked forms.
std::map<std::string, std::vector<int>> ByMaskedForm(const Message& message, const FieldDescriptor* field) {
  std::map<std::string, std::vector<int>> places;
  const auto* reflection = message.GetReflection();
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    const Message& element = reflection->GetRepeatedMessage(message, field, i);
    const std::unique_ptr<Message> masked(element.New());
    masked->CopyFrom(element);
    MaskPersonalFields(masked.get());
    places[masked->SerializeAsString()].push_back(i);
  }
  return places;
}

void UnmaskElements(const Message& current, const FieldDescriptor* field, Message* shown) {
  const auto* reflection = current.GetReflection();
  const auto known = ByMaskedForm(current, field);
  std::map<std::string, std::vector<int>> places;
  for (int i = 0; i < reflection->FieldSize(*shown, field); ++i) {
    places[reflection->GetRepeatedMessage(*shown, field, i).SerializeAsString()].push_back(i);
  }
  for (const auto& [form, at] : places) {
    const auto same = known.find(form);
    if (same == known.end() || same->second.size() != at.size()) continue;
    for (size_t i = 0; i < at.size(); ++i) {
      reflection->MutableRepeatedMessage(shown, field, at[i])
          ->CopyFrom(reflection->GetRepeatedMessage(current, field, same->second[i]));
    }
  }
}

}  // namespace

bool HasPlainText(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  std::string scratch;
  if (KindOf(field) != options::v1::PERSONAL_KIND_UNSPECIFIED) {
    const auto is_plain = [](const std::string& text) { return !text.empty() && !IsMasked(text); };
    if (!field->is_repeated()) return is_plain(reflection->GetStringReference(message, field, &scratch));
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      if (is_plain(reflection->GetRepeatedStringReference(message, field, i, &scratch))) return true;
    }
    return false;
  }
  if (field->message_type() == nullptr || !HasPersonalFields(field->message_type())) return false;
  const auto any_within = [](const Message& nested) {
    for (int i = 0; i < nested.GetDescriptor()->field_count(); ++i) {
      if (HasPlainText(nested, nested.GetDescriptor()->field(i))) return true;
    }
    return false;
  };
  if (!field->is_repeated())
    return reflection->HasField(message, field) && any_within(reflection->GetMessage(message, field));
  for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
    if (any_within(reflection->GetRepeatedMessage(message, field, i))) return true;
  }
  return false;
}

bool HasPersonalFields(const Descriptor* type) { return !PlanOf(type).empty(); }

void MaskPersonalFields(Message* message) { ChangeFields(message, Masked); }

void CanonicalisePersonalFields(Message* message) { ChangeFields(message, Canonical); }

void UnmaskUnchanged(const Message& current, const FieldDescriptor* field, Message* shown) {
  const auto* reflection = current.GetReflection();
  std::string scratch_current, scratch_shown;
  if (const PersonalKind kind = KindOf(field);
      kind != options::v1::PERSONAL_KIND_UNSPECIFIED && !field->is_repeated()) {
    const std::string& mask = reflection->GetStringReference(*shown, field, &scratch_shown);
    const std::string& text = reflection->GetStringReference(current, field, &scratch_current);
    if (IsMasked(mask) && mask == Masked(kind, text)) reflection->SetString(shown, field, text);
    return;
  }
  if (field->message_type() == nullptr || !HasPersonalFields(field->message_type())) return;
  if (field->is_repeated()) return UnmaskElements(current, field, shown);
  if (!reflection->HasField(current, field) || !reflection->HasField(*shown, field)) return;
  Message* nested = reflection->MutableMessage(shown, field);
  for (int i = 0; i < nested->GetDescriptor()->field_count(); ++i) {
    UnmaskUnchanged(reflection->GetMessage(current, field), nested->GetDescriptor()->field(i), nested);
  }
}

}  // namespace jiedui::personal
