#include "common/store/personal_quota.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::store {
namespace {

std::string DayOf(absl::Time now) { return absl::FormatTime("%Y-%m-%d", now, absl::FixedTimeZone(8 * 3600)); }

const char* TableOf(const Quota& quota) {
  switch (quota.kind) {
    case Quota::Kind::kReveal:
      return "reveal_quota";
    case Quota::Kind::kSearch:
      return "search_quota";
    case Quota::Kind::kFile:
      return "file_quota";
  }
  return "";
}

Text What(const Quota& quota) {
  switch (quota.kind) {
    case Quota::Kind::kReveal:
      return {"looks", "次查看额度"};
    case Quota::Kind::kSearch:
      return {"comparisons with personal data", "次个人信息比对额度"};
    case Quota::Kind::kFile:
      return {"rows of files that compare with personal data and are not written", "行未写入文件的个人信息比对额度"};
  }
  return {};
}

}  // namespace

absl::Status QuotaUsedUp(const Quota& quota) {
  const Text what = What(quota);
  return MakeError(absl::StatusCode::kResourceExhausted, error::v1::REASON_QUOTA,
                   {absl::StrCat("the quota of ", quota.limit, " ", what.en, " a day is used up"),
                    absl::StrCat("当日", quota.limit, what.zh, "已用尽")});
}

absl::StatusOr<int64_t> LeftOfQuota(const Quota& quota, absl::Time now, sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(absl::StrCat("SELECT used FROM ", TableOf(quota),
                                                                                 " WHERE principal = ? AND day = ?")));
  row->BindText(0, quota.principal);
  const std::string day = DayOf(now);
  row->BindText(1, day);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? std::max<int64_t>(quota.limit - row->Int(0), 0) : quota.limit;
}

// One conditional statement, so that callers at the same time cannot take more than there are.
absl::StatusOr<int64_t> TakeFromQuota(const Quota& quota, absl::Time now, int64_t count,
                                      sql::Transaction& transaction) {
  const std::string day = DayOf(now);
  const bool mysql = transaction.dialect() == sql::Dialect::kMysql;
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert, transaction.Prepare(absl::StrCat(
                                                       mysql ? "INSERT IGNORE INTO " : "INSERT OR IGNORE INTO ",
                                                       TableOf(quota), " (principal, day, used) VALUES (?, ?, 0)")));
  insert->BindText(0, quota.principal);
  insert->BindText(1, day);
  JIEDUI_RETURN_IF_ERROR(insert->Execute().status());
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * take,
      transaction.Prepare(absl::StrCat("UPDATE ", TableOf(quota),
                                       " SET used = used + ? WHERE principal = ? AND day = ? AND used < ?")));
  take->BindInt(0, count);
  take->BindText(1, quota.principal);
  take->BindText(2, day);
  take->BindInt(3, quota.limit);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t taken, take->Execute());
  if (taken != 1) return QuotaUsedUp(quota);
  return LeftOfQuota(quota, now, transaction);
}

}  // namespace jiedui::store
