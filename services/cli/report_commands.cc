#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/bulk/csv.h"
#include "common/status/macros.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "services/cli/commands.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using gateway::v1::Scorecard;
using gateway::v1::ScorecardRow;
using Align = TextTable::Align;

constexpr int64_t kMicros = 1'000'000;
constexpr absl::Duration kVerifyTimeout = absl::Minutes(9);
constexpr size_t kVillageCodeLength = 12;

// What people in Tianjin read from their clocks.
absl::TimeZone BeijingTime() { return absl::FixedTimeZone(8 * 60 * 60); }

// "divisions/120119" or "villages/120119100201" for a code; names stay as they are.
std::string PlaceOf(const std::string& code) {
  if (code.empty() || code.find('/') != std::string::npos) return code;
  return absl::StrCat(code.size() >= kVillageCodeLength ? "villages/" : "divisions/", code);
}

// A number of millionths of `unit`: 700000 of "%" is "70%".
std::string Quantity(int64_t micros, const std::string& unit) {
  const bool percent = unit == "%";
  const int64_t one = percent ? kMicros / 100 : kMicros;
  const std::string sign = micros < 0 ? "-" : "";
  const uint64_t size = micros < 0 ? -static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  std::string text = absl::StrCat(sign, size / one);
  std::string fraction = absl::StrFormat("%0*d", percent ? 4 : 6, size % one);
  fraction.resize(2);  // cut, not rounded: what is nearly met must not look met
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) absl::StrAppend(&text, ".", fraction);
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
std::string Amount(bool present, int64_t micros, const ScorecardRow& row) {
  return present ? Quantity(micros, row.unit()) : "-";
}

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

std::vector<std::string> RowCells(const Session& session, const ScorecardRow& row) {
  const std::string sign = row.comparator() == gateway::v1::COMPARATOR_AT_MOST ? "≤" : "≥";
  const std::string ratio =
      row.has_denominator() ? absl::StrCat(Count(row.has_numerator(), row.numerator()), "/", row.denominator())
                            : Count(row.has_numerator(), row.numerator());
  const std::string bounds =
      row.has_lower_micros() && row.has_upper_micros()
          ? absl::StrCat(Quantity(row.lower_micros(), row.unit()), " – ", Quantity(row.upper_micros(), row.unit()))
          : "-";
  std::string status = EnumText(session, row.status(), "TARGET_STATUS_");
  if (row.freshness() != gateway::v1::FRESHNESS_FRESH) {
    absl::StrAppend(&status, " (", EnumText(session, row.freshness(), "FRESHNESS_"), ")");
  }
  return {absl::StrCat(row.position()),
          row.display_name(),
          row.clause(),
          Amount(row.has_value_micros(), row.value_micros(), row),
          row.has_goal_micros() ? absl::StrCat(sign, Quantity(row.goal_micros(), row.unit())) : "-",
          ratio,
          Amount(row.has_gap_micros(), row.gap_micros(), row),
          Count(row.has_needed_count(), row.needed_count()),
          Count(row.has_unreported_count(), row.unreported_count()),
          bounds,
          status};
}

void PrintScorecard(const Session& session, const Scorecard& card) {
  session.out() << absl::StrFormat(
      session.chinese() ? "%d 年度 %s 记分卡（%d 个困难村）\n" : "%d scorecard of %s (%d villages)\n", card.year(),
      card.division().empty() ? session.In({"the whole", "全市"}) : card.display_name(), card.village_count());
  TextTable table;
  const std::vector<std::pair<Text, Align>> headings = {
      {{"#", "序号"}, Align::kRight},          {{"target", "目标"}, Align::kLeft},      {{"clause", "条款"}, Align::kLeft},
      {{"value", "实际"}, Align::kRight},      {{"goal", "目标值"}, Align::kRight},     {{"of", "分子/分母"}, Align::kRight},
      {{"gap", "差距"}, Align::kRight},        {{"needed", "还需"}, Align::kRight},     {{"unreported", "未报"}, Align::kRight},
      {{"bounds", "上下限"}, Align::kRight},   {{"status", "状态"}, Align::kLeft}};
  for (const auto& [heading, align] : headings) table.AddColumn(session.In(heading), align);
  for (const ScorecardRow& row : card.rows()) table.AddRow(RowCells(session, row));
  table.Print(session.out());
  PrintSources(session, card.sources());
  if (card.unplaced_node_count() > 0) {
    session.out() << session.In({"figures of places that are not in the directory: ", "未归属节点："}) << card.unplaced_node_count() << '\n';
  }
}

