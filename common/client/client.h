// Calls RPCs by method name, without generated stubs: for the command line, the gateway, the directory copy and tests.

#ifndef JIEDUI_COMMON_CLIENT_CLIENT_H_
#define JIEDUI_COMMON_CLIENT_CLIENT_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"

namespace jiedui::client {

struct CallOptions {
  // Absolute; every call has one.
  absl::Time deadline;
  // Extra metadata, e.g. {"x-jiedui-principal", "users/zhang"}, {"traceparent", "00-…"}.
  std::vector<std::pair<std::string, std::string>> metadata;
};

// A streaming call, blocking; one reader and one writer thread at most.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual bool Write(const google::protobuf::Message& request) = 0;
  virtual void WritesDone() = 0;
  virtual bool Read(google::protobuf::Message* response) = 0;
  // The call's final status with its google.rpc details; after Read has returned false.
  virtual absl::Status Finish() = 0;
};

// A connection to one server. Thread-safe.
class Client {
 public:
  virtual ~Client() = default;

  // Blocking unary call of "jiedui.village.v1.DivisionService/GetVillage". Errors carry the server's google.rpc details.
  virtual absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                            google::protobuf::Message* response, const CallOptions& options) = 0;

  // The same without blocking; `done` runs on a gRPC thread exactly once. `request` may die after the return, `response`
  // lives until `done`.
  virtual void CallAsync(absl::string_view method, const google::protobuf::Message& request,
                         google::protobuf::Message* response, const CallOptions& options,
                         absl::AnyInvocable<void(absl::Status)> done) = 0;

  virtual std::unique_ptr<Stream> OpenStream(absl::string_view method, const CallOptions& options) = 0;

  // Ends the unary calls at work, and those that begin later, with CANCELLED, and waits until every `done` has returned and is
  // destroyed: not to be called by one of them.
  virtual void Cancel() = 0;
};

// A client of "host:port" or "dns:///name:port" (round robin over all addresses). Connects lazily.
std::unique_ptr<Client> NewClient(const std::string& address);

}  // namespace jiedui::client

#endif  // JIEDUI_COMMON_CLIENT_CLIENT_H_
