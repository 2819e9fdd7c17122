// The gateway's own records: targets, with the rules that a target must meet and those that it starts with.

#ifndef JIEDUI_SERVICES_GATEWAY_DEFINITION_H_
#define JIEDUI_SERVICES_GATEWAY_DEFINITION_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/service/definition.h"
#include "common/store/engine.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "services/gateway/catalog.h"

namespace jiedui::gateway {

// `catalog` must outlive the definition and its host.
service::Definition NewDefinition(const Catalog* catalog);

// The targets of this release, each under its fixed name targets/{year}-{id}. INVALID_ARGUMENT when they cannot be read.
absl::StatusOr<std::vector<v1::Target>> ReleasedTargets();

// Brings the targets of this release into the database, in one transaction: those that no person has written follow the release,
// and go when it no longer has them; what a person has changed, added or removed stays so. Years that the release does not speak
// of stay as they are. Blocks. Errors of the database.
absl::Status SeedTargets(store::Engine& engine);
// The same for other targets than those of this release.
absl::Status SeedTargets(store::Engine& engine, const std::vector<v1::Target>& released);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_DEFINITION_H_
