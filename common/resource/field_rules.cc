#include "common/resource/field_rules.h"

#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/codes/credit_code.h"
#include "common/personal/personal_kind.h"
#include "common/status/macros.h"
#include "re2/re2.h"

namespace jiedui::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDefaultMaxLength = 255;
constexpr int kReferenceMaxLength = 128;
constexpr int kDefaultMaxItems = 1000;

bool IsTimestamp(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

void AddRequired(const std::string& name, Violations& violations) {
  violations.Add(name, error::v1::REASON_REQUIRED, {"must be set", "必填"});
}

void ValidatePersonal(const FieldRule& rule, const std::string& name, absl::string_view text, Violations& violations) {
  if (personal::IsMasked(text)) {
    violations.Add(name, error::v1::REASON_MASKED,
                   {"is a masked value, and not that of the current one: write the whole value",
                    "为掩码值，且与现值的掩码不符，请填写完整内容"});
  } else if (const auto problem = personal::ProblemOf(rule.personal_kind, text); problem.has_value()) {
    violations.Add(name, error::v1::REASON_FORMAT, *problem);
  }
}

// One in a thousand unified credit codes of enterprises (GB 32100, from 91 to 93) whose organisation code is of digits alone reads as a
// citizen number too, of a foreigner (from 9).
bool IsEnterpriseCode(const FieldRule& rule, absl::string_view text) {
  return rule.pattern != nullptr && text[0] == '9' && codes::IsCreditCode(text);
}

// Nothing that can be seen: white space of Unicode, and characters that only tell how others are written.
bool IsBlank(absl::string_view text) {
  static const re2::RE2* const blank = new re2::RE2(R"([\pZ\p{Cf}\x{09}-\x{0d}]*)");
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *blank);
}

void ValidateText(const FieldRule& rule, const std::string& name, absl::string_view text, Violations& violations) {
  if (text.empty() || (rule.rules.required() && IsBlank(text))) {
    if (rule.rules.required()) AddRequired(name, violations);
    return;
  }
  const auto length = static_cast<int64_t>(CharacterCount(text));
  if (length > rule.max_length || length < rule.rules.min_length()) {
    violations.Add(
        name, error::v1::REASON_LENGTH,
        {absl::StrCat("must have ", rule.rules.min_length(), " to ", rule.max_length, " characters, has ", length),
         absl::StrCat("长度应为", rule.rules.min_length(), "至", rule.max_length, "个字符，现为", length, "个")});
    return;
  }
  if (text.find('\0') != absl::string_view::npos) {
    violations.Add(name, error::v1::REASON_FORMAT, {"must not contain a NUL character", "不得含空字符"});
    return;
  }
  if (rule.is_date && !IsCivilDate(text)) {
    violations.Add(name, error::v1::REASON_FORMAT,
                   {"must be a date that exists, as YYYY-MM-DD", "应为实际存在的日期，格式为YYYY-MM-DD"});
    return;
  }
  if (rule.personal_kind != options::v1::PERSONAL_KIND_UNSPECIFIED) {
    ValidatePersonal(rule, name, text, violations);
  } else if (personal::ContainsCitizenNumber(text) && !IsEnterpriseCode(rule, text)) {
    // Written into a remark, it would be neither encrypted nor masked.
    violations.Add(name, error::v1::REASON_FORMAT,
                   {"contains a citizen number, which is written into the fields for it only",
                    "含公民身份号码，身份号码只能填入专用字段"});
  }
  if (rule.pattern != nullptr && !re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *rule.pattern)) {
    violations.Add(
        name, error::v1::REASON_FORMAT,
        {absl::StrCat("must match ", rule.rules.pattern()), absl::StrCat("格式应符合 ", rule.rules.pattern())});
  }
}

void ValidateNumber(const FieldRule& rule, const std::string& name, int64_t value, bool present,
                    Violations& violations) {
  if (rule.rules.required() && (rule.field->has_presence() ? !present : value == 0)) {
    AddRequired(name, violations);
    return;
  }
  if (!rule.rules.has_range() || (rule.field->has_presence() && !present)) return;
  if (value < rule.rules.range().min() || value > rule.rules.range().max()) {
    violations.Add(name, error::v1::REASON_RANGE,
                   {absl::StrCat("must be from ", rule.rules.range().min(), " to ", rule.rules.range().max()),
                    absl::StrCat("应在", rule.rules.range().min(), "至", rule.rules.range().max(), "之间")});
  }
}

