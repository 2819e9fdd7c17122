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

// Creates the targets of this release that are not there; one that is there stays as it is. Blocks. Errors of the
// database.
absl::Status SeedTargets(store::Engine& engine);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_DEFINITION_H_
