// The two macros of absl::Status code.

#ifndef JIEDUI_COMMON_STATUS_MACROS_H_
#define JIEDUI_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function with the status of `expr` unless it is OK.
#define JIEDUI_RETURN_IF_ERROR(expr)                                       \
  do {                                                                     \
    if (absl::Status jiedui_status = (expr); !jiedui_status.ok()) {        \
      return jiedui_status;                                                \
    }                                                                      \
  } while (false)

// `JIEDUI_ASSIGN_OR_RETURN(auto x, F())`: x = *F(), or returns F's error from the enclosing function.
#define JIEDUI_ASSIGN_OR_RETURN(lhs, expr) \
  JIEDUI_ASSIGN_OR_RETURN_IMPL(JIEDUI_STATUS_CONCAT(jiedui_or_, __LINE__), lhs, expr)
#define JIEDUI_ASSIGN_OR_RETURN_IMPL(holder, lhs, expr) \
  auto holder = (expr);                                 \
  if (!holder.ok()) return std::move(holder).status();  \
  lhs = *std::move(holder)
#define JIEDUI_STATUS_CONCAT(a, b) JIEDUI_STATUS_CONCAT_IMPL(a, b)
#define JIEDUI_STATUS_CONCAT_IMPL(a, b) a##b

#endif  // JIEDUI_COMMON_STATUS_MACROS_H_
