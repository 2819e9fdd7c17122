// A message with a filterable field of every type, with and without presence, made at run time.

#ifndef JIEDUI_TESTS_FILTER_RECORD_H_
#define JIEDUI_TESTS_FILTER_RECORD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/message.h"

namespace jiedui::filter {

class RecordSchema : public Schema {
 public:
  RecordSchema();

  const Field* Find(absl::string_view name) const override;
  std::vector<std::string> Names() const override;

  const std::vector<Field>& fields() const { return fields_; }

  // A record from the text format of protobuf.
  std::unique_ptr<google::protobuf::Message> Record(const std::string& text);

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Descriptor* descriptor_ = nullptr;
  std::vector<Field> fields_;
};

}  // namespace jiedui::filter

#endif  // JIEDUI_TESTS_FILTER_RECORD_H_
