// A running server with every door, and running it until it is told to stop. Flags are read by the mains.

#ifndef JIEDUI_COMMON_SERVER_PROGRAM_H_
#define JIEDUI_COMMON_SERVER_PROGRAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/grpc_server.h"
#include "common/server/health.h"
#include "common/server/http_server.h"
#include "common/server/method_table.h"
#include "common/server/metrics.h"
#include "common/server/pipeline.h"

namespace jiedui::server {

struct ServerOptions {
  GrpcServerOptions grpc;
  PipelineOptions pipeline;
  int http_port = 0;  // /metrics, /livez, /readyz; 0: any free port
  std::vector<Probe> probes;
  // What /metrics shows beside the calls.
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables;
};

class Server {
 public:
  // Adds health to `table` and serves it; the table and whatever its handlers use must outlive the server. Warm when it
  // returns. FAILED_PRECONDITION when a method has no handler, UNAVAILABLE when a port is taken.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, MethodTable& table);
  ~Server();

  int grpc_port() const { return grpc_->port(); }
  int http_port() const { return http_->port(); }

  // Not ready at once; serves on for `drain`, so that balancers notice; then refuses calls and waits `grace` for those at
  // work. Blocks.
  void Shutdown(absl::Duration drain, absl::Duration grace);

 private:
  explicit Server(ServerOptions options);
  void AddHttpHandlers();

  Metrics metrics_;
  Pipeline pipeline_;
  Health health_;
  std::unique_ptr<GrpcServer> grpc_;
  std::unique_ptr<HttpServer> http_;
};

// Blocks SIGTERM and SIGINT in this thread and those it starts, for WaitForSignal. First thing in main.
void BlockSignals();

// Waits for SIGTERM or SIGINT.
void WaitForSignal();

// Ends the process with code 3 when it is still there after `timeout`: a handler that never ends must not keep it.
void StartWatchdog(absl::Duration timeout);

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_PROGRAM_H_
