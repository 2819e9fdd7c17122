#include "services/assistance/rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"

namespace jiedui::assistance {

using error::v1::REASON_RULE;
using store::UnitOfWork;

const resource::TablePlan& PlanOf(UnitOfWork& work, absl::string_view collection) {
  return *work.engine().registry().FindByCollection(collection);
}

absl::StatusOr<bool> Find(UnitOfWork& work, absl::string_view collection, const std::string& name,
                          google::protobuf::Message* found) {
  const absl::Status status = work.Get(PlanOf(work, collection), name, found);
  if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return false;
  JIEDUI_RETURN_IF_ERROR(status);
  return true;
}

absl::Status CheckVillageOfHousehold(UnitOfWork& work, const std::string& household, const std::string& village,
                                     Violations& violations) {
  v1::NeedyHousehold record;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "needyHouseholds", household, &record));
  if (found && !village.empty() && record.village() != village) {
    violations.Add("village", REASON_RULE, {"is not the village of the household", "不是该困难户所在村"});
  }
  return absl::OkStatus();
}

absl::Status CheckMemberOfHousehold(UnitOfWork& work, const std::string& member, const std::string& household,
                                    Violations& violations) {
  v1::HouseholdMember record;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "householdMembers", member, &record));
  if (found && !household.empty() && record.household() != household) {
    violations.Add("member", REASON_RULE, {"is no member of the household", "不是该困难户的家庭成员"});
  }
  return absl::OkStatus();
}

absl::Status RederiveHousehold(UnitOfWork& work, const std::string& household) {
  return work.Rederive(PlanOf(work, "needyHouseholds"), household);
}

void CheckHappenedInYear(absl::string_view today, const char* field, const std::string& date, int32_t year,
                         Violations& violations) {
  store::CheckHappened(today, {{field, date}}, violations);
  if (date.size() != 10 || year == 0 || absl::StartsWith(date, absl::StrCat(year, "-"))) return;
  violations.Add(field, REASON_RULE, {"must lie in the year", "日期须在该年度内"});
}

}  // namespace jiedui::assistance
