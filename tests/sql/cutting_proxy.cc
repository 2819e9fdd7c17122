#include "tests/sql/cutting_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace jiedui::testing {
namespace {

constexpr int kPollMs = 50;
constexpr absl::Duration kLate = absl::Milliseconds(300);
constexpr absl::string_view kCommitMessage =
    "\x03"
    "COMMIT";

constexpr absl::string_view kRollbackMessage =
    "\x03"
    "ROLLBACK";

// A message of the protocol: three bytes of length, the number of the message in its exchange, the message.
std::string Packet(char number, absl::string_view message) {
  std::string packet = {static_cast<char>(message.size()), 0, 0, number};
  packet.append(message.data(), message.size());
  return packet;
}

sockaddr_in LoopbackAddress(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

bool SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// What is there to read, empty at the end of the connection.
std::string ReceiveSome(int socket) {
  char buffer[65536];
  const ssize_t size = recv(socket, buffer, sizeof(buffer), 0);
  return size <= 0 ? std::string() : std::string(buffer, static_cast<size_t>(size));
}

}  // namespace

CuttingProxy::CuttingProxy(const std::string& server) {
  const size_t colon = server.rfind(':');
  EXPECT_TRUE(absl::SimpleAtoi(server.substr(colon + 1), &server_port_)) << server;
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = LoopbackAddress(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(listen(listener_, 64), 0);
  EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  accept_thread_ = std::thread([this] { AcceptLoop(); });
}

CuttingProxy::~CuttingProxy() {
  closing_ = true;
  accept_thread_.join();
  close(listener_);
  std::vector<std::thread> connections;
  {
    absl::MutexLock lock(&mutex_);
    connections.swap(connections_);
  }
  for (std::thread& connection : connections) connection.join();
}

std::string CuttingProxy::Url(const std::string& schema) const {
  return absl::StrCat("mysql://root@127.0.0.1:", port_, "/", schema);
}

void CuttingProxy::SetCut(std::function<Cut()> cut) {
  absl::MutexLock lock(&mutex_);
  cut_ = std::move(cut);
}

CuttingProxy::Cut CuttingProxy::NextCut() {
  absl::MutexLock lock(&mutex_);
  return cut_ == nullptr ? Cut::kNever : cut_();
}

void CuttingProxy::AcceptLoop() {
  while (!closing_) {
    pollfd waiting = {listener_, POLLIN, 0};
    if (poll(&waiting, 1, kPollMs) <= 0) continue;
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) continue;
    if (refuse_) {
      close(client);
      continue;
    }
    absl::MutexLock lock(&mutex_);
    connections_.emplace_back([this, client] { Serve(client); });
  }
}

void CuttingProxy::Serve(int client) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = LoopbackAddress(server_port_);
  const int on = 1;
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  while (open && !closing_) {
    pollfd waiting[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(waiting, 2, kPollMs) <= 0) continue;
    if (waiting[1].revents != 0) {
      const std::string bytes = ReceiveSome(server);
      open = !bytes.empty() && SendAll(client, bytes);
    }
    if (open && waiting[0].revents != 0) open = ToServer(client, server);
  }
  shutdown(client, SHUT_RDWR);
  close(client);
  close(server);
}

bool CuttingProxy::ToServer(int client, int server) {
  const std::string bytes = ReceiveSome(client);
  if (bytes.empty()) return false;
  if (!absl::StrContains(bytes, kCommitMessage)) return SendAll(server, bytes);
  ++commits_;
  switch (NextCut()) {
    case Cut::kNever:
      return SendAll(server, bytes);
    case Cut::kBeforeCommit:
      return false;
    case Cut::kAfterCommit:
      if (SendAll(server, bytes)) ReceiveSome(server);
      return false;
    case Cut::kLateCommit:
      shutdown(client, SHUT_RDWR);
      absl::SleepFor(kLate);
      if (SendAll(server, bytes)) ReceiveSome(server);
      return false;
    case Cut::kDeadlock:
      return Refuse(client, server, 1213, "40001");
    case Cut::kCommitError:
      return Refuse(client, server, 1180, "HY000");
  }
  return false;
}

bool CuttingProxy::Refuse(int client, int server, int code, const char* sql_state) {
  if (!SendAll(server, Packet(0, kRollbackMessage)) || ReceiveSome(server).empty()) return false;
  const std::string error = {'\xff', static_cast<char>(code & 0xff), static_cast<char>(code >> 8), '#'};
  return SendAll(client, Packet(1, absl::StrCat(error, sql_state, "refused")));
}

}  // namespace jiedui::testing
