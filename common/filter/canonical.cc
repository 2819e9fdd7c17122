// The normal form of a filter; it parses back to the same tree.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/filter/literal.h"
#include "common/filter/node.h"
#include "google/protobuf/descriptor.h"

namespace jiedui::filter {
namespace {

std::string Quoted(absl::string_view text, bool leading_star, bool trailing_star) {
  std::string quoted = leading_star ? "\"*" : "\"";
  for (char c : text) {
    if (c == '"' || c == '\\' || c == '*') quoted.push_back('\\');
    quoted.push_back(c);
  }
  return absl::StrCat(quoted, trailing_star ? "*\"" : "\"");
}

std::string EnumName(const Comparison& comparison) {
  return comparison.field.descriptor->enum_type()->FindValueByNumber(static_cast<int>(comparison.number))->name();
}

std::string ValueText(const Comparison& comparison) {
  switch (comparison.field.type) {
    case Type::kInt:
      return absl::StrCat(comparison.number);
    case Type::kBool:
      return comparison.number != 0 ? "true" : "false";
    case Type::kEnum:
      return EnumName(comparison);
    case Type::kTime:
      return FormatTime(comparison.number);
    case Type::kDate:
      return comparison.text;
    case Type::kString:
      return Quoted(comparison.text, comparison.op == Op::kSuffix, comparison.op == Op::kPrefix);
  }
  return "";
}

std::string ComparisonText(const Comparison& comparison) {
  const std::string& name = comparison.field.name;
  const std::string negation = comparison.negated ? "NOT " : "";
  switch (comparison.op) {
    case Op::kEq:
    case Op::kPrefix:
    case Op::kSuffix:
      return absl::StrCat(name, comparison.negated ? " != " : " = ", ValueText(comparison));
    case Op::kLt:
      return absl::StrCat(negation, name, " < ", ValueText(comparison));
    case Op::kLe:
      return absl::StrCat(negation, name, " <= ", ValueText(comparison));
    case Op::kGt:
      return absl::StrCat(negation, name, " > ", ValueText(comparison));
    case Op::kGe:
      return absl::StrCat(negation, name, " >= ", ValueText(comparison));
    case Op::kContains:
      return absl::StrCat(negation, name, ":", ValueText(comparison));
    case Op::kPresent:
      return absl::StrCat(negation, name, ":*");
  }
  return "";
}

std::string NodeText(const Node& node);

// OR binds tighter than AND, so only an AND needs parentheses inside an OR, and both inside a NOT.
std::string Operand(const Node& node, bool parenthesised) {
  return parenthesised ? absl::StrCat("(", NodeText(node), ")") : NodeText(node);
}

std::string NodeText(const Node& node) {
  if (node.kind == Node::Kind::kComparison) return ComparisonText(node.comparison);
  if (node.kind == Node::Kind::kNot) return absl::StrCat("NOT ", Operand(node.children.front(), true));
  const bool is_or = node.kind == Node::Kind::kOr;
  std::string text;
  for (const Node& child : node.children) {
    if (!text.empty()) text += is_or ? " OR " : " AND ";
    text += Operand(child, is_or && child.kind == Node::Kind::kAnd);
  }
  return text;
}

}  // namespace

std::string Filter::Canonical() const { return root_ == nullptr ? "" : NodeText(*root_); }

}  // namespace jiedui::filter
