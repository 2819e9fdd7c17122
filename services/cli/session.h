// What every command works with: the servers, the user's language, the form of the output, and how errors are told.

#ifndef JIEDUI_SERVICES_CLI_SESSION_H_
#define JIEDUI_SERVICES_CLI_SESSION_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/client/client.h"
#include "common/status/error.h"
#include "google/protobuf/message.h"
#include "services/cli/arguments.h"
#include "services/cli/environment.h"

namespace jiedui::cli {

enum class OutputFormat { kTable, kJson, kCsv };

constexpr absl::Duration kCallTimeout = absl::Seconds(30);

class Session {
 public:
  // Takes the flags that every command has. Usage errors.
  static absl::StatusOr<std::unique_ptr<Session>> Create(const Environment& environment, const Arguments& arguments);

  // Whether `name` is one of the programs: "village", "gateway".
  static bool IsProgram(absl::string_view name);
  // The flags that every command has.
  static std::vector<Flag> CommonFlags();

  const Environment& environment() const { return environment_; }
  std::ostream& out() const { return environment_.out; }
  OutputFormat format() const { return format_; }
  bool chinese() const { return chinese_; }
  // The half of `text` that the user reads.
  const std::string& In(const Text& text) const { return chinese_ ? text.zh : text.en; }

  // The connection to "village", "industry", "infrastructure", "assistance" or "gateway".
  client::Client& ClientOf(const std::string& program);
  // Within --timeout, or `otherwise` when it is not given.
  client::CallOptions Options(absl::Duration otherwise) const;
  absl::Status Call(const std::string& program, absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, absl::Duration otherwise = kCallTimeout);
  // `status` of a call, saying which program it is that does not answer.
  absl::Status Explain(const std::string& program, const absl::Status& status) const;

  // Prints a message as JSON with the names of the proto.
  void PrintJson(const google::protobuf::Message& message) const;

 private:
  explicit Session(const Environment& environment) : environment_(environment) {}

  const Environment& environment_;
  OutputFormat format_ = OutputFormat::kTable;
  bool chinese_ = false;
  std::optional<absl::Duration> timeout_;
  std::vector<std::pair<std::string, std::string>> metadata_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::unique_ptr<client::Client>> clients_;
};

// Whether the user reads Chinese: --lang, else LC_ALL, LC_MESSAGES or LANG.
bool ReadsChinese(const Environment& environment, const std::string& lang);

// Tells what went wrong, every violation on a line of its own, and answers the exit code.
ExitCode PrintError(const Environment& environment, bool chinese, const absl::Status& status);

std::string ToJson(const google::protobuf::Message& message, bool pretty);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SESSION_H_
