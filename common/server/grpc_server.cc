#include "common/server/grpc_server.h"

#include <cstdint>
#include <limits>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "google/protobuf/arena.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace jiedui::server {
namespace {

using google::protobuf::Message;
using grpc::ByteBuffer;
using grpc::CallbackServerContext;

constexpr size_t kArenaBlock = 2048;

absl::Time DeadlineOf(const CallbackServerContext& context) {
  const auto deadline = context.deadline();
  return deadline == std::chrono::system_clock::time_point::max() ? absl::InfiniteFuture() : absl::FromChrono(deadline);
}

MetadataOf MetadataIn(const CallbackServerContext& context) {
  return [&context](absl::string_view key) -> absl::string_view {
    const auto it = context.client_metadata().find(grpc::string_ref(key.data(), key.size()));
    return it == context.client_metadata().end() ? absl::string_view()
                                                 : absl::string_view(it->second.data(), it->second.size());
  };
}

absl::Status Decode(const ByteBuffer& bytes, Message* message) {
  grpc::Slice whole;
  if (bytes.TrySingleSlice(&whole).ok()) {  // as most are
    if (message->ParseFromArray(whole.begin(), static_cast<int>(whole.size()))) return absl::OkStatus();
  } else {
    ByteBuffer copy = bytes;  // shares the slices; the reader takes a mutable buffer
    grpc::ProtoBufferReader reader(&copy);
    if (reader.status().ok() && message->ParseFromZeroCopyStream(&reader)) return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kInvalidArgument, error::v1::REASON_MALFORMED,
                   {absl::StrCat("the request is no well-formed ", message->GetDescriptor()->full_name(),
                                 " (damaged, or text that is not UTF-8)"),
                    "请求报文损坏，或含有非 UTF-8 文本"});
}

absl::Status Encode(const Message& message, ByteBuffer* bytes) {
  const size_t size = message.ByteSizeLong();
  if (size > static_cast<size_t>(std::numeric_limits<int>::max())) {
    return absl::InternalError("the response cannot be serialised");
  }
  // gRPC's own way measures a message twice and fills slices of a fixed size.
  grpc::Slice whole(size);
  message.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(whole.begin()));
  ByteBuffer(&whole, 1).Swap(bytes);
  return absl::OkStatus();
}

grpc::Status ToGrpc(const google::rpc::Status& error) {
  return grpc::Status(static_cast<grpc::StatusCode>(error.code()), error.message(), error.SerializeAsString());
}

// A method with what its calls need.
struct Route {
  const Method* method = nullptr;
  MethodMetrics* metrics = nullptr;
  Pipeline* pipeline = nullptr;
  StreamPlaces* streams = nullptr;
  std::string path;  // "/package.Service/Method"; gRPC keeps a pointer to it
};

// Lives until it has answered. It is no reactor of its own: gRPC ends the default reactor on the spot, and any other one on
// a thread of its executor, which costs as much as the rest of the pipeline.
class UnaryCall {
 public:
  // Works on the call and ends it now or later; a cancelled call waits for its handler too.
  static grpc::ServerUnaryReactor* Start(const Route& route, CallbackServerContext* grpc_context,
                                         const ByteBuffer* request, ByteBuffer* response) {
    grpc::ServerUnaryReactor* const reactor = grpc_context->DefaultReactor();
    (new UnaryCall(route, reactor, response))->Run(grpc_context, request);
    return reactor;
  }

 private:
  UnaryCall(const Route& route, grpc::ServerUnaryReactor* reactor, ByteBuffer* response)
      : route_(route), reactor_(reactor), response_bytes_(response), arena_(block_, sizeof(block_)) {}

