// Random figures: every row at every level is what a plain recomputation says.

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "services/gateway/definition.h"
#include "tests/gateway/scorecard_fixture.h"

namespace jiedui::gateway {
namespace {

// Everything below computes a row again from single values, the plain way.
class PlainScorecard {
 public:
  PlainScorecard(const FakeWorld& world, const std::string& division) : world_(world) {
    for (const auto& [name, entry] : world.places()) {
      if (division.empty() || IsWithin(entry, division)) nodes_.push_back(name);
    }
  }

  // Does nothing for a target that it has no plain form of; false then.
  bool Check(const v1::ScorecardRow& row) {
    const std::string id = IdOf(row);
    if (kChecked.count(id) == 0) return false;
    CheckListed(row, id);
    return true;
  }
  static std::string IdOf(const v1::ScorecardRow& row) {
    return row.target().substr(std::string("targets/2018-").size());
  }

 private:
  void CheckListed(const v1::ScorecardRow& row, const std::string& id) {
    if (id == "projects-started")
      return CheckRatio(row, "projects_started", "projects_approved", &PlainScorecard::HasProjects);
    if (id == "projects-completed")
      return CheckRatio(row, "projects_completed", "projects_approved", &PlainScorecard::HasProjects);
    if (id == "party-pairing")
      return CheckRatio(row, "needy_households_paired", "needy_households", &PlainScorecard::HasNeedy);
    if (id == "farmer-income-growth") return CheckGrowth(row);
    if (CheckInfrastructure(row, id)) return;
    CheckMembers(row, id);
  }

  bool IsWithin(const village::v1::DirectoryEntry& entry, const std::string& division) const {
    if (entry.name() == division) return true;
    const auto parent = world_.places().find(entry.parent());
    return parent != world_.places().end() && IsWithin(parent->second, division);
  }
  int64_t At(const std::string& node, const char* measure, int year = 2018) const {
    return world_.Get(year, node, measure);
  }
  bool HasProjects(const std::string& node) const {
    return At(node, "projects_reported") > 0 || At(node, "project_participations") > 0;
  }
  bool HasNeedy(const std::string& node) const {
    return At(node, "needy_households") > 0 || At(node, "needy_surveys_without") > 0;
  }
  std::vector<std::string> Members() const {
    std::vector<std::string> members;
    std::copy_if(nodes_.begin(), nodes_.end(), std::back_inserter(members),
                 [this](const std::string& node) { return At(node, "programme_villages") > 0; });
    return members;
  }
  static int64_t FloorDiv(__int128 a, __int128 b) { return static_cast<int64_t>(a >= 0 ? a / b : -((-a + b - 1) / b)); }

  void CheckRatio(const v1::ScorecardRow& row, const char* above, const char* below,
                  bool (PlainScorecard::*reported)(const std::string&) const) {
    int64_t numerator = 0, denominator = 0, unreported = 0;
    for (const std::string& node : nodes_) {
      numerator += At(node, above);
      denominator += At(node, below);
    }
    for (const std::string& member : Members()) unreported += (this->*reported)(member) ? 0 : 1;
    EXPECT_EQ(row.unreported_count(), unreported);
    EXPECT_EQ(row.has_value_micros(), denominator > 0);
    if (denominator == 0) return;
    EXPECT_EQ(row.numerator(), numerator);
    EXPECT_EQ(row.denominator(), denominator);
    EXPECT_EQ(row.value_micros(), numerator * 1'000'000 / denominator);
    EXPECT_EQ(row.lower_micros(), numerator * 1'000'000 / (denominator + unreported));
    EXPECT_EQ(row.upper_micros(), (numerator + unreported) * 1'000'000 / (denominator + unreported));
  }

  // Rows 20 to 28 on the world's day, 20 October: three quarters have ended.
  bool CheckInfrastructure(const v1::ScorecardRow& row, const std::string& id) {
    if (id == "toilets-renovated") {
      CheckAmount(row, "toilets_completed", 1, "toilets_reported");
    } else if (id == "lines-110kv" || id == "lines-10kv") {
      CheckAmount(row, id == "lines-110kv" ? "lines_110kv_completed" : "lines_10kv_completed", 1000, nullptr);
    } else if (id == "large-farms-treated") {
      CheckRatio(row, "large_farms_treated", "large_farms", &PlainScorecard::Always);
    } else if (id == "film-recovery") {
      CheckAmounts(row, "film_recovered", "film_used", "film_reported");
    } else if (id == "wheat-straw-use") {
      CheckAmounts(row, "wheat_straw_used", "wheat_straw_produced", "wheat_straw_reported");
    } else if (id == "fertiliser-growth" || id == "pesticide-growth") {
      CheckInputGrowth(row, id == "fertiliser-growth" ? "fertiliser" : "pesticide");
    } else if (id == "quarterly-cleanups") {
      CheckCleanUps(row);
    } else {
      return false;
    }
    return true;
  }
  bool Always(const std::string& /*node*/) const { return true; }
  int64_t Silent(const char* reported) const {
    int64_t silent = 0;
    for (const std::string& member : Members()) silent += reported != nullptr && At(member, reported) == 0 ? 1 : 0;
    return silent;
  }

