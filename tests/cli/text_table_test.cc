#include "services/cli/text_table.h"

#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace jiedui::cli {
namespace {

TEST(DisplayWidthTest, ChineseTakesTwoColumnsAndMarksNone) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("困难村"), 6u);
  EXPECT_EQ(DisplayWidth("𠮷"), 2u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u);  // e and a combining acute accent
  EXPECT_EQ(DisplayWidth("（）"), 4u);
}

TEST(CutToWidthTest, CutsBetweenCharacters) {
  EXPECT_EQ(CutToWidth("困难村", 6), "困难村");
  EXPECT_EQ(CutToWidth("困难村", 5), "困难…");
  EXPECT_EQ(CutToWidth("困难村", 4), "困…");
  EXPECT_EQ(CutToWidth("abcdef", 3), "ab…");
}

TEST(PrintableTest, ControlCharactersCannotMoveTheCursor) {
  EXPECT_EQ(Printable("a\x1b[2Jb\tc\r\n"), "a\\x1b[2Jb\\tc\\r\\n");
  EXPECT_EQ(Printable("a\xc2\x9bJ"), "a\\u{9b}J");
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "b"),
            "a\\u{202e}b");
  EXPECT_EQ(Printable("困难村 é"), "困难村 é");
}

TEST(TextTableTest, AlignsByWidth) {
  TextTable table;
  table.AddColumn("村");
  table.AddColumn("n", TextTable::Align::kRight);
  table.AddRow({"小王庄", "5"});
  table.AddRow({"a", "120"});
  std::ostringstream out;
  table.Print(out);
  EXPECT_EQ(out.str(), "村        n\n小王庄    5\na       120\n");
}

}  // namespace
}  // namespace jiedui::cli
