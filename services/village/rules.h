// The rules of the village program's resources, by area, and what they share.

#ifndef JIEDUI_SERVICES_VILLAGE_RULES_H_
#define JIEDUI_SERVICES_VILLAGE_RULES_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/service/definition.h"
#include "common/status/error.h"
#include "common/store/policy.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/message.h"

namespace jiedui::village {

// Each adds the services, methods and policies of its area.
void AddUnitRules(service::Definition& definition);
void AddCadreRules(service::Definition& definition);
void AddChangeRules(service::Definition& definition);
void AddOfficialRules(service::Definition& definition);
void AddOrganisationRules(service::Definition& definition);
void AddCreationRules(service::Definition& definition);
// Safe villages, culture, actions, inspections, publicity.
void AddPlaceRules(service::Definition& definition);

// The year of a civil date; 0 when it is none.
int32_t YearOf(absl::string_view date);

// Reads and locks what `name` refers to; false when there is no such resource, which the engine reports.
absl::StatusOr<bool> LockReferred(store::UnitOfWork& work, absl::string_view name, google::protobuf::Message* resource);
// Reads it without a lock, for what never changes.
absl::StatusOr<bool> ReadReferred(store::UnitOfWork& work, absl::string_view name, google::protobuf::Message* resource);

// Names of the resources of `collection` whose `field` is `value`.
absl::StatusOr<std::vector<std::string>> NamesWhere(store::UnitOfWork& work, absl::string_view collection,
                                                    absl::string_view field, absl::string_view value);

// What lasts from start_date until the day before end_date; an empty end_date is open.
struct Period {
  const std::string& start;
  const std::string& end;
};

// Whether another resource of `collection` than `name` with the same values in `same` lasts at the same time as `period`.
// Meaningful only while something that all of them refer to is locked. `extra` is a further SQL condition without values.
absl::StatusOr<bool> Overlaps(store::UnitOfWork& work, absl::string_view collection, absl::string_view name,
                              std::initializer_list<std::pair<absl::string_view, absl::string_view>> same,
                              Period period, absl::string_view extra = "");

// Adds the violations of a period: dates out of order, without a day between them, or in the future; and outside of `outer`, which
// `of` names in both languages. As nothing begins or ends in the future, what has no end is what lasts today.
void CheckPeriod(store::UnitOfWork& work, Period period, Violations& violations);
void CheckWithin(Period period, Period outer, const Text& of, Violations& violations);

// Whether a resource of `collection` whose `field` is `value` lasts outside of `period`. Meaningful only while something that
// all of them lock is locked.
absl::StatusOr<bool> LastsOutside(store::UnitOfWork& work, absl::string_view collection, absl::string_view field,
                                  absl::string_view value, Period period);

// Adds a violation for each of `items`, the elements of the field `field`, whose code an earlier one has.
template <typename Items>
void CheckCodesDiffer(const Items& items, absl::string_view field, Violations& violations) {
  absl::flat_hash_set<std::string> codes;
  for (int i = 0; i < items.size(); ++i) {
    if (codes.insert(items.Get(i).code()).second) continue;
    violations.Add(absl::StrCat(field, "[", i, "].code"), error::v1::REASON_DUPLICATE, {"is there twice", "代码重复"});
  }
}

// The last programme year that is closed; 0 when none is.
absl::StatusOr<int32_t> LastClosedYear(store::UnitOfWork& work);

// What changes of a place may set; the parent is a village's township.
struct PlaceState {
  const std::string& code;
  const std::string& display_name;
  const std::string& parent;
};

// After an update of a place, which is true of all years: what its changes say was before them is corrected as well, back to the
// change that set the field.
absl::Status CorrectStatesBefore(store::UnitOfWork& work, const std::string& place, const PlaceState& from,
                                 const PlaceState& to);

// Adds a violation of `field` when a recorded change ended the place on another day than `end`.
absl::Status CheckEnd(store::UnitOfWork& work, const char* field, const std::string& place, const std::string& end,
                      Violations& violations);

}  // namespace jiedui::village

#endif  // JIEDUI_SERVICES_VILLAGE_RULES_H_
