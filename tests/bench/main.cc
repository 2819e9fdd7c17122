// Prints one line per figure: "name value bar ok|short  # details". Ends with 1 when a figure is short of its bar.
// Arguments choose among the groups rpc, write, import, scorecard, cube; all without.

#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "tests/bench/gateway_bench.h"
#include "tests/bench/harness.h"
#include "tests/bench/import_bench.h"
#include "tests/bench/rpc_bench.h"
#include "tests/bench/write_bench.h"

int main(int argc, char** argv) {
  const std::vector<std::pair<std::string, std::function<void()>>> groups = {
      {"rpc", jiedui::bench::RunRpcBench},
      {"write", jiedui::bench::RunWriteBench},
      {"import", jiedui::bench::RunImportBench},
      {"scorecard", jiedui::bench::RunScorecardBench},
      {"cube", jiedui::bench::RunCubeBench}};
  // As the programs do.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // The servers log every call, as in service; nobody reads it here.
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDERR_FILENO);
  for (const auto& [name, run] : groups) {
    bool wanted = argc == 1;
    for (int i = 1; i < argc; ++i) wanted = wanted || name == argv[i];
    if (wanted) run();
  }
  return jiedui::bench::ShortCount() == 0 ? 0 : 1;
}
