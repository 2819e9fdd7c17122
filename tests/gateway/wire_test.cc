// The gateway's copy and a program's copy of the directory over gRPC, from a village program whose answers are cut short.

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/client/client.h"
#include "common/directory/directory.h"
#include "common/server/program.h"
#include "gtest/gtest.h"
#include "services/gateway/sources.h"
#include "services/village/definition.h"
#include "tests/gateway/fake_world.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"

namespace jiedui::gateway {
namespace {

using testing::FakeClients;
using testing::FakeWorld;
using testing::Proto;
using testing::TestProgram;

constexpr int kVillages = 500;
constexpr int kSyncBytes = 4096;
// Far above an answer that was cut, and far below one that was not.
constexpr size_t kMostBytes = 16'000;

// Looks at the size of each answer.
class MeasuringClient final : public client::Client {
 public:
  explicit MeasuringClient(const std::string& address) : client_(client::NewClient(address)) {}

  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const client::CallOptions& options) override {
    const absl::Status status = client_->Call(method, request, response, options);
    Look(*response);
    return status;
  }
  void CallAsync(absl::string_view method, const google::protobuf::Message& request,
                 google::protobuf::Message* response, const client::CallOptions& options,
                 absl::AnyInvocable<void(absl::Status)> done) override {
    client_->CallAsync(method, request, response, options,
                       [this, response, done = std::move(done)](absl::Status status) mutable {
                         Look(*response);
                         done(std::move(status));
                       });
  }
  std::unique_ptr<client::Stream> OpenStream(absl::string_view, const client::CallOptions&) override { return nullptr; }
  void Cancel() override { client_->Cancel(); }

  int calls() const { return calls_; }

 private:
  void Look(const google::protobuf::Message& response) {
    ++calls_;
    EXPECT_LT(response.ByteSizeLong(), kMostBytes);
  }

  const std::unique_ptr<client::Client> client_;
  std::atomic<int> calls_{0};
};

class CutAnswersTest : public ::testing::Test {
 protected:
  CutAnswersTest() {
    service::Definition definition = village::NewDefinition();
    definition.sync_bytes = kSyncBytes;
    program_ =
        std::make_unique<TestProgram>(std::move(definition), testing::DatabaseKind::kSqlite, std::vector<int>{2018});
    Put("Division", R"(division_id: "12" division { code: "12" display_name: "市" level: DIVISION_LEVEL_CITY })");
    Put("Division", R"(division_id: "120119" division { code: "120119" display_name: "区" level: DIVISION_LEVEL_DISTRICT
                       parent: "divisions/12" })");
    Put("Division", R"(division_id: "120119101" division { code: "120119101" display_name: "镇"
                       level: DIVISION_LEVEL_TOWNSHIP parent: "divisions/120119" })");
    for (int i = 0; i < kVillages; ++i) PutVillage(i);
    server::ServerOptions options;
    options.grpc.address = "127.0.0.1";
    auto server = server::Server::Start(std::move(options), program_->table());
    if (!server.ok()) ADD_FAILURE() << server.status();
    server_ = *std::move(server);
    client_ = std::make_shared<MeasuringClient>(absl::StrCat("127.0.0.1:", server_->grpc_port()));
  }

  static std::string CodeOf(int village) { return absl::StrCat("120119101", 200 + village); }
  void PutVillage(int village) {
    const std::string code = CodeOf(village);
    Put("Village", absl::StrCat("village_id: '", code, "' village { code: '", code,
                                "' display_name: '样例村' township: 'divisions/120119101' "
                                "support_level: SUPPORT_LEVEL_CITY entry_date: '2017-08-01' }"));
  }
  void Put(const std::string& type, const std::string& text) {
    const server::Method* method = program_->table().Find("jiedui.village.v1.DivisionService/Create" + type);
    std::unique_ptr<google::protobuf::Message> request(method->request_prototype->New());
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get()));
    std::unique_ptr<google::protobuf::Message> response(method->response_prototype->New());
    ASSERT_OK(program_->Call(method->name, *request, response.get()));
  }

  std::unique_ptr<TestProgram> program_;
  std::unique_ptr<server::Server> server_;
  std::shared_ptr<MeasuringClient> client_;
};