// A field as text; repeated ones in one cell.
std::string FieldText(const ScorecardRow& row, const google::protobuf::FieldDescriptor* field) {
  const auto* reflection = row.GetReflection();
  if (field->is_repeated()) return absl::StrJoin(row.sources(), " ");
  if (field->has_presence() && !reflection->HasField(row, field)) return "";
  switch (field->cpp_type()) {
    case google::protobuf::FieldDescriptor::CPPTYPE_INT32: return absl::StrCat(reflection->GetInt32(row, field));
    case google::protobuf::FieldDescriptor::CPPTYPE_INT64: return absl::StrCat(reflection->GetInt64(row, field));
    case google::protobuf::FieldDescriptor::CPPTYPE_ENUM: return reflection->GetEnum(row, field)->name();
    default: return reflection->GetString(row, field);
  }
}

// The rows as CSV, columns named as the fields of the proto.
std::string ScorecardCsv(const Scorecard& card) {
  std::string text;
  const google::protobuf::Descriptor* descriptor = ScorecardRow::descriptor();
  std::vector<std::string> cells;
  for (int i = 0; i < descriptor->field_count(); ++i) cells.push_back(descriptor->field(i)->name());
  bulk::AppendCsvRow(cells, &text);
  for (const ScorecardRow& row : card.rows()) {
    cells.clear();
    for (int i = 0; i < descriptor->field_count(); ++i) cells.push_back(FieldText(row, descriptor->field(i)));
    bulk::AppendCsvRow(cells, &text);
  }
  return text;
}

absl::StatusOr<ExitCode> RunScorecard(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, 2100));
  gateway::v1::GetScorecardRequest request;
  request.set_division(PlaceOf(arguments.Get("division")));
  request.set_year(static_cast<int>(year));
  Scorecard card;
  JIEDUI_RETURN_IF_ERROR(session.Call("gateway", "jiedui.gateway.v1.ScorecardService/GetScorecard", request, &card));
  switch (session.format()) {
    case OutputFormat::kJson: session.PrintJson(card); break;
    case OutputFormat::kCsv: session.out() << ScorecardCsv(card); break;
    case OutputFormat::kTable: PrintScorecard(session, card); break;
  }
  return ExitCode::kOk;
}

std::string ShortfallsOf(const gateway::v1::FailingVillage& village) {
  std::vector<std::string> texts;
  for (const gateway::v1::Shortfall& each : village.shortfalls()) {
    texts.push_back(absl::StrCat(each.measure(), " ", each.value(), " → ", each.needed_value()));
  }
  return absl::StrJoin(texts, "; ");
}

