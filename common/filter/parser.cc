#include "common/filter/parser.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/filter/typing.h"

namespace jiedui::filter {
namespace {

constexpr int kMaxDepth = 32;
constexpr int kMaxComparisons = 256;

// Recursive descent; the depth is limited, so the stack is too.
class Parser {
 public:
  Parser(const std::vector<Token>& tokens, const Schema& schema, Problems* problems)
      : tokens_(tokens), schema_(schema), problems_(problems) {}

  // filter : [expression]
  std::optional<Node> Filter() {
    if (Peek().kind == TokenKind::kEnd) return std::nullopt;
    Node root = Expression();
    if (!stopped_ && Peek().kind == TokenKind::kClose) {
      Stop({"this parenthesis was never opened", "多出的右括号"});
    }
    return root;
  }

 private:
  // expression : sequence {WS AND WS sequence}
  Node Expression() {
    std::vector<Node> sequences;
    sequences.push_back(Sequence());
    while (!stopped_ && Peek().IsKeyword("AND")) {
      Advance();
      sequences.push_back(Sequence());
    }
    return Combine(Node::Kind::kAnd, std::move(sequences));
  }

  // sequence : factor {WS factor}
  Node Sequence() {
    std::vector<Node> factors;
    factors.push_back(Factor());
    while (!stopped_ && !AtEndOfSequence()) {
      if (!Peek().after_space) {
        Stop({"a space is missing here", "此处缺少空格"});
        break;
      }
      factors.push_back(Factor());
    }
    return Combine(Node::Kind::kAnd, std::move(factors));
  }

  // factor : term {WS OR WS term}
  Node Factor() {
    std::vector<Node> terms;
    terms.push_back(Term());
    while (!stopped_ && Peek().IsKeyword("OR")) {
      Advance();
      terms.push_back(Term());
    }
    return Combine(Node::Kind::kOr, std::move(terms));
  }

  // term : [(NOT WS | MINUS)] simple
  Node Term() {
    if (Peek().IsKeyword("NOT")) {
      Advance();
      return Negate(Simple());
    }
    if (Peek().kind == TokenKind::kMinus) {
      Advance();
      if (Peek().after_space) {
        Stop({"`-` stands directly before what it negates", "“-”必须紧接在被否定的内容之前"});
        return {};
      }
      return Negate(Simple());
    }
    return Simple();
  }

  // simple : restriction | composite
  Node Simple() { return Peek().kind == TokenKind::kOpen ? Composite() : Restriction(); }

  // composite : LPAREN expression RPAREN
  Node Composite() {
    if (depth_ == kMaxDepth) {
      Stop({absl::StrCat("more than ", kMaxDepth, " nested parentheses"),
            absl::StrCat("括号嵌套超过 ", kMaxDepth, " 层")});
      return {};
    }
    const size_t open = Advance().offset;
    ++depth_;
    Node inner = Expression();
    --depth_;
    if (stopped_) return inner;
    if (Peek().kind != TokenKind::kClose) {
      StopAt(open, {"this parenthesis is never closed", "此括号没有闭合"});
      return inner;
    }
    Advance();
    return inner;
  }

  // restriction : comparable [comparator arg]
  // comparable : member        (a name known to the schema; no functions)
  // arg : comparable           (a value; no functions and no composite)
  Node Restriction() {
    const Token& name = Peek();
    if (!StartsRestriction(name)) {
      Stop({"a comparison such as field = value is expected here", "此处应为“字段 = 值”形式的比较"});
      return {};
    }
    if (++comparisons_ > kMaxComparisons) {
      Stop({absl::StrCat("more than ", kMaxComparisons, " comparisons"),
            absl::StrCat("比较超过 ", kMaxComparisons, " 个")});
      return {};
    }
    Advance();
    if (IsCall()) return {};
    if (Peek().kind != TokenKind::kComparator) {
      problems_->Add(name.offset, {"text without a field cannot be searched for; write field = value",
                                   "不能搜索没有字段的文字，请写成“字段 = 值”"});
      return {};
    }
    const Token& comparator = Advance();
    const Token& value = Peek();
    if (value.kind == TokenKind::kOpen) {
      Stop({"a value is expected here; lists are written field = a OR field = b",
            "此处应为一个值，多个值请写成“字段 = 甲 OR 字段 = 乙”"});
      return {};
    }
    if (!StartsRestriction(value)) {
      Stop({"a value is expected here", "此处缺少值"});
      return {};
    }
    Advance();
    if (IsCall()) return {};
    return MakeComparison(TypeComparison(name, comparator, value, schema_, problems_));
  }

  // Whether the word just passed is the name of a function; functions are refused.
  bool IsCall() {
    if (Peek().kind != TokenKind::kOpen || Peek().after_space) return false;
    Stop({"functions are not supported", "不支持函数"});
    return true;
  }

  bool StartsRestriction(const Token& token) const {
    if (token.kind == TokenKind::kString) return true;
    return token.kind == TokenKind::kWord && !token.IsKeyword("AND") && !token.IsKeyword("OR") &&
           !token.IsKeyword("NOT");
  }

  bool AtEndOfSequence() const {
    return Peek().kind == TokenKind::kEnd || Peek().kind == TokenKind::kClose || Peek().IsKeyword("AND");
  }

  const Token& Peek() const { return tokens_[position_]; }
  const Token& Advance() { return tokens_[position_++]; }

  void Stop(const Text& text) { StopAt(Peek().offset, text); }
  void StopAt(size_t offset, const Text& text) {
    if (!stopped_) problems_->Add(offset, text);
    stopped_ = true;
  }

  const std::vector<Token>& tokens_;
  const Schema& schema_;
  Problems* problems_;
  size_t position_ = 0;
  int depth_ = 0;
  int comparisons_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::optional<Node> ParseTokens(const std::vector<Token>& tokens, const Schema& schema, Problems* problems) {
  return Parser(tokens, schema, problems).Filter();
}

}  // namespace jiedui::filter
