// methods, call: every method of every program, also those that no other command is made for.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "services/cli/catalog.h"
#include "services/cli/commands.h"
#include "services/cli/message_text.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"

namespace jiedui::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// "village" for jiedui.village.v1; empty for what each program has of its own, such as jiedui.measure.v1.
std::string ProgramOf(const MethodDescriptor* method) {
  const std::vector<std::string> package = absl::StrSplit(method->file()->package(), '.');
  return package.size() > 1 && Session::IsProgram(package[1]) ? package[1] : "";
}

// "DivisionService/GetVillage".
std::string ShortPath(const MethodDescriptor* method) {
  return absl::StrCat(method->service()->name(), "/", method->name());
}

bool IsStream(const MethodDescriptor* method) { return method->client_streaming() || method->server_streaming(); }

std::string FieldsOf(const Descriptor* type) {
  std::vector<std::string> names;
  for (int i = 0; i < type->field_count(); ++i) names.push_back(type->field(i)->name());
  return absl::StrJoin(names, " ");
}

// By its full path, by service and method, or by its name alone when only one method has it. Usage error otherwise.
absl::StatusOr<const MethodDescriptor*> RequireMethod(const std::string& word) {
  std::vector<const MethodDescriptor*> meant;
  std::vector<std::string> names;
  for (const MethodDescriptor* method : Catalog::Get().methods()) {
    if (word == MethodPath(method)) return method;
    if (word == ShortPath(method) || word == method->name()) meant.push_back(method);
    names.push_back(absl::StrContains(word, '/') ? ShortPath(method) : method->name());
  }
  if (meant.size() == 1) return meant[0];
  if (meant.empty()) {
    const std::string nearest = NearestTo(word, names);
    const std::string hint = nearest.empty() ? "jiedui methods" : absl::StrCat("jiedui call ", nearest);
    return UsageError({absl::StrCat("there is no method \"", word, "\"; try: ", hint),
                       absl::StrCat("没有方法 ", word, "；请试：", hint)});
  }
  std::vector<std::string> paths;
  for (const MethodDescriptor* method : meant) paths.push_back(MethodPath(method));
  return UsageError({absl::StrCat("which \"", word, "\"? There are ", absl::StrJoin(paths, ", ")),
                     absl::StrCat("不明的方法“", word, "”，可用：", absl::StrJoin(paths, "、"))});
}

absl::StatusOr<ExitCode> RunMethods(Session& session, const Arguments& arguments) {
  const std::string word = arguments.operands().empty() ? "" : absl::AsciiStrToLower(arguments.operands()[0]);
  std::vector<std::vector<std::string>> rows;
  for (const MethodDescriptor* method : Catalog::Get().methods()) {
    if (!absl::StrContains(absl::AsciiStrToLower(MethodPath(method)), word)) continue;
    const std::string program = ProgramOf(method);
    rows.push_back({program.empty() ? "*" : program, ShortPath(method), FieldsOf(method->input_type())});
  }
  PrintRows(session, {{"program", {"program", "服务"}}, {"method", {"method", "方法"}}, {"fields", {"takes", "参数"}}},
            rows);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunCall(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const MethodDescriptor* method, RequireMethod(arguments.operands()[0]));
  if (IsStream(method)) {
    return UsageError({absl::StrCat(method->name(), " is a stream; use jiedui import or jiedui export"),
                       absl::StrCat(method->name(), " 为流式方法，请用 jiedui import 或 jiedui export")});
  }
  std::string program = ProgramOf(method);
  if (program.empty()) program = arguments.Get("program");
  if (!Session::IsProgram(program)) {
    return UsageError({"each program has this method of its own: say --program village, industry, …",
                       "各服务都有此方法，请用 --program 指明，如 village、industry"});
  }
  std::unique_ptr<Message> request = NewMessage(method->input_type());
  if (arguments.Has("json")) JIEDUI_RETURN_IF_ERROR(ReadJson(session, arguments.Get("json"), request.get()));
  for (int i = 0; i < method->input_type()->field_count(); ++i) {
    const auto* field = method->input_type()->field(i);
    if (!arguments.Has(field->name())) continue;
    JIEDUI_RETURN_IF_ERROR(SetField(field, arguments.Get(field->name()), request.get()));
  }
  std::unique_ptr<Message> answer = NewMessage(method->output_type());
  JIEDUI_RETURN_IF_ERROR(session.Call(program, MethodPath(method), *request, answer.get()));
  PrintAnswer(session, *answer);
  return ExitCode::kOk;
}

}  // namespace

std::vector<Flag> RequestFlags(const std::string& method) {
  std::vector<Flag> flags;
  const absl::StatusOr<const MethodDescriptor*> found = RequireMethod(method);
  if (!found.ok()) return flags;
  const Descriptor* type = (*found)->input_type();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    const char* operand = field->message_type() != nullptr ? "JSON" : field->is_repeated() ? "A,B" : "VALUE";
    const std::string& title = RulesOf(field).title_zh();
    flags.push_back({field->name(), operand, {title, title}, "", "", 0});
  }
  return flags;
}

std::vector<Command> CallCommands() {
  std::vector<Command> commands;
  commands.push_back({"methods",
                      "[WORD]",
                      0,
                      1,
                      {"the methods of the programs", "列出各服务的方法"},
                      {"Those of * are methods that each program has of its own.", "标 * 的方法各服务都有。"},
                      {},
                      RunMethods});
  commands.push_back(
      {"call",
       "METHOD",
       1,
       1,
       {"call any method", "调用任一方法"},
       {"METHOD is Service/Method, or Method alone. Every field of its request is a flag: "
        "jiedui call METHOD --help lists them.",
        "METHOD 为“服务/方法”，也可只写方法名。请求的每个字段都是一个参数，"
        "用 jiedui call METHOD --help 查看。"},
       {{"json", "FILE", {"the request as JSON, - for standard input", "请求的 JSON 文件，- 为标准输入"}, "", "", 0},
        {"program", "NAME", {"of a method that each program has", "各服务都有的方法由哪个服务执行"}, "", "", 0}},
       RunCall});
  return commands;
}

}  // namespace jiedui::cli
