#include "services/infrastructure/places.h"

#include <algorithm>

#include "jiedui/village/v1/directory.pb.h"

namespace jiedui::infrastructure {
namespace {

constexpr int kDefaultPageSize = 50;

}  // namespace

bool IsMember(const store::Engine& engine, const std::string& village, const std::string& day) {
  const auto entry = engine.remote_names()->Find(village);
  return entry.has_value() && !entry->from_date().empty() && entry->from_date() <= day &&
         (entry->to_date().empty() || entry->to_date() > day);
}

bool IsWithin(const store::Engine& engine, std::string place, const std::string& division) {
  if (division.empty()) return true;
  // The tree has four levels: a chain that is longer is being changed.
  for (int i = 0; i < 4 && place != division; ++i) {
    const auto entry = engine.remote_names()->Find(place);
    if (!entry.has_value() || entry->parent().empty()) return false;
    place = entry->parent();
  }
  return place == division;
}

void CheckDivision(const store::Engine& engine, const std::string& division, Violations& violations) {
  if (division.empty() || engine.remote_names()->Exists(division)) return;
  violations.Add("division", error::v1::REASON_DANGLING_REFERENCE, {"does not exist", "不存在"});
}

void CheckPage(int page_size, Violations& violations) {
  if (page_size >= 0) return;
  violations.Add("page_size", error::v1::REASON_RANGE, {"must not be negative", "不得为负数"});
}

size_t PageSizeOf(int page_size) {
  return static_cast<size_t>(page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize));
}

}  // namespace jiedui::infrastructure
