#include "services/gateway/evaluate.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace jiedui::gateway {
namespace {

constexpr int64_t kMicros = 1'000'000;

// numerator / denominator; the denominator is positive.
struct Fraction {
  Int128 numerator = 0;
  Int128 denominator = 1;
};

int64_t Saturate(Int128 value) {
  return static_cast<int64_t>(
      std::clamp<Int128>(value, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()));
}

Int128 Floor(const Fraction& fraction) {
  const Int128 quotient = fraction.numerator / fraction.denominator;
  return fraction.numerator % fraction.denominator < 0 ? quotient - 1 : quotient;
}

Int128 Ceil(const Fraction& fraction) { return -Floor({-fraction.numerator, fraction.denominator}); }

bool IsTracked(const v1::Target& target) { return target.comparator() == v1::COMPARATOR_TRACKED; }

bool IsAtMost(const v1::Target& target) { return target.comparator() == v1::COMPARATOR_AT_MOST; }

// In millionths, towards the side that does not meet the goal.
int64_t Rounded(const Fraction& value, const v1::Target& target) {
  const Fraction micros = {value.numerator * kMicros, value.denominator};
  return Saturate(IsAtMost(target) ? Ceil(micros) : Floor(micros));
}

// The unit of a total is so many of its measure's.
int64_t ScaleOf(const v1::Target& target) { return target.unit_scale() == 0 ? 1 : target.unit_scale(); }

// Nothing when there is nothing to compute from.
std::optional<Fraction> ValueOf(const CompiledTarget& target, const Tally& tally) {
  const bool nobody_reported = tally.unreported == tally.population;
  switch (target.target.kind()) {
    case v1::TARGET_KIND_SHARE:
      if (nobody_reported) return std::nullopt;
      return Fraction{tally.passed, tally.population};
    case v1::TARGET_KIND_TOTAL:
      if (target.counts_members) {
        if (nobody_reported) return std::nullopt;
        return Fraction{tally.passed, 1};
      }
      if (nobody_reported && tally.numerator == 0) return std::nullopt;
      return Fraction{tally.numerator, ScaleOf(target.target)};
    case v1::TARGET_KIND_RATIO:
      if (tally.denominator <= 0) return std::nullopt;
      return Fraction{tally.numerator, tally.denominator};
    case v1::TARGET_KIND_GROWTH:
      if (nobody_reported) return std::nullopt;
      if (tally.denominator == 0 && tally.numerator == 0) return Fraction{0, 1};
      if (tally.denominator <= 0) return std::nullopt;
      return Fraction{tally.numerator - tally.denominator, tally.denominator};
    default:
      return std::nullopt;
  }
}

// Both years were reported and the one before was nothing: beyond every number, so that there is a status but no value.
bool GrewFromNothing(const CompiledTarget& target, const Tally& tally) {
  return target.target.kind() == v1::TARGET_KIND_GROWTH && tally.unreported < tally.population &&
         tally.denominator == 0 && tally.numerator > 0;
}

struct Bounds {
  std::optional<int64_t> lower;
  std::optional<int64_t> upper;
};

// The unreported change by `micros`, the others as they did; all weigh the same.
int64_t Blend(const v1::Target& target, const Tally& tally, int64_t micros) {
  const Int128 reported = tally.population - tally.unreported;
  const Int128 change = tally.numerator - tally.denominator;
  const Int128 before = std::max<Int128>(tally.denominator, 1);  // from nothing to nothing is no change
  const Fraction blend = {reported * change * kMicros + tally.unreported * static_cast<Int128>(micros) * before,
                          before * tally.population};
  return Saturate(IsAtMost(target) ? Ceil(blend) : Floor(blend));
}

Bounds BoundsOf(const CompiledTarget& target, const Tally& tally, int64_t value) {
  const v1::Target& of = target.target;
  if (tally.unreported == 0) return {value, value};
  switch (of.kind()) {
    case v1::TARGET_KIND_SHARE:
      return {value, Rounded({tally.passed + tally.unreported, tally.population}, of)};
    case v1::TARGET_KIND_TOTAL:
      if (!target.counts_members) return {value, std::nullopt};
      return {value, Rounded({tally.passed + tally.unreported, 1}, of)};
    case v1::TARGET_KIND_RATIO: {
      const Int128 reported = tally.population - tally.unreported;
      if (target.adds_amounts && reported > 0) {
        // An unreported member has as much as an average one that reported.
        const Int128 whole = tally.denominator * tally.population;
        return {Rounded({tally.numerator * reported, whole}, of),
                Rounded({tally.numerator * reported + tally.unreported * tally.denominator, whole}, of)};
      }
      const Int128 objects = tally.denominator + tally.unreported;
      return {Rounded({tally.numerator, objects}, of), Rounded({tally.numerator + tally.unreported, objects}, of)};
    }
    default: {
      // An end beyond both nothing and the goal is the value itself.
      const int64_t low = std::min<int64_t>(0, of.goal_micros());
      const int64_t high = std::max<int64_t>(0, of.goal_micros());
      return {value < low ? value : Blend(of, tally, low), value > high ? value : Blend(of, tally, high)};
    }
  }
}

bool Meets(const v1::Target& target, int64_t value) {
  return IsAtMost(target) ? value <= target.goal_micros() : value >= target.goal_micros();
}

// Whether `times` × the value is at least the goal times the days gone by over all days.
bool KeepsPace(const CompiledTarget& target, const Fraction& value, int times, absl::CivilDay today) {
  const Int128 all = std::max<int64_t>(target.deadline - target.first_day, 1);
  const Int128 gone = std::clamp<Int128>(today - target.first_day, 0, all);
  return times * value.numerator * kMicros * all >= gone * target.target.goal_micros() * value.denominator;
}

// Nothing is short before the first quarter has ended, of a target that asks by quarter alone.
bool AsksForNothing(const CompiledTarget& target, absl::CivilDay today) {
  return !target.quarters.empty() && target.target.pass_filter().empty() && EndedQuarters(target, today) == 0;
}

v1::TargetStatus StatusOf(const CompiledTarget& target, const Fraction& value, int64_t micros, const Bounds& bounds,
                          absl::CivilDay today) {
  const v1::Target& of = target.target;
  const std::optional<int64_t>& worst = IsAtMost(of) ? bounds.upper : bounds.lower;
  const std::optional<int64_t>& best = IsAtMost(of) ? bounds.lower : bounds.upper;
  const bool met = Meets(of, micros);
  if (met && worst.has_value() && Meets(of, *worst)) return v1::TARGET_STATUS_MET;
  if (met) return v1::TARGET_STATUS_AT_RISK;
  if (AsksForNothing(target, today)) return v1::TARGET_STATUS_ON_TRACK;
  // What an ended quarter lacks no later day brings: it is not paced, and counts as it is.
  const bool paced = !IsAtMost(of) && target.quarters.empty() && today <= target.deadline;
  if (paced && KeepsPace(target, value, 1, today)) return v1::TARGET_STATUS_ON_TRACK;
  if (!best.has_value() || Meets(of, *best)) return v1::TARGET_STATUS_AT_RISK;
  if (paced && !KeepsPace(target, value, 2, today)) return v1::TARGET_STATUS_AT_RISK;
  return v1::TARGET_STATUS_BEHIND;
}

v1::TargetStatus StatusFromNothing(const v1::Target& target, const Tally& tally) {
  if (IsTracked(target)) return v1::TARGET_STATUS_TRACKED;
  if (tally.unreported > 0) return v1::TARGET_STATUS_AT_RISK;
  return IsAtMost(target) ? v1::TARGET_STATUS_BEHIND : v1::TARGET_STATUS_MET;
}

// Of `whole` objects (units, for a total) `have` count: how many more, or fewer, meet the goal.
int64_t Needed(const v1::Target& target, const Fraction& have, Int128 whole) {
  const Int128 goal = static_cast<Int128>(target.goal_micros()) * whole;
  const Fraction missing = {goal * have.denominator - have.numerator * kMicros, have.denominator * kMicros};
  return Saturate(
      std::max<Int128>(0, IsAtMost(target) ? Ceil({-missing.numerator, missing.denominator}) : Ceil(missing)));
}

void FillParts(const CompiledTarget& target, const Tally& tally, v1::ScorecardRow& row) {
  switch (target.target.kind()) {
    case v1::TARGET_KIND_SHARE:
      row.set_numerator(tally.passed);
      row.set_denominator(tally.population);
      break;
    case v1::TARGET_KIND_TOTAL:
      row.set_numerator(target.counts_members ? tally.passed : Saturate(tally.numerator));
      break;
    default:
      row.set_numerator(Saturate(tally.numerator));
      row.set_denominator(Saturate(tally.denominator));
  }
}

void FillGap(const CompiledTarget& target, const Tally& tally, const Fraction& value, int64_t micros,
             v1::ScorecardRow& row) {
  const v1::Target& of = target.target;
  row.set_gap_micros(Meets(of, micros) ? 0 : Saturate(static_cast<Int128>(of.goal_micros()) - micros));
  if (target.counts_members) {
    row.set_needed_count(MembersNeeded(target, tally));
  } else if (of.kind() == v1::TARGET_KIND_RATIO) {
    row.set_needed_count(Needed(of, {tally.numerator, 1}, tally.denominator));
  } else if (of.kind() == v1::TARGET_KIND_TOTAL) {
    row.set_needed_count(Needed(of, value, 1));
  }
}

}  // namespace

