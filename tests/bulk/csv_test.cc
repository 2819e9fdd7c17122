#include "common/bulk/csv.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace jiedui::bulk {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

using Rows = std::vector<std::vector<std::string>>;

struct File {
  Rows rows;
  std::vector<int64_t> lines;
  std::vector<std::string> problems;  // "line:cell REASON"
  bool broken = false;
};

void TakeRows(CsvReader& reader, File* file) {
  while (true) {
    const CsvReader::Result result = reader.Next();
    file->broken = result == CsvReader::Result::kBroken;
    if (result == CsvReader::Result::kNeedInput || result == CsvReader::Result::kEnd) return;
    for (const CsvProblem& each : reader.problems()) {
      file->problems.push_back(absl::StrCat(each.line, ":", each.cell, " ", ReasonName(each.reason)));
    }
    if (file->broken) return;
    file->rows.emplace_back(reader.cells().begin(), reader.cells().end());
    file->lines.push_back(reader.line());
  }
}

// Reads `text` in pieces that end at `cuts`.
File ReadInPieces(absl::string_view text, const std::vector<size_t>& cuts) {
  File file;
  CsvReader reader;
  size_t start = 0;
  for (const size_t cut : cuts) {
    // A copy of exactly this piece, so that a sanitizer sees every read past its end.
    const std::string piece(text.substr(start, cut - start));
    start = cut;
    reader.Feed(piece);
    TakeRows(reader, &file);
    if (file.broken) return file;
  }
  reader.Feed(text.substr(start));
  TakeRows(reader, &file);
  if (file.broken) return file;
  reader.Finish();
  TakeRows(reader, &file);
  return file;
}

File Read(absl::string_view text) { return ReadInPieces(text, {}); }

// What must hold wherever the pieces end: nothing depends on it.
void ExpectSameForEveryCut(absl::string_view text) {
  const File whole = Read(text);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const File cut_once = ReadInPieces(text, {cut});
    EXPECT_EQ(cut_once.rows, whole.rows) << cut;
    EXPECT_EQ(cut_once.lines, whole.lines) << cut;
    EXPECT_EQ(cut_once.problems, whole.problems) << cut;
    EXPECT_EQ(cut_once.broken, whole.broken) << cut;
  }
  std::vector<size_t> everywhere;
  for (size_t cut = 1; cut < text.size(); ++cut) everywhere.push_back(cut);
  const File bytewise = ReadInPieces(text, everywhere);
  EXPECT_EQ(bytewise.rows, whole.rows);
  EXPECT_EQ(bytewise.problems, whole.problems);
}

TEST(CsvReaderTest, ReadsRowsWithTheirLines) {
  const File file = Read("name,code\nvillages/a,1\n\"two\nlines\",\"a \"\"b\"\", c\"\nlast,");
  EXPECT_THAT(file.rows, ElementsAre(ElementsAre("name", "code"), ElementsAre("villages/a", "1"),
                                     ElementsAre("two\nlines", "a \"b\", c"), ElementsAre("last", "")));
  EXPECT_THAT(file.lines, ElementsAre(1, 2, 3, 5));
  EXPECT_THAT(file.problems, IsEmpty());
}

TEST(CsvReaderTest, TakesBothLineEndsAndAByteOrderMark) {
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "a,b\r\nc,\"d\r\ne\"\r\n")
                  .rows,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c", "d\r\ne")));
  EXPECT_THAT(Read("\xEF\xBB\xBF"
                   "\"a\",b\n")
                  .rows,
              ElementsAre(ElementsAre("a", "b")));
  EXPECT_THAT(Read("a\r").rows, ElementsAre(ElementsAre("a")));
}

TEST(CsvReaderTest, HasNoRowsInAnEmptyFile) {
  for (const absl::string_view text : {"", "\n", "\r\n\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\n"}) {
    EXPECT_THAT(Read(text).rows, IsEmpty()) << text;
    EXPECT_THAT(Read(text).problems, IsEmpty()) << text;
  }
}

TEST(CsvReaderTest, SkipsEmptyLinesButNotQuotedEmptyCells) {
  const File file = Read("a\n\n\"\"\n\r\n,\n");
  EXPECT_THAT(file.rows, ElementsAre(ElementsAre("a"), ElementsAre(""), ElementsAre("", "")));
  EXPECT_THAT(file.lines, ElementsAre(1, 3, 5));
}

TEST(CsvReaderTest, LeavesFormulasAndSpacesAlone) {
  EXPECT_THAT(Read("=1+1,+8, -2,@x\n").rows, ElementsAre(ElementsAre("=1+1", "+8", " -2", "@x")));
}

TEST(CsvReaderTest, ReportsMisplacedQuotesAndReadsOn) {
  const File file = Read("a\"b,c\n\"d\"e,f\ng,h\ri\nfine,row\n");
  EXPECT_THAT(file.problems, ElementsAre("1:0 FORMAT", "2:0 FORMAT", "3:1 FORMAT"));
  EXPECT_THAT(file.rows, ElementsAre(ElementsAre("a\"b", "c"), ElementsAre("de", "f"), ElementsAre("g", "h\ri"),
                                     ElementsAre("fine", "row")));
}

