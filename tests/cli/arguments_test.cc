#include "services/cli/arguments.h"

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace jiedui::cli {
namespace {

class ArgumentsTest : public ::testing::Test {
 protected:
  ArgumentsTest() {
    environment_.variable = [](const std::string& name) -> std::optional<std::string> {
      if (name == "SOME_ADDRESS") return "far:1";
      return std::nullopt;
    };
    command_.name = "list";
    command_.operands = "COLLECTION";
    command_.min_operands = command_.max_operands = 1;
    command_.flags = {{"order_by", "FIELDS", {}, "", "", 0},
                      {"all", "", {}, "", "", 0},
                      {"output", "FORMAT", {}, "table", "", 'o'},
                      {"address", "HOST", {}, "near:1", "SOME_ADDRESS", 0},
                      {"limit", "N", {}, "50", "", 0}};
  }
  absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words) {
    return Arguments::Parse(command_, words, environment_);
  }
  std::string Refusal(const std::vector<std::string>& words) {
    const absl::StatusOr<Arguments> arguments = Parse(words);
    EXPECT_TRUE(IsUsageError(arguments.status()));
    return std::string(arguments.status().message());
  }

  std::ostringstream out_, err_;
  std::istringstream in_;
  Environment environment_{out_, err_, in_};
  Command command_;
};

TEST_F(ArgumentsTest, ReadsFlagsInEveryForm) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"villages", "--order_by", "code", "-o", "json", "--all"},
                                             {"--order-by=code", "-ojson", "villages", "--all=true"},
                                             {"-o=json", "--all", "--order_by=code", "--", "villages"}}) {
    const absl::StatusOr<Arguments> arguments = Parse(words);
    ASSERT_TRUE(arguments.ok()) << arguments.status();
    EXPECT_EQ(arguments->operands(), std::vector<std::string>{"villages"});
    EXPECT_EQ(arguments->Get("order_by"), "code");
    EXPECT_EQ(arguments->Get("output"), "json");
    EXPECT_TRUE(arguments->GetBool("all"));
  }
}

TEST_F(ArgumentsTest, FlagBeatsVariableBeatsFallback) {
  EXPECT_EQ(Parse({"villages"})->Get("address"), "far:1");
  EXPECT_EQ(Parse({"villages", "--address", "other:1"})->Get("address"), "other:1");
  EXPECT_EQ(Parse({"villages"})->Get("output"), "table");
  EXPECT_FALSE(Parse({"villages"})->Has("output"));
}

TEST_F(ArgumentsTest, WrongLinesAreRefusedWithAHint) {
  EXPECT_EQ(Refusal({"villages", "--ordr_by", "x"}), "`list` has no flag --ordr_by; did you mean --order_by?");
  EXPECT_EQ(Refusal({}), "`list` needs COLLECTION");
  EXPECT_EQ(Refusal({"a", "b"}), "`list` takes at most 1 argument(s)");
  EXPECT_EQ(Refusal({"a", "--order_by"}), "--order_by needs FIELDS");
  EXPECT_EQ(Refusal({"a", "--all=maybe"}), "--all is true or false, not \"maybe\"");
}

TEST_F(ArgumentsTest, NumbersAndDurations) {
  EXPECT_EQ(*Parse({"a", "--limit", "7"})->GetInt("limit", 1, 10), 7);
  EXPECT_TRUE(IsUsageError(Parse({"a", "--limit", "11"})->GetInt("limit", 1, 10).status()));
  EXPECT_TRUE(IsUsageError(Parse({"a", "--limit", "x"})->GetInt("limit", 1, 10).status()));
  EXPECT_EQ(*Parse({"a", "--limit", "90"})->GetDuration("limit"), absl::Seconds(90));
  EXPECT_EQ(*Parse({"a", "--limit", "1m30s"})->GetDuration("limit"), absl::Seconds(90));
  EXPECT_TRUE(IsUsageError(Parse({"a", "--limit", "-1"})->GetDuration("limit").status()));
}

}  // namespace
}  // namespace jiedui::cli
