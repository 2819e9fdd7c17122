#include "common/service/database_metrics.h"

#include <string>
#include <utility>
#include <vector>

#include "prometheus/metric_family.h"

namespace jiedui::service {
namespace {

class DatabaseMetrics final : public prometheus::Collectable {
 public:
  explicit DatabaseMetrics(const sql::Database& database) : database_(database) {}

  std::vector<prometheus::MetricFamily> Collect() const override {
    const sql::DatabaseStats stats = database_.stats();
    std::vector<prometheus::MetricFamily> families;
    const auto add = [&families](const char* name, const char* help, int64_t value, prometheus::MetricType type) {
      prometheus::ClientMetric metric;
      metric.counter.value = static_cast<double>(value);
      metric.gauge.value = static_cast<double>(value);
      families.push_back({name, help, type, {std::move(metric)}});
    };
    constexpr auto kCounter = prometheus::MetricType::Counter;
    constexpr auto kGauge = prometheus::MetricType::Gauge;
    add("jiedui_database_write_queue", "Writes that wait for a writer.", stats.write_queue, kGauge);
    add("jiedui_database_read_queue", "Reads that wait for a reader.", stats.read_queue, kGauge);
    add("jiedui_database_connections", "Open connections.", stats.open_connections, kGauge);
    add("jiedui_database_writes_total", "Write transactions answered.", stats.writes, kCounter);
    add("jiedui_database_reads_total", "Read transactions answered.", stats.reads, kCounter);
    add("jiedui_database_commits_total", "Commits; one may serve many writes on SQLite.", stats.commits, kCounter);
    add("jiedui_database_retries_total", "Transactions run again after a conflict.", stats.retries, kCounter);
    add("jiedui_database_rejected_total", "Transactions refused because a queue was full.", stats.rejected, kCounter);
    add("jiedui_database_expired_total", "Transactions whose deadline passed.", stats.expired, kCounter);
    add("jiedui_database_unknown_outcomes_total", "Commits whose answer was lost.", stats.unknown_outcomes, kCounter);
    return families;
  }

 private:
  const sql::Database& database_;
};

}  // namespace

std::shared_ptr<prometheus::Collectable> NewDatabaseMetrics(const sql::Database& database) {
  return std::make_shared<DatabaseMetrics>(database);
}

}  // namespace jiedui::service