  void Run(CallbackServerContext* grpc_context, const ByteBuffer* request) {
    const absl::Status begun =
        route_.pipeline->Begin(*route_.method, DeadlineOf(*grpc_context), MetadataIn(*grpc_context), &context_);
    if (!begun.ok()) {
      End(begun, false);
      return;
    }
    Message* message = route_.method->request_prototype->New(&arena_);
    response_ = route_.method->response_prototype->New(&arena_);
    if (const absl::Status decoded = Decode(*request, message); !decoded.ok()) {
      End(decoded, true);
      return;
    }
    route_.method->unary(context_, *message, response_, [this](absl::Status status) {
      if (status.ok()) status = Encode(*response_, response_bytes_);
      End(status, true);
    });
  }

  void End(const absl::Status& status, bool admitted) {
    google::rpc::Status error;
    route_.pipeline->Finish(*route_.method, context_, *route_.metrics, status, admitted, &error);
    reactor_->Finish(status.ok() ? grpc::Status::OK : ToGrpc(error));
    delete this;
  }

  const Route& route_;
  grpc::ServerUnaryReactor* const reactor_;
  ByteBuffer* const response_bytes_;
  RequestContext context_;
  Message* response_ = nullptr;
  alignas(16) char block_[kArenaBlock];
  google::protobuf::Arena arena_;
};

// Any streaming method, as a bidirectional one: the handler runs on a thread of the call and moves messages one by one.
class StreamCall final : public grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>, public MessageStream {
 public:
  StreamCall(const Route& route, CallbackServerContext* grpc_context) : route_(route), grpc_context_(grpc_context) {
    absl::Status begun =
        route_.pipeline->Begin(*route_.method, DeadlineOf(*grpc_context), MetadataIn(*grpc_context), &context_);
    admitted_ = begun.ok();
    if (begun.ok() && route_.streams->taken.fetch_add(1) >= route_.streams->most) {
      begun = MakeError(absl::StatusCode::kResourceExhausted, error::v1::REASON_OVERLOADED,
                        {"too many streams at once: try again later", "同时进行的流式请求过多，请稍后重试"});
      route_.streams->taken.fetch_sub(1);
    }
    if (!begun.ok()) {
      End(begun);
      return;
    }
    std::thread([this] {
      const absl::Status status = route_.method->stream(context_, *this);
      route_.streams->taken.fetch_sub(1);
      End(damage().ok() ? status : damage());
    }).detach();
  }

  bool Read(Message* request) override {
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_ || reads_over_ || !damage_.ok()) return false;
      reading_ = true;
    }
    StartRead(&read_bytes_);
    {
      absl::MutexLock lock(&mutex_);
      const auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !reading_; };
      if (!mutex_.AwaitWithTimeout(absl::Condition(&done), route_.streams->idle)) {
        damage_ = Idle();  // the read ends with the call
        return false;
      }
      if (reads_over_) return false;
    }
    absl::Status decoded = Decode(read_bytes_, request);
    if (decoded.ok()) return true;
    // Not the end of the caller's messages: the call is over.
    absl::MutexLock lock(&mutex_);
    damage_ = std::move(decoded);
    return false;
  }

  bool Write(const Message& response) override {
    ByteBuffer bytes;
    if (!Encode(response, &bytes).ok()) return false;
    {
      absl::MutexLock lock(&mutex_);
      if (cancelled_ || writes_over_ || !damage_.ok()) return false;
      writing_ = true;
      write_bytes_.Swap(&bytes);
    }
    StartWrite(&write_bytes_);
    const auto done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_; };
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&done), route_.streams->idle)) return !writes_over_;
      damage_ = Idle();
    }
    // Nothing can follow a message that nobody takes.
    grpc_context_->TryCancel();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done));
    return false;
  }

  bool cancelled() const override {
    absl::MutexLock lock(&mutex_);
    return cancelled_ || writes_over_ || !damage_.ok();  // a write may find out first
  }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    reads_over_ = !ok;
  }
  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    writes_over_ = !ok;
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
  }
  void OnDone() override { delete this; }

 private:
  static absl::Status Idle() {
    return MakeError(absl::StatusCode::kDeadlineExceeded, error::v1::REASON_DEADLINE,
                     {"the caller neither sent nor received for too long", "调用方长时间未发送也未接收"});
  }

  void End(const absl::Status& status) {
    google::rpc::Status error;
    route_.pipeline->Finish(*route_.method, context_, *route_.metrics, status, admitted_, &error);
    Finish(status.ok() ? grpc::Status::OK : ToGrpc(error));
  }

  absl::Status damage() const {
    absl::MutexLock lock(&mutex_);
    return damage_;
  }

  const Route& route_;
  CallbackServerContext* const grpc_context_;
  RequestContext context_;
  bool admitted_ = false;
  ByteBuffer read_bytes_;
  ByteBuffer write_bytes_;
  mutable absl::Mutex mutex_;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_over_ ABSL_GUARDED_BY(mutex_) = false;
  bool writes_over_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status damage_ ABSL_GUARDED_BY(mutex_);  // of a message that could not be read, or did not come
};

