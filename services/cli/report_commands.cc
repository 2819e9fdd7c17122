#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/bulk/csv.h"
#include "common/status/macros.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/cli/commands.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using gateway::v1::Scorecard;
using gateway::v1::ScorecardRow;
using Align = TextTable::Align;

constexpr int64_t kMicros = 1'000'000;
constexpr absl::Duration kVerifyTimeout = absl::Hours(2);
constexpr int kMaxPage = 1000;
constexpr int kLastYear = 2100;
constexpr int64_t kMostVillages = 1'000'000;
constexpr size_t kVillageCodeLength = 12;

// What people in Tianjin read from their clocks.
absl::TimeZone BeijingTime() { return absl::FixedTimeZone(8 * 60 * 60); }

// "divisions/120119" or "villages/120119100201" for a code; names stay as they are.
std::string PlaceOf(const std::string& code) {
  if (code.empty() || code.find('/') != std::string::npos) return code;
  return absl::StrCat(code.size() >= kVillageCodeLength ? "villages/" : "divisions/", code);
}

// Millionths of the last digit that is shown: two decimals of the unit, for shares of a percent.
int64_t ShownStep(const std::string& unit) { return unit == "%" ? kMicros / 10'000 : kMicros / 100; }

// To a multiple of the last digit that is shown, downwards or upwards.
int64_t RoundDown(int64_t micros, const std::string& unit) {
  const int64_t step = ShownStep(unit);
  const int64_t rest = micros % step;
  return micros - rest - (rest < 0 ? step : 0);
}
int64_t RoundUp(int64_t micros, const std::string& unit) { return -RoundDown(-micros, unit); }

// A number of millionths of `unit`, rounded as it is shown: 700000 of "%" is "70%".
std::string Quantity(int64_t micros, const std::string& unit) {
  const bool percent = unit == "%";
  const uint64_t hundredths =
      static_cast<uint64_t>(micros < 0 ? -micros : micros) / static_cast<uint64_t>(ShownStep(unit));
  std::string text = absl::StrCat(micros < 0 ? "-" : "", hundredths / 100);
  std::string fraction = absl::StrFormat(".%02d", hundredths % 100);
  while (absl::EndsWith(fraction, "0")) fraction.pop_back();
  if (fraction != ".") text += fraction;
  return percent ? absl::StrCat(text, "%") : text;
}

template <typename Enum>
std::string EnumText(const Session& session, Enum value, absl::string_view prefix) {
  const auto* descriptor = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  if (descriptor == nullptr) return "?";
  const std::string& title = descriptor->options().GetExtension(options::v1::value_title_zh);
  if (session.chinese() && !title.empty()) return title;
  return absl::AsciiStrToLower(absl::StrReplaceAll(absl::StripPrefix(descriptor->name(), prefix), {{"_", " "}}));
}

std::string Count(bool present, int64_t value) { return present ? absl::StrCat(value) : "-"; }
void PrintSources(const Session& session, const google::protobuf::RepeatedPtrField<gateway::v1::SourceState>& sources) {
  std::vector<std::string> texts;
  for (const gateway::v1::SourceState& source : sources) {
    std::string text = absl::StrCat(source.service(), " ", EnumText(session, source.freshness(), "FRESHNESS_"));
    if (source.has_as_of_time()) {
      const absl::Time time = absl::FromUnixSeconds(source.as_of_time().seconds());
      absl::StrAppend(&text, " ", absl::FormatTime("%Y-%m-%d %H:%M:%S", time, BeijingTime()));
    }
    if (!source.problem().empty()) absl::StrAppend(&text, " (", source.problem(), ")");
    texts.push_back(std::move(text));
  }
  session.out() << session.In({"sources: ", "数据来源："}) << absl::StrJoin(texts, session.In({"; ", "；"})) << '\n';
}

std::string GoalText(gateway::v1::Comparator comparator, int64_t micros, const std::string& unit) {
  if (comparator == gateway::v1::COMPARATOR_TRACKED) return "-";
  return absl::StrCat(comparator == gateway::v1::COMPARATOR_AT_MOST ? "≤" : "≥", Quantity(micros, unit));
}

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
  PrintSources(session, card.sources());
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

// The targets of `year`, of all years when 0, the latest year first.
absl::StatusOr<std::vector<gateway::v1::Target>> FetchTargets(Session& session, int64_t year) {
  resource::v1::ListRequest request;
  request.set_page_size(kMaxPage);
  request.set_order_by("year desc, position");
  if (year != 0) request.set_filter(absl::StrCat("year = ", year));
  std::vector<gateway::v1::Target> targets;
  do {
    gateway::v1::ListTargetsResponse page;
    JIEDUI_RETURN_IF_ERROR(session.Call("gateway", "jiedui.gateway.v1.TargetService/ListTargets", request, &page));
    targets.insert(targets.end(), page.targets().begin(), page.targets().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return targets;
}

absl::StatusOr<ExitCode> RunTargets(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<gateway::v1::Target> targets, FetchTargets(session, year));
  std::vector<std::vector<std::string>> rows;
  for (const gateway::v1::Target& each : targets) {
    rows.push_back({absl::StrCat(each.position()), each.name(), each.display_name(),
                    EnumText(session, each.kind(), "TARGET_KIND_"),
                    GoalText(each.comparator(), each.goal_micros(), each.unit()), each.unit(), each.clause(),
                    each.deadline()});
  }
  PrintRows(session,
            {{"position", {"#", "序号"}, Align::kRight},
             {"name", {"name", "资源名"}},
             {"display_name", {"target", "目标"}},
             {"kind", {"kind", "类型"}},
             {"goal", {"goal", "目标值"}, Align::kRight},
             {"unit", {"unit", "单位"}},
             {"clause", {"clause", "条款"}},
             {"deadline", {"deadline", "期限"}}},
            rows);
  return ExitCode::kOk;
}

// "targets/2018-beautiful-villages" for "beautiful-villages" in the latest year, or that of --year. Usage error that names
// the nearest target.
absl::StatusOr<std::string> TargetOf(Session& session, const Arguments& arguments) {
  const std::string& word = arguments.operands()[0];
  if (absl::StrContains(word, '/')) return word;
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<gateway::v1::Target> targets, FetchTargets(session, year));
  std::vector<std::string> names;
  for (const gateway::v1::Target& target : targets) {
    const absl::string_view id = absl::StripPrefix(target.name(), "targets/");
    if (id == word || id == absl::StrCat(target.year(), "-", word)) return target.name();
    names.emplace_back(absl::StripPrefix(id, absl::StrCat(target.year(), "-")));
  }
  const std::string nearest = NearestTo(word, names);
  const std::string hint = nearest.empty() ? "jiedui targets" : absl::StrCat("jiedui gaps ", nearest);
  return UsageError({absl::StrCat("there is no target \"", word, "\"; try: ", hint),
                     absl::StrCat("没有目标 ", word, "；请试：", hint)});
}

std::string ShortfallsOf(const gateway::v1::FailingVillage& village) {
  std::vector<std::string> texts;
  for (const gateway::v1::Shortfall& each : village.shortfalls()) {
    texts.push_back(absl::StrCat(each.measure(), " ", each.value(), " → ", each.needed_value()));
  }
  return absl::StrJoin(texts, "; ");
}

// All pages as one, up to `limit` villages.
absl::StatusOr<gateway::v1::ListFailingVillagesResponse> FetchGaps(Session& session,
                                                                   gateway::v1::ListFailingVillagesRequest request,
                                                                   int64_t limit) {
  gateway::v1::ListFailingVillagesResponse all;
  do {
    request.set_page_size(static_cast<int>(std::min<int64_t>(limit - all.failing_villages_size(), kMaxPage)));
    gateway::v1::ListFailingVillagesResponse page;
    JIEDUI_RETURN_IF_ERROR(
        session.Call("gateway", "jiedui.gateway.v1.ScorecardService/ListFailingVillages", request, &page));
    request.set_page_token(page.next_page_token());
    all.mutable_failing_villages()->MergeFrom(page.failing_villages());
    page.mutable_failing_villages()->Swap(all.mutable_failing_villages());
    all = std::move(page);
  } while (!request.page_token().empty() && all.failing_villages_size() < limit);
  return all;
}

absl::StatusOr<ExitCode> RunGaps(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t limit, arguments.GetInt("limit", 0, kMostVillages));
  gateway::v1::ListFailingVillagesRequest request;
  JIEDUI_ASSIGN_OR_RETURN(*request.mutable_target(), TargetOf(session, arguments));
  request.set_division(PlaceOf(arguments.Get("division")));
  JIEDUI_ASSIGN_OR_RETURN(const gateway::v1::ListFailingVillagesResponse all,
                          FetchGaps(session, std::move(request), limit == 0 ? kMostVillages : limit));
  if (session.format() == OutputFormat::kJson) {
    session.PrintJson(all);
    return ExitCode::kOk;
  }
  const bool table = session.format() == OutputFormat::kTable;
  if (table) {
    session.out() << absl::StrFormat(session.chinese() ? "未达标 %d 个村，未报 %d 个村；还需 %d 个村达标\n"
                                                       : "%d fail, %d unreported; %d more must pass\n",
                                     all.failing_count(), all.unreported_count(), all.needed_count());
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& village : all.failing_villages()) {
    rows.push_back({village.code(), absl::StrJoin(village.parent_display_names(), " "), village.display_name(),
                    village.unreported() ? session.In({"unreported", "未报"}) : ShortfallsOf(village)});
  }
  PrintRows(session,
            {{"code", {"code", "代码"}},
             {"within", {"within", "所属"}},
             {"village", {"village", "村"}},
             {"missing", {"missing", "欠缺"}}},
            rows);
  if (table) PrintSources(session, all.sources());
  return ExitCode::kOk;
}

