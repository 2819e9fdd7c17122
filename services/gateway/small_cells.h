// Small counts of persons: where a row would tell of so few that somebody could be recognised, who may not see persons does not
// see the row's figures.

#ifndef JIEDUI_SERVICES_GATEWAY_SMALL_CELLS_H_
#define JIEDUI_SERVICES_GATEWAY_SMALL_CELLS_H_

#include <cstdint>

#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/cube.h"
#include "services/gateway/scan.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {

// Whether a measure of the catalog counts private persons, or what is told by theirs; false for -1.
bool IsOfPersons(const Catalog& catalog, int measure);

// Whether the target's figures are such counts, or a ratio with one.
bool CountsPersons(const CompiledTarget& target, const Catalog& catalog);

// Whether the value of a measure at a place and year tells of less than `threshold` persons or their cases: the value itself, or,
// where it is a sum of something else, the count of what it is the sum of. Of none, too: were only 0 shown, its absence would tell.
bool IsFew(const Catalog& catalog, const Snapshot& snapshot, int year, int measure, int place, int64_t value,
           int64_t threshold);

// Whether the figures of a place are withheld: where the place itself, one of those beside it, or one of those beside a division
// above it has a count of 1 to `threshold` - 1, a sum over so few, or a ratio that leaves out so few. All of a level go
// together, with all below them, so that no withheld figure is the difference of two that are shown. `place` is -1 for the whole.
bool IsWithheld(const CompiledTarget& target, const Catalog& catalog, const Scan& scan, const Snapshot& snapshot,
                int place, int64_t threshold);

// Leaves of the row what says which target it is, and that it is withheld.
void Withhold(v1::ScorecardRow& row);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_SMALL_CELLS_H_
