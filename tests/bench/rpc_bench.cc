#include "tests/bench/rpc_bench.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/time/clock.h"
#include "common/server/program.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "tests/bench/harness.h"
#include "tests/bench/village_host.h"

namespace jiedui::bench {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;

constexpr int kInFlight = 32;
constexpr char kGetVillage[] = "jiedui.village.v1.DivisionService/GetVillage";
constexpr double kNoOpBar = 0.85;
constexpr double kGetBar = 0.70;

ByteBuffer BytesOf(const std::string& text) {
  const grpc::Slice slice(text);
  return ByteBuffer(&slice, 1);
}

// Answers every call with the same bytes: the least that a callback server can do.
class BareService final : public grpc::Service {
 public:
  explicit BareService(std::string answer) : answer_(std::move(answer)) {
    AddMethod(new grpc::internal::RpcServiceMethod(path_.c_str(), grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodRawCallback(0, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                 [this](CallbackServerContext* context, const ByteBuffer*, ByteBuffer* response) {
                                   *response = BytesOf(answer_);
                                   auto* reactor = context->DefaultReactor();
                                   reactor->Finish(grpc::Status::OK);
                                   return reactor;
                                 }));
  }

 private:
  const std::string answer_;
  const std::string path_ = absl::StrCat("/", kGetVillage);
};

class BareServer {
 public:
  explicit BareServer(std::string answer) : service_(std::move(answer)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~BareServer() { server_->Shutdown(); }
  int port() const { return port_; }

 private:
  BareService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Keeps a number of calls at work on one connection.
class Load {
 public:
  Load(int port, const std::string& request)
      : stub_(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials())),
        request_(BytesOf(request)) {}

  double Run(absl::Duration duration) {
    end_ = absl::Now() + duration;
    completed_ = 0;
    failed_ = 0;
    absl::BlockingCounter over(kInFlight);
    for (int i = 0; i < kInFlight; ++i) Next(&over);
    over.Wait();
    if (failed_ > 0) std::abort();  // a figure of failed calls would be worth nothing
    return static_cast<double>(completed_);
  }

 private:
  struct Call {
    grpc::ClientContext context;
    ByteBuffer response;
  };

  void Next(absl::BlockingCounter* over) {
    auto* call = new Call();
    call->context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    stub_.UnaryCall(&call->context, path_, grpc::StubOptions(), &request_, &call->response,
                    [this, call, over](grpc::Status status) {
                      delete call;
                      completed_.fetch_add(1, std::memory_order_relaxed);
                      if (!status.ok()) failed_.fetch_add(1);
                      if (absl::Now() < end_) {
                        Next(over);
                      } else {
                        over->DecrementCount();
                      }
                    });
  }

  grpc::GenericStub stub_;
  ByteBuffer request_;
  const std::string path_ = absl::StrCat("/", kGetVillage);
  absl::Time end_;
  std::atomic<int64_t> completed_{0};
  std::atomic<int64_t> failed_{0};
};

std::unique_ptr<server::Server> Serve(server::MethodTable& table) {
  server::ServerOptions options;
  options.grpc.address = "127.0.0.1";
  auto server = server::Server::Start(std::move(options), table);
  if (!server.ok()) std::abort();
  return *std::move(server);
}

void RunAgainstEcho(const char* name, double bar, int port, const std::string& request, const std::string& answer) {
  BareServer bare(answer);
  Load subject(port, request);
  Load baseline(bare.port(), request);
  ReportRatio(name, Compare([&](absl::Duration time) { return subject.Run(time); },
                            [&](absl::Duration time) { return baseline.Run(time); }),
              bar, absl::StrCat(request.size(), " bytes in, ", answer.size(), " out, ", kInFlight, " in flight"));
}

}  // namespace

void RunRpcBench() {
  VillageHost host("rpc", 256);
  const std::string name = host.CreateVillage("120119101201");
  resource::v1::GetRequest get;
  get.set_name(name);
  const std::string answer = host.Village(name).SerializeAsString();
  {
    village::v1::Village fixed;
    fixed.ParseFromString(answer);
    server::MethodTable table;
    if (!table.AddService("jiedui.village.v1.DivisionService").ok()) std::abort();
    for (const server::Method* method : table.services()[0].methods) {
      const absl::Status added = table.AddUnary(
          method->name, [&fixed](RequestContext&, const google::protobuf::Message&, google::protobuf::Message* response,
                                 server::Done done) {
            static_cast<village::v1::Village*>(response)->CopyFrom(fixed);
            done(absl::OkStatus());
          });
      if (!added.ok()) std::abort();
    }
    const auto server = Serve(table);
    RunAgainstEcho("noop_pipeline_per_echo", kNoOpBar, server->grpc_port(), get.SerializeAsString(), answer);
  }
  server::MethodTable table;
  host.AddMethods(table);
  const auto server = Serve(table);
  RunAgainstEcho("get_sqlite_per_echo", kGetBar, server->grpc_port(), get.SerializeAsString(), answer);
}

}  // namespace jiedui::bench
