#include "common/personal/personal_kind.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace jiedui::personal {
namespace {

constexpr size_t kCitizenNumberSize = 18;
constexpr absl::string_view kIdeographicSpace = "\xE3\x80\x80";

bool IsDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isdigit(c); });
}

absl::string_view Trimmed(absl::string_view text) {
  while (true) {
    const size_t before = text.size();
    text = absl::StripAsciiWhitespace(text);
    absl::ConsumePrefix(&text, kIdeographicSpace);
    absl::ConsumeSuffix(&text, kIdeographicSpace);
    if (text.size() == before) return text;
  }
}

// Full-width forms (U+FF01 to U+FF5E), as Chinese input methods write them, as ASCII.
std::string HalfWidth(absl::string_view text) {
  std::string half;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto at = [&text](size_t index) { return index < text.size() ? static_cast<unsigned char>(text[index]) : 0; };
    if (at(i) == 0xEF && (at(i + 1) == 0xBC || at(i + 1) == 0xBD)) {
      const int code = ((at(i) & 0x0F) << 12) | ((at(i + 1) & 0x3F) << 6) | (at(i + 2) & 0x3F);
      if (code >= 0xFF01 && code <= 0xFF5E) {
        half.push_back(static_cast<char>(code - 0xFEE0));
        i += 2;
        continue;
      }
    }
    half.push_back(text[i]);
  }
  return half;
}

// Spaces and hyphens of every width as a space and a "-" of ASCII.
std::string PlainSeparators(absl::string_view text) {
  return absl::StrReplaceAll(HalfWidth(text), {{kIdeographicSpace, " "},
                                               {"\u00A0", " "},
                                               {"\u2002", " "},
                                               {"\u2003", " "},
                                               {"\u2009", " "},
                                               {"\u202F", " "},
                                               {"\u2010", "-"},
                                               {"\u2011", "-"},
                                               {"\u2012", "-"},
                                               {"\u2013", "-"},
                                               {"\u2014", "-"},
                                               {"\u2212", "-"}});
}

bool IsSeparator(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '-'; }

std::string Compact(absl::string_view text) {
  std::string compact = PlainSeparators(text);
  compact.erase(std::remove_if(compact.begin(), compact.end(), IsSeparator), compact.end());
  return compact;
}

// The character that begins at `at`, in bytes.
size_t CharacterSize(absl::string_view text, size_t at) {
  size_t size = 1;
  while (at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) ++size;
  return size;
}

// Han characters: U+3007, U+3400 to U+4DBF, U+4E00 to U+9FFF, U+F900 to U+FAFF, and planes 2 and 3. Compared as the bytes of UTF-8,
// which have the order of the code points.
bool IsHan(absl::string_view character) {
  return character == "\u3007" || (character >= "\u3400" && character <= "\u4DBF") ||
         (character >= "\u4E00" && character <= "\u9FFF") || (character >= "\uF900" && character <= "\uFAFF") ||
         (character.size() == 4 && character >= "\U00020000" && character <= "\U0003FFFD");
}

// 张 三 is 张三, and 买买提 · 艾力 is typed with any of these dots; John Smith stays two words.
std::string CanonicalName(absl::string_view value) {
  static constexpr absl::string_view kDot = "·";
  const std::string plain = absl::StrReplaceAll(
      value,
      {{"•", kDot}, {"・", kDot}, {"‧", kDot}, {"∙", kDot}, {"⋅", kDot}, {"．", kDot}, {kIdeographicSpace, " "}});
  std::string name;
  absl::string_view last;  // character that is no space
  bool spaces = false;
  for (size_t at = 0; at < plain.size();) {
    const absl::string_view character = absl::string_view(plain).substr(at, CharacterSize(plain, at));
    at += character.size();
    if (character == " " || character == "\t") {
      spaces = true;
      continue;
    }
    const bool joined = last == kDot || character == kDot || (IsHan(last) && IsHan(character));
    if (spaces && !last.empty() && !joined) name.push_back(' ');
    name.append(character.data(), character.size());
    last = character;
    spaces = false;
  }
  return name;
}

// GB/T 2260 provinces; 81 to 83 residents of Hong Kong, Macao and Taiwan; 9 foreigners with permanent residence.
bool IsProvince(absl::string_view code) {
  static constexpr absl::string_view kRanges[] = {"1115", "2123", "3137", "4146", "5054",
                                                  "6165", "7171", "8183", "9099"};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [code](absl::string_view range) { return code >= range.substr(0, 2) && code <= range.substr(2); });
}

bool IsPastDate(absl::string_view digits) {
  const auto number = [digits](size_t from, size_t count) {
    int value = 0;
    for (const char c : digits.substr(from, count)) value = value * 10 + (c - '0');
    return value;
  };
  const int year = number(0, 4), month = number(4, 2), day = number(6, 2);
  if (year < 1800 || month < 1 || month > 12 || day < 1) return false;
  const absl::CivilDay civil(year, month, day);  // carries February 30 over into March
  static const absl::TimeZone kChina = absl::FixedTimeZone(8 * 3600);
  return civil.month() == month && civil.day() == day && civil <= absl::ToCivilDay(absl::Now(), kChina);
}

bool IsPhone(absl::string_view text) {
  if (!IsDigits(text)) return false;
  const bool mobile = text.size() == 11 && text[0] == '1' && text[1] >= '3';
  return mobile || (text.size() >= 10 && text.size() <= 12 && text[0] == '0');
}

