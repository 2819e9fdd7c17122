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
  // The calls went well and found something wrong: rows with errors, figures that differ.
  kFindings = 1,
  // The command line itself is wrong, or names a file that cannot be read or written.
  kUsage = 2,
  // A server refused the request: invalid, in conflict with what is there, not permitted.
  kRefused = 3,
  // What the request names does not exist.
  kNotFound = 4,
  // A server does not answer, is overloaded, or did not finish in time.
  kUnavailable = 5,
  // A fault of a server or of this machine.
  kFault = 6,
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
