// Changes of divisions and villages. The place itself holds the current state; each change holds the state before it, so that
// the state on a day is that before the first later change, or the current one.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/division_change.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::UnitOfWork;
using v1::DivisionChange;

bool EndsPlace(v1::DivisionChangeKind kind) {
  return kind == v1::DIVISION_CHANGE_KIND_MERGED || kind == v1::DIVISION_CHANGE_KIND_SPLIT ||
         kind == v1::DIVISION_CHANGE_KIND_ABOLISHED;
}

// A division or village, as far as a change is concerned.
struct Place {
  bool found = false;
  bool is_village = false;
  std::string name, code, display_name, parent, start_date, end_date;

  // Whether it is there on the day, unless there is no such place, which is said elsewhere. A village may come to the programme
  // later.
  bool IsThereOn(const std::string& day) const {
    return !found || ((is_village || start_date <= day) && (end_date.empty() || end_date > day));
  }
};

absl::StatusOr<Place> LockPlace(UnitOfWork& work, const std::string& name) {
  v1::Division division;
  JIEDUI_ASSIGN_OR_RETURN(const bool is_division, LockReferred(work, name, &division));
  if (is_division) {
    return Place{true,
                 false,
                 name,
                 division.code(),
                 division.display_name(),
                 division.parent(),
                 division.valid_from(),
                 division.valid_to()};
  }
  v1::Village village;
  JIEDUI_ASSIGN_OR_RETURN(const bool is_village, LockReferred(work, name, &village));
  if (!is_village) return Place();
  return Place{true,
               true,
               name,
               village.code(),
               village.display_name(),
               village.township(),
               village.entry_date(),
               village.exit_date()};
}

void SetPlace(const Place& place, v1::Village* village) {
  village->set_name(place.name);
  village->set_code(place.code);
  village->set_display_name(place.display_name);
  village->set_township(place.parent);
  village->set_exit_date(place.end_date);
}

void SetPlace(const Place& place, v1::Division* division) {
  division->set_name(place.name);
  division->set_code(place.code);
  division->set_display_name(place.display_name);
  division->set_parent(place.parent);
  division->set_valid_to(place.end_date);
}

absl::Status WritePlace(UnitOfWork& work, const Place& place) {
  const resource::Registry& registry = work.engine().registry();
  if (place.is_village) {
    v1::Village village;
    SetPlace(place, &village);
    return work.Update(*registry.FindByCollection("villages"), {"code", "display_name", "township", "exit_date"},
                       &village);
  }
  v1::Division division;
  SetPlace(place, &division);
  return work.Update(*registry.FindByCollection("divisions"), {"code", "display_name", "parent", "valid_to"},
                     &division);
}

// Makes the place again what it was before a change; not a correction of it.
absl::Status RestorePlace(UnitOfWork& work, const Place& place) {
  const resource::Registry& registry = work.engine().registry();
  if (place.is_village) {
    const resource::TablePlan& villages = *registry.FindByCollection("villages");
    v1::Village village;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(villages, place.name, &village));
    SetPlace(place, &village);
    JIEDUI_RETURN_IF_ERROR(work.Replace(villages, &village));
    return work.Rederive(villages, place.name);
  }
  const resource::TablePlan& divisions = *registry.FindByCollection("divisions");
  v1::Division division;
  JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(divisions, place.name, &division));
  SetPlace(place, &division);
  return work.Replace(divisions, &division);
}

// Divisions and villages just below a division that have not ended by the day.
absl::StatusOr<std::vector<std::string>> Below(UnitOfWork& work, const std::string& division, const std::string& day) {
  std::vector<std::string> names;
  for (const auto& [collection, sql] :
       {std::pair<const char*, const char*>("divisions",
                                            "SELECT id FROM division WHERE parent = ? AND "
                                            "(valid_to = '' OR valid_to > ?) ORDER BY id"),
        {"villages", "SELECT id FROM village WHERE township = ? AND (exit_date = '' OR exit_date > ?) ORDER BY id"}}) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(sql));
    row->BindText(0, division);
    row->BindText(1, day);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) break;
      names.push_back(absl::StrCat(collection, "/", row->Text(0)));
    }
  }
  return names;
}

