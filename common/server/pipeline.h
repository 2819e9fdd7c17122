// What every call goes through, whichever door it came in by, in one order: deadline and admission, identity and scope,
// decode, handler, encode; around it metrics, one log line and the trace id.

#ifndef JIEDUI_COMMON_SERVER_PIPELINE_H_
#define JIEDUI_COMMON_SERVER_PIPELINE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/resource/request_context.h"
#include "common/server/log.h"
#include "common/server/method_table.h"
#include "common/server/metrics.h"
#include "google/protobuf/arena.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/rpc/status.pb.h"

namespace jiedui::server {

// What the caller sent along with the request.
class Metadata {
 public:
  virtual ~Metadata() = default;
  // The (first) value of a key in lower case; empty when there is none.
  virtual absl::string_view Get(absl::string_view key) const = 0;
};

// Says who calls. Runs on a thread that must not block.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED when the metadata name no caller that is known.
  virtual absl::Status Authenticate(const Metadata& metadata, Principal* principal) const = 0;
};

// Says what a caller may call, and may narrow principal.scope. Runs on a thread that must not block.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  // PERMISSION_DENIED when the caller may not.
  virtual absl::Status Authorize(const Method& method, RequestContext* context) const = 0;
};

// Believes `x-jiedui-principal` (1 to 128 of [A-Za-z0-9/_.@-]); without it the caller is "anonymous".
std::unique_ptr<Authenticator> NewHeaderAuthenticator();
// Allows everything.
std::unique_ptr<Authorizer> NewAllowingAuthorizer();

struct PipelineOptions {
  // Of a unary call that brings none, and the most that it may ask for.
  absl::Duration default_deadline = absl::Seconds(30);
  absl::Duration max_deadline = absl::Minutes(10);
  // The same for streams: both the default and the most.
  absl::Duration max_stream_deadline = absl::Hours(2);
  // Calls at work at once, streams included; more are answered RESOURCE_EXHAUSTED.
  int max_in_flight = 2048;
  // How often overdue calls are looked for: how late a deadline may be noticed.
  absl::Duration deadline_check_interval = absl::Milliseconds(20);
};

// What the server answers when a message cannot be decoded: INVALID_ARGUMENT, reason MALFORMED.
absl::Status MalformedError(const google::protobuf::Descriptor& message);

class Pipeline;

// One call. A door derives its calls from this and gives the transport's part; the rest is the pipeline's.
//
// Three parties hold a reference: the door until it calls Unref, the pipeline, and the handler until it is done.
class Call {
 public:
  Call() = default;
  virtual ~Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  RequestContext& context() { return context_; }
  const Method& method() const { return *method_; }
  // Whether the call has its answer. (The handler may still be at work when the deadline gave it.)
  bool answered() const { return (state_.load(std::memory_order_acquire) & kAnswered) != 0; }

  // The door's reference.
  void Unref();

 protected:
  // --- the door's part ---
  virtual const Metadata& metadata() const = 0;
  // Appends the caller's address without port.
  virtual void AppendPeer(std::string* peer) const = 0;
  // Fills `request` from the body; MalformedError or a better one. Unary calls only.
  virtual absl::Status Decode(google::protobuf::Message* request) = 0;
  // Takes the answer's body; not sent before Answer. Unary calls only.
  virtual absl::Status Encode(const google::protobuf::Message& response) = 0;
  // Sends the answer: nullptr for success. Called exactly once. `trace_id` helps whoever reports an error.
  virtual void Answer(const google::rpc::Status* error, absl::string_view trace_id) = 0;
  // Nobody uses the call any more.
  virtual void Release() = 0;

  // For the log and metrics; kept up to date by the door, of streams as they go.
  std::atomic<uint64_t> request_bytes{0};
  std::atomic<uint64_t> response_bytes{0};

