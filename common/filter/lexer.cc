#include "common/filter/lexer.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "common/filter/utf8.h"

namespace jiedui::filter {
namespace {

constexpr absl::string_view kComparatorCharacters = "=!<>:";
// A word ends before any of these; the value of a comparison may hold `:` so that times need no quotes.
constexpr absl::string_view kNotInName = " ()\"',=!<>:";
constexpr absl::string_view kNotInValue = " ()\"',=!<>";
// “ ” ‘ ’ ( ) : = < > ! , in their full-width forms, and the ideographic space.
constexpr char32_t kFullWidth[] = {0x201C, 0x201D, 0x2018, 0x2019, 0xFF08, 0xFF09, 0xFF1A,
                                   0xFF1D, 0xFF1C, 0xFF1E, 0xFF01, 0xFF0C, 0x3000};

bool Contains(absl::string_view characters, char c) { return characters.find(c) != absl::string_view::npos; }

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0); }

bool IsFullWidth(char32_t c) {
  for (char32_t full_width : kFullWidth) {
    if (c == full_width) return true;
  }
  return false;
}

// Collects the characters of a word or string, setting wildcards at its ends apart.
class TextBuilder {
 public:
  explicit TextBuilder(Token* token) : token_(token) {}

  void AddLiteral(absl::string_view bytes) {
    Flush();
    token_->text.append(bytes.data(), bytes.size());
    started_ = true;
  }
  void AddStar() {
    Flush();
    (started_ ? pending_star_ : token_->leading_star) = true;
    started_ = true;
  }
  void Finish() { token_->trailing_star = pending_star_; }

 private:
  // A star that turned out not to be the last character is an ordinary one.
  void Flush() {
    if (pending_star_) token_->text.push_back('*');
    pending_star_ = false;
  }

  Token* token_;
  bool started_ = false;
  bool pending_star_ = false;
};

class Lexer {
 public:
  Lexer(absl::string_view text, Problems* problems) : text_(text), problems_(problems) {}

  std::vector<Token> Run() {
    if (!CheckBytes()) return {};
    do {
      Next();
    } while (tokens_.back().kind != TokenKind::kEnd);
    return std::move(tokens_);
  }

 private:
  bool CheckBytes() {
    for (size_t offset = 0; offset < text_.size();) {
      char32_t c = 0;
      const size_t length = DecodeCharacter(text_.substr(offset), &c);
      if (length == 0) {
        problems_->Add(offset, {"the text is not valid UTF-8", "不是有效的 UTF-8 文本"});
        return false;
      }
      if (IsControl(c)) {
        problems_->Add(offset, {"control characters are not allowed", "不允许控制字符"});
        return false;
      }
      offset += length;
    }
    return true;
  }

  void Next() {
    const bool after_comparator = !tokens_.empty() && tokens_.back().kind == TokenKind::kComparator;
    const size_t before = position_;
    while (!AtEnd() && Peek() == ' ') ++position_;
    Token& token = tokens_.emplace_back();
    token.after_space = position_ > before || tokens_.size() == 1;
    token.offset = position_;
    if (AtEnd()) return;
    const char c = Peek();
    if (c == '(' || c == ')') {
      Single(c == '(' ? TokenKind::kOpen : TokenKind::kClose, &token);
    } else if (c == '"' || c == '\'') {
      QuotedString(&token);
    } else if (Contains(kComparatorCharacters, c)) {
      ComparatorToken(&token);
    } else if (c == '-' && !after_comparator) {
      Single(TokenKind::kMinus, &token);
    } else if (c == ',') {
      problems_->Add(position_, {"a comma has no meaning here", "此处不能有逗号"});
      Single(TokenKind::kWord, &token);
    } else {
      Word(after_comparator ? kNotInValue : kNotInName, &token);
    }
  }

  void Single(TokenKind kind, Token* token) {
    token->kind = kind;
    token->text = std::string(1, text_[position_++]);
  }

  // COMPARATOR : "<=" | "<" | ">=" | ">" | "!=" | "=" | ":"
  void ComparatorToken(Token* token) {
    Single(TokenKind::kComparator, token);
    if (token->text != ":" && token->text != "=" && !AtEnd() && Peek() == '=')
      token->text.push_back(text_[position_++]);
    if (token->text == "!") {
      problems_->Add(token->offset, {"`!` stands only in `!=`; write NOT", "“!”只用于“!=”，否定请写 NOT"});
    }
  }

  // STRING : a text in single or double quotes, with \" \' \\ and \* escaped
  void QuotedString(Token* token) {
    token->kind = TokenKind::kString;
    const char quote = text_[position_++];
    TextBuilder builder(token);
    for (; !AtEnd(); ++position_) {
      const char c = Peek();
      if (c == quote) {
        ++position_;
        builder.Finish();
        return;
      }
      if (c == '\\') {
        Escape(&builder);
      } else if (c == '*') {
        builder.AddStar();
      } else {
        builder.AddLiteral(text_.substr(position_, 1));
      }
    }
    problems_->Add(token->offset, {"the quoted text has no end", "引号没有结束"});
  }

  void Escape(TextBuilder* builder) {
    const char escaped = position_ + 1 < text_.size() ? text_[position_ + 1] : ' ';
    if (!Contains("\"'\\*", escaped)) {
      problems_->Add(position_, {"a backslash stands only before \" ' \\ and *", "反斜杠只能用在 \" ' \\ * 之前"});
      return;
    }
    ++position_;
    builder->AddLiteral(text_.substr(position_, 1));
  }

  // TEXT : a run of characters that have no meaning of their own
  void Word(absl::string_view not_in_word, Token* token) {
    token->kind = TokenKind::kWord;
    TextBuilder builder(token);
    while (!AtEnd() && !Contains(not_in_word, Peek())) {
      char32_t c = 0;
      const size_t length = DecodeCharacter(text_.substr(position_), &c);
      if (IsFullWidth(c)) {
        problems_->Add(position_, {"full-width punctuation or space; use the ASCII one, or quote the text",
                                   "此处是全角标点或空格，请改用半角，或给文字加引号"});
      }
      if (c == '\\') {
        problems_->Add(position_, {"a backslash stands only in quoted text", "反斜杠只能用在引号内"});
      }
      if (c == '*') {
        builder.AddStar();
      } else {
        builder.AddLiteral(text_.substr(position_, length));
      }
      position_ += length;
    }
    builder.Finish();
  }

  bool AtEnd() const { return position_ >= text_.size(); }
  char Peek() const { return text_[position_]; }

  absl::string_view text_;
  Problems* problems_;
  size_t position_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> Tokenize(absl::string_view text, Problems* problems) { return Lexer(text, problems).Run(); }

}  // namespace jiedui::filter
