// The two steps of an export. Resources go into a temporary file first: the database's snapshot and connection are then held
// for as long as reading takes, and not for as long as the caller takes to receive.

#ifndef JIEDUI_COMMON_BULK_EXPORTER_H_
#define JIEDUI_COMMON_BULK_EXPORTER_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/bulk/columns.h"
#include "common/bulk/spool.h"
#include "common/resource/request_context.h"
#include "common/store/engine.h"
#include "jiedui/bulk/v1/bulk.pb.h"

namespace jiedui::bulk {

// Writes the heading and a row for every resource that meets `filter`, ordered by name, from one snapshot. INVALID_ARGUMENT
// (filter), CANCELLED when `cancelled` says that the call is over, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED (no space), errors of the
// database.
absl::Status SpoolResources(store::Engine& engine, const Columns& columns, const RequestContext& context,
                            const std::string& filter, absl::FunctionRef<bool()> cancelled, Spool& spool);

// CANCELLED when `write` answers that the call is over, DEADLINE_EXCEEDED.
absl::Status SendSpool(const RequestContext& context, Spool& spool,
                       absl::FunctionRef<bool(const v1::ExportResponse&)> write);

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_EXPORTER_H_
