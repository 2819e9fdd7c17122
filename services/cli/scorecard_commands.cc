#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/bulk/csv.h"
#include "common/status/macros.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/cli/commands.h"
#include "services/cli/figures.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using gateway::v1::Scorecard;
using gateway::v1::ScorecardRow;
using Align = TextTable::Align;

std::string Count(bool present, int64_t value) { return present ? absl::StrCat(value) : "-"; }

std::string RatioText(const ScorecardRow& row) {
  const std::string numerator = Count(row.has_numerator(), row.numerator());
  return row.has_denominator() ? absl::StrCat(numerator, "/", row.denominator()) : numerator;
}

std::string StatusText(const Session& session, const ScorecardRow& row) {
  std::string status = EnumText(session, row.status(), "TARGET_STATUS_");
  if (row.freshness() != gateway::v1::FRESHNESS_FRESH) {
    absl::StrAppend(&status, " (", EnumText(session, row.freshness(), "FRESHNESS_"), ")");
  }
  return status;
}

std::vector<std::string> RowCells(const Session& session, const ScorecardRow& row) {
  const bool at_most = row.comparator() == gateway::v1::COMPARATOR_AT_MOST;
  const std::string& unit = row.unit();
  // Towards the side that does not meet the goal: what is nearly met must not look met.
  const auto shown = [&](int64_t micros) {
    return Quantity(at_most ? RoundUp(micros, unit) : RoundDown(micros, unit), unit);
  };
  const std::string bounds = row.has_lower_micros() && row.has_upper_micros()
                                 ? absl::StrCat(shown(row.lower_micros()), " – ", shown(row.upper_micros()))
                                 : "-";
  return {absl::StrCat(row.position()),
          row.display_name(),
          row.clause(),
          row.has_value_micros() ? shown(row.value_micros()) : "-",
          row.has_goal_micros() ? GoalText(row.comparator(), row.goal_micros(), unit) : "-",
          RatioText(row),
          row.has_gap_micros() ? Quantity(RoundUp(row.gap_micros(), unit), unit) : "-",
          Count(row.has_needed_count(), row.needed_count()),
          Count(row.has_unreported_count(), row.unreported_count()),
          bounds,
          StatusText(session, row)};
}

// What is tracked has no goal, so nothing that a goal is measured by.
std::vector<std::string> TrackedCells(const Session& session, const ScorecardRow& row) {
  return {absl::StrCat(row.position()),
          row.display_name(),
          row.clause(),
          row.has_value_micros() ? Quantity(RoundDown(row.value_micros(), row.unit()), row.unit()) : "-",
          row.unit(),
          RatioText(row),
          Count(row.has_unreported_count(), row.unreported_count()),
          StatusText(session, row)};
}

void PrintTracked(const Session& session, const Scorecard& card) {
  if (card.tracked_rows().empty()) return;
  session.out() << session.In({"tracked without a goal\n", "跟踪指标（不设目标值）\n"});
  TextTable table;
  table.AddColumn(session.In({"#", "序号"}), Align::kRight);
  table.AddColumn(session.In({"indicator", "指标"}), Align::kLeft);
  table.AddColumn(session.In({"clause", "条款"}), Align::kLeft);
  table.AddColumn(session.In({"value", "实际"}), Align::kRight);
  table.AddColumn(session.In({"unit", "单位"}), Align::kLeft);
  table.AddColumn(session.In({"of", "分子/分母"}), Align::kRight);
  table.AddColumn(session.In({"unreported", "未报"}), Align::kRight);
  table.AddColumn(session.In({"status", "状态"}), Align::kLeft);
  for (const ScorecardRow& row : card.tracked_rows()) table.AddRow(TrackedCells(session, row));
  table.Print(session.out());
}