// Raises a supervised item for each village that fails the target; those that have not reported are not known to fail.
absl::StatusOr<ExitCode> RunSupervise(Session& session, const Arguments& arguments) {
  constexpr int kMostRaised = 2000;
  JIEDUI_ASSIGN_OR_RETURN(const int64_t limit, arguments.GetInt("limit", 0, kMostRaised));
  gateway::v1::ListFailingVillagesRequest request;
  JIEDUI_ASSIGN_OR_RETURN(*request.mutable_target(), TargetOf(session, arguments));
  request.set_division(PlaceOf(arguments.Get("division")));
  village::v1::RaiseSupervisedItemsRequest raise;
  raise.set_target(request.target());
  JIEDUI_ASSIGN_OR_RETURN(const gateway::v1::ListFailingVillagesResponse failing,
                          FetchGaps(session, std::move(request), limit == 0 ? kMostRaised : limit));
  for (const auto& village : failing.failing_villages()) {
    if (!village.unreported()) raise.add_villages(village.village());
  }
  raise.set_task(arguments.Get("task"));
  raise.set_measure(arguments.Get("measure"));
  raise.set_owner(arguments.Get("owner"));
  raise.set_due_date(arguments.Get("due_date"));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t days, arguments.GetInt("escalation_days", 1, 365));
  raise.set_escalation_days(static_cast<int32_t>(days));
  raise.set_request_id(arguments.Get("request_id"));
  raise.set_validate_only(arguments.GetBool("validate_only"));
  village::v1::RaiseSupervisedItemsResponse raised;
  if (!raise.villages().empty()) {
    JIEDUI_RETURN_IF_ERROR(
        session.Call("village", "jiedui.village.v1.SupervisionService/RaiseSupervisedItems", raise, &raised));
  }
  PrintRows(session,
            {{"raised", {"raised", "新挂账"}, TextTable::Align::kRight},
             {"open_already", {"open already", "已挂账"}, TextTable::Align::kRight}},
            {{absl::StrCat(raised.items_size()), absl::StrCat(raised.open_already())}});
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunVerify(Session& session, const Arguments& /*arguments*/) {
  std::vector<std::vector<std::string>> programs, differences;
  absl::Status unfinished;
  for (const char* program : {"village", "industry", "infrastructure", "assistance"}) {
    measure::v1::VerifyMeasuresResponse answer;
    const absl::Status status = session.Call(program, "jiedui.measure.v1.MeasureService/VerifyMeasures",
                                             measure::v1::VerifyMeasuresRequest(), &answer, kVerifyTimeout);
    if (!status.ok()) {
      // What the others find is worth reading all the same.
      programs.push_back({program, "-", "-"});
      unfinished.Update(status);
      continue;
    }
    programs.push_back({program, absl::StrCat(answer.cell_count()), absl::StrCat(answer.difference_count())});
    for (const measure::v1::MeasureDifference& each : answer.differences()) {
      differences.push_back({program, absl::StrCat(each.year()), each.node(), each.measure(),
                             absl::StrCat(each.kept_value()), absl::StrCat(each.recomputed_value())});
    }
  }
  const bool differs = !differences.empty();
  // CSV and JSON have one form: the differences.
  if (session.format() == OutputFormat::kTable) {
    PrintRows(session,
              {{"program", {"program", "服务"}},
               {"cells", {"cells", "核对单元"}, Align::kRight},
               {"differences", {"differences", "差异"}, Align::kRight}},
              programs);
  }
  if (differs || session.format() != OutputFormat::kTable) {
    PrintRows(session,
              {{"program", {"program", "服务"}},
               {"year", {"year", "年度"}, Align::kRight},
               {"node", {"node", "节点"}},
               {"measure", {"measure", "指标"}},
               {"kept_value", {"kept", "存值"}, Align::kRight},
               {"recomputed_value", {"recomputed", "重算值"}, Align::kRight}},
              differences);
  }
  JIEDUI_RETURN_IF_ERROR(unfinished);
  return differs ? ExitCode::kFindings : ExitCode::kOk;
}

