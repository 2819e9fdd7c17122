// One CSV file of a collection, written from messages.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_SAMPLE_FILE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_SAMPLE_FILE_H_

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/bulk/columns.h"
#include "common/resource/table_plan.h"
#include "google/protobuf/message.h"

namespace jiedui::cli {

class SampleFile {
 public:
  // Creates "<folder>/<collection>.csv" with the columns that a client may set.
  static absl::StatusOr<std::unique_ptr<SampleFile>> Create(const std::string& folder,
                                                            const google::protobuf::Descriptor* descriptor);

  // The same, of a plan.
  static absl::StatusOr<std::unique_ptr<SampleFile>> Create(const std::string& folder,
                                                            std::unique_ptr<resource::TablePlan> plan);

  void Add(const google::protobuf::Message& record);
  // Writes what is left. INTERNAL when the disk refused.
  absl::Status Close();

 private:
  SampleFile() = default;
  void WriteOut();

  std::string path_;
  std::unique_ptr<resource::TablePlan> plan_;
  std::unique_ptr<bulk::Columns> columns_;
  std::vector<const bulk::Column*> written_;
  std::ofstream file_;
  std::string buffer_;
  std::string cell_;
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_SAMPLE_FILE_H_
