// Changes of divisions and villages. The place itself holds the current state; each change holds the state before it, so that
// the state on a day is that before the first later change, or the current one.

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
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
  std::string name, code, display_name, parent, end_date;
};

absl::StatusOr<Place> LockPlace(UnitOfWork& work, const std::string& name) {
  v1::Division division;
  JIEDUI_ASSIGN_OR_RETURN(const bool is_division, LockReferred(work, name, &division));
  if (is_division) {
    return Place{true, false, name, division.code(), division.display_name(), division.parent(), division.valid_to()};
  }
  v1::Village village;
  JIEDUI_ASSIGN_OR_RETURN(const bool is_village, LockReferred(work, name, &village));
  if (!is_village) return Place();
  return Place{true, true, name, village.code(), village.display_name(), village.township(), village.exit_date()};
}

absl::Status WritePlace(UnitOfWork& work, const Place& place) {
  if (place.is_village) {
    v1::Village village;
    village.set_name(place.name);
    village.set_code(place.code);
    village.set_display_name(place.display_name);
    village.set_township(place.parent);
    village.set_exit_date(place.end_date);
    return work.Update(*work.engine().registry().FindByCollection("villages"),
                       {"code", "display_name", "township", "exit_date"}, &village);
  }
  v1::Division division;
  division.set_name(place.name);
  division.set_code(place.code);
  division.set_display_name(place.display_name);
  division.set_parent(place.parent);
  division.set_valid_to(place.end_date);
  return work.Update(*work.engine().registry().FindByCollection("divisions"),
                     {"code", "display_name", "parent", "valid_to"}, &division);
}

// Divisions and villages just below a division that have not ended.
absl::StatusOr<std::vector<std::string>> Below(UnitOfWork& work, const std::string& division) {
  std::vector<std::string> names;
  for (const auto& [collection, sql] :
       {std::pair<const char*, const char*>("divisions", "SELECT id FROM division WHERE parent = ? AND valid_to = '' ORDER BY id"),
        {"villages", "SELECT id FROM village WHERE township = ? AND exit_date = '' ORDER BY id"}}) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(sql));
    row->BindText(0, division);
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
    const std::string today = absl::FormatTime("%Y-%m-%d", work.now(), absl::FixedTimeZone(8 * 60 * 60));
    if (after.effective_date() > today) {
      violations.Add("effective_date", error::v1::REASON_RULE, {"must not be in the future", "生效日期不得晚于今天"});
    }
    JIEDUI_ASSIGN_OR_RETURN(const std::string last, LastChange(work, after.subject(), after.name()));
    // The same day is refused by the unique key.
    if (!last.empty() && after.effective_date() < last) {
      violations.Add("effective_date", error::v1::REASON_RULE,
                     {absl::StrCat("must be after the last change, of ", last), absl::StrCat("须晚于上次变更日期", last)});
    }
    JIEDUI_ASSIGN_OR_RETURN(const Place place, LockPlace(work, after.subject()));
    if (!place.end_date.empty() && place.end_date != after.effective_date()) {
      violations.Add("subject", error::v1::REASON_RULE, {"has ended already", "该对象已停用或退出"});
    }
    const bool must_be_empty = after.kind() == v1::DIVISION_CHANGE_KIND_SPLIT || after.kind() == v1::DIVISION_CHANGE_KIND_ABOLISHED;
    if (!must_be_empty) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> below, Below(work, after.subject()));
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
    JIEDUI_RETURN_IF_ERROR(LockPlace(work, change.subject()).status());
    JIEDUI_ASSIGN_OR_RETURN(const std::string last, LastChange(work, change.subject(), change.name()));
    if (last <= change.effective_date()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {"the place has changed again since; delete the later changes first", "之后还有变更，请先删除较晚的变更"});
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto& change = static_cast<const DivisionChange&>(after != nullptr ? *after : *before);
    work.TouchDirectory(change.subject());
    if (before != nullptr && after != nullptr) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(Place place, LockPlace(work, change.subject()));
    if (after != nullptr) return Apply(work, change, std::move(place));
    place.code = change.code_before();
    place.display_name = change.display_name_before();
    place.parent = change.parent_before();
    if (EndsPlace(change.kind())) place.end_date.clear();
    return WritePlace(work, place);
  }

 private:
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
                     {"a merged place has one, a split place two or more, every other none", "合并填一个，拆分填两个以上，其他不填"});
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
      JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> below, Below(work, place.name));
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

}  // namespace

void AddChangeRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.DivisionChangeService");
  definition.policies["divisionChanges"] = std::make_unique<ChangePolicy>();
}

}  // namespace jiedui::village
