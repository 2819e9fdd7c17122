// Small counts of persons: where a row would tell of so few that somebody could be recognised, who may not see persons does not
// see the row's figures.

#ifndef JIEDUI_SERVICES_GATEWAY_SMALL_CELLS_H_
#define JIEDUI_SERVICES_GATEWAY_SMALL_CELLS_H_

#include <cstdint>

#include "common/resource/request_context.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/places.h"
#include "services/gateway/scan.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {

// A caller whose roles are named and who only views. One who enters, reviews, audits or administers sees persons anyway, and a
// caller without named roles is not told apart.
bool MaySeePersons(const Principal& principal);

// Whether a measure of the catalog counts private persons, or what is told by theirs; false for -1.
bool IsOfPersons(const Catalog& catalog, int measure);

// Whether the target's figures are such counts, or a ratio with one.
bool CountsPersons(const CompiledTarget& target, const Catalog& catalog);

// Whether the figures of a place are withheld: where the place itself, one of those beside it, or one of those beside a division
// above it has a count of 1 to `threshold` - 1, or a ratio that leaves out so few. All of a level go together, with all below them,
// so that no withheld figure is the difference of two that are shown. `place` is -1 for the whole.
bool IsWithheld(const CompiledTarget& target, const Catalog& catalog, const Scan& scan, const Places& places, int place,
                int64_t threshold);

// Leaves of the row what says which target it is, and that it is withheld.
void Withhold(v1::ScorecardRow& row);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_SMALL_CELLS_H_
