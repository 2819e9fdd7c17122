#include "common/resource/field_mask.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"

namespace jiedui::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsWritable(const TablePlan& plan, const FieldDescriptor* field) {
  return field != plan.standard().name && !plan.rules().Find(field)->output_only;
}

void CopyField(const Message& from, const FieldDescriptor* field, Message* to) {
  const auto* reflection = from.GetReflection();
  reflection->ClearField(to, field);
  if (field->is_repeated()) {
    for (int i = 0; i < reflection->FieldSize(from, field); ++i) {
      switch (field->cpp_type()) {
        case FieldDescriptor::CPPTYPE_MESSAGE:
          reflection->AddMessage(to, field)->CopyFrom(reflection->GetRepeatedMessage(from, field, i));
          break;
        case FieldDescriptor::CPPTYPE_ENUM:
          reflection->AddEnumValue(to, field, reflection->GetRepeatedEnumValue(from, field, i));
          break;
        default:
          reflection->AddString(to, field, reflection->GetRepeatedString(from, field, i));
          break;
      }
    }
    return;
  }
  if (!reflection->HasField(from, field)) return;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: reflection->SetString(to, field, reflection->GetString(from, field)); break;
    case FieldDescriptor::CPPTYPE_INT32: reflection->SetInt32(to, field, reflection->GetInt32(from, field)); break;
    case FieldDescriptor::CPPTYPE_INT64: reflection->SetInt64(to, field, reflection->GetInt64(from, field)); break;
    case FieldDescriptor::CPPTYPE_BOOL: reflection->SetBool(to, field, reflection->GetBool(from, field)); break;
    case FieldDescriptor::CPPTYPE_ENUM: reflection->SetEnumValue(to, field, reflection->GetEnumValue(from, field)); break;
    default: reflection->MutableMessage(to, field)->CopyFrom(reflection->GetMessage(from, field)); break;
  }
}

bool IsSet(const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  return field->is_repeated() ? reflection->FieldSize(message, field) > 0 : reflection->HasField(message, field);
}

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
      return reflection->GetStringReference(a, field, &scratch_a) != reflection->GetStringReference(b, field, &scratch_b);
    case FieldDescriptor::CPPTYPE_INT32: return reflection->GetInt32(a, field) != reflection->GetInt32(b, field);
    case FieldDescriptor::CPPTYPE_INT64: return reflection->GetInt64(a, field) != reflection->GetInt64(b, field);
    case FieldDescriptor::CPPTYPE_BOOL: return reflection->GetBool(a, field) != reflection->GetBool(b, field);
    default: return reflection->GetEnumValue(a, field) != reflection->GetEnumValue(b, field);
  }
}

}  // namespace

void MergeByMask(const TablePlan& plan, absl::Span<const std::string> mask, const Message& update, Message* target,
                 Violations& violations) {
  const bool everything = mask.size() == 1 && mask[0] == "*";
  if (everything || mask.empty()) {
    for (const FieldRule& rule : plan.rules().fields()) {
      if (IsWritable(plan, rule.field) && (everything || IsSet(update, rule.field))) CopyField(update, rule.field, target);
    }
    return;
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
      CopyField(update, field, target);
    }
  }
}

void CheckImmutable(const TablePlan& plan, const Message& before, const Message& after, Violations& violations) {
  for (const FieldRule& rule : plan.rules().fields()) {
    if (rule.rules.immutable() && Differs(before, after, rule.field)) {
      violations.Add(rule.field->name(), error::v1::REASON_IMMUTABLE,
                     {"cannot change after creation", "创建后不可更改"});
    }
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
