#include "common/filter/literal.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace jiedui::filter {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr size_t kDateSize = 10;    // 2018-12-31
constexpr size_t kSecondSize = 19;  // 2018-12-31T23:59:59

// The number that `count` digits at the start of `*text` make, which are taken off; -1 when there are fewer.
int TakeDigits(absl::string_view* text, size_t count) {
  if (text->size() < count) return -1;
  int number = 0;
  for (char c : text->substr(0, count)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    number = number * 10 + (c - '0');
  }
  text->remove_prefix(count);
  return number;
}

bool TakeCharacter(absl::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

std::optional<absl::CivilDay> TakeDay(absl::string_view* text) {
  const int year = TakeDigits(text, 4);
  if (year < 1 || !TakeCharacter(text, '-')) return std::nullopt;
  const int month = TakeDigits(text, 2);
  if (month < 1 || !TakeCharacter(text, '-')) return std::nullopt;
  const int day = TakeDigits(text, 2);
  const absl::CivilDay civil(year, month, day);
  // CivilDay carries February 30 over into March.
  if (civil.year() != year || civil.month() != month || civil.day() != day) return std::nullopt;
  return civil;
}

std::optional<absl::CivilSecond> TakeSecond(absl::string_view* text) {
  const std::optional<absl::CivilDay> day = TakeDay(text);
  if (!day.has_value() || !TakeCharacter(text, 'T')) return std::nullopt;
  const int hour = TakeDigits(text, 2);
  if (hour < 0 || hour > 23 || !TakeCharacter(text, ':')) return std::nullopt;
  const int minute = TakeDigits(text, 2);
  if (minute < 0 || minute > 59 || !TakeCharacter(text, ':')) return std::nullopt;
  const int second = TakeDigits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  return absl::CivilSecond(*day) + hour * 3600 + minute * 60 + second;
}

// [.digits] as µs.
std::optional<int64_t> TakeFraction(absl::string_view* text) {
  if (!TakeCharacter(text, '.')) return 0;
  int64_t micros = 0;
  size_t digits = 0;
  for (int64_t unit = kMicrosPerSecond / 10; !text->empty() && absl::ascii_isdigit(text->front());
       unit /= 10, ++digits) {
    micros += unit * (text->front() - '0');
    text->remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  return micros;
}

// Z or ±hh:mm, as seconds.
std::optional<int> TakeOffset(absl::string_view* text) {
  if (TakeCharacter(text, 'Z')) return 0;
  const bool west = TakeCharacter(text, '-');
  if (!west && !TakeCharacter(text, '+')) return std::nullopt;
  const int hours = TakeDigits(text, 2);
  if (hours < 0 || hours > 23 || !TakeCharacter(text, ':')) return std::nullopt;
  const int minutes = TakeDigits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  return (hours * 60 + minutes) * (west ? -60 : 60);
}

}  // namespace

std::optional<int64_t> ParseInt(absl::string_view text, bool* overflow) {
  *overflow = false;
  const bool negative = TakeCharacter(&text, '-');
  if (text.empty()) return std::nullopt;
  // Counted downwards, because the smallest number has no positive counterpart.
  int64_t number = 0;
  for (char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      *overflow = false;
      return std::nullopt;
    }
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_sub_overflow(number, c - '0', &number))
      *overflow = true;
  }
  if (!negative && number == std::numeric_limits<int64_t>::min()) *overflow = true;
  if (*overflow) return std::nullopt;
  return negative ? number : -number;
}

bool IsCivilDate(absl::string_view text) { return text.size() == kDateSize && TakeDay(&text).has_value(); }

std::optional<int64_t> ParseTime(absl::string_view text) {
  if (text.size() <= kSecondSize) return std::nullopt;
  const std::optional<absl::CivilSecond> second = TakeSecond(&text);
  if (!second.has_value()) return std::nullopt;
  const std::optional<int64_t> fraction = TakeFraction(&text);
  const std::optional<int> offset = TakeOffset(&text);
  if (!fraction.has_value() || !offset.has_value() || !text.empty()) return std::nullopt;
  const absl::CivilSecond utc = *second - *offset;
  if (utc.year() < 1 || utc.year() > 9999) return std::nullopt;
  return (utc - absl::CivilSecond(1970)) * kMicrosPerSecond + *fraction;
}

std::string FormatTime(int64_t micros) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(micros), absl::UTCTimeZone());
}

}  // namespace jiedui::filter