// The day of the newest change of the place other than `but`; empty when there is none.
absl::StatusOr<std::string> LastChange(UnitOfWork& work, const std::string& subject, const std::string& but) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("divisionChanges");
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare("SELECT effective_date FROM division_change WHERE subject = ? AND "
                                                     "id <> ? ORDER BY effective_date DESC LIMIT 1"));
  row->BindText(0, subject);
  row->BindText(1, plan.IdOf(but));
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? std::string(row->Text(0)) : "";
}

// Names of the changes of the place, the newest first.
absl::StatusOr<std::vector<std::string>> ChangesOf(UnitOfWork& work, const std::string& place) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT id FROM division_change WHERE subject = ? ORDER BY effective_date DESC"));
  row->BindText(0, place);
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("divisionChanges");
  std::vector<std::string> names;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return names;
    names.push_back(plan.NameOf(row->Text(0)));
  }
}

// The changes that moved what lay in a merged division into its successor.
absl::StatusOr<std::vector<std::string>> MovesOf(UnitOfWork& work, const DivisionChange& change) {
  std::vector<std::string> names;
  if (change.kind() != v1::DIVISION_CHANGE_KIND_MERGED) return names;
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("divisionChanges");
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT id FROM division_change WHERE parent_before = ? AND parent = ? AND "
                                 "kind = ? AND effective_date = ? ORDER BY id"));
  row->BindText(0, change.subject());
  row->BindText(1, change.successors(0).place());
  row->BindInt(2, v1::DIVISION_CHANGE_KIND_MOVED);
  row->BindText(3, change.effective_date());
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return names;
    names.push_back(plan.NameOf(row->Text(0)));
  }
}

absl::Status Refused(error::v1::Reason reason, const Text& text) {
  return MakeError(absl::StatusCode::kFailedPrecondition, reason, text);
}

