#include "services/cli/app.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/cli/arguments.h"
#include "services/cli/commands.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

const std::vector<Command>& AllCommands() {
  static const auto* const kCommands = [] {
    auto* all = new std::vector<Command>;
    for (std::vector<Command> group : {ScorecardCommands(), TargetCommands(), ReportCommands(), CheckCommands(),
                                       ResourceCommands(), WorkflowCommands(), BulkCommands(), CallCommands()}) {
      std::move(group.begin(), group.end(), std::back_inserter(*all));
    }
    return all;
  }();
  return *kCommands;
}

const Command* FindCommand(const std::string& name) {
  for (const Command& command : AllCommands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

void PrintUsage(const Environment& environment, bool chinese) {
  environment.out << (chinese ? "用法：jiedui 命令 [参数]\n\n" : "usage: jiedui COMMAND [ARGUMENTS]\n\n");
  TextTable table;
  table.AddColumn(chinese ? "命令" : "command");
  table.AddColumn("");
  for (const Command& command : AllCommands()) {
    table.AddRow({absl::StrCat(command.name, command.operands.empty() ? "" : " ", command.operands),
                  chinese ? command.summary.zh : command.summary.en});
  }
  table.Print(environment.out);
  environment.out
      << (chinese ? "\njiedui 命令 --help 查看全部参数。\n"
                    "退出码：0 成功；1 发现问题（错误行、差异）；2 命令行有误或文件不可读写；\n"
                    "3 服务拒绝；4 不存在；5 服务无应答、过载或超时；6 内部故障。\n"
                  : "\njiedui COMMAND --help lists its flags.\n"
                    "Exit codes: 0 done; 1 something was found (wrong rows, figures that differ); 2 the command line "
                    "is wrong, or a\n"
                    "file cannot be read or written; 3 a server refused; 4 not found; 5 a server does not answer, is\n"
                    "overloaded or did not finish in time; 6 a fault inside.\n");
}

void PrintHelp(const Environment& environment, bool chinese, const Command& command) {
  environment.out << "jiedui " << command.name << ' ' << command.operands << "\n"
                  << (chinese ? command.summary.zh : command.summary.en) << '\n';
  const std::string& details = chinese ? command.details.zh : command.details.en;
  if (!details.empty()) environment.out << details << '\n';
  environment.out << '\n';
  TextTable table;
  table.AddColumn(chinese ? "参数" : "flag");
  table.AddColumn("");
  for (const Flag& flag : command.flags) {
    std::string help = chinese ? flag.help.zh : flag.help.en;
    if (!flag.fallback.empty()) absl::StrAppend(&help, " [", flag.fallback, "]");
    if (!flag.variable.empty()) absl::StrAppend(&help, " $", flag.variable);
    table.AddRow({absl::StrCat("--", flag.name, flag.operand.empty() ? "" : " ", flag.operand), help});
  }
  table.Print(environment.out);
}

// Adds the flags that the command does not have yet.
void AddFlags(const std::vector<Flag>& flags, Command* command) {
  for (const Flag& flag : flags) {
    const bool known = std::any_of(command->flags.begin(), command->flags.end(),
                                   [&flag](const Flag& other) { return other.name == flag.name; });
    if (!known) command->flags.push_back(flag);
  }
}

// The command with the flags that every command has, and those of the fields of the resource or request that its operand names.
Command WithAllFlags(const Command& command, const std::vector<std::string>& words) {
  Command result = command;
  for (Flag& flag : Session::CommonFlags()) result.flags.push_back(std::move(flag));
  if (command.name == "call") {
    for (const std::string& word : words) AddFlags(RequestFlags(word), &result);
    return result;
  }
  const bool step = command.name == "advance";
  if (!step && command.name != "create" && command.name != "update") return result;
  for (const std::string& word : words) {
    const Resource* resource = Catalog::Get().Find(word.substr(0, word.find('/')));
    if (resource == nullptr) continue;
    for (Flag& flag : step ? StepFlags(*resource) : FieldFlags(*resource)) result.flags.push_back(std::move(flag));
    break;
  }
  return result;
}

// What --lang says, before the words are sorted out by the flags of their command; empty when it says nothing known.
std::string LangOf(const std::vector<std::string>& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    for (const char* lang : {"zh", "en"}) {
      const bool separate = words[i] == "--lang" && i + 1 < words.size() && words[i + 1] == lang;
      if (separate || words[i] == absl::StrCat("--lang=", lang)) return lang;
    }
  }
  return "";
}

bool IsHelp(const std::string& word) { return word == "help" || word == "--help" || word == "-h"; }

ExitCode Run(const std::vector<std::string>& words, const Environment& environment, bool chinese) {
  const bool help_of_all =
      !words.empty() && IsHelp(words[0]) && (words.size() == 1 || absl::StartsWith(words[1], "--"));
  if (words.empty() || help_of_all) {
    PrintUsage(environment, chinese);
    return words.empty() ? ExitCode::kUsage : ExitCode::kOk;
  }
  const std::string& name = IsHelp(words[0]) ? words[1] : words[0];
  const Command* found = FindCommand(name);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const Command& command : AllCommands()) names.push_back(command.name);
    const std::string nearest = NearestTo(name, names);
    const std::string hint = nearest.empty() ? "jiedui help" : absl::StrCat("jiedui ", nearest);
    return PrintError(environment, chinese,
                      UsageError({absl::StrCat("there is no command \"", name, "\"; try: ", hint),
                                  absl::StrCat("没有命令 ", name, "；请试：", hint)}));
  }
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  const Command command = WithAllFlags(*found, rest);
  if (IsHelp(words[0]) ||
      std::any_of(rest.begin(), rest.end(), [](const auto& word) { return word == "--help" || word == "-h"; })) {
    PrintHelp(environment, chinese, command);
    return ExitCode::kOk;
  }
  const absl::StatusOr<Arguments> arguments = Arguments::Parse(command, rest, environment);
  if (!arguments.ok()) return PrintError(environment, chinese, arguments.status());
  const absl::StatusOr<std::unique_ptr<Session>> session = Session::Create(environment, *arguments);
  if (!session.ok()) return PrintError(environment, chinese, session.status());
  const absl::StatusOr<ExitCode> code = command.run(**session, *arguments);
  return code.ok() ? *code : PrintError(environment, (*session)->chinese(), code.status());
}

}  // namespace

ExitCode RunCommandLine(const std::vector<std::string>& words, const Environment& environment) {
  const bool chinese = ReadsChinese(environment, LangOf(words));
  const ExitCode code = Run(words, environment, chinese);
  const bool told = code != ExitCode::kOk && code != ExitCode::kFindings;
  errno = 0;
  // Who reads the beginning only (| head) has what was wanted.
  if (told || environment.out.flush() || errno == EPIPE) return code;
  return PrintError(environment, chinese, UsageError({"the output cannot be written", "无法写出结果"}));
}

}  // namespace jiedui::cli
