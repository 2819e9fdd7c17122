// Commands with their flags, and the parsing of a command line by them.

#ifndef JIEDUI_SERVICES_CLI_ARGUMENTS_H_
#define JIEDUI_SERVICES_CLI_ARGUMENTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "services/cli/environment.h"

namespace jiedui::cli {

class Session;
class Arguments;

struct Flag {
  std::string name;     // "order_by"; "--order-by" is read as well
  std::string operand;  // what stands after it, for the help: "FILTER"; empty for a yes-or-no flag
  Text help;
  std::string fallback;  // value when neither the flag nor the variable is given
  std::string variable;  // environment variable that gives it
  char letter = 0;       // 'o' for "-o"
};

struct Command {
  std::string name;
  std::string operands;  // "COLLECTION", for the help
  int min_operands = 0;
  int max_operands = 0;  // -1 for any number
  Text summary;          // one line
  Text details;          // paragraphs, may be empty
  std::vector<Flag> flags;
  absl::StatusOr<ExitCode> (*run)(Session& session, const Arguments& arguments) = nullptr;
};

// The words of a command line, sorted out by the flags of its command.
class Arguments {
 public:
  // Usage errors for unknown flags, missing values and a wrong number of operands.
  static absl::StatusOr<Arguments> Parse(const Command& command, const std::vector<std::string>& words,
                                         const Environment& environment);

  const std::vector<std::string>& operands() const { return operands_; }
  // The flag's value, else its variable's, else its fallback; empty when there is none.
  const std::string& Get(absl::string_view flag) const;
  // Whether the flag itself or its variable was given.
  bool Has(absl::string_view flag) const;
  bool GetBool(absl::string_view flag) const { return Get(flag) == "true"; }
  // Usage error unless it is a whole number from `min` to `max`.
  absl::StatusOr<int64_t> GetInt(absl::string_view flag, int64_t min, int64_t max) const;
  // "90s", "1m30s", or a plain number of seconds. Usage error otherwise.
  absl::StatusOr<absl::Duration> GetDuration(absl::string_view flag) const;

 private:
  struct Value {
    std::string text;
    bool given = false;
  };
  std::vector<std::string> operands_;
  std::map<std::string, Value, std::less<>> values_;
};

// An error in the command line itself; the program then ends with ExitCode::kUsage.
absl::Status UsageError(const Text& text);
bool IsUsageError(const absl::Status& status);

// The candidate nearest to `word`, or empty when none is near enough to be meant.
std::string NearestTo(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_ARGUMENTS_H_