absl::CivilDay DayOf(absl::Time time) { return absl::ToCivilDay(time, absl::FixedTimeZone(8 * 60 * 60)); }

v1::ScorecardRow EmptyRow(const CompiledTarget& target, bool whole) {
  const v1::Target& of = target.target;
  v1::ScorecardRow row;
  row.set_target(of.name());
  row.set_position(of.position());
  row.set_display_name(of.display_name());
  row.set_clause(of.clause());
  row.set_kind(of.kind());
  row.set_unit(of.unit());
  row.set_comparator(of.comparator());
  row.set_deadline(of.deadline());
  row.set_status(v1::TARGET_STATUS_NO_DATA);
  if (!IsTracked(of) && (whole || of.kind() != v1::TARGET_KIND_TOTAL)) row.set_goal_micros(of.goal_micros());
  return row;
}

void FillRow(const CompiledTarget& target, const Tally& tally, absl::CivilDay today, v1::ScorecardRow& row) {
  row.set_unreported_count(tally.unreported);
  if (GrewFromNothing(target, tally)) {
    FillParts(target, tally, row);
    row.set_status(StatusFromNothing(target.target, tally));
    return;
  }
  const std::optional<Fraction> value = ValueOf(target, tally);
  if (!value.has_value()) return;
  const int64_t micros = Rounded(*value, target.target);
  const Bounds bounds = BoundsOf(target, tally, micros);
  row.set_value_micros(micros);
  if (bounds.lower.has_value()) row.set_lower_micros(*bounds.lower);
  if (bounds.upper.has_value()) row.set_upper_micros(*bounds.upper);
  FillParts(target, tally, row);
  if (!row.has_goal_micros()) {
    row.set_status(IsTracked(target.target) ? v1::TARGET_STATUS_TRACKED : v1::TARGET_STATUS_NO_GOAL);
    return;
  }
  row.set_status(StatusOf(target, *value, micros, bounds, today));
  FillGap(target, tally, *value, micros, row);
}

int64_t MembersNeeded(const CompiledTarget& target, const Tally& tally) {
  const bool share = target.target.kind() == v1::TARGET_KIND_SHARE;
  return Needed(target.target, {tally.passed, 1}, share ? tally.population : 1);
}

}  // namespace jiedui::gateway
