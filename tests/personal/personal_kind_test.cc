#include "common/personal/personal_kind.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace jiedui::personal {
namespace {

using options::v1::PERSONAL_KIND_BANK_ACCOUNT;
using options::v1::PERSONAL_KIND_CITIZEN_NUMBER;
using options::v1::PERSONAL_KIND_NAME;
using options::v1::PERSONAL_KIND_PHONE;
using options::v1::PERSONAL_KIND_TEXT;

// Region codes that no district has: the numbers are of nobody.
std::string CitizenNumber(const std::string& date = "19900501", int sequence = 1) {
  const std::string digits = absl::StrCat("120999", date, absl::StrFormat("%03d", sequence));
  return absl::StrCat(digits, std::string(1, CitizenCheckCharacter(digits)));
}

TEST(CitizenNumber, KnowsTheExampleOfTheStandard) {
  EXPECT_TRUE(IsCitizenNumber("11010519491231002X"));
  EXPECT_TRUE(IsCitizenNumber("440524188001010014"));
}

TEST(CitizenNumber, EveryChangedCharacterAndEverySwapOfNeighboursIsFound) {
  for (int sequence = 0; sequence < 50; ++sequence) {
    const std::string number = CitizenNumber("19870605", sequence);
    ASSERT_TRUE(IsCitizenNumber(number)) << number;
    for (size_t i = 0; i < number.size(); ++i) {
      for (const char c : std::string("0123456789X")) {
        std::string changed = number;
        if (changed[i] == c) continue;
        changed[i] = c;
        EXPECT_FALSE(IsCitizenNumber(changed)) << changed;
      }
      if (i + 1 == number.size() || number[i] == number[i + 1]) continue;
      std::string swapped = number;
      std::swap(swapped[i], swapped[i + 1]);
      EXPECT_FALSE(IsCitizenNumber(swapped)) << swapped;
    }
  }
}

TEST(CitizenNumber, HasADateThatExistsAndIsPast) {
  EXPECT_TRUE(IsCitizenNumber(CitizenNumber("20000229")));
  for (const char* date : {"19000229", "19900431", "19901301", "19900100", "20990101", "17991231"}) {
    EXPECT_FALSE(IsCitizenNumber(CitizenNumber(date))) << date;
  }
}

TEST(CitizenNumber, HasAKnownProvince) {
  for (const char* region : {"100000", "160999", "201234", "890000", "010000"}) {
    const std::string digits = absl::StrCat(region, "19900501001");
    EXPECT_FALSE(IsCitizenNumber(absl::StrCat(digits, std::string(1, CitizenCheckCharacter(digits))))) << region;
  }
}

TEST(CitizenNumber, IsFoundWithinText) {
  const std::string number = CitizenNumber();
  EXPECT_TRUE(ContainsCitizenNumber(number));
  EXPECT_TRUE(ContainsCitizenNumber(absl::StrCat("身份证", number, "号")));
  EXPECT_TRUE(ContainsCitizenNumber("id-11010519491231002x."));
  EXPECT_TRUE(ContainsCitizenNumber(absl::StrCat("1 ", number)));
  // In every form that Canonical takes.
  for (const char* text : {"１１０１０５１９４９１２３１００２Ｘ", "编号 110105-19491231-002X", "110105 1949 1231 002x",
                           "110105　19491231　002X", "2018-110105-19491231-002X", "11010519491231002-X"}) {
    EXPECT_TRUE(ContainsCitizenNumber(text)) << text;
  }
  // Dates, codes of villages and credit codes are none.
  for (const char* text :
       {"2018-12-31 2018-12-31", "120119101201-2018-01", "91120116MA05Q2KX3T", "13800001234 13800005678",
        "110105194912310020", "https://example.com/a?id=120119101201&page=20181231"}) {
    EXPECT_FALSE(ContainsCitizenNumber(text)) << text;
  }
  EXPECT_FALSE(ContainsCitizenNumber(absl::StrCat("1", number)));
  EXPECT_FALSE(ContainsCitizenNumber(absl::StrCat(number, "1")));
  EXPECT_FALSE(ContainsCitizenNumber("11010519491231002"));
  EXPECT_FALSE(ContainsCitizenNumber(""));
}

TEST(CitizenNumber, HostileBytesAreJustWrong) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : '0' + random() % 10);
    for (const auto kind : {PERSONAL_KIND_NAME, PERSONAL_KIND_CITIZEN_NUMBER, PERSONAL_KIND_PHONE,
                            PERSONAL_KIND_BANK_ACCOUNT, PERSONAL_KIND_TEXT}) {
      const std::string canonical = Canonical(kind, text);
      EXPECT_EQ(Canonical(kind, canonical), canonical);
      ProblemOf(kind, canonical);
      const std::string masked = Masked(kind, canonical);
      EXPECT_EQ(Masked(kind, masked), masked);
      EXPECT_EQ(canonical.empty(), masked.empty());
      EXPECT_TRUE(masked.empty() || IsMasked(masked));
    }
    ContainsCitizenNumber(text);
  }
}

