#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/resource/field_rules.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/division.pb.h"
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

constexpr size_t kMaxPlaces = 2000;
constexpr int kAtOnce = 100;

std::string DayAfter(const std::string& date, int days) {
  absl::CivilDay day;
  return absl::ParseCivilTime(date, &day) ? absl::FormatCivilTime(day + days) : date;
}

class SupervisedItemPolicy final : public store::PolicyOf<v1::SupervisedItem> {
 public:
  // The last day of the level that has the item: its deadline, and from the first escalation on a number of days each.
  void PrepareResource(const v1::SupervisedItem* before, v1::SupervisedItem* item) const override {
    if (item->state() == v1::SUPERVISION_STATE_STRUCK_OFF) return;
    if (item->state() == v1::SUPERVISION_STATE_CITY) {
      item->clear_level_due_date();
    } else if (before == nullptr) {
      item->set_level_due_date(item->due_date());
    } else if (before->extended_date() != item->extended_date()) {
      item->set_level_due_date(item->extended_date());
    } else if (before->state() != item->state()) {
      item->set_level_due_date(DayAfter(item->escalated_date(), item->escalation_days()));
    }
  }

  absl::Status DeriveResource(UnitOfWork& work, v1::SupervisedItem* item) const override {
    if (item->has_create_time()) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(PutBeforeLevel(work, item));
    if (!item->raised_date().empty()) return absl::OkStatus();
    const std::string today = work.today();
    item->set_raised_date(resource::IsCivilDate(item->due_date()) ? std::min(today, item->due_date()) : today);
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::SupervisedItem* before, const v1::SupervisedItem& after,
                                Violations& violations) const override {
    if (before != nullptr) return absl::OkStatus();
    store::CheckHappened(work.today(), {{"raised_date", after.raised_date()}}, violations);
    store::CheckDateOrder({{"raised_date", after.raised_date()}, {"due_date", after.due_date()}}, false, violations);
    v1::Inspection inspection;
    JIEDUI_ASSIGN_OR_RETURN(const bool inspected, ReadReferred(work, after.inspection(), &inspection));
    if (inspected && after.raised_date() < inspection.held_date()) {
      violations.Add("raised_date", error::v1::REASON_RULE,
                     {absl::StrCat("must not be before the inspection, of ", inspection.held_date()),
                      absl::StrCat("不得早于督查日期 ", inspection.held_date())});
    }
    if (inspected && absl::StartsWith(inspection.subject(), "villages/") && inspection.subject() != after.site()) {
      violations.Add("inspection", error::v1::REASON_RULE, {"is one of another village", "不是对该村的督查"});
    }
    CheckOrigin("target", v1::SUPERVISION_ORIGIN_TARGET, after.target(), after.origin(), violations);
    CheckOrigin("inspection", v1::SUPERVISION_ORIGIN_INSPECTION, after.inspection(), after.origin(), violations);
    return absl::OkStatus();
  }

  // What an inspection or a target raised does not vanish without evidence.
  absl::Status ValidateDelete(UnitOfWork& /*work*/, const Message& before) const override {
    if (static_cast<const v1::SupervisedItem&>(before).origin() == v1::SUPERVISION_ORIGIN_MANUAL)
      return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {"was raised from an inspection or a target: strike it off with evidence",
                      "由督查或目标未达产生的督办事项不能删除，请凭依据销号"});
  }

 private:
  // The level of the place has the item first; a village's is its township's.
  static absl::Status PutBeforeLevel(UnitOfWork& work, v1::SupervisedItem* item) {
    v1::Division division;
    JIEDUI_RETURN_IF_ERROR(ReadReferred(work, item->site(), &division).status());
    if (division.level() == v1::DIVISION_LEVEL_DISTRICT) item->set_state(v1::SUPERVISION_STATE_DISTRICT);
    if (division.level() != v1::DIVISION_LEVEL_CITY) return absl::OkStatus();
    item->set_state(v1::SUPERVISION_STATE_CITY);
    item->clear_level_due_date();
    return absl::OkStatus();
  }

  // What it was raised from is said exactly when it was raised from that.
  static void CheckOrigin(const char* field, v1::SupervisionOrigin needed, const std::string& value,
                          v1::SupervisionOrigin origin, Violations& violations) {
    if (origin == v1::SUPERVISION_ORIGIN_UNSPECIFIED || (origin == needed) != value.empty()) return;
    violations.Add(
        field, error::v1::REASON_RULE,
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
  // A level that took it up later may have more days than were granted before.
  const std::string& now = std::max({before.due_date(), before.extended_date(), before.level_due_date()});
  if (after.extended_date() > now && after.extended_date() >= passage.step.date()) return absl::OkStatus();
  violations.Add("extended_date", error::v1::REASON_RULE,
                 {absl::StrCat("must be after the deadline that it has, ", now, ", and not in the past"),
                  absl::StrCat("须晚于现有时限 ", now, "，且不得早于办理日期")});
  return absl::OkStatus();
}

// Whether the place has an item from the target that is not struck off.
absl::StatusOr<bool> IsOpen(UnitOfWork& work, const resource::TablePlan& plan, const std::string& site,
                            const std::string& target) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * open, work.transaction().Prepare(absl::StrCat(
                                                     "SELECT 1 FROM `", plan.table(),
                                                     "` WHERE `site` = ? AND `target` = ? AND `state` <> ? LIMIT 1")));
  open->BindText(0, site);
  open->BindText(1, target);
  open->BindInt(2, v1::SUPERVISION_STATE_STRUCK_OFF);
  return open->Step();
}

