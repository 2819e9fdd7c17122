// What the database says of the years that are counted.

#ifndef JIEDUI_COMMON_STORE_COUNTED_YEARS_H_
#define JIEDUI_COMMON_STORE_COUNTED_YEARS_H_

#include <map>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/measure/measure_set.h"
#include "common/sql/database.h"

namespace jiedui::store {

// Each year, and whether it is open. Errors of the database.
absl::StatusOr<std::map<int, bool>> ReadCountedYears(sql::Transaction& transaction);

// Ids of the measures that were never counted in the year, because it was closed when they or the year came. Errors of the database.
absl::StatusOr<absl::flat_hash_set<std::string>> ReadUncounted(sql::Transaction& transaction, int year);

// UNAVAILABLE when the database keeps the measures of another release than `measures`; errors of the database.
absl::Status CheckDefinitions(sql::Transaction& transaction, const measure::MeasureSet& measures);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_COUNTED_YEARS_H_