  void CheckAmount(const v1::ScorecardRow& row, const char* measure, int64_t scale, const char* reported) {
    int64_t sum = 0;
    for (const std::string& node : nodes_) sum += At(node, measure);
    const int64_t silent = Silent(reported);
    EXPECT_EQ(row.unreported_count(), silent);
    EXPECT_EQ(row.has_value_micros(), sum != 0 || silent < static_cast<int64_t>(Members().size()));
    if (!row.has_value_micros()) return;
    EXPECT_EQ(row.numerator(), sum);
    EXPECT_EQ(row.value_micros(), sum * 1'000'000 / scale);
  }

  void CheckAmounts(const v1::ScorecardRow& row, const char* above, const char* below, const char* reported) {
    int64_t numerator = 0, denominator = 0;
    for (const std::string& node : nodes_) {
      numerator += At(node, above);
      denominator += At(node, below);
    }
    EXPECT_EQ(row.unreported_count(), Silent(reported));
    EXPECT_EQ(row.has_value_micros(), denominator > 0);
    if (denominator == 0) return;
    EXPECT_EQ(row.numerator(), numerator);
    EXPECT_EQ(row.denominator(), denominator);
    EXPECT_EQ(row.value_micros(), numerator * 1'000'000 / denominator);
    EXPECT_LE(row.lower_micros(), row.value_micros());
  }

  // Whether the growth has a value; from nothing to something it has both parts and a status alone.
  static bool CheckParts(const v1::ScorecardRow& row, int64_t reported, int64_t now, int64_t before) {
    EXPECT_EQ(row.has_numerator(), reported > 0);
    EXPECT_EQ(row.status() == v1::TARGET_STATUS_NO_DATA, reported == 0);
    EXPECT_EQ(row.has_value_micros(), reported > 0 && (before > 0 || now == 0));
    if (reported == 0) return false;
    EXPECT_EQ(row.numerator(), now);
    EXPECT_EQ(row.denominator(), before);
    return row.has_value_micros();
  }

  void CheckInputGrowth(const v1::ScorecardRow& row, const std::string& input) {
    const std::string reported = input + "_reported", used = input + "_used";
    int64_t now = 0, before = 0, both = 0;
    for (const std::string& member : Members()) {
      if (At(member, reported.c_str()) == 0 || At(member, reported.c_str(), 2017) == 0) continue;
      ++both;
      now += At(member, used.c_str()) * At(member, reported.c_str());
      before += At(member, used.c_str(), 2017) * At(member, reported.c_str());
    }
    EXPECT_EQ(row.unreported_count(), static_cast<int64_t>(Members().size()) - both);
    if (!CheckParts(row, both, now, before)) return;
    EXPECT_EQ(row.value_micros(), before == 0 ? 0 : -FloorDiv(static_cast<__int128>(before - now) * 1'000'000, before));
  }

  void CheckCleanUps(const v1::ScorecardRow& row) {
    int64_t passed = 0, population = 0;
    for (const std::string& member : Members()) {
      ++population;
      passed += At(member, "cleanups_reported") > 0 && At(member, "cleanups_q1") > 0 && At(member, "cleanups_q2") > 0 &&
                        At(member, "cleanups_q3") > 0
                    ? 1
                    : 0;
    }
    EXPECT_EQ(row.unreported_count(), Silent("cleanups_reported"));
    EXPECT_EQ(row.has_value_micros(), row.unreported_count() < population);
    if (!row.has_value_micros()) return;
    EXPECT_EQ(row.numerator(), passed);
    EXPECT_EQ(row.value_micros(), passed * 1'000'000 / population);
  }

  void CheckGrowth(const v1::ScorecardRow& row) {
    int64_t now = 0, before = 0, unreported = 0, reported = 0;
    for (const std::string& member : Members()) {
      const int64_t value = At(member, "farmer_income_per_capita");
      const int64_t value_before = At(member, "farmer_income_per_capita", 2017);
      if (value == 0 || value_before == 0) {
        ++unreported;
        continue;
      }
      ++reported;
      now += value * At(member, "farmer_income_population");
      before += value_before * At(member, "farmer_income_population");
    }
    EXPECT_EQ(row.unreported_count(), unreported);
    if (!CheckParts(row, reported, now, before)) return;
    EXPECT_EQ(row.value_micros(), before == 0 ? 0 : FloorDiv(static_cast<__int128>(now - before) * 1'000'000, before));
    EXPECT_LE(row.lower_micros(), row.value_micros());
    EXPECT_GE(row.upper_micros(), row.value_micros());
  }

