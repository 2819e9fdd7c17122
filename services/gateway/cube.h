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
#include "absl/status/statusor.h"
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
  std::vector<int64_t> versions;  // by shard; 0 for one that has not come yet
  int64_t version_sum = 0;
  // By slot of the catalog; null when the service does not keep the measure.
  std::vector<std::shared_ptr<const Column>> columns;
  // Of shards in which some node is not in the directory: those nodes, as received but with slots for measures.
  std::map<int, std::shared_ptr<const measure::v1::MeasureShard>> unplaced;
  int64_t unplaced_node_count = 0;
};

struct ServiceFigures {
  std::string database_id;  // empty: never seen
  std::string definitions;  // by which they are counted
  std::map<int, std::shared_ptr<const YearFigures>> years;

  bool operator==(const ServiceFigures& other) const = default;
};

// When what is held of a year was read from the services' databases; InfinitePast where nothing is.
struct AsOfTimes {
  std::array<absl::Time, kServiceCount> services;
  absl::Time directory = absl::InfinitePast();

  AsOfTimes() { services.fill(absl::InfinitePast()); }
};

// Everything at a moment; all columns are over `places`. Another one only when something has changed.
struct Snapshot {
  std::shared_ptr<const Places> places = std::make_shared<Places>();
  std::string directory_id;  // empty: the directory was never seen
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

// What is to be done after an answer was taken in.
enum class Next {
  kNothing,     // all that was asked for is held
  kAskForMore,  // ask again, with versions: nothing of this answer is shown before the rest is there
};

// Thread-safe. Answers are applied one at a time; those of one service must come in the order in which it was asked.
class Cube {
 public:
  explicit Cube(std::shared_ptr<const Catalog> catalog);

  std::shared_ptr<const Snapshot> snapshot() const;
  // Of the figures of a year and of the one before, where both are held. Read before a snapshot, they are not later than it.
  AsOfTimes times(int year) const;

  // The same as it is to be read for a year: over the places of its last day, with the figures of the year and the one before.
  std::shared_ptr<const Snapshot> SnapshotOf(int year) const;

  // What is held, to be asked for what changed. Without versions, where their sum may do, an answer may say that they are wanted.
  village::v1::SyncDirectoryRequest DirectoryRequest(bool with_versions) const;
  measure::v1::SyncMeasuresRequest MeasuresRequest(int service, absl::Span<const int> years, bool with_versions) const;
  // Whether the directory held is the one that there was when the answer was made.
  bool HoldsDirectoryOf(const measure::v1::SyncMeasuresResponse& response) const;

  // Takes an answer in. FAILED_PRECONDITION when the service divides its shards otherwise, INTERNAL for an answer that makes no sense.
  absl::StatusOr<Next> ApplyDirectory(const village::v1::SyncDirectoryResponse& response);
  absl::StatusOr<Next> ApplyMeasures(int service, const measure::v1::SyncMeasuresResponse& response);

 private:
  // Where the cells of a service's answers go.
  struct Slots {
    std::vector<int> of_measures;  // by measure index; -1 for a measure that the catalog does not have
    std::vector<bool> listed;      // by slot
  };
  // What has come of a service beyond what is shown.
  struct Received {
    std::string database_id;
    std::string definitions;
    std::shared_ptr<const Slots> slots;
    // Years of which not everything has come yet.
    std::map<int, std::shared_ptr<const YearFigures>> parts;
  };
  struct Past;

  std::shared_ptr<const Slots> SlotsOf(int service, const measure::v1::SyncMeasuresResponse& response) const;
  // What a service says of a year, after what it said before; null when neither says anything.
  static std::shared_ptr<const YearFigures> Edit(const Places& places, std::shared_ptr<const YearFigures> held,
                                                 const Slots& slots, const measure::v1::MeasureYear& year);
  // Shows what has come, now that it is whole.
  void ShowMeasures(int service, const measure::v1::SyncMeasuresResponse& response, Received received)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mutex_);
  void ShowDirectory(const village::v1::SyncDirectoryResponse& response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mutex_);
  void BuildPlaces(Snapshot& snapshot) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(apply_mutex_);
  // `before` itself when it was made from the same.
  std::shared_ptr<const Past> MakePast(const Snapshot& current, int year, std::shared_ptr<const Places> places,
                                       std::shared_ptr<const Past> before) const;

  const std::shared_ptr<const Catalog> catalog_;
  absl::Mutex apply_mutex_;  // one writer
  // The directory as received, by shard.
  std::vector<std::vector<village::v1::DirectoryEntry>> entries_ ABSL_GUARDED_BY(apply_mutex_);
  bool entries_changed_ ABSL_GUARDED_BY(apply_mutex_) = false;  // since they were shown
  mutable absl::Mutex mutex_;
  std::string directory_id_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> directory_versions_ ABSL_GUARDED_BY(mutex_);
  int64_t directory_sum_ ABSL_GUARDED_BY(mutex_) = 0;  // of what is shown
  std::array<Received, kServiceCount> received_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Snapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  std::array<std::map<int, absl::Time>, kServiceCount> times_ ABSL_GUARDED_BY(mutex_);  // of years, when they were read
  absl::Time directory_time_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // What SnapshotOf has made, by year.
  mutable absl::Mutex past_mutex_;
  mutable std::map<int, std::shared_ptr<const Past>> past_ ABSL_GUARDED_BY(past_mutex_);
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_CUBE_H_
