#include "common/bulk/columns.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/filter/utf8.h"
#include "common/resource/json_column.h"

namespace jiedui::bulk {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxShown = 64;
constexpr size_t kMaxShownDigits = 11;
constexpr size_t kVillageCodeDigits = 12;

bool IsTimestamp(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

bool HasPersonalData(const resource::FieldRule& rule) {
  if (rule.personal) return true;
  if (rule.nested == nullptr) return false;
  for (const resource::FieldRule& each : rule.nested->fields()) {
    if (HasPersonalData(each)) return true;
  }
  return false;
}

std::optional<CellProblem> ParseBool(absl::string_view cell, const FieldDescriptor* field, Message* message) {
  const bool yes = absl::EqualsIgnoreCase(cell, "true") || cell == "是";
  if (!yes && !absl::EqualsIgnoreCase(cell, "false") && cell != "否") {
    return CellProblem{error::v1::REASON_TYPE, {"must be true or false", "应为 true 或 false（是、否）"}};
  }
  message->GetReflection()->SetBool(message, field, yes);
  return std::nullopt;
}

std::optional<CellProblem> ParseTimestamp(absl::string_view cell, const FieldDescriptor* field, Message* message) {
  static const absl::Time kFirst = absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone());
  static const absl::Time kEnd = absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, cell, &time, &error) || time < kFirst || time >= kEnd) {
    return CellProblem{error::v1::REASON_TYPE,
                       {"must be a time as 2018-12-31T08:00:00+08:00", "应为时间，如 2018-12-31T08:00:00+08:00"}};
  }
  resource::SetTimestamp(message, field, absl::ToUnixMicros(time));
  return std::nullopt;
}

std::optional<CellProblem> ParseJson(absl::string_view cell, const FieldDescriptor* field, Message* message) {
  const absl::Status status = resource::FieldFromJson(cell, field, message);
  if (status.ok()) return std::nullopt;
  if (ReasonOf(status) == error::v1::REASON_UNKNOWN_FIELD) {
    return CellProblem{error::v1::REASON_UNKNOWN_FIELD,
                       {"has a JSON field that does not exist", "JSON中有不存在的字段"}};
  }
  return CellProblem{error::v1::REASON_TYPE,
                     {absl::StrCat("must be JSON", field->is_repeated() ? ": a list" : ": an object"),
                      absl::StrCat("应为JSON", field->is_repeated() ? "列表" : "对象")}};
}

}  // namespace

Column::Column(const resource::FieldRule& rule) : rule_(&rule), personal_(HasPersonalData(rule)) {
  const FieldDescriptor* field = rule.field;
  kind_ = Kind::kJson;
  if (field->is_repeated()) return;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      kind_ = Kind::kText;
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      kind_ = Kind::kInt32;
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      kind_ = Kind::kInt64;
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      kind_ = Kind::kBool;
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      kind_ = Kind::kEnum;
      AddEnumValues();
      break;
    default:
      if (IsTimestamp(field)) kind_ = Kind::kTime;
      break;
  }
}

void Column::AddEnumValues() {
  const EnumDescriptor* type = rule_->field->enum_type();
  absl::flat_hash_map<std::string, int> terms;
  for (int i = 0; i < type->value_count(); ++i) {
    const std::string& term = type->value(i)->options().GetExtension(options::v1::value_title_zh);
    if (!term.empty()) ++terms[term];
  }
  for (int i = 0; i < type->value_count(); ++i) {
    const auto* value = type->value(i);
    const std::string& term = value->options().GetExtension(options::v1::value_title_zh);
    enum_values_.emplace(value->name(), value->number());
    if (!term.empty() && terms[term] == 1) enum_values_.emplace(term, value->number());
    if (value->number() == 0) continue;
    absl::StrAppend(&enum_names_, enum_names_.empty() ? "" : ", ", value->name());
    if (!term.empty()) absl::StrAppend(&enum_names_, " (", term, ")");
  }
}

std::optional<CellProblem> Column::Parse(absl::string_view cell, Message* message) const {
  if (cell.empty()) return std::nullopt;
  if (kind_ == Kind::kText) {
    message->GetReflection()->SetString(message, field(), std::string(cell));
    return std::nullopt;
  }
  const absl::string_view word = absl::StripAsciiWhitespace(cell);
  if (word.empty()) return std::nullopt;
  switch (kind_) {
    case Kind::kInt32:
    case Kind::kInt64:
      return ParseInt(word, message);
    case Kind::kBool:
      return ParseBool(word, field(), message);
    case Kind::kEnum:
      return ParseEnum(word, message);
    case Kind::kTime:
      return ParseTimestamp(word, field(), message);
    default:
      return ParseJson(word, field(), message);
  }
}

