#include "common/server/metrics.h"

#include <limits>
#include <utility>

#include "prometheus/text_serializer.h"

namespace jiedui::server {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void MethodMetrics::Handled(absl::StatusCode code, absl::Duration duration) {
  const int64_t micros = absl::ToInt64Microseconds(duration);
  size_t bucket = 0;
  while (bucket < kBoundsMicros.size() && micros > kBoundsMicros[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  micros_.fetch_add(static_cast<uint64_t>(micros), std::memory_order_relaxed);
  handled_[static_cast<size_t>(code) % kCodes].fetch_add(1, std::memory_order_relaxed);
}

MethodMetrics* Metrics::AddMethod(std::string method) {
  methods_.push_back(std::make_unique<MethodMetrics>(std::move(method)));
  return methods_.back().get();
}

std::string Metrics::Text() const {
  MetricFamily handled{"jiedui_rpc_handled_total", "Calls answered, by method and code.", MetricType::Counter, {}};
  MetricFamily latency{"jiedui_rpc_duration_seconds", "From the arrival of a call to its answer.", MetricType::Histogram, {}};
  for (const auto& method : methods_) {
    for (size_t code = 0; code < MethodMetrics::kCodes; ++code) {
      const uint64_t count = method->handled_[code].load(std::memory_order_relaxed);
      if (count == 0) continue;
      ClientMetric metric;
      metric.label = {{"method", method->method_}, {"code", absl::StatusCodeToString(static_cast<absl::StatusCode>(code))}};
      metric.counter.value = static_cast<double>(count);
      handled.metric.push_back(std::move(metric));
    }
    ClientMetric metric;
    metric.label = {{"method", method->method_}};
    uint64_t total = 0;
    for (size_t i = 0; i < method->buckets_.size(); ++i) {
      total += method->buckets_[i].load(std::memory_order_relaxed);
      const double bound = i < MethodMetrics::kBoundsMicros.size() ? MethodMetrics::kBoundsMicros[i] / 1e6
                                                                   : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({total, bound});
    }
    if (total == 0) continue;
    metric.histogram.sample_count = total;
    metric.histogram.sample_sum = static_cast<double>(method->micros_.load(std::memory_order_relaxed)) / 1e6;
    latency.metric.push_back(std::move(metric));
  }
  std::vector<MetricFamily> families = {std::move(handled), std::move(latency)};
  for (const auto& other : others_) {
    for (MetricFamily& family : other->Collect()) families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace jiedui::server
