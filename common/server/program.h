// What the mains share: flags into plain options, a server of all doors, and running it until it is told to stop.

#ifndef JIEDUI_COMMON_SERVER_PROGRAM_H_
#define JIEDUI_COMMON_SERVER_PROGRAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/server/grpc_server.h"
#include "common/server/health.h"
#include "common/server/http_server.h"
#include "common/server/log.h"
#include "common/server/method_table.h"
#include "common/server/metrics.h"
#include "common/server/pipeline.h"
#include "prometheus/collectable.h"

namespace jiedui::server {

struct ServerOptions {
  // "jiedui-village"; in logs and metrics.
  std::string program = "jiedui";
  std::string version = "dev";
  GrpcServerOptions grpc;
  HttpServerOptions http;
  // No HTTP door when false.
  bool serve_http = true;
  PipelineOptions pipeline;
  // Null: NewHeaderAuthenticator, NewAllowingAuthorizer.
  std::unique_ptr<Authenticator> authenticator;
  std::unique_ptr<Authorizer> authorizer;
  // Conditions of readiness, such as "database" and "directory".
  std::vector<Probe> probes;
  absl::Duration probe_interval = absl::Seconds(1);
  // Families on /metrics beside the server's own.
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables;
  // Null: ProcessLogger(). Must outlive the server.
  Logger* logger = nullptr;
  // How long a server that is not ready any more goes on serving, so that balancers notice; none in tests.
  absl::Duration drain_delay = absl::ZeroDuration();
  // How long calls at work may take after that.
  absl::Duration shutdown_grace = absl::Seconds(20);
};

// A running server with every door, usable in tests with port 0. Thread-safe.
class Server {
 public:
  // Serves when it returns, warmed up; readiness is what the probes say. `table` must be complete and outlive the server, as
  // must whatever its handlers use. FAILED_PRECONDITION when a method has no handler, UNAVAILABLE when a port is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, const MethodTable& table);
  // Shuts down when nobody has.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int grpc_port() const { return grpc_->port(); }
  // 0 without an HTTP door.
  int http_port() const { return http_ == nullptr ? 0 : http_->port(); }
  Health& health() { return *health_; }
  Metrics& metrics() { return *metrics_; }
  Pipeline& pipeline() { return *pipeline_; }
  // Null without an HTTP door.
  HttpServer* http() { return http_.get(); }

  // Not ready, drain delay, no new calls, calls at work end or are cancelled, doors closed, log flushed. Blocks. True when
  // everything ended in time; false when a handler ignored its deadline and was waited for. Only the first call does it.
  bool Shutdown();

 private:
  Server() = default;
  absl::Status OpenDoors(ServerOptions* options, const MethodTable& table);
  void AddHttpHandlers();
  void WarmUp(const MethodTable& table);

  absl::Duration drain_delay_;
  absl::Duration shutdown_grace_;
  Logger* logger_ = nullptr;
  absl::Mutex mutex_;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  // In the order of need.
  std::unique_ptr<Metrics> metrics_;
  std::unique_ptr<Health> health_;
  std::unique_ptr<grpc::Service> reflection_;
  std::unique_ptr<grpc::Service> reflection_alpha_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<HttpServer> http_;
};

// First thing in main: reads the flags (absl), blocks SIGTERM and SIGINT for RunUntilSignal, ignores SIGPIPE, sends the
// messages of gRPC and protobuf to the log. Returns the arguments that are no flags, the program's name first.
std::vector<char*> InitProgram(int argc, char** argv);

// The options that the flags --grpc_port, --http_port, --bind_address, --shutdown_drain, --shutdown_grace, --max_in_flight,
// --max_streams, --default_deadline ask for; ports as given unless set by flag.
ServerOptions OptionsFromFlags(absl::string_view program, int grpc_port, int http_port);

// Waits for SIGTERM or SIGINT, then shuts the server down. Returns the exit code: 0 when all calls ended in time. A handler
// that never ends does not keep the process: it is left after the grace with code 3, its method in the log.
int RunUntilSignal(Server& server);

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_PROGRAM_H_
