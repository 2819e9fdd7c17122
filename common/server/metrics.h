// Metrics in the Prometheus text format. What every call touches is kept in sharded atomics; reading adds the shards up.

#ifndef JIEDUI_COMMON_SERVER_METRICS_H_
#define JIEDUI_COMMON_SERVER_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "prometheus/registry.h"

namespace jiedui::server {

// Counts of one method. Thread-safe and wait-free.
class MethodMetrics {
 public:
  static constexpr size_t kCodes = 17;
  static constexpr size_t kBuckets = 15;
  // Upper bounds in nanoseconds of all buckets but the last, which has none.
  static const std::array<int64_t, kBuckets - 1>& BucketBounds();

  explicit MethodMetrics(std::string method) : method_(std::move(method)) {}

  void Started();
  void Handled(absl::StatusCode code, int64_t duration_nanos, uint64_t request_bytes, uint64_t response_bytes);

  const std::string& method() const { return method_; }

  // Sums over the shards; not one instant's picture.
  struct Totals {
    uint64_t started = 0;
    std::array<uint64_t, kCodes> handled = {};
    std::array<uint64_t, kBuckets> buckets = {};
    uint64_t duration_nanos = 0;
    uint64_t request_bytes = 0;
    uint64_t response_bytes = 0;
  };
  Totals Read() const;

 private:
  static constexpr size_t kShards = 4;
  struct alignas(64) Shard {
    std::atomic<uint64_t> started{0};
    std::atomic<uint64_t> duration_nanos{0};
    std::atomic<uint64_t> request_bytes{0};
    std::atomic<uint64_t> response_bytes{0};
    std::array<std::atomic<uint64_t>, kBuckets> buckets{};
    std::array<std::atomic<uint64_t>, kCodes> handled{};
  };

  const std::string method_;
  std::array<Shard, kShards> shards_;
};

// A metric family with one sample, read when scraped: for numbers that a component keeps anyway.
std::shared_ptr<prometheus::Collectable> CounterOf(std::string name, std::string help, std::function<double()> read);
std::shared_ptr<prometheus::Collectable> GaugeOf(std::string name, std::string help, std::function<double()> read);

// Everything that /metrics shows. Thread-safe.
class Metrics {
 public:
  // `program` and `version` label the metric jiedui_build_info.
  Metrics(std::string program, std::string version);

  // The counts of a method; the same object for the same name. Lives as long as this. Takes a lock: call it at start only.
  MethodMetrics* Method(absl::string_view method);

  // Adds the families of a component. The registry of prometheus-cpp is a Collectable as well.
  void Add(std::shared_ptr<prometheus::Collectable> collectable);

  // For counters and gauges of prometheus-cpp; resolve handles at start.
  prometheus::Registry& registry() { return *registry_; }

  // The exposition text.
  std::string Text() const;

 private:
  std::vector<prometheus::MetricFamily> CollectCalls() const;

  const std::string program_;
  const std::string version_;
  std::shared_ptr<prometheus::Registry> registry_;
  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<MethodMetrics>> methods_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<prometheus::Collectable>> collectables_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_METRICS_H_
