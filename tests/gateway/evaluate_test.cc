#include "services/gateway/evaluate.h"

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/gateway/definition.h"
#include "tests/support/status_matchers.h"

namespace jiedui::gateway {
namespace {

const absl::CivilDay kMidYear(2018, 7, 2);  // half of the days from 1 January to 31 December are gone
const absl::CivilDay kDeadline(2018, 12, 31);
const absl::CivilDay kAfter(2019, 1, 1);

class EvaluateTest : public ::testing::Test {
 protected:
  EvaluateTest() : catalog_(*Catalog::Create()) {}

  using Compiled = std::shared_ptr<const CompiledTarget>;

  static v1::Target MakeTarget(v1::TargetKind kind, int64_t goal_micros, v1::Comparator comparator) {
    v1::Target target;
    target.set_name("targets/2018-test");
    target.set_year(2018);
    target.set_kind(kind);
    target.set_comparator(comparator);
    target.set_goal_micros(goal_micros);
    target.set_deadline("2018-12-31");
    target.set_population_measure("programme_villages");
    if (kind == v1::TARGET_KIND_SHARE || kind == v1::TARGET_KIND_TOTAL) target.set_pass_filter("safe_recognitions > 0");
    if (kind == v1::TARGET_KIND_RATIO || kind == v1::TARGET_KIND_GROWTH) {
      target.set_numerator_measure("projects_started");
      target.set_denominator_measure("projects_approved");
    }
    return target;
  }
  Compiled Compile(const v1::Target& target) {
    Violations violations;
    Compiled compiled = CompileTarget(target, *catalog_, violations);
    EXPECT_TRUE(violations.empty()) << violations.ToStatus();
    return compiled;
  }
  Compiled Make(v1::TargetKind kind, int64_t goal_micros, v1::Comparator comparator = v1::COMPARATOR_AT_LEAST) {
    return Compile(MakeTarget(kind, goal_micros, comparator));
  }
  static v1::ScorecardRow Row(const Compiled& target, const Tally& tally, absl::CivilDay today = kAfter,
                              bool whole = true) {
    v1::ScorecardRow row = EmptyRow(*target, whole);
    FillRow(*target, tally, today, row);
    return row;
  }
  static Tally Members(int64_t population, int64_t unreported, int64_t passed) {
    return {population, unreported, passed, 0, 0};
  }

