#include "common/status/error.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace jiedui {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kLocalizedUrl[] = "type.googleapis.com/google.rpc.LocalizedMessage";

template <typename Detail>
Detail DetailOf(const absl::Status& status, absl::string_view url) {
  Detail detail;
  auto payload = status.GetPayload(url);
  EXPECT_TRUE(payload.has_value() && detail.ParseFromString(std::string(*payload))) << url;
  return detail;
}

TEST(MakeErrorTest, CarriesReasonMetadataAndChineseText) {
  const absl::Status status = MakeError(absl::StatusCode::kAborted, error::v1::REASON_ETAG_MISMATCH,
                                        {"the etag is not current", "版本不符"}, {{"name", "villages/1"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "the etag is not current");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status, kErrorInfoUrl);
  EXPECT_EQ(info.reason(), "ETAG_MISMATCH");
  EXPECT_EQ(info.domain(), "jiedui");
  EXPECT_EQ(info.metadata().at("name"), "villages/1");
  const auto localized = DetailOf<google::rpc::LocalizedMessage>(status, kLocalizedUrl);
  EXPECT_EQ(localized.locale(), "zh-CN");
  EXPECT_EQ(localized.message(), "版本不符");
  EXPECT_EQ(ReasonOf(status), error::v1::REASON_ETAG_MISMATCH);
}

TEST(MakeErrorTest, EqualErrorsAreEqualStatuses) {
  auto make = [] {
    return MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND, {"a", "b"},
                     {{"k1", "1"}, {"k2", "2"}, {"k3", "3"}, {"k4", "4"}});
  };
  EXPECT_EQ(make(), make());
}

TEST(ViolationsTest, NoneIsOk) { EXPECT_TRUE(Violations().ToStatus().ok()); }

TEST(ViolationsTest, OneKeepsItsOwnReason) {
  Violations violations;
  violations.Add("village.name", error::v1::REASON_REQUIRED, {"is required", "必填"});
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "village.name: is required");
  EXPECT_EQ(ReasonOf(status), error::v1::REASON_REQUIRED);
}

TEST(ViolationsTest, ManyAreAllListedInOrder) {
  Violations violations;
  for (int i = 0; i < 5; ++i) {
    violations.Add(absl::StrCat("f", i), error::v1::REASON_RANGE, {absl::StrCat("bad ", i), absl::StrCat("有误 ", i)});
  }
  const absl::Status status = violations.ToStatus();
  EXPECT_EQ(ReasonOf(status), error::v1::REASON_INVALID_FIELDS);
  EXPECT_EQ(status.message(), "f0: bad 0; f1: bad 1; f2: bad 2; and 2 more");
  google::rpc::BadRequest bad_request;
  const google::rpc::Status rpc = ToRpcStatus(status, nullptr);
  for (const auto& detail : rpc.details()) {
    if (detail.type_url() == kBadRequestUrl) bad_request.ParseFromString(detail.value());
  }
  ASSERT_THAT(bad_request.field_violations(), SizeIs(5));
  EXPECT_EQ(bad_request.field_violations(4).field(), "f4");
  EXPECT_EQ(bad_request.field_violations(4).description(), "RANGE: bad 4 ｜ 有误 4");
  const auto items = ViolationsOf(status);
  ASSERT_THAT(items, SizeIs(5));
  EXPECT_EQ(items[3].field(), "f3");
  EXPECT_EQ(items[3].reason(), error::v1::REASON_RANGE);
  EXPECT_EQ(items[3].message_zh(), "有误 3");
}

TEST(ViolationsTest, TheHundredthSaysThatThereAreMore) {
  Violations violations;
  for (int i = 0; i < 100; ++i) violations.Add(absl::StrCat("f", i), error::v1::REASON_RANGE, {"bad", "有误"});
  EXPECT_EQ(violations.items().back().field(), "f99");
  for (int i = 100; i < 1000; ++i) violations.Add(absl::StrCat("f", i), error::v1::REASON_RANGE, {"bad", "有误"});
  ASSERT_EQ(violations.size(), 100u);
  EXPECT_EQ(violations.items()[98].field(), "f98");
  EXPECT_THAT(violations.items().back().field(), IsEmpty());
  EXPECT_THAT(violations.items().back().message(), HasSubstr("more problems"));
}

