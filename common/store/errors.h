// The engine's errors, each with its reason and both texts, made in one place.

#ifndef JIEDUI_COMMON_STORE_ERRORS_H_
#define JIEDUI_COMMON_STORE_ERRORS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"

namespace jiedui::store {

// `name` must be a well-formed resource name: it is put into the text.
absl::Status NotFound(const resource::TablePlan& plan, absl::string_view name);
void AddBadName(const resource::TablePlan& plan, absl::string_view field, Violations& violations);
// The same, of the field `name` alone.
absl::Status BadName(const resource::TablePlan& plan);
absl::Status EtagMismatch(absl::string_view current);
// The key of `plan` that `detail`, the database's name of it, means; nullptr for the resource name.
const options::v1::UniqueKey* KeyNamedBy(const resource::TablePlan& plan, absl::string_view detail);
// Another resource has the values of `key`, or the name where that is null. `existing` is its name and `site` where it sits, as far as
// they are known.
absl::Status AlreadyExists(const resource::TablePlan& plan, const options::v1::UniqueKey* key, std::string existing,
                           std::string site);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_ERRORS_H_
