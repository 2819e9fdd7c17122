#include "services/cli/session.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "jiedui/options/v1/options.pb.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

constexpr size_t kMaxPrincipal = 128;

struct Program {
  const char* name;
  const char* address;
};

constexpr Program kPrograms[] = {{"gateway", "127.0.0.1:50050"},
                                 {"village", "127.0.0.1:50051"},
                                 {"industry", "127.0.0.1:50052"},
                                 {"infrastructure", "127.0.0.1:50053"},
                                 {"assistance", "127.0.0.1:50054"}};

std::string VariableOf(const char* program) {
  std::string name = absl::StrCat("JIEDUI_", program, "_ADDRESS");
  for (char& c : name) c = absl::ascii_toupper(c);
  return name;
}

// The Chinese sentence of an error, empty when it has none.
std::string LocalizedMessageOf(const absl::Status& status) {
  google::rpc::LocalizedMessage localized;
  const auto payload = status.GetPayload(absl::StrCat("type.googleapis.com/", localized.GetDescriptor()->full_name()));
  if (payload.has_value()) localized.ParseFromString(std::string(*payload));
  return localized.message();
}

ExitCode ExitCodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return ExitCode::kOk;
    case absl::StatusCode::kNotFound:
      return ExitCode::kNotFound;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kCancelled:
      return ExitCode::kUnavailable;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      return ExitCode::kFault;
    default:
      return ExitCode::kRefused;
  }
}

// gRPC ends the process over a header that is not ASCII, so what the servers would refuse is refused here.
absl::Status CheckPrincipal(absl::string_view id) {
  const bool known = std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("/_.@-", c);
  });
  if (known && id.size() <= kMaxPrincipal) return absl::OkStatus();
  return UsageError({absl::StrCat("--principal must be 1 to ", kMaxPrincipal, " of [A-Za-z0-9/_.@-]"),
                     absl::StrCat("--principal 应为1至", kMaxPrincipal, "个字母、数字或 / _ . @ -")});
}

// "viewer" for ROLE_VIEWER by its name or its Chinese term. Usage error for another word.
absl::StatusOr<std::string> WordOf(absl::string_view flag, const google::protobuf::EnumDescriptor* type,
                                   absl::string_view prefix, absl::string_view text) {
  std::vector<std::string> words, terms;
  for (int i = 1; i < type->value_count(); ++i) {
    words.push_back(absl::AsciiStrToLower(absl::StripPrefix(type->value(i)->name(), prefix)));
    const std::string& term = type->value(i)->options().GetExtension(options::v1::value_title_zh);
    terms.push_back(absl::StrCat(words.back(), "（", term, "）"));
    if (absl::EqualsIgnoreCase(text, words.back()) || text == term) return words.back();
  }
  return UsageError({absl::StrCat("--", flag, " takes ", absl::StrJoin(words, ", "), ", not \"", text, "\""),
                     absl::StrCat("--", flag, " 只能用 ", absl::StrJoin(terms, "、"), "，不能用“", text, "”")});
}

// Who calls, as the headers that the servers read.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> MetadataOf(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> metadata;
  const std::string& principal = arguments.Get("principal");
  JIEDUI_RETURN_IF_ERROR(CheckPrincipal(principal));
  if (!principal.empty()) metadata.emplace_back("x-jiedui-principal", principal);
  if (!arguments.Get("principal_roles").empty()) {
    std::vector<std::string> roles;
    for (const absl::string_view word : absl::StrSplit(arguments.Get("principal_roles"), ',')) {
      JIEDUI_ASSIGN_OR_RETURN(roles.emplace_back(),
                              WordOf("principal_roles", options::v1::Role_descriptor(), "ROLE_", word));
    }
    metadata.emplace_back("x-jiedui-roles", absl::StrJoin(roles, ","));
  }
  const std::string& level = arguments.Get("principal_level");
  if (level.empty()) return metadata;
  JIEDUI_ASSIGN_OR_RETURN(const std::string word,
                          WordOf("principal_level", options::v1::Level_descriptor(), "LEVEL_", level));
  metadata.emplace_back("x-jiedui-level", word);
  return metadata;
}

}  // namespace

bool Session::IsProgram(absl::string_view name) {
  return std::any_of(std::begin(kPrograms), std::end(kPrograms),
                     [name](const Program& program) { return name == program.name; });
}