  void CheckMembers(const v1::ScorecardRow& row, const std::string& id) {
    int64_t passed = 0, unreported = 0, population = 0;
    for (const std::string& member : Members()) {
      ++population;
      bool reported = true, passes = false;
      if (absl::StartsWith(id, "collective-income")) {
        reported = At(member, "collective_income_reported") > 0;
        passes = id == "collective-income-nonzero" ? At(member, "operating_income") > 0
                                                   : At(member, "operating_income") >= 20'000'000;
      } else if (id == "beautiful-villages" || id == "six-six-completed") {
        reported = At(member, "facilities_reported") > 0;
        passes = At(member, "facilities_accepted_share") >= 1'000'000 &&
                 (id == "beautiful-villages" || At(member, "facilities_accepted_in_year") >= 1);
      } else if (id == "young-party-members") {
        reported = At(member, "party_members") > 0;
        passes = At(member, "young_party_members") >= 2;
      } else {
        passes = At(member, id == "safe-villages" ? "safe_recognitions" : "civilised_recognitions") > 0;
      }
      unreported += reported ? 0 : 1;
      passed += reported && passes ? 1 : 0;
    }
    EXPECT_EQ(row.unreported_count(), unreported);
    EXPECT_EQ(row.has_value_micros(), unreported < population);
    if (unreported == population) return;
    EXPECT_EQ(row.numerator(), passed);
    const int64_t whole = id == "six-six-completed" ? 1 : population;
    EXPECT_EQ(row.denominator(), id == "six-six-completed" ? 0 : population);
    EXPECT_EQ(row.value_micros(), passed * 1'000'000 / whole);
    EXPECT_EQ(row.lower_micros(), row.value_micros());
    EXPECT_EQ(row.upper_micros(), (passed + unreported) * 1'000'000 / whole);
  }

  const FakeWorld& world_;
  std::vector<std::string> nodes_;

 public:
  static inline const std::set<std::string> kChecked = {"projects-started",
                                                        "projects-completed",
                                                        "collective-income-nonzero",
                                                        "collective-income-200k",
                                                        "farmer-income-growth",
                                                        "beautiful-villages",
                                                        "six-six-completed",
                                                        "civilised-villages",
                                                        "safe-villages",
                                                        "young-party-members",
                                                        "party-pairing",
                                                        "toilets-renovated",
                                                        "quarterly-cleanups",
                                                        "large-farms-treated",
                                                        "fertiliser-growth",
                                                        "pesticide-growth",
                                                        "film-recovery",
                                                        "wheat-straw-use",
                                                        "lines-110kv",
                                                        "lines-10kv"};
};

TEST_F(ScorecardTest, EqualsAPlainRecomputationAtEveryLevel) {
  std::mt19937 random(1041);
  const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  world_.AddPlace("12");
  for (int d = 0; d < 4; ++d) {
    world_.AddPlace(absl::StrCat("12011", d));
    for (int t = 0; t < 4; ++t) {
      world_.AddPlace(absl::StrCat("12011", d, "10", t));
      for (int v = 0; v < 80; ++v) world_.AddPlace(absl::StrCat("12011", d, "10", t, 200 + v));
    }
  }
  Open();
  std::set<std::string> checked;
  std::vector<std::string> nodes;
  for (const auto& [name, entry] : world_.places()) nodes.push_back(name);
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 8000; ++i) {
      const std::string& node = nodes[pick(static_cast<int>(nodes.size()))];
      const MeasureInfo& info = world_.catalog().measures()[pick(static_cast<int>(world_.catalog().measures().size()))];
      const std::string& measure = info.definition.id();
      int64_t value = pick(4);
      if (measure == "programme_villages") value = absl::StartsWith(node, "villages/") && pick(5) > 0 ? 1 : 0;
      if (measure == "operating_income") value = pick(3) * 10'000'000 + pick(2);
      if (measure == "facilities_accepted_share") value = 1'000'000 - pick(3);
      if (measure == "farmer_income_per_capita") value = pick(4) * (1'000'000 + pick(500'000));
      world_.Set(2017 + pick(2), node, measure, value);
    }
    std::vector<std::string> divisions = {"", "divisions/12"};
    for (int i = 0; i < 30; ++i) divisions.push_back(nodes[pick(static_cast<int>(nodes.size()))]);
    for (int d = 0; d < 4; ++d) {
      divisions.push_back(absl::StrCat("divisions/12011", d));
      for (int t = 0; t < 4; ++t) divisions.push_back(absl::StrCat("divisions/12011", d, "10", t));
    }
    for (const std::string& division : divisions) {
      SCOPED_TRACE(absl::StrCat("round ", round, " ", division));
      const auto card = GetScorecard(division);
      ASSERT_OK(card);
      EXPECT_EQ(card->unplaced_node_count(), 0);
      PlainScorecard plain(world_, division);
      for (const v1::ScorecardRow& row : card->rows()) {
        SCOPED_TRACE(row.target());
        if (plain.Check(row)) checked.insert(PlainScorecard::IdOf(row));
      }
    }
    if (HasFailure()) return;
  }
  // A target that is listed and has no row, or is not listed, would not be looked at.
  EXPECT_EQ(checked, PlainScorecard::kChecked);
}

}  // namespace
}  // namespace jiedui::gateway
