#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/filter/filter.h"
#include "common/filter/problems.h"

namespace jiedui::filter {
namespace {

constexpr size_t kMaxOffsetDigits = 4;

// What stands between the braces, for `year`; nullopt when it is not a year of four digits.
std::optional<std::string> YearOf(absl::string_view placeholder, int year) {
  if (!absl::ConsumePrefix(&placeholder, "year")) return std::nullopt;
  int offset = 0;
  if (!placeholder.empty()) {
    const char sign = placeholder.front();
    placeholder.remove_prefix(1);
    const bool digits = !placeholder.empty() && placeholder.size() <= kMaxOffsetDigits &&
                        absl::ascii_isdigit(static_cast<unsigned char>(placeholder.front()));
    if ((sign != '+' && sign != '-') || !digits || !absl::SimpleAtoi(placeholder, &offset)) return std::nullopt;
    if (sign == '-') offset = -offset;
  }
  const int expanded = year + offset;
  if (expanded < 1 || expanded > 9999) return std::nullopt;
  return absl::StrFormat("%04d", expanded);
}

}  // namespace

absl::StatusOr<std::string> ExpandYear(absl::string_view text, int year, const Words& words) {
  Problems problems(text);
  std::string expanded;
  for (size_t position = 0; position < text.size();) {
    const size_t brace = text.find_first_of("{}", position);
    if (brace == absl::string_view::npos) {
      expanded.append(text.data() + position, text.size() - position);
      break;
    }
    expanded.append(text.data() + position, brace - position);
    const size_t close = text[brace] == '{' ? text.find('}', brace) : absl::string_view::npos;
    std::optional<std::string> replacement;
    if (close != absl::string_view::npos) {
      const absl::string_view placeholder = text.substr(brace + 1, close - brace - 1);
      const auto word = words.find(placeholder);
      replacement = word != words.end() ? std::optional<std::string>(word->second) : YearOf(placeholder, year);
    }
    if (replacement.has_value()) {
      expanded += *replacement;
    } else {
      problems.Add(brace, {"only {year}, {year-35} or {year+1}, within 0001 to 9999, may stand in braces",
                           "花括号内只能是 {year}、{year-35} 或 {year+1}，年份须在 0001 至 9999 之间"});
    }
    position = close == absl::string_view::npos ? brace + 1 : close + 1;
  }
  if (!problems.empty()) return problems.ToStatus();
  return expanded;
}

}  // namespace jiedui::filter
