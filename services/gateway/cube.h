// The figures of all services in memory: per service and year one column per measure, over the places of the directory.
// Readers hold an immutable snapshot; a changed shard costs its own cells and the chunks in which one of them changed.

#ifndef JIEDUI_SERVICES_GATEWAY_CUBE_H_
#define JIEDUI_SERVICES_GATEWAY_CUBE_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/village/v1/directory.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/column.h"
#include "services/gateway/places.h"

namespace jiedui::gateway {

// What a service says of a year. Immutable once in a snapshot.
struct YearFigures {
  bool counted = false;           // false: the service has no figures for the year
  std::vector<int64_t> versions;  // by shard
  // By slot of the catalog; null when the service does not keep the measure.
  std::vector<std::shared_ptr<const Column>> columns;
  // Shards in which some node is not in the directory, as received but with slots for measures; their other nodes are in
  // the columns.
  std::map<int, std::shared_ptr<const measure::v1::MeasureShard>> unplaced;
  int64_t unplaced_node_count = 0;
};

struct ServiceFigures {
  std::string database_id;  // empty: never seen
  absl::Time as_of_time = absl::InfinitePast();
  std::map<int, std::shared_ptr<const YearFigures>> years;
};

// Everything at a moment; all columns are over `places`.
struct Snapshot {
  std::shared_ptr<const Places> places = std::make_shared<Places>();
  std::string directory_id;  // empty: the directory was never seen
  absl::Time directory_time = absl::InfinitePast();
  std::map<int, village::v1::YearState> years;
  // By year, where divisions or villages have changed since its last day: what they were then.
  std::map<int, std::shared_ptr<const Places>> past_places;
  std::array<ServiceFigures, kServiceCount> services;

  // nullptr unless the service was seen and counts the year.
  const YearFigures* Figures(int service, int year) const;
  // nullptr when there is nothing to compute from.
  const Column* ColumnOf(const MeasureInfo& measure, int year) const;
  // Nodes, counted in each service, whose place the directory does not have.
  int64_t UnplacedNodeCount(int year) const;
};

// Thread-safe. Answers are applied one at a time; those of one service must come in the order in which it was asked.
class Cube {
 public:
  explicit Cube(const Catalog* catalog);

  std::shared_ptr<const Snapshot> snapshot() const;

  // The same as it is to be read for a year: over the places of its last day, with the figures of the year and the one before.
  std::shared_ptr<const Snapshot> SnapshotOf(int year) const;

  // What is held, to be asked for what changed.
  village::v1::SyncDirectoryRequest DirectoryRequest() const;
  measure::v1::SyncMeasuresRequest MeasuresRequest(int service, absl::Span<const int> years) const;
  // Whether some version of the service's year is held.
  bool Holds(int service, int year) const;

  // Takes an answer in. FAILED_PRECONDITION when the service divides its shards otherwise.
  absl::Status ApplyDirectory(const village::v1::SyncDirectoryResponse& response);
  absl::Status ApplyMeasures(int service, const measure::v1::SyncMeasuresResponse& response);

 private:
  void Publish(std::shared_ptr<const Snapshot> snapshot);

  const Catalog* const catalog_;
  absl::Mutex apply_mutex_;  // one writer
  // The directory as received, by shard.
  std::vector<std::vector<village::v1::DirectoryEntry>> entries_ ABSL_GUARDED_BY(apply_mutex_);
  mutable absl::Mutex mutex_;
  std::vector<int64_t> directory_versions_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Snapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  // What SnapshotOf has made of `past_of_`, by year.
  mutable absl::Mutex past_mutex_;
  mutable std::shared_ptr<const Snapshot> past_of_ ABSL_GUARDED_BY(past_mutex_);
  mutable std::map<int, std::shared_ptr<const Snapshot>> past_ ABSL_GUARDED_BY(past_mutex_);
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_CUBE_H_
