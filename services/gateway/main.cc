#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/client/client.h"
#include "common/service/program.h"
#include "common/service/repeated.h"
#include "common/status/macros.h"
#include "services/gateway/gateway.h"

ABSL_FLAG(std::string, village_address, "127.0.0.1:50051", "gRPC address of jiedui-village");
ABSL_FLAG(std::string, industry_address, "127.0.0.1:50052", "gRPC address of jiedui-industry");
ABSL_FLAG(std::string, infrastructure_address, "127.0.0.1:50053", "gRPC address of jiedui-infrastructure");
ABSL_FLAG(std::string, assistance_address, "127.0.0.1:50054", "gRPC address of jiedui-assistance");
ABSL_FLAG(std::string, today, "",
          "day (YYYY-MM-DD) by which quarters have ended and progress is judged, to try another one; figures are those "
          "of all "
          "records whatever the day; today when empty");
ABSL_FLAG(int64_t, small_cell, 5,
          "figures that tell of fewer persons than this are withheld from callers who only view; 0 withholds nothing");

namespace jiedui::gateway {
namespace {

class GatewayProgram final : public service::Program {
 public:
  explicit GatewayProgram(std::unique_ptr<Gateway> gateway) : gateway_(std::move(gateway)) {}

  std::string name() const override { return "gateway"; }
  service::Ports default_ports() const override { return {50050, 9090}; }
  absl::Status Migrate(sql::Database& database) override { return gateway_->Migrate(database); }

  absl::Status Open(sql::Database* database) override {
    GatewayOptions options;
    options.clients = {client::NewClient(absl::GetFlag(FLAGS_village_address)),
                       client::NewClient(absl::GetFlag(FLAGS_industry_address)),
                       client::NewClient(absl::GetFlag(FLAGS_infrastructure_address)),
                       client::NewClient(absl::GetFlag(FLAGS_assistance_address))};
    if (const std::string today = absl::GetFlag(FLAGS_today); !today.empty()) {
      absl::CivilDay day;
      if (!absl::ParseCivilTime(today, &day)) return absl::InvalidArgumentError("--today is no date");
      options.today = day;
    }
    options.small_cell = absl::GetFlag(FLAGS_small_cell);
    JIEDUI_RETURN_IF_ERROR(gateway_->Open(database, std::move(options)));
    prune_ = service::StartPruning(gateway_->host().engine());
    return absl::OkStatus();
  }

  absl::Status AddMethods(server::MethodTable& table) override { return gateway_->AddMethods(table); }
  std::vector<server::Probe> Probes() override {
    return {{"village", [this] { return gateway_->status(); }}};
  }
  void Stop() override {
    prune_.reset();
    gateway_->Stop();
  }

 private:
  const std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<service::Repeated> prune_;
};

}  // namespace
}  // namespace jiedui::gateway

int main(int argc, char** argv) {
  auto gateway = jiedui::gateway::Gateway::Create();
  if (!gateway.ok()) {
    std::cerr << "the gateway's definition is wrong: " << gateway.status().message() << std::endl;
    return 1;
  }
  jiedui::gateway::GatewayProgram program(*std::move(gateway));
  return jiedui::service::RunProgram(argc, argv, program);
}
