#include "services/village/shares.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace jiedui::village {

bool Reaches(int64_t part, int64_t whole, const v1::Share& share) {
  const int64_t have = part * share.denominator();
  const int64_t need = whole * share.numerator();
  return share.more_than() ? have > need : have >= need;
}

Text Described(const v1::Share& share) {
  const std::string fraction = absl::StrCat(share.numerator(), "/", share.denominator());
  return {absl::StrCat(share.more_than() ? "more than " : "at least ", fraction),
          absl::StrCat(share.more_than() ? "超过" : "至少", fraction)};
}

}  // namespace jiedui::village
