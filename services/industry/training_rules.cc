#include "services/industry/training_rules.h"

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/personal/keyring.h"
#include "common/personal/vault.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/policy.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/training.pb.h"
#include "services/industry/fund_accounts.h"

namespace jiedui::industry {
namespace {

using error::v1::REASON_REFERENCED;
using error::v1::REASON_RULE;
using google::protobuf::Message;
using store::UnitOfWork;

// Whoever records somebody as willing locks the demand that they count against, as do those who change or remove it: there are never more
// of them than it says.
absl::StatusOr<bool> LockDemand(UnitOfWork& work, const v1::PersonTraining& training, v1::TrainingDemand* demand) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT id FROM training_demand WHERE village = ? AND year = ? AND kind = ?"));
  row->BindText(0, training.village());
  row->BindInt(1, training.year());
  row->BindInt(2, training.kind());
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) return false;
  const resource::TablePlan& plan = PlanOf(work, "trainingDemands");
  const absl::Status status = work.GetForUpdate(plan, plan.NameOf(row->Text(0)), demand);
  if (absl::IsNotFound(status)) return false;
  JIEDUI_RETURN_IF_ERROR(status);
  return true;
}

// How many of those who wanted it are trained. The demand is locked.
absl::StatusOr<int64_t> CountTrained(UnitOfWork& work, const v1::TrainingDemand& demand) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare("SELECT COUNT(*) FROM person_training WHERE village = ? AND "
                                                     "year = ? AND kind = ? AND willing = 1"));
  row->BindText(0, demand.village());
  row->BindInt(1, demand.year());
  row->BindInt(2, demand.kind());
  JIEDUI_RETURN_IF_ERROR(row->Step().status());
  return row->Int(0);
}

class DemandPolicy final : public store::PolicyOf<v1::TrainingDemand> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::TrainingDemand* before, const v1::TrainingDemand& after,
                                Violations& violations) const override {
    if (before != nullptr && before->willing_count() <= after.willing_count()) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const int64_t trained, CountTrained(work, after));
    if (after.willing_count() >= trained) return absl::OkStatus();
    violations.Add("willing_count", REASON_RULE,
                   {absl::StrCat(trained, " of those who wanted it are trained"),
                    absl::StrCat("已有", trained, "名有意愿的人员受训")});
    return absl::OkStatus();
  }

  absl::Status ValidateDelete(UnitOfWork& work, const Message& before) const override {
    JIEDUI_ASSIGN_OR_RETURN(const int64_t trained, CountTrained(work, static_cast<const v1::TrainingDemand&>(before)));
    if (trained == 0) return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, REASON_REFERENCED,
                     {absl::StrCat(trained, " of those who wanted it are trained"),
                      absl::StrCat("已有", trained, "名有意愿的人员受训，不能删除")},
                     {{"collection", "personTrainings"}});
  }
};

