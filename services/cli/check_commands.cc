// verify, warnings: whether figures and records can be relied on.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/macros.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "services/cli/commands.h"
#include "services/cli/figures.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using Align = TextTable::Align;

constexpr absl::Duration kVerifyTimeout = absl::Hours(2);

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

}  // namespace

std::vector<Command> CheckCommands() {
  std::vector<Command> commands;
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
