// UTF-8 by code points.

#ifndef JIEDUI_COMMON_FILTER_UTF8_H_
#define JIEDUI_COMMON_FILTER_UTF8_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace jiedui::filter {

// The bytes of the well-formed character at the start of `text` (not overlong, no surrogate, at most U+10FFFF), which go
// to `*code_point`; 0 when there is none.
size_t DecodeCharacter(absl::string_view text, char32_t* code_point);

// Characters in well-formed text.
size_t CountCharacters(absl::string_view text);

// The next well-formed text of the same length or shorter that no text starting with `prefix` reaches: the exclusive upper
// bound of a prefix search, in the order of bytes (which is that of code points). Empty when there is none.
std::string AfterPrefix(absl::string_view prefix);

// `text`, not empty, with its last character replaced by the one before it. Under every binary collation, whether it pads
// with spaces or not, no text that is at least `text` by bytes sorts before the result: the two differ before either ends.
std::string LowerBound(absl::string_view text);

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_UTF8_H_
