#include "common/filter/typing.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/filter/literal.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/timestamp.pb.h"

namespace jiedui::filter {
namespace {

using google::protobuf::EnumValueDescriptor;
using google::protobuf::Timestamp;

constexpr size_t kMaxEchoedName = 64;

// An unknown field's name is repeated only where it looks like one: what else stands there may be private.
bool IsIdentifier(absl::string_view name) {
  if (name.size() > kMaxEchoedName || (!name.empty() && absl::ascii_isdigit(name[0]))) return false;
  for (unsigned char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '.') return false;
  }
  return true;
}

void AddUnknownField(const Token& name, const Schema& schema, Problems* problems) {
  const std::string known = absl::StrJoin(schema.Names(), ", ");
  const std::string echoed = IsIdentifier(name.text) ? absl::StrCat(" ", name.text) : "";
  problems->Add(name.offset, {absl::StrCat("there is no field", echoed, " to filter by; there are: ", known),
                              absl::StrCat("没有可筛选的字段", echoed, "；可用字段：", known)});
}

std::optional<Op> OrderingOp(absl::string_view comparator) {
  if (comparator == "<") return Op::kLt;
  if (comparator == "<=") return Op::kLe;
  if (comparator == ">") return Op::kGt;
  if (comparator == ">=") return Op::kGe;
  return std::nullopt;
}

// Types one comparison; each step answers false after it has added a problem.
class Typer {
 public:
  Typer(const Field& field, const Token& comparator, const Token& value, Problems* problems)
      : comparator_(comparator), value_(value), problems_(problems) {
    comparison_.field = field;
    comparison_.negated = comparator.text == "!=";
  }

  Comparison Run() {
    if (field().type == Type::kTime && field().descriptor != nullptr) ResolveTimestamp();
    if (value_.IsKeyword("null")) {
      Null();
    } else if (value_.leading_star || value_.trailing_star) {
      Wildcard();
    } else if (SetOp()) {
      SetValue();
    }
    return comparison_;
  }

 private:
  const Field& field() const { return comparison_.field; }

  bool Problem(const Token& token, const Text& text) {
    problems_->Add(token.offset,
                   {absl::StrCat(field().name, ": ", text.en), absl::StrCat(field().name, "：", text.zh)});
    return false;
  }

  void ResolveTimestamp() {
    const google::protobuf::Descriptor* type = field().descriptor->message_type();
    comparison_.seconds = type->FindFieldByNumber(Timestamp::kSecondsFieldNumber);
    comparison_.nanos = type->FindFieldByNumber(Timestamp::kNanosFieldNumber);
  }

  // `= null` is the opposite of `:*`.
  void Null() {
    if (comparator_.text != "=" && comparator_.text != "!=") {
      Problem(comparator_, {"null is compared with = or != only", "null 只能用 = 或 != 比较"});
    }
    comparison_.op = Op::kPresent;
    comparison_.negated = comparator_.text == "=";
  }

  void Wildcard() {
    if (value_.text.empty()) {
      comparison_.op = Op::kPresent;
      if (comparator_.text != ":" || value_.kind != TokenKind::kWord || value_.trailing_star) {
        Problem(value_, {"a wildcard needs text; whether the field is set is asked with field:*",
                         "通配符需要文字；判断字段是否已填请写“字段:*”"});
      }
      return;
    }
    if (field().hashes != nullptr) {
      WholeValuesOnly(value_);
    } else if (field().type != Type::kString) {
      Problem(value_, {"wildcards match text fields only", "通配符只能用于文本字段"});
    } else if (comparator_.text == ":") {
      Problem(value_, {"`:` looks for the text anywhere without wildcards; a star itself is quoted and written \\*",
                       "“:”表示包含，不需要通配符；星号本身请加引号并写成 \\*"});
    } else if (comparator_.text != "=" && comparator_.text != "!=") {
      Problem(value_, {"wildcards are used with = or != only; a star itself is quoted and written \\*",
                       "通配符只能与 = 或 != 连用；星号本身请加引号并写成 \\*"});
    }
    comparison_.op = value_.leading_star ? (value_.trailing_star ? Op::kContains : Op::kSuffix) : Op::kPrefix;
    comparison_.text = value_.text;
  }

