// The problems found in one filter text; internal to common/filter.

#ifndef JIEDUI_COMMON_FILTER_PROBLEMS_H_
#define JIEDUI_COMMON_FILTER_PROBLEMS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/status/error.h"

namespace jiedui::filter {

class Problems {
 public:
  // `text` must outlive this.
  explicit Problems(absl::string_view text) : text_(text) {}

  // `offset` counts bytes; the reader is told characters. The texts must not repeat a value of the filter: it may be
  // somebody's name.
  void Add(size_t offset, const Text& text);
  // A problem of the text as a whole.
  void AddWhole(const Text& text);

  bool empty() const { return violations_.empty(); }
  absl::Status ToStatus() const { return violations_.ToStatus(); }

 private:
  absl::string_view text_;
  Violations violations_;
};

}  // namespace jiedui::filter

#endif  // JIEDUI_COMMON_FILTER_PROBLEMS_H_
