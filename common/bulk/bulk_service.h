// BulkService for the resources of a program: import and export of CSV files.

#ifndef JIEDUI_COMMON_BULK_BULK_SERVICE_H_
#define JIEDUI_COMMON_BULK_BULK_SERVICE_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/bulk/columns.h"
#include "common/bulk/importer.h"
#include "common/resource/request_context.h"
#include "common/store/engine.h"
#include "jiedui/bulk/v1/bulk.pb.h"

namespace jiedui::bulk {

class BulkService {
 public:
  // `engine` must outlive the service.
  explicit BulkService(store::Engine& engine, const ImportLimits& limits = {});

  // Blocks until the call is over. INVALID_ARGUMENT for a bad header; otherwise as Importer::Run.
  absl::Status Import(const RequestContext& context, ImportStream& stream);

  // Writes all resources of a collection that meet the filter, ordered by name, with all their fields, from one snapshot.
  // Blocks. `write` answers false when the call is over, and `cancelled` says so too. INVALID_ARGUMENT, CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED
  // (too many exports at once, no space for the temporary file), and errors of the database.
  absl::Status Export(const RequestContext& context, const v1::ExportRequest& request,
                      absl::FunctionRef<bool(const v1::ExportResponse&)> write, absl::FunctionRef<bool()> cancelled);

 private:
  class ExportTicket;

  absl::StatusOr<const Columns*> ColumnsOf(const std::string& collection, const char* field) const;

  store::Engine& engine_;
  const ImportLimits limits_;
  absl::flat_hash_map<std::string, std::unique_ptr<Columns>> columns_;  // by collection
  absl::Mutex mutex_;
  int exports_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_BULK_SERVICE_H_