class ChangePolicy final : public store::PolicyOf<DivisionChange> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, DivisionChange* change) const override {
    if (change->has_create_time()) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const Place place, LockPlace(work, change->subject()));
    if (!place.found) return absl::OkStatus();
    if (change->code_before().empty()) change->set_code_before(place.code);
    if (change->display_name_before().empty()) change->set_display_name_before(place.display_name);
    if (change->parent_before().empty()) change->set_parent_before(place.parent);
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const DivisionChange* before, const DivisionChange& after,
                                Violations& violations) const override {
    CheckParts(after, violations);
    if (before != nullptr) return absl::OkStatus();
    store::CheckHappened(work.today(), {{"effective_date", after.effective_date()}}, violations);
    JIEDUI_ASSIGN_OR_RETURN(const std::string last, LastChange(work, after.subject(), after.name()));
    // The same day is refused by the unique key.
    if (!last.empty() && after.effective_date() < last) {
      violations.Add(
          "effective_date", error::v1::REASON_RULE,
          {absl::StrCat("must be after the last change, of ", last), absl::StrCat("须晚于上次变更日期", last)});
    }
    JIEDUI_ASSIGN_OR_RETURN(const Place place, LockPlace(work, after.subject()));
    if (!place.end_date.empty() && place.end_date < after.effective_date()) {
      violations.Add("subject", error::v1::REASON_RULE, {"has ended already", "该对象已停用或退出"});
    } else if (place.end_date > after.effective_date() && EndsPlace(after.kind())) {
      violations.Add("subject", error::v1::REASON_RULE,
                     {absl::StrCat("ends on another day, ", place.end_date, ": correct that first"),
                      absl::StrCat("该对象的停用或退出日期为 ", place.end_date, "，请先更正")});
    }
    JIEDUI_RETURN_IF_ERROR(CheckYears(work, after, place, violations));
    JIEDUI_RETURN_IF_ERROR(CheckThere(work, after, violations));
    const bool must_be_empty =
        after.kind() == v1::DIVISION_CHANGE_KIND_SPLIT || after.kind() == v1::DIVISION_CHANGE_KIND_ABOLISHED;
    if (!must_be_empty) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> below, Below(work, after.subject(), after.effective_date()));
    if (!below.empty()) {
      violations.Add("subject", error::v1::REASON_RULE,
                     {absl::StrCat("still has ", below.size(), " places in it: record where they go first"),
                      absl::StrCat("仍有", below.size(), "个下级，请先登记其去向")});
    }
    return absl::OkStatus();
  }

  // Only the last change can be taken back: the state before the others would be another.
  absl::Status ValidateDelete(UnitOfWork& work, const Message& before) const override {
    const auto& change = static_cast<const DivisionChange&>(before);
    JIEDUI_ASSIGN_OR_RETURN(Place place, LockPlace(work, change.subject()));
    JIEDUI_ASSIGN_OR_RETURN(const std::string last, LastChange(work, change.subject(), change.name()));
    if (last > change.effective_date()) {
      return Refused(error::v1::REASON_STATE, {"the place has changed again since; delete the later changes first",
                                               "之后还有变更，请先删除较晚的变更"});
    }
    JIEDUI_ASSIGN_OR_RETURN(const int32_t closed, LastClosedYear(work));
    if (YearOf(change.effective_date()) <= closed) {
      return Refused(error::v1::REASON_YEAR_NOT_OPEN,
                     {absl::StrCat("figures of ", closed, ", which is closed, are read with it"),
                      absl::StrCat(closed, "年度已关闭，其数据按该变更汇总")});
    }
    TakeBack(change, &place);
    JIEDUI_ASSIGN_OR_RETURN(const Place above, LockPlace(work, place.parent));
    if (!above.end_date.empty() && (place.end_date.empty() || place.end_date > above.end_date)) {
      return Refused(error::v1::REASON_STATE, {absl::StrCat("the place would lie in ", above.name, ", which has ended"),
                                               absl::StrCat("原上级 ", above.name, " 已停用")});
    }
    return CheckMovesStay(work, change);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto& change = static_cast<const DivisionChange&>(after != nullptr ? *after : *before);
    work.TouchDirectory(change.subject());
    if (before != nullptr && after != nullptr) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(Place place, LockPlace(work, change.subject()));
    if (after != nullptr) return Apply(work, change, std::move(place));
    TakeBack(change, &place);
    JIEDUI_RETURN_IF_ERROR(RestorePlace(work, place));
    // What lay in it comes back.
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> moves, MovesOf(work, change));
    const resource::TablePlan& plan = *work.engine().registry().FindByCollection("divisionChanges");
    for (const std::string& move : moves) JIEDUI_RETURN_IF_ERROR(work.Delete(plan, move, ""));
    return absl::OkStatus();
  }

 private:
  // What the change set becomes what it was. The rest may have been corrected since.
  static void TakeBack(const DivisionChange& change, Place* place) {
    if (!change.code().empty()) place->code = change.code_before();
    if (!change.display_name().empty()) place->display_name = change.display_name_before();
    if (!change.parent().empty()) place->parent = change.parent_before();
    if (EndsPlace(change.kind())) place->end_date.clear();
  }

  // Figures of a closed year are read with the boundary of its end, which a change of that year or an earlier one would redraw, and
  // so would another state before.
  static absl::Status CheckYears(UnitOfWork& work, const DivisionChange& change, const Place& place,
                                 Violations& violations) {
    JIEDUI_ASSIGN_OR_RETURN(const int32_t closed, LastClosedYear(work));
    if (closed == 0) return absl::OkStatus();
    const Text text = {absl::StrCat("would redraw the boundary of ", closed, ", which is closed"),
                       absl::StrCat("将改变已关闭的", closed, "年度的区划")};
    if (YearOf(change.effective_date()) <= closed) {
      violations.Add("effective_date", error::v1::REASON_YEAR_NOT_OPEN, text);
    }
    if (place.found && change.parent_before() != place.parent) {
      violations.Add("parent_before", error::v1::REASON_YEAR_NOT_OPEN, text);
    }
    return absl::OkStatus();
  }

  // Who takes over, and the new parent, are there on the day.
  static absl::Status CheckThere(UnitOfWork& work, const DivisionChange& change, Violations& violations) {
    const auto check = [&](const std::string& field, const std::string& name) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(const Place place, LockPlace(work, name));
      if (place.IsThereOn(change.effective_date())) return absl::OkStatus();
      violations.Add(field, error::v1::REASON_RULE, {"is not there on that day", "在生效日期尚未设立或已停用"});
      return absl::OkStatus();
    };
    JIEDUI_RETURN_IF_ERROR(check("parent", change.parent()));
    for (int i = 0; i < change.successors_size(); ++i) {
      const std::string& name = change.successors(i).place();
      if (name == change.subject()) continue;  // said elsewhere
      JIEDUI_RETURN_IF_ERROR(check(absl::StrCat("successors[", i, "].place"), name));
    }
    return absl::OkStatus();
  }

  static absl::Status CheckMovesStay(UnitOfWork& work, const DivisionChange& change) {
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> moves, MovesOf(work, change));
    for (const std::string& name : moves) {
      DivisionChange move;
      JIEDUI_RETURN_IF_ERROR(LockReferred(work, name, &move).status());
      JIEDUI_ASSIGN_OR_RETURN(const std::string last, LastChange(work, move.subject(), name));
      if (last <= move.effective_date()) continue;
      return Refused(
          error::v1::REASON_STATE,
          {absl::StrCat(move.subject(), ", which lay in it, has changed again since; delete its later changes first"),
           absl::StrCat("原属该区划的 ", move.subject(), " 之后还有变更，请先删除")});
    }
    return absl::OkStatus();
  }

  static void CheckParts(const DivisionChange& change, Violations& violations) {
    const auto require = [&](v1::DivisionChangeKind kind, const char* field, const std::string& value) {
      if (change.kind() == kind && value.empty()) {
        violations.Add(field, error::v1::REASON_REQUIRED, {"must be set for this kind", "该类型必填"});
      }
      if (EndsPlace(change.kind()) && !value.empty()) {
        violations.Add(field, error::v1::REASON_RULE, {"has no meaning for a place that ends", "撤并的对象不填"});
      }
    };
    require(v1::DIVISION_CHANGE_KIND_RENAMED, "display_name", change.display_name());
    require(v1::DIVISION_CHANGE_KIND_RECODED, "code", change.code());
    require(v1::DIVISION_CHANGE_KIND_MOVED, "parent", change.parent());
    const int count = change.successors_size();
    const bool fits = change.kind() == v1::DIVISION_CHANGE_KIND_MERGED  ? count == 1
                      : change.kind() == v1::DIVISION_CHANGE_KIND_SPLIT ? count >= 2
                                                                        : count == 0;
    if (!fits) {
      violations.Add("successors", error::v1::REASON_RULE,
                     {"a merged place has one, a split place two or more, every other none",
                      "合并填一个，拆分填两个以上，其他不填"});
    }
    const std::string collection = change.subject().substr(0, change.subject().find('/') + 1);
    std::set<std::string> seen = {change.subject()};
    for (int i = 0; i < count; ++i) {
      const std::string& place = change.successors(i).place();
      if (place.empty() || (absl::StartsWith(place, collection) && seen.insert(place).second)) continue;
      violations.Add(absl::StrCat("successors[", i, "].place"), error::v1::REASON_RULE,
                     {"must be another place of the same kind, each once", "须为同类的其他对象且不重复"});
    }
  }

  static absl::Status Apply(UnitOfWork& work, const DivisionChange& change, Place place) {
    if (change.kind() == v1::DIVISION_CHANGE_KIND_MERGED && !place.is_village) {
      const resource::TablePlan& plan = *work.engine().registry().FindByCollection("divisionChanges");
      JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> below, Below(work, place.name, change.effective_date()));
      for (const std::string& name : below) {
        DivisionChange moved;
        moved.set_subject(name);
        moved.set_kind(v1::DIVISION_CHANGE_KIND_MOVED);
        moved.set_effective_date(change.effective_date());
        moved.set_parent(change.successors(0).place());
        moved.set_document_number(change.document_number());
        moved.set_source(change.source());
        JIEDUI_RETURN_IF_ERROR(work.Create(plan, "", &moved));
      }
    }
    if (!change.code().empty()) place.code = change.code();
    if (!change.display_name().empty()) place.display_name = change.display_name();
    if (!change.parent().empty()) place.parent = change.parent();
    if (EndsPlace(change.kind())) place.end_date = change.effective_date();
    return WritePlace(work, place);
  }
};

