#include "services/gateway/failing.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace jiedui::gateway {
namespace {

constexpr int64_t kBillion = 1'000'000'000;
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

struct Candidate {
  bool unreported;
  int64_t distance;
  int place;
};

bool Holds(const Condition& condition, int64_t value) {
  return (value >= condition.low && value <= condition.high) != condition.negated;
}

// The nearest value that passes, preferring a higher one; `value` does not.
int64_t NeededValue(const Condition& condition, int64_t value) {
  if (!condition.negated) return value < condition.low ? condition.low : condition.high;
  return condition.high < kMax ? condition.high + 1 : std::max(condition.low, kMin + 1) - 1;
}

Int128 Magnitude(Int128 value) { return value < 0 ? -value : value; }

// Calls `visit(condition, value, needed value)` for each condition that the place does not meet, where all have to be met.
template <typename Visit>
void VisitUnmet(const Scan& scan, int place, Visit visit) {
  for (const Predicate* pass : scan.passes()) {
    if (pass->form != Predicate::Form::kAll) continue;
    for (const Condition& condition : pass->conditions) {
      const int64_t value = scan.Value(condition.measure, place);
      if (!Holds(condition, value)) visit(condition, value, NeededValue(condition, value));
    }
  }
}

// How far the place is from passing: in billionths of what is needed, added up over the conditions.
int64_t DistanceOf(const Scan& scan, int place, const IsHidden& is_hidden) {
  Int128 sum = 0;
  VisitUnmet(scan, place, [&](const Condition& condition, int64_t value, int64_t needed) {
    sum += Magnitude(static_cast<Int128>(needed) - value) * kBillion / std::max<Int128>(1, Magnitude(needed));
    if (is_hidden && is_hidden(condition.measure, place, value)) sum += kMax;
  });
  return static_cast<int64_t>(std::min<Int128>(sum, kMax));
}

FailingKey KeyOf(const Candidate& candidate, const Places& places) {
  const Place& place = places[candidate.place];
  return {candidate.unreported, candidate.distance, place.code, place.name};
}

bool IsBefore(const Candidate& a, const Candidate& b, const Places& places) {
  if (a.unreported != b.unreported) return b.unreported;
  if (a.distance != b.distance) return a.distance < b.distance;
  return std::tie(places[a.place].code, places[a.place].name) < std::tie(places[b.place].code, places[b.place].name);
}

std::vector<Candidate> FindFailing(const Scan& scan, Range range, const IsHidden& is_hidden) {
  std::vector<Candidate> found;
  if (range.begin >= range.end) return found;
  Mask member, reported, passed;
  for (int chunk = range.begin / Column::kChunkSize; chunk <= (range.end - 1) / Column::kChunkSize; ++chunk) {
    const Range part = Scan::InChunk(range, chunk);
    scan.Classify(chunk, part, member, reported, passed);
    for (int i = part.begin; i < part.end; ++i) {
      if (member[i] == 0 || passed[i] != 0) continue;
      Candidate candidate = {reported[i] == 0, 0, chunk * Column::kChunkSize + i};
      if (!candidate.unreported) candidate.distance = DistanceOf(scan, candidate.place, is_hidden);
      found.push_back(candidate);
    }
  }
  return found;
}

v1::FailingVillage Describe(const Candidate& candidate, const Catalog& catalog, const Scan& scan, const Places& places,
                            const IsHidden& is_hidden) {
  const Place& place = places[candidate.place];
  v1::FailingVillage village;
  village.set_village(place.name);
  village.set_code(place.code);
  village.set_display_name(place.display_name);
  for (int above = place.parent; above >= 0; above = places[above].parent) {
    if (places[above].level == village::v1::DIVISION_LEVEL_CITY) break;
    village.add_parent_display_names(places[above].display_name);
  }
  village.set_unreported(candidate.unreported);
  if (candidate.unreported) return village;
  VisitUnmet(scan, candidate.place, [&](const Condition& condition, int64_t value, int64_t needed) {
    v1::Shortfall* shortfall = village.add_shortfalls();
    shortfall->set_measure(catalog.measures()[condition.measure].definition.id());
    if (is_hidden && is_hidden(condition.measure, candidate.place, value)) {
      shortfall->set_withheld(true);
    } else {
      shortfall->set_value(value);
    }
    shortfall->set_needed_value(needed);
  });
  return village;
}

}  // namespace

FailingPage ListFailing(const Catalog& catalog, const Scan& scan, const Places& places, Range range,
                        const FailingKey* after, size_t size, const IsHidden& is_hidden) {
  FailingPage page;
  page.tally = scan.Count(range);
  std::vector<Candidate> candidates = FindFailing(scan, range, is_hidden);
  if (after != nullptr) {
    const auto seen = [&](const Candidate& candidate) { return KeyOf(candidate, places) <= *after; };
    candidates.erase(std::remove_if(candidates.begin(), candidates.end(), seen), candidates.end());
  }
  page.has_more = candidates.size() > size;
  const auto end = candidates.begin() + static_cast<int64_t>(std::min(size, candidates.size()));
  std::partial_sort(candidates.begin(), end, candidates.end(),
                    [&places](const Candidate& a, const Candidate& b) { return IsBefore(a, b, places); });
  for (auto it = candidates.begin(); it != end; ++it) {
    page.villages.push_back(Describe(*it, catalog, scan, places, is_hidden));
    page.keys.push_back(KeyOf(*it, places));
  }
  return page;
}

}  // namespace jiedui::gateway
