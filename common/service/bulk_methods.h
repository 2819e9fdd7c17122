// BulkService in a program's method table.

#ifndef JIEDUI_COMMON_SERVICE_BULK_METHODS_H_
#define JIEDUI_COMMON_SERVICE_BULK_METHODS_H_

#include "absl/status/status.h"
#include "common/bulk/bulk_service.h"
#include "common/server/method_table.h"

namespace jiedui::service {

// `service` must outlive the table.
absl::Status AddBulkMethods(server::MethodTable& table, bulk::BulkService& service);

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_BULK_METHODS_H_
