#include "services/gateway/scan.h"

#include <algorithm>
#include <limits>

namespace jiedui::gateway {
namespace {

// The loops below are what a report costs; they are written so that the compiler makes them vector code.

void KeepWithin(const int64_t* values, const Condition& condition, Range part, Mask& mask) {
  const int64_t low = condition.low;
  const int64_t high = condition.high;
  const int64_t flip = condition.negated ? -1 : 0;
  int64_t* out = mask.data();
  for (int i = part.begin; i < part.end; ++i) {
    out[i] &= -static_cast<int64_t>((values[i] >= low) & (values[i] <= high)) ^ flip;
  }
}

void AddWithin(const int64_t* values, const Condition& condition, Range part, Mask& mask) {
  const int64_t low = condition.low;
  const int64_t high = condition.high;
  const int64_t flip = condition.negated ? -1 : 0;
  int64_t* out = mask.data();
  for (int i = part.begin; i < part.end; ++i) {
    out[i] |= -static_cast<int64_t>((values[i] >= low) & (values[i] <= high)) ^ flip;
  }
}

void SetAbove(const int64_t* values, int64_t bound, Range part, Mask& mask) {
  int64_t* out = mask.data();
  for (int i = part.begin; i < part.end; ++i) out[i] = -static_cast<int64_t>(values[i] > bound);
}

int64_t CountSet(const Mask& mask, Range part) {
  int64_t count = 0;
  const int64_t* in = mask.data();
  for (int i = part.begin; i < part.end; ++i) count -= in[i];
  return count;
}

// Exact for any values. The halves are summed apart, since the compiler has no vector code for 128 bits: neither sum of a chunk
// reaches 2^43.
Int128 Sum(const int64_t* values, Range part) {
  int64_t high = 0;
  int64_t low = 0;
  for (int i = part.begin; i < part.end; ++i) {
    high += values[i] >> 32;
    low += values[i] & 0xffffffff;
  }
  return (static_cast<Int128>(high) << 32) + low;
}

}  // namespace

std::optional<Scan> Scan::Create(const CompiledTarget& target, const Catalog& catalog, const Snapshot& snapshot,
                                 absl::CivilDay today) {
  Scan scan(target, catalog.measures().size());
  scan.passes_ = {&target.pass};
  for (int quarter = 0; quarter < EndedQuarters(target, today); ++quarter) {
    scan.passes_.push_back(&target.quarters[quarter]);
  }
  const int year = target.target.year();
  const bool growth = target.target.kind() == v1::TARGET_KIND_GROWTH;
  bool complete = true;
  for (const int measure : {target.population, target.numerator, target.denominator}) {
    if (measure >= 0) complete = complete && scan.Need(catalog, snapshot, measure, year, scan.columns_);
  }
  for (const Predicate* pass : scan.passes_) {
    for (const int measure : pass->measures) {
      complete = complete && scan.Need(catalog, snapshot, measure, year, scan.columns_);
    }
  }
  for (const int measure : target.reported.measures) {
    complete = complete && scan.Need(catalog, snapshot, measure, year, scan.columns_);
    if (growth) complete = complete && scan.Need(catalog, snapshot, measure, year - 1, scan.columns_before_);
  }
  if (growth) complete = complete && scan.Need(catalog, snapshot, target.numerator, year - 1, scan.columns_before_);
  if (!complete) return std::nullopt;
  return scan;
}

bool Scan::Need(const Catalog& catalog, const Snapshot& snapshot, int measure, int year, Columns& columns) {
  columns[measure] = snapshot.ColumnOf(catalog.measures()[measure], year);
  inputs_.push_back(columns[measure]);
  return columns[measure] != nullptr;
}

Range Scan::InChunk(Range range, int chunk) {
  const int first = chunk * Column::kChunkSize;
  return {std::max(range.begin - first, 0), std::min(range.end - first, Column::kChunkSize)};
}

void Scan::Restrict(const Predicate& predicate, const Columns& columns, int chunk, Range part, Mask& mask) const {
  if (predicate.form == Predicate::Form::kAll) {
    for (const Condition& condition : predicate.conditions) {
      KeepWithin(columns[condition.measure]->Values(chunk), condition, part, mask);
    }
    return;
  }
  if (predicate.form == Predicate::Form::kAny) {
    Mask any;
    std::fill(any.begin() + part.begin, any.begin() + part.end, 0);
    for (const Condition& condition : predicate.conditions) {
      AddWithin(columns[condition.measure]->Values(chunk), condition, part, any);
    }
    for (int i = part.begin; i < part.end; ++i) mask[i] &= any[i];
    return;
  }
  for (int i = part.begin; i < part.end; ++i) {
    if (mask[i] == 0) continue;
    const auto value = [&columns, chunk, i](int measure) { return columns[measure]->Values(chunk)[i]; };
    if (!predicate.filter.MatchesNumbers(value)) mask[i] = 0;
  }
}

void Scan::Classify(int chunk, Range part, Mask& member, Mask& reported, Mask& passed) const {
  SetAbove(columns_[target_->population]->Values(chunk), 0, part, member);
  std::copy(member.begin() + part.begin, member.begin() + part.end, reported.begin() + part.begin);
  Restrict(target_->reported, columns_, chunk, part, reported);
  if (!target_->counts_members) return;
  std::copy(reported.begin() + part.begin, reported.begin() + part.end, passed.begin() + part.begin);
  for (const Predicate* pass : passes_) Restrict(*pass, columns_, chunk, part, passed);
}

Tally Scan::Count(Range range) const {
  Tally tally;
  if (range.begin >= range.end) return tally;
  const int first_whole = (range.begin + Column::kChunkSize - 1) / Column::kChunkSize;
  const int end_whole = range.end / Column::kChunkSize;
  if (first_whole < end_whole) {
    target_->tallies[passes_.size() - 1].Add(
        inputs_, first_whole, end_whole,
        [this](int chunk) {
          return CountInChunk(chunk, {0, Column::kChunkSize});
        },
        tally);
  }
  for (int chunk = range.begin / Column::kChunkSize; chunk <= (range.end - 1) / Column::kChunkSize; ++chunk) {
    if (chunk < first_whole || chunk >= end_whole) tally.Add(CountInChunk(chunk, InChunk(range, chunk)));
  }
  return tally;
}

Tally Scan::CountInChunk(int chunk, Range part) const {
  Tally tally;
  const bool growth = target_->target.kind() == v1::TARGET_KIND_GROWTH;
  if (!columns_[target_->population]->IsZero(chunk)) {
    Mask member, reported, passed;
    Classify(chunk, part, member, reported, passed);
    const int64_t members = CountSet(member, part);
    if (growth) CountGrowth(chunk, part, member, reported, tally);
    tally.population = members;
    tally.unreported = members - CountSet(reported, part);
    if (target_->counts_members) tally.passed = CountSet(passed, part);
  }
  if (growth) return tally;
  if (target_->numerator >= 0) tally.numerator = Sum(columns_[target_->numerator]->Values(chunk), part);
  if (target_->denominator >= 0) tally.denominator = Sum(columns_[target_->denominator]->Values(chunk), part);
  return tally;
}

void Scan::CountGrowth(int chunk, Range part, const Mask& member, Mask& reported, Tally& tally) const {
  Mask before = member;
  Restrict(target_->reported, columns_before_, chunk, part, before);
  const int64_t* weights = columns_[target_->denominator]->Values(chunk);
  const int64_t* values = columns_[target_->numerator]->Values(chunk);
  const int64_t* values_before = columns_before_[target_->numerator]->Values(chunk);
  for (int i = part.begin; i < part.end; ++i) {
    reported[i] &= before[i];
    const Int128 weight = weights[i] & reported[i];
    tally.numerator += weight * values[i];
    tally.denominator += weight * values_before[i];
  }
}

}  // namespace jiedui::gateway