// Somebody counts once a year and kind: under their citizen number where it is known, else under name and birth date. That there is
// another person of that name and day is believed only beside the first one, and with the evidence of whoever made sure of it.
class TrainingPolicy final : public store::PolicyOf<v1::PersonTraining> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::PersonTraining* before, const v1::PersonTraining& after,
                                Violations& violations) const override {
    JIEDUI_RETURN_IF_ERROR(CheckNamesake(work, before, after, violations));
    JIEDUI_RETURN_IF_ERROR(CheckDemand(work, before, after, violations));
    CheckBirthDate(after, violations);
    store::CheckDateOrder({{"birth_date", after.birth_date()}, {"trained_date", after.trained_date()}}, false,
                          violations);
    store::CheckHappened(work.today(), {{"trained_date", after.trained_date()}}, violations);
    if (!after.trained_date().empty() && !absl::StartsWith(after.trained_date(), absl::StrCat(after.year(), "-"))) {
      violations.Add("trained_date", REASON_RULE, {"must lie in the year", "日期须在该年度内"});
    }
    return absl::OkStatus();
  }

  // Else the next entry of that person would take the number that became free.
  absl::Status ValidateDelete(UnitOfWork& work, const Message& before) const override {
    const auto& person = static_cast<const v1::PersonTraining&>(before);
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockNumber(work, person, person.namesake() + 1));
    if (!found) return absl::OkStatus();
    return MakeError(
        absl::StatusCode::kFailedPrecondition, REASON_REFERENCED,
        {absl::StrCat("number ", person.namesake() + 1, " of that name and birth date is told apart from it"),
         absl::StrCat("同名同日出生的第", person.namesake() + 1, "号人员以其区分，不能删除")},
        {{"collection", "personTrainings"}});
  }

 private:
  static absl::Status CheckNamesake(UnitOfWork& work, const v1::PersonTraining* before, const v1::PersonTraining& after,
                                    Violations& violations) {
    if ((after.namesake() > 0) != !after.namesake_evidence().empty()) {
      violations.Add("namesake_evidence", REASON_RULE,
                     {"is set together with a namesake above 0: how the two were told apart",
                      "同名同日出生者序号大于0时须填写核实情况，否则不填"});
    }
    if (before != nullptr && IsSame(*before, after)) return absl::OkStatus();
    if (before != nullptr) {
      JIEDUI_ASSIGN_OR_RETURN(const bool followed, LockNumber(work, *before, before->namesake() + 1));
      if (followed) {
        violations.Add("namesake", REASON_RULE,
                       {absl::StrCat("number ", before->namesake() + 1,
                                     " of the former name and birth date is told apart from it"),
                        absl::StrCat("原姓名、出生日期的第", before->namesake() + 1, "号人员以其区分，不能更改")});
      }
    }
    if (after.namesake() <= 0) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockNumber(work, after, after.namesake() - 1));
    if (found) return absl::OkStatus();
    violations.Add("namesake", REASON_RULE,
                   {absl::StrCat("there is no number ", after.namesake() - 1, " of that name and birth date"),
                    absl::StrCat("没有同名同日出生的第", after.namesake() - 1, "号人员")});
    return absl::OkStatus();
  }

  static bool IsSame(const v1::PersonTraining& a, const v1::PersonTraining& b) {
    return a.namesake() == b.namesake() && a.display_name() == b.display_name() && a.birth_date() == b.birth_date();
  }

  // Whether there is another person of that name, birth date, year and kind with this number. Whoever adds the number behind one, and
  // whoever takes one away, locks the one before: it stays, or the other finds it gone.
  static absl::StatusOr<bool> LockNumber(UnitOfWork& work, const v1::PersonTraining& person, int64_t namesake) {
    const resource::TablePlan& plan = PlanOf(work, "personTrainings");
    const options::v1::UniqueKey& key = plan.options().unique(0);
    const std::shared_ptr<const personal::Keyring> keyring = plan.vault()->keyring();
    v1::PersonTraining wanted = person;
    wanted.set_namesake(namesake);
    resource::TablePlan::BindBuffer buffer;
    // While a search key is being replaced, rows have hashes under either.
    for (const personal::SearchKey& search : keyring->search_keys()) {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(plan.SameKeySql(key)));
      if (!plan.BindSameKey(key, wanted, search, *row, buffer)) return false;
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (!found) continue;
      v1::PersonTraining other;
      const absl::Status status = work.GetForUpdate(plan, plan.NameOf(row->Text(0)), &other);
      if (absl::IsNotFound(status)) continue;
      JIEDUI_RETURN_IF_ERROR(status);
      if (IsSame(other, wanted)) return true;
    }
    return false;
  }

  // What the village wanted is entered first, and those who are trained are some of them.
  static absl::Status CheckDemand(UnitOfWork& work, const v1::PersonTraining* before, const v1::PersonTraining& after,
                                  Violations& violations) {
    const bool counted = before != nullptr && before->willing() && before->village() == after.village();
    if (!after.willing() || counted) return absl::OkStatus();
    v1::TrainingDemand demand;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockDemand(work, after, &demand));
    if (!found) {
      violations.Add("willing", REASON_RULE,
                     {"the village has no demand of that year and kind", "该村未登记该年度该类别的培训意愿"});
      return absl::OkStatus();
    }
    JIEDUI_ASSIGN_OR_RETURN(const int64_t trained, CountTrained(work, demand));
    if (trained < demand.willing_count()) return absl::OkStatus();
    violations.Add(
        "willing", REASON_RULE,
        {absl::StrCat("all ", demand.willing_count(), " who wanted it are trained: correct the demand first"),
         absl::StrCat("有意愿的", demand.willing_count(), "人均已受训，请先更正培训意愿")});
    return absl::OkStatus();
  }

  static void CheckBirthDate(const v1::PersonTraining& person, Violations& violations) {
    const std::string& number = person.citizen_number();
    const std::string& date = person.birth_date();
    if (number.size() != 18 || date.size() != 10) return;  // none, or said by the engine
    if (number.substr(6, 8) == absl::StrCat(date.substr(0, 4), date.substr(5, 2), date.substr(8))) return;
    violations.Add("birth_date", REASON_RULE, {"is not that of the citizen number", "与身份证号中的出生日期不符"});
  }
};

}  // namespace

void AddTraining(service::Definition& definition) {
  definition.policies["trainingDemands"] = std::make_unique<DemandPolicy>();
  definition.policies["personTrainings"] = std::make_unique<TrainingPolicy>();
}

}  // namespace jiedui::industry
