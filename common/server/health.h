// Whether the program is alive and ready, asked by the orchestrator over HTTP and by clients over grpc.health.v1.

#ifndef JIEDUI_COMMON_SERVER_HEALTH_H_
#define JIEDUI_COMMON_SERVER_HEALTH_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/impl/service_type.h"

namespace jiedui::server {

// A condition of readiness, evaluated in the background; an error's text becomes the reason. Should answer within a second.
struct Probe {
  std::string name;
  std::function<absl::Status()> check;
};

// Liveness ("liveness": the process answers) and readiness ("readiness", "" and every service: all probes pass, started and
// not draining). Thread-safe.
class Health {
 public:
  using ServingStatus = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // `services` are the names that Check knows besides "", "liveness" and "readiness". Not ready until Started.
  explicit Health(std::vector<std::string> services, absl::Duration probe_interval = absl::Seconds(1));
  ~Health();
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  // Makes readiness depend on one more condition, at once and then every interval.
  void AddProbe(Probe probe);
  // Evaluates all probes now, before it returns.
  void Refresh();
  // The program is warm: readiness is what the probes say.
  void Started();
  // The program is about to stop: not ready for ever.
  void Drain();
  // Ends all watches, so that the server can shut down.
  void Stop();

  // Why the program is not ready, "name: reason" each; empty when it is.
  std::vector<std::string> NotReadyReasons() const;
  bool ready() const { return NotReadyReasons().empty(); }

  // SERVICE_UNKNOWN when `service` is none of the names.
  ServingStatus StatusOf(absl::string_view service) const;

  // grpc.health.v1.Health on the callback API, exempt from the pipeline. Lives as long as this.
  grpc::Service* service();

 private:
  class Service;
  class Watch;
  friend class Watch;

  void Run();
  void Evaluate();
  // Tells every watch whose status changed.
  void Announce();
  ServingStatus StatusLocked(absl::string_view service) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool ReadyLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const absl::Duration probe_interval_;
  absl::flat_hash_set<std::string> services_;

  // Serialises evaluations; probes run without `mutex_`.
  absl::Mutex evaluate_mutex_;
  mutable absl::Mutex mutex_;
  struct Probed {
    std::shared_ptr<const Probe> probe;
    absl::Status status;
  };
  std::vector<Probed> probes_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<Watch*> watches_ ABSL_GUARDED_BY(mutex_);
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool quit_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Service> service_;
  std::thread thread_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_HEALTH_H_
