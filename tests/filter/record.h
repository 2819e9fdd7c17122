// A message with a filterable field of every type, with and without presence.

#ifndef JIEDUI_TESTS_FILTER_RECORD_H_
#define JIEDUI_TESTS_FILTER_RECORD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
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
  std::vector<Field> fields_;
};

}  // namespace jiedui::filter

#endif  // JIEDUI_TESTS_FILTER_RECORD_H_
