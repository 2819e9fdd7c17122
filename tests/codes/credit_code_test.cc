#include "common/codes/credit_code.h"

#include <string>

#include "gtest/gtest.h"

namespace jiedui::codes {
namespace {

TEST(CreditCodeTest, KnowsPublishedCodes) {
  // The example of GB 32100-2015 and codes of large bodies, as they are published.
  for (const char* code : {"91350100M000100Y43", "91330100799655058B", "12100000400000624D"}) {
    EXPECT_TRUE(IsCreditCode(code)) << code;
  }
}

TEST(CreditCodeTest, NoticesEveryWrongCharacter) {
  const std::string code = "91350100M000100Y43";
  for (size_t i = 0; i < code.size(); ++i) {
    for (const char c : std::string("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      if (c == code[i]) continue;
      std::string wrong = code;
      wrong[i] = c;
      EXPECT_FALSE(IsCreditCode(wrong)) << wrong;
    }
  }
}

TEST(CreditCodeTest, NoticesNeighboursThatChangedPlaces) {
  const std::string code = "91350100M000100Y43";
  for (size_t i = 0; i + 1 < code.size(); ++i) {
    std::string wrong = code;
    std::swap(wrong[i], wrong[i + 1]);
    EXPECT_EQ(IsCreditCode(wrong), wrong == code) << wrong;
  }
}

TEST(CreditCodeTest, RefusesOtherTexts) {
  for (const char* code : {"", "9", "91350100M000100Y4", "91350100M000100Y430", "91350100m000100y43", "O1350100M000100Y43"}) {
    EXPECT_FALSE(IsCreditCode(code)) << code;
  }
}

}  // namespace
}  // namespace jiedui::codes
