// The villages that do not meet a target, nearest to passing first.

#ifndef JIEDUI_SERVICES_GATEWAY_FAILING_H_
#define JIEDUI_SERVICES_GATEWAY_FAILING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/scan.h"

namespace jiedui::gateway {

// Where a village stands in the list: the reported before the unreported, then by distance, code and name.
using FailingKey = std::tuple<bool, int64_t, std::string, std::string>;

struct FailingPage {
  std::vector<v1::FailingVillage> villages;
  std::vector<FailingKey> keys;  // of the villages
  bool has_more = false;
  Tally tally;  // of the whole range
};

// Whether a value of a measure at a place is not to be told.
using IsHidden = std::function<bool(int measure, int place, int64_t value)>;

// At most `size` villages of the range that come after `after` (null: from the first), each with what it lacks condition by
// condition; nothing is said of a filter that is no conjunction, nor of the unreported. The target counts members. A village with a
// hidden value is as far as can be from passing, because its place in the order and its key would tell the value; `is_hidden` may be
// null.
FailingPage ListFailing(const Catalog& catalog, const Scan& scan, const Places& places, Range range,
                        const FailingKey* after, size_t size, const IsHidden& is_hidden);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_FAILING_H_