std::optional<CellProblem> Column::ParseInt(absl::string_view cell, Message* message) const {
  int64_t number = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  const bool all = end == cell.data() + cell.size();
  const bool narrow = kind_ == Kind::kInt32;
  const bool too_large =
      problem == std::errc::result_out_of_range ||
      (narrow && (number > std::numeric_limits<int32_t>::max() || number < std::numeric_limits<int32_t>::min()));
  if (all && too_large) {
    return CellProblem{error::v1::REASON_RANGE,
                       {absl::StrCat("does not fit into ", narrow ? 32 : 64, " bits"),
                        absl::StrCat("超出", narrow ? 32 : 64, "位整数的范围")}};
  }
  if (!all || problem != std::errc()) {
    return CellProblem{error::v1::REASON_TYPE, {"must be a whole number in digits", "应为整数，只用数字书写"}};
  }
  if (narrow) {
    message->GetReflection()->SetInt32(message, field(), static_cast<int32_t>(number));
  } else {
    message->GetReflection()->SetInt64(message, field(), number);
  }
  return std::nullopt;
}

std::optional<CellProblem> Column::ParseEnum(absl::string_view cell, Message* message) const {
  const auto it = enum_values_.find(cell);
  if (it == enum_values_.end()) {
    return CellProblem{error::v1::REASON_ENUM,
                       {absl::StrCat("must be one of ", enum_names_), absl::StrCat("应为以下之一：", enum_names_)}};
  }
  message->GetReflection()->SetEnumValue(message, field(), it->second);
  return std::nullopt;
}

void Column::Format(const Message& message, std::string* cell) const {
  const auto* reflection = message.GetReflection();
  cell->clear();
  if (!field()->is_repeated() && field()->has_presence() && !reflection->HasField(message, field())) return;
  switch (kind_) {
    case Kind::kText: {
      std::string scratch;
      *cell = reflection->GetStringReference(message, field(), &scratch);
      break;
    }
    case Kind::kInt32:
      absl::StrAppend(cell, reflection->GetInt32(message, field()));
      break;
    case Kind::kInt64:
      absl::StrAppend(cell, reflection->GetInt64(message, field()));
      break;
    case Kind::kBool:
      *cell = reflection->GetBool(message, field()) ? "true" : "false";
      break;
    case Kind::kEnum: {
      const int number = reflection->GetEnumValue(message, field());
      const auto* value = field()->enum_type()->FindValueByNumber(number);
      if (number != 0) *cell = value != nullptr ? value->name() : absl::StrCat(number);
      break;
    }
    case Kind::kTime:
      *cell = absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(resource::GetTimestamp(message, field())),
                               absl::UTCTimeZone());
      break;
    case Kind::kJson:
      if (!field()->is_repeated() || reflection->FieldSize(message, field()) > 0)
        *cell = resource::FieldToJson(message, field());
      break;
  }
}

Columns::Columns(const resource::TablePlan& plan) : plan_(plan) {
  for (const resource::FieldRule& rule : plan.rules().fields()) {
    by_name_.emplace(rule.field->name(), all_.size());
    all_.emplace_back(rule);
  }
}

const Column* Columns::Find(absl::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &all_[it->second];
}

std::string Shortened(absl::string_view cell) {
  std::string shown;
  for (size_t characters = 0; !cell.empty() && characters < kMaxShown; ++characters) {
    char32_t character;
    const size_t length = filter::DecodeCharacter(cell, &character);
    shown.append(length == 0 ? "\xEF\xBF\xBD" : std::string(cell.substr(0, length)));
    cell.remove_prefix(std::max<size_t>(length, 1));
  }
  // A number that long is a person's, an account's or a telephone's, put into the wrong column; within a resource's name one as
  // long as a village's code is that.
  const size_t letters = std::find_if_not(shown.begin(), shown.end(), absl::ascii_isalpha) - shown.begin();
  const bool is_name = letters > 0 && letters < shown.size() && shown[letters] == '/';
  size_t digits = 0;
  for (size_t i = 0; i <= shown.size(); ++i) {
    if (i < shown.size() && absl::ascii_isdigit(static_cast<unsigned char>(shown[i]))) {
      ++digits;
      continue;
    }
    if (digits >= kMaxShownDigits && !(is_name && digits == kVillageCodeDigits))
      std::fill(shown.begin() + (i - digits), shown.begin() + i, '*');
    digits = 0;
  }
  return shown;
}

}  // namespace jiedui::bulk
