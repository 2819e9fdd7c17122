// The methods that a program serves, by full name. The same table serves gRPC, other doors and in-process tests.

#ifndef JIEDUI_COMMON_SERVER_METHOD_TABLE_H_
#define JIEDUI_COMMON_SERVER_METHOD_TABLE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/request_context.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace jiedui::server {

using Done = absl::AnyInvocable<void(absl::Status)>;

// Answers a unary call: fills `response` and calls `done` exactly once, on any thread, now or later. Must not block the
// calling (gRPC) thread. Context, request and response live until `done` has been called.
using UnaryHandler = std::function<void(RequestContext& context, const google::protobuf::Message& request,
                                        google::protobuf::Message* response, Done done)>;

// The messages of a streaming call, blocking; used on a thread of the stream pool.
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  // False when the caller has finished sending, or the call is over.
  virtual bool Read(google::protobuf::Message* request) = 0;
  // False when the call is over (cancelled, deadline, connection lost).
  virtual bool Write(const google::protobuf::Message& response) = 0;
  virtual bool cancelled() const = 0;
};

using StreamHandler = std::function<absl::Status(RequestContext& context, MessageStream& stream)>;

struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  const google::protobuf::Message* request_prototype = nullptr;
  const google::protobuf::Message* response_prototype = nullptr;
  std::string name;   // "jiedui.village.v1.DivisionService/GetDivision"
  // Asked by machines many times a second (probes, copies): only its failures are logged, metrics count the rest.
  bool quiet = false;
  UnaryHandler unary;    // set for unary methods
  StreamHandler stream;  // set for streaming methods
};

class MethodTable {
 public:
  // Takes a gRPC service of the generated descriptor pool into the table; its methods then need handlers.
  // NOT_FOUND when the descriptor pool does not know it.
  absl::Status AddService(absl::string_view service);

  // INVALID_ARGUMENT for an unknown method, one of the other kind, or one that has a handler already.
  absl::Status AddUnary(absl::string_view method, UnaryHandler handler);
  absl::Status AddStream(absl::string_view method, StreamHandler handler);

  // A typed unary handler that answers at once: `absl::Status(RequestContext&, const Request&, Response*)`.
  template <typename Request, typename Response, typename F>
  absl::Status AddInline(absl::string_view method, F handler) {
    return AddUnary(method, [handler](RequestContext& context, const google::protobuf::Message& request,
                                      google::protobuf::Message* response, Done done) {
      done(handler(context, static_cast<const Request&>(request), static_cast<Response*>(response)));
    });
  }

  // FAILED_PRECONDITION naming every method without a handler.
  absl::Status CheckComplete() const;

  // nullptr when there is none. `method` as in Method::name.
  const Method* Find(absl::string_view method) const;

  // Services in the order added, each with its methods in the order of the proto.
  struct Service {
    const google::protobuf::ServiceDescriptor* descriptor = nullptr;
    std::vector<Method*> methods;
  };
  const std::vector<Service>& services() const { return services_; }

 private:
  std::vector<Service> services_;
  std::vector<std::unique_ptr<Method>> methods_;
  absl::flat_hash_map<std::string, Method*> by_name_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_METHOD_TABLE_H_