void ValidateEnum(const FieldRule& rule, const std::string& name, int value, Violations& violations) {
  if (value == 0) {
    if (rule.rules.required()) AddRequired(name, violations);
    return;
  }
  if (rule.field->enum_type()->FindValueByNumber(value) == nullptr) {
    violations.Add(name, error::v1::REASON_ENUM,
                   {absl::StrCat("has no value with number ", value), absl::StrCat("枚举值", value, "不存在")});
  }
}

void ValidateItems(const FieldRule& rule, const std::string& name, const Message& message, Violations& violations) {
  const Reflection* reflection = message.GetReflection();
  const int count = reflection->FieldSize(message, rule.field);
  const int max_items = rule.rules.max_items() > 0 ? rule.rules.max_items() : kDefaultMaxItems;
  if (count < rule.rules.min_items() || count > max_items) {
    violations.Add(name, error::v1::REASON_LENGTH,
                   {absl::StrCat("must have ", rule.rules.min_items(), " to ", max_items, " elements, has ", count),
                    absl::StrCat("应有", rule.rules.min_items(), "至", max_items, "项，现有", count, "项")});
    return;
  }
  for (int i = 0; i < count; ++i) {
    const std::string item = absl::StrCat(name, "[", i, "]");
    switch (rule.field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        rule.nested->Validate(reflection->GetRepeatedMessage(message, rule.field, i), absl::StrCat(item, "."),
                              violations);
        break;
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string& text = reflection->GetRepeatedStringReference(message, rule.field, i, &scratch);
        if (text.empty()) AddRequired(item, violations);
        ValidateText(rule, item, text, violations);
        break;
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        ValidateEnum(rule, item, reflection->GetRepeatedEnumValue(message, rule.field, i), violations);
        break;
      default:
        break;
    }
  }
}

void ValidateField(const FieldRule& rule, const Message& message, absl::string_view path, Violations& violations) {
  const FieldDescriptor* field = rule.field;
  const Reflection* reflection = message.GetReflection();
  // Most fields are right and stand at the top: their names are neither put together nor copied.
  const std::string joined = path.empty() ? std::string() : absl::StrCat(path, field->name());
  const std::string& name = path.empty() ? field->name() : joined;
  if (field->is_repeated()) {
    ValidateItems(rule, name, message, violations);
    return;
  }
  const bool present = !field->has_presence() || reflection->HasField(message, field);
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string scratch;
      ValidateText(rule, name, reflection->GetStringReference(message, field, &scratch), violations);
      break;
    }
    case FieldDescriptor::CPPTYPE_INT32:
      ValidateNumber(rule, name, reflection->GetInt32(message, field), present, violations);
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      ValidateNumber(rule, name, reflection->GetInt64(message, field), present, violations);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      ValidateEnum(rule, name, reflection->GetEnumValue(message, field), violations);
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (!present) {
        if (rule.rules.required()) AddRequired(name, violations);
      } else if (rule.nested != nullptr) {
        rule.nested->Validate(reflection->GetMessage(message, field), absl::StrCat(name, "."), violations);
      }
      break;
    default:
      break;
  }
}

}  // namespace

FieldRule::FieldRule() = default;
FieldRule::FieldRule(FieldRule&&) noexcept = default;
FieldRule& FieldRule::operator=(FieldRule&&) noexcept = default;
FieldRule::~FieldRule() = default;

