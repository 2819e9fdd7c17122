#include "services/gateway/definition.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/embed/embedded_file.h"
#include "common/resource/request_context.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/json_util.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "services/gateway/gateway_migrations.h"
#include "services/gateway/gateway_targets.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {
namespace {

constexpr absl::string_view kCreateTarget = "jiedui.gateway.v1.TargetService/CreateTarget";
constexpr absl::Duration kSeedDeadline = absl::Minutes(1);

class TargetPolicy final : public store::PolicyOf<v1::Target> {
 public:
  explicit TargetPolicy(const Catalog* catalog) : catalog_(catalog) {}

  absl::Status ValidateResource(store::UnitOfWork& /*work*/, const v1::Target* /*before*/, const v1::Target& after,
                                Violations& violations) const override {
    CompileTarget(after, *catalog_, violations);
    return absl::OkStatus();
  }

 private:
  const Catalog* const catalog_;
};

absl::Status SeedTarget(store::Engine& engine, v1::Target target) {
  const resource::TablePlan* plan = engine.registry().FindByCollection("targets");
  const store::WriteHandler create = engine.CreateHandler(*plan);
  RequestContext context;
  context.method = kCreateTarget;
  context.principal.id = "services/gateway";
  context.start_time = absl::Now();
  context.deadline = context.start_time + kSeedDeadline;
  v1::CreateTargetRequest request;
  request.set_target_id(std::string(plan->IdOf(target.name())));
  *request.mutable_target() = std::move(target);
  v1::Target created;
  absl::Status result;
  absl::Notification finished;
  engine.RunWrite(context, request, &created, create, [&](absl::Status status) {
    result = std::move(status);
    finished.Notify();
  });
  finished.WaitForNotification();
  return absl::IsAlreadyExists(result) ? absl::OkStatus() : result;
}

}  // namespace

service::Definition NewDefinition(const Catalog* catalog) {
  service::Definition definition;
  definition.name = "gateway";
  definition.services = {"jiedui.gateway.v1.TargetService"};
  definition.policies["targets"] = std::make_unique<TargetPolicy>(catalog);
  definition.migrations.assign(GatewayMigrations().begin(), GatewayMigrations().end());
  return definition;
}

absl::StatusOr<std::vector<v1::Target>> ReleasedTargets() {
  std::vector<v1::Target> targets;
  for (const EmbeddedFile& file : GatewayTargets()) {
    v1::ListTargetsResponse listed;
    const auto parsed = google::protobuf::util::JsonStringToMessage(std::string(file.contents), &listed);
    if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat(file.name, ": ", parsed.ToString()));
    std::move(listed.mutable_targets()->begin(), listed.mutable_targets()->end(), std::back_inserter(targets));
  }
  return targets;
}

absl::Status SeedTargets(store::Engine& engine) {
  JIEDUI_ASSIGN_OR_RETURN(std::vector<v1::Target> targets, ReleasedTargets());
  for (v1::Target& target : targets) JIEDUI_RETURN_IF_ERROR(SeedTarget(engine, std::move(target)));
  return absl::OkStatus();
}

}  // namespace jiedui::gateway
