#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/store/unit_of_work.h"
#include "jiedui/infrastructure/v1/farming.pb.h"
#include "jiedui/infrastructure/v1/power.pb.h"
#include "jiedui/infrastructure/v1/sanitation.pb.h"
#include "services/infrastructure/rules.h"

namespace jiedui::infrastructure {
namespace {

using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;

class ToiletPolicy final : public store::PolicyOf<v1::ToiletRenovation> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ToiletRenovation* /*before*/,
                                const v1::ToiletRenovation& after, Violations& violations) const override {
    if (after.completed_count() > after.planned_count()) {
      violations.Add("completed_count", error::v1::REASON_RULE,
                     {"must not exceed planned_count", "完成数不得大于计划数"});
    }
    if (after.accepted_count() > after.completed_count()) {
      violations.Add("accepted_count", error::v1::REASON_RULE,
                     {"must not exceed completed_count", "验收数不得大于完成数"});
    }
    if ((after.accepted_count() > 0) == after.accepted_date().empty()) {
      violations.Add("accepted_date", error::v1::REASON_RULE,
                     {"is set exactly when toilets were accepted", "有验收数时须填验收日期，无验收数时不填"});
    }
    if ((after.completed_count() > 0) == after.completed_date().empty()) {
      violations.Add("completed_date", error::v1::REASON_RULE,
                     {"is set exactly when toilets were completed", "有完成数时须填完成日期，无完成数时不填"});
    }
    absl::CivilDay completed;
    if (absl::ParseCivilTime(after.completed_date(), &completed) && completed.year() != after.year()) {
      violations.Add("completed_date", error::v1::REASON_RULE,
                     {"must lie in the year: what was completed later belongs to a record of that year",
                      "须在所填年度内，以后年度完成的按该年度填报"});
    }
    CheckHappened(work.today(), {{"completed_date", after.completed_date()}, {"accepted_date", after.accepted_date()}},
                  violations);
    // Acceptance may drag on into the next year, but cannot come before the year's work.
    absl::CivilDay accepted;
    if (absl::ParseCivilTime(after.accepted_date(), &accepted) && accepted.year() < after.year()) {
      violations.Add("accepted_date", error::v1::REASON_RULE, {"must not be before the year", "不得早于所填年度"});
    }
    return absl::OkStatus();
  }
};

class CleanUpPolicy final : public store::PolicyOf<v1::CleanUp> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::CleanUp* /*before*/, const v1::CleanUp& after,
                                Violations& violations) const override {
    absl::CivilDay day;
    if (!absl::ParseCivilTime(after.held_date(), &day)) return absl::OkStatus();  // refused for its form
    if (day.year() != after.year() || (day.month() - 1) / 3 + 1 != after.quarter()) {
      violations.Add("held_date", error::v1::REASON_RULE,
                     {"must lie in the quarter of the year", "开展日期须在所填年度和季度内"});
    }
    CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    return absl::OkStatus();
  }
};

class LivestockFarmPolicy final : public store::PolicyOf<v1::LivestockFarm> {
 public:
  void PrepareResource(const v1::LivestockFarm* /*before*/, v1::LivestockFarm* farm) const override {
    farm->set_treatment_state(!farm->accepted_date().empty()  ? v1::TREATMENT_STATE_ACCEPTED
                              : !farm->built_date().empty()   ? v1::TREATMENT_STATE_BUILT
                              : !farm->planned_date().empty() ? v1::TREATMENT_STATE_PLANNED
                                                              : v1::TREATMENT_STATE_NONE);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::LivestockFarm* /*before*/, const v1::LivestockFarm& after,
                                Violations& violations) const override {
    CheckDateOrder({{"opened_date", after.opened_date()}, {"closed_date", after.closed_date()}}, false, violations);
    CheckDateOrder({{"built_date", after.built_date()}, {"accepted_date", after.accepted_date()}}, true, violations);
    CheckHappened(work.today(),
                  {{"opened_date", after.opened_date()},
                   {"closed_date", after.closed_date()},
                   {"built_date", after.built_date()},
                   {"accepted_date", after.accepted_date()}},
                  violations);
    return absl::OkStatus();
  }
};

class AgriculturalInputPolicy final : public store::PolicyOf<v1::AgriculturalInput> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::AgriculturalInput* /*before*/,
                                const v1::AgriculturalInput& after, Violations& violations) const override {
    if (after.has_film_recovered_kg() && after.film_recovered_kg() > after.film_used_kg()) {
      violations.Add("film_recovered_kg", error::v1::REASON_RULE,
                     {"must not exceed film_used_kg", "残膜回收量不得大于地膜使用量"});
    }
    return absl::OkStatus();
  }
};

// A weight beyond every single use's range.
constexpr int64_t kMostStrawKg = 1'000'000'000'000;

