#include "common/filter/filter.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/filter/lexer.h"
#include "common/filter/node.h"
#include "common/filter/parser.h"
#include "common/filter/problems.h"

namespace jiedui::filter {
namespace {

constexpr size_t kMaxBytes = 8 * 1024;

int CountHashed(const Node& node) {
  if (node.kind == Node::Kind::kComparison) {
    return node.comparison.field.hashes != nullptr && node.comparison.op != Op::kPresent ? 1 : 0;
  }
  int count = 0;
  for (const Node& child : node.children) count += CountHashed(child);
  return count;
}

}  // namespace

Filter::Filter() = default;
Filter::Filter(const Filter&) = default;
Filter& Filter::operator=(const Filter&) = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

absl::StatusOr<Filter> Filter::Parse(absl::string_view text, const Schema& schema) {
  Problems problems(text);
  if (text.size() > kMaxBytes) {
    problems.AddWhole({absl::StrCat("longer than ", kMaxBytes, " bytes"), absl::StrCat("超过 ", kMaxBytes, " 字节")});
    return problems.ToStatus();
  }
  const std::vector<Token> tokens = Tokenize(text, &problems);
  if (!problems.empty()) return problems.ToStatus();
  std::optional<Node> root = ParseTokens(tokens, schema, &problems);
  if (!problems.empty()) return problems.ToStatus();
  Filter filter;
  if (root.has_value()) filter.root_ = std::make_shared<const Node>(*std::move(root));
  return filter;
}

bool Filter::empty() const { return root_ == nullptr; }

int Filter::HashedComparisons() const { return root_ == nullptr ? 0 : CountHashed(*root_); }

}  // namespace jiedui::filter