// One field of a place that was corrected from one value to another.
struct Correction {
  const std::string& from;
  const std::string& to;
  const std::string& (DivisionChange::*set)() const;
  const std::string& (DivisionChange::*before)() const;
  void (*set_before)(DivisionChange*, const std::string&);
  // Whether it goes back further.
  bool goes_on = false;
};

// Whether the change says of the field what was corrected.
bool Reaches(const DivisionChange& change, Correction* correction) {
  correction->goes_on =
      correction->goes_on && (change.*correction->set)().empty() && (change.*correction->before)() == correction->from;
  return correction->goes_on;
}

}  // namespace

absl::Status CorrectStatesBefore(UnitOfWork& work, const std::string& place, const PlaceState& from,
                                 const PlaceState& to) {
  Correction corrections[] = {
      {from.code, to.code, &DivisionChange::code, &DivisionChange::code_before,
       [](DivisionChange* change, const std::string& value) { change->set_code_before(value); }},
      {from.display_name, to.display_name, &DivisionChange::display_name, &DivisionChange::display_name_before,
       [](DivisionChange* change, const std::string& value) { change->set_display_name_before(value); }},
      {from.parent, to.parent, &DivisionChange::parent, &DivisionChange::parent_before,
       [](DivisionChange* change, const std::string& value) { change->set_parent_before(value); }}};
  bool any = false;
  for (Correction& each : corrections) any = (each.goes_on = each.from != each.to) || any;
  if (!any) return absl::OkStatus();
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("divisionChanges");
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> names, ChangesOf(work, place));
  for (const std::string& name : names) {
    DivisionChange change;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(plan, name, &change));
    bool reached = false;
    for (Correction& each : corrections) {
      if (!Reaches(change, &each)) continue;
      each.set_before(&change, each.to);
      reached = true;
    }
    if (!reached) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(work.Replace(plan, &change));
  }
  return absl::OkStatus();
}

absl::Status CheckEnd(UnitOfWork& work, const char* field, const std::string& place, const std::string& end,
                      Violations& violations) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare(
          "SELECT effective_date FROM division_change WHERE subject = ? AND kind IN (?, ?, ?) LIMIT 1"));
  row->BindText(0, place);
  row->BindInt(1, v1::DIVISION_CHANGE_KIND_MERGED);
  row->BindInt(2, v1::DIVISION_CHANGE_KIND_SPLIT);
  row->BindInt(3, v1::DIVISION_CHANGE_KIND_ABOLISHED);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found || row->Text(0) == end) return absl::OkStatus();
  violations.Add(field, error::v1::REASON_RULE,
                 {absl::StrCat("is set by the change of ", row->Text(0), ": take that back first"),
                  absl::StrCat("由 ", row->Text(0), " 的区划变更确定，请先撤销该变更")});
  return absl::OkStatus();
}

void AddChangeRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.DivisionChangeService");
  definition.policies["divisionChanges"] = std::make_unique<ChangePolicy>();
}

}  // namespace jiedui::village
