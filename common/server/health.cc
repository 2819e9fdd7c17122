#include "common/server/health.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::server {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kWatchInterval = absl::Milliseconds(200);

}  // namespace

Health::Health(std::vector<Probe> probes, absl::Duration interval) : probes_(std::move(probes)), interval_(interval) {
  Evaluate();
  thread_ = std::thread([this] { Run(); });
}

Health::~Health() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  thread_.join();
}

absl::Status Health::AddMethods(MethodTable& table) {
  table_ = &table;
  JIEDUI_RETURN_IF_ERROR(table.AddService("grpc.health.v1.Health"));
  JIEDUI_RETURN_IF_ERROR((table.AddInline<HealthCheckRequest, HealthCheckResponse>(
      "grpc.health.v1.Health/Check",
      [this](RequestContext&, const HealthCheckRequest& request, HealthCheckResponse* response) -> absl::Status {
        response->set_status(StatusOf(request.service()));
        if (response->status() != HealthCheckResponse::SERVICE_UNKNOWN) return absl::OkStatus();
        return MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND,
                         {"no service of this name", "没有该名称的服务"});
      })));
  return table.AddStream("grpc.health.v1.Health/Watch",
                         [this](RequestContext&, MessageStream& stream) { return WatchStatus(stream); });
}

absl::Status Health::WatchStatus(MessageStream& stream) {
  HealthCheckRequest request;
  if (!stream.Read(&request)) return absl::InvalidArgumentError("no request");
  HealthCheckResponse last;
  last.set_status(HealthCheckResponse::UNKNOWN);
  while (!stream.cancelled()) {
    HealthCheckResponse now;
    now.set_status(StatusOf(request.service()));
    if (now.status() != last.status() && !stream.Write(now)) break;
    last = now;
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stop_), kWatchInterval) || draining_) break;
  }
  return absl::OkStatus();
}

void Health::Drain() {
  absl::MutexLock lock(&mutex_);
  draining_ = true;
}

std::vector<std::string> Health::NotReadyReasons() const {
  absl::ReaderMutexLock lock(&mutex_);
  if (draining_) return {"server: is stopping"};
  return reasons_;
}

Health::Status::ServingStatus Health::StatusOf(absl::string_view service) const {
  if (service == "liveness") return HealthCheckResponse::SERVING;
  bool known = service.empty() || service == "readiness";
  for (const auto& each : table_->services()) known = known || each.descriptor->full_name() == service;
  if (!known) return HealthCheckResponse::SERVICE_UNKNOWN;
  return NotReadyReasons().empty() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void Health::Evaluate() {
  std::vector<std::string> reasons;
  for (const Probe& probe : probes_) {
    const absl::Status status = probe.check();
    if (status.ok()) continue;
    reasons.push_back(absl::StrCat(probe.name, ": ", status.message()));
    if (probe.first_of_all) break;
  }
  absl::MutexLock lock(&mutex_);
  reasons_ = std::move(reasons);
}

void Health::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stop_), interval_)) return;
    }
    Evaluate();
  }
}

}  // namespace jiedui::server
