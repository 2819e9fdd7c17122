// targets, gaps, supervise: the goals of a year, who misses them, and what is done about it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/supervision.pb.h"
#include "services/cli/commands.h"
#include "services/cli/figures.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using Align = TextTable::Align;

constexpr int kMaxPage = 1000;
constexpr int64_t kMostVillages = 1'000'000;
// Villages of one RaiseSupervisedItems.
constexpr size_t kMostRaised = 2000;

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

std::string ShortfallsOf(const Session& session, const gateway::v1::FailingVillage& village) {
  std::vector<std::string> texts;
  for (const gateway::v1::Shortfall& each : village.shortfalls()) {
    const std::string value = each.withheld() ? session.In({"withheld", "不予显示"}) : absl::StrCat(each.value());
    texts.push_back(absl::StrCat(each.measure(), " ", value, " → ", each.needed_value()));
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
                    village.unreported() ? session.In({"unreported", "未报"}) : ShortfallsOf(session, village)});
  }
  PrintRows(session,
            {{"code", {"code", "代码"}},
             {"within", {"within", "所属"}},
             {"village", {"village", "村"}},
             {"missing", {"missing", "欠缺"}}},
            rows);
  if (table) session.out() << SourcesLine(session, all.sources());
  return ExitCode::kOk;
}

// Raises an item for each of `villages` by as many calls of `request` as they need, each with a request id of its own.
absl::StatusOr<village::v1::RaiseSupervisedItemsResponse> Raise(Session& session,
                                                                village::v1::RaiseSupervisedItemsRequest request,
                                                                const std::vector<std::string>& villages) {
  const std::string id = request.request_id();
  village::v1::RaiseSupervisedItemsResponse all;
  for (size_t first = 0; first < villages.size(); first += kMostRaised) {
    if (first > 0 && !id.empty()) request.set_request_id(absl::StrCat(id, "-", first / kMostRaised + 1));
    const size_t end = std::min(first + kMostRaised, villages.size());
    request.clear_villages();
    for (size_t i = first; i < end; ++i) request.add_villages(villages[i]);
    village::v1::RaiseSupervisedItemsResponse raised;
    JIEDUI_RETURN_IF_ERROR(
        session.Call("village", "jiedui.village.v1.SupervisionService/RaiseSupervisedItems", request, &raised));
    all.mutable_items()->MergeFrom(raised.items());
    all.set_open_already(all.open_already() + raised.open_already());
  }
  return all;
}

// Raises a supervised item for each village that fails the target; those that have not reported are not known to fail.
absl::StatusOr<ExitCode> RunSupervise(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t limit, arguments.GetInt("limit", 0, kMostVillages));
  gateway::v1::ListFailingVillagesRequest request;
  JIEDUI_ASSIGN_OR_RETURN(*request.mutable_target(), TargetOf(session, arguments));
  request.set_division(PlaceOf(arguments.Get("division")));
  village::v1::RaiseSupervisedItemsRequest raise;
  raise.set_target(request.target());
  JIEDUI_ASSIGN_OR_RETURN(const gateway::v1::ListFailingVillagesResponse failing,
                          FetchGaps(session, std::move(request), limit == 0 ? kMostVillages : limit));
  std::vector<std::string> villages;
  for (const auto& village : failing.failing_villages()) {
    if (!village.unreported()) villages.push_back(village.village());
  }
  std::ostream& err = session.environment().err;
  const bool fresh = std::all_of(failing.sources().begin(), failing.sources().end(),
                                 [](const auto& source) { return source.freshness() == gateway::v1::FRESHNESS_FRESH; });
  if (!fresh) err << SourcesLine(session, failing.sources());
  if (villages.empty()) err << session.In({"no village is known to fail\n", "没有已知未达标的村\n"});
  raise.set_task(arguments.Get("task"));
  raise.set_measure(arguments.Get("measure"));
  raise.set_owner(arguments.Get("owner"));
  raise.set_due_date(arguments.Get("due_date"));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t days, arguments.GetInt("escalation_days", 1, 365));
  raise.set_escalation_days(static_cast<int32_t>(days));
  raise.set_request_id(arguments.Get("request_id"));
  raise.set_validate_only(arguments.GetBool("validate_only"));
  JIEDUI_ASSIGN_OR_RETURN(const village::v1::RaiseSupervisedItemsResponse raised,
                          Raise(session, std::move(raise), villages));
  PrintRows(session,
            {{"raised", {"raised", "新挂账"}, TextTable::Align::kRight},
             {"open_already", {"open already", "已挂账"}, TextTable::Align::kRight}},
            {{absl::StrCat(raised.items_size()), absl::StrCat(raised.open_already())}});
  return ExitCode::kOk;
}

}  // namespace

std::vector<Command> TargetCommands() {
  std::vector<Command> commands;
  commands.push_back({"gaps",
                      "TARGET",
                      1,
                      1,
                      {"the villages that miss a target, nearest first", "未达标村，最接近的在前"},
                      {},
                      {DivisionFlag(),
                       {"limit", "N", {"how many to list; 0: all", "列出条数，0 为全部"}, "0", "", 0},
                       {"year",
                        "YEAR",
                        {"of a TARGET without its year; 0: the latest", "TARGET 未写年度时的年度，0 为最近"},
                        "0",
                        "",
                        0}},
                      RunGaps});
  commands.push_back(
      {"supervise",
       "TARGET",
       1,
       1,
       {"raise a supervised item for each village that fails a target", "将未达标村逐村挂账督办"},
       {"A village that has an open item from the target gets no other.", "已有该指标未销号事项的村不重复挂账。"},
       {DivisionFlag(),
        {"limit", "N", {"how many villages, nearest first; 0: all", "村数，最接近达标的在前，0 为全部"}, "0", "", 0},
        {"year",
         "YEAR",
         {"of a TARGET without its year; 0: the latest", "TARGET 未写年度时的年度，0 为最近"},
         "0",
         "",
         0},
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
  return commands;
}

}  // namespace jiedui::cli
