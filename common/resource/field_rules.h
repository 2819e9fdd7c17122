// The rules that options put on the fields of a message, compiled once, and the generic validation by them.

#ifndef JIEDUI_COMMON_RESOURCE_FIELD_RULES_H_
#define JIEDUI_COMMON_RESOURCE_FIELD_RULES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "jiedui/options/v1/options.pb.h"

namespace re2 {
class RE2;
}

namespace jiedui::resource {

class MessageRules;

struct FieldRule {
  FieldRule();
  FieldRule(FieldRule&&) noexcept;
  FieldRule& operator=(FieldRule&&) noexcept;
  ~FieldRule();

  const google::protobuf::FieldDescriptor* field = nullptr;
  options::v1::FieldRules rules;
  bool output_only = false;  // also a field that the server counts
  bool is_date = false;
  bool is_year = false;
  const google::protobuf::FieldDescriptor* last_year = nullptr;                      // of a year that has one
  bool personal = false;                                                             // by either option
  options::v1::PersonalKind personal_kind = options::v1::PERSONAL_KIND_UNSPECIFIED;  // not unspecified: kept encrypted
  int max_length = 0;                                                                // characters
  std::unique_ptr<re2::RE2> pattern;                                                 // null when there is none
  std::unique_ptr<MessageRules> nested;  // of a message field that is no Timestamp
};

class MessageRules {
 public:
  // INVALID_ARGUMENT for options that contradict themselves or a pattern that does not compile.
  static absl::StatusOr<std::unique_ptr<MessageRules>> Build(const google::protobuf::Descriptor* descriptor);

  const std::vector<FieldRule>& fields() const { return fields_; }
  // nullptr when there is no such field.
  const FieldRule* Find(const google::protobuf::FieldDescriptor* field) const;

  // Adds every violation of required, length, range, pattern, form, enum and item counts. Output-only fields are not
  // looked at. `path` is put before field names ("participants[2]."). References and years need a database: the store
  // checks them.
  void Validate(const google::protobuf::Message& message, absl::string_view path, Violations& violations) const;

  // Whether a field, at any depth, is personal.
  bool has_personal() const { return has_personal_; }

  // Clears the fields, at any depth, that the option `personal` is on: they are kept as they are, but not in the history.
  void ClearPersonal(google::protobuf::Message* message) const;

  // The same as Validate for the fields given alone, output-only or not.
  void ValidateFields(const google::protobuf::Message& message,
                      const std::vector<const google::protobuf::FieldDescriptor*>& fields,
                      Violations& violations) const;

 private:
  std::vector<FieldRule> fields_;
  bool has_personal_ = false;
};

// Whether a field of a personal kind is among these or within their messages.
bool HasEncryptedField(const MessageRules& rules);

// Whether `text` is a civil date "YYYY-MM-DD" that exists.
bool IsCivilDate(absl::string_view text);

// The number of Unicode characters of valid UTF-8.
size_t CharacterCount(absl::string_view utf8);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_FIELD_RULES_H_
