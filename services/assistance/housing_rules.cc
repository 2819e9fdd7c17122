#include "services/assistance/housing_rules.h"

#include <memory>

#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/housing.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using error::v1::REASON_RULE;
using store::UnitOfWork;

class HousePolicy final : public store::PolicyOf<v1::DangerousHouse> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::DangerousHouse* before, const v1::DangerousHouse& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"identified_date", after.identified_date()}, {"approved_date", after.approved_date()}},
                          true, violations);
    if (before != nullptr || after.household().empty()) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }
};

// 二(四)2: grade C is repaired, grade D reinforced or rebuilt; reinforcing more than is asked does no harm.
absl::Status MeasureFitsGrade(UnitOfWork& /*work*/, const store::Passage& passage, Violations& violations) {
  const auto& house = static_cast<const v1::DangerousHouse&>(passage.after);
  const bool repaired = house.measure() == v1::HOUSING_MEASURE_REPAIR;
  const bool rebuilt = house.measure() == v1::HOUSING_MEASURE_REBUILD;
  if ((house.grade() == v1::HOUSING_GRADE_D && repaired) || (house.grade() == v1::HOUSING_GRADE_C && rebuilt)) {
    violations.Add(
        "measure", REASON_RULE,
        {"grade C is repaired or reinforced, grade D reinforced or rebuilt", "C级应维修或加固，D级应加固或拆除重建"});
  }
  return absl::OkStatus();
}

}  // namespace

void AddHousingRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.HousingService");
  definition.policies["dangerousHouses"] = std::make_unique<HousePolicy>();
  definition.guards["MeasureFitsGrade"] = MeasureFitsGrade;
}

}  // namespace jiedui::assistance
