#include "common/store/places.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "jiedui/village/v1/directory.pb.h"

namespace jiedui::store {
namespace {

using village::v1::DirectoryEntry;
using village::v1::DivisionLevel;

std::optional<DirectoryEntry> Find(UnitOfWork& work, absl::string_view name) {
  const RemoteNames* names = work.engine().remote_names();
  return names == nullptr || name.empty() ? std::nullopt : names->Find(name);
}

absl::string_view LevelName(DivisionLevel level) {
  switch (level) {
    case village::v1::DIVISION_LEVEL_CITY:
      return "市";
    case village::v1::DIVISION_LEVEL_DISTRICT:
      return "区";
    default:
      return "镇(乡)";
  }
}

}  // namespace

void CheckDivisionLevel(UnitOfWork& work, const std::string& field, absl::string_view division, DivisionLevel level,
                        Violations& violations) {
  const std::optional<DirectoryEntry> entry = Find(work, division);
  if (!entry.has_value() || entry->level() == level) return;
  if (entry->level() == village::v1::DIVISION_LEVEL_UNSPECIFIED) return;
  work.set_missed_remote();
  violations.Add(field, error::v1::REASON_RULE,
                 {absl::StrCat(division, " is not of the level ", village::v1::DivisionLevel_Name(level)),
                  absl::StrCat(division, " 不是", LevelName(level))});
}

bool LiesOutside(UnitOfWork& work, absl::string_view place, absl::string_view division) {
  if (place.empty() || division.empty()) return false;
  std::string above(place);
  // The tree has four levels: a chain that is longer is being changed and is judged when it is whole again.
  for (int i = 0; i < 4 && above != division; ++i) {
    const std::optional<DirectoryEntry> entry = Find(work, above);
    if (!entry.has_value()) return false;
    if (entry->parent().empty()) return entry->level() == village::v1::DIVISION_LEVEL_CITY;
    above = entry->parent();
  }
  return false;
}

void CheckWithin(UnitOfWork& work, const std::string& field, absl::string_view place, absl::string_view division,
                 Violations& violations) {
  if (!LiesOutside(work, place, division)) return;
  work.set_missed_remote();
  violations.Add(field, error::v1::REASON_RULE,
                 {absl::StrCat(place, " does not lie in ", division), absl::StrCat(place, " 不在 ", division, " 内")});
}

}  // namespace jiedui::store