std::vector<Flag> Session::CommonFlags() {
  std::vector<Flag> flags = {
      {"output", "table|json|csv", {"form of the output", "输出格式"}, "table", "", 'o'},
      {"lang", "zh|en", {"language; otherwise as LANG says", "界面语言，默认随系统 LANG"}, "", "", 0},
      {"timeout",
       "DURATION",
       {"how long a call may take; 30s, for verify, warnings and allocations 10m, for import and export 2h",
        "单次调用时限，默认 30s；verify、warnings、allocations 为 10m，导入、导出为 2h"},
       "",
       "",
       0},
      {"principal", "NAME", {"who calls, e.g. users/zhang", "调用者，如 users/zhang"}, "", "JIEDUI_PRINCIPAL", 0},
      {"principal_roles",
       "A,B",
       {"what the caller may do: viewer, editor, reviewer, auditor, administrator",
        "调用者的角色：viewer（查看）、editor（填报）、reviewer（审核）、auditor（审计）、administrator（管理）"},
       "",
       "JIEDUI_PRINCIPAL_ROLES",
       0},
      {"principal_level",
       "LEVEL",
       {"where the caller stands: village, township, district, city",
        "调用者的层级：village（村）、township（镇）、district（区）、city（市）"},
       "",
       "JIEDUI_PRINCIPAL_LEVEL",
       0}};
  for (const Program& program : kPrograms) {
    flags.push_back(
        {absl::StrCat(program.name, "_address"),
         "HOST:PORT",
         {absl::StrCat("address of jiedui-", program.name), absl::StrCat("jiedui-", program.name, " 的地址")},
         program.address,
         VariableOf(program.name),
         0});
  }
  return flags;
}

bool ReadsChinese(const Environment& environment, const std::string& lang) {
  if (!lang.empty()) return lang == "zh";
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::optional<std::string> value = environment.variable(name);
    if (value.has_value() && !value->empty()) return absl::StartsWith(*value, "zh");
  }
  return false;
}

absl::StatusOr<std::unique_ptr<Session>> Session::Create(const Environment& environment, const Arguments& arguments) {
  std::unique_ptr<Session> session(new Session(environment));
  const std::string& format = arguments.Get("output");
  if (format == "json") {
    session->format_ = OutputFormat::kJson;
  } else if (format == "csv") {
    session->format_ = OutputFormat::kCsv;
  } else if (format != "table") {
    return UsageError({"--output is table, json or csv", "--output 只能是 table、json 或 csv"});
  }
  const std::string& lang = arguments.Get("lang");
  if (!lang.empty() && lang != "zh" && lang != "en")
    return UsageError({"--lang is zh or en", "--lang 只能是 zh 或 en"});
  session->chinese_ = ReadsChinese(environment, lang);
  if (arguments.Has("timeout")) {
    JIEDUI_ASSIGN_OR_RETURN(session->timeout_, arguments.GetDuration("timeout"));
  }
  JIEDUI_ASSIGN_OR_RETURN(session->metadata_, MetadataOf(arguments));
  for (const Program& program : kPrograms) {
    session->addresses_[program.name] = arguments.Get(absl::StrCat(program.name, "_address"));
  }
  return session;
}

client::Client& Session::ClientOf(const std::string& program) {
  std::unique_ptr<client::Client>& client = clients_[program];
  if (client == nullptr) client = environment_.connect(addresses_[program]);
  return *client;
}

client::CallOptions Session::Options(absl::Duration otherwise) const {
  client::CallOptions options;
  options.deadline = absl::Now() + timeout_.value_or(otherwise);
  options.metadata = metadata_;
  return options;
}

absl::Status Session::Call(const std::string& program, absl::string_view method,
                           const google::protobuf::Message& request, google::protobuf::Message* response,
                           absl::Duration otherwise) {
  return Explain(program, ClientOf(program).Call(method, request, response, Options(otherwise)));
}

absl::Status Session::Explain(const std::string& program, const absl::Status& status) const {
  if (!absl::IsUnavailable(status) || ReasonOf(status) != error::v1::REASON_UNSPECIFIED) return status;
  const std::string& address = addresses_.at(program);
  return MakeError(absl::StatusCode::kUnavailable, error::v1::REASON_UNAVAILABLE,
                   {absl::StrCat("jiedui-", program, " does not answer at ", address),
                    absl::StrCat("jiedui-", program, "（", address, "）没有应答")});
}

void Session::PrintJson(const google::protobuf::Message& message) const { out() << ToJson(message, true) << '\n'; }

ExitCode PrintError(const Environment& environment, bool chinese, const absl::Status& status) {
  const std::string localized = LocalizedMessageOf(status);
  const std::vector<error::v1::Violation> violations = ViolationsOf(status);
  std::string headline = chinese && !localized.empty() ? localized : std::string(status.message());
  if (violations.size() > 1) {
    headline = chinese ? absl::StrCat("请求有 ", violations.size(), " 处问题")
                       : absl::StrCat("the request has ", violations.size(), " problems");
  }
  environment.err << (chinese ? "错误：" : "error: ") << Printable(headline) << '\n';
  if (IsUsageError(status)) return ExitCode::kUsage;
  if (violations.size() > 1) {
    for (const error::v1::Violation& each : violations) {
      environment.err << "  " << (each.field().empty() ? "" : each.field() + ": ")
                      << Printable(chinese ? each.message_zh() : each.message()) << " [" << ReasonName(each.reason())
                      << "]\n";
    }
  } else {
    environment.err << "  [" << absl::StatusCodeToString(status.code()) << " " << ReasonName(ReasonOf(status)) << "]\n";
  }
  return ExitCodeOf(status.code());
}

std::string ToJson(const google::protobuf::Message& message, bool pretty) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = pretty;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails only for malformed Any messages, of which there are none.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  while (!json.empty() && json.back() == '\n') json.pop_back();
  return json;
}

}  // namespace jiedui::cli
