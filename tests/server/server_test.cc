// A server with every door, called by a real client over loopback.

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/client/client.h"
#include "common/server/health.h"
#include "common/server/program.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/wrappers.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "gtest/gtest.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "tests/support/status_matchers.h"

namespace jiedui::server {
namespace {

using ::jiedui::testing::IsOk;
using ::jiedui::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSync[] = "jiedui.measure.v1.MeasureService/SyncMeasures";
constexpr char kList[] = "jiedui.measure.v1.MeasureService/ListMeasures";
constexpr char kVerify[] = "jiedui.measure.v1.MeasureService/VerifyMeasures";
constexpr char kImport[] = "jiedui.bulk.v1.BulkService/Import";
constexpr char kExport[] = "jiedui.bulk.v1.BulkService/Export";

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() {
    EXPECT_THAT(table_.AddService("jiedui.measure.v1.MeasureService"), IsOk());
    EXPECT_THAT(table_.AddService("jiedui.bulk.v1.BulkService"), IsOk());
    EXPECT_THAT((table_.AddInline<measure::v1::ListMeasuresRequest, measure::v1::ListMeasuresResponse>(
                    kList,
                    [this](RequestContext& context, const measure::v1::ListMeasuresRequest&,
                           measure::v1::ListMeasuresResponse* response) {
                      seen_ = context;
                      response->add_measures()->set_id("first");
                      return absl::OkStatus();
                    })),
                IsOk());
    EXPECT_THAT((table_.AddInline<measure::v1::ListWarningsRequest, measure::v1::ListWarningsResponse>(
                    "jiedui.measure.v1.MeasureService/ListWarnings",
                    [](RequestContext&, const measure::v1::ListWarningsRequest&, measure::v1::ListWarningsResponse*) {
                      return absl::OkStatus();
                    })),
                IsOk());
    EXPECT_THAT(
        (table_.AddInline<measure::v1::VerifyMeasuresRequest, measure::v1::VerifyMeasuresResponse>(
            kVerify, [](RequestContext&, const measure::v1::VerifyMeasuresRequest&,
                        measure::v1::VerifyMeasuresResponse*) { return absl::InternalError("secret of the house"); })),
        IsOk());
    // Answers on another thread, once it is told to.
    EXPECT_THAT(table_.AddUnary(kSync,
                                [this](RequestContext&, const google::protobuf::Message& request,
                                       google::protobuf::Message* response, Done done) {
                                  arrived_.fetch_add(1);
                                  threads_.emplace_back([this, &request, response, done = std::move(done)]() mutable {
                                    go_.WaitForNotification();
                                    static_cast<measure::v1::SyncMeasuresResponse*>(response)->set_database_id(
                                        static_cast<const measure::v1::SyncMeasuresRequest&>(request).database_id());
                                    done(absl::OkStatus());
                                  });
                                }),
                IsOk());
    EXPECT_THAT(table_.AddStream(kImport,
                                 [this](RequestContext&, MessageStream& stream) {
                                   arrived_.fetch_add(1);
                                   bulk::v1::ImportRequest request;
                                   int64_t bytes = 0;
                                   while (stream.Read(&request)) bytes += static_cast<int64_t>(request.chunk().size());
                                   bulk::v1::ImportResponse response;
                                   response.mutable_result()->set_row_count(bytes);
                                   stream.Write(response);
                                   return absl::OkStatus();
                                 }),
                IsOk());
    EXPECT_THAT(table_.AddStream(kExport,
                                 [this](RequestContext&, MessageStream& stream) {
                                   bulk::v1::ExportRequest request;
                                   if (!stream.Read(&request)) return absl::InvalidArgumentError("no request");
                                   bulk::v1::ExportResponse response;
                                   response.set_chunk(std::string(64 << 10, 'x'));
                                   while (stream.Write(response)) {
                                   }
                                   export_cancelled_ = stream.cancelled();
                                   export_over_.Notify();
                                   return absl::CancelledError("gone");
                                 }),
                IsOk());
  }
  ~ServerTest() override {
    if (!go_.HasBeenNotified()) go_.Notify();
    server_.reset();
    for (std::thread& thread : threads_) thread.join();
  }

  void Start(ServerOptions options = {}) {
    options.grpc.address = "127.0.0.1";
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(std::move(options), table_);
    ASSERT_THAT(server.status(), IsOk());
    server_ = *std::move(server);
    client_ = client::NewClient(absl::StrCat("127.0.0.1:", server_->grpc_port()));
  }

  static client::CallOptions Within(absl::Duration time) {
    client::CallOptions options;
    options.deadline = absl::Now() + time;
    return options;
  }