TEST(Canonical, IsOneFormOfManyWritings) {
  EXPECT_EQ(Canonical(PERSONAL_KIND_CITIZEN_NUMBER, " 110105 19491231 002x\t"), "11010519491231002X");
  EXPECT_EQ(Canonical(PERSONAL_KIND_CITIZEN_NUMBER, "１１０１０５１９４９１２３１００２Ｘ"), "11010519491231002X");
  EXPECT_EQ(Canonical(PERSONAL_KIND_PHONE, "+86 138-0000-1234"), "13800001234");
  EXPECT_EQ(Canonical(PERSONAL_KIND_PHONE, "022-1234 5678"), "02212345678");
  EXPECT_EQ(Canonical(PERSONAL_KIND_BANK_ACCOUNT, "6222 0000 0000 0001"), "6222000000000001");
  EXPECT_EQ(Canonical(PERSONAL_KIND_NAME, "　买买提•艾力 "), "买买提·艾力");
  EXPECT_EQ(Canonical(PERSONAL_KIND_NAME, "John  Smith"), "John Smith");
  EXPECT_EQ(Canonical(PERSONAL_KIND_NAME, "张 三"), "张三");
  EXPECT_EQ(Canonical(PERSONAL_KIND_NAME, "欧阳　𠮷 〇"), "欧阳𠮷〇");
  EXPECT_EQ(Canonical(PERSONAL_KIND_NAME, "买买提 ・ 艾力"), "买买提·艾力");
  EXPECT_EQ(Canonical(PERSONAL_KIND_NAME, "Anna 张"), "Anna 张");
}

TEST(ProblemOf, TakesWhatIsRightAndRefusesTheRest) {
  for (const char* phone : {"13800001234", "02212345678", "0103456789"})
    EXPECT_FALSE(ProblemOf(PERSONAL_KIND_PHONE, phone));
  for (const char* phone :
       {"12800001234", "1380000123", "138000012345", "2212345678", "1380000123a", "+8613800001234"}) {
    EXPECT_TRUE(ProblemOf(PERSONAL_KIND_PHONE, phone)) << phone;
  }
  EXPECT_FALSE(ProblemOf(PERSONAL_KIND_BANK_ACCOUNT, "6222000000000001"));
  EXPECT_TRUE(ProblemOf(PERSONAL_KIND_BANK_ACCOUNT, "1234567"));
  EXPECT_TRUE(ProblemOf(PERSONAL_KIND_BANK_ACCOUNT, std::string(33, '1')));
  EXPECT_TRUE(ProblemOf(PERSONAL_KIND_BANK_ACCOUNT, "62220000x0000001"));
  EXPECT_FALSE(ProblemOf(PERSONAL_KIND_NAME, "张三"));
  EXPECT_TRUE(ProblemOf(PERSONAL_KIND_NAME, "张\n三"));
}

TEST(Masked, ShowsLittle) {
  EXPECT_EQ(Masked(PERSONAL_KIND_NAME, "张三丰"), "张**");
  EXPECT_EQ(Masked(PERSONAL_KIND_NAME, "𠮷"), "𠮷**");
  EXPECT_EQ(Masked(PERSONAL_KIND_CITIZEN_NUMBER, CitizenNumber()), "12****************");
  EXPECT_EQ(Masked(PERSONAL_KIND_PHONE, "13800001234"), "138****1234");
  EXPECT_EQ(Masked(PERSONAL_KIND_BANK_ACCOUNT, "6222000000000001"), "****0001");
  EXPECT_EQ(Masked(PERSONAL_KIND_TEXT, "某街某号"), "***");
  EXPECT_EQ(Masked(PERSONAL_KIND_NAME, ""), "");
}

}  // namespace
}  // namespace jiedui::personal
