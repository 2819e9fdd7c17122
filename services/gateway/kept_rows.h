// Scorecards as they were last computed: most calls learn that nothing has changed since the one before.

#ifndef JIEDUI_SERVICES_GATEWAY_KEPT_ROWS_H_
#define JIEDUI_SERVICES_GATEWAY_KEPT_ROWS_H_

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/cube.h"
#include "services/gateway/target_store.h"

namespace jiedui::gateway {

using Freshnesses = std::array<v1::Freshness, kServiceCount>;

// All that the rows of a division's scorecard depend on. What it names is immutable and known by its identity: equal bases have
// equal rows. It keeps none of it in memory.
class RowsBasis {
 public:
  RowsBasis() = default;
  RowsBasis(const std::shared_ptr<const TargetSet>& targets, const Snapshot& snapshot, const Freshnesses& freshnesses,
            int year, absl::CivilDay today);

  bool operator==(const RowsBasis& other) const;

 private:
  std::weak_ptr<const TargetSet> targets_;
  std::weak_ptr<const Places> places_;
  std::array<std::weak_ptr<const YearFigures>, 2 * kServiceCount> figures_;  // of the year and of the one before
  Freshnesses freshnesses_ = {};
  absl::CivilDay today_;
};

// Thread-safe.
class KeptRows {
 public:
  // nullptr unless the last card kept for the division and year was computed from the same.
  std::shared_ptr<const v1::Scorecard> Find(const std::string& division, int year, const RowsBasis& basis) const;
  void Keep(const std::string& division, int year, RowsBasis basis, std::shared_ptr<const v1::Scorecard> card);

 private:
  struct Entry {
    RowsBasis basis;
    std::shared_ptr<const v1::Scorecard> card;
  };

  mutable absl::Mutex mutex_;
  std::map<std::pair<std::string, int>, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_KEPT_ROWS_H_
