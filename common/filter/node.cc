#include "common/filter/node.h"

#include <iterator>
#include <utility>

namespace jiedui::filter {

Node MakeComparison(Comparison comparison) {
  Node node;
  node.comparison = std::move(comparison);
  return node;
}

Node Negate(Node node) {
  switch (node.kind) {
    case Node::Kind::kComparison:
      node.comparison.negated = !node.comparison.negated;
      return node;
    case Node::Kind::kNot: {
      Node inner = std::move(node.children.front());
      return inner;
    }
    case Node::Kind::kAnd:
    case Node::Kind::kOr:
      break;
  }
  Node negation;
  negation.kind = Node::Kind::kNot;
  negation.children.push_back(std::move(node));
  return negation;
}

Node Combine(Node::Kind kind, std::vector<Node> children) {
  if (children.size() == 1) {
    Node only = std::move(children.front());
    return only;
  }
  Node node;
  node.kind = kind;
  for (Node& child : children) {
    if (child.kind == kind) {
      std::move(child.children.begin(), child.children.end(), std::back_inserter(node.children));
    } else {
      node.children.push_back(std::move(child));
    }
  }
  return node;
}

}  // namespace jiedui::filter
