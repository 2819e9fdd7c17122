// Values as written in a filter; internal to common/filter.

#ifndef JIEDUI_COMMON_FILTER_LITERAL_H_
#define JIEDUI_COMMON_FILTER_LITERAL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace jiedui::filter {

// [-]digits within 64 bits; nullopt otherwise, with `*overflow` set where only the size is wrong.
std::optional<int64_t> ParseInt(absl::string_view text, bool* overflow);

// Whether `text` is a day of the calendar, YYYY-MM-DD, in the years 0001 to 9999.
bool IsCivilDate(absl::string_view text);

// RFC 3339 with an offset, in the years 0001 to 9999 of UTC, as µs since 1970. Digits below a microsecond are cut off.
std::optional<int64_t> ParseTime(absl::string_view text);

// The shortest form that ParseTime reads back, in UTC.
std::string FormatTime(int64_t micros);

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_LITERAL_H_