class StrawPolicy final : public store::PolicyOf<v1::StrawRecord> {
 public:
  void PrepareResource(const v1::StrawRecord* /*before*/, v1::StrawRecord* straw) const override {
    int64_t used = 0;
    for (const v1::StrawUse& use : straw->uses()) {
      // A weight out of range is refused afterwards; it must not overflow the sum before.
      if (use.weight_kg() > 0 && use.weight_kg() <= kMostStrawKg) used += use.weight_kg();
    }
    straw->set_used_kg(used);
  }

  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::StrawRecord* /*before*/, const v1::StrawRecord& after,
                                Violations& violations) const override {
    absl::flat_hash_set<int> kinds;
    for (int i = 0; i < after.uses_size(); ++i) {
      if (kinds.insert(after.uses(i).kind()).second) continue;
      violations.Add(absl::StrCat("uses[", i, "].kind"), error::v1::REASON_DUPLICATE, {"is used twice", "方式重复"});
    }
    if (after.used_kg() > after.produced_kg()) {
      violations.Add("uses", error::v1::REASON_RULE,
                     {"must not add up to more than produced_kg", "利用量合计不得大于产生量"});
    }
    return absl::OkStatus();
  }
};

class BurningPolicy final : public store::PolicyOf<v1::BurningIncident> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::BurningIncident* /*before*/,
                                const v1::BurningIncident& after, Violations& violations) const override {
    CheckDateOrder({{"incident_date", after.incident_date()}, {"handled_date", after.handled_date()}}, true,
                   violations);
    CheckHappened(work.today(), {{"incident_date", after.incident_date()}, {"handled_date", after.handled_date()}},
                  violations);
    return absl::OkStatus();
  }
};

class PowerLinePolicy final : public store::PolicyOf<v1::PowerLine> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::PowerLine* /*before*/, const v1::PowerLine& after,
                                Violations& violations) const override {
    CheckDateOrder({{"started_date", after.started_date()}, {"completed_date", after.completed_date()}}, true,
                   violations);
    if (after.completed_metres() > after.planned_metres()) {
      violations.Add("completed_metres", error::v1::REASON_RULE,
                     {"must not exceed planned_metres", "完成长度不得大于计划长度"});
    }
    if (after.completed_metres() > 0 && after.started_date().empty()) {
      violations.Add("started_date", error::v1::REASON_RULE,
                     {"is required once a part is completed", "有完成长度时须填开工日期"});
    }
    absl::CivilDay started;
    if (after.completed_metres() > 0 && absl::ParseCivilTime(after.started_date(), &started) &&
        started.year() > after.year()) {
      violations.Add("started_date", error::v1::REASON_RULE,
                     {"must not be after the year whose completed length is given", "不得晚于完成长度所属年度"});
    }
    if (after.completed_metres() == 0 && !after.completed_date().empty()) {
      violations.Add("completed_metres", error::v1::REASON_RULE,
                     {"must be set on a completed line", "已完工线路须填完成长度"});
    }
    absl::CivilDay completed;
    if (absl::ParseCivilTime(after.completed_date(), &completed) && completed.year() != after.year()) {
      violations.Add("completed_date", error::v1::REASON_RULE,
                     {"must lie in the year, whose length it completes", "完成日期须在所填年度内"});
    }
    CheckHappened(work.today(), {{"started_date", after.started_date()}, {"completed_date", after.completed_date()}},
                  violations);
    return absl::OkStatus();
  }
};

class PowerShortagePolicy final : public store::PolicyOf<v1::PowerShortage> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::PowerShortage* /*before*/, const v1::PowerShortage& after,
                                Violations& violations) const override {
    CheckDateOrder({{"found_date", after.found_date()}, {"relieved_date", after.relieved_date()}}, true, violations);
    CheckHappened(work.today(), {{"found_date", after.found_date()}, {"relieved_date", after.relieved_date()}},
                  violations);
    return absl::OkStatus();
  }
};

}  // namespace

void AddEnvironmentRules(service::Definition& definition) {
  definition.policies["toiletRenovations"] = std::make_unique<ToiletPolicy>();
  definition.policies["cleanUps"] = std::make_unique<CleanUpPolicy>();
  definition.policies["livestockFarms"] = std::make_unique<LivestockFarmPolicy>();
  definition.policies["agriculturalInputs"] = std::make_unique<AgriculturalInputPolicy>();
  definition.policies["strawRecords"] = std::make_unique<StrawPolicy>();
  definition.policies["burningIncidents"] = std::make_unique<BurningPolicy>();
  definition.policies["powerLines"] = std::make_unique<PowerLinePolicy>();
  definition.policies["powerShortages"] = std::make_unique<PowerShortagePolicy>();
}

}  // namespace jiedui::infrastructure
