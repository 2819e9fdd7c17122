// Metrics of calls in the Prometheus text format. What every call touches is an atomic; no lock, no look-up.

#ifndef JIEDUI_COMMON_SERVER_METRICS_H_
#define JIEDUI_COMMON_SERVER_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace jiedui::server {

// Counts of one method.
class MethodMetrics {
 public:
  static constexpr size_t kCodes = 17;
  static constexpr std::array<int64_t, 12> kBoundsMicros = {100,    250,    500,     1'000,   2'500,     5'000,
                                                            10'000, 50'000, 100'000, 500'000, 1'000'000, 5'000'000};

  explicit MethodMetrics(std::string method) : method_(std::move(method)) {}
  void Handled(absl::StatusCode code, absl::Duration duration);

 private:
  friend class Metrics;
  const std::string method_;
  std::array<std::atomic<uint64_t>, kCodes> handled_{};
  std::array<std::atomic<uint64_t>, kBoundsMicros.size() + 1> buckets_{};
  std::atomic<uint64_t> micros_{0};
};

// Everything that /metrics shows.
class Metrics {
 public:
  // Lives as long as this. At start only.
  MethodMetrics* AddMethod(std::string method);
  // Families of another component, read when scraped. At start only.
  void Add(std::shared_ptr<prometheus::Collectable> collectable) { others_.push_back(std::move(collectable)); }
  // The exposition text.
  std::string Text() const;

 private:
  std::vector<std::unique_ptr<MethodMetrics>> methods_;
  std::vector<std::shared_ptr<prometheus::Collectable>> others_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_METRICS_H_
