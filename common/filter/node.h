// The typed tree of a filter; internal to common/filter.

#ifndef JIEDUI_COMMON_FILTER_NODE_H_
#define JIEDUI_COMMON_FILTER_NODE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/filter/filter.h"
#include "google/protobuf/descriptor.h"

namespace jiedui::filter {

enum class Op { kEq, kLt, kLe, kGt, kGe, kPrefix, kSuffix, kContains, kPresent };

// One comparison of a field with a value of the field's type.
struct Comparison {
  Field field;
  Op op = Op::kEq;
  bool negated = false;  // of the whole two-valued comparison: != is a negated =
  int64_t number = 0;    // kInt, kBool (0 or 1), kEnum (number), kTime (µs UTC)
  std::string text;      // kString, kDate; well-formed, without control characters
  // The parts of a google.protobuf.Timestamp, resolved once; null unless kTime with a descriptor.
  const google::protobuf::FieldDescriptor* seconds = nullptr;
  const google::protobuf::FieldDescriptor* nanos = nullptr;
};

// kAnd and kOr have at least two children, none of their own kind; kNot has one, which is kAnd or kOr.
struct Node {
  enum class Kind { kAnd, kOr, kNot, kComparison };

  Kind kind = Kind::kComparison;
  std::vector<Node> children;
  Comparison comparison;
};

// The calls below keep the invariants of Node, so that equal filters become equal trees.
Node MakeComparison(Comparison comparison);
Node Negate(Node node);
// `kind` is kAnd or kOr; `children` is not empty.
Node Combine(Node::Kind kind, std::vector<Node> children);

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_NODE_H_
