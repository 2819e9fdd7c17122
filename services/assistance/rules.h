// What the rules of several areas ask.

#ifndef JIEDUI_SERVICES_ASSISTANCE_RULES_H_
#define JIEDUI_SERVICES_ASSISTANCE_RULES_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/message.h"

namespace jiedui::assistance {

// The collection must exist.
const resource::TablePlan& PlanOf(store::UnitOfWork& work, absl::string_view collection);

// Reads what `name` refers to into `found`; false when it is not there, which the engine reports by itself.
absl::StatusOr<bool> Find(store::UnitOfWork& work, absl::string_view collection, const std::string& name,
                          google::protobuf::Message* found);

// Adds a violation of `village` unless the household lives there: a new record sits where its household is. An older one
// stays where it was recorded when the household moves.
absl::Status CheckVillageOfHousehold(store::UnitOfWork& work, const std::string& household, const std::string& village,
                                     Violations& violations);

// Adds a violation of `member` unless it is one of the household. An empty name is not looked at.
absl::Status CheckMemberOfHousehold(store::UnitOfWork& work, const std::string& member, const std::string& household,
                                    Violations& violations);

// Derives anew what a household keeps of a record of it that was written or removed.
absl::Status RederiveHousehold(store::UnitOfWork& work, const std::string& household);

// Adds a violation unless the date, when it is one, lies in the year and is not after `today`.
void CheckHappenedInYear(absl::string_view today, const char* field, const std::string& date, int32_t year,
                         Violations& violations);

}  // namespace jiedui::assistance

#endif  // JIEDUI_SERVICES_ASSISTANCE_RULES_H_