  std::unique_ptr<Catalog> catalog_;
};

TEST_F(EvaluateTest, AShareIsOfTheWholePopulation) {
  const v1::ScorecardRow row = Row(Make(v1::TARGET_KIND_SHARE, 600'000), Members(10, 2, 5));
  EXPECT_EQ(row.value_micros(), 500'000);
  EXPECT_EQ(row.numerator(), 5);
  EXPECT_EQ(row.denominator(), 10);
  EXPECT_EQ(row.unreported_count(), 2);
  EXPECT_EQ(row.lower_micros(), 500'000);
  EXPECT_EQ(row.upper_micros(), 700'000);
  EXPECT_EQ(row.gap_micros(), 100'000);
  EXPECT_EQ(row.needed_count(), 1);
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_AT_RISK) << "the two unreported may still meet it";
}

TEST_F(EvaluateTest, AValueIsRoundedTowardsTheSideThatDoesNotMeet) {
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_SHARE, 666'667), Members(3, 0, 2)).value_micros(), 666'666);
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_SHARE, 666'667), Members(3, 0, 2)).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_SHARE, 666'666), Members(3, 0, 2)).status(), v1::TARGET_STATUS_MET);
  const Compiled at_most = Make(v1::TARGET_KIND_SHARE, 666'666, v1::COMPARATOR_AT_MOST);
  EXPECT_EQ(Row(at_most, Members(3, 0, 2)).value_micros(), 666'667);
  EXPECT_EQ(Row(at_most, Members(3, 0, 2)).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(at_most, Members(3, 0, 2)).needed_count(), 1);
}

TEST_F(EvaluateTest, AGoalIsMetExactlyAtTheGoal) {
  const Compiled target = Make(v1::TARGET_KIND_SHARE, 700'000);
  EXPECT_EQ(Row(target, Members(1000, 0, 699)).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, Members(1000, 0, 700)).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(target, Members(1000, 0, 700)).gap_micros(), 0);
  EXPECT_EQ(Row(target, Members(1000, 0, 700)).needed_count(), 0);
  EXPECT_EQ(Row(target, Members(1041, 0, 0)).needed_count(), 729) << "728.7 rounded up";
}

TEST_F(EvaluateTest, NothingReportedIsNoData) {
  for (const v1::TargetKind kind :
       {v1::TARGET_KIND_SHARE, v1::TARGET_KIND_TOTAL, v1::TARGET_KIND_RATIO, v1::TARGET_KIND_GROWTH}) {
    for (const int64_t population : {0, 7}) {
      const v1::ScorecardRow row = Row(Make(kind, 500'000), Members(population, population, 0));
      EXPECT_EQ(row.status(), v1::TARGET_STATUS_NO_DATA);
      EXPECT_FALSE(row.has_value_micros());
      EXPECT_FALSE(row.has_numerator());
      EXPECT_FALSE(row.has_denominator());
      EXPECT_FALSE(row.has_lower_micros());
      EXPECT_FALSE(row.has_upper_micros());
      EXPECT_FALSE(row.has_gap_micros());
      EXPECT_FALSE(row.has_needed_count());
      EXPECT_EQ(row.unreported_count(), population);
      EXPECT_TRUE(row.has_goal_micros());
    }
  }
}

TEST_F(EvaluateTest, AnUnreportedVillageStandsForOneObjectOfARatio) {
  const v1::ScorecardRow row = Row(Make(v1::TARGET_KIND_RATIO, 700'000), {5, 2, 0, 6, 8});
  EXPECT_EQ(row.value_micros(), 750'000);
  EXPECT_EQ(row.lower_micros(), 600'000);
  EXPECT_EQ(row.upper_micros(), 800'000);
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_AT_RISK) << "met only if the unreported turn out well";
  EXPECT_EQ(row.gap_micros(), 0);
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_RATIO, 600'000), {5, 2, 0, 6, 8}).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_RATIO, 1'000'000), {5, 0, 0, 6, 8}).needed_count(), 2);
}

TEST_F(EvaluateTest, ATotalHasItsGoalOnlyForTheWhole) {
  const Compiled target = Make(v1::TARGET_KIND_TOTAL, 250'000'000);
  const v1::ScorecardRow city = Row(target, Members(1041, 41, 240));
  EXPECT_EQ(city.value_micros(), 240'000'000);
  EXPECT_EQ(city.upper_micros(), 281'000'000);
  EXPECT_EQ(city.needed_count(), 10);
  EXPECT_EQ(city.gap_micros(), 10'000'000);
  EXPECT_FALSE(city.has_denominator());
  EXPECT_EQ(city.status(), v1::TARGET_STATUS_AT_RISK);
  const v1::ScorecardRow district = Row(target, Members(100, 4, 24), kAfter, false);
  EXPECT_EQ(district.status(), v1::TARGET_STATUS_NO_GOAL);
  EXPECT_EQ(district.value_micros(), 24'000'000);
  EXPECT_FALSE(district.has_goal_micros());
  EXPECT_FALSE(district.has_gap_micros());
  EXPECT_FALSE(district.has_needed_count());
}

TEST_F(EvaluateTest, ASumIsScaledAndItsUpperBoundIsUnknownWhileSomeAreUnreported) {
  v1::Target total = MakeTarget(v1::TARGET_KIND_TOTAL, 479'510'000, v1::COMPARATOR_AT_LEAST);
  total.clear_pass_filter();
  total.set_numerator_measure("operating_income");
  total.set_unit_scale(1000);
  const Compiled target = Compile(total);
  const v1::ScorecardRow row = Row(target, {5, 0, 0, 479'509, 0});
  EXPECT_EQ(row.value_micros(), 479'509'000);
  EXPECT_EQ(row.numerator(), 479'509);
  EXPECT_EQ(row.needed_count(), 1);
  EXPECT_EQ(row.upper_micros(), row.value_micros());
  EXPECT_FALSE(Row(target, {5, 1, 0, 479'509, 0}).has_upper_micros());
}

TEST_F(EvaluateTest, GrowthIsOverTheYearBefore) {
  const Compiled target = Make(v1::TARGET_KIND_GROWTH, 100'000);
  const v1::ScorecardRow row = Row(target, {10, 0, 0, 1'120, 1'000});
  EXPECT_EQ(row.value_micros(), 120'000);
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_MET);
  EXPECT_FALSE(row.has_needed_count());
  const v1::ScorecardRow some = Row(target, {10, 5, 0, 1'120, 1'000});
  EXPECT_EQ(some.lower_micros(), 60'000) << "five of ten without growth";
  EXPECT_EQ(some.upper_micros(), 120'000);
  EXPECT_EQ(some.status(), v1::TARGET_STATUS_AT_RISK);
  const v1::ScorecardRow loss = Row(target, {10, 5, 0, 900, 1'000});
  EXPECT_EQ(loss.value_micros(), -100'000);
  EXPECT_EQ(loss.lower_micros(), -100'000);
  EXPECT_EQ(loss.upper_micros(), 0) << "five of ten as the goal asks";
  EXPECT_EQ(loss.status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, {3, 0, 0, 1'000'001, 3'000'000}).value_micros(), -666'667) << "rounded down below zero too";
}

TEST_F(EvaluateTest, GrowthFromNothingHasNoValueAndAStatus) {
  const Compiled at_least = Make(v1::TARGET_KIND_GROWTH, 100'000);
  const Compiled at_most = Make(v1::TARGET_KIND_GROWTH, 0, v1::COMPARATOR_AT_MOST);
  const v1::ScorecardRow row = Row(at_least, {10, 0, 0, 5, 0});
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(row.numerator(), 5);
  EXPECT_TRUE(row.has_denominator());
  EXPECT_EQ(row.denominator(), 0);
  EXPECT_FALSE(row.has_value_micros() || row.has_lower_micros() || row.has_upper_micros() || row.has_gap_micros());
  EXPECT_EQ(Row(at_most, {10, 0, 0, 5, 0}).status(), v1::TARGET_STATUS_BEHIND);
  for (const Compiled& target : {at_least, at_most}) {
    EXPECT_EQ(Row(target, {10, 4, 0, 5, 0}).status(), v1::TARGET_STATUS_AT_RISK) << "the unreported decide";
  }
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_GROWTH, 0, v1::COMPARATOR_TRACKED), {10, 0, 0, 5, 0}).status(),
            v1::TARGET_STATUS_TRACKED);

  // From nothing to nothing nothing has grown.
  const v1::ScorecardRow nothing = Row(at_most, {10, 0, 0, 0, 0});
  EXPECT_TRUE(nothing.has_value_micros());
  EXPECT_EQ(nothing.value_micros(), 0);
  EXPECT_EQ(nothing.status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(at_least, {10, 0, 0, 0, 0}).status(), v1::TARGET_STATUS_BEHIND);
  const v1::ScorecardRow some = Row(at_least, {10, 5, 0, 0, 0});
  EXPECT_EQ(some.lower_micros(), 0);
  EXPECT_EQ(some.upper_micros(), 50'000) << "five of ten as the goal asks";
}

TEST_F(EvaluateTest, BeforeTheDeadlineTheDaysGoneByCount) {
  const Compiled target = Make(v1::TARGET_KIND_SHARE, 800'000);
  EXPECT_EQ(Row(target, Members(1000, 0, 0), absl::CivilDay(2018, 1, 1)).status(), v1::TARGET_STATUS_ON_TRACK);
  EXPECT_EQ(Row(target, Members(1000, 0, 400), kMidYear).status(), v1::TARGET_STATUS_ON_TRACK);
  EXPECT_EQ(Row(target, Members(1000, 0, 399), kMidYear).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, Members(1000, 0, 200), kMidYear).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, Members(1000, 0, 199), kMidYear).status(), v1::TARGET_STATUS_AT_RISK);
  EXPECT_EQ(Row(target, Members(1000, 500, 399), kMidYear).status(), v1::TARGET_STATUS_AT_RISK);
  EXPECT_EQ(Row(target, Members(1000, 0, 799), kDeadline).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, Members(1000, 0, 100), kAfter).status(), v1::TARGET_STATUS_BEHIND) << "the deadline has passed";
  EXPECT_EQ(Row(target, Members(1000, 0, 800), kMidYear).status(), v1::TARGET_STATUS_MET);
}

TEST_F(EvaluateTest, WhatIsAskedForByQuarterIsNotPacedAndNothingIsShortBeforeTheFirstEnds) {
  v1::Target share = MakeTarget(v1::TARGET_KIND_SHARE, 800'000, v1::COMPARATOR_AT_LEAST);
  share.clear_pass_filter();
  for (int quarter = 1; quarter <= 4; ++quarter) share.add_quarter_filters(absl::StrCat("cleanups_q", quarter, " > 0"));
  const Compiled target = Compile(share);
  const absl::CivilDay in_first(2018, 3, 31);
  const absl::CivilDay in_second(2018, 4, 1);
  // Before the first quarter has ended only those without any record do not pass.
  EXPECT_EQ(Row(target, Members(1000, 990, 10), in_first).status(), v1::TARGET_STATUS_ON_TRACK);
  EXPECT_EQ(Row(target, Members(1000, 0, 1000), in_first).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(target, Members(1000, 1000, 0), in_first).status(), v1::TARGET_STATUS_NO_DATA);
  // What an ended quarter lacks no later day brings.
  EXPECT_EQ(Row(target, Members(1000, 0, 800), in_second).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(target, Members(1000, 0, 799), in_second).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, Members(1000, 0, 10), in_second).status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(Row(target, Members(1000, 1, 799), in_second).status(), v1::TARGET_STATUS_AT_RISK);
  EXPECT_EQ(Row(target, Members(1000, 0, 799), kDeadline).status(), v1::TARGET_STATUS_BEHIND);
  // What a pass_filter asks for besides can be short from the first day.
  share.set_pass_filter("safe_recognitions > 0");
  EXPECT_EQ(Row(Compile(share), Members(1000, 0, 799), in_first).status(), v1::TARGET_STATUS_BEHIND);
}

TEST_F(EvaluateTest, AnUpperLimitIsNotPaced) {
  const Compiled target = Make(v1::TARGET_KIND_GROWTH, 0, v1::COMPARATOR_AT_MOST);
  EXPECT_EQ(Row(target, {10, 0, 0, 990, 1'000}, kMidYear).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(target, {10, 0, 0, 1'000, 1'000}, kMidYear).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(target, {10, 0, 0, 1'001, 1'000}, kMidYear).status(), v1::TARGET_STATUS_BEHIND);
}

TEST_F(EvaluateTest, WhatIsTrackedHasNoGoalAndItsBoundsStay) {
  const v1::ScorecardRow row = Row(Make(v1::TARGET_KIND_SHARE, 0, v1::COMPARATOR_TRACKED), Members(10, 2, 5));
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_TRACKED);
  EXPECT_EQ(row.value_micros(), 500'000);
  EXPECT_EQ(row.upper_micros(), 700'000);
  EXPECT_FALSE(row.has_goal_micros() || row.has_gap_micros() || row.has_needed_count());
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_SHARE, 0, v1::COMPARATOR_TRACKED), Members(2, 2, 0)).status(),
            v1::TARGET_STATUS_NO_DATA);
}

TEST_F(EvaluateTest, LargeNumbersDoNotOverflow) {
  const int64_t large = 2'000'000'000'000'000'000;
  const v1::ScorecardRow row = Row(Make(v1::TARGET_KIND_RATIO, 1'000'000), {600'000, 1, 0, large - 1, large});
  EXPECT_EQ(row.value_micros(), 999'999);
  const Int128 huge = static_cast<Int128>(large) * 100;
  EXPECT_EQ(Row(Make(v1::TARGET_KIND_GROWTH, 100'000), {600'000, 1000, 0, huge + huge / 10, huge}).value_micros(),
            100'000);
}

TEST_F(EvaluateTest, ATargetMustHaveThePartsOfItsKindAndKnownMeasures) {
  v1::Target target = MakeTarget(v1::TARGET_KIND_SHARE, 1, v1::COMPARATOR_AT_LEAST);
  target.set_pass_filter("no_such_measure > 0 AND party_members >");
  target.set_population_measure("nobody");
  target.set_numerator_measure("projects_started");
  target.set_deadline("2017-12-31");
  Violations violations;
  EXPECT_EQ(CompileTarget(target, *catalog_, violations), nullptr);
  std::map<std::string, int> fields;
  for (const auto& violation : violations.items()) ++fields[violation.field()];
  EXPECT_EQ(fields["numerator_measure"], 1);
  EXPECT_EQ(fields["population_measure"], 1);
  EXPECT_EQ(fields["deadline"], 1);
  EXPECT_GE(fields["pass_filter"], 1);
}

TEST_F(EvaluateTest, AnUnreportedVillageHasAnAverageAmountOfARatioOfAmounts) {
  v1::Target target = MakeTarget(v1::TARGET_KIND_RATIO, 600'000, v1::COMPARATOR_AT_LEAST);
  target.set_numerator_measure("film_recovered");
  target.set_denominator_measure("film_used");
  // Three of four reported 900 kg used and 600 recovered; the fourth had 300 kg, of which nothing or everything.
  const v1::ScorecardRow row = Row(Compile(target), {4, 1, 0, 600, 900});
  EXPECT_EQ(row.value_micros(), 666'666);
  EXPECT_EQ(row.lower_micros(), 500'000);
  EXPECT_EQ(row.upper_micros(), 750'000);
  EXPECT_EQ(row.status(), v1::TARGET_STATUS_AT_RISK);
}

TEST_F(EvaluateTest, MetresAreExact) {
  v1::Target target = MakeTarget(v1::TARGET_KIND_TOTAL, 479'510'000, v1::COMPARATOR_AT_LEAST);
  target.clear_pass_filter();
  target.set_numerator_measure("lines_10kv_completed");
  target.set_unit_scale(1000);
  const Compiled compiled = Compile(target);
  EXPECT_EQ(Row(compiled, {1, 0, 0, 479'510, 0}).status(), v1::TARGET_STATUS_MET);
  EXPECT_EQ(Row(compiled, {1, 0, 0, 479'510, 0}).value_micros(), 479'510'000);
  const v1::ScorecardRow short_by_a_metre = Row(compiled, {1, 0, 0, 479'509, 0});
  EXPECT_EQ(short_by_a_metre.status(), v1::TARGET_STATUS_BEHIND);
  EXPECT_EQ(short_by_a_metre.gap_micros(), 1'000);
}

TEST_F(EvaluateTest, AQuarterHasEndedTheDayAfterItsLast) {
  v1::Target target = MakeTarget(v1::TARGET_KIND_SHARE, 1'000'000, v1::COMPARATOR_AT_LEAST);
  EXPECT_EQ(EndedQuarters(*Compile(target), kAfter), 0) << "the target asks for nothing by quarter";
  for (int quarter = 1; quarter <= 4; ++quarter)
    target.add_quarter_filters(absl::StrCat("cleanups_q", quarter, " > 0"));
  const Compiled compiled = Compile(target);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2017, 12, 31)), 0);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2018, 3, 31)), 0);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2018, 4, 1)), 1);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2018, 6, 30)), 1);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2018, 7, 1)), 2);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2018, 12, 31)), 3);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2019, 1, 1)), 4);
  EXPECT_EQ(EndedQuarters(*compiled, absl::CivilDay(2026, 5, 1)), 4);
}

TEST_F(EvaluateTest, QuarterFiltersAreFourAndOfVillages) {
  v1::Target share = MakeTarget(v1::TARGET_KIND_SHARE, 1'000'000, v1::COMPARATOR_AT_LEAST);
  share.clear_pass_filter();
  share.add_quarter_filters("cleanups_q1 > 0");
  share.add_quarter_filters("no_such_measure > 0");
  Violations violations;
  EXPECT_EQ(CompileTarget(share, *catalog_, violations), nullptr);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations.items()[0].field(), "quarter_filters");
  EXPECT_EQ(violations.items()[1].field(), "quarter_filters[1]");

  v1::Target ratio = MakeTarget(v1::TARGET_KIND_RATIO, 1'000'000, v1::COMPARATOR_AT_LEAST);
  for (int quarter = 1; quarter <= 4; ++quarter) ratio.add_quarter_filters("cleanups_q1 > 0");
  Violations of_ratio;
  EXPECT_EQ(CompileTarget(ratio, *catalog_, of_ratio), nullptr);
  ASSERT_EQ(of_ratio.size(), 1u);
  EXPECT_EQ(of_ratio.items()[0].field(), "quarter_filters");
}

TEST_F(EvaluateTest, EveryReleasedTargetCompilesAndKnowsItsSources) {
  auto targets = ReleasedTargets();
  ASSERT_OK(targets);
  ASSERT_GE(targets->size(), 11u);
  for (const v1::Target& target : *targets) {
    Violations violations;
    const auto compiled = CompileTarget(target, *catalog_, violations);
    ASSERT_NE(compiled, nullptr) << target.name() << violations.ToStatus();
    EXPECT_EQ(compiled->services.front(), kVillage);
    bool owner = false;
    for (const int service : compiled->services) owner = owner || ServiceName(service) == target.owner_service();
    EXPECT_TRUE(owner) << target.name();
    EXPECT_TRUE(compiled->reported.form == Predicate::Form::kAll ||
                target.reported_filter().find(" OR ") != std::string::npos);
  }
}

}  // namespace
}  // namespace jiedui::gateway
