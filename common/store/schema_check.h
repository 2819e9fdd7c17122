// Whether the tables are those of the descriptors.

#ifndef JIEDUI_COMMON_STORE_SCHEMA_CHECK_H_
#define JIEDUI_COMMON_STORE_SCHEMA_CHECK_H_

#include "absl/status/status.h"
#include "common/resource/registry.h"
#include "common/sql/database.h"

namespace jiedui::store {

// FAILED_PRECONDITION with every difference between the plans' tables and those of the database: columns, types,
// nullability, indexes, and on MySQL a collation that is not binary. Columns and indexes that no plan knows are differences
// too, but for further indexes that are not unique.
absl::Status CheckTables(sql::Database& database, const resource::Registry& registry);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_SCHEMA_CHECK_H_
