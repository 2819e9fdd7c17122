// A client of its own process, without a server beside it that would keep gRPC's threads alive.

#include "common/client/client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"

namespace jiedui::client {
namespace {

TEST(ClientTest, MayBeDestroyedOnceItsCallHasEnded) {
  for (int i = 0; i < 1000; ++i) {
    const auto client = NewClient("127.0.0.1:1");  // where nothing listens
    google::protobuf::Int32Value message;
    EXPECT_EQ(client->Call("a.B/C", message, &message, {absl::Now() + absl::Seconds(10), {}}).code(),
              absl::StatusCode::kUnavailable);
  }
}

TEST(ClientTest, CancelWaitsForWhatIsAtWork) {
  // Takes connections and says nothing.
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(socket, 100), 0);
  ASSERT_EQ(getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
  for (int i = 0; i < 100; ++i) {
    std::shared_ptr<Client> client = NewClient(absl::StrCat("127.0.0.1:", ntohs(address.sin_port)));
    google::protobuf::Int32Value message;
    absl::Status answer;
    client->CallAsync("a.B/C", message, &message, {absl::Now() + absl::Seconds(60), {}},
                      [client, &answer](absl::Status status) { answer = std::move(status); });
    client->Cancel();
    EXPECT_EQ(answer.code(), absl::StatusCode::kCancelled);
    EXPECT_EQ(client.use_count(), 1) << "a thread of gRPC's own would be the last to hold it";
  }
  close(socket);
}

}  // namespace
}  // namespace jiedui::client
