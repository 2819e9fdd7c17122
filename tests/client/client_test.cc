// A client of its own process, without a server beside it that would keep gRPC's threads alive.

#include "common/client/client.h"

#include "absl/status/status.h"
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

}  // namespace
}  // namespace jiedui::client
