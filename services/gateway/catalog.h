// The measures that targets may refer to: which service keeps each, and where its column is. Known from the services' own
// data files, so that a figure's source has a name even before that source was ever seen.

#ifndef JIEDUI_SERVICES_GATEWAY_CATALOG_H_
#define JIEDUI_SERVICES_GATEWAY_CATALOG_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/village/v1/division.pb.h"

namespace jiedui::gateway {

// The services that figures come from; kVillage also keeps the directory.
enum Service { kVillage, kIndustry, kInfrastructure, kAssistance };
constexpr int kServiceCount = 4;
// "village", "industry", "infrastructure", "assistance".
absl::string_view ServiceName(int service);

// A measure: column `slot` of its service.
struct MeasureInfo {
  measure::v1::MeasureDefinition definition;
  int service = 0;
  int slot = 0;
  // Of a measure that counts villages at the township or district above them: the measure that counts the same villages where
  // they are, and that level. A past year's tree can be another than the one in which the service counted.
  int of_villages = -1;
  village::v1::DivisionLevel level = village::v1::DIVISION_LEVEL_UNSPECIFIED;
  // Of a sum: the measure that counts what it is the sum of; -1 where the value is itself the count.
  int counted_by = -1;
};

class Catalog final : public filter::Schema {
 public:
  // `definitions`: JSON of jiedui.measure.v1.ListMeasuresResponse, by Service. INVALID_ARGUMENT when one cannot be read or an
  // id is not unique over all, or counted_by none of them.
  static absl::StatusOr<std::unique_ptr<Catalog>> Parse(
      const std::array<absl::string_view, kServiceCount>& definitions);
  // The measures of this release.
  static absl::StatusOr<std::unique_ptr<Catalog>> Create();

  const std::vector<MeasureInfo>& measures() const { return measures_; }
  // Position in measures(), -1 when there is none.
  int IndexOf(absl::string_view id) const;
  int slot_count(int service) const { return slot_counts_[service]; }

  // Every measure is a number of that name whose index is the position in measures().
  const filter::Field* Find(absl::string_view name) const override;
  std::vector<std::string> Names() const override;

 private:
  void FindCountedAbove();
  absl::Status FindCountsOfSums();

  std::vector<MeasureInfo> measures_;
  std::vector<filter::Field> fields_;  // by measure
  absl::flat_hash_map<std::string, int> by_id_;
  std::array<int, kServiceCount> slot_counts_{};
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_CATALOG_H_
