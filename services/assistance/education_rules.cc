#include "services/assistance/education_rules.h"

#include <memory>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/education.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using error::v1::REASON_RULE;
using store::CheckDateOrder;
using store::UnitOfWork;

absl::Status CheckVillageOfStudent(UnitOfWork& work, const std::string& student, const std::string& village,
                                   Violations& violations) {
  v1::Student record;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "students", student, &record));
  if (!found) return absl::OkStatus();
  return CheckVillageOfHousehold(work, record.household(), village, violations);
}

class StudentPolicy final : public store::PolicyOf<v1::Student> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::Student* before, const v1::Student& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(),
                         {{"enrolled_date", after.enrolled_date()}, {"graduated_date", after.graduated_date()}},
                         violations);
    CheckDateOrder({{"enrolled_date", after.enrolled_date()}, {"graduated_date", after.graduated_date()}}, true,
                   violations);
    if (before != nullptr) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(CheckMemberOfHousehold(work, after.member(), after.household(), violations));
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }
};

class NeedPolicy final : public store::PolicyOf<v1::ChildNeed> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ChildNeed* before, const v1::ChildNeed& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"met_date", after.met_date()}}, violations);
    // It may be met in a later year.
    if (after.met_date().size() == 10 && after.met_date() < absl::StrCat(after.year(), "-01-01")) {
      violations.Add("met_date", REASON_RULE, {"must not be before the year of the need", "不得早于需求所属年度"});
    }
    absl::flat_hash_set<int> kinds;
    for (int i = 0; i < after.needs_size(); ++i) {
      if (kinds.insert(after.needs(i)).second) continue;
      violations.Add(absl::StrCat("needs[", i, "]"), error::v1::REASON_DUPLICATE, {"is named twice", "需求重复"});
    }
    if (before != nullptr) return absl::OkStatus();
    return CheckVillageOfStudent(work, after.student(), after.village(), violations);
  }
};

class AidPolicy final : public store::PolicyOf<v1::EducationAid> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::EducationAid* before, const v1::EducationAid& after,
                                Violations& violations) const override {
    CheckHappenedInYear(work.today(), "granted_date", after.granted_date(), after.year(), violations);
    if (before != nullptr) return absl::OkStatus();
    return CheckVillageOfStudent(work, after.student(), after.village(), violations);
  }
};

class EmploymentPolicy final : public store::PolicyOf<v1::GraduateEmployment> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::GraduateEmployment* before,
                                const v1::GraduateEmployment& after, Violations& violations) const override {
    const bool seeking = after.outcome() == v1::EMPLOYMENT_OUTCOME_SEEKING;
    if (after.outcome() != v1::EMPLOYMENT_OUTCOME_UNSPECIFIED && seeking != after.placed_date().empty()) {
      violations.Add("placed_date", REASON_RULE,
                     {"is set unless the graduate is looking for work", "除待业外须填落实日期，待业不填"});
    }
    store::CheckHappened(work.today(), {{"placed_date", after.placed_date()}}, violations);
    v1::Student student;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "students", after.student(), &student));
    if (found &&
        (student.graduated_date().empty() || student.graduated_date() > absl::StrCat(after.year(), "-12-31"))) {
      violations.Add("student", REASON_RULE, {"has not graduated by that year", "该年度尚未毕业"});
    }
    if (before != nullptr || !found) return absl::OkStatus();
    return CheckVillageOfHousehold(work, student.household(), after.village(), violations);
  }
};

class SchoolPolicy final : public store::PolicyOf<v1::SchoolImprovement> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::SchoolImprovement* /*before*/,
                                const v1::SchoolImprovement& after, Violations& violations) const override {
    store::CheckHappened(work.today(), {{"completed_date", after.completed_date()}}, violations);
    CheckDateOrder({{"planned_date", after.planned_date()}, {"completed_date", after.completed_date()}}, true,
                   violations);
    return absl::OkStatus();
  }
};

class KindergartenPolicy final : public store::PolicyOf<v1::Kindergarten> {
 public:
  void PrepareResource(const v1::Kindergarten* /*before*/, v1::Kindergarten* kindergarten) const override {
    kindergarten->set_state(!kindergarten->opened_date().empty()      ? v1::KINDERGARTEN_STATE_OPEN
                            : !kindergarten->completed_date().empty() ? v1::KINDERGARTEN_STATE_BUILT
                            : !kindergarten->started_date().empty()   ? v1::KINDERGARTEN_STATE_BUILDING
                                                                      : v1::KINDERGARTEN_STATE_RESERVE);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::Kindergarten* /*before*/, const v1::Kindergarten& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(),
                         {{"started_date", after.started_date()},
                          {"completed_date", after.completed_date()},
                          {"opened_date", after.opened_date()}},
                         violations);
    CheckDateOrder({{"reserve_date", after.reserve_date()},
                    {"started_date", after.started_date()},
                    {"completed_date", after.completed_date()},
                    {"opened_date", after.opened_date()}},
                   true, violations);
    return absl::OkStatus();
  }
};

}  // namespace

void AddEducationRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.EducationService");
  definition.policies["students"] = std::make_unique<StudentPolicy>();
  definition.policies["childNeeds"] = std::make_unique<NeedPolicy>();
  definition.policies["educationAids"] = std::make_unique<AidPolicy>();
  definition.policies["graduateEmployments"] = std::make_unique<EmploymentPolicy>();
  definition.policies["schoolImprovements"] = std::make_unique<SchoolPolicy>();
  definition.policies["kindergartens"] = std::make_unique<KindergartenPolicy>();
}

}  // namespace jiedui::assistance
