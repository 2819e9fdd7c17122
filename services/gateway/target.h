// A target made ready to be computed: measures looked up, filters compiled.

#ifndef JIEDUI_SERVICES_GATEWAY_TARGET_H_
#define JIEDUI_SERVICES_GATEWAY_TARGET_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/filter/filter.h"
#include "common/status/error.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/chunk_tallies.h"

namespace jiedui::gateway {

// A number of a place lies in [low, high]; when `negated`, it does not.
struct Condition {
  int measure = 0;  // position in the catalog
  int64_t low = 0;
  int64_t high = 0;
  bool negated = false;
};

// A filter over the measures of one place.
struct Predicate {
  enum class Form { kAll, kAny, kOther };

  Form form = Form::kAll;
  std::vector<Condition> conditions;  // all, or any, must hold; none for the empty filter
  filter::Filter filter;              // decides when it is of another form
  std::vector<int> measures;          // those that it reads
};

constexpr int kQuarters = 4;

struct CompiledTarget {
  v1::Target target;
  int population = -1;  // positions in the catalog, -1 for none
  int numerator = -1;
  int denominator = -1;
  Predicate pass;
  std::vector<Predicate> quarters;  // what to pass as well once the first, second, … quarter has ended; four or none
  Predicate reported;
  bool counts_members = false;  // SHARE, and TOTAL with a pass_filter or quarter_filters
  bool adds_amounts = false;    // RATIO of amounts, not of counted records
  std::vector<int> services;    // those that its figures come from, ascending
  absl::CivilDay first_day;     // of its year
  absl::CivilDay deadline;
  // What was counted for it before, by the quarters that had ended.
  mutable std::array<ChunkTallies, kQuarters + 1> tallies;
};

// How many quarters of the target's year have ended on `today` and ask for something: 0 to 4.
int EndedQuarters(const CompiledTarget& target, absl::CivilDay today);

// Adds what is wrong with the target, and answers nullptr, when something is: unknown measures, filters that cannot be
// understood, and parts that its kind lacks or has no use for.
std::shared_ptr<const CompiledTarget> CompileTarget(const v1::Target& target, const Catalog& catalog,
                                                    Violations& violations);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_TARGET_H_
