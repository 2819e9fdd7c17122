#include "common/filter/problems.h"

#include "absl/strings/str_cat.h"
#include "common/filter/utf8.h"

namespace jiedui::filter {
namespace {

constexpr absl::string_view kFieldName = "filter";

}  // namespace

void Problems::Add(size_t offset, const Text& text) {
  const size_t position = CountCharacters(text_.substr(0, offset)) + 1;
  violations_.Add(
      kFieldName, error::v1::REASON_FILTER,
      {absl::StrCat("at character ", position, ": ", text.en), absl::StrCat("第 ", position, " 个字符处：", text.zh)});
}

void Problems::AddWhole(const Text& text) { violations_.Add(kFieldName, error::v1::REASON_FILTER, text); }

}  // namespace jiedui::filter
