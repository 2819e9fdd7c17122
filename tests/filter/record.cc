#include "tests/filter/record.h"

#include <cstdlib>
#include <iostream>

#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/timestamp.pb.h"

namespace jiedui::filter {
namespace {

using google::protobuf::FieldDescriptor;

constexpr absl::string_view kProto = R"(
  syntax = "proto3";
  package jiedui.filter.test;
  import "google/protobuf/timestamp.proto";
  enum Kind {
    KIND_UNSPECIFIED = 0;
    KIND_ROAD = 1;
    KIND_LIGHT = 2;
    KIND_WATER = 7;
  }
  message Record {
    int64 amount = 1;
    optional int64 score = 2;
    int32 size = 3;
    bool flag = 4;
    optional bool checked = 5;
    string title = 6;
    optional string note = 7;
    string start_date = 8;
    optional string end_date = 9;
    Kind kind = 10;
    optional Kind grade = 11;
    google.protobuf.Timestamp seen_time = 12;
  })";

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

RecordSchema::RecordSchema() : pool_(google::protobuf::DescriptorPool::generated_pool()), factory_(&pool_) {
  // Linking the generated Timestamp makes its file known to the generated pool.
  google::protobuf::Timestamp::descriptor();
  factory_.SetDelegateToGeneratedFactory(true);
  google::protobuf::io::ArrayInputStream input(kProto.data(), static_cast<int>(kProto.size()));
  google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
  google::protobuf::FileDescriptorProto file;
  file.set_name("jiedui/filter/test/record.proto");
  if (!google::protobuf::compiler::Parser().Parse(&tokenizer, &file)) Die("the proto does not parse");
  const google::protobuf::FileDescriptor* built = pool_.BuildFile(file);
  if (built == nullptr) Die("the proto does not build");
  descriptor_ = built->message_type(0);
  for (int i = 0; i < descriptor_->field_count(); ++i) {
    const FieldDescriptor* field = descriptor_->field(i);
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
  std::unique_ptr<google::protobuf::Message> record(factory_.GetPrototype(descriptor_)->New());
  if (!google::protobuf::TextFormat::ParseFromString(text, record.get())) Die("the record does not parse");
  return record;
}

}  // namespace jiedui::filter
