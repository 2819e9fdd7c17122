#include "common/status/error.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message_lite.h"
#include "google/rpc/error_details.pb.h"

namespace jiedui {
namespace {

constexpr absl::string_view kDomain = "jiedui";
constexpr absl::string_view kReasonPrefix = "REASON_";
constexpr absl::string_view kTypeUrlPrefix = "type.googleapis.com/";
constexpr char kChineseLocale[] = "zh-CN";
constexpr size_t kMaxViolations = 100;
constexpr size_t kViolationsInMessage = 3;
// Errors travel in the trailing metadata, of which most clients take 8 KiB, and a third of that is lost to base 64.
constexpr size_t kMaxWireBytes = 5200;
constexpr size_t kMaxTextBytes = 1000;
// Between the English and the Chinese half of a description: a character that neither has.
constexpr absl::string_view kLanguageBar = " ｜ ";

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat(kTypeUrlPrefix, Detail::descriptor()->full_name());
}

// Deterministic, so that equal errors are equal statuses although metadata is a map.
std::string Serialize(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

template <typename Detail>
void SetDetail(const Detail& detail, absl::Status* status) {
  status->SetPayload(TypeUrl<Detail>(), absl::Cord(Serialize(detail)));
}

template <typename Detail>
std::optional<Detail> GetDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

// The reason and the Chinese text of an error of which only the code is known.
struct CodeText {
  Reason reason;
  absl::string_view zh;
};

CodeText TextOfCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return {error::v1::REASON_CANCELLED, "调用已取消"};
    case absl::StatusCode::kInvalidArgument:
      return {error::v1::REASON_INVALID_FIELDS, "请求内容有误"};
    case absl::StatusCode::kDeadlineExceeded:
      return {error::v1::REASON_DEADLINE, "处理超时"};
    case absl::StatusCode::kNotFound:
      return {error::v1::REASON_NOT_FOUND, "资源不存在"};
    case absl::StatusCode::kAlreadyExists:
      return {error::v1::REASON_ALREADY_EXISTS, "资源已存在"};
    case absl::StatusCode::kPermissionDenied:
      return {error::v1::REASON_PERMISSION, "没有权限"};
    case absl::StatusCode::kResourceExhausted:
      return {error::v1::REASON_OVERLOADED, "系统繁忙，请稍后再试"};
    case absl::StatusCode::kFailedPrecondition:
      return {error::v1::REASON_STATE, "当前状态不允许此操作"};
    case absl::StatusCode::kAborted:
      return {error::v1::REASON_CONFLICT, "与其他操作冲突，请重试"};
    case absl::StatusCode::kOutOfRange:
      return {error::v1::REASON_RANGE, "超出范围"};
    case absl::StatusCode::kUnimplemented:
      return {error::v1::REASON_UNIMPLEMENTED, "没有此方法"};
    case absl::StatusCode::kUnavailable:
      return {error::v1::REASON_UNAVAILABLE, "服务暂不可用，请稍后再试"};
    case absl::StatusCode::kUnauthenticated:
      return {error::v1::REASON_UNAUTHENTICATED, "未通过身份认证"};
    default:
      return {error::v1::REASON_INTERNAL, "系统内部错误"};
  }
}

bool IsInternal(absl::StatusCode code) { return TextOfCode(code).reason == error::v1::REASON_INTERNAL; }

