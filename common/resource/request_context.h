// What every layer may know of the call that it works for.

#ifndef JIEDUI_COMMON_RESOURCE_REQUEST_CONTEXT_H_
#define JIEDUI_COMMON_RESOURCE_REQUEST_CONTEXT_H_

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "jiedui/options/v1/options.pb.h"

namespace jiedui {

// Who calls, and which part of the division tree is theirs. Filled by the pipeline's identity step.
struct Principal {
  // Stable identifier of the caller, e.g. "users/zhang" or "anonymous"; recorded as author.
  std::string id = "anonymous";
  // Resource name of the division whose part the caller sees; empty for the whole.
  std::string scope = {};
  // What the caller may do. Empty: not told apart, everything.
  std::vector<options::v1::Role> roles = {};
  // Where in the tree the caller stands. Not set: not told apart, everywhere.
  options::v1::Level level = options::v1::LEVEL_UNSPECIFIED;

  bool HasRole(options::v1::Role role) const {
    return roles.empty() || std::find(roles.begin(), roles.end(), role) != roles.end() ||
           std::find(roles.begin(), roles.end(), options::v1::ROLE_ADMINISTRATOR) != roles.end();
  }

  // Not one who only views. Who enters, reviews, audits or administers sees records of private persons anyway, and a caller
  // without named roles is not told apart.
  bool MaySeePersons() const {
    return HasRole(options::v1::ROLE_EDITOR) || HasRole(options::v1::ROLE_REVIEWER) ||
           HasRole(options::v1::ROLE_AUDITOR);
  }
  // Whether the caller may record facts; steps of workflows ask for roles of their own.
  bool MayWrite() const { return HasRole(options::v1::ROLE_EDITOR) || HasRole(options::v1::ROLE_REVIEWER); }
};

// Lives as long as the call.
struct RequestContext {
  // "jiedui.village.v1.DivisionService/CreateVillage"; points into the method table.
  absl::string_view method;
  Principal principal;
  // When the call arrived, by the server's clock.
  absl::Time start_time;
  // Never infinite: a call without a deadline has the server's default.
  absl::Time deadline;
  // W3C trace id, 32 hexadecimal digits.
  std::string trace_id;
};

}  // namespace jiedui

#endif  // JIEDUI_COMMON_RESOURCE_REQUEST_CONTEXT_H_