// The places of the request, each once, in one order, so that two callers wait for each other rather than deadlock.
absl::StatusOr<std::vector<std::string>> PlacesOf(const v1::RaiseSupervisedItemsRequest& request) {
  std::vector<std::string> names(request.villages().begin(), request.villages().end());
  names.insert(names.end(), request.divisions().begin(), request.divisions().end());
  Violations violations;
  if (names.empty() || names.size() > kMaxPlaces) {
    violations.Add("villages", error::v1::REASON_LENGTH,
                   {absl::StrCat("must be 1 to ", kMaxPlaces, " with the divisions"),
                    absl::StrCat("连同区划应为1至", kMaxPlaces, "个")});
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  JIEDUI_RETURN_IF_ERROR(violations.ToStatus());
  return names;
}

// Locks the village or division, so that each gets one item.
absl::Status LockSite(UnitOfWork& work, const std::string& name) {
  v1::Division division;
  v1::Village village;
  const resource::Registry& registry = work.engine().registry();
  if (absl::StartsWith(name, "divisions/"))
    return work.GetForUpdate(*registry.FindByCollection("divisions"), name, &division);
  return work.GetForUpdate(*registry.FindByCollection("villages"), name, &village);
}

absl::Status RaiseSupervisedItems(UnitOfWork& work, const Message& request, Message* response) {
  const auto& typed = static_cast<const v1::RaiseSupervisedItemsRequest&>(request);
  auto* answer = static_cast<v1::RaiseSupervisedItemsResponse*>(response);
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("supervisedItems");
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> names, PlacesOf(typed));
  for (const std::string& name : names) {
    JIEDUI_RETURN_IF_ERROR(LockSite(work, name));
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

// An item that is overdue, and where the scheduler has come to.
struct OverdueItem {
  std::string level_due_date;
  std::string id;
};

// A few items that are overdue today and have a level above, from after `last` on. Those that were recorded today are left alone:
// their steps may still be recorded, which are older.
absl::StatusOr<std::vector<OverdueItem>> OverdueItems(store::Engine& engine, const OverdueItem& last) {
  std::vector<OverdueItem> items;
  const resource::TablePlan& plan = *engine.registry().FindByCollection("supervisedItems");
  const absl::TimeZone zone = absl::FixedTimeZone(8 * 60 * 60);
  const absl::CivilDay day(absl::ToCivilSecond(engine.Now(), zone));
  const std::string today = absl::FormatCivilTime(day);
  const int64_t midnight = absl::ToUnixMicros(absl::FromCivil(day, zone));
  JIEDUI_RETURN_IF_ERROR(engine.database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
    items.clear();
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        transaction.Prepare(absl::StrCat("SELECT level_due_date, id FROM `", plan.table(),
                                         "` WHERE state IN (?, ?) AND create_time < ? AND level_due_date < ? AND "
                                         "(level_due_date > ? OR (level_due_date = ? AND id > ?)) "
                                         "ORDER BY level_due_date, id LIMIT ?")));
    row->BindInt(0, v1::SUPERVISION_STATE_TOWNSHIP);
    row->BindInt(1, v1::SUPERVISION_STATE_DISTRICT);
    row->BindInt(2, midnight);
    row->BindText(3, today);
    row->BindText(4, last.level_due_date);
    row->BindText(5, last.level_due_date);
    row->BindText(6, last.id);
    row->BindInt(7, kAtOnce);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return absl::OkStatus();
      items.push_back({std::string(row->Text(0)), std::string(row->Text(1))});
    }
  }));
  return items;
}

// Whether the step was refused only because the item was extended, or taken to the next level, since it was looked up.
bool IsDueLater(const absl::Status& status) {
  const std::vector<error::v1::Violation> violations = ViolationsOf(status);
  return violations.size() == 1 && violations[0].field() == "date";
}

}  // namespace

absl::Status EscalateOverdueItems(store::Engine& engine, int* escalated) {
  const resource::TablePlan& plan = *engine.registry().FindByCollection("supervisedItems");
  const store::WriteHandler handler = engine.TransitionHandler(plan, "EscalateItem");
  absl::Status failed;
  std::vector<OverdueItem> items(1);
  while (!items.empty()) {
    // The page after: an item that was escalated is due later, and one that cannot be is not to hold up the others.
    JIEDUI_ASSIGN_OR_RETURN(items, OverdueItems(engine, items.back()));
    for (const OverdueItem& each : items) {
      resource::v1::TransitionRequest request;
      request.set_name(plan.NameOf(each.id));
      v1::SupervisedItem item;
      const absl::Status status = engine.WriteAndWait(
          "services/village-scheduler", "jiedui.village.v1.SupervisionService/EscalateItem", request, &item, handler);
      if (status.ok() && escalated != nullptr) ++*escalated;
      // Another replica was faster, or the item was struck off or extended meanwhile.
      const bool moved_on = absl::IsFailedPrecondition(status) || absl::IsNotFound(status) || IsDueLater(status);
      if (absl::IsUnavailable(status)) return status;
      if (!moved_on) failed.Update(status);
    }
  }
  return failed;
}

void AddSupervisionRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.SupervisionService");
  definition.policies["supervisedItems"] = std::make_unique<SupervisedItemPolicy>();
  definition.guards["overdue"] = Overdue;
  definition.guards["extension_is_later"] = ExtensionIsLater;
  definition.writes.emplace_back("jiedui.village.v1.SupervisionService/RaiseSupervisedItems", RaiseSupervisedItems);
  definition.background.push_back(
      {"escalation", absl::Seconds(5), [](store::Engine& engine) { return EscalateOverdueItems(engine, nullptr); }});
}

}  // namespace jiedui::village
