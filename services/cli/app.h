// The command line as a function: words in, exit code out.

#ifndef JIEDUI_SERVICES_CLI_APP_H_
#define JIEDUI_SERVICES_CLI_APP_H_

#include <string>
#include <vector>

#include "services/cli/environment.h"

namespace jiedui::cli {

// `words` without the program's name.
ExitCode RunCommandLine(const std::vector<std::string>& words, const Environment& environment);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_APP_H_