TEST(ToRpcStatusTest, ManyViolationsFitIntoTheMetadataOfACall) {
  Violations violations;
  for (int i = 0; i < 90; ++i) {
    violations.Add(absl::StrCat("project.participants[", i, "].village"), error::v1::REASON_DANGLING_REFERENCE,
                   {absl::StrCat("villages/12011910120", i, " does not exist"),
                    absl::StrCat("villages/12011910120", i, " 不存在")});
  }
  const google::rpc::Status rpc = ToRpcStatus(violations.ToStatus(), nullptr);
  EXPECT_LT(rpc.ByteSizeLong(), 5600u);
  const auto items = ViolationsOf(FromRpcStatus(rpc));
  ASSERT_GT(items.size(), 20u);
  EXPECT_EQ(items[20].field(), "project.participants[20].village");
  EXPECT_EQ(items[20].message_zh(), "villages/1201191012020 不存在");
  EXPECT_EQ(items.back().message(), absl::StrCat("there are at least ", 91 - items.size(), " more problems"));
}

TEST(ToRpcStatusTest, LongTextsAreCutBetweenCharacters) {
  std::string names, values;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&names, "young_party_members, ");
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&values, "党员");
  Violations violations;
  violations.Add("filter", error::v1::REASON_FILTER, {names, values});
  for (const absl::Status& status :
       {violations.ToStatus(), MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND, {names, values})}) {
    const google::rpc::Status rpc = ToRpcStatus(status, nullptr);
    EXPECT_LT(rpc.ByteSizeLong(), 5600u);
    EXPECT_EQ(rpc.code(), static_cast<int>(status.code()));
    EXPECT_EQ(ReasonOf(FromRpcStatus(rpc)), ReasonOf(status));
  }
  const auto items = ViolationsOf(FromRpcStatus(ToRpcStatus(violations.ToStatus(), nullptr)));
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].field(), "filter");
  EXPECT_EQ(items[0].message(), absl::StrCat(names.substr(0, 1000), "…"));
  EXPECT_EQ(items[0].message_zh(), absl::StrCat(values.substr(0, 999), "…"));
}

TEST(ReasonOfTest, OnlyOurOwnErrorInfoCounts) {
  EXPECT_EQ(ReasonOf(absl::OkStatus()), error::v1::REASON_UNSPECIFIED);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), error::v1::REASON_UNSPECIFIED);
  google::rpc::ErrorInfo info;
  info.set_reason("NOT_FOUND");
  info.set_domain("example.com");
  absl::Status foreign = absl::NotFoundError("x");
  foreign.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  EXPECT_EQ(ReasonOf(foreign), error::v1::REASON_UNSPECIFIED);
  foreign.SetPayload(kErrorInfoUrl, absl::Cord("\xff damaged"));
  EXPECT_EQ(ReasonOf(foreign), error::v1::REASON_UNSPECIFIED);
  EXPECT_THAT(ViolationsOf(foreign), IsEmpty());
}

TEST(ReasonNameTest, EveryReasonLosesItsPrefix) {
  EXPECT_EQ(ReasonName(error::v1::REASON_REQUIRED), "REQUIRED");
  EXPECT_EQ(ReasonName(error::v1::REASON_UNSPECIFIED), "UNSPECIFIED");
}

TEST(ToRpcStatusTest, OkHasNothing) {
  std::string detail = "old";
  EXPECT_EQ(ToRpcStatus(absl::OkStatus(), &detail).code(), 0);
  EXPECT_THAT(detail, IsEmpty());
}

