// The fields of a resource as columns of a CSV file, named as the proto fields. Text is the cell as it is; numbers in
// digits; true or false (是, 否); enum values by name or Chinese term; times by RFC 3339; nested and repeated fields as JSON.
// An empty cell is a field that is not set.

#ifndef JIEDUI_COMMON_BULK_COLUMNS_H_
#define JIEDUI_COMMON_BULK_COLUMNS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::bulk {

struct CellProblem {
  Reason reason = error::v1::REASON_UNSPECIFIED;
  Text text;
};

class Column {
 public:
  // `rule` must outlive the column.
  explicit Column(const resource::FieldRule& rule);

  const std::string& name() const { return rule_->field->name(); }
  const google::protobuf::FieldDescriptor* field() const { return rule_->field; }
  // Filled by the server: written on export, accepted and not looked at on import.
  bool output_only() const { return rule_->output_only; }
  // Holds personal data, itself or in a nested field.
  bool personal() const { return personal_; }

  // Sets the field of `message`, in which it is not set, from a cell of UTF-8 text.
  std::optional<CellProblem> Parse(absl::string_view cell, google::protobuf::Message* message) const;

  // The cell, not yet quoted, that Parse makes the same field from. `*cell` is replaced.
  void Format(const google::protobuf::Message& message, std::string* cell) const;

 private:
  enum class Kind { kText, kInt32, kInt64, kBool, kEnum, kTime, kJson };

  std::optional<CellProblem> ParseInt(absl::string_view cell, google::protobuf::Message* message) const;
  std::optional<CellProblem> ParseEnum(absl::string_view cell, google::protobuf::Message* message) const;
  void AddEnumValues();

  const resource::FieldRule* rule_;
  Kind kind_;
  bool personal_;
  absl::flat_hash_map<std::string, int> enum_values_;  // by name and by Chinese term
  std::string enum_names_;                             // "A (甲), B (乙)"
};

// All columns of a resource, in the order of the proto.
class Columns {
 public:
  // `plan` must outlive the columns.
  explicit Columns(const resource::TablePlan& plan);

  const resource::TablePlan& plan() const { return plan_; }
  const std::vector<Column>& all() const { return all_; }
  // nullptr when there is none.
  const Column* Find(absl::string_view name) const;

 private:
  const resource::TablePlan& plan_;
  std::vector<Column> all_;
  absl::flat_hash_map<std::string, size_t> by_name_;
};

// At most 64 characters of `cell`, for an error; what is not UTF-8 becomes U+FFFD.
std::string Shortened(absl::string_view cell);

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_COLUMNS_H_
