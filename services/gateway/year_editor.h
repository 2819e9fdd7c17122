// Makes the next version of a service's figures of a year.

#ifndef JIEDUI_SERVICES_GATEWAY_YEAR_EDITOR_H_
#define JIEDUI_SERVICES_GATEWAY_YEAR_EDITOR_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "services/gateway/column.h"
#include "services/gateway/cube.h"
#include "services/gateway/places.h"

namespace jiedui::gateway {

class YearEditor {
 public:
  // `places` must outlive the editor; the columns of `base` are over them.
  YearEditor(const Places& places, const YearFigures& base);

  // Gives the year a column for each slot that is `kept`, and none for the others.
  void KeepSlots(const std::vector<bool>& kept);

  // Replaces the contents of a shard. `slots`: the slot of each measure index of the cells, -1 for a measure that is not kept.
  // The shard is well formed.
  void Replace(const measure::v1::MeasureShard& shard, absl::Span<const int> slots);

  std::shared_ptr<const YearFigures> Finish() &&;

 private:
  const Places& places_;
  std::shared_ptr<YearFigures> figures_;
  std::vector<std::unique_ptr<ColumnEditor>> columns_;  // by slot; null where there is no column
  std::vector<int64_t> scratch_;                        // slot by slot, by position in the shard
  std::vector<int> positions_;                          // by node of the shard, -1 when it has no place
};

// From one order of places to the next. Both must outlive it.
struct Move {
  Move(const Places& from, const Places& to);

  const Places& from;
  const Places& to;
  std::vector<int> new_indexes;  // in `to`, of each place of `from`; -1 for those that are gone
  bool same_order = false;       // every index stays what it was
};

// Figures that are over `move.from`, over `move.to`.
std::shared_ptr<const YearFigures> Rearrange(const YearFigures& before, const Move& move);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_YEAR_EDITOR_H_
