// Cuts a filter into tokens; internal to common/filter.

#ifndef JIEDUI_COMMON_FILTER_LEXER_H_
#define JIEDUI_COMMON_FILTER_LEXER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/filter/problems.h"

namespace jiedui::filter {

enum class TokenKind { kEnd, kOpen, kClose, kMinus, kComparator, kWord, kString };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;           // without quotes, escapes and the wildcards at its ends
  bool leading_star = false;  // a wildcard (a `*` that is not escaped) at the start or the end
  bool trailing_star = false;
  bool after_space = false;  // or the first of the text
  size_t offset = 0;         // in bytes

  // A word with this very spelling; quoting makes a keyword plain text.
  bool IsKeyword(absl::string_view keyword) const {
    return kind == TokenKind::kWord && !leading_star && !trailing_star && text == keyword;
  }
};

// All tokens, the last one kEnd. Adds a problem for every malformed token: hostile bytes, open quotes, unknown escapes,
// full-width punctuation that was probably typed by mistake.
std::vector<Token> Tokenize(absl::string_view text, Problems* problems);

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_LEXER_H_