absl::StatusOr<ExitCode> RunGaps(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(int64_t limit, arguments.GetInt("limit", 1, 1'000'000));
  gateway::v1::ListFailingVillagesRequest request;
  const std::string& target = arguments.operands()[0];
  request.set_target(target.find('/') == std::string::npos ? absl::StrCat("targets/", target) : target);
  request.set_division(PlaceOf(arguments.Get("division")));
  gateway::v1::ListFailingVillagesResponse all;
  do {
    request.set_page_size(static_cast<int>(std::min<int64_t>(limit - all.failing_villages_size(), 1000)));
    gateway::v1::ListFailingVillagesResponse page;
    JIEDUI_RETURN_IF_ERROR(
        session.Call("gateway", "jiedui.gateway.v1.ScorecardService/ListFailingVillages", request, &page));
    request.set_page_token(page.next_page_token());
    auto villages = std::move(*all.mutable_failing_villages());
    villages.MergeFrom(page.failing_villages());
    all = page;
    *all.mutable_failing_villages() = std::move(villages);
  } while (!request.page_token().empty() && all.failing_villages_size() < limit);
  if (session.format() == OutputFormat::kJson) {
    session.PrintJson(all);
    return ExitCode::kOk;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& village : all.failing_villages()) {
    rows.push_back({village.code(), absl::StrJoin(village.parent_display_names(), " "), village.display_name(),
                    village.unreported() ? session.In({"unreported", "未报"}) : ShortfallsOf(village)});
  }
  const std::vector<std::string> headings = {session.In({"code", "代码"}), session.In({"within", "所属"}),
                                             session.In({"village", "村"}), session.In({"missing", "欠缺"})};
  if (session.format() == OutputFormat::kCsv) {
    std::string text;
    bulk::AppendCsvRow({"code", "within", "village", "missing"}, &text);
    for (const auto& row : rows) bulk::AppendCsvRow(row, &text);
    session.out() << text;
    return ExitCode::kOk;
  }
  session.out() << absl::StrFormat(
      session.chinese() ? "未达标 %d 个村，未报 %d 个村；还需 %d 个村达标\n" : "%d fail, %d unreported; %d more must pass\n",
      all.failing_count(), all.unreported_count(), all.needed_count());
  TextTable table;
  for (const std::string& heading : headings) table.AddColumn(heading);
  for (auto& row : rows) table.AddRow(std::move(row));
  table.Print(session.out());
  PrintSources(session, all.sources());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunVerify(Session& session, const Arguments& /*arguments*/) {
  TextTable table;
  table.AddColumn(session.In({"program", "服务"}));
  table.AddColumn(session.In({"cells", "核对单元"}), Align::kRight);
  table.AddColumn(session.In({"differences", "差异"}), Align::kRight);
  TextTable differences;
  for (const Text& heading : {Text{"year", "年度"}, Text{"node", "节点"}, Text{"measure", "指标"}, Text{"kept", "存值"},
                              Text{"recomputed", "重算值"}}) {
    differences.AddColumn(session.In(heading));
  }
  for (const char* program : {"village", "industry", "infrastructure", "assistance"}) {
    measure::v1::VerifyMeasuresResponse answer;
    JIEDUI_RETURN_IF_ERROR(session.ClientOf(program).Call("jiedui.measure.v1.MeasureService/VerifyMeasures",
                                                          measure::v1::VerifyMeasuresRequest(), &answer,
                                                          session.OptionsWithin(kVerifyTimeout)));
    table.AddRow({program, absl::StrCat(answer.cell_count()), absl::StrCat(answer.difference_count())});
    for (const measure::v1::MeasureDifference& each : answer.differences()) {
      differences.AddRow({absl::StrCat(each.year()), each.node(), each.measure(), absl::StrCat(each.kept_value()),
                          absl::StrCat(each.recomputed_value())});
    }
  }
  table.Print(session.out());
  if (differences.empty()) return ExitCode::kOk;
  differences.Print(session.out());
  return ExitCode::kFindings;
}

const Flag kDivision = {"division", "CODE", {"division or village, by code or name", "区划或村的代码或资源名"}, "", "", 0};

}  // namespace

std::vector<Command> ReportCommands() {
  std::vector<Command> commands;
  commands.push_back({"scorecard", "", 0, 0, {"the year's figures against their targets", "年度目标记分卡"}, {},
                      {kDivision, {"year", "YEAR", {"0: the latest open one", "年度，0 为最近的开放年度"}, "0", "", 0}}, RunScorecard});
  commands.push_back({"gaps", "TARGET", 1, 1, {"the villages that miss a target, nearest first", "未达标村，最接近的在前"}, {},
                      {kDivision, {"limit", "N", {"how many to list", "列出条数"}, "50", "", 0}}, RunGaps});
  commands.push_back({"verify", "", 0, 0, {"recompute every figure from the records", "由明细重算并核对全部指标"},
                      {"Ends with 3 when a figure differs.", "有差异时退出码为 3。"}, {}, RunVerify});
  return commands;
}

}  // namespace jiedui::cli
