#include "services/gateway/target.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace jiedui::gateway {
namespace {

using filter::Filter;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// Remembers which measures a filter reads.
class RecordingSchema final : public filter::Schema {
 public:
  explicit RecordingSchema(const Catalog& catalog) : catalog_(catalog) {}
  const filter::Field* Find(absl::string_view name) const override {
    const filter::Field* field = catalog_.Find(name);
    if (field != nullptr) found_.insert(field->index);
    return field;
  }
  std::vector<std::string> Names() const override { return catalog_.Names(); }
  std::vector<int> found() const { return {found_.begin(), found_.end()}; }

 private:
  const Catalog& catalog_;
  mutable std::set<int> found_;
};

Condition ToCondition(const Filter::NumberComparison& comparison) {
  using Op = Filter::NumberComparison::Op;
  const int64_t value = comparison.value;
  switch (comparison.op) {
    case Op::kEq:
      return {comparison.index, value, value, false};
    case Op::kNe:
      return {comparison.index, value, value, true};
    case Op::kLt:
      return {comparison.index, value, kMax, true};
    case Op::kLe:
      return {comparison.index, kMin, value, false};
    case Op::kGt:
      return {comparison.index, kMin, value, true};
    case Op::kGe:
      return {comparison.index, value, kMax, false};
  }
  return {};
}

Predicate CompilePredicate(const std::string& text, const char* field, const Catalog& catalog, Violations& violations) {
  Predicate predicate;
  const RecordingSchema schema(catalog);
  absl::StatusOr<Filter> parsed = Filter::Parse(text, schema);
  if (!parsed.ok()) {
    for (const error::v1::Violation& each : ViolationsOf(parsed.status())) {
      violations.Add(field, each.reason(), {each.message(), each.message_zh()});
    }
    return predicate;
  }
  predicate.filter = *std::move(parsed);
  predicate.measures = schema.found();
  std::vector<Filter::NumberComparison> comparisons = predicate.filter.AsConjunction();
  if (comparisons.empty() && !predicate.filter.empty()) {
    comparisons = predicate.filter.AsDisjunction();
    predicate.form = comparisons.empty() ? Predicate::Form::kOther : Predicate::Form::kAny;
  }
  for (const Filter::NumberComparison& comparison : comparisons)
    predicate.conditions.push_back(ToCondition(comparison));
  return predicate;
}

int FindMeasure(const std::string& id, const char* field, const Catalog& catalog, Violations& violations) {
  if (id.empty()) return -1;
  const int index = catalog.IndexOf(id);
  if (index < 0)
    violations.Add(field, error::v1::REASON_DANGLING_REFERENCE, {"is no measure of any service", "无此指标"});
  return index;
}

void Require(bool wanted, const std::string& value, const char* field, Violations& violations) {
  if (wanted && value.empty()) {
    violations.Add(field, error::v1::REASON_REQUIRED, {"must be set for this kind", "该类型必填"});
  }
  if (!wanted && !value.empty()) {
    violations.Add(field, error::v1::REASON_RULE, {"has no meaning for this kind", "该类型不填"});
  }
}

bool CountsMembers(const v1::Target& target) {
  return !target.pass_filter().empty() || !target.quarter_filters().empty();
}

// Whether the target has the parts of its kind, and no others.
void CheckParts(const v1::Target& target, Violations& violations) {
  if (!target.quarter_filters().empty() && target.quarter_filters_size() != kQuarters) {
    violations.Add("quarter_filters", error::v1::REASON_LENGTH, {"must be four, or none", "须填四个季度，或都不填"});
  }
  switch (target.kind()) {
    case v1::TARGET_KIND_SHARE:
      if (target.quarter_filters().empty()) Require(true, target.pass_filter(), "pass_filter", violations);
      Require(false, target.numerator_measure(), "numerator_measure", violations);
      Require(false, target.denominator_measure(), "denominator_measure", violations);
      break;
    case v1::TARGET_KIND_TOTAL:
      if (CountsMembers(target) != target.numerator_measure().empty()) {
        violations.Add(
            "numerator_measure", error::v1::REASON_RULE,
            {"a total counts the villages that pass pass_filter, or adds up numerator_measure: set one of them",
             "总量目标须在达标条件与分子指标中填且仅填一项"});
      }
      Require(false, target.denominator_measure(), "denominator_measure", violations);
      break;
    case v1::TARGET_KIND_RATIO:
    case v1::TARGET_KIND_GROWTH:
      Require(false, target.pass_filter(), "pass_filter", violations);
      if (!target.quarter_filters().empty()) {
        violations.Add("quarter_filters", error::v1::REASON_RULE, {"have no meaning for this kind", "该类型不填"});
      }
      Require(true, target.numerator_measure(), "numerator_measure", violations);
      Require(true, target.denominator_measure(), "denominator_measure", violations);
      break;
    default:
      break;  // refused as not set
  }
}

std::vector<int> ServicesOf(const CompiledTarget& compiled, const Catalog& catalog) {
  std::set<int> services = {kVillage};  // the places are its
  for (const int measure : {compiled.population, compiled.numerator, compiled.denominator}) {
    if (measure >= 0) services.insert(catalog.measures()[measure].service);
  }
  std::vector<const Predicate*> predicates = {&compiled.pass, &compiled.reported};
  for (const Predicate& quarter : compiled.quarters) predicates.push_back(&quarter);
  for (const Predicate* predicate : predicates) {
    for (const int measure : predicate->measures) services.insert(catalog.measures()[measure].service);
  }
  return {services.begin(), services.end()};
}

}  // namespace

