// What a target counts in whole chunks, kept as long as no number in them changes: a report on many villages costs what has
// changed since the last one, and a look at each chunk.

#ifndef JIEDUI_SERVICES_GATEWAY_CHUNK_TALLIES_H_
#define JIEDUI_SERVICES_GATEWAY_CHUNK_TALLIES_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "services/gateway/column.h"

namespace jiedui::gateway {

using Int128 = __int128;

// Counts of a range. Counts of parts of a range add up to those of the whole.
struct Tally {
  int64_t population = 0;
  int64_t unreported = 0;  // of the population; GROWTH: those without both years
  int64_t passed = 0;      // reported and pass; 0 without pass_filter
  // RATIO, TOTAL: sums over every place of the range, also over divisions, where work for several villages stands, and over
  // villages that have left the programme: what was done or found there stays in the figure. Only the population is of members.
  // GROWTH: the year's and the year before's values, weighted, over those
  // of the population that have both.
  Int128 numerator = 0;
  Int128 denominator = 0;

  void Add(const Tally& part);
};

// Thread-safe. Belongs to one target.
class ChunkTallies {
 public:
  // Adds the tallies of the chunks [first, last) of `columns` (in the order of the target) to `tally`; `count` makes the
  // one of a chunk that is not known or has changed.
  void Add(const std::vector<const Column*>& columns, int first, int last, absl::FunctionRef<Tally(int chunk)> count,
           Tally& tally);

 private:
  // The chunks are held, so that no other chunk can come to lie at their address.
  using Inputs = std::vector<std::shared_ptr<const Column::Chunk>>;
  struct Entry {
    bool known = false;
    Inputs inputs;
    Tally tally;
  };

  static bool Fits(const Entry& entry, const std::vector<const Column*>& columns, int chunk);

  absl::Mutex mutex_;
  std::vector<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // by chunk
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_CHUNK_TALLIES_H_