TEST_F(CutAnswersTest, TheGatewayHasTheWhole) {
  FakeWorld world;
  FakeClients fakes(&world);
  Clients clients = fakes.clients();
  clients[kVillage] = client_;
  const auto cube = std::make_shared<Cube>(world.shared_catalog());
  const std::shared_ptr<Executor> executor = NewExecutor(2);
  FeedOptions feeds;
  feeds.keep_interval = absl::InfiniteDuration();  // only what the test asks for is counted
  auto sources = std::make_unique<Sources>(std::move(clients), cube, executor, feeds);
  const auto sync = [&] {
    absl::Notification done;
    sources->Sync({2018}, absl::Now() + absl::Seconds(60), [&done](const SourceStatuses& statuses) {
      EXPECT_OK(statuses[kVillage]);
      done.Notify();
    });
    done.WaitForNotification();
  };
  const auto villages = [&] {
    const auto snapshot = cube->snapshot();
    const Column* column =
        snapshot->ColumnOf(world.catalog().measures()[world.catalog().IndexOf("programme_villages")], 2018);
    int64_t count = 0;
    for (int i = 0; column != nullptr && i < snapshot->places->size(); ++i) count += (*column)[i];
    return count;
  };
  sync();
  EXPECT_EQ(cube->snapshot()->places->size(), kVillages + 3);
  EXPECT_EQ(cube->snapshot()->UnplacedNodeCount(2018), 0);
  EXPECT_EQ(villages(), kVillages);
  EXPECT_GT(client_->calls(), 20);
  const int calls = client_->calls();
  sync();
  EXPECT_EQ(client_->calls(), calls + 1);
  PutVillage(kVillages);
  sync();
  EXPECT_EQ(villages(), kVillages + 1);
  executor->Stop();
  sources = nullptr;
}

TEST_F(CutAnswersTest, ADirectoryHasTheWholeAndFollows) {
  directory::DirectoryOptions options;
  options.wait = absl::Seconds(60);
  options.fetch_deadline = absl::Seconds(30);
  options.fetch = [this](const village::v1::SyncDirectoryRequest& request, village::v1::SyncDirectoryResponse* response,
                         absl::Time deadline) {
    return client_->Call("jiedui.village.v1.DirectoryService/SyncDirectory", request, response, {deadline, {}});
  };
  options.cancel = [this] { client_->Cancel(); };
  directory::Directory copy(std::move(options));
  ASSERT_OK(copy.Start());
  const absl::Time end = absl::Now() + absl::Seconds(60);
  const auto wait_for = [&](const std::string& name) {
    while (!copy.Exists(name) && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
    EXPECT_TRUE(copy.Exists(name)) << name;
  };
  while (!copy.status().ok() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  for (int i = 0; i < kVillages; ++i) EXPECT_TRUE(copy.Exists("villages/" + CodeOf(i))) << i;
  EXPECT_GT(client_->calls(), 10);
  // The copy is told before its last call has been counted: by then it waits for the next change.
  absl::SleepFor(absl::Milliseconds(300));
  const int calls = client_->calls();
  const absl::Time start = absl::Now();
  PutVillage(kVillages);
  wait_for("villages/" + CodeOf(kVillages));
  EXPECT_LT(absl::Now() - start, absl::Seconds(15)) << "it hears of it before the wait is over";
  EXPECT_LE(client_->calls() - calls, 3) << "it waits, and asks no more than it has to";
  // Who cannot wait is not kept from asking.
  PutVillage(kVillages + 1);
  absl::Notification refreshed;
  copy.Refresh([&refreshed] { refreshed.Notify(); });
  refreshed.WaitForNotification();
  EXPECT_TRUE(copy.Exists("villages/" + CodeOf(kVillages + 1)));
}

}  // namespace
}  // namespace jiedui::gateway