  bool WholeValuesOnly(const Token& token) {
    return Problem(token, {"is kept encrypted and found by its whole value only: use = or !=",
                           "加密保存，只能按完整内容查找，请用 = 或 !="});
  }

  bool SetOp() {
    const std::optional<Op> ordering = OrderingOp(comparator_.text);
    if (field().hashes != nullptr && (ordering.has_value() || comparator_.text == ":"))
      return WholeValuesOnly(comparator_);
    if (ordering.has_value() && field().type == Type::kBool) {
      return Problem(comparator_, {"true and false have no order; use = or !=", "真假值没有大小，请用 = 或 !="});
    }
    const bool contains = comparator_.text == ":" && field().type == Type::kString;
    comparison_.op = ordering.value_or(contains ? Op::kContains : Op::kEq);
    return true;
  }

  bool SetValue() {
    switch (field().type) {
      case Type::kInt:
        return SetInt();
      case Type::kBool:
        return SetBool();
      case Type::kEnum:
        return SetEnum();
      case Type::kTime:
        return SetTime();
      case Type::kDate:
        if (!IsCivilDate(value_.text)) {
          return Problem(value_, {"a date YYYY-MM-DD is expected", "应为日期 YYYY-MM-DD"});
        }
        [[fallthrough]];
      case Type::kString:
        comparison_.text = value_.text;
        return true;
    }
    return false;
  }

  bool SetInt() {
    bool overflow = false;
    const std::optional<int64_t> number = ParseInt(value_.text, &overflow);
    if (overflow) return Problem(value_, {"the number does not fit in 64 bits", "整数超出 64 位范围"});
    if (!number.has_value()) return Problem(value_, {"a whole number is expected", "应为整数"});
    comparison_.number = *number;
    return true;
  }

  bool SetBool() {
    if (value_.text != "true" && value_.text != "false") {
      return Problem(value_, {"true or false is expected", "应为 true 或 false"});
    }
    comparison_.number = value_.text == "true" ? 1 : 0;
    return true;
  }

  bool SetTime() {
    const std::optional<int64_t> micros = ParseTime(value_.text);
    if (!micros.has_value()) {
      return Problem(
          value_, {"a time such as 2018-12-31T08:00:00+08:00 is expected", "应为时间，如 2018-12-31T08:00:00+08:00"});
    }
    comparison_.number = *micros;
    return true;
  }

  bool SetEnum() {
    const google::protobuf::EnumDescriptor* type = field().descriptor->enum_type();
    const EnumValueDescriptor* found = type->FindValueByName(value_.text);
    if (found != nullptr) {
      comparison_.number = found->number();
      return true;
    }
    std::vector<std::string> names;
    for (int i = 0; i < type->value_count(); ++i) names.push_back(type->value(i)->name());
    const std::string known = absl::StrJoin(names, ", ");
    return Problem(value_, {absl::StrCat("one of these is expected: ", known), absl::StrCat("应为以下之一：", known)});
  }

  const Token& comparator_;
  const Token& value_;
  Problems* problems_;
  Comparison comparison_;
};

}  // namespace

Comparison TypeComparison(const Token& name, const Token& comparator, const Token& value, const Schema& schema,
                          Problems* problems) {
  if (name.kind == TokenKind::kString) {
    problems->Add(name.offset, {"the name of a field is not quoted", "字段名不加引号"});
    return {};
  }
  const bool plain = !name.leading_star && !name.trailing_star;
  const Field* field = plain ? schema.Find(name.text) : nullptr;
  if (field == nullptr) {
    AddUnknownField(name, schema, problems);
    return {};
  }
  return Typer(*field, comparator, value, problems).Run();
}

}  // namespace jiedui::filter
