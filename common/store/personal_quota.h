// How often a principal may look at personal data in a day (Asia/Shanghai): with Reveal, and by comparing values of their own with it.
//
// A comparison tells something whether the value is found or not: a citizen number whose district and birthday are known is one of a
// thousand. What is taken for it:
// - a filter, a check (validate_only), a refused call, and an Update of a unique encrypted field, which may be made again and again with
//   one record: one of kSearch each. A Create that succeeds takes none: it leaves a record, and an entry, for each value tried.
// - a file: of kSearch one for each value that is taken. Rows that are written take no more, as with Create. Where none is written (a dry
//   run, or all or nothing with an error), every row takes one of kFile, and the history says how many were compared and how many of
//   them were taken; past the quota such a file is not answered. Who may Reveal is not limited by kFile: an administrator checks the
//   files of the whole city.

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
  enum class Kind { kReveal, kSearch, kFile };
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
