#include "services/cli/text_table.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/str_format.h"

namespace jiedui::cli {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Wide and full-width blocks of Unicode's East Asian Width (UAX #11), as far as a programme in Chinese meets them.
constexpr Range kWide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0x33ff},  {0x3400, 0x4dbf}, {0x4e00, 0x9fff},
                           {0xa000, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},  {0xfe30, 0xfe6f}, {0xff00, 0xff60},
                           {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
// Marks that sit on the character before them, and joiners.
constexpr Range kNone[] = {{0x0300, 0x036f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
// Control characters of ISO 6429 and changes of the direction of text.
constexpr Range kUnsafe[] = {{0x0080, 0x009f}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};

template <size_t n>
bool IsIn(const Range (&ranges)[n], char32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges), [c](const Range& r) { return c >= r.first && c <= r.last; });
}

// The character at the front of valid UTF-8, which is taken away.
char32_t TakeCharacter(absl::string_view* text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  char32_t c = length == 1 ? byte(0) : byte(0) & (0xffu >> (length + 1));
  for (size_t i = 1; i < length && i < text->size(); ++i) c = (c << 6) | (byte(i) & 0x3fu);
  text->remove_prefix(std::min(length, text->size()));
  return c;
}

size_t WidthOf(char32_t c) { return IsIn(kNone, c) ? 0 : IsIn(kWide, c) ? 2 : 1; }

}  // namespace

size_t DisplayWidth(absl::string_view text) {
  size_t width = 0;
  while (!text.empty()) width += WidthOf(TakeCharacter(&text));
  return width;
}

std::string CutToWidth(absl::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  absl::string_view rest = text;
  size_t used = 1;  // the ellipsis
  size_t kept = 0;
  while (!rest.empty()) {
    used += WidthOf(TakeCharacter(&rest));
    if (used > width) break;
    kept = text.size() - rest.size();
  }
  return std::string(text.substr(0, kept)) + "…";
}

std::string Printable(absl::string_view text) {
  std::string result;
  while (!text.empty()) {
    const absl::string_view rest = text;
    const char32_t c = TakeCharacter(&text);
    if (c == '\t') {
      result += "\\t";
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(&result, "\\x%02x", static_cast<uint32_t>(c));
    } else if (IsIn(kUnsafe, c)) {
      absl::StrAppendFormat(&result, "\\u{%x}", static_cast<uint32_t>(c));
    } else {
      result.append(rest.data(), rest.size() - text.size());
    }
  }
  return result;
}

void TextTable::AddColumn(std::string heading, Align align) {
  headings_.push_back(std::move(heading));
  alignments_.push_back(align);
}

void TextTable::AddRow(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

void TextTable::Print(std::ostream& out) const {
  std::vector<size_t> widths;
  for (const std::string& heading : headings_) widths.push_back(DisplayWidth(heading));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  const auto print = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - DisplayWidth(cells[i]), ' ');
      if (i > 0) line += "  ";
      line += alignments_[i] == Align::kRight ? padding + cells[i] : cells[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  print(headings_);
  for (const auto& row : rows_) print(row);
}

}  // namespace jiedui::cli
