// The scheduler of supervised items.

#ifndef JIEDUI_SERVICES_VILLAGE_SUPERVISION_H_
#define JIEDUI_SERVICES_VILLAGE_SUPERVISION_H_

#include "absl/status/status.h"
#include "common/store/engine.h"

namespace jiedui::village {

// Takes every item that is overdue today, and was not recorded today, to the next level. Any number of replicas may do so at once, and again after a crash:
// the step itself asks whether the item is still overdue, and gives the next level its days in the same transaction, so each
// escalation happens once. An item that cannot be escalated does not hold up the others: the first such error is answered at the
// end. Adds to `*escalated` unless it is null. Errors of the database. Blocks.
absl::Status EscalateOverdueItems(store::Engine& engine, int* escalated);

}  // namespace jiedui::village

#endif  // JIEDUI_SERVICES_VILLAGE_SUPERVISION_H_