 private:
  friend class Pipeline;
  friend class HandlerDone;
  static constexpr int kAnswered = 1;     // the answer is given or being given
  static constexpr int kHandlerDone = 2;  // nobody works for the call
  static constexpr int kWatched = 4;      // in the pipeline's list of calls at work
  static constexpr size_t kArenaBlock = 2048;

  Pipeline* pipeline_ = nullptr;
  const Method* method_ = nullptr;
  MethodMetrics* metrics_ = nullptr;
  RequestContext context_;
  int64_t start_unix_nanos_ = 0;
  int64_t deadline_unix_nanos_ = 0;
  google::protobuf::Message* response_ = nullptr;
  std::atomic<int> state_{0};
  std::atomic<int> references_{0};
  // Neighbours in the list of calls at work; guarded by its mutex.
  Call* previous_ = nullptr;
  Call* next_ = nullptr;
  // Makes the most of small messages: no allocation until the block is full.
  alignas(16) std::array<char, kArenaBlock> block_;
  google::protobuf::Arena arena_{block_.data(), block_.size()};
};

// Thread-safe.
class Pipeline {
 public:
  // Serves the methods of `table`; it, `metrics` and `logger` must outlive the pipeline.
  Pipeline(const PipelineOptions& options, const MethodTable& table, std::unique_ptr<Authenticator> authenticator,
           std::unique_ptr<Authorizer> authorizer, Metrics* metrics, Logger* logger);
  // Call Drain first.
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // What the pipeline knows of a method; resolve it once. nullptr when the table has no such method.
  class Route;
  const Route* Find(absl::string_view method) const;

  // Starts a unary call, perhaps answering it before returning. `deadline_unix_nanos`: INT64_MAX when the caller set none.
  void Start(const Route& route, int64_t deadline_unix_nanos, Call* call);

  // Starts a call whose messages the door moves itself: everything up to the handler. On success the door runs the
  // handler and then calls FinishStream, once; otherwise the call is answered already.
  bool StartStream(const Route& route, int64_t deadline_unix_nanos, Call* call);
  void FinishStream(Call* call, const absl::Status& status);

  // Answers a call that was refused before its handler ran, for example because the door has no thread for it.
  int in_flight() const { return in_flight_.load(std::memory_order_relaxed); }

  // Waits until no handler works; false when some still do after `timeout`, whose methods are then logged.
  bool Drain(absl::Duration timeout);

 private:
  friend class Call;
  friend class HandlerDone;
  struct alignas(64) WatchShard {
    absl::Mutex mutex;
    Call* first ABSL_GUARDED_BY(mutex) = nullptr;
  };
  static constexpr size_t kWatchShards = 4;

  absl::Status Begin(const Route& route, int64_t deadline_unix_nanos, bool stream, Call* call);
  void RunHandler(Call* call);
  // The handler is done with `status`: answers unless the deadline did.
  void Complete(Call* call, const absl::Status& status);
  void Answer(Call* call, const absl::Status& status);
  void AnswerError(Call* call, const absl::Status& status, int64_t end_unix_nanos);
  void Log(Call* call, absl::StatusCode code, int64_t end_unix_nanos, absl::string_view reason,
           absl::string_view internal_detail);
  WatchShard& ShardOf(const Call* call);
  void Watch(Call* call);
  void Unwatch(Call* call);
  void WatchDeadlines();
  void AnswerOverdue(int64_t now_unix_nanos);

  const PipelineOptions options_;
  const std::unique_ptr<Authenticator> authenticator_;
  const std::unique_ptr<Authorizer> authorizer_;
  Logger* const logger_;
  absl::flat_hash_map<std::string, std::unique_ptr<Route>> routes_;
  std::atomic<int> in_flight_{0};
  std::array<WatchShard, kWatchShards> watched_;
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread watcher_;
};

class Pipeline::Route {
 public:
  Route(const Method* method, MethodMetrics* metrics) : method_(method), metrics_(metrics) {}
  const Method& method() const { return *method_; }

 private:
  friend class Pipeline;
  const Method* method_;
  MethodMetrics* metrics_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_PIPELINE_H_
