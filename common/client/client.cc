#include "common/client/client.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/status/error.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/proto_buffer_writer.h"

namespace jiedui::client {
namespace {

using google::protobuf::Message;
using grpc::ByteBuffer;

constexpr int kMaxMessageBytes = 64 << 20;

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) return FromRpcStatus(details);
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

bool Encode(const Message& message, ByteBuffer* bytes) {
  bool own = false;
  return grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, bytes, &own).ok();
}

bool Decode(ByteBuffer* bytes, Message* message) {
  grpc::ProtoBufferReader reader(bytes);
  return reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
}

void Prepare(const CallOptions& options, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(options.deadline));
  for (const auto& [key, value] : options.metadata) context->AddMetadata(key, value);
}

std::string PathOf(absl::string_view method) { return absl::StrCat("/", method); }

class GenericStream final : public Stream {
 public:
  GenericStream(grpc::GenericStub& stub, const std::string& path, const CallOptions& options) {
    Prepare(options, &context_);
    call_ = stub.PrepareCall(&context_, path, &queue_);
    call_->StartCall(Tag(kStart));
    Wait(kStart);
  }
  ~GenericStream() override {
    context_.TryCancel();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Write(const Message& request) override {
    ByteBuffer bytes;
    if (!Encode(request, &bytes)) return false;
    call_->Write(bytes, Tag(kWrite));
    return Wait(kWrite);
  }
  void WritesDone() override {
    call_->WritesDone(Tag(kWritesDone));
    Wait(kWritesDone);
  }
  bool Read(Message* response) override {
    ByteBuffer bytes;
    call_->Read(&bytes, Tag(kRead));
    return Wait(kRead) && Decode(&bytes, response);
  }
  absl::Status Finish() override {
    grpc::Status status;
    call_->Finish(&status, Tag(kFinish));
    Wait(kFinish);
    return FromGrpc(status);
  }

 private:
  // One reader and one writer thread share the queue: whoever takes the other's event keeps it for them.
  enum Event { kStart, kWrite, kWritesDone, kRead, kFinish, kEvents };
  void* Tag(Event event) { return reinterpret_cast<void*>(static_cast<intptr_t>(event) + 1); }

  bool Wait(Event event) {
    absl::MutexLock lock(&mutex_);
    while (!arrived_[event]) {
      if (polling_) {
        changed_.Wait(&mutex_);
        continue;
      }
      polling_ = true;
      mutex_.Unlock();
      void* tag = nullptr;
      bool ok = false;
      const bool more = queue_.Next(&tag, &ok);
      mutex_.Lock();
      polling_ = false;
      changed_.SignalAll();
      if (!more) return false;
      const auto index = static_cast<size_t>(reinterpret_cast<intptr_t>(tag) - 1);
      arrived_[index] = true;
      result_[index] = ok;
    }
    arrived_[event] = false;
    return result_[event];
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool polling_ ABSL_GUARDED_BY(mutex_) = false;
  bool arrived_[kEvents] ABSL_GUARDED_BY(mutex_) = {};
  bool result_[kEvents] ABSL_GUARDED_BY(mutex_) = {};
};

// Unary calls that have not ended; outlives the client until the last of them has.
class CallsAtWork {
 public:
  using Context = std::shared_ptr<grpc::ClientContext>;

  void Begin(const Context& context) {
    {
      absl::MutexLock lock(&mutex_);
      ++count_;
      contexts_.insert(context);
      if (!cancelled_) return;
    }
    context->TryCancel();
  }
  // The call has an answer, which nobody has heard of yet.
  void Answered(const Context& context) {
    absl::MutexLock lock(&mutex_);
    contexts_.erase(context);
  }
  // Who waited for the answer has it.
  void End() {
    absl::MutexLock lock(&mutex_);
    --count_;
  }
  void CancelAndWait() {
    absl::flat_hash_set<Context> contexts;
    {
      absl::MutexLock lock(&mutex_);
      cancelled_ = true;
      contexts = contexts_;
    }
    for (const Context& context : contexts) context->TryCancel();
    contexts.clear();
    absl::MutexLock lock(&mutex_);
    const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return count_ == 0; };
    mutex_.Await(absl::Condition(&none));
  }

 private:
  absl::Mutex mutex_;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_set<Context> contexts_ ABSL_GUARDED_BY(mutex_);
};

class GenericClient final : public Client {
 public:
  explicit GenericClient(const std::string& address) : stub_(NewChannel(address)) {}

  absl::Status Call(absl::string_view method, const Message& request, Message* response,
                    const CallOptions& options) override {
    absl::Notification finished;
    absl::Status result;
    CallAsync(method, request, response, options, [&](absl::Status status) {
      result = std::move(status);
      finished.Notify();
    });
    finished.WaitForNotification();
    return result;
  }

  void CallAsync(absl::string_view method, const Message& request, Message* response, const CallOptions& options,
                 absl::AnyInvocable<void(absl::Status)> done) override {
    struct Pending {
      CallsAtWork::Context context = std::make_shared<grpc::ClientContext>();
      ByteBuffer request;
      ByteBuffer response;
      absl::AnyInvocable<void(absl::Status)> done;
    };
    const auto pending = std::make_shared<Pending>();
    Prepare(options, pending->context.get());
    pending->done = std::move(done);
    if (!Encode(request, &pending->request))
      return pending->done(absl::InternalError("the request cannot be serialised"));
    at_work_->Begin(pending->context);
    stub_.UnaryCall(pending->context.get(), PathOf(method), grpc::StubOptions(), &pending->request, &pending->response,
                    [pending, response, at_work = at_work_](grpc::Status status) {
                      at_work->Answered(pending->context);
                      absl::Status result = FromGrpc(status);
                      if (result.ok() && !Decode(&pending->response, response)) {
                        result = absl::InternalError("the response is malformed");
                      }
                      // Lets go of the channel, whatever copies of this function gRPC still has: who hears of the end may
                      // destroy the client, and a thread of gRPC that held the channel last would join itself.
                      pending->context.reset();
                      pending->done(std::move(result));
                      pending->done = nullptr;  // what it holds may hold the client
                      at_work->End();
                    });
  }

  std::unique_ptr<Stream> OpenStream(absl::string_view method, const CallOptions& options) override {
    return std::make_unique<GenericStream>(stub_, PathOf(method), options);
  }

  void Cancel() override { at_work_->CancelAndWait(); }

 private:
  static std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
    grpc::ChannelArguments arguments;
    arguments.SetLoadBalancingPolicyName("round_robin");
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    // A server that comes back is found within a second.
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  }

  grpc::GenericStub stub_;
  const std::shared_ptr<CallsAtWork> at_work_ = std::make_shared<CallsAtWork>();
};

}  // namespace

std::unique_ptr<Client> NewClient(const std::string& address) { return std::make_unique<GenericClient>(address); }

}  // namespace jiedui::client
