// Filters on messages and on plain numbers.

#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/filter/filter.h"
#include "common/filter/node.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::filter {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kNanosPerMicro = 1'000;

// Whether `value` and the comparison's own, `bound`, are as `op` says.
template <typename T>
bool Ordered(Op op, const T& value, const T& bound) {
  switch (op) {
    case Op::kEq:
      return value == bound;
    case Op::kLt:
      return value < bound;
    case Op::kLe:
      return value <= bound;
    case Op::kGt:
      return value > bound;
    case Op::kGe:
      return value >= bound;
    default:
      return false;
  }
}

bool NumberHolds(const Comparison& comparison, int64_t value) {
  if (comparison.op == Op::kPresent) return comparison.field.has_presence || value != 0;
  return Ordered(comparison.op, value, comparison.number);
}

bool TextHolds(const Comparison& comparison, absl::string_view value) {
  const bool is_date = comparison.field.type == Type::kDate;
  if (is_date && value.empty()) return false;
  switch (comparison.op) {
    case Op::kPresent:
      return comparison.field.has_presence || !value.empty();
    case Op::kPrefix:
      return absl::StartsWith(value, comparison.text);
    case Op::kSuffix:
      return absl::EndsWith(value, comparison.text);
    case Op::kContains:
      return absl::StrContains(value, comparison.text);
    default:
      return Ordered<absl::string_view>(comparison.op, value, comparison.text);
  }
}

int64_t NumberIn(const Message& message, const FieldDescriptor* field) {
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return reflection->GetInt32(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return reflection->GetInt64(message, field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return reflection->GetUInt32(message, field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<int64_t>(reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnumValue(message, field);
    default:
      return reflection->GetBool(message, field) ? 1 : 0;
  }
}

// Digits below a microsecond are cut off, as they are where the time is stored. Nanos are never negative.
int64_t MicrosIn(const Message& message, const Comparison& comparison) {
  const Message& time = message.GetReflection()->GetMessage(message, comparison.field.descriptor);
  const Reflection* reflection = time.GetReflection();
  return reflection->GetInt64(time, comparison.seconds) * kMicrosPerSecond +
         reflection->GetInt32(time, comparison.nanos) / kNanosPerMicro;
}

bool HoldsIn(const Message& message, const Comparison& comparison) {
  const FieldDescriptor* field = comparison.field.descriptor;
  const Reflection* reflection = message.GetReflection();
  if (comparison.field.has_presence && !reflection->HasField(message, field)) return false;
  switch (comparison.field.type) {
    case Type::kString:
    case Type::kDate: {
      std::string scratch;
      if (comparison.field.hashes != nullptr && comparison.op == Op::kEq) {
        return comparison.field.hashes->Same(reflection->GetStringReference(message, field, &scratch), comparison.text);
      }
      return TextHolds(comparison, reflection->GetStringReference(message, field, &scratch));
    }
    case Type::kTime:
      return NumberHolds(comparison, MicrosIn(message, comparison));
    case Type::kInt:
    case Type::kBool:
    case Type::kEnum:
      break;
  }
  return NumberHolds(comparison, NumberIn(message, field));
}

// The tree over what `holds` says of a comparison that is not negated.
template <typename Holds>
bool Evaluate(const Node& node, const Holds& holds) {
  switch (node.kind) {
    case Node::Kind::kAnd:
      for (const Node& child : node.children) {
        if (!Evaluate(child, holds)) return false;
      }
      return true;
    case Node::Kind::kOr:
      for (const Node& child : node.children) {
        if (Evaluate(child, holds)) return true;
      }
      return false;
    case Node::Kind::kNot:
      return !Evaluate(node.children.front(), holds);
    case Node::Kind::kComparison:
      break;
  }
  return holds(node.comparison) != node.comparison.negated;
}

using NumberOp = Filter::NumberComparison::Op;

// The comparison as one operator on a number that is always there; nullopt for any other.
std::optional<NumberOp> AsNumberOp(const Comparison& comparison) {
  if (comparison.field.type != Type::kInt || comparison.field.has_presence) return std::nullopt;
  const bool negated = comparison.negated;
  switch (comparison.op) {
    case Op::kEq:
      return negated ? NumberOp::kNe : NumberOp::kEq;
    case Op::kPresent:
      return negated ? NumberOp::kEq : NumberOp::kNe;
    case Op::kLt:
      return negated ? NumberOp::kGe : NumberOp::kLt;
    case Op::kLe:
      return negated ? NumberOp::kGt : NumberOp::kLe;
    case Op::kGt:
      return negated ? NumberOp::kLe : NumberOp::kGt;
    case Op::kGe:
      return negated ? NumberOp::kLt : NumberOp::kGe;
    default:
      return std::nullopt;
  }
}

// The comparisons on numbers that `kind` joins to `root`, or the only one; none when there is anything else in it.
std::vector<Filter::NumberComparison> Flatten(const Node& root, Node::Kind kind) {
  const bool single = root.kind == Node::Kind::kComparison;
  if (!single && root.kind != kind) return {};
  std::vector<Filter::NumberComparison> comparisons;
  for (const Node& node : single ? absl::MakeConstSpan(&root, 1) : absl::MakeConstSpan(root.children)) {
    if (node.kind != Node::Kind::kComparison) return {};
    const std::optional<NumberOp> op = AsNumberOp(node.comparison);
    if (!op.has_value()) return {};
    comparisons.push_back({node.comparison.field.index, *op, node.comparison.number});
  }
  return comparisons;
}

}  // namespace

bool Filter::Matches(const Message& message) const {
  if (root_ == nullptr) return true;
  return Evaluate(*root_, [&message](const Comparison& comparison) { return HoldsIn(message, comparison); });
}

bool Filter::MatchesNumbers(absl::FunctionRef<int64_t(int index)> value) const {
  if (root_ == nullptr) return true;
  return Evaluate(
      *root_, [value](const Comparison& comparison) { return NumberHolds(comparison, value(comparison.field.index)); });
}

std::vector<Filter::NumberComparison> Filter::AsConjunction() const {
  return root_ == nullptr ? std::vector<NumberComparison>() : Flatten(*root_, Node::Kind::kAnd);
}

std::vector<Filter::NumberComparison> Filter::AsDisjunction() const {
  return root_ == nullptr ? std::vector<NumberComparison>() : Flatten(*root_, Node::Kind::kOr);
}

}  // namespace jiedui::filter
