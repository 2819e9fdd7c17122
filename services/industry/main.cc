#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
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
    if (absl::IsNotFound(status)) return ProjectAnswer::kMissing;
    if (!status.ok()) return status;
    return found.state() == infrastructure::v1::CONSTRUCTION_STATE_CANCELLED ? ProjectAnswer::kCancelled
                                                                             : ProjectAnswer::kThere;
  }

 private:
  std::unique_ptr<client::Client> client_;
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
  return service::RunDomainProgram(argc, argv, std::move(definition), {50052, 9092}, service::DirectoryRole::kCopy);
}
