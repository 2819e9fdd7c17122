#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/village/rules.h"
#include "services/village/supervision.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::Passage;
using store::UnitOfWork;

constexpr int kMaxVillages = 2000;

std::string DayAfter(const std::string& date, int days) {
  absl::CivilDay day;
  return absl::ParseCivilTime(date, &day) ? absl::FormatCivilTime(day + days) : date;
}

class SupervisedItemPolicy final : public store::PolicyOf<v1::SupervisedItem> {
 public:
  // The last day of the level that has the item: its deadline, and from the first escalation on a number of days each.
  void PrepareResource(const v1::SupervisedItem* before, v1::SupervisedItem* item) const override {
    if (item->state() == v1::SUPERVISION_STATE_STRUCK_OFF) return;
    if (before == nullptr) {
      item->set_level_due_date(item->due_date());
    } else if (before->extended_date() != item->extended_date()) {
      item->set_level_due_date(item->extended_date());
    } else if (before->state() != item->state()) {
      const bool last = item->state() == v1::SUPERVISION_STATE_CITY;
      item->set_level_due_date(last ? "" : DayAfter(item->escalated_date(), item->escalation_days()));
    }
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::SupervisedItem* before, const v1::SupervisedItem& after,
                                Violations& violations) const override {
    if (before != nullptr) return absl::OkStatus();
    v1::Inspection inspection;
    JIEDUI_ASSIGN_OR_RETURN(const bool inspected, ReadReferred(work, after.inspection(), &inspection));
    if (inspected && absl::StartsWith(inspection.subject(), "villages/") && inspection.subject() != after.site()) {
      violations.Add("inspection", error::v1::REASON_RULE, {"is one of another village", "不是对该村的督查"});
    }
    CheckOrigin("target", v1::SUPERVISION_ORIGIN_TARGET, after.target(), after.origin(), violations);
    CheckOrigin("inspection", v1::SUPERVISION_ORIGIN_INSPECTION, after.inspection(), after.origin(), violations);
    return absl::OkStatus();
  }

 private:
  // What it was raised from is said exactly when it was raised from that.
  static void CheckOrigin(const char* field, v1::SupervisionOrigin needed, const std::string& value,
                          v1::SupervisionOrigin origin, Violations& violations) {
    if (origin == v1::SUPERVISION_ORIGIN_UNSPECIFIED || (origin == needed) != value.empty()) return;
    violations.Add(field, error::v1::REASON_RULE,
                   {"is set exactly when the item was raised from one", "须与督办来源一致：来源为此类时必填，否则不填"});
  }
};

absl::Status Overdue(UnitOfWork& /*work*/, const Passage& passage, Violations& violations) {
  const auto& item = static_cast<const v1::SupervisedItem&>(passage.before);
  if (passage.step.date() > item.level_due_date()) return absl::OkStatus();
  violations.Add("date", error::v1::REASON_RULE,
                 {absl::StrCat("is not overdue: this level has until ", item.level_due_date()),
                  absl::StrCat("未逾期：本级时限为 ", item.level_due_date())});
  return absl::OkStatus();
}

absl::Status ExtensionIsLater(UnitOfWork& /*work*/, const Passage& passage, Violations& violations) {
  const auto& before = static_cast<const v1::SupervisedItem&>(passage.before);
  const auto& after = static_cast<const v1::SupervisedItem&>(passage.after);
  const std::string& now = before.extended_date().empty() ? before.due_date() : before.extended_date();
  if (after.extended_date() > now && after.extended_date() >= passage.step.date()) return absl::OkStatus();
  violations.Add("extended_date", error::v1::REASON_RULE,
                 {absl::StrCat("must be after the deadline that it has, ", now, ", and not in the past"),
                  absl::StrCat("须晚于现有时限 ", now, "，且不得早于办理日期")});
  return absl::OkStatus();
}

// Whether the village has an item from the target that is not struck off.
absl::StatusOr<bool> IsOpen(UnitOfWork& work, const resource::TablePlan& plan, const std::string& village,
                            const std::string& target) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * open,
      work.transaction().Prepare(
          absl::StrCat("SELECT 1 FROM `", plan.table(), "` WHERE `site` = ? AND `target` = ? AND `state` <> ? LIMIT 1")));
  open->BindText(0, village);
  open->BindText(1, target);
  open->BindInt(2, v1::SUPERVISION_STATE_STRUCK_OFF);
  return open->Step();
}