TEST(CsvReaderTest, ReportsTextThatIsNotUtf8AndReadsOn) {
  const File file = Read(
      "\xC8\xCB,ok\nok,\xF0\xA0\xAE\xB7\n\xED\xA0\x80,\xC0\x80\n\xEF\xBB"
      "a,b\n");
  EXPECT_THAT(file.problems, ElementsAre("1:0 MALFORMED", "3:0 MALFORMED", "3:1 MALFORMED", "4:0 MALFORMED"));
  EXPECT_EQ(file.rows[1][1], "𠮷");
  EXPECT_THAT(Read("\xEF\xBB").problems, ElementsAre("1:0 MALFORMED"));
}

TEST(CsvReaderTest, BreaksWhereAQuoteIsNeverClosed) {
  const File file = Read("a,b\nc,\"d\ne,f\n");
  EXPECT_TRUE(file.broken);
  EXPECT_THAT(file.problems, ElementsAre("2:1 FORMAT"));
  EXPECT_THAT(file.rows, ElementsAre(ElementsAre("a", "b")));
}

TEST(CsvReaderTest, BreaksAtTheLimits) {
  const std::string cell(kMaxCsvCell, 'x');
  EXPECT_FALSE(Read(cell).broken);
  EXPECT_THAT(Read(absl::StrCat("a\n", cell, "x")).problems, ElementsAre("2:0 LENGTH"));
  EXPECT_THAT(Read(absl::StrCat("\"", cell, "x\"")).problems, ElementsAre("1:0 LENGTH"));
  EXPECT_FALSE(Read(absl::StrCat(cell, ",", cell, ",", cell, ",", cell)).broken);
  EXPECT_THAT(Read(absl::StrCat(cell, ",", cell, ",", cell, ",", cell, ",y")).problems, ElementsAre("1:4 LENGTH"));
  EXPECT_FALSE(Read(std::string(kMaxCsvCells - 1, ',')).broken);
  EXPECT_TRUE(Read(std::string(kMaxCsvCells, ',')).broken);
}

TEST(CsvReaderTest, DoesNotDependOnWhereThePiecesEnd) {
  ExpectSameForEveryCut(
      "\xEF\xBB\xBF"
      "name,\"x \"\"y\"\"\"\r\n\r\n\"a\r\nb\",\"\"\n\"q\"z,w\rv\ne\"f,𠮷\n\xFF,g");
  ExpectSameForEveryCut("\xEF\xBB,a\n\"\",\n,,\n\"open");
}

TEST(CsvWriterTest, QuotesOnlyWhatNeedsIt) {
  std::string text;
  AppendCsvRow({"plain", " spaced ", "=1", "a,b", "a\"b", "two\nlines", "\r", "", "中文"}, &text);
  EXPECT_EQ(text, "plain, spaced ,=1,\"a,b\",\"a\"\"b\",\"two\nlines\",\"\r\",,中文\n");
  text.clear();
  AppendCsvRow({""}, &text);
  EXPECT_EQ(text, "\"\"\n");
}

TEST(CsvRoundTripTest, RandomRowsComeBackWhateverThePieces) {
  std::mt19937 random(20181105);
  const std::vector<std::string> atoms = {"a",  ",", "\"", "\n",   "\r", "\r\n",        "村",
                                          "𠮷", " ", "=",  "\"\"", "0",  "\xEF\xBB\xBF"};
  const auto below = [&random](size_t limit) { return random() % limit; };
  for (int round = 0; round < 2000; ++round) {
    Rows rows(1 + below(5));
    std::string text = below(2) == 0 ? "\xEF\xBB\xBF" : "";
    // What looks like a mark at the very beginning is one.
    if (text.empty()) rows.insert(rows.begin(), {"heading"});
    for (auto& row : rows) {
      if (row.empty()) row.resize(1 + below(4));
      for (std::string& cell : row) {
        if (cell == "heading") continue;
        for (size_t i = below(6); i > 0; --i) cell += atoms[below(atoms.size())];
      }
      AppendCsvRow(row, &text);
    }
    std::vector<size_t> cuts;
    for (size_t at = below(text.size() + 1); at <= text.size(); at += below(9)) {
      cuts.push_back(at);
      if (cuts.size() > 200) break;
    }
    const File file = ReadInPieces(text, cuts);
    ASSERT_THAT(file.rows, ElementsAreArray(rows)) << text;
    ASSERT_THAT(file.problems, IsEmpty()) << text;
  }
}

TEST(CsvReaderTest, BearsRandomBytes) {
  std::mt19937 random(7);
  const absl::string_view alphabet = "a,\"\n\r\xEF\xBB\xBF\xFF\x80";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (size_t i = random() % 40; i > 0; --i) text.push_back(alphabet[random() % alphabet.size()]);
    ExpectSameForEveryCut(text);
  }
}

}  // namespace
}  // namespace jiedui::bulk