absl::string_view FirstCharacter(absl::string_view text) { return text.substr(0, CharacterSize(text, 0)); }

absl::string_view Last(absl::string_view text, size_t count) {
  return text.substr(text.size() - std::min(count, text.size()));
}

}  // namespace

int DefaultMaxLength(PersonalKind kind) {
  switch (kind) {
    case options::v1::PERSONAL_KIND_NAME:
      return 64;
    case options::v1::PERSONAL_KIND_CITIZEN_NUMBER:
      return kCitizenNumberSize;
    case options::v1::PERSONAL_KIND_PHONE:
      return 12;
    case options::v1::PERSONAL_KIND_BANK_ACCOUNT:
      return 32;
    default:
      return 255;
  }
}

std::string Canonical(PersonalKind kind, absl::string_view value) {
  value = Trimmed(value);
  switch (kind) {
    case options::v1::PERSONAL_KIND_NAME:
      return CanonicalName(value);
    case options::v1::PERSONAL_KIND_CITIZEN_NUMBER:
      return absl::AsciiStrToUpper(Compact(value));
    case options::v1::PERSONAL_KIND_BANK_ACCOUNT:
      return Compact(value);
    case options::v1::PERSONAL_KIND_PHONE: {
      const std::string compact = Compact(value);
      absl::string_view number = compact;
      if (absl::ConsumePrefix(&number, "+86") && absl::StartsWith(number, "1")) return std::string(number);
      return compact;
    }
    default:
      return std::string(value);
  }
}

std::optional<Text> ProblemOf(PersonalKind kind, absl::string_view value) {
  switch (kind) {
    case options::v1::PERSONAL_KIND_CITIZEN_NUMBER:
      if (!IsCitizenNumber(value)) {
        return Text{"must be a citizen number of GB 11643: 17 digits with a date of birth, and its check character",
                    "应为符合GB 11643的公民身份号码：含出生日期的17位数字及校验码"};
      }
      break;
    case options::v1::PERSONAL_KIND_PHONE:
      if (!IsPhone(value)) {
        return Text{"must be a mobile number of 11 digits, or a fixed one with its area code",
                    "应为11位手机号码，或带区号的固定电话号码"};
      }
      break;
    case options::v1::PERSONAL_KIND_BANK_ACCOUNT:
      if (value.size() < 8 || value.size() > 32 || !IsDigits(value)) {
        return Text{"must have 8 to 32 digits", "应为8至32位数字"};
      }
      break;
    default:
      for (const unsigned char c : value) {
        if (absl::ascii_iscntrl(c)) return Text{"must not contain control characters", "不得含控制字符"};
      }
  }
  return std::nullopt;
}

std::string Masked(PersonalKind kind, absl::string_view value) {
  if (value.empty() || IsMasked(value)) return std::string(value);
  switch (kind) {
    case options::v1::PERSONAL_KIND_NAME:
      return absl::StrCat(FirstCharacter(value), "**");
    case options::v1::PERSONAL_KIND_CITIZEN_NUMBER:
      return absl::StrCat(value.substr(0, 2), std::string(kCitizenNumberSize - 2, '*'));
    case options::v1::PERSONAL_KIND_PHONE:
      return value.size() < 10 ? "***" : absl::StrCat(value.substr(0, 3), "****", Last(value, 4));
    case options::v1::PERSONAL_KIND_BANK_ACCOUNT:
      return value.size() < 8 ? "***" : absl::StrCat("****", Last(value, 4));
    default:
      return "***";
  }
}

bool IsMasked(absl::string_view value) { return absl::StrContains(value, '*'); }

char CitizenCheckCharacter(absl::string_view digits) {
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < kCitizenNumberSize - 1; ++i) sum += (digits[i] - '0') * kWeights[i];
  return "10X98765432"[sum % 11];
}

bool IsCitizenNumber(absl::string_view number) {
  return number.size() == kCitizenNumberSize && IsDigits(number.substr(0, kCitizenNumberSize - 1)) &&
         IsProvince(number.substr(0, 2)) && number.back() == CitizenCheckCharacter(number) &&
         IsPastDate(number.substr(6, 8));
}

bool ContainsCitizenNumber(absl::string_view text) {
  // Nearly every text ends here.
  const auto may_be_digit = [](unsigned char c) { return absl::ascii_isdigit(c) || c == 0xEF; };
  if (std::count_if(text.begin(), text.end(), may_be_digit) < static_cast<ptrdiff_t>(kCitizenNumberSize) - 1)
    return false;
  const std::string plain = absl::AsciiStrToUpper(PlainSeparators(text));
  for (size_t begin = 0; begin < plain.size(); ++begin) {
    const auto is_digit = [&plain](size_t at) { return at < plain.size() && absl::ascii_isdigit(plain[at]); };
    if (!is_digit(begin) || (begin > 0 && is_digit(begin - 1))) continue;
    // From the first of a row of digits on, over separators.
    std::string number;
    size_t at = begin;
    for (; at < plain.size() && number.size() < kCitizenNumberSize; ++at) {
      const bool check = number.size() == kCitizenNumberSize - 1 && plain[at] == 'X';
      if (!is_digit(at) && !check) {
        if (IsSeparator(plain[at])) continue;
        break;
      }
      number.push_back(plain[at]);
    }
    if (!is_digit(at) && IsCitizenNumber(number)) return true;
  }
  return false;
}

}  // namespace jiedui::personal
