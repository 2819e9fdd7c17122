// Matchers of absl::Status and absl::StatusOr, which this version of Abseil lacks.

#ifndef JIEDUI_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define JIEDUI_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace jiedui::testing {

inline const absl::Status& GetStatus(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& GetStatus(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << GetStatus(arg).ToString();
  return GetStatus(arg).ok();
}

MATCHER_P(StatusIs, code, "has this status code") {
  *result_listener << GetStatus(arg).ToString();
  return GetStatus(arg).code() == code;
}

}  // namespace jiedui::testing

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::jiedui::testing::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::jiedui::testing::IsOk())

#endif  // JIEDUI_TESTS_SUPPORT_STATUS_MATCHERS_H_