// Everything that is odd, of all programs.
absl::StatusOr<ExitCode> RunWarnings(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  std::vector<std::vector<std::string>> rows;
  for (const char* program : {"village", "industry", "infrastructure", "assistance"}) {
    measure::v1::ListWarningsRequest request;
    request.set_page_size(1000);
    request.set_year(static_cast<int32_t>(year));
    do {
      measure::v1::ListWarningsResponse page;
      JIEDUI_RETURN_IF_ERROR(
          session.Call(program, "jiedui.measure.v1.MeasureService/ListWarnings", request, &page, kVerifyTimeout));
      for (const measure::v1::PlausibilityWarning& each : page.warnings()) {
        rows.push_back({each.title_zh(), each.resource(), each.site(), absl::StrCat(each.year()),
                        absl::StrCat(each.value()), absl::StrCat(each.compared_value())});
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  PrintRows(session,
            {{"title", {"what is odd", "疑点"}},
             {"resource", {"record", "记录"}},
             {"site", {"site", "所在地"}},
             {"year", {"year", "年度"}, Align::kRight},
             {"value", {"value", "值"}, Align::kRight},
             {"compared_value", {"compared with", "对比值"}, Align::kRight}},
            rows);
  return ExitCode::kOk;
}

const Flag kDivision = {"division", "CODE", {"division or village, by code or name", "区划或村的代码或资源名"},
                        "",         "",     0};

}  // namespace

std::vector<Command> ReportCommands() {
  std::vector<Command> commands;
  commands.push_back({"scorecard",
                      "",
                      0,
                      0,
                      {"the year's figures against their targets", "年度目标记分卡"},
                      {},
                      {kDivision, {"year", "YEAR", {"0: the latest open one", "年度，0 为最近的开放年度"}, "0", "", 0}},
                      RunScorecard});
  commands.push_back({"gaps",
                      "TARGET",
                      1,
                      1,
                      {"the villages that miss a target, nearest first", "未达标村，最接近的在前"},
                      {},
                      {kDivision,
                       {"limit", "N", {"how many to list; 0: all", "列出条数，0 为全部"}, "0", "", 0},
                       {"year",
                        "YEAR",
                        {"of a TARGET without its year; 0: the latest", "TARGET 未写年度时的年度，0 为最近"},
                        "0",
                        "",
                        0}},
                      RunGaps});
  commands.push_back({"supervise",
                      "TARGET",
                      1,
                      1,
                      {"raise a supervised item for each village that fails a target", "将未达标村逐村挂账督办"},
                      {"A village that has an open item from the target gets no other.", "已有该指标未销号事项的村不重复挂账。"},
                      {kDivision,
                       {"limit", "N", {"how many villages, nearest first; 0: all", "村数，最接近达标的在前，0 为全部"}, "0", "", 0},
                       {"year", "YEAR", {"of a TARGET without its year; 0: the latest", "TARGET 未写年度时的年度，0 为最近"}, "0", "", 0},
                       {"task", "TEXT", {"what is to be done", "任务"}, "", "", 0},
                       {"measure", "TEXT", {"how", "措施"}, "", "", 0},
                       {"owner", "TEXT", {"who answers for it", "责任人"}, "", "", 0},
                       {"due_date", "DATE", {"by when", "完成时限"}, "", "", 0},
                       {"escalation_days", "N", {"days of each higher level", "各级升级间隔天数"}, "15", "", 0},
                       {"request_id", "ID", {"the same id is carried out once", "请求号，相同请求号只执行一次"}, "", "", 0},
                       {"validate_only", "", {"check everything, write nothing", "仅校验，不写入"}, "", "", 0}},
                      RunSupervise});
  commands.push_back({"targets",
                      "",
                      0,
                      0,
                      {"the targets of a year", "年度目标"},
                      {},
                      {{"year", "YEAR", {"0: all years", "年度，0 为全部"}, "0", "", 0}},
                      RunTargets});
  commands.push_back({"verify",
                      "",
                      0,
                      0,
                      {"recompute every figure from the records", "由明细重算并核对全部指标"},
                      {"Ends with 1 when a figure differs.", "有差异时退出码为 1。"},
                      {},
                      RunVerify});
  commands.push_back({"warnings",
                      "",
                      0,
                      0,
                      {"records that are kept although they are odd", "数据疑点：已保存但需核实的记录"},
                      {},
                      {{"year", "YEAR", {"0: all years", "年度，0 为全部"}, "0", "", 0}},
                      RunWarnings});
  return commands;
}

}  // namespace jiedui::cli
