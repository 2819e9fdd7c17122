#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/leave.pb.h"
#include "services/village/rules.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using store::Passage;
using store::UnitOfWork;

class CadreLeavePolicy final : public store::PolicyOf<v1::CadreLeave> {
 public:
  void PrepareResource(const v1::CadreLeave* /*before*/, v1::CadreLeave* leave) const override {
    absl::CivilDay first, last;
    const bool dated =
        absl::ParseCivilTime(leave->start_date(), &first) && absl::ParseCivilTime(leave->end_date(), &last);
    leave->set_day_count(dated && last >= first ? static_cast<int32_t>(last - first) + 1 : 0);
  }

  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::CadreLeave* /*before*/, const v1::CadreLeave& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"start_date", after.start_date()}, {"end_date", after.end_date()}}, false, violations);
    return absl::OkStatus();
  }
};

// Asked when it is requested: drafts and postings may be recorded in any order.
absl::Status PostedToVillage(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& leave = static_cast<const v1::CadreLeave&>(passage.before);
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * posting,
      work.transaction().Prepare("SELECT 1 FROM cadre_posting WHERE cadre = ? AND village = ? AND start_date <= ? AND "
                                 "(end_date = '' OR end_date > ?) LIMIT 1"));
  posting->BindText(0, leave.cadre());
  posting->BindText(1, leave.village());
  posting->BindText(2, leave.start_date());
  posting->BindText(3, leave.end_date());
  JIEDUI_ASSIGN_OR_RETURN(const bool posted, posting->Step());
  if (posted) return absl::OkStatus();
  violations.Add("village", error::v1::REASON_RULE,
                 {"is not where the cadre is posted during the leave", "不是该干部请假期间的派驻村"});
  return absl::OkStatus();
}

// The cadre is locked, so that of two leaves at the same time only one is approved. Who is back is on leave no more, whatever was
// planned.
absl::Status NoOtherLeave(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& leave = static_cast<const v1::CadreLeave&>(passage.before);
  v1::Cadre cadre;
  JIEDUI_RETURN_IF_ERROR(LockReferred(work, leave.cadre(), &cadre).status());
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT start_date, end_date FROM cadre_leave WHERE cadre = ? AND start_date <= ? AND "
                                 "((state = ? AND end_date >= ?) OR (state = ? AND returned_date > ?)) LIMIT 1"));
  row->BindText(0, leave.cadre());
  row->BindText(1, leave.end_date());
  row->BindInt(2, v1::CADRE_LEAVE_STATE_APPROVED);
  row->BindText(3, leave.start_date());
  row->BindInt(4, v1::CADRE_LEAVE_STATE_RETURNED);
  row->BindText(5, leave.start_date());
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) return absl::OkStatus();
  violations.Add("start_date", error::v1::REASON_RULE,
                 {absl::StrCat("the cadre is on leave from ", row->Text(0), " to ", row->Text(1)),
                  absl::StrCat("该干部在 ", row->Text(0), " 至 ", row->Text(1), " 已请假")});
  return absl::OkStatus();
}

absl::Status LeaveBegun(UnitOfWork& /*work*/, const Passage& passage, Violations& violations) {
  const auto& leave = static_cast<const v1::CadreLeave&>(passage.before);
  if (passage.step.date() >= leave.start_date()) return absl::OkStatus();
  violations.Add("date", error::v1::REASON_RULE,
                 {absl::StrCat("must not be before the leave begins, ", leave.start_date()),
                  absl::StrCat("不得早于请假起始日 ", leave.start_date())});
  return absl::OkStatus();
}

}  // namespace

void AddLeaveRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.CadreLeaveService");
  definition.policies["cadreLeaves"] = std::make_unique<CadreLeavePolicy>();
  definition.guards["posted_to_village"] = PostedToVillage;
  definition.guards["no_other_leave"] = NoOtherLeave;
  definition.guards["leave_begun"] = LeaveBegun;
}

}  // namespace jiedui::village
