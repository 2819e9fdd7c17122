#include "common/codes/credit_code.h"

namespace jiedui::codes {
namespace {

// GB 32100, table 4: the digits and the capital letters without I, O, S, V, Z.
constexpr absl::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

char CreditCodeCheck(absl::string_view first17) {
  if (first17.size() != kCreditCodeLength - 1) return '\0';
  size_t sum = 0;
  size_t weight = 1;  // powers of three, modulo 31
  for (const char c : first17) {
    const size_t value = kAlphabet.find(c);
    if (value == absl::string_view::npos) return '\0';
    sum += value * weight;
    weight = weight * 3 % kAlphabet.size();
  }
  return kAlphabet[(kAlphabet.size() - sum % kAlphabet.size()) % kAlphabet.size()];
}

bool IsCreditCode(absl::string_view code) {
  return code.size() == kCreditCodeLength && CreditCodeCheck(code.substr(0, kCreditCodeLength - 1)) == code.back();
}

}  // namespace jiedui::codes
