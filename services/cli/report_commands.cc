// funds, overdue, findings, incomplete, warranties, finances, ranking: what the programs report besides the scorecard.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "services/cli/commands.h"
#include "services/cli/figures.h"
#include "services/cli/message_text.h"
#include "services/cli/session.h"

namespace jiedui::cli {
namespace {

constexpr int kMaxPage = 1000;

// --year, or the latest year that the programme has. NOT_FOUND when it has none.
absl::StatusOr<int32_t> YearOf(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  if (year != 0) return static_cast<int32_t>(year);
  resource::v1::ListRequest request;
  request.set_order_by("year desc");
  request.set_page_size(1);
  village::v1::ListProgrammeYearsResponse years;
  JIEDUI_RETURN_IF_ERROR(
      session.Call("village", "jiedui.village.v1.DivisionService/ListProgrammeYears", request, &years));
  if (!years.programme_years().empty()) return years.programme_years(0).year();
  return MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND,
                   {"no year of the programme is recorded", "尚未登记任何年度"});
}

// Calls a method that pages until nothing is left: `all` is its answers in one.
template <typename Request, typename Response>
absl::Status CallForAllPages(Session& session, const std::string& program, absl::string_view method, Request request,
                             Response* all) {
  request.set_page_size(kMaxPage);
  do {
    Response page;
    JIEDUI_RETURN_IF_ERROR(session.Call(program, method, request, &page));
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all->MergeFrom(page);
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// Whether the caller wants `answer` as it is, and has it now.
bool PrintedAsJson(Session& session, const google::protobuf::Message& answer) {
  if (session.format() != OutputFormat::kJson) return false;
  session.PrintJson(answer);
  return true;
}

absl::StatusOr<industry::v1::FundReport> FetchFunds(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  industry::v1::GetFundReportRequest request;
  request.set_programme_year(static_cast<int32_t>(year));
  request.set_as_of_date(arguments.Get("as_of_date"));
  industry::v1::FundReport report;
  JIEDUI_RETURN_IF_ERROR(session.Call("industry", "jiedui.industry.v1.FundService/GetFundReport", request, &report));
  return report;
}

const FieldColumn kLevel = {"level", {"level", "级次"}};
const FieldColumn kAllocated = {"allocated_fen", {"allocated (yuan)", "已分配（元）"}};
const FieldColumn kDisbursed = {"disbursed_fen", {"paid out (yuan)", "已拨付（元）"}};
const FieldColumn kExecution = {"execution_ppm", {"execution", "执行率"}};
const FieldColumn kDistrict = {"district", {"district", "区"}};
const FieldColumn kPurpose = {"purpose", {"use", "用途"}};
const FieldColumn kDaysOverdue = {"days_overdue", {"days overdue", "逾期天数"}};

absl::StatusOr<ExitCode> RunFunds(Session& session, const Arguments& arguments) {
  const std::string& by = arguments.Get("by");
  if (by != "level" && by != "use") return UsageError({"--by is level or use", "--by 只能是 level 或 use"});
  JIEDUI_ASSIGN_OR_RETURN(const industry::v1::FundReport report, FetchFunds(session, arguments));
  if (PrintedAsJson(session, report)) return ExitCode::kOk;
  if (by == "level") {
    PrintPart(session, report, "levels",
              {kLevel,
               {"appropriated_fen", {"appropriated (yuan)", "下达（元）"}},
               {"available_fen", {"available (yuan)", "可分配（元）"}},
               kAllocated,
               kDisbursed,
               kExecution});
  } else {
    PrintPart(session, report, "uses", {kLevel, kDistrict, kPurpose, kAllocated, kDisbursed, kExecution});
  }
  if (session.format() == OutputFormat::kTable) {
    session.out() << absl::StrFormat(session.chinese() ? "截至 %s：逾期未拨付 %d 笔，未整改问题 %d 个\n"
                                                       : "by %s: %d payments overdue, %d findings not put right\n",
                                     report.as_of_date(), report.overdue_count(), report.unrectified_count());
  }
  return ExitCode::kOk;
}

// A report names at most a thousand; who sees them must know of the others.
void TellRest(const Session& session, int64_t shown, int64_t all) {
  if (shown == all) return;
  session.environment().err << absl::StrFormat(session.chinese() ? "仅列出 %d 条，共 %d 条\n" : "these are %d of %d\n",
                                               shown, all);
}

absl::StatusOr<ExitCode> RunOverdue(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(industry::v1::FundReport report, FetchFunds(session, arguments));
  report.clear_levels();
  report.clear_uses();
  report.clear_unrectified_findings();
  report.clear_unrectified_count();
  if (PrintedAsJson(session, report)) return ExitCode::kOk;
  PrintPart(session, report, "overdue_disbursements",
            {{"allocation", {"allocation", "资金分配"}},
             {"fund_source", {"source", "资金来源"}},
             {"project", {"project", "项目"}},
             kDistrict,
             kPurpose,
             {"disburse_by", {"due", "拨付期限"}},
             kDaysOverdue,
             {"undisbursed_fen", {"not paid out (yuan)", "未拨付（元）"}}});
  TellRest(session, report.overdue_disbursements_size(), report.overdue_count());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunFindings(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(industry::v1::FundReport report, FetchFunds(session, arguments));
  report.clear_levels();
  report.clear_uses();
  report.clear_overdue_disbursements();
  report.clear_overdue_count();
  report.clear_overdue_fen();
  if (PrintedAsJson(session, report)) return ExitCode::kOk;
  PrintPart(session, report, "unrectified_findings",
            {{"finding.name", {"finding", "问题"}},
             {"finding.fund_source", {"source", "资金来源"}},
             {"finding.description", {"what was found", "问题描述"}},
             {"finding.found_date", {"found", "发现日期"}},
             {"finding.rectify_by", {"due", "整改期限"}},
             kDaysOverdue});
  TellRest(session, report.unrectified_findings_size(), report.unrectified_count());
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunIncomplete(Session& session, const Arguments& arguments) {
  infrastructure::v1::ListIncompleteVillagesRequest request;
  JIEDUI_ASSIGN_OR_RETURN(const int32_t year, YearOf(session, arguments));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t missing, arguments.GetInt("missing", 1, kMaxPage));
  request.set_year(year);
  request.set_missing_count(static_cast<int32_t>(missing));
  request.set_division(PlaceOf(arguments.Get("division")));
  infrastructure::v1::ListIncompleteVillagesResponse all;
  JIEDUI_RETURN_IF_ERROR(CallForAllPages(session, "infrastructure",
                                         "jiedui.infrastructure.v1.FacilityService/ListIncompleteVillages",
                                         std::move(request), &all));
  if (PrintedAsJson(session, all)) return ExitCode::kOk;
  if (session.format() == OutputFormat::kTable) {
    session.out() << absl::StrFormat(
        session.chinese() ? "%d 年度标准 %s：缺 %d 项的村 %d 个\n" : "%d, %s: %d missing in %d villages\n", year,
        all.standard().empty() ? "-" : all.standard(), missing, all.incomplete_villages_size());
  }
  PrintPart(session, all, "incomplete_villages",
            {{"village", {"village", "村"}}, {"missing_items", {"missing", "缺项"}}});
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunWarranties(Session& session, const Arguments& arguments) {
  infrastructure::v1::ListExpiringWarrantiesRequest request;
  request.set_from_date(arguments.Get("from_date"));
  request.set_until_date(arguments.Get("until_date"));
  request.set_division(PlaceOf(arguments.Get("division")));
  infrastructure::v1::ListExpiringWarrantiesResponse all;
  JIEDUI_RETURN_IF_ERROR(CallForAllPages(session, "infrastructure",
                                         "jiedui.infrastructure.v1.ConstructionService/ListExpiringWarranties",
                                         std::move(request), &all));
  if (PrintedAsJson(session, all)) return ExitCode::kOk;
  PrintPart(session, all, "warranties",
            {{"warranty_end_date", {"warranty until", "质保截止"}},
             {"project", {"project", "项目"}},
             {"display_name", {"name", "名称"}},
             {"site", {"site", "所在地"}},
             {"contractor", {"contractor", "施工单位"}},
             {"accepted_date", {"accepted", "验收日期"}}});
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunFinances(Session& session, const Arguments& arguments) {
  infrastructure::v1::GetConstructionFinanceRequest request;
  JIEDUI_ASSIGN_OR_RETURN(const int64_t year, arguments.GetInt("year", 0, kLastYear));
  request.set_year(static_cast<int32_t>(year));
  request.set_division(PlaceOf(arguments.Get("division")));
  infrastructure::v1::ConstructionFinance report;
  JIEDUI_RETURN_IF_ERROR(session.Call(
      "infrastructure", "jiedui.infrastructure.v1.ConstructionService/GetConstructionFinance", request, &report));
  if (PrintedAsJson(session, report)) return ExitCode::kOk;
  PrintPart(session, report, "sources",
            {{"source", {"who pays", "资金来源"}},
             {"project_count", {"projects", "项目数"}},
             {"amount_fen", {"amount (yuan)", "金额（元）"}},
             {"share_ppm", {"part", "占比"}}});
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunRanking(Session& session, const Arguments& arguments) {
  village::v1::RankAppraisalsRequest request;
  JIEDUI_ASSIGN_OR_RETURN(const int32_t year, YearOf(session, arguments));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t limit, arguments.GetInt("limit", 1, kMaxPage));
  request.set_year(year);
  request.set_collection(arguments.operands()[0]);
  request.set_page_size(static_cast<int32_t>(limit));
  const std::string& name = arguments.Get("level");
  village::v1::DivisionLevel level = village::v1::DIVISION_LEVEL_UNSPECIFIED;
  if (!name.empty() && !village::v1::DivisionLevel_Parse("DIVISION_LEVEL_" + absl::AsciiStrToUpper(name), &level)) {
    return UsageError({"--level is city, district or township", "--level 只能是 city、district 或 township"});
  }
  request.set_level(level);
  village::v1::RankAppraisalsResponse ranking;
  JIEDUI_RETURN_IF_ERROR(
      session.Call("village", "jiedui.village.v1.InspectionService/RankAppraisals", request, &ranking));
  if (PrintedAsJson(session, ranking)) return ExitCode::kOk;
  PrintPart(session, ranking, "ranks",
            {{"rank", {"rank", "名次"}},
             {"subject", {"subject", "考核对象"}},
             {"total_centi", {"points", "总分"}},
             {"grade", {"grade", "等次"}},
             {"appraisal", {"appraisal", "考核"}}});
  TellRest(session, ranking.ranks_size(), ranking.total_count());
  return ExitCode::kOk;
}

const Flag kFundYear = {"year", "YEAR", {"of the programme; 0: all years", "资金年度，0 为全部"}, "0", "", 0};
const Flag kAsOf = {
    "as_of_date", "DATE", {"day by which deadlines are judged; today if not given", "判断逾期的日期，默认今天"},
    "",           "",     0};
const Flag kYear = {"year", "YEAR", {"0: the latest", "年度，0 为最近"}, "0", "", 0};

}  // namespace

std::vector<Command> ReportCommands() {
  std::vector<Command> commands;
  commands.push_back({"funds",
                      "",
                      0,
                      0,
                      {"the money by level, or by district and use, and how much of it is paid out", "资金执行情况"},
                      {},
                      {kFundYear, kAsOf, {"by", "level|use", {"what a row is", "按级次或按区和用途"}, "level", "", 0}},
                      RunFunds});
  commands.push_back({"overdue",
                      "",
                      0,
                      0,
                      {"money that should have been paid out by now", "逾期未拨付资金"},
                      {},
                      {kFundYear, kAsOf},
                      RunOverdue});
  commands.push_back({"findings",
                      "",
                      0,
                      0,
                      {"audit findings that are not put right", "未整改的审计发现问题"},
                      {},
                      {kFundYear, kAsOf},
                      RunFindings});
  commands.push_back({"incomplete",
                      "",
                      0,
                      0,
                      {"the villages that lack items of the year's standard, and which", "六化六有缺项村及所缺项目"},
                      {},
                      {kYear, {"missing", "N", {"how many items they lack", "缺项数"}, "1", "", 0}, DivisionFlag()},
                      RunIncomplete});
  commands.push_back(
      {"warranties",
       "",
       0,
       0,
       {"accepted construction projects whose warranty ends", "质保即将到期的建设项目"},
       {},
       {{"from_date", "DATE", {"first day; today if not given", "起始日期，默认今天"}, "", "", 0},
        {"until_date", "DATE", {"last day; 90 days later if not given", "截止日期，默认90天后"}, "", "", 0},
        DivisionFlag()},
       RunWarranties});
  commands.push_back(
      {"finances",
       "",
       0,
       0,
       {"who pays how much for construction, the farmers' own share among it", "建设资金构成（含农民自筹）"},
       {},
       {{"year", "YEAR", {"of the projects; 0: all years", "年度，0 为全部"}, "0", "", 0}, DivisionFlag()},
       RunFinances});
  commands.push_back({"ranking",
                      "COLLECTION",
                      1,
                      1,
                      {"the year's appraisals, best first", "年度考核排名"},
                      {"COLLECTION is assistanceUnits, residentTeams, divisions or cadres.",
                       "COLLECTION 为 assistanceUnits、residentTeams、divisions 或 cadres。"},
                      {kYear,
                       {"level",
                        "LEVEL",
                        {"of divisions: city, district or township", "区划层级：city、district 或 township"},
                        "",
                        "",
                        0},
                       {"limit", "N", {"how many to list", "列出条数"}, "100", "", 0}},
                      RunRanking});
  return commands;
}

}  // namespace jiedui::cli
