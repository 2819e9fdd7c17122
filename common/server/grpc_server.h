// Serves a method table over gRPC: a grpc::Service for each service of the table, on the callback API with raw byte buffers.

#ifndef JIEDUI_COMMON_SERVER_GRPC_SERVER_H_
#define JIEDUI_COMMON_SERVER_GRPC_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/method_table.h"
#include "common/server/pipeline.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"

namespace jiedui::server {

struct GrpcServerOptions {
  std::string bind_address = "0.0.0.0";
  int port = 0;  // 0: any free port
  // Plain text when null.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  int max_receive_bytes = 4 << 20;
  int max_send_bytes = 64 << 20;
  // Streaming calls at once; each has a thread. More are answered RESOURCE_EXHAUSTED.
  int max_streams = 16;
  int max_concurrent_streams_per_connection = 1024;
  // Clients reconnect at this age, and so find new replicas.
  absl::Duration max_connection_age = absl::Seconds(120);
  absl::Duration max_connection_age_grace = absl::Seconds(30);
  absl::Duration max_connection_idle = absl::Minutes(15);
  absl::Duration keepalive_time = absl::Seconds(60);
  absl::Duration keepalive_timeout = absl::Seconds(20);
  // Clients that ping more often are cut off; clients of this repository ping every 30 s.
  absl::Duration min_ping_interval = absl::Seconds(10);
  absl::Duration handshake_timeout = absl::Seconds(10);
  // All connections together; beyond it the server stops reading for a while.
  size_t memory_quota_bytes = size_t{512} << 20;
};

class StreamPool;

class GrpcServer {
 public:
  // Serves `table` through `pipeline`, and `others` (health, reflection) beside it. UNAVAILABLE when the port is taken.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options, const MethodTable& table,
                                                           Pipeline* pipeline,
                                                           const std::vector<grpc::Service*>& others);
  // Shuts down at once unless Shutdown was called.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  int port() const { return port_; }

  // Refuses new calls, waits for those at work, and cancels at `deadline` what is left. Returns when every call is over,
  // which takes longer than `deadline` when a handler ignores its deadline.
  void Shutdown(absl::Time deadline);

 private:
  GrpcServer() = default;

  int port_ = 0;
  bool shut_down_ = false;
  // In the order of need: services die after the server.
  std::unique_ptr<StreamPool> streams_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_GRPC_SERVER_H_
