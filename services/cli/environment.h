// What the command line sees of the world around it: streams, variables, terminals and the way to servers. main.cc fills it
// from the process, tests from strings.

#ifndef JIEDUI_SERVICES_CLI_ENVIRONMENT_H_
#define JIEDUI_SERVICES_CLI_ENVIRONMENT_H_

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "common/client/client.h"

namespace jiedui::cli {

// Exit codes, documented in `jiedui help`.
enum class ExitCode {
  kOk = 0,
  // A server refused the call or did not answer.
  kCallFailed = 1,
  // The command line itself is wrong; nothing was called.
  kUsage = 2,
  // The calls went well and found something wrong: rows with errors, figures that differ.
  kFindings = 3,
};

struct Environment {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Width of the error terminal, in columns.
  int columns = 80;
  // An environment variable, or nothing when it is not set.
  std::function<std::optional<std::string>(const std::string& name)> variable = {};
  // The contents of a file. NOT_FOUND and other errors of the file system.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file = {};
  // A connection to "host:port".
  std::function<std::unique_ptr<client::Client>(const std::string& address)> connect = {};
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_ENVIRONMENT_H_
