#include "common/resource/field_mask.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/personal/masking.h"
#include "google/protobuf/util/message_differencer.h"

namespace jiedui::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsWritable(const TablePlan& plan, const FieldDescriptor* field) {
  return field != plan.standard().name && !plan.rules().Find(field)->output_only;
}

void AddImmutable(const std::string& name, Violations& violations) {
  violations.Add(name, error::v1::REASON_IMMUTABLE, {"cannot change after creation", "创建后不可更改"});
}

}  // namespace

bool Differs(const Message& a, const Message& b, const FieldDescriptor* field) {
  const auto* reflection = a.GetReflection();
  std::string scratch_a, scratch_b;
  if (field->is_repeated() || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    google::protobuf::util::MessageDifferencer differencer;
    const std::vector<const FieldDescriptor*> fields = {field};
    return !differencer.CompareWithFields(a, b, fields, fields);
  }
  if (reflection->HasField(a, field) != reflection->HasField(b, field)) return true;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection->GetStringReference(a, field, &scratch_a) !=
             reflection->GetStringReference(b, field, &scratch_b);
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(a, field) != reflection->GetInt32(b, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->GetInt64(a, field) != reflection->GetInt64(b, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection->GetBool(a, field) != reflection->GetBool(b, field);
    default:
      return reflection->GetEnumValue(a, field) != reflection->GetEnumValue(b, field);
  }
}

void CopyField(const Message& from, const FieldDescriptor* from_field, const FieldDescriptor* to_field, Message* to) {
  const auto* source = from.GetReflection();
  const auto* target = to->GetReflection();
  target->ClearField(to, to_field);
  if (from_field->is_repeated()) {
    for (int i = 0; i < source->FieldSize(from, from_field); ++i) {
      switch (from_field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          target->AddMessage(to, to_field)->CopyFrom(source->GetRepeatedMessage(from, from_field, i));
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          target->AddEnumValue(to, to_field, source->GetRepeatedEnumValue(from, from_field, i));
          break;
        default:
          target->AddString(to, to_field, source->GetRepeatedString(from, from_field, i));
          break;
      }
    }
    return;
  }
  if (!source->HasField(from, from_field)) return;
  switch (from_field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      target->SetString(to, to_field, source->GetString(from, from_field));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      target->SetInt32(to, to_field, source->GetInt32(from, from_field));
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      target->SetInt64(to, to_field, source->GetInt64(from, from_field));
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      target->SetBool(to, to_field, source->GetBool(from, from_field));
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      target->SetEnumValue(to, to_field, source->GetEnumValue(from, from_field));
      break;
    default:
      target->MutableMessage(to, to_field)->CopyFrom(source->GetMessage(from, from_field));
      break;
  }
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0 : reflection->HasField(message, field);
}

PlainText MergeByMask(const TablePlan& plan, absl::Span<const std::string> mask, const Message& given, Message* target,
                      absl::string_view prefix, Violations& violations) {
  // An update that brings back what it was shown of an encrypted field does not change it.
  std::unique_ptr<Message> unmasked;
  if (plan.HasCells()) {
    unmasked.reset(given.New());
    unmasked->CopyFrom(given);
    for (const Column* column : plan.cells()) personal::UnmaskUnchanged(*target, column->field, unmasked.get());
  }
  const Message& update = unmasked != nullptr ? *unmasked : given;
  PlainText plain_text = PlainText::kNone;
  const auto copy = [&](const FieldDescriptor* field) {
    const bool plain = unmasked != nullptr && personal::HasPlainText(given, field);
    if (plain && plan.rules().Find(field)->rules.immutable()) {
      AddImmutable(absl::StrCat(prefix, field->name()), violations);
      return;
    }
    const bool searchable = plan.rules().Find(field)->rules.searchable();
    if (plain) plain_text = std::max(plain_text, searchable ? PlainText::kSearchable : PlainText::kPersonal);
    CopyField(update, field, field, target);
  };
  const bool everything = mask.size() == 1 && mask[0] == "*";
  if (everything || mask.empty()) {
    for (const FieldRule& rule : plan.rules().fields()) {
      if (IsWritable(plan, rule.field) && (everything || IsSet(update, rule.field))) copy(rule.field);
    }
    return plain_text;
  }
  for (const std::string& path : mask) {
    const FieldDescriptor* field = plan.descriptor()->FindFieldByName(path);
    if (field == nullptr) {
      // The path is the caller's text: it is not repeated in the answer.
      violations.Add("update_mask", error::v1::REASON_UNKNOWN_FIELD,
                     {"has a path that is no field of the resource; nested paths are not supported",
                      "含有不存在的字段；不支持嵌套路径"});
    } else if (field == plan.standard().name) {
      violations.Add("update_mask", error::v1::REASON_IMMUTABLE, {"name cannot be changed", "资源名不可更改"});
    } else if (!IsWritable(plan, field)) {
      violations.Add("update_mask", error::v1::REASON_OUTPUT_ONLY,
                     {absl::StrCat(path, " is filled by the server"), absl::StrCat(path, " 由系统生成，不可填写")});
    } else {
      copy(field);
    }
  }
  return plain_text;
}

void CheckImmutable(const TablePlan& plan, const Message& before, const Message& after, Violations& violations) {
  for (const FieldRule& rule : plan.rules().fields()) {
    if (rule.rules.immutable() && Differs(before, after, rule.field)) AddImmutable(rule.field->name(), violations);
  }
}

bool DiffersInFacts(const TablePlan& plan, const Message& before, const Message& after) {
  if (Differs(before, after, plan.standard().source)) return true;
  for (const Column& column : plan.columns()) {
    if (Differs(before, after, column.field)) return true;
  }
  return false;
}

}  // namespace jiedui::resource
