#include "common/server/program.h"

#include <signal.h>
#include <unistd.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace jiedui::server {
namespace {

constexpr int kStuckExitCode = 3;

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// The first call of a process takes a hundred times as long as the second: it is made here, not by a user.
void WarmUp(int port) {
  auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
    grpc::CompletionQueue queue;
    grpc::GenericStub stub(channel);
    auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::ByteBuffer(nullptr, 0), &queue);
    call->StartCall();
    grpc::ByteBuffer response;
    grpc::Status status;
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
  }
}

}  // namespace

Server::Server(ServerOptions options)
    : pipeline_(std::move(options.pipeline), &ProcessLogger()), health_(std::move(options.probes)) {
  for (auto& collectable : options.collectables) metrics_.Add(std::move(collectable));
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, MethodTable& table) {
  const GrpcServerOptions grpc_options = options.grpc;
  const int http_port = options.http_port;
  std::unique_ptr<Server> server(new Server(std::move(options)));
  JIEDUI_RETURN_IF_ERROR(server->health_.AddMethods(table));
  JIEDUI_RETURN_IF_ERROR(table.CheckComplete());
  JIEDUI_ASSIGN_OR_RETURN(server->grpc_, GrpcServer::Start(grpc_options, table, server->pipeline_, server->metrics_));
  WarmUp(server->grpc_->port());
  JIEDUI_ASSIGN_OR_RETURN(server->http_, HttpServer::Start(grpc_options.address, http_port));
  server->AddHttpHandlers();
  return server;
}

Server::~Server() { Shutdown(absl::ZeroDuration(), absl::ZeroDuration()); }

void Server::AddHttpHandlers() {
  http_->AddHandler("/livez", [] { return HttpResponse{200, "text/plain; charset=utf-8", "ok\n"}; });
  http_->AddHandler("/readyz", [this] {
    const std::vector<std::string> reasons = health_.NotReadyReasons();
    if (reasons.empty()) return HttpResponse{200, "text/plain; charset=utf-8", "ok\n"};
    return HttpResponse{503, "text/plain; charset=utf-8", absl::StrCat(absl::StrJoin(reasons, "\n"), "\n")};
  });
  http_->AddHandler("/metrics",
                    [this] { return HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8", metrics_.Text()}; });
}

void Server::Shutdown(absl::Duration drain, absl::Duration grace) {
  if (grpc_ == nullptr) return;
  health_.Drain();
  if (drain > absl::ZeroDuration()) absl::SleepFor(drain);
  grpc_->Shutdown(absl::Now() + grace);
  grpc_.reset();
  http_.reset();
}

void BlockSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

void WaitForSignal() {
  const sigset_t signals = StopSignals();
  int number = 0;
  sigwait(&signals, &number);
}

void StartWatchdog(absl::Duration timeout) {
  std::thread([timeout] {
    absl::SleepFor(timeout);
    LogEvent("ERROR", "server.stuck", {{"problem", "a handler did not end in time"}});
    absl::SleepFor(absl::Seconds(1));
    _exit(kStuckExitCode);
  }).detach();
}

}  // namespace jiedui::server
