// Invented data for trying the system out: ten real districts of Tianjin, everything below them made up and named so (样例).
// Plausible and uneven: some targets are met, some are missed, some villages have not reported.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_SAMPLE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace jiedui::cli {

struct SampleOptions {
  std::string folder;    // exists; gets one CSV file for each collection
  uint64_t seed = 2018;  // the same seed gives the same bytes, on any machine
  int villages = 1041;   // 1 to 1,000,000
};

// Writes village by village: memory does not grow with their number. INTERNAL when a file cannot be written.
absl::Status WriteSample(const SampleOptions& options);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_SAMPLE_H_
