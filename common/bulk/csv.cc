#include "common/bulk/csv.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/filter/utf8.h"

namespace jiedui::bulk {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Enough to say what is wrong with a row; the rest would repeat it.
constexpr size_t kMaxProblems = 100;

// Whether a byte ends a run of plain ones outside quotes.
constexpr std::array<bool, 256> kSpecial = [] {
  std::array<bool, 256> special{};
  special[','] = special['"'] = special['\n'] = special['\r'] = true;
  return special;
}();

bool IsAscii(absl::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080u;
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= text.size(); i += sizeof(uint64_t)) {
    uint64_t word;
    std::memcpy(&word, text.data() + i, sizeof(word));
    if ((word & kHighBits) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if ((text[i] & 0x80) != 0) return false;
  }
  return true;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    char32_t character;
    const size_t length = filter::DecodeCharacter(text, &character);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool NeedsQuotes(absl::string_view cell) {
  return std::any_of(cell.begin(), cell.end(), [](char c) { return kSpecial[static_cast<unsigned char>(c)]; });
}

}  // namespace

CsvReader::Result CsvReader::Next() {
  if (broken_) return Result::kBroken;
  if (state_ == State::kRowStart) BeginRow();
  while (!input_.empty()) {
    bool complete = false;
    switch (state_) {
      case State::kStart:
        complete = StepStart();
        break;
      case State::kRowStart:
      case State::kCellStart:
        complete = StepCellStart();
        break;
      case State::kPlain:
        complete = StepPlain();
        break;
      case State::kQuoted:
        complete = StepQuoted();
        break;
      case State::kQuoteInQuoted:
        complete = StepQuoteInQuoted();
        break;
      case State::kAfterQuoted:
        complete = StepPlain();
        break;
      case State::kCarriageReturn:
        complete = StepCarriageReturn();
        break;
    }
    if (broken_) return Result::kBroken;
    if (!complete) continue;
    if (const Result result = EmitRow(); result == Result::kRow) return result;
    BeginRow();
  }
  return finished_ ? Finishing() : Result::kNeedInput;
}

// The mark may arrive byte by byte; what only looks like one is data.
bool CsvReader::StepStart() {
  while (!input_.empty() && mark_bytes_ < kByteOrderMark.size()) {
    if (input_[0] != kByteOrderMark[mark_bytes_]) {
      const size_t taken = std::exchange(mark_bytes_, kByteOrderMark.size());
      BeginRow();
      if (taken > 0) {
        Append(kByteOrderMark.substr(0, taken));
        state_ = State::kPlain;
      }
      return false;
    }
    ++mark_bytes_;
    input_.remove_prefix(1);
  }
  if (mark_bytes_ == kByteOrderMark.size()) BeginRow();
  return false;
}

bool CsvReader::StepCellStart() {
  if (input_[0] != '"') {
    state_ = State::kPlain;
    return StepPlain();
  }
  quoted_row_ = true;
  state_ = State::kQuoted;
  input_.remove_prefix(1);
  return false;
}

bool CsvReader::StepPlain() {
  size_t run = 0;
  while (run < input_.size() && !kSpecial[static_cast<unsigned char>(input_[run])]) ++run;
  if (run > 0) {
    if (state_ == State::kAfterQuoted) {
      AddProblem(error::v1::REASON_FORMAT, {"has text after its closing quote", "右引号之后还有文字"});
      state_ = State::kPlain;
    }
    if (!Append(input_.substr(0, run))) return false;
    input_.remove_prefix(run);
  }
  if (input_.empty()) return false;
  const char special = input_[0];
  input_.remove_prefix(1);
  switch (special) {
    case ',':
      state_ = State::kCellStart;
      EndCell();
      return false;
    case '\n':
      ++line_;
      return EndCell();
    case '\r':
      state_ = State::kCarriageReturn;
      return false;
    default:
      AddProblem(error::v1::REASON_FORMAT,
                 {"has a quote inside although it does not begin with one; quotes are doubled in a quoted cell",
                  "单元格未以引号开头却含引号；含引号的内容须整格加引号，其中的引号写两遍"});
      state_ = State::kPlain;
      Append("\"");
      return false;
  }
}

bool CsvReader::StepQuoted() {
  const size_t quote = input_.find('"');
  const absl::string_view run = input_.substr(0, quote);
  line_ += std::count(run.begin(), run.end(), '\n');
  if (!Append(run)) return false;
  input_.remove_prefix(run.size());
  if (quote == absl::string_view::npos) return false;
  input_.remove_prefix(1);
  state_ = State::kQuoteInQuoted;
  return false;
}

bool CsvReader::StepQuoteInQuoted() {
  if (input_[0] != '"') {
    state_ = State::kAfterQuoted;
    return StepPlain();
  }
  input_.remove_prefix(1);
  state_ = State::kQuoted;
  Append("\"");
  return false;
}

bool CsvReader::StepCarriageReturn() {
  if (input_[0] == '\n') {
    input_.remove_prefix(1);
    ++line_;
    return EndCell();
  }
  AddProblem(error::v1::REASON_FORMAT, {"has a carriage return that ends no line; lines end with LF or CRLF",
                                        "含有不在行尾的回车符；行尾应为LF或CRLF"});
  state_ = State::kPlain;
  Append("\r");
  return false;
}

bool CsvReader::Append(absl::string_view bytes) {
  if (text_.size() - cell_start_ + bytes.size() > kMaxCsvCell) {
    Break(error::v1::REASON_LENGTH, {absl::StrCat("a cell has more than ", kMaxCsvCell, " bytes"),
                                     absl::StrCat("单元格超过", kMaxCsvCell, "字节")});
    return false;
  }
  if (text_.size() + bytes.size() > kMaxCsvRow) {
    Break(error::v1::REASON_LENGTH,
          {absl::StrCat("a row has more than ", kMaxCsvRow, " bytes"), absl::StrCat("一行超过", kMaxCsvRow, "字节")});
    return false;
  }
  text_.append(bytes.data(), bytes.size());
  return true;
}

bool CsvReader::EndCell() {
  if (ends_.size() == kMaxCsvCells) {
    Break(error::v1::REASON_LENGTH,
          {absl::StrCat("a row has more than ", kMaxCsvCells, " cells"), absl::StrCat("一行超过", kMaxCsvCells, "格")});
    return false;
  }
  ends_.push_back(text_.size());
  cell_start_ = text_.size();
  return true;
}

void CsvReader::BeginRow() {
  state_ = State::kCellStart;
  row_line_ = line_;
  text_.clear();
  ends_.clear();
  cell_start_ = 0;
  quoted_row_ = false;
  cells_.clear();
  problems_.clear();
}

// kRow, or kNeedInput for an empty line.
CsvReader::Result CsvReader::EmitRow() {
  state_ = State::kRowStart;
  if (ends_.size() == 1 && text_.empty() && !quoted_row_) return Result::kNeedInput;
  const bool ascii = IsAscii(text_);
  size_t start = 0;
  for (size_t i = 0; i < ends_.size(); ++i) {
    cells_.push_back(absl::string_view(text_).substr(start, ends_[i] - start));
    start = ends_[i];
    if (ascii || IsUtf8(cells_.back()) || problems_.size() >= kMaxProblems) continue;
    problems_.push_back(
        {row_line_, static_cast<int>(i), error::v1::REASON_MALFORMED, {"is not UTF-8 text", "不是UTF-8编码的文字"}});
  }
  return Result::kRow;
}

CsvReader::Result CsvReader::Finishing() {
  switch (state_) {
    case State::kStart:
      if (mark_bytes_ == 0) return Result::kEnd;
      Append(kByteOrderMark.substr(0, mark_bytes_));
      break;
    case State::kRowStart:
      return Result::kEnd;
    case State::kCellStart:
      if (ends_.empty()) return Result::kEnd;  // nothing since the last line end
      break;
    case State::kQuoted:
      return Break(error::v1::REASON_FORMAT,
                   {"the file ends inside a quoted cell: a closing quote is missing", "文件在引号内结束：缺少右引号"});
    default:
      break;
  }
  if (!EndCell()) return Result::kBroken;
  return EmitRow() == Result::kRow ? Result::kRow : Result::kEnd;
}

CsvReader::Result CsvReader::Break(Reason reason, Text text) {
  broken_ = true;
  cells_.clear();
  problems_.clear();
  AddProblem(reason, std::move(text));
  return Result::kBroken;
}

void CsvReader::AddProblem(Reason reason, Text text) {
  if (problems_.size() >= kMaxProblems) return;
  problems_.push_back({row_line_, static_cast<int>(ends_.size()), reason, std::move(text)});
}

void AppendCsvCell(absl::string_view cell, std::string* out) {
  if (!NeedsQuotes(cell)) {
    out->append(cell.data(), cell.size());
    return;
  }
  out->push_back('"');
  while (true) {
    const size_t quote = cell.find('"');
    const absl::string_view run = cell.substr(0, quote == absl::string_view::npos ? quote : quote + 1);
    out->append(run.data(), run.size());
    if (quote == absl::string_view::npos) break;
    out->push_back('"');
    cell.remove_prefix(quote + 1);
  }
  out->push_back('"');
}

void AppendCsvRow(absl::Span<const std::string> cells, std::string* out) {
  // A lone empty cell would look like an empty line, which readers skip.
  if (cells.size() == 1 && cells[0].empty()) out->append("\"\"");
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out->push_back(',');
    AppendCsvCell(cells[i], out);
  }
  out->push_back('\n');
}

}  // namespace jiedui::bulk
