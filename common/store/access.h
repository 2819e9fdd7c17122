// What a caller's roles allow, the same for every resource.

#ifndef JIEDUI_COMMON_STORE_ACCESS_H_
#define JIEDUI_COMMON_STORE_ACCESS_H_

#include "absl/status/status.h"
#include "common/resource/registry.h"
#include "common/resource/request_context.h"
#include "common/resource/table_plan.h"

namespace jiedui::store {

// PERMISSION_DENIED when the resources of `plan` are records of private persons, or their history, and the caller only views.
absl::Status CheckMaySee(const resource::Registry& registry, const resource::TablePlan& plan, const Principal& caller);

// PERMISSION_DENIED when the caller only views: figures as they are kept hold small counts of private persons. The scorecard has them
// with those withheld.
absl::Status CheckMaySeeFigures(const Principal& caller);

// Whether personal data is shown to the caller with Reveal. The right must be named: a caller without any roles may do what needs none,
// and this is not it.
bool MayReveal(const Principal& caller);

// PERMISSION_DENIED when the caller's roles are named and none of them records facts.
absl::Status CheckMayWrite(const Principal& caller);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_ACCESS_H_
