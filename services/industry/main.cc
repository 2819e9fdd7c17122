#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/client/client.h"
#include "common/service/domain_program.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/industry/allocation_check.h"
#include "services/industry/definition.h"

ABSL_FLAG(
    std::string, infrastructure_address, "127.0.0.1:50053",
    "gRPC address of jiedui-infrastructure, which says whether the construction projects of allocations are there");

ABSL_FLAG(
    absl::Duration, allocation_recheck_interval, absl::Minutes(1),
    "how often the construction projects of confirmed allocations are asked for again, so that no more money goes to "
    "one that is cancelled");

namespace jiedui::industry {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(500);

// Connects when the first question is asked: the flags are not read before the program runs.
class Infrastructure {
 public:
  absl::StatusOr<ProjectAnswer> Ask(const std::string& project, absl::Time deadline) {
    if (client_ == nullptr) client_ = client::NewClient(absl::GetFlag(FLAGS_infrastructure_address));
    resource::v1::GetRequest request;
    request.set_name(project);
    infrastructure::v1::ConstructionProject found;
    client::CallOptions options;
    options.deadline = deadline;
    options.metadata = {{"x-jiedui-principal", "services/industry"}};
    const absl::Status status =
        client_->Call("jiedui.infrastructure.v1.ConstructionService/GetConstructionProject", request, &found, options);
    if (!status.ok()) return status;
    return ProjectAnswer{
        found.state() == infrastructure::v1::CONSTRUCTION_STATE_CANCELLED ? Standing::kCancelled : Standing::kThere,
        found.site()};
  }

 private:
  std::unique_ptr<client::Client> client_;
};

// Of a thread of its own, and with a connection of its own.
class Rechecks {
 public:
  absl::Status Run(store::Engine& engine) {
    if (absl::Now() < next_) return last_;
    next_ = absl::Now() + absl::GetFlag(FLAGS_allocation_recheck_interval);
    last_ = RecheckAllocations(engine, [this](const std::string& project, absl::Time deadline) {
      return infrastructure_.Ask(project, deadline);
    });
    return last_;
  }

 private:
  Infrastructure infrastructure_;
  absl::Time next_ = absl::InfinitePast();
  absl::Status last_;  // of the last round, so that the log does not take the time between for success
};

}  // namespace
}  // namespace jiedui::industry

int main(int argc, char** argv) {
  using namespace jiedui;
  auto infrastructure = std::make_shared<industry::Infrastructure>();
  const auto ask = [infrastructure](const std::string& project, absl::Time deadline) {
    return infrastructure->Ask(project, deadline);
  };
  service::Definition definition = industry::NewDefinition();
  definition.background.push_back({"allocations", industry::kInterval,
                                   [ask](store::Engine& engine) { return industry::CheckAllocations(engine, ask); },
                                   true});
  auto rechecks = std::make_shared<industry::Rechecks>();
  definition.background.push_back({"cancelled projects", industry::kInterval,
                                   [rechecks](store::Engine& engine) { return rechecks->Run(engine); }, false});
  return service::RunDomainProgram(argc, argv, std::move(definition), {50052, 9092}, service::DirectoryRole::kCopy);
}
