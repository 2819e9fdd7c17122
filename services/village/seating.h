// What an election does to the officials of its village.

#ifndef JIEDUI_SERVICES_VILLAGE_SEATING_H_
#define JIEDUI_SERVICES_VILLAGE_SEATING_H_

#include "absl/status/status.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/official.pb.h"

namespace jiedui::village {

// Whether the election of `organ` fills `post`.
bool FillsPost(v1::ElectedOrgan organ, v1::VillagePost post);

// Whether one person at a time holds `post`.
bool IsHead(v1::VillagePost post);

// Gives the elected of an election that was held their terms from its day on, as officials who are made where there are none of
// that name and birth; a term names all posts, so that who was in office already gets a new one. Everybody else loses the posts
// of the organ on that day and keeps the others. Terms that say so already stay as they are: a history that is imported after
// its officials changes nothing. Errors of the writes.
absl::Status SeatElected(store::UnitOfWork& work, const v1::Election& election);

}  // namespace jiedui::village

#endif  // JIEDUI_SERVICES_VILLAGE_SEATING_H_
