#include "services/gateway/small_cells.h"

namespace jiedui::gateway {

namespace {

bool IsBelow(int64_t count, int64_t threshold) { return count > 0 && count < threshold; }

// What tells how many persons, or cases of theirs, are in a measure's value over a range: the value, or the count of a sum. Where
// that count is not there the sum is taken for one of few.
int64_t CountBehind(const Catalog& catalog, const Snapshot& snapshot, int year, int measure, Range range,
                    int64_t value) {
  const int counted_by = catalog.measures()[measure].counted_by;
  if (counted_by < 0) return value;
  const Column* column = snapshot.ColumnOf(catalog.measures()[counted_by], year);
  if (column == nullptr) return 1;
  int64_t count = 0;
  for (int place = range.begin; place < range.end; ++place) count += (*column)[place];
  return count;
}

}  // namespace

bool IsOfPersons(const Catalog& catalog, int measure) {
  return measure >= 0 && catalog.measures()[measure].definition.of_persons();
}

bool CountsPersons(const CompiledTarget& target, const Catalog& catalog) {
  // A number of villages is none of persons; growth compares sums of money or weight.
  if (target.counts_members || target.target.kind() == v1::TARGET_KIND_GROWTH) return false;
  return IsOfPersons(catalog, target.numerator) || IsOfPersons(catalog, target.denominator);
}

bool IsFew(const Catalog& catalog, const Snapshot& snapshot, int year, int measure, int place, int64_t value,
           int64_t threshold) {
  if (!IsOfPersons(catalog, measure)) return false;
  return CountBehind(catalog, snapshot, year, measure, {place, place + 1}, value) < threshold;
}

bool IsWithheld(const CompiledTarget& target, const Catalog& catalog, const Scan& scan, const Snapshot& snapshot,
                int place, int64_t threshold) {
  const Places& places = *snapshot.places;
  const bool numerator = IsOfPersons(catalog, target.numerator);
  const bool denominator = IsOfPersons(catalog, target.denominator);
  const auto count = [&](int measure, Range range, Int128 value) {
    return CountBehind(catalog, snapshot, target.target.year(), measure, range, static_cast<int64_t>(value));
  };
  const auto is_small = [&](Range range) {
    const Tally tally = scan.Count(range);
    const int64_t above = numerator ? count(target.numerator, range, tally.numerator) : 0;
    const int64_t below = denominator ? count(target.denominator, range, tally.denominator) : 0;
    return IsBelow(above, threshold) || IsBelow(below, threshold) ||
           (numerator && denominator && IsBelow(below - above, threshold));
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
