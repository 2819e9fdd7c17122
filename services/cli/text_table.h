// Tables for a terminal: columns aligned by what characters take up on the screen, where Chinese ones are two columns wide.

#ifndef JIEDUI_SERVICES_CLI_TEXT_TABLE_H_
#define JIEDUI_SERVICES_CLI_TEXT_TABLE_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace jiedui::cli {

// Columns that `text` (UTF-8) takes up in a terminal; combining marks take none.
size_t DisplayWidth(absl::string_view text);

// `text` with control characters and changes of direction escaped (\t, \n, \x1b, \u{202e}), so that what a record holds can
// neither move the cursor nor read as something else.
std::string Printable(absl::string_view text);

// `text`, or its beginning and "…" when it takes up more than `width` columns.
std::string CutToWidth(absl::string_view text, size_t width);

class TextTable {
 public:
  enum class Align { kLeft, kRight };

  void AddColumn(std::string heading, Align align = Align::kLeft);
  // As many cells as there are columns.
  void AddRow(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  void Print(std::ostream& out) const;

 private:
  std::vector<std::string> headings_;
  std::vector<Align> alignments_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_TEXT_TABLE_H_
