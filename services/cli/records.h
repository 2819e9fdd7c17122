// Records on the screen and from the command line, for any resource.

#ifndef JIEDUI_SERVICES_CLI_RECORDS_H_
#define JIEDUI_SERVICES_CLI_RECORDS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/bulk/columns.h"
#include "common/resource/table_plan.h"
#include "google/protobuf/message.h"
#include "services/cli/catalog.h"
#include "services/cli/session.h"

namespace jiedui::cli {

// The cells of a resource's fields.
class Records {
 public:
  explicit Records(const Resource& resource);

  const bulk::Columns& columns() const { return *columns_; }

  // Prints in the session's format: a table of the columns (those of one line each when `wanted` is empty), CSV of all of
  // them, or JSON, an array. Usage error for a column that there is not.
  absl::Status Print(const Session& session, const std::vector<std::unique_ptr<google::protobuf::Message>>& records,
                     const std::vector<std::string>& wanted) const;

  // Prints every field of one record that is set, one below the other.
  void PrintFields(const Session& session, const google::protobuf::Message& record) const;

 private:
  std::unique_ptr<resource::TablePlan> plan_;
  std::unique_ptr<bulk::Columns> columns_;
};

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_RECORDS_H_
