// What every call goes through, in one order: deadline and admission, identity and scope, decode, handler, encode; around
// it metrics, one log line and the trace id.

#ifndef JIEDUI_COMMON_SERVER_PIPELINE_H_
#define JIEDUI_COMMON_SERVER_PIPELINE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/resource/request_context.h"
#include "common/server/log.h"
#include "common/server/method_table.h"
#include "common/server/metrics.h"
#include "google/rpc/status.pb.h"

namespace jiedui::server {

// The (first) value of a metadata key; empty when there is none.
using MetadataOf = std::function<absl::string_view(absl::string_view key)>;

constexpr absl::Duration kMaxStreamDuration = absl::Hours(2);

struct PipelineOptions {
  // Of a call that brings none, and the most that it may ask for.
  absl::Duration default_deadline = absl::Seconds(30);
  absl::Duration max_deadline = absl::Minutes(10);
  absl::Duration stream_deadline = kMaxStreamDuration;
  // Calls at work at once; more are answered RESOURCE_EXHAUSTED.
  int max_in_flight = 2048;
  // Says who calls; must not block. UNAUTHENTICATED when the metadata name nobody known. The default believes the metadata
  // x-jiedui-principal, 1 to 128 of [A-Za-z0-9/_.@-].
  std::function<absl::Status(const MetadataOf&, Principal*)> authenticate;
  // Says whether the caller may call, and may narrow its scope; must not block. The default allows everything.
  std::function<absl::Status(const Method&, RequestContext*)> authorize;
};

class Pipeline {
 public:
  explicit Pipeline(PipelineOptions options, Logger* logger);

  // The first half: fills `context`. After OK the call is admitted, and Finish must follow.
  absl::Status Begin(const Method& method, absl::Time deadline, const MetadataOf& metadata, RequestContext* context);

  // The second half: counts and logs the call. For an error fills `error` for the wire.
  void Finish(const Method& method, const RequestContext& context, MethodMetrics& metrics, const absl::Status& status,
              bool admitted, google::rpc::Status* error);

  int in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

 private:
  const PipelineOptions options_;
  Logger* const logger_;
  std::atomic<int> in_flight_{0};
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_PIPELINE_H_
