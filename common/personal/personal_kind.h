// Personal data by kind: its one written form, its check, and what of it may be shown.

#ifndef JIEDUI_COMMON_PERSONAL_PERSONAL_KIND_H_
#define JIEDUI_COMMON_PERSONAL_PERSONAL_KIND_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "jiedui/options/v1/options.pb.h"

namespace jiedui::personal {

using options::v1::PersonalKind;

// Most characters of a kind whose field sets no max_length.
int DefaultMaxLength(PersonalKind kind);

// The one way in which a value is written: no spaces around; numbers in ASCII digits without spaces and hyphens, a phone number
// without +86, a citizen number with a capital X; names with one kind of dot, no space beside a dot or between Chinese characters, and
// one space elsewhere. Does not check anything.
std::string Canonical(PersonalKind kind, absl::string_view value);

// What is wrong with a canonical value that is set; nullopt when nothing is. The text never repeats the value.
std::optional<Text> ProblemOf(PersonalKind kind, absl::string_view value);

// What may be shown of a value; empty for an empty one. Contains a star, which no value that was accepted does, and is its own mask.
// Of a citizen number it is the province alone: with the date of birth and the place, which other fields show, the usual
// first six and last four digits would be the whole number.
std::string Masked(PersonalKind kind, absl::string_view value);

// Whether a text is a mask, or part of one.
bool IsMasked(absl::string_view value);

// Whether `number` is a citizen number of GB 11643-1999: 17 digits and a check character over a region code of a known province
// and a date of birth that exists and is not in the future.
bool IsCitizenNumber(absl::string_view number);

// The check character of the first 17 digits, '0' to '9' or 'X'.
char CitizenCheckCharacter(absl::string_view digits);

// Whether a citizen number stands anywhere in `text`, in any form that Canonical takes, not within a longer row of digits.
bool ContainsCitizenNumber(absl::string_view text);

}  // namespace jiedui::personal

#endif  // JIEDUI_COMMON_PERSONAL_PERSONAL_KIND_H_
