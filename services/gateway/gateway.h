// The gateway without its doors: its own records in a host, the copy of the services' figures, and the scorecard.

#ifndef JIEDUI_SERVICES_GATEWAY_GATEWAY_H_
#define JIEDUI_SERVICES_GATEWAY_GATEWAY_H_

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/server/method_table.h"
#include "common/service/host.h"
#include "common/sql/database.h"
#include "common/store/engine.h"
#include "services/gateway/catalog.h"
#include "services/gateway/cube.h"
#include "services/gateway/executor.h"
#include "services/gateway/scorecard_service.h"
#include "services/gateway/sources.h"
#include "services/gateway/target_store.h"

namespace jiedui::gateway {

struct GatewayOptions {
  // One of each service.
  Clients clients;
  FeedOptions feed;
  // The most that an answer waits for the services.
  absl::Duration max_wait = absl::Seconds(2);
  store::Clock clock = [] { return absl::Now(); };
  // The day of which reports speak: whether a target is behind, which quarters have ended. That of the clock when not set.
  std::optional<absl::CivilDay> today;
  // Counts of persons below it are withheld from callers who only view; 0 withholds nothing.
  int64_t small_cell = 5;
  // Threads of its own when null.
  std::shared_ptr<Executor> executor;
};

class Gateway {
 public:
  // INVALID_ARGUMENT when the definitions do not fit each other.
  static absl::StatusOr<std::unique_ptr<Gateway>> Create();
  ~Gateway();

  // Brings schema and seeded targets up to date. Blocks.
  absl::Status Migrate(sql::Database& database);
  // Opens a migrated database, which must outlive the gateway, and begins to copy the services' figures.
  absl::Status Open(sql::Database* database, GatewayOptions options);
  // Adds every method; after Open.
  absl::Status AddMethods(server::MethodTable& table);

  // OK once the divisions and villages were seen; otherwise why not. For readiness.
  absl::Status status() const;
  service::Host& host() { return *host_; }
  const Cube& cube() const { return *cube_; }

  // Ends the threads; no call is at work any more.
  void Stop();

 private:
  Gateway() = default;
  absl::Status BeginCopy();

  std::shared_ptr<const Catalog> catalog_;  // calls at work keep it
  std::unique_ptr<service::Host> host_;
  std::shared_ptr<Cube> cube_;
  std::shared_ptr<Executor> executor_;
  std::unique_ptr<Sources> sources_;
  std::unique_ptr<TargetStore> targets_;
  std::unique_ptr<ScorecardService> scorecard_;
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_GATEWAY_H_
