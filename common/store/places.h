// Where places lie in the division tree, for the policies of programs that know it by the directory only.
//
// What the directory does not know is not judged: a name that does not exist is reported by the engine. A violation that is
// added here may be gone once the directory is read again (a village has just moved), so the engine is told to do that.

#ifndef JIEDUI_COMMON_STORE_PLACES_H_
#define JIEDUI_COMMON_STORE_PLACES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/status/error.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/division.pb.h"

namespace jiedui::store {

// Adds a violation unless the division is of the level.
void CheckDivisionLevel(UnitOfWork& work, const std::string& field, absl::string_view division,
                        village::v1::DivisionLevel level, Violations& violations);

// Adds a violation unless the place (a village or a division) is the division or lies in it.
void CheckWithin(UnitOfWork& work, const std::string& field, absl::string_view place, absl::string_view division,
                 Violations& violations);

// Whether the place is known to lie outside the division.
bool LiesOutside(UnitOfWork& work, absl::string_view place, absl::string_view division);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_PLACES_H_
