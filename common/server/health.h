// Whether the program is alive and ready, over grpc.health.v1 and HTTP. Readiness is a conjunction of named probes.

#ifndef JIEDUI_COMMON_SERVER_HEALTH_H_
#define JIEDUI_COMMON_SERVER_HEALTH_H_

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/server/method_table.h"
#include "grpc/health/v1/health.pb.h"

namespace jiedui::server {

// A condition of readiness; should answer within a second. The error's text becomes the reason.
struct Probe {
  std::string name;
  std::function<absl::Status()> check;
  // While it fails, those after it are not asked: they would wait for the same.
  bool first_of_all = false;
};

class Health {
 public:
  explicit Health(std::vector<Probe> probes, absl::Duration interval = absl::Seconds(1));
  ~Health();

  // Adds grpc.health.v1.Health. Known names: "liveness" (always serving), "readiness", "" and the services of the table.
  absl::Status AddMethods(MethodTable& table);

  // Not ready for ever: the program is about to stop.
  void Drain();

  // Why the program is not ready, "name: reason" each; empty when it is.
  std::vector<std::string> NotReadyReasons() const;

 private:
  using Status = grpc::health::v1::HealthCheckResponse;

  Status::ServingStatus StatusOf(absl::string_view service) const;
  absl::Status WatchStatus(MessageStream& stream);
  void Evaluate();
  void Run();

  const std::vector<Probe> probes_;
  const absl::Duration interval_;
  const MethodTable* table_ = nullptr;
  mutable absl::Mutex mutex_;
  std::vector<std::string> reasons_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_HEALTH_H_
