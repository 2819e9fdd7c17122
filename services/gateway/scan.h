// What a target counts in a range of places: one pass over its columns.

#ifndef JIEDUI_SERVICES_GATEWAY_SCAN_H_
#define JIEDUI_SERVICES_GATEWAY_SCAN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "services/gateway/chunk_tallies.h"
#include "services/gateway/column.h"
#include "services/gateway/cube.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {

// Places [begin, end).
struct Range {
  int begin = 0;
  int end = 0;
};

// For each place of a chunk -1 (yes) or 0.
using Mask = std::array<int64_t, Column::kChunkSize>;

class Scan {
 public:
  // As on `today`. Nothing when a column that the target needs is not there. Target, catalog and snapshot must outlive it.
  static std::optional<Scan> Create(const CompiledTarget& target, const Catalog& catalog, const Snapshot& snapshot,
                                    absl::CivilDay today);

  Tally Count(Range range) const;

  // The part of `range` in `chunk`, relative to the chunk.
  static Range InChunk(Range range, int chunk);
  // Of the places `part` of a chunk: who belongs to the population, has reported, and passes. Each implies the one before.
  void Classify(int chunk, Range part, Mask& member, Mask& reported, Mask& passed) const;
  // What a member has to pass.
  const std::vector<const Predicate*>& passes() const { return passes_; }
  // Value of a measure that the target reads, of its year.
  int64_t Value(int measure, int place) const { return (*columns_[measure])[place]; }

 private:
  using Columns = std::vector<const Column*>;  // by measure; null where it is not needed

  Scan(const CompiledTarget& target, size_t measures)
      : target_(&target), columns_(measures), columns_before_(measures) {}
  bool Need(const Catalog& catalog, const Snapshot& snapshot, int measure, int year, Columns& columns);
  void Restrict(const Predicate& predicate, const Columns& columns, int chunk, Range part, Mask& mask) const;
  Tally CountInChunk(int chunk, Range part) const;
  void CountGrowth(int chunk, Range part, const Mask& member, Mask& reported, Tally& tally) const;

  const CompiledTarget* target_;
  std::vector<const Predicate*> passes_;  // pass_filter, and those of the quarters that have ended
  Columns columns_;
  Columns columns_before_;                 // of the year before; GROWTH only
  std::vector<const Column*> inputs_;      // all of them, in the order in which the target needs them
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_SCAN_H_
