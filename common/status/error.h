// Errors that a client sees: an absl::Status that carries the google.rpc details as payloads. One ErrorInfo always; for bad
// input every violation at once, in English and Chinese.

#ifndef JIEDUI_COMMON_STATUS_ERROR_H_
#define JIEDUI_COMMON_STATUS_ERROR_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/rpc/status.pb.h"
#include "jiedui/error/v1/error.pb.h"

namespace jiedui {

using error::v1::Reason;

// The same sentence in both languages of the users.
struct Text {
  std::string en;
  std::string zh;
};

// An error with one reason. `metadata` must hold no personal data.
absl::Status MakeError(absl::StatusCode code, Reason reason, const Text& text,
                       const std::vector<std::pair<std::string, std::string>>& metadata = {});

// Collects what is wrong with a request. At most 100 are kept; the last one then says that there are more.
class Violations {
 public:
  void Add(absl::string_view field, Reason reason, Text text);
  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  const std::vector<error::v1::Violation>& items() const { return items_; }
  // OK when empty; otherwise INVALID_ARGUMENT, reason INVALID_FIELDS (or the only violation's own reason), with all of them.
  absl::Status ToStatus() const;

 private:
  std::vector<error::v1::Violation> items_;
};

// The reason in the ErrorInfo of `status`; REASON_UNSPECIFIED when it has none.
Reason ReasonOf(const absl::Status& status);

// The violations in `status`, empty when it has none.
std::vector<error::v1::Violation> ViolationsOf(const absl::Status& status);

// "REQUIRED" for REASON_REQUIRED.
std::string ReasonName(Reason reason);

// What goes over the wire. An error without ErrorInfo gets one that fits its code; the text of INTERNAL and UNKNOWN errors
// that no MakeError wrote is replaced by an id (returned in the metadata "error_id") and `*internal_detail` is set for the
// server's log. Violations become a google.rpc.BadRequest, as many as the metadata of a call can hold.
google::rpc::Status ToRpcStatus(const absl::Status& status, std::string* internal_detail);

// The reverse, for clients.
absl::Status FromRpcStatus(const google::rpc::Status& status);

}  // namespace jiedui

#endif  // JIEDUI_COMMON_STATUS_ERROR_H_
