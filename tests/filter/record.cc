#include "tests/filter/record.h"

#include <cstdlib>
#include <iostream>

#include "filter/record.pb.h"
#include "google/protobuf/text_format.h"

namespace jiedui::filter {
namespace {

using google::protobuf::FieldDescriptor;

[[noreturn]] void Die(absl::string_view why) {
  std::cerr << "record.cc: " << why << std::endl;
  std::abort();
}

Type TypeOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return Type::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return Type::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return Type::kTime;
    case FieldDescriptor::CPPTYPE_STRING:
      return field.name().find("date") == std::string::npos ? Type::kString : Type::kDate;
    default:
      return Type::kInt;
  }
}

}  // namespace

RecordSchema::RecordSchema() {
  const google::protobuf::Descriptor* descriptor = test::Record::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    fields_.push_back({field->name(), TypeOf(*field), field->has_presence(), field->name(), field, i});
  }
}

const Field* RecordSchema::Find(absl::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::vector<std::string> RecordSchema::Names() const {
  std::vector<std::string> names;
  for (const Field& field : fields_) names.push_back(field.name);
  return names;
}

std::unique_ptr<google::protobuf::Message> RecordSchema::Record(const std::string& text) {
  auto record = std::make_unique<test::Record>();
  if (!google::protobuf::TextFormat::ParseFromString(text, record.get())) Die("the record does not parse");
  return record;
}

}  // namespace jiedui::filter
