// Shares of those who count: quorum, approval, turnout.

#ifndef JIEDUI_SERVICES_VILLAGE_SHARES_H_
#define JIEDUI_SERVICES_VILLAGE_SHARES_H_

#include <cstdint>

#include "common/status/error.h"
#include "jiedui/village/v1/decision.pb.h"

namespace jiedui::village {

// Whether `part` of `whole` reaches the share, exactly.
bool Reaches(int64_t part, int64_t whole, const v1::Share& share);

// "more than 1/2", "超过1/2".
Text Described(const v1::Share& share);

}  // namespace jiedui::village

#endif  // JIEDUI_SERVICES_VILLAGE_SHARES_H_