absl::Status RaiseSupervisedItems(UnitOfWork& work, const Message& request, Message* response) {
  const auto& typed = static_cast<const v1::RaiseSupervisedItemsRequest&>(request);
  auto* answer = static_cast<v1::RaiseSupervisedItemsResponse*>(response);
  const resource::TablePlan& villages = *work.engine().registry().FindByCollection("villages");
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("supervisedItems");
  if (typed.villages().empty() || typed.villages_size() > kMaxVillages) {
    Violations violations;
    violations.Add("villages", error::v1::REASON_LENGTH,
                   {absl::StrCat("must be 1 to ", kMaxVillages), absl::StrCat("应为1至", kMaxVillages, "个村")});
    return violations.ToStatus();
  }
  // In one order, so that two callers wait for each other rather than deadlock; locked, so that each village gets one item.
  std::vector<std::string> names(typed.villages().begin(), typed.villages().end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) {
    v1::Village village;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(villages, name, &village));
    JIEDUI_ASSIGN_OR_RETURN(const bool open, IsOpen(work, plan, name, typed.target()));
    if (open) {
      answer->set_open_already(answer->open_already() + 1);
      continue;
    }
    v1::SupervisedItem item;
    item.set_site(name);
    item.set_task(typed.task());
    item.set_measure(typed.measure());
    item.set_owner(typed.owner());
    item.set_due_date(typed.due_date());
    item.set_escalation_days(typed.escalation_days());
    item.set_origin(v1::SUPERVISION_ORIGIN_TARGET);
    item.set_target(typed.target());
    JIEDUI_RETURN_IF_ERROR(work.Create(plan, "", &item));
    answer->add_items(item.name());
  }
  return absl::OkStatus();
}

// The names of a few items that are overdue today.
absl::StatusOr<std::vector<std::string>> OverdueItems(store::Engine& engine) {
  constexpr int kAtOnce = 100;
  std::vector<std::string> names;
  const resource::TablePlan& plan = *engine.registry().FindByCollection("supervisedItems");
  const std::string today = absl::FormatTime("%Y-%m-%d", engine.Now(), absl::FixedTimeZone(8 * 60 * 60));
  JIEDUI_RETURN_IF_ERROR(engine.database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
    names.clear();
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        transaction.Prepare(absl::StrCat("SELECT id FROM `", plan.table(),
                                         "` WHERE `level_due_date` > '' AND `level_due_date` < ? ORDER BY `level_due_date`, id LIMIT ?")));
    row->BindText(0, today);
    row->BindInt(1, kAtOnce);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return absl::OkStatus();
      names.push_back(plan.NameOf(row->Text(0)));
    }
  }));
  return names;
}

}  // namespace

absl::Status EscalateOverdueItems(store::Engine& engine, int* escalated) {
  const resource::TablePlan& plan = *engine.registry().FindByCollection("supervisedItems");
  const store::WriteHandler handler = engine.TransitionHandler(plan, "EscalateItem");
  bool more = true;
  while (more) {
    more = false;
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> names, OverdueItems(engine));
    for (const std::string& name : names) {
      resource::v1::TransitionRequest request;
      request.set_name(name);
      v1::SupervisedItem item;
      const absl::Status status = engine.WriteAndWait("services/village-scheduler", "jiedui.village.v1.SupervisionService/EscalateItem",
                                                      request, &item, handler);
      if (status.ok()) more = true;
      if (status.ok() && escalated != nullptr) ++*escalated;
      // Another replica was faster, or the item was struck off or extended meanwhile.
      const bool moved_on = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status) || absl::IsNotFound(status);
      if (!status.ok() && !moved_on) return status;
    }
  }
  return absl::OkStatus();
}

void AddSupervisionRules(service::Definition& definition) {
  definition.services.push_back("jiedui.village.v1.SupervisionService");
  definition.policies["supervisedItems"] = std::make_unique<SupervisedItemPolicy>();
  definition.guards["overdue"] = Overdue;
  definition.guards["extension_is_later"] = ExtensionIsLater;
  definition.writes.emplace_back("jiedui.village.v1.SupervisionService/RaiseSupervisedItems", RaiseSupervisedItems);
  definition.background.push_back(
      {"escalation", absl::Seconds(5), [](store::Engine& engine) { return EscalateOverdueItems(engine, nullptr); }});
}

}  // namespace jiedui::village