void PrintScorecard(const Session& session, const Scorecard& card) {
  session.out() << absl::StrFormat(
      session.chinese() ? "%d 年度 %s 记分卡（%d 个困难村）\n" : "%d scorecard of %s (%d villages)\n", card.year(),
      card.division().empty() ? session.In({"the whole", "全市"}) : card.display_name(), card.village_count());
  TextTable table;
  const std::vector<std::pair<Text, Align>> headings = {
      {{"#", "序号"}, Align::kRight},          {{"target", "目标"}, Align::kLeft},
      {{"clause", "条款"}, Align::kLeft},      {{"value", "实际"}, Align::kRight},
      {{"goal", "目标值"}, Align::kRight},     {{"of", "分子/分母"}, Align::kRight},
      {{"gap", "差距"}, Align::kRight},        {{"needed", "还需"}, Align::kRight},
      {{"unreported", "未报"}, Align::kRight}, {{"bounds", "上下限"}, Align::kRight},
      {{"status", "状态"}, Align::kLeft}};
  for (const auto& [heading, align] : headings) table.AddColumn(session.In(heading), align);
  for (const ScorecardRow& row : card.rows()) table.AddRow(RowCells(session, row));
  table.Print(session.out());
  PrintTracked(session, card);
  session.out() << SourcesLine(session, card.sources());
  if (card.unplaced_node_count() > 0) {
    session.out() << session.In({"figures of places that are not in the directory: ", "未归属节点："})
                  << card.unplaced_node_count() << '\n';
  }
}

// A field as text; repeated ones in one cell.
std::string FieldText(const ScorecardRow& row, const google::protobuf::FieldDescriptor* field) {
  const auto* reflection = row.GetReflection();
  if (field->is_repeated()) return absl::StrJoin(row.sources(), " ");
  if (field->has_presence() && !reflection->HasField(row, field)) return "";
  switch (field->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection->GetInt32(row, field));
    case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection->GetInt64(row, field));
    case google::protobuf::FieldDescriptor::CPPTYPE_ENUM:
      return reflection->GetEnum(row, field)->name();
    default:
      return reflection->GetString(row, field);
  }
}

// The rows as CSV, columns named as the fields of the proto.
std::string ScorecardCsv(const Scorecard& card) {
  std::string text;
  const google::protobuf::Descriptor* descriptor = ScorecardRow::descriptor();
  std::vector<std::string> cells;
  for (int i = 0; i < descriptor->field_count(); ++i) cells.push_back(descriptor->field(i)->name());
  bulk::AppendCsvRow(cells, &text);
  for (const auto* rows : {&card.rows(), &card.tracked_rows()}) {
    for (const ScorecardRow& row : *rows) {
      cells.clear();
      for (int i = 0; i < descriptor->field_count(); ++i) cells.push_back(FieldText(row, descriptor->field(i)));
      bulk::AppendCsvRow(cells, &text);
    }
  }
  return text;
}

absl::StatusOr<ExitCode> RunScorecard(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  gateway::v1::GetScorecardRequest request;
  request.set_division(PlaceOf(arguments.Get("division")));
  request.set_year(static_cast<int>(year));
  Scorecard card;
  JIEDUI_RETURN_IF_ERROR(session.Call("gateway", "jiedui.gateway.v1.ScorecardService/GetScorecard", request, &card));
  switch (session.format()) {
    case OutputFormat::kJson:
      session.PrintJson(card);
      break;
    case OutputFormat::kCsv:
      session.out() << ScorecardCsv(card);
      break;
    case OutputFormat::kTable:
      PrintScorecard(session, card);
      break;
  }
  return ExitCode::kOk;
}

}  // namespace

std::vector<Command> ScorecardCommands() {
  std::vector<Command> commands;
  commands.push_back(
      {"scorecard",
       "",
       0,
       0,
       {"the year's figures against their targets", "年度目标记分卡"},
       {},
       {DivisionFlag(), {"year", "YEAR", {"0: the latest open one", "年度，0 为最近的开放年度"}, "0", "", 0}},
       RunScorecard});
  return commands;
}

}  // namespace jiedui::cli
