// From counts to a row of the scorecard, exactly: every comparison is one of integers.
//
// Values are in millionths of the unit, rounded towards the side that does not meet the goal (down where the value must be
// at least the goal, up where it must be at most that). Because a goal is a whole number of millionths, the rounded value
// meets it exactly when the value itself does.
//
//   kind    value                        lower and upper, when the unreported turn out worst and best
//   SHARE   passed / population          none and all of them pass
//   RATIO   numerator / denominator      each stands for one more object: not counted, counted above the line; where
//                                        amounts are added up, for as much as an average member that reported
//   TOTAL   passed, or the sum           none and all of them pass; of a sum the upper is unknown
//   GROWTH  numerator / denominator - 1  each stands for an average member that changed by nothing or by the goal,
//                                        whichever is further off
//
//   status    MET when the worst of the bounds meets the goal; AT_RISK when only the value does; until the deadline, for at
//             least: ON_TRACK when the value is at least the goal times the days gone by over all days; AT_RISK when the best
//             bound meets the goal, or the value is less than half of that; otherwise BEHIND.

#ifndef JIEDUI_SERVICES_GATEWAY_EVALUATE_H_
#define JIEDUI_SERVICES_GATEWAY_EVALUATE_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/scan.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {

// The day in Tianjin.
absl::CivilDay DayOf(absl::Time time);

// The target's row with its texts, its goal unless it is a total that is not handed down (`whole` is false), no values and
// status NO_DATA. Freshness and sources are the caller's.
v1::ScorecardRow EmptyRow(const CompiledTarget& target, bool whole);

// Fills in what follows from the counts of the division.
void FillRow(const CompiledTarget& target, const Tally& tally, absl::CivilDay today, v1::ScorecardRow& row);

// How many members more (fewer, for at most) meet the goal; 0 when it is met. For targets that count members.
int64_t MembersNeeded(const CompiledTarget& target, const Tally& tally);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_EVALUATE_H_