  absl::Status List(client::CallOptions options = Within(absl::Seconds(10))) {
    measure::v1::ListMeasuresResponse response;
    absl::Status status = client_->Call(kList, measure::v1::ListMeasuresRequest(), &response, options);
    EXPECT_EQ(response.measures_size(), status.ok() ? 1 : 0);
    return status;
  }

  grpc::health::v1::HealthCheckResponse::ServingStatus Check(const std::string& service) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    grpc::health::v1::HealthCheckResponse response;
    const absl::Status status =
        client_->Call("grpc.health.v1.Health/Check", request, &response, Within(absl::Seconds(10)));
    return status.ok() ? response.status() : grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN;
  }

  MethodTable table_;
  RequestContext seen_;
  std::atomic<int> arrived_{0};
  absl::Notification go_;
  std::vector<std::thread> threads_;
  bool export_cancelled_ = false;
  absl::Notification export_over_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(ServerTest, AnswersWithDeadlineIdentityAndTrace) {
  Start();
  client::CallOptions options = Within(absl::Hours(100));
  options.metadata = {{"x-jiedui-principal", "users/zhang"},
                      {"traceparent", "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}};
  ASSERT_THAT(List(options), IsOk());
  EXPECT_EQ(seen_.principal.id, "users/zhang");
  EXPECT_EQ(seen_.trace_id, "0123456789abcdef0123456789abcdef");
  // No call may hold its place for longer than the server allows.
  EXPECT_LE(seen_.deadline - seen_.start_time, absl::Minutes(10));
  ASSERT_THAT(List(), IsOk());
  EXPECT_EQ(seen_.principal.id, "anonymous");
  EXPECT_EQ(seen_.trace_id.size(), 32u);
  // A plain call of a tool that sets no deadline.
  client::CallOptions none;
  none.deadline = absl::InfiniteFuture();
  ASSERT_THAT(List(none), IsOk());
  EXPECT_EQ(seen_.deadline - seen_.start_time, absl::Seconds(30));
}

TEST_F(ServerTest, BelievesRolesAndLevel) {
  Start();
  client::CallOptions options = Within(absl::Seconds(10));
  options.metadata = {
      {"x-jiedui-principal", "users/zhang"}, {"x-jiedui-roles", "reviewer,editor"}, {"x-jiedui-level", "township"}};
  ASSERT_THAT(List(options), IsOk());
  EXPECT_EQ(seen_.principal.roles,
            (std::vector<options::v1::Role>{options::v1::ROLE_REVIEWER, options::v1::ROLE_EDITOR}));
  EXPECT_EQ(seen_.principal.level, options::v1::LEVEL_TOWNSHIP);
  EXPECT_TRUE(seen_.principal.HasRole(options::v1::ROLE_EDITOR));
  EXPECT_FALSE(seen_.principal.HasRole(options::v1::ROLE_AUDITOR));
  ASSERT_THAT(List(), IsOk());
  EXPECT_EQ(seen_.principal.level, options::v1::LEVEL_UNSPECIFIED);
  for (const auto& [header, value] : {std::pair{"x-jiedui-roles", "editor,king"}, {"x-jiedui-level", "moon"}}) {
    options.metadata = {{header, value}};
    const absl::Status status = List(options);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated)) << header;
    EXPECT_EQ(ReasonOf(status), error::v1::REASON_UNAUTHENTICATED);
  }
}

TEST_F(ServerTest, RefusesAnImpossiblePrincipal) {
  Start();
  client::CallOptions options = Within(absl::Seconds(10));
  options.metadata = {{"x-jiedui-principal", "a b"}};
  const absl::Status status = List(options);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_EQ(ReasonOf(status), error::v1::REASON_UNAUTHENTICATED);
}

TEST_F(ServerTest, RefusesTextThatIsNotUtf8) {
  Start();
  google::protobuf::BytesValue wrong;  // the same wire format as database_id
  wrong.set_value("\xff\xfe");
  measure::v1::SyncMeasuresResponse response;
  const absl::Status status = client_->Call(kSync, wrong, &response, Within(absl::Seconds(10)));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(ReasonOf(status), error::v1::REASON_MALFORMED);
  EXPECT_EQ(arrived_, 0);
}

TEST_F(ServerTest, RefusesAMessageThatIsTooLarge) {
  Start();
  measure::v1::SyncMeasuresRequest request;
  request.set_database_id(std::string(8 << 20, 'x'));
  measure::v1::SyncMeasuresResponse response;
  EXPECT_THAT(client_->Call(kSync, request, &response, Within(absl::Seconds(10))),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(List(), IsOk());
}

TEST_F(ServerTest, KeepsInternalsFromTheCaller) {
  Start();
  measure::v1::VerifyMeasuresResponse response;
  const absl::Status status =
      client_->Call(kVerify, measure::v1::VerifyMeasuresRequest(), &response, Within(absl::Seconds(10)));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

TEST_F(ServerTest, DoesNotKnowOtherMethods) {
  Start();
  measure::v1::ListMeasuresResponse response;
  EXPECT_THAT(client_->Call("jiedui.measure.v1.MeasureService/Nothing", measure::v1::ListMeasuresRequest(), &response,
                            Within(absl::Seconds(10))),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(ServerTest, RefusesMoreThanItAdmits) {
  ServerOptions options;
  options.pipeline.max_in_flight = 1;
  Start(std::move(options));
  measure::v1::SyncMeasuresRequest request;
  request.set_database_id("𠮷");
  measure::v1::SyncMeasuresResponse response;
  absl::Notification over;
  absl::Status first;
  client_->CallAsync(kSync, request, &response, Within(absl::Seconds(30)), [&](absl::Status status) {
    first = std::move(status);
    over.Notify();
  });
  while (arrived_ == 0) absl::SleepFor(absl::Milliseconds(1));
  const absl::Status second = List();
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(second), error::v1::REASON_OVERLOADED);
  go_.Notify();
  over.WaitForNotification();
  EXPECT_THAT(first, IsOk());
  EXPECT_EQ(response.database_id(), "𠮷");
  EXPECT_THAT(List(), IsOk());
}

TEST_F(ServerTest, StreamsBothWays) {
  Start();
  auto stream = client_->OpenStream(kImport, Within(absl::Seconds(30)));
  bulk::v1::ImportRequest request;
  request.set_chunk(std::string(1 << 20, 'x'));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  bulk::v1::ImportResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.result().row_count(), 20 << 20);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), IsOk());
}

TEST_F(ServerTest, RefusesADamagedMessageOfAStream) {
  Start();
  auto stream = client_->OpenStream(kImport, Within(absl::Seconds(30)));
  resource::v1::GetRequest damaged;  // its text stands where a header is expected
  damaged.set_name("zz");
  ASSERT_TRUE(stream->Write(damaged));
  stream->WritesDone();
  bulk::v1::ImportResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ServerTest, EndsAStreamWhoseCallerIsGone) {
  Start();
  {
    auto stream = client_->OpenStream(kExport, Within(absl::Seconds(30)));
    ASSERT_TRUE(stream->Write(bulk::v1::ExportRequest()));
    stream->WritesDone();
    bulk::v1::ExportResponse response;
    ASSERT_TRUE(stream->Read(&response));
  }
  ASSERT_TRUE(export_over_.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(export_cancelled_);
}

TEST_F(ServerTest, RefusesMoreStreamsThanItHasThreadsFor) {
  ServerOptions options;
  options.grpc.max_streams = 1;
  Start(std::move(options));
  auto first = client_->OpenStream(kImport, Within(absl::Seconds(30)));
  bulk::v1::ImportRequest request;
  ASSERT_TRUE(first->Write(request));
  while (arrived_ == 0) absl::SleepFor(absl::Milliseconds(1));
  auto second = client_->OpenStream(kImport, Within(absl::Seconds(30)));
  second->WritesDone();
  bulk::v1::ImportResponse response;
  EXPECT_FALSE(second->Read(&response));
  const absl::Status refused = second->Finish();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ReasonOf(refused), error::v1::REASON_OVERLOADED);
  first->WritesDone();
  EXPECT_TRUE(first->Read(&response));
  EXPECT_FALSE(first->Read(&response));
  EXPECT_THAT(first->Finish(), IsOk());
}

TEST_F(ServerTest, EndsAStreamThatStandsStillAndGivesItsPlaceAway) {
  ServerOptions options;
  options.grpc.max_streams = 1;
  options.grpc.stream_idle = absl::Seconds(2);
  Start(std::move(options));
  bulk::v1::ImportResponse response;
  for (const bool says_something : {false, true}) {
    auto silent = client_->OpenStream(kImport, Within(absl::Seconds(30)));
    if (says_something) silent->Write(bulk::v1::ImportRequest());
    EXPECT_FALSE(silent->Read(&response));
    const absl::Status ended = silent->Finish();
    EXPECT_THAT(ended, StatusIs(absl::StatusCode::kDeadlineExceeded));
    EXPECT_EQ(ReasonOf(ended), error::v1::REASON_DEADLINE);
  }
  // One who asks and takes nothing of the answer.
  auto deaf = client_->OpenStream(kExport, Within(absl::Seconds(30)));
  ASSERT_TRUE(deaf->Write(bulk::v1::ExportRequest()));
  deaf->WritesDone();
  ASSERT_TRUE(export_over_.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_TRUE(export_cancelled_);
  // Its place is free once the handler has returned, a moment later.
  absl::Status next = absl::ResourceExhaustedError("");
  for (int attempt = 0; !next.ok() && attempt < 1000; ++attempt) {
    auto stream = client_->OpenStream(kImport, Within(absl::Seconds(30)));
    stream->WritesDone();
    while (stream->Read(&response)) {
    }
    next = stream->Finish();
    absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_THAT(next, IsOk());
}

TEST_F(ServerTest, WatchesOfHealthTakeNoPlaceOfWork) {
  ServerOptions options;
  options.grpc.max_streams = 1;
  options.grpc.max_watches = 2;
  Start(std::move(options));
  std::vector<std::unique_ptr<client::Stream>> watches;
  for (int i = 0; i < 3; ++i) {
    watches.push_back(client_->OpenStream("grpc.health.v1.Health/Watch", Within(absl::Seconds(30))));
    watches.back()->Write(grpc::health::v1::HealthCheckRequest());  // may find that the watch was refused
    watches.back()->WritesDone();
    grpc::health::v1::HealthCheckResponse health;
    EXPECT_EQ(watches.back()->Read(&health), i < 2);
  }
  EXPECT_THAT(watches.back()->Finish(), StatusIs(absl::StatusCode::kResourceExhausted));
  auto import = client_->OpenStream(kImport, Within(absl::Seconds(30)));
  import->WritesDone();
  bulk::v1::ImportResponse response;
  EXPECT_TRUE(import->Read(&response));
  EXPECT_FALSE(import->Read(&response));
  EXPECT_THAT(import->Finish(), IsOk());
}

TEST_F(ServerTest, FinishesCallsAtWorkWhenItStops) {
  Start();
  measure::v1::SyncMeasuresResponse response;
  absl::Notification over;
  absl::Status status;
  client_->CallAsync(kSync, measure::v1::SyncMeasuresRequest(), &response, Within(absl::Seconds(30)),
                     [&](absl::Status result) {
                       status = std::move(result);
                       over.Notify();
                     });
  while (arrived_ == 0) absl::SleepFor(absl::Milliseconds(1));
  std::thread stopper([this] { server_->Shutdown(absl::ZeroDuration(), absl::Seconds(20)); });
  while (List(Within(absl::Seconds(5))).ok()) absl::SleepFor(absl::Milliseconds(1));
  go_.Notify();
  over.WaitForNotification();
  stopper.join();
  EXPECT_THAT(status, IsOk());
}

TEST_F(ServerTest, TellsAliveFromReady) {
  std::atomic<bool> well{false};
  ServerOptions options;
  options.probes.push_back(
      {"database", [&well] { return well ? absl::OkStatus() : absl::UnavailableError("does not answer"); }});
  Start(std::move(options));
  using grpc::health::v1::HealthCheckResponse;
  EXPECT_EQ(Check("liveness"), HealthCheckResponse::SERVING);
  EXPECT_EQ(Check("readiness"), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check(""), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Check("nobody"), HealthCheckResponse::SERVICE_UNKNOWN);
  well = true;
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (Check("readiness") != HealthCheckResponse::SERVING && absl::Now() < end)
    absl::SleepFor(absl::Milliseconds(10));
  EXPECT_EQ(Check("jiedui.measure.v1.MeasureService"), HealthCheckResponse::SERVING);
}

TEST(HealthTest, WhatWouldWaitForTheSameIsNotAskedAsWell) {
  const auto fails = [] { return absl::UnavailableError("does not answer"); };
  int asked = 0;
  const auto counts = [&asked]() -> absl::Status {
    ++asked;
    return absl::UnavailableError("another release");
  };
  const Health gone({{"database", fails, true}, {"measures", counts}}, absl::Hours(1));
  EXPECT_EQ(gone.NotReadyReasons(), std::vector<std::string>{"database: does not answer"});
  EXPECT_EQ(asked, 0);
  const Health there({{"village", fails}, {"measures", counts}}, absl::Hours(1));
  EXPECT_EQ(there.NotReadyReasons(),
            (std::vector<std::string>{"village: does not answer", "measures: another release"}));
}

TEST_F(ServerTest, ServesEveryMethodOrDoesNotStart) {
  EXPECT_THAT(table_.AddService("jiedui.audit.v1.AuditService"), IsOk());
  const absl::Status status = Server::Start({}, table_).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()), HasSubstr("jiedui.audit.v1.AuditService/ListAuditEntries"));
}

TEST_F(ServerTest, DoesNotShareAPort) {
  Start();
  ServerOptions options;
  options.grpc.address = "127.0.0.1";
  options.grpc.port = server_->grpc_port();
  MethodTable other;
  EXPECT_THAT(Server::Start(std::move(options), other).status(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace jiedui::server
