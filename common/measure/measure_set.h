// The measures of a program: definitions (data) bound to the plans of its resources, and what a record contributes to them.
// One filter text gives the contribution of a record (in memory) and the full recomputation (in SQL).

#ifndef JIEDUI_COMMON_MEASURE_MEASURE_SET_H_
#define JIEDUI_COMMON_MEASURE_MEASURE_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/resource/registry.h"
#include "common/resource/table_plan.h"
#include "common/sql/database.h"
#include "google/protobuf/message.h"
#include "jiedui/measure/v1/measure.pb.h"

namespace jiedui::measure {

// Shards of a topic (a year; 0 is the directory). A node's shard never changes.
constexpr int kShardCount = 1024;
constexpr int kDirectoryTopic = 0;
int ShardOf(absl::string_view node);

// That a sum would be wrong, which is refused; `measure` may be empty.
absl::Status OutOfBounds(absl::string_view measure);

// A word of the filters that stands for the year's version of something.
struct YearReference {
  measure::v1::YearReference definition;
  const resource::TablePlan* plan = nullptr;
  const google::protobuf::FieldDescriptor* year = nullptr;
};

// A rule with everything looked up.
struct PlausibilityRule {
  measure::v1::PlausibilityRule definition;
  const resource::TablePlan* plan = nullptr;
  filter::Filter filter;
  std::string year_column;  // empty where the records have no year
  std::vector<std::string>
      key_columns;  // what, with the year, a record is unique by; of a comparison with the year before
};

// A definition with everything looked up.
struct Measure {
  measure::v1::MeasureDefinition definition;
  const resource::TablePlan* plan = nullptr;
  const google::protobuf::FieldDescriptor* node = nullptr;          // of the resource, or of its repeated `list`
  const google::protobuf::FieldDescriptor* list = nullptr;          // null unless node_field is "list.node"
  const google::protobuf::FieldDescriptor* year = nullptr;          // null for a stock
  const google::protobuf::FieldDescriptor* sum = nullptr;           // of the resource; null for a count
  const google::protobuf::FieldDescriptor* element_sum = nullptr;   // of the list instead
  const google::protobuf::FieldDescriptor* element_date = nullptr;  // of the list; null when every element counts
};

// A year that is counted, with the filters of all measures for it.
struct CountedYear {
  int year = 0;
  bool open = false;
  filter::Words words;                  // of the year references
  std::vector<filter::Filter> filters;  // by measure index
};

// The counted years at an epoch. Immutable; replaced as a whole.
struct YearView {
  int64_t epoch = 0;
  std::vector<CountedYear> years;  // ascending

  const CountedYear* Find(int year) const;
  bool IsOpen(int year) const;
};

// Changes of measure values and of shard versions that a transaction collects and writes once, at its end, in one order.
class Deltas {
 public:
  // `sign` × `value`.
  void Add(int year, absl::string_view node, int measure, int sign, int64_t value);
  // Bumps a shard's version although no value changes.
  void Touch(int topic, int shard);
  // Forgets the changes of a measure in a year: its values were computed anew.
  void Drop(int year, int measure);
  bool empty() const { return cells_.empty() && touched_.empty(); }
  size_t node_count() const { return cells_.size(); }
  void Clear();
  // Writes values and versions. FAILED_PRECONDITION when a value would no longer fit 64 bits; errors of the database.
  absl::Status Flush(sql::Transaction& transaction, const std::vector<Measure>& measures);

 private:
  struct Cell {
    int year;
    int measure;
    int64_t delta;
  };
  absl::flat_hash_map<std::string, std::vector<Cell>> cells_;
  std::vector<std::pair<int, int>> touched_;  // topic, shard
  bool overflown_ = false;                    // a sum did not fit 64 bits
};

class MeasureSet {
 public:
  // INVALID_ARGUMENT listing every definition that does not fit the resources of the program.
  static absl::StatusOr<std::unique_ptr<MeasureSet>> Build(const measure::v1::ListMeasuresResponse& definitions,
                                                           const resource::Registry& registry);

  const std::vector<Measure>& measures() const { return measures_; }
  const std::vector<YearReference>& year_references() const { return year_references_; }
  const std::vector<PlausibilityRule>& plausibility_rules() const { return plausibility_rules_; }
  // Changes whenever the meaning of the measure may have changed.
  std::string FingerprintOf(const Measure& measure) const;
  // Of all measures, in their order: 16 characters.
  const std::string& fingerprint() const { return fingerprint_; }

  // Compiles the filters of `year` with the versions that the facts hold. Errors of the database.
  absl::StatusOr<CountedYear> CompileYear(sql::Transaction& transaction, int year, bool open) const;

  // Whether a change of a record (null: it is not there) may give a year another version of something.
  bool ChangesYears(const resource::TablePlan& plan, const google::protobuf::Message* before,
                    const google::protobuf::Message* after) const;
  // Whether the measure's filter is another one with the other words.
  bool IsReworded(const Measure& measure, const filter::Words& before, const filter::Words& after) const;

  // Adds sign × the contribution of `record` in every open year.
  void Contribute(const resource::TablePlan& plan, const google::protobuf::Message& record, int sign,
                  const YearView& years, Deltas& deltas) const;

  // The values of one measure in a year from the facts; nodes with value 0 are left out.
  absl::StatusOr<absl::flat_hash_map<std::string, int64_t>> Recompute(sql::Transaction& transaction, int measure,
                                                                      const CountedYear& year) const;

 private:
  absl::StatusOr<filter::Words> ReadWords(sql::Transaction& transaction, int year) const;

  std::vector<YearReference> year_references_;
  std::vector<PlausibilityRule> plausibility_rules_;
  std::vector<Measure> measures_;
  std::string fingerprint_;
  absl::flat_hash_map<const resource::TablePlan*, std::vector<int>> by_plan_;
};

}  // namespace jiedui::measure

#endif  // JIEDUI_COMMON_MEASURE_MEASURE_SET_H_