absl::StatusOr<std::unique_ptr<MessageRules>> MessageRules::Build(const Descriptor* descriptor) {
  auto result = std::make_unique<MessageRules>();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    FieldRule rule;
    rule.field = field;
    rule.rules = field->options().GetExtension(options::v1::rules);
    rule.output_only = rule.rules.output_only() || rule.rules.has_rollup();
    rule.is_date = rule.rules.format() == options::v1::FORMAT_DATE;
    rule.is_year = rule.rules.format() == options::v1::FORMAT_PROGRAMME_YEAR;
    rule.personal_kind = rule.rules.personal_kind();
    const bool encrypted = rule.personal_kind != options::v1::PERSONAL_KIND_UNSPECIFIED;
    rule.personal = rule.rules.personal() || encrypted;
    rule.max_length = rule.rules.max_length() > 0         ? rule.rules.max_length()
                      : encrypted                         ? personal::DefaultMaxLength(rule.personal_kind)
                      : rule.rules.reference_to().empty() ? kDefaultMaxLength
                                                          : kReferenceMaxLength;
    if (rule.rules.searchable() && !encrypted) {
      return absl::InvalidArgumentError(
          absl::StrCat(field->full_name(), ": searchable is for fields with a personal_kind"));
    }
    if (rule.is_date && field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      return absl::InvalidArgumentError(absl::StrCat(field->full_name(), ": a date must be a string"));
    }
    if (rule.is_year && field->cpp_type() != FieldDescriptor::CPPTYPE_INT32) {
      return absl::InvalidArgumentError(absl::StrCat(field->full_name(), ": a programme year must be an int32"));
    }
    if (const std::string& last = rule.rules.last_year_field(); !last.empty()) {
      rule.last_year = descriptor->FindFieldByName(last);
      if (!rule.is_year || rule.last_year == nullptr || rule.last_year->is_repeated() ||
          rule.last_year->cpp_type() != FieldDescriptor::CPPTYPE_INT32) {
        return absl::InvalidArgumentError(
            absl::StrCat(field->full_name(), ": last_year_field is for a programme year, and names an int32"));
      }
    }
    if (!rule.rules.pattern().empty()) {
      rule.pattern = std::make_unique<re2::RE2>(rule.rules.pattern(), re2::RE2::Quiet);
      if (!rule.pattern->ok()) {
        return absl::InvalidArgumentError(absl::StrCat(field->full_name(), ": the pattern does not compile"));
      }
    }
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !IsTimestamp(field)) {
      JIEDUI_ASSIGN_OR_RETURN(rule.nested, Build(field->message_type()));
    }
    result->has_personal_ =
        result->has_personal_ || rule.personal || (rule.nested != nullptr && rule.nested->has_personal_);
    result->fields_.push_back(std::move(rule));
  }
  return result;
}

const FieldRule* MessageRules::Find(const FieldDescriptor* field) const { return &fields_[field->index()]; }

void MessageRules::Validate(const Message& message, absl::string_view path, Violations& violations) const {
  for (const FieldRule& rule : fields_) {
    if (!rule.output_only) ValidateField(rule, message, path, violations);
  }
}

void MessageRules::ClearPersonal(Message* message) const {
  const Reflection* reflection = message->GetReflection();
  for (const FieldRule& rule : fields_) {
    if (rule.rules.personal()) {
      reflection->ClearField(message, rule.field);
    } else if (rule.nested == nullptr) {
      continue;
    } else if (rule.field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(*message, rule.field); ++i) {
        rule.nested->ClearPersonal(reflection->MutableRepeatedMessage(message, rule.field, i));
      }
    } else if (reflection->HasField(*message, rule.field)) {
      rule.nested->ClearPersonal(reflection->MutableMessage(message, rule.field));
    }
  }
}

bool HasEncryptedField(const MessageRules& rules) {
  for (const FieldRule& rule : rules.fields()) {
    if (rule.personal_kind != options::v1::PERSONAL_KIND_UNSPECIFIED) return true;
    if (rule.nested != nullptr && HasEncryptedField(*rule.nested)) return true;
  }
  return false;
}

void MessageRules::ValidateFields(const Message& message, const std::vector<const FieldDescriptor*>& fields,
                                  Violations& violations) const {
  for (const FieldDescriptor* field : fields) ValidateField(*Find(field), message, "", violations);
}

bool IsCivilDate(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && (text[i] < '0' || text[i] > '9')) return false;
  }
  const auto digits = [&text](size_t from, size_t count) {
    int value = 0;
    for (size_t i = from; i < from + count; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
  if (year < 1800 || month < 1 || month > 12 || day < 1) return false;
  const absl::CivilDay civil(year, month, day);  // normalises 02-30 to 03-02
  return civil.month() == month && civil.day() == day;
}

size_t CharacterCount(absl::string_view utf8) {
  size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

}  // namespace jiedui::resource
