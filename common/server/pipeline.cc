#include "common/server/pipeline.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/personal/personal_kind.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::server {
namespace {

constexpr size_t kMaxPrincipal = 128;

// No citizen number: it is in every log line, and the author of what it writes.
bool IsPrincipal(absl::string_view text) {
  return text.size() <= kMaxPrincipal && !personal::ContainsCitizenNumber(text) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '/' || c == '_' || c == '.' || c == '@' || c == '-';
         });
}

// "reviewer,editor" in x-jiedui-roles and "township" in x-jiedui-level.
absl::Status BelieveRights(const MetadataOf& metadata, Principal* principal) {
  for (const absl::string_view word : absl::StrSplit(metadata("x-jiedui-roles"), ',', absl::SkipEmpty())) {
    options::v1::Role role;
    if (!options::v1::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(word)), &role)) {
      return MakeError(absl::StatusCode::kUnauthenticated, error::v1::REASON_UNAUTHENTICATED,
                       {"x-jiedui-roles lists viewer, editor, reviewer, auditor, administrator",
                        "x-jiedui-roles 应为 viewer、editor、reviewer、auditor、administrator，以逗号分隔"});
    }
    principal->roles.push_back(role);
  }
  const absl::string_view level = metadata("x-jiedui-level");
  if (level.empty()) return absl::OkStatus();
  if (options::v1::Level_Parse(absl::StrCat("LEVEL_", absl::AsciiStrToUpper(level)), &principal->level))
    return absl::OkStatus();
  return MakeError(absl::StatusCode::kUnauthenticated, error::v1::REASON_UNAUTHENTICATED,
                   {"x-jiedui-level is village, township, district or city",
                    "x-jiedui-level 应为 village、township、district 或 city"});
}

absl::Status BelieveHeader(const MetadataOf& metadata, Principal* principal) {
  const absl::string_view id = metadata("x-jiedui-principal");
  if (id.empty()) return BelieveRights(metadata, principal);
  if (!IsPrincipal(id)) {
    return MakeError(absl::StatusCode::kUnauthenticated, error::v1::REASON_UNAUTHENTICATED,
                     {"x-jiedui-principal must be 1 to 128 of [A-Za-z0-9/_.@-], and no citizen number",
                      "x-jiedui-principal 应为1至128个字母、数字或 / _ . @ -，且不得含公民身份号码"});
  }
  principal->id = std::string(id);
  return BelieveRights(metadata, principal);
}

std::string NewTraceId() {
  thread_local absl::InsecureBitGen generator;
  static constexpr char kHex[] = "0123456789abcdef";
  std::string id(32, '0');
  for (int half = 0; half < 2; ++half) {
    uint64_t bits = absl::Uniform<uint64_t>(generator);
    for (int i = 0; i < 16; ++i, bits >>= 4) id[half * 16 + i] = kHex[bits & 15];
  }
  return id;
}

// Of a W3C traceparent "00-<32 hex>-<16 hex>-<2 hex>"; a new one when there is none.
std::string TraceIdOf(absl::string_view traceparent) {
  if (traceparent.size() < 55 || !absl::StartsWith(traceparent, "00-") || traceparent[35] != '-') return NewTraceId();
  const absl::string_view id = traceparent.substr(3, 32);
  const bool hex =
      std::all_of(id.begin(), id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return hex && !personal::ContainsCitizenNumber(id) ? std::string(id) : NewTraceId();
}

bool IsServersFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

Pipeline::Pipeline(PipelineOptions options, Logger* logger) : options_(std::move(options)), logger_(logger) {}

absl::Status Pipeline::Begin(const Method& method, absl::Time deadline, const MetadataOf& metadata,
                             RequestContext* context) {
  context->method = method.name;
  context->start_time = absl::Now();
  context->trace_id = TraceIdOf(metadata("traceparent"));
  const bool stream = method.stream != nullptr;
  const absl::Duration most = stream ? options_.stream_deadline : options_.max_deadline;
  context->deadline = deadline == absl::InfiniteFuture()
                          ? context->start_time + (stream ? most : options_.default_deadline)
                          : std::min(deadline, context->start_time + most);
  if (context->deadline <= context->start_time) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, error::v1::REASON_DEADLINE,
                     {"the deadline had passed when the call arrived", "请求到达时已超时"});
  }
  JIEDUI_RETURN_IF_ERROR(options_.authenticate != nullptr ? options_.authenticate(metadata, &context->principal)
                                                          : BelieveHeader(metadata, &context->principal));
  if (options_.authorize != nullptr) JIEDUI_RETURN_IF_ERROR(options_.authorize(method, context));
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= options_.max_in_flight) {
    in_flight_.fetch_sub(1, std::memory_order_relaxed);
    return MakeError(absl::StatusCode::kResourceExhausted, error::v1::REASON_OVERLOADED,
                     {"too many calls at once: try again later", "同时请求过多，请稍后重试"});
  }
  return absl::OkStatus();
}

void Pipeline::Finish(const Method& method, const RequestContext& context, MethodMetrics& metrics,
                      const absl::Status& status, bool admitted, google::rpc::Status* error) {
  if (admitted) in_flight_.fetch_sub(1, std::memory_order_relaxed);
  const absl::Time now = absl::Now();
  const absl::Duration duration = now - context.start_time;
  metrics.Handled(status.code(), duration);
  if (method.quiet && status.ok()) return;
  std::string detail;
  if (!status.ok()) *error = ToRpcStatus(status, &detail);
  LogLine line(IsServersFault(status.code()) ? "ERROR" : "INFO", now);
  line.Text("method", context.method)
      .Text("code", absl::StatusCodeToString(status.code()))
      .Number("duration_us", absl::ToInt64Microseconds(duration))
      .Text("principal", context.principal.id)
      .Text("trace_id", context.trace_id);
  if (!status.ok()) line.Text("reason", ReasonName(ReasonOf(FromRpcStatus(*error))));
  if (!detail.empty()) line.Text("detail", detail);
  logger_->Write(std::move(line));
}

}  // namespace jiedui::server
