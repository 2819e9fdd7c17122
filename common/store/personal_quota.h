// How often a principal may look at personal data in a day (Asia/Shanghai): with Reveal, and by comparing values of their own with it.

#ifndef JIEDUI_COMMON_STORE_PERSONAL_QUOTA_H_
#define JIEDUI_COMMON_STORE_PERSONAL_QUOTA_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/sql/database.h"

namespace jiedui::store {

// A quota of one principal.
struct Quota {
  enum class Kind { kReveal, kSearch };
  Kind kind;
  int64_t limit;  // for a day
  std::string principal;
};

// Answers how many are left. Errors of the database.
absl::StatusOr<int64_t> LeftOfQuota(const Quota& quota, absl::Time now, sql::Transaction& transaction);

// Takes `count` and answers how many are left; a last take may be more than was left. RESOURCE_EXHAUSTED, reason QUOTA, when nothing was.
absl::StatusOr<int64_t> TakeFromQuota(const Quota& quota, absl::Time now, int64_t count, sql::Transaction& transaction);

// RESOURCE_EXHAUSTED, reason QUOTA.
absl::Status QuotaUsedUp(const Quota& quota);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_PERSONAL_QUOTA_H_
