#include "services/gateway/gateway.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/status/macros.h"
#include "services/gateway/definition.h"

namespace jiedui::gateway {

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Create() {
  std::unique_ptr<Gateway> gateway(new Gateway());
  JIEDUI_ASSIGN_OR_RETURN(gateway->catalog_, Catalog::Create());
  JIEDUI_ASSIGN_OR_RETURN(gateway->host_, service::Host::Create(NewDefinition(gateway->catalog_.get())));
  gateway->cube_ = std::make_shared<Cube>(gateway->catalog_);
  return gateway;
}

Gateway::~Gateway() { Stop(); }

absl::Status Gateway::Migrate(sql::Database& database) {
  // A host opens once.
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<service::Host> host,
                          service::Host::Create(NewDefinition(catalog_.get())));
  JIEDUI_RETURN_IF_ERROR(host->Migrate(database));
  JIEDUI_RETURN_IF_ERROR(host->Open(&database, nullptr, nullptr));
  return SeedTargets(host->engine());
}

absl::Status Gateway::Open(sql::Database* database, GatewayOptions options) {
  JIEDUI_RETURN_IF_ERROR(host_->Open(database, nullptr, nullptr, options.clock));
  executor_ = std::move(options.executor);
  if (executor_ == nullptr)
    executor_ = NewExecutor(static_cast<int>(std::max(2U, std::thread::hardware_concurrency() / 2)));
  sources_ = std::make_unique<Sources>(std::move(options.clients), cube_, executor_, options.feed);
  targets_ = std::make_unique<TargetStore>(database, host_->registry().FindByCollection("targets"), catalog_.get());
  ScorecardParts parts;
  parts.catalog = catalog_.get();
  parts.cube = cube_.get();
  parts.sources = sources_.get();
  parts.targets = targets_.get();
  parts.executor = executor_.get();
  parts.clock = std::move(options.clock);
  parts.today = options.today;
  parts.small_cell = options.small_cell;
  parts.page_token_key = host_->engine().state().page_token_key;
  parts.max_wait = options.max_wait;
  scorecard_ = std::make_unique<ScorecardService>(std::move(parts));
  return BeginCopy();
}

// The first reports should not be those that wait for everything.
absl::Status Gateway::BeginCopy() {
  absl::StatusOr<std::shared_ptr<const TargetSet>> targets;
  absl::Notification read;
  targets_->Read(absl::Now() + absl::Seconds(30), [&](absl::StatusOr<std::shared_ptr<const TargetSet>> result) {
    targets = std::move(result);
    read.Notify();
  });
  read.WaitForNotification();
  JIEDUI_RETURN_IF_ERROR(targets.status());
  std::vector<int> years;
  if (!(*targets)->years.empty()) {
    const int latest = (*targets)->years.rbegin()->first;
    years = {latest - 1, latest};
  }
  sources_->Sync(std::move(years), absl::InfiniteFuture(), [](const SourceStatuses&) {});
  return absl::OkStatus();
}

absl::Status Gateway::AddMethods(server::MethodTable& table) {
  JIEDUI_RETURN_IF_ERROR(host_->AddMethods(table));
  return scorecard_->AddMethods(table);
}

absl::Status Gateway::status() const {
  if (!cube_->snapshot()->directory_id.empty()) return absl::OkStatus();
  return absl::UnavailableError("the divisions and villages were not seen yet: jiedui-village does not answer");
}

void Gateway::Stop() {
  if (executor_ != nullptr) executor_->Stop();
  sources_.reset();
}

}  // namespace jiedui::gateway
