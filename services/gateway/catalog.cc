#include "services/gateway/catalog.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "google/protobuf/util/json_util.h"
#include "services/gateway/gateway_assistance_measures.h"
#include "services/gateway/gateway_industry_measures.h"
#include "services/gateway/gateway_infrastructure_measures.h"
#include "services/gateway/gateway_village_measures.h"

namespace jiedui::gateway {

absl::string_view ServiceName(int service) {
  static constexpr absl::string_view kNames[kServiceCount] = {"village", "industry", "infrastructure", "assistance"};
  return kNames[service];
}

absl::StatusOr<std::unique_ptr<Catalog>> Catalog::Parse(
    const std::array<absl::string_view, kServiceCount>& definitions) {
  auto catalog = std::make_unique<Catalog>();
  for (int service = 0; service < kServiceCount; ++service) {
    measure::v1::ListMeasuresResponse parsed;
    const auto status = google::protobuf::util::JsonStringToMessage(std::string(definitions[service]), &parsed);
    if (!status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("measures of ", ServiceName(service), ": ", status.ToString()));
    }
    for (measure::v1::MeasureDefinition& definition : *parsed.mutable_measures()) {
      const int index = static_cast<int>(catalog->measures_.size());
      if (!catalog->by_id_.emplace(definition.id(), index).second) {
        return absl::InvalidArgumentError(absl::StrCat("two measures are called ", definition.id()));
      }
      filter::Field field;
      field.name = definition.id();
      field.index = index;
      catalog->fields_.push_back(std::move(field));
      MeasureInfo& info = catalog->measures_.emplace_back();
      info.definition = std::move(definition);
      info.service = service;
      info.slot = catalog->slot_counts_[service]++;
    }
  }
  catalog->FindCountedAbove();
  JIEDUI_RETURN_IF_ERROR(catalog->FindCountsOfSums());
  return catalog;
}

absl::Status Catalog::FindCountsOfSums() {
  for (MeasureInfo& sum : measures_) {
    if (sum.definition.counted_by().empty()) continue;
    sum.counted_by = IndexOf(sum.definition.counted_by());
    if (sum.counted_by >= 0 && measures_[sum.counted_by].service == sum.service) continue;
    return absl::InvalidArgumentError(absl::StrCat(sum.definition.id(), " is counted by no measure of its service"));
  }
  return absl::OkStatus();
}

void Catalog::FindCountedAbove() {
  for (MeasureInfo& above : measures_) {
    if (above.definition.collection() != "villages") continue;
    above.level = above.definition.node_field() == "township"   ? village::v1::DIVISION_LEVEL_TOWNSHIP
                  : above.definition.node_field() == "district" ? village::v1::DIVISION_LEVEL_DISTRICT
                                                                : village::v1::DIVISION_LEVEL_UNSPECIFIED;
    if (above.level == village::v1::DIVISION_LEVEL_UNSPECIFIED) continue;
    measure::v1::MeasureDefinition wanted = above.definition;
    wanted.set_node_field("name");
    for (size_t i = 0; i < measures_.size(); ++i) {
      wanted.set_id(measures_[i].definition.id());
      wanted.set_title_zh(measures_[i].definition.title_zh());
      if (measures_[i].definition.SerializeAsString() == wanted.SerializeAsString())
        above.of_villages = static_cast<int>(i);
    }
  }
}

absl::StatusOr<std::unique_ptr<Catalog>> Catalog::Create() {
  return Parse({GatewayVillageMeasures()[0].contents, GatewayIndustryMeasures()[0].contents,
                GatewayInfrastructureMeasures()[0].contents, GatewayAssistanceMeasures()[0].contents});
}

int Catalog::IndexOf(absl::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? -1 : found->second;
}

const filter::Field* Catalog::Find(absl::string_view name) const {
  const int index = IndexOf(name);
  return index < 0 ? nullptr : &fields_[index];
}

std::vector<std::string> Catalog::Names() const {
  std::vector<std::string> names;
  for (const filter::Field& field : fields_) names.push_back(field.name);
  return names;
}

}  // namespace jiedui::gateway
