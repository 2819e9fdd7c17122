// What is wrong in the rows of imported files: the first of each file in a table, all of them in a CSV file.

#ifndef JIEDUI_SERVICES_CLI_ROW_ERRORS_H_
#define JIEDUI_SERVICES_CLI_ROW_ERRORS_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "services/cli/session.h"

namespace jiedui::cli {

class RowErrors {
 public:
  // `path` is written anew; no file when it is empty. Usage error when it cannot be written.
  static absl::StatusOr<std::unique_ptr<RowErrors>> Create(const std::string& path);

  void Add(const std::string& collection, const bulk::v1::ImportRowError& error);
  // Prints the errors since the last call and forgets them.
  void PrintTable(const Session& session);
  // Usage error when the file could not be written.
  absl::Status Close();

 private:
  RowErrors() = default;

  std::string path_;
  std::ofstream file_;
  std::vector<bulk::v1::ImportRowError> shown_;
  int64_t count_ = 0;  // since the last table
};

// A file that cannot be used as the command line asks for.
absl::Status FileError(const std::string& path);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_ROW_ERRORS_H_
