// The counters of a database as metrics.

#ifndef JIEDUI_COMMON_SERVICE_DATABASE_METRICS_H_
#define JIEDUI_COMMON_SERVICE_DATABASE_METRICS_H_

#include <memory>

#include "common/sql/database.h"
#include "prometheus/collectable.h"

namespace jiedui::service {

// Reads `database`, which must live as long, at every scrape.
std::shared_ptr<prometheus::Collectable> NewDatabaseMetrics(const sql::Database& database);

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_DATABASE_METRICS_H_