TEST(ToRpcStatusTest, RoundTripsEveryDetail) {
  Violations violations;
  violations.Add("a", error::v1::REASON_LENGTH, {"too long", "过长"});
  violations.Add("b", error::v1::REASON_FORMAT, {"not a code", "不是代码"});
  const absl::Status status = violations.ToStatus();
  const google::rpc::Status rpc = ToRpcStatus(status, nullptr);
  EXPECT_EQ(rpc.code(), 3);
  ASSERT_THAT(rpc.details(), SizeIs(3));
  EXPECT_EQ(rpc.details(0).type_url(), kErrorInfoUrl);
  EXPECT_EQ(rpc.details(1).type_url(), kLocalizedUrl);
  EXPECT_EQ(FromRpcStatus(rpc), status);
}

TEST(ToRpcStatusTest, TextOfUnexplainedInternalErrorsStaysInside) {
  for (const absl::Status& status :
       {absl::InternalError("secret path"), absl::UnknownError("secret path"), absl::DataLossError("secret path")}) {
    std::string detail;
    const google::rpc::Status rpc = ToRpcStatus(status, &detail);
    EXPECT_EQ(rpc.code(), static_cast<int>(status.code()));
    EXPECT_THAT(rpc.SerializeAsString(), Not(HasSubstr("secret")));
    EXPECT_THAT(detail, HasSubstr("secret path"));
    const auto info = DetailOf<google::rpc::ErrorInfo>(FromRpcStatus(rpc), kErrorInfoUrl);
    EXPECT_EQ(info.reason(), "INTERNAL");
    EXPECT_THAT(info.metadata().at("error_id"), SizeIs(16));
    EXPECT_THAT(detail, HasSubstr(info.metadata().at("error_id")));
    EXPECT_THAT(rpc.message(), HasSubstr(info.metadata().at("error_id")));
  }
}

TEST(ToRpcStatusTest, ExplainedInternalErrorsKeepTheirText) {
  std::string detail;
  const google::rpc::Status rpc = ToRpcStatus(
      MakeError(absl::StatusCode::kUnknown, error::v1::REASON_OUTCOME_UNKNOWN, {"ask again", "结果未知"}), &detail);
  EXPECT_EQ(rpc.message(), "ask again");
  EXPECT_THAT(detail, IsEmpty());
}

TEST(ToRpcStatusTest, EveryOtherCodeGetsAFittingReason) {
  const std::pair<absl::StatusCode, Reason> cases[] = {
      {absl::StatusCode::kCancelled, error::v1::REASON_CANCELLED},
      {absl::StatusCode::kInvalidArgument, error::v1::REASON_INVALID_FIELDS},
      {absl::StatusCode::kDeadlineExceeded, error::v1::REASON_DEADLINE},
      {absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND},
      {absl::StatusCode::kAlreadyExists, error::v1::REASON_ALREADY_EXISTS},
      {absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION},
      {absl::StatusCode::kResourceExhausted, error::v1::REASON_OVERLOADED},
      {absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE},
      {absl::StatusCode::kAborted, error::v1::REASON_CONFLICT},
      {absl::StatusCode::kOutOfRange, error::v1::REASON_RANGE},
      {absl::StatusCode::kUnimplemented, error::v1::REASON_UNIMPLEMENTED},
      {absl::StatusCode::kUnavailable, error::v1::REASON_UNAVAILABLE},
      {absl::StatusCode::kUnauthenticated, error::v1::REASON_UNAUTHENTICATED},
  };
  for (const auto& [code, reason] : cases) {
    absl::Status status(code, "why");
    status.SetPayload("example.com/own", absl::Cord("kept"));
    const absl::Status back = FromRpcStatus(ToRpcStatus(status, nullptr));
    EXPECT_EQ(back.code(), code);
    EXPECT_EQ(back.message(), "why");
    EXPECT_EQ(ReasonOf(back), reason) << code;
    EXPECT_EQ(back.GetPayload("example.com/own"), absl::Cord("kept"));
  }
}

TEST(FromRpcStatusTest, UnknownCodesAreUnknown) {
  google::rpc::Status rpc;
  rpc.set_code(99);
  EXPECT_EQ(FromRpcStatus(rpc).code(), absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace jiedui
