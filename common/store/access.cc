#include "common/store/access.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace jiedui::store {
namespace {

// The history of resources some of which are records of persons tells of those.
bool IsOfPersons(const resource::Registry& registry, const resource::TablePlan& plan) {
  if (&plan != registry.history()) return plan.options().of_persons();
  return std::any_of(registry.plans().begin(), registry.plans().end(), [](const resource::TablePlan* each) {
    return each->options().of_persons() && each->descriptor()->options().HasExtension(options::v1::workflow);
  });
}

}  // namespace

absl::Status CheckMaySee(const resource::Registry& registry, const resource::TablePlan& plan, const Principal& caller) {
  if (caller.MaySeePersons() || !IsOfPersons(registry, plan)) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
      {absl::StrCat(plan.collection(), " are records of private persons, which the role viewer does not see"),
       absl::StrCat(plan.options().title_zh(), "涉及个人，仅有“查看”角色的用户无权查看")});
}

absl::Status CheckMaySeeFigures(const Principal& caller) {
  if (caller.MaySeePersons()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
                   {"the figures of single villages tell of private persons, which the role viewer does not see",
                    "各村指标值涉及个人，仅有“查看”角色的用户无权查看"});
}

bool MayReveal(const Principal& caller) {
  const auto has = [&caller](options::v1::Role role) {
    return std::find(caller.roles.begin(), caller.roles.end(), role) != caller.roles.end();
  };
  return caller.id != Principal().id && (has(options::v1::ROLE_AUDITOR) || has(options::v1::ROLE_ADMINISTRATOR));
}

absl::Status CheckMayWrite(const Principal& caller) {
  if (caller.MayWrite()) return absl::OkStatus();
  return MakeError(
      absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
      {"records are written by the roles editor, reviewer and administrator", "仅“填报”“审核”“管理”角色可录入数据"});
}

}  // namespace jiedui::store