// `status` with an ErrorInfo; the text of an internal error moves to `*internal_detail`.
absl::Status WithErrorInfo(const absl::Status& status, std::string* internal_detail) {
  const CodeText of_code = TextOfCode(status.code());
  if (!IsInternal(status.code())) {
    absl::Status result =
        MakeError(status.code(), of_code.reason, {std::string(status.message()), std::string(of_code.zh)});
    status.ForEachPayload(
        [&result](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
    return result;
  }
  thread_local absl::BitGen generator;
  const std::string id = absl::StrFormat("%016x", absl::Uniform<uint64_t>(generator));
  if (internal_detail != nullptr) *internal_detail = absl::StrCat("error_id=", id, " ", status.message());
  return MakeError(status.code(), of_code.reason,
                   {absl::StrCat("internal error ", id), absl::StrCat(of_code.zh, "，编号 ", id)}, {{"error_id", id}});
}

// Details in one fixed order: ErrorInfo first, for people who read the wire; the rest by type.
int DetailRank(absl::string_view type_url) {
  if (type_url == TypeUrl<google::rpc::ErrorInfo>()) return 0;
  if (type_url == TypeUrl<google::rpc::LocalizedMessage>()) return 1;
  return 2;
}

std::string InOneSentence(const std::vector<error::v1::Violation>& items, bool chinese) {
  std::string text;
  for (size_t i = 0; i < items.size() && i < kViolationsInMessage; ++i) {
    const error::v1::Violation& item = items[i];
    if (i > 0) text += chinese ? "；" : "; ";
    if (!item.field().empty()) absl::StrAppend(&text, item.field(), chinese ? "：" : ": ");
    text += chinese ? item.message_zh() : item.message();
  }
  if (items.size() <= kViolationsInMessage) return text;
  const size_t rest = items.size() - kViolationsInMessage;
  return chinese ? absl::StrCat(text, "；另有 ", rest, " 项") : absl::StrCat(text, "; and ", rest, " more");
}

// BadRequest has one text per field and no reason: the description holds "REASON: English ｜ 中文".
void AddToBadRequest(const error::v1::Violation& violation, google::rpc::BadRequest* bad_request) {
  google::rpc::BadRequest::FieldViolation* out = bad_request->add_field_violations();
  out->set_field(violation.field());
  out->set_description(
      absl::StrCat(ReasonName(violation.reason()), ": ", violation.message(), kLanguageBar, violation.message_zh()));
}

error::v1::Violation FromBadRequest(const google::rpc::BadRequest::FieldViolation& in) {
  error::v1::Violation violation;
  violation.set_field(in.field());
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(in.description(), absl::MaxSplits(": ", 1));
  const std::pair<absl::string_view, absl::string_view> texts =
      absl::StrSplit(parts.second, absl::MaxSplits(kLanguageBar, 1));
  error::v1::Reason reason = error::v1::REASON_UNSPECIFIED;
  error::v1::Reason_Parse(absl::StrCat(kReasonPrefix, parts.first), &reason);
  violation.set_reason(reason);
  violation.set_message(std::string(texts.first));
  violation.set_message_zh(std::string(texts.second));
  return violation;
}

// As many of `violations` as `budget` bytes hold; the last one then says how many more there are.
google::rpc::BadRequest ToBadRequest(const error::v1::Violations& violations, size_t budget) {
  google::rpc::BadRequest bad_request;
  for (int i = 0; i < violations.violations_size(); ++i) {
    AddToBadRequest(violations.violations(i), &bad_request);
    if (bad_request.ByteSizeLong() <= budget) continue;
    bad_request.mutable_field_violations()->RemoveLast();
    const int rest = violations.violations_size() - i;
    error::v1::Violation more;
    more.set_reason(error::v1::REASON_INVALID_FIELDS);
    more.set_message(absl::StrCat("there are at least ", rest, " more problems"));
    more.set_message_zh(absl::StrCat("至少还有 ", rest, " 项问题"));
    AddToBadRequest(more, &bad_request);
    break;
  }
  return bad_request;
}

// What a text repeats may be long (a value, the names of all fields); a whole error has to fit into the trailers of its call.
std::string Shortened(absl::string_view text) {
  if (text.size() <= kMaxTextBytes) return std::string(text);
  size_t end = kMaxTextBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  return absl::StrCat(text.substr(0, end), "…");
}

}  // namespace

absl::Status MakeError(absl::StatusCode code, Reason reason, const Text& text,
                       const std::vector<std::pair<std::string, std::string>>& metadata) {
  absl::Status status(code, Shortened(text.en));
  google::rpc::ErrorInfo info;
  info.set_reason(ReasonName(reason));
  info.set_domain(std::string(kDomain));
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  SetDetail(info, &status);
  google::rpc::LocalizedMessage localized;
  localized.set_locale(kChineseLocale);
  localized.set_message(Shortened(text.zh));
  SetDetail(localized, &status);
  return status;
}

void Violations::Add(absl::string_view field, Reason reason, Text text) {
  error::v1::Violation violation;
  violation.set_field(std::string(field));
  violation.set_reason(reason);
  violation.set_message(Shortened(text.en));
  violation.set_message_zh(Shortened(text.zh));
  if (items_.size() < kMaxViolations) {
    items_.push_back(std::move(violation));
    return;
  }
  violation.clear_field();
  violation.set_reason(error::v1::REASON_INVALID_FIELDS);
  violation.set_message(absl::StrCat("there are more problems; only the first ", kMaxViolations - 1, " are listed"));
  violation.set_message_zh(absl::StrCat("还有更多问题，此处只列出前 ", kMaxViolations - 1, " 项"));
  items_.back() = std::move(violation);
}

absl::Status Violations::ToStatus() const {
  if (items_.empty()) return absl::OkStatus();
  const Reason reason = items_.size() == 1 ? items_.front().reason() : error::v1::REASON_INVALID_FIELDS;
  absl::Status status = MakeError(absl::StatusCode::kInvalidArgument, reason,
                                  {InOneSentence(items_, /*chinese=*/false), InOneSentence(items_, /*chinese=*/true)});
  error::v1::Violations violations;
  for (const error::v1::Violation& item : items_) *violations.add_violations() = item;
  SetDetail(violations, &status);
  return status;
}

Reason ReasonOf(const absl::Status& status) {
  std::optional<google::rpc::ErrorInfo> info = GetDetail<google::rpc::ErrorInfo>(status);
  Reason reason = error::v1::REASON_UNSPECIFIED;
  if (!info.has_value() || info->domain() != kDomain) return reason;
  error::v1::Reason_Parse(absl::StrCat(kReasonPrefix, info->reason()), &reason);
  return reason;
}

std::vector<error::v1::Violation> ViolationsOf(const absl::Status& status) {
  std::optional<error::v1::Violations> violations = GetDetail<error::v1::Violations>(status);
  if (!violations.has_value()) return {};
  return {violations->violations().begin(), violations->violations().end()};
}

std::string ReasonName(Reason reason) {
  return std::string(absl::StripPrefix(error::v1::Reason_Name(reason), kReasonPrefix));
}

google::rpc::Status ToRpcStatus(const absl::Status& status, std::string* internal_detail) {
  if (internal_detail != nullptr) internal_detail->clear();
  google::rpc::Status rpc;
  if (status.ok()) return rpc;
  const bool explained = GetDetail<google::rpc::ErrorInfo>(status).has_value();
  const absl::Status& sent = explained ? status : WithErrorInfo(status, internal_detail);
  rpc.set_code(static_cast<int>(sent.code()));
  rpc.set_message(std::string(sent.message()));
  std::map<std::pair<int, std::string>, std::string> details;
  // Of the message, gRPC writes each byte beyond ASCII as three.
  const auto is_wide = [](char c) { return (c & 0x80) != 0; };
  size_t bytes_used = sent.message().size() + 2 * std::count_if(sent.message().begin(), sent.message().end(), is_wide);
  sent.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (url == TypeUrl<error::v1::Violations>()) return;
    bytes_used += url.size() + payload.size();
    details[{DetailRank(url), std::string(url)}] = std::string(payload);
  });
  if (const auto violations = GetDetail<error::v1::Violations>(sent); violations.has_value()) {
    const size_t budget = kMaxWireBytes - std::min(kMaxWireBytes, bytes_used);
    const std::string url = TypeUrl<google::rpc::BadRequest>();
    details[{DetailRank(url), url}] = Serialize(ToBadRequest(*violations, budget));
  }
  for (auto& [key, bytes] : details) {
    google::protobuf::Any* detail = rpc.add_details();
    detail->set_type_url(key.second);
    detail->set_value(std::move(bytes));
  }
  return rpc;
}

absl::Status FromRpcStatus(const google::rpc::Status& status) {
  absl::Status result(static_cast<absl::StatusCode>(status.code()), status.message());
  for (const google::protobuf::Any& detail : status.details()) {
    google::rpc::BadRequest bad_request;
    if (detail.type_url() != TypeUrl<google::rpc::BadRequest>() || !bad_request.ParseFromString(detail.value())) {
      result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
      continue;
    }
    error::v1::Violations violations;
    for (const auto& each : bad_request.field_violations()) *violations.add_violations() = FromBadRequest(each);
    SetDetail(violations, &result);
  }
  return result;
}

}  // namespace jiedui