std::shared_ptr<const CompiledTarget> CompileTarget(const v1::Target& target, const Catalog& catalog,
                                                    Violations& violations) {
  const size_t before = violations.size();
  auto compiled = std::make_shared<CompiledTarget>();
  compiled->target = target;
  CheckParts(target, violations);
  if (target.comparator() == v1::COMPARATOR_TRACKED && target.goal_micros() != 0) {
    violations.Add("goal_micros", error::v1::REASON_RULE, {"what is tracked has no goal", "跟踪指标不设目标值"});
  }
  compiled->population = FindMeasure(target.population_measure(), "population_measure", catalog, violations);
  compiled->numerator = FindMeasure(target.numerator_measure(), "numerator_measure", catalog, violations);
  compiled->denominator = FindMeasure(target.denominator_measure(), "denominator_measure", catalog, violations);
  compiled->pass = CompilePredicate(target.pass_filter(), "pass_filter", catalog, violations);
  compiled->reported = CompilePredicate(target.reported_filter(), "reported_filter", catalog, violations);
  for (int i = 0; i < target.quarter_filters_size(); ++i) {
    compiled->quarters.push_back(
        CompilePredicate(target.quarter_filters(i), absl::StrCat("quarter_filters[", i, "]").c_str(), catalog, violations));
  }
  compiled->counts_members = CountsMembers(target);
  compiled->adds_amounts =
      compiled->denominator >= 0 && catalog.measures()[compiled->denominator].definition.aggregate() == measure::v1::AGGREGATE_SUM;
  compiled->first_day = absl::CivilDay(target.year(), 1, 1);
  const bool is_date = absl::ParseCivilTime(target.deadline(), &compiled->deadline);
  if (is_date && compiled->deadline < compiled->first_day) {
    violations.Add("deadline", error::v1::REASON_RULE,
                   {"must not be before the target's year", "期限不得早于目标年度"});
  }
  if (violations.size() > before || !is_date || compiled->population < 0) return nullptr;
  compiled->services = ServicesOf(*compiled, catalog);
  return compiled;
}

int EndedQuarters(const CompiledTarget& target, absl::CivilDay today) {
  if (target.quarters.empty()) return 0;
  const int64_t months = absl::CivilMonth(today) - absl::CivilMonth(target.target.year(), 1);
  return static_cast<int>(std::clamp<int64_t>(months / 3, 0, kQuarters));
}

}  // namespace jiedui::gateway
