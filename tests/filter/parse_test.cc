// What is accepted, what is refused, and how problems are told.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/filter/filter.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/filter/record.h"

namespace jiedui::filter {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ParseTest : public ::testing::Test {
 protected:
  std::string Canonical(const std::string& text) {
    const absl::StatusOr<Filter> filter = Filter::Parse(text, schema_);
    return filter.ok() ? filter->Canonical() : filter.status().ToString();
  }

  absl::Status Refusal(const std::string& text) { return Filter::Parse(text, schema_).status(); }

  // The English texts of what is wrong with `text`.
  std::vector<std::string> Problems(const std::string& text) {
    std::vector<std::string> problems;
    for (const error::v1::Violation& violation : ViolationsOf(Refusal(text))) {
      EXPECT_EQ(violation.field(), "filter");
      EXPECT_EQ(violation.reason(), error::v1::REASON_FILTER);
      EXPECT_THAT(violation.message_zh(), Not(IsEmpty()));
      problems.push_back(violation.message());
    }
    return problems;
  }

  RecordSchema schema_;
};

TEST_F(ParseTest, EmptyTextIsTheEmptyFilter) {
  EXPECT_TRUE(Filter::Parse("", schema_)->empty());
  EXPECT_TRUE(Filter::Parse("   ", schema_)->empty());
  EXPECT_FALSE(Filter::Parse("flag = true", schema_)->empty());
}

TEST_F(ParseTest, OrBindsTighterThanAnd) {
  EXPECT_EQ(Canonical("amount = 1 AND amount = 2 OR amount = 3"), "amount = 1 AND amount = 2 OR amount = 3");
  EXPECT_EQ(Canonical("(amount = 1 AND amount = 2) OR amount = 3"), "(amount = 1 AND amount = 2) OR amount = 3");
  EXPECT_EQ(Canonical("amount = 1 AND (amount = 2 OR amount = 3)"), "amount = 1 AND amount = 2 OR amount = 3");
}

TEST_F(ParseTest, JuxtapositionIsAnd) {
  EXPECT_EQ(Canonical("amount=1 amount=2 OR amount=3 flag=true"), "amount = 1 AND amount = 2 OR amount = 3 AND flag = true");
}

TEST_F(ParseTest, ParenthesesAndNestingOfTheSameKindVanish) {
  EXPECT_EQ(Canonical("((amount = 1)) AND (amount = 2 AND (amount = 3))"), "amount = 1 AND amount = 2 AND amount = 3");
  EXPECT_EQ(Canonical("amount = 1 OR (amount = 2 OR amount = 3)"), "amount = 1 OR amount = 2 OR amount = 3");
}

TEST_F(ParseTest, NegationsFold) {
  EXPECT_EQ(Canonical("NOT amount = 1"), "amount != 1");
  EXPECT_EQ(Canonical("-amount = 1"), "amount != 1");
  EXPECT_EQ(Canonical("NOT amount != 1"), "amount = 1");
  EXPECT_EQ(Canonical("NOT amount < 1"), "NOT amount < 1");
  EXPECT_EQ(Canonical("NOT (NOT (amount = 1 AND flag = true))"), "amount = 1 AND flag = true");
  EXPECT_EQ(Canonical("-(amount = 1 flag = true)"), "NOT (amount = 1 AND flag = true)");
  EXPECT_EQ(Canonical("NOT(amount = 1 OR flag = true)"), "NOT (amount = 1 OR flag = true)");
}

TEST_F(ParseTest, EveryComparator) {
  for (const char* comparator : {"=", "!=", "<", "<=", ">", ">="}) {
    const std::string text = absl::StrCat("amount ", comparator, " -5");
    EXPECT_THAT(Problems(text), IsEmpty());
    EXPECT_EQ(Canonical(absl::StrCat("amount", comparator, "-5")), Canonical(text));
  }
  EXPECT_EQ(Canonical("amount:5"), "amount = 5");
  EXPECT_EQ(Canonical("amount:*"), "amount:*");
  EXPECT_EQ(Canonical("NOT amount:*"), "NOT amount:*");
}

TEST_F(ParseTest, NullIsTheOppositeOfPresence) {
  EXPECT_EQ(Canonical("note = null"), "NOT note:*");
  EXPECT_EQ(Canonical("note != null"), "note:*");
  EXPECT_EQ(Canonical("note = \"null\""), "note = \"null\"");
  EXPECT_THAT(Problems("score < null"), ElementsAre(HasSubstr("null is compared with")));
}

TEST_F(ParseTest, TextBareAndQuoted) {
  EXPECT_EQ(Canonical("title = 张家庄"), "title = \"张家庄\"");
  EXPECT_EQ(Canonical("title = 'a \"b\" \\'c\\''"), "title = \"a \\\"b\\\" 'c'\"");
  EXPECT_EQ(Canonical("title = villages/120119101201"), "title = \"villages/120119101201\"");
  EXPECT_EQ(Canonical("title = a:b"), "title = \"a:b\"");
  EXPECT_EQ(Canonical("title = \"AND\""), "title = \"AND\"");
  EXPECT_EQ(Canonical("title = \"\""), "title = \"\"");
  EXPECT_EQ(Canonical("title:\"x y\""), "title:\"x y\"");
}

TEST_F(ParseTest, WildcardsStandAtTheEnds) {
  EXPECT_EQ(Canonical("title = a*"), "title = \"a*\"");
  EXPECT_EQ(Canonical("title = \"*a\""), "title = \"*a\"");
  EXPECT_EQ(Canonical("title = \"*a*\""), "title:\"a\"");
  EXPECT_EQ(Canonical("title != \"*a*\""), "NOT title:\"a\"");
  EXPECT_EQ(Canonical("title = 张*三"), "title = \"张\\*三\"");
  EXPECT_EQ(Canonical("title = \"a\\*\""), "title = \"a\\*\"");
  EXPECT_EQ(Canonical("title = \"**a\\\\\""), "title = \"*\\*a\\\\\"");
}

TEST_F(ParseTest, WildcardsThatMakeNoSense) {
  EXPECT_THAT(Problems("title = *"), ElementsAre(HasSubstr("a wildcard needs text")));
  EXPECT_THAT(Problems("title:\"*\""), ElementsAre(HasSubstr("a wildcard needs text")));
  EXPECT_THAT(Problems("title:**"), ElementsAre(HasSubstr("a wildcard needs text")));
  EXPECT_THAT(Problems("title:a*"), ElementsAre(HasSubstr("without wildcards")));
  EXPECT_THAT(Problems("title < a*"), ElementsAre(HasSubstr("= or != only")));
  EXPECT_THAT(Problems("amount = 1*"), ElementsAre(HasSubstr("text fields only")));
  EXPECT_THAT(Problems("start_date = 2018-*"), ElementsAre(HasSubstr("text fields only")));
}

TEST_F(ParseTest, Integers) {
  EXPECT_EQ(Canonical("amount = -9223372036854775808"), "amount = -9223372036854775808");
  EXPECT_EQ(Canonical("amount = 9223372036854775807"), "amount = 9223372036854775807");
  EXPECT_EQ(Canonical("amount = \"007\""), "amount = 7");
  EXPECT_EQ(Canonical("amount = -0"), "amount = 0");
  for (const char* text : {"9223372036854775808", "-9223372036854775809", "99999999999999999999999999"}) {
    EXPECT_THAT(Problems(absl::StrCat("amount = ", text)), ElementsAre(HasSubstr("64 bits"))) << text;
  }
  for (const char* text : {"1.5", "1e3", "+1", "0x10", "-", "--1", "\"\"", "\" 1\"", "99999999999999999999x"}) {
    EXPECT_THAT(Problems(absl::StrCat("amount = ", text)), ElementsAre(HasSubstr("whole number"))) << text;
  }
}

TEST_F(ParseTest, Booleans) {
  EXPECT_EQ(Canonical("flag = true OR flag:false"), "flag = true OR flag = false");
  EXPECT_THAT(Problems("flag = TRUE"), ElementsAre(HasSubstr("true or false")));
  EXPECT_THAT(Problems("flag < true"), ElementsAre(HasSubstr("no order")));
}

TEST_F(ParseTest, EnumsByNameOnly) {
  EXPECT_EQ(Canonical("kind >= KIND_LIGHT"), "kind >= KIND_LIGHT");
  for (const char* text : {"LIGHT", "2", "kind_light", "KIND_NONE"}) {
    EXPECT_THAT(Problems(absl::StrCat("kind = ", text)),
                ElementsAre(HasSubstr("KIND_UNSPECIFIED, KIND_ROAD, KIND_LIGHT, KIND_WATER")));
  }
}

TEST_F(ParseTest, DatesOfTheCalendar) {
  EXPECT_EQ(Canonical("start_date >= 2018-01-01 start_date <= \"2018-12-31\""),
            "start_date >= 2018-01-01 AND start_date <= 2018-12-31");
  EXPECT_EQ(Canonical("start_date = 2016-02-29"), "start_date = 2016-02-29");
  for (const char* text : {"2018-02-29", "2018-13-01", "2018-00-10", "2018-1-1", "20180101", "0000-01-01", "2018-01-32",
                           "2018-01-01T00:00:00Z", "2018", "\"\"", "-018-01-01"}) {
    EXPECT_THAT(Problems(absl::StrCat("start_date = ", text)), ElementsAre(HasSubstr("YYYY-MM-DD"))) << text;
  }
}

TEST_F(ParseTest, TimesOfRfc3339) {
  EXPECT_EQ(Canonical("seen_time > 2018-12-31T08:00:00+08:00"), "seen_time > 2018-12-31T00:00:00Z");
  EXPECT_EQ(Canonical("seen_time > \"2018-12-31T00:00:00.1234569Z\""), "seen_time > 2018-12-31T00:00:00.123456Z");
  EXPECT_EQ(Canonical("seen_time > 1969-12-31T23:59:59.9999999Z"), "seen_time > 1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(Canonical("seen_time > 0001-01-01T00:00:00Z"), "seen_time > 0001-01-01T00:00:00Z");
  for (const char* text :
       {"2018-12-31", "2018-12-31T08:00:00", "2018-12-31T24:00:00Z", "2018-12-31T23:60:00Z", "2018-12-31T23:59:60Z",
        "2018-12-31T08:00:00.Z", "2018-12-31T08:00:00+0800", "2018-12-31T08:00:00Zx", "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00", "infinite-future", "2018-12-31t08:00:00Z"}) {
    EXPECT_THAT(Problems(absl::StrCat("seen_time = ", text)), ElementsAre(HasSubstr("a time such as"))) << text;
  }
}

TEST_F(ParseTest, EveryWrongComparisonIsListedWithItsPlace) {
  const absl::Status status = Refusal("title = 张 AND amount = 𠮷 AND nosuch = 1 AND (kind = X OR start_date < y)");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> texts;
  for (const error::v1::Violation& violation : ViolationsOf(status)) texts.push_back(violation.message_zh());
  EXPECT_THAT(texts, ElementsAre("第 24 个字符处：amount：应为整数", HasSubstr("第 30 个字符处：没有可筛选的字段 nosuch"),
                                 HasSubstr("第 53 个字符处：kind：应为以下之一"), HasSubstr("第 71 个字符处：start_date：应为日期")));
}

TEST_F(ParseTest, OneProblemHasTheFilterReason) {
  EXPECT_EQ(ReasonOf(Refusal("nosuch = 1")), error::v1::REASON_FILTER);
  EXPECT_THAT(Problems("nosuch = 1"), ElementsAre(HasSubstr("there are: amount, score, size,")));
}

TEST_F(ParseTest, ValuesAreNotRepeated) {
  for (const char* text : {"amount = secret", "secret张三 = 1", "start_date = secret", "kind = secret", "'secret' = 1",
                           "flag = secret", "seen_time = secret", "secret", "\"secret\"", "title secret", "title = secret(1)"}) {
    EXPECT_THAT(Refusal(text).ToString(), Not(HasSubstr("secret"))) << text;
  }
}

TEST_F(ParseTest, TextWithoutAFieldIsRefused) {
  EXPECT_THAT(Problems("road"), ElementsAre(HasSubstr("text without a field")));
  EXPECT_THAT(Problems("\"a road\" AND amount = x"),
              ElementsAre(HasSubstr("text without a field"), HasSubstr("whole number")));
  EXPECT_THAT(Problems("title"), ElementsAre(HasSubstr("text without a field")));
}

TEST_F(ParseTest, FunctionsAndListsAreRefused) {
  EXPECT_THAT(Problems("lower(title) = a"), ElementsAre(HasSubstr("functions")));
  EXPECT_THAT(Problems("title = lower(a)"), ElementsAre(HasSubstr("functions")));
  EXPECT_THAT(Problems("title = (a OR b)"), ElementsAre(HasSubstr("lists are written")));
}

TEST_F(ParseTest, BrokenSyntax) {
  const std::pair<const char*, const char*> cases[] = {
      {"amount =", "at character 9: a value is expected"},
      {"amount = AND flag = true", "at character 10: a value is expected"},
      {"= 1", "at character 1: a comparison"},
      {"AND amount = 1", "at character 1: a comparison"},
      {"amount = 1 AND", "at character 15: a comparison"},
      {"amount = 1 OR", "at character 14: a comparison"},
      {"amount = 1 OR OR amount = 2", "at character 15: a comparison"},
      {"NOT", "at character 4: a comparison"},
      {"NOT NOT amount = 1", "at character 5: a comparison"},
      {"- amount = 1", "at character 3: `-` stands directly"},
      {"()", "at character 2: a comparison"},
      {"(amount = 1", "at character 1: this parenthesis is never closed"},
      {"amount = 1)", "at character 11: this parenthesis was never opened"},
      {"amount = 1 = 2", "at character 12: a comparison"},
      {"amount == 1", "at character 9: a value is expected"},
      {"amount = 1(amount = 2)", "at character 11: functions"},
      {"title = \"a\"title = b", "at character 12: a space is missing"},
      {"title = \"a", "at character 9: the quoted text has no end"},
      {"title = \"\\n\"", "at character 10: a backslash"},
      {"title = a\\b", "at character 10: a backslash"},
      {"amount ! 1", "at character 8: `!` stands only"},
      {"amount = 1, amount = 2", "at character 11: a comma"},
      {"'title' = a", "at character 1: the name of a field is not quoted"},
      {"title* = a", "at character 1: there is no field"},
      {"title.length = 3", "at character 1: there is no field title.length"},
      {"title = a“b", "at character 10: full-width punctuation"},
      {"title：a", "at character 6: full-width punctuation"},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_THAT(Problems(text), ElementsAre(HasSubstr(problem))) << text;
  }
}

TEST_F(ParseTest, HostileBytesAreRefused) {
  const std::string nul("title = a\0b", 11);
  EXPECT_THAT(Problems(nul), ElementsAre(HasSubstr("at character 10: control characters")));
  for (const char* text : {"title = \"a\tb\"", "title =\na", "title = \x7f", "title = \xc2\x85"}) {
    EXPECT_THAT(Problems(text), ElementsAre(HasSubstr("control characters"))) << text;
  }
  // A lone continuation, an overlong slash, a surrogate, one past the last code point, an end inside a character.
  for (const char* text : {"title = \x80", "title = \xc0\xaf", "title = \xed\xa0\x80", "title = \xf4\x90\x80\x80",
                           "title = \xe5\xbc", "title = \xff\xfe", "title = \xe0\x80\x80"}) {
    EXPECT_THAT(Problems(text), ElementsAre(HasSubstr("at character 9: the text is not valid UTF-8"))) << text;
  }
}

TEST_F(ParseTest, SqlInTheTextStaysText) {
  EXPECT_EQ(Canonical("title = \"'; DROP TABLE record; --\""), "title = \"'; DROP TABLE record; --\"");
  EXPECT_THAT(Problems("amount = 1;DROP"), ElementsAre(HasSubstr("whole number")));
  EXPECT_THAT(Problems("amount);DROP = 1"), Not(IsEmpty()));
}

TEST_F(ParseTest, Limits) {
  auto nested = [](int depth) {
    return absl::StrCat(std::string(depth, '('), "amount = 1", std::string(depth, ')'));
  };
  EXPECT_THAT(Problems(nested(32)), IsEmpty());
  EXPECT_THAT(Problems(nested(33)), ElementsAre("at character 33: more than 32 nested parentheses"));
  EXPECT_THAT(Problems(nested(4000)), ElementsAre(HasSubstr("more than 32 nested parentheses")));
  EXPECT_THAT(Problems(std::string(10000, '(')), ElementsAre("longer than 8192 bytes"));
  EXPECT_THAT(Problems(std::string(8192, '(')), ElementsAre(HasSubstr("more than 32 nested parentheses")));

  const std::vector<std::string> comparisons(256, "flag = true");
  EXPECT_THAT(Problems(absl::StrJoin(comparisons, " OR ")), IsEmpty());
  EXPECT_THAT(Problems(absl::StrCat(absl::StrJoin(comparisons, " "), " flag = true")),
              ElementsAre(HasSubstr("more than 256 comparisons")));

  const std::string longest = absl::StrCat("title = ", std::string(8192 - 8, 'x'));
  EXPECT_THAT(Problems(longest), IsEmpty());
  EXPECT_THAT(Problems(longest + "x"), ElementsAre("longer than 8192 bytes"));
}

TEST_F(ParseTest, ManyProblemsAreCut) {
  const std::vector<std::string> comparisons(200, "flag = 2");
  const std::vector<error::v1::Violation> problems = ViolationsOf(Refusal(absl::StrJoin(comparisons, " ")));
  ASSERT_THAT(problems, SizeIs(100));
  EXPECT_THAT(problems.back().message(), HasSubstr("more problems"));
}

TEST_F(ParseTest, TheNormalFormParsesBackToItself) {
  for (const char* text :
       {"amount = 1 (amount < 2 OR NOT (size > 3 flag = true)) -title = \"*x\"", "NOT (amount = 1 OR (size = 2 flag = true))",
        "seen_time < 2018-01-01T00:00:00.5+08:00 OR kind != KIND_WATER OR note = null", "title:'\"*\\\\'", "NOT note:*"}) {
    const std::string canonical = Canonical(text);
    EXPECT_EQ(Canonical(canonical), canonical) << text;
  }
}

}  // namespace
}  // namespace jiedui::filter
