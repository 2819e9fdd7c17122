#include "services/gateway/small_cells.h"

namespace jiedui::gateway {

bool MaySeePersons(const Principal& principal) {
  return principal.HasRole(options::v1::ROLE_EDITOR) || principal.HasRole(options::v1::ROLE_REVIEWER) ||
         principal.HasRole(options::v1::ROLE_AUDITOR);
}

bool IsOfPersons(const Catalog& catalog, int measure) {
  return measure >= 0 && catalog.measures()[measure].definition.of_persons();
}

bool CountsPersons(const CompiledTarget& target, const Catalog& catalog) {
  // A number of villages is none of persons; growth compares sums of money or weight.
  if (target.counts_members || target.target.kind() == v1::TARGET_KIND_GROWTH) return false;
  return IsOfPersons(catalog, target.numerator) || IsOfPersons(catalog, target.denominator);
}

bool IsWithheld(const CompiledTarget& target, const Catalog& catalog, const Scan& scan, const Places& places, int place,
                int64_t threshold) {
  const bool numerator = IsOfPersons(catalog, target.numerator);
  const bool denominator = IsOfPersons(catalog, target.denominator);
  const auto is_few = [threshold](int64_t count) { return count > 0 && count < threshold; };
  const auto is_small = [&](Range range) {
    const Tally tally = scan.Count(range);
    return (numerator && is_few(tally.numerator)) || (denominator && is_few(tally.denominator)) ||
           (numerator && denominator && is_few(tally.denominator - tally.numerator));
  };
  if (place < 0) return is_small({0, places.size()});
  for (int at = place; at >= 0; at = places[at].parent) {
    const int parent = places[at].parent;
    if (parent < 0) return is_small({at, places[at].end});
    for (int beside = parent + 1; beside < places[parent].end; beside = places[beside].end) {
      if (is_small({beside, places[beside].end})) return true;
    }
  }
  return false;
}

void Withhold(v1::ScorecardRow& row) {
  row.clear_value_micros();
  row.clear_numerator();
  row.clear_denominator();
  row.clear_unreported_count();
  row.clear_lower_micros();
  row.clear_upper_micros();
  row.clear_gap_micros();
  row.clear_needed_count();
  row.set_status(v1::TARGET_STATUS_WITHHELD);
}

}  // namespace jiedui::gateway
