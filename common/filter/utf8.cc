#include "common/filter/utf8.h"

#include <algorithm>
#include <cstdint>

namespace jiedui::filter {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;
constexpr char32_t kFirstSurrogate = 0xD800;
constexpr char32_t kLastSurrogate = 0xDFFF;

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

size_t LastCharacterStart(absl::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && IsContinuation(text[start])) --start;
  return start;
}

void AppendCharacter(char32_t c, std::string* text) {
  auto tail = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    text->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text->append({static_cast<char>(0xC0 | c >> 6), tail(c)});
  } else if (c < 0x10000) {
    text->append({static_cast<char>(0xE0 | c >> 12), tail(c >> 6), tail(c)});
  } else {
    text->append({static_cast<char>(0xF0 | c >> 18), tail(c >> 12), tail(c >> 6), tail(c)});
  }
}

}  // namespace

size_t DecodeCharacter(absl::string_view text, char32_t* code_point) {
  if (text.empty()) return 0;
  const uint8_t lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) {
    *code_point = lead;
    return 1;
  }
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  char32_t c = lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
    c = c << 6 | (static_cast<uint8_t>(text[i]) & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (c < kSmallest[length] || c > kLastCodePoint || (c >= kFirstSurrogate && c <= kLastSurrogate)) return 0;
  *code_point = c;
  return length;
}

size_t CountCharacters(absl::string_view text) {
  return text.size() - std::count_if(text.begin(), text.end(), IsContinuation);
}

std::string AfterPrefix(absl::string_view prefix) {
  while (!prefix.empty()) {
    const size_t start = LastCharacterStart(prefix);
    char32_t last = 0;
    DecodeCharacter(prefix.substr(start), &last);
    std::string bound(prefix.substr(0, start));
    if (last < kLastCodePoint) {
      AppendCharacter(last + 1 == kFirstSurrogate ? kLastSurrogate + 1 : last + 1, &bound);
      return bound;
    }
    prefix = prefix.substr(0, start);
  }
  return "";
}

std::string LowerBound(absl::string_view text) {
  const size_t start = LastCharacterStart(text);
  char32_t last = 0;
  DecodeCharacter(text.substr(start), &last);
  std::string bound(text.substr(0, start));
  AppendCharacter(last == kLastSurrogate + 1 ? kFirstSurrogate - 1 : last - 1, &bound);
  return bound;
}

}  // namespace jiedui::filter
