#include "services/assistance/health_rules.h"

#include <memory>

#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/health.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using error::v1::REASON_RULE;
using google::protobuf::Message;
using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;

class MedicalAidPolicy final : public store::PolicyOf<v1::MedicalAid> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::MedicalAid* before, const v1::MedicalAid& after,
                                Violations& violations) const override {
    CheckHappenedInYear(work.today(), "granted_date", after.granted_date(), after.year(), violations);
    if (after.expense_fen() > 0 && after.amount_fen() > after.expense_fen()) {
      violations.Add("amount_fen", REASON_RULE, {"must not be more than the cost", "不得超过医疗费用"});
    }
    if (before != nullptr) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(CheckMemberOfHousehold(work, after.member(), after.household(), violations));
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }
};

class ClinicPolicy final : public store::PolicyOf<v1::VillageClinic> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::VillageClinic* /*before*/, const v1::VillageClinic& after,
                                Violations& violations) const override {
    CheckHappened(work.today(),
                  {{"opened_date", after.opened_date()},
                   {"standard_date", after.standard_date()},
                   {"closed_date", after.closed_date()}},
                  violations);
    CheckDateOrder({{"opened_date", after.opened_date()},
                    {"standard_date", after.standard_date()},
                    {"closed_date", after.closed_date()}},
                   false, violations);
    return absl::OkStatus();
  }
};

class TrainingPolicy final : public store::PolicyOf<v1::DoctorTraining> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::DoctorTraining* /*before*/, const v1::DoctorTraining& after,
                                Violations& violations) const override {
    CheckDateOrder({{"start_date", after.start_date()}, {"end_date", after.end_date()}}, true, violations);
    CheckHappenedInYear(work.today(), "end_date", after.end_date(), after.year(), violations);
    return absl::OkStatus();
  }
};

class RecordPolicy final : public store::PolicyOf<v1::HealthRecord> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::HealthRecord* before, const v1::HealthRecord& after,
                                Violations& violations) const override {
    CheckDateOrder({{"opened_date", after.opened_date()}, {"closed_date", after.closed_date()}}, true, violations);
    CheckHappened(work.today(), {{"opened_date", after.opened_date()}, {"closed_date", after.closed_date()}},
                  violations);
    if (before != nullptr) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    return RederiveHousehold(work,
                             static_cast<const v1::HealthRecord&>(after != nullptr ? *after : *before).household());
  }
};

class CoveragePolicy final : public store::PolicyOf<v1::FamilyDoctorCoverage> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::FamilyDoctorCoverage* /*before*/,
                                const v1::FamilyDoctorCoverage& after, Violations& violations) const override {
    CheckHappened(work.today(), {{"opened_date", after.opened_date()}, {"closed_date", after.closed_date()}},
                  violations);
    CheckDateOrder({{"opened_date", after.opened_date()}, {"closed_date", after.closed_date()}}, true, violations);
    if (!after.opened_date().empty() && after.institution().empty()) {
      violations.Add("institution", REASON_RULE, {"is set once signing is open", "开展签约后须填签约机构"});
    }
    return absl::OkStatus();
  }
};

class ContractPolicy final : public store::PolicyOf<v1::FamilyDoctorContract> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::FamilyDoctorContract* before,
                                const v1::FamilyDoctorContract& after, Violations& violations) const override {
    CheckHappened(work.today(), {{"signed_date", after.signed_date()}}, violations);
    CheckDateOrder({{"signed_date", after.signed_date()}, {"end_date", after.end_date()}}, true, violations);
    if (before != nullptr || after.household().empty()) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }
};

}  // namespace

void AddHealthRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.HealthService");
  definition.policies["medicalAids"] = std::make_unique<MedicalAidPolicy>();
  definition.policies["villageClinics"] = std::make_unique<ClinicPolicy>();
  definition.policies["doctorTrainings"] = std::make_unique<TrainingPolicy>();
  definition.policies["healthRecords"] = std::make_unique<RecordPolicy>();
  definition.policies["familyDoctorCoverages"] = std::make_unique<CoveragePolicy>();
  definition.policies["familyDoctorContracts"] = std::make_unique<ContractPolicy>();
}

}  // namespace jiedui::assistance