class TableService final : public grpc::Service {
 public:
  TableService(const MethodTable::Service& service, Pipeline& pipeline, Metrics& metrics, StreamPlaces* streams) {
    int index = 0;
    for (const Method* method : service.methods) {
      routes_.push_back(std::make_unique<Route>(
          Route{method, metrics.AddMethod(method->name), &pipeline, streams, absl::StrCat("/", method->name)}));
      const Route* route = routes_.back().get();
      const bool stream = method->stream != nullptr;
      AddMethod(new grpc::internal::RpcServiceMethod(
          route->path.c_str(),
          stream ? grpc::internal::RpcMethod::BIDI_STREAMING : grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
      if (stream) {
        MarkMethodRawCallback(index,
                              new grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>(
                                  [route](CallbackServerContext* context) { return new StreamCall(*route, context); }));
      } else {
        MarkMethodRawCallback(
            index, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                       [route](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
                         return UnaryCall::Start(*route, context, request, response);
                       }));
      }
      ++index;
    }
  }

 private:
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcServerOptions& options,
                                                              const MethodTable& table, Pipeline& pipeline,
                                                              Metrics& metrics) {
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  std::unique_ptr<GrpcServer> server(new GrpcServer());
  server->streams_.most = options.max_streams;
  server->watches_.most = options.max_watches;
  server->streams_.idle = server->watches_.idle = options.stream_idle;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(absl::StrCat(options.address, ":", options.port), grpc::InsecureServerCredentials(),
                           &server->port_);
  // A larger message is answered by gRPC itself: RESOURCE_EXHAUSTED, without details.
  builder.SetMaxReceiveMessageSize(options.max_receive_bytes);
  builder.SetResourceQuota(grpc::ResourceQuota("server").Resize(options.memory_bytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_calls_per_connection);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Clients reconnect at this age, and so find new replicas; calls at work on the old connection end there, however long
  // they may take (an import).
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, 120'000);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(kMaxStreamDuration)));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  // Below the 30 s of this repository's clients, or they would be cut off with too_many_pings.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 10'000);
  for (const MethodTable::Service& service : table.services()) {
    const bool health = service.descriptor->full_name() == "grpc.health.v1.Health";
    server->services_.push_back(
        std::make_unique<TableService>(service, pipeline, metrics, health ? &server->watches_ : &server->streams_));
    builder.RegisterService(server->services_.back().get());
  }
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr || server->port_ == 0) {
    return absl::UnavailableError(absl::StrCat("cannot listen on gRPC port ", options.port));
  }
  return server;
}

GrpcServer::~GrpcServer() {
  if (server_ != nullptr) Shutdown(absl::Now());
}

void GrpcServer::Shutdown(absl::Time deadline) {
  if (std::exchange(shut_down_, true)) return;
  server_->Shutdown(absl::ToChronoTime(deadline));
  server_->Wait();
}

}  // namespace jiedui::server
