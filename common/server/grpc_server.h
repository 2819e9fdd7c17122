// Serves a method table over gRPC: a grpc::Service for each service of the table, on the callback API with raw byte buffers.

#ifndef JIEDUI_COMMON_SERVER_GRPC_SERVER_H_
#define JIEDUI_COMMON_SERVER_GRPC_SERVER_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/server/method_table.h"
#include "common/server/metrics.h"
#include "common/server/pipeline.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "grpcpp/server.h"

namespace jiedui::server {

struct GrpcServerOptions {
  std::string address = "0.0.0.0";
  int port = 0;  // 0: any free port
  int max_receive_bytes = 4 << 20;
  // Streaming calls at once; each has a thread. More are answered RESOURCE_EXHAUSTED.
  int max_streams = 64;
  // The same for health watches, which last as long as their connection and must not take the place of work.
  int max_watches = 64;
  // A stream whose caller neither sends nor receives for so long while it is waited for is ended.
  absl::Duration stream_idle = absl::Minutes(2);
  // Calls at once on one connection; a client keeps more waiting by itself.
  int max_calls_per_connection = 256;
  // What gRPC may hold of messages and connections. Past it, it reads more slowly, and then ends calls.
  size_t memory_bytes = size_t{512} << 20;
};

// Streaming calls that are at work, each on a thread.
struct StreamPlaces {
  std::atomic<int> taken{0};
  int most = 0;
  absl::Duration idle;
};

class GrpcServer {
 public:
  // Serves `table` through `pipeline`; all must outlive the server. UNAVAILABLE when the port is taken.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcServerOptions& options, const MethodTable& table,
                                                           Pipeline& pipeline, Metrics& metrics);
  ~GrpcServer();

  int port() const { return port_; }

  // Refuses new calls, waits for those at work, and cancels at `deadline` what is left.
  void Shutdown(absl::Time deadline);

 private:
  GrpcServer() = default;

  int port_ = 0;
  bool shut_down_ = false;
  StreamPlaces streams_;
  StreamPlaces watches_;
  std::vector<std::unique_ptr<grpc::Service>> services_;  // die after the server
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_GRPC_SERVER_H_
