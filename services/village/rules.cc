#include "services/village/rules.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/resource/field_rules.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/division.pb.h"

namespace jiedui::village {

using google::protobuf::Message;
using store::UnitOfWork;

namespace {

absl::StatusOr<bool> Found(const absl::Status& status) {
  if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return false;
  JIEDUI_RETURN_IF_ERROR(status);
  return true;
}

const resource::TablePlan* PlanOf(UnitOfWork& work, absl::string_view name) {
  return work.engine().registry().FindByName(name);
}

}  // namespace

int32_t YearOf(absl::string_view date) {
  int32_t year = 0;
  return resource::IsCivilDate(date) && absl::SimpleAtoi(date.substr(0, 4), &year) ? year : 0;
}

absl::StatusOr<bool> LockReferred(UnitOfWork& work, absl::string_view name, Message* resource) {
  const resource::TablePlan* plan = PlanOf(work, name);
  if (plan == nullptr || plan->descriptor() != resource->GetDescriptor()) return false;
  return Found(work.GetForUpdate(*plan, name, resource));
}

absl::StatusOr<bool> ReadReferred(UnitOfWork& work, absl::string_view name, Message* resource) {
  const resource::TablePlan* plan = PlanOf(work, name);
  if (plan == nullptr || plan->descriptor() != resource->GetDescriptor()) return false;
  return Found(work.Get(*plan, name, resource));
}

absl::StatusOr<std::vector<std::string>> NamesWhere(UnitOfWork& work, absl::string_view collection,
                                                    absl::string_view field, absl::string_view value) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection(collection);
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(absl::StrCat("SELECT id FROM `", plan.table(), "` WHERE ",
                                                                  plan.FindColumn(field)->quoted, " = ? ORDER BY id")));
  row->BindText(0, value);
  std::vector<std::string> names;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return names;
    names.push_back(plan.NameOf(row->Text(0)));
  }
}

absl::StatusOr<bool> Overlaps(UnitOfWork& work, absl::string_view collection, absl::string_view name,
                              std::initializer_list<std::pair<absl::string_view, absl::string_view>> same,
                              Period period, absl::string_view extra) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection(collection);
  std::string sql = absl::StrCat("SELECT 1 FROM `", plan.table(),
                                 "` WHERE id <> ? AND (end_date = '' OR end_date > ?) AND (? = '' OR start_date < ?)");
  for (const auto& [field, value] : same) absl::StrAppend(&sql, " AND ", plan.FindColumn(field)->quoted, " = ?");
  if (!extra.empty()) absl::StrAppend(&sql, " AND ", extra);
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(absl::StrCat(sql, " LIMIT 1")));
  row->BindText(0, plan.IdOf(name));
  row->BindText(1, period.start);
  row->BindText(2, period.end);
  row->BindText(3, period.end);
  int parameter = 4;
  for (const auto& [field, value] : same) row->BindText(parameter++, value);
  return row->Step();
}

void CheckPeriod(UnitOfWork& work, Period period, Violations& violations) {
  store::CheckHappened(work.today(), {{"start_date", period.start}, {"end_date", period.end}}, violations);
  if (period.end.empty() || period.start.empty() || period.end > period.start) return;
  violations.Add("end_date", error::v1::REASON_RULE,
                 {"is the first day on which it no longer holds, so it must be after start_date",
                  "为不再有效的第一天，须晚于start_date"});
}

void CheckWithin(Period period, Period outer, const Text& of, Violations& violations) {
  if (!period.start.empty() && period.start < outer.start) {
    violations.Add("start_date", error::v1::REASON_RULE,
                   {absl::StrCat("must not be before that of ", of.en), absl::StrCat("不得早于", of.zh, "的开始日期")});
  }
  if (!outer.end.empty() && (period.end.empty() || period.end > outer.end)) {
    violations.Add("end_date", error::v1::REASON_RULE,
                   {absl::StrCat("must not be after that of ", of.en), absl::StrCat("不得晚于", of.zh, "的结束日期")});
  }
}

absl::StatusOr<bool> LastsOutside(UnitOfWork& work, absl::string_view collection, absl::string_view field,
                                  absl::string_view value, Period period) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection(collection);
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(absl::StrCat(
                              "SELECT 1 FROM `", plan.table(), "` WHERE ", plan.FindColumn(field)->quoted,
                              " = ? AND (start_date < ? OR (? <> '' AND (end_date = '' OR end_date > ?))) LIMIT 1")));
  row->BindText(0, value);
  row->BindText(1, period.start);
  row->BindText(2, period.end);
  row->BindText(3, period.end);
  return row->Step();
}

absl::StatusOr<int32_t> LastClosedYear(UnitOfWork& work) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT year FROM programme_year WHERE state = ? ORDER BY year DESC LIMIT 1"));
  row->BindInt(0, v1::YEAR_STATE_CLOSED);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? static_cast<int32_t>(row->Int(0)) : 0;
}

}  // namespace jiedui::village
