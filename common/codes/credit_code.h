// Unified social credit codes (统一社会信用代码), GB 32100-2015.

#ifndef JIEDUI_COMMON_CODES_CREDIT_CODE_H_
#define JIEDUI_COMMON_CODES_CREDIT_CODE_H_

#include "absl/strings/string_view.h"

namespace jiedui::codes {

// Characters of a code; the last one checks the others.
constexpr size_t kCreditCodeLength = 18;

// The check character of the first 17; '\0' when they are not 17 characters of the code's alphabet.
char CreditCodeCheck(absl::string_view first17);

// Whether `code` is 18 characters of the alphabet with the right check character.
bool IsCreditCode(absl::string_view code);

}  // namespace jiedui::codes

#endif  // JIEDUI_COMMON_CODES_CREDIT_CODE_H_
