// verify, warnings, allocations: whether figures and records can be relied on.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/macros.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/personal/v1/personal.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/cli/catalog.h"
#include "services/cli/commands.h"
#include "services/cli/figures.h"
#include "services/cli/message_text.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using Align = TextTable::Align;

// As long as the programs let a call take.
constexpr absl::Duration kCheckTimeout = absl::Minutes(10);

// What a check of a program found: a row of each is put into the lists that are printed.
struct Findings {
  int64_t figures = 0, figure_differences = 0;
  int64_t encrypted_rows = 0, bad_cells = 0;
  int64_t accounts = 0, wrong_balances = 0;
  std::map<int64_t, int64_t> cells_by_key, hashes_by_search_key;
  std::vector<std::vector<std::string>> rows;
};

absl::Status VerifyFigures(Session& session, const std::string& program, Findings& found) {
  measure::v1::VerifyMeasuresResponse answer;
  JIEDUI_RETURN_IF_ERROR(session.Call(program, "jiedui.measure.v1.MeasureService/VerifyMeasures",
                                      measure::v1::VerifyMeasuresRequest(), &answer, kCheckTimeout));
  found.figures = answer.cell_count();
  found.figure_differences = answer.difference_count();
  for (const measure::v1::MeasureDifference& each : answer.differences()) {
    found.rows.push_back({program, "FIGURE", absl::StrCat(each.year()), each.node(), each.measure(),
                          absl::StrCat(each.kept_value()), absl::StrCat(each.recomputed_value())});
  }
  return absl::OkStatus();
}

absl::Status VerifyCells(Session& session, const std::string& program, Findings& found) {
  for (const Resource& resource : Catalog::Get().resources()) {
    if (resource.program != program || !PlanOf(resource)->HasCells()) continue;
    personal::v1::CheckCellsRequest request;
    request.set_collection(resource.collection());
    do {
      personal::v1::CheckCellsResponse page;
      JIEDUI_RETURN_IF_ERROR(
          session.Call(program, "jiedui.personal.v1.PersonalDataService/CheckCells", request, &page, kCheckTimeout));
      found.encrypted_rows += page.row_count();
      for (const personal::v1::BadCell& each : page.bad_cells()) {
        ++found.bad_cells;
        found.rows.push_back(
            {program, personal::v1::CellProblem_Name(each.problem()), "", each.resource(), each.field(), "", ""});
      }
      for (const personal::v1::KeyUse& each : page.key_uses()) {
        found.cells_by_key[each.cell_key()] += each.cell_count();
      }
      for (const personal::v1::SearchKeyUse& each : page.search_key_uses()) {
        found.hashes_by_search_key[each.search_key()] += each.hash_count();
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
  }
  return absl::OkStatus();
}

// The ledger: what the accounts say against what the movements add up to.
absl::Status VerifyBalances(Session& session, const std::string& program, Findings& found) {
  if (program != "industry") return absl::OkStatus();
  industry::v1::VerifyFundAccountsResponse answer;
  JIEDUI_RETURN_IF_ERROR(session.Call(program, "jiedui.industry.v1.FundService/VerifyFundAccounts",
                                      industry::v1::VerifyFundAccountsRequest(), &answer, kCheckTimeout));
  found.accounts = answer.account_count();
  found.wrong_balances = answer.difference_count();
  for (const industry::v1::FundAccountDifference& each : answer.differences()) {
    found.rows.push_back({program, "BALANCE", "", each.owner(), industry::v1::FundAccountKind_Name(each.kind()),
                          absl::StrCat(each.balance_fen()), absl::StrCat(each.movements_fen())});
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunVerify(Session& session, const Arguments& /*arguments*/) {
  std::vector<std::vector<std::string>> programs, keys, findings;
  absl::Status unfinished;
  for (const char* program : {"village", "industry", "infrastructure", "assistance"}) {
    Findings found;
    absl::Status status = VerifyFigures(session, program, found);
    if (status.ok()) status = VerifyCells(session, program, found);
    if (status.ok()) status = VerifyBalances(session, program, found);
    findings.insert(findings.end(), found.rows.begin(), found.rows.end());
    if (!status.ok()) {
      // What the others find is worth reading all the same.
      programs.push_back({program, "-", "-", "-", "-", "-", "-"});
      unfinished.Update(status);
      continue;
    }
    programs.push_back({program, absl::StrCat(found.figures), absl::StrCat(found.figure_differences),
                        absl::StrCat(found.encrypted_rows), absl::StrCat(found.bad_cells), absl::StrCat(found.accounts),
                        absl::StrCat(found.wrong_balances)});
    for (const auto& [key, count] : found.cells_by_key) {
      keys.push_back({program, absl::StrCat("cell-", key, ".key"), absl::StrCat(count)});
    }
    for (const auto& [key, count] : found.hashes_by_search_key) {
      keys.push_back({program, absl::StrCat("search-", key, ".key"), absl::StrCat(count)});
    }
  }
  // CSV and JSON have one form: what was found.
  if (session.format() == OutputFormat::kTable) {
    PrintRows(session,
              {{"program", {"program", "服务"}},
               {"cells", {"figures", "核对指标"}, Align::kRight},
               {"differences", {"differences", "差异"}, Align::kRight},
               {"encrypted_rows", {"encrypted rows", "加密记录"}, Align::kRight},
               {"bad_cells", {"bad cells", "异常密文"}, Align::kRight},
               {"accounts", {"accounts", "资金账户"}, Align::kRight},
               {"wrong_balances", {"wrong balances", "余额不符"}, Align::kRight}},
              programs);
    PrintRows(session,
              {{"program", {"program", "服务"}},
               {"key", {"key file", "密钥文件"}},
               {"uses", {"fields or hashes under it", "使用它的密文或摘要"}, Align::kRight}},
              keys);
  }
  if (!findings.empty() || session.format() != OutputFormat::kTable) {
    PrintRows(session,
              {{"program", {"program", "服务"}},
               {"problem", {"problem", "问题"}},
               {"year", {"year", "年度"}, Align::kRight},
               {"node", {"node or record", "节点或记录"}},
               {"measure", {"measure or field", "指标或字段"}},
               {"kept_value", {"kept", "存值"}, Align::kRight},
               {"recomputed_value", {"recomputed", "重算值"}, Align::kRight}},
              findings);
  }
  JIEDUI_RETURN_IF_ERROR(unfinished);
  return findings.empty() ? ExitCode::kOk : ExitCode::kFindings;
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
          session.Call(program, "jiedui.measure.v1.MeasureService/ListWarnings", request, &page, kCheckTimeout));
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

// Calls `visit` for each page of a List method.
template <typename Response, typename Visit>
absl::Status VisitPages(Session& session, const char* program, const char* method, const char* filter, Visit visit) {
  resource::v1::ListRequest request;
  request.set_page_size(1000);
  request.set_filter(filter);
  do {
    Response page;
    JIEDUI_RETURN_IF_ERROR(session.Call(program, method, request, &page, kCheckTimeout));
    visit(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// What industry knows of an allocation.
struct Allocated {
  std::string project;
  int64_t fen = 0;
};

absl::StatusOr<std::map<std::string, Allocated>> ReadAllocations(Session& session) {
  std::map<std::string, Allocated> allocations;
  JIEDUI_RETURN_IF_ERROR(VisitPages<industry::v1::ListFundAllocationsResponse>(
      session, "industry", "jiedui.industry.v1.FundService/ListFundAllocations", "", [&](const auto& page) {
        for (const auto& each : page.fund_allocations()) allocations[each.name()].project = each.project();
      }));
  // What a project gave back afterwards was allocated to it all the same.
  JIEDUI_RETURN_IF_ERROR(VisitPages<industry::v1::ListFundMovementsResponse>(
      session, "industry", "jiedui.industry.v1.FundService/ListFundMovements", "kind = FUND_MOVEMENT_KIND_ALLOCATION",
      [&](const auto& page) {
        for (const auto& each : page.fund_movements()) {
          allocations[each.allocation()].fen += each.reverses().empty() ? each.amount_fen() : -each.amount_fen();
        }
      }));
  return allocations;
}

// What construction projects say of the money that industry keeps, and industry does not: the two programs write without
// asking each other, so that each can while the other is down.
absl::StatusOr<ExitCode> RunAllocations(Session& session, const Arguments& /*arguments*/) {
  JIEDUI_ASSIGN_OR_RETURN(const auto allocations, ReadAllocations(session));
  const auto amount = [table = session.format() == OutputFormat::kTable](int64_t fen) {
    return table ? Hundredths(fen) : absl::StrCat(fen);
  };
  std::vector<std::vector<std::string>> rows;
  JIEDUI_RETURN_IF_ERROR(VisitPages<infrastructure::v1::ListConstructionProjectsResponse>(
      session, "infrastructure", "jiedui.infrastructure.v1.ConstructionService/ListConstructionProjects", "",
      [&](const auto& page) {
        for (const auto& project : page.construction_projects()) {
          for (const infrastructure::v1::FinanceEntry& entry : project.finances()) {
            if (entry.allocation().empty()) continue;
            const auto found = allocations.find(entry.allocation());
            const Allocated kept = found == allocations.end() ? Allocated() : found->second;
            const char* problem = kept.project.empty()             ? "MISSING"
                                  : kept.project != project.name() ? "PROJECT"
                                  : kept.fen != entry.amount_fen() ? "AMOUNT"
                                                                   : nullptr;
            if (problem == nullptr) continue;
            rows.push_back({project.name(), entry.allocation(), problem, amount(entry.amount_fen()), kept.project,
                            amount(kept.fen)});
          }
        }
      }));
  PrintRows(session,
            {{"project", {"construction project", "建设项目"}},
             {"allocation", {"allocation", "资金分配"}},
             {"problem", {"problem", "问题"}},
             {"amount_fen", {"amount (yuan)", "金额（元）"}, Align::kRight},
             {"allocated_project", {"allocated to", "分配项目"}},
             {"allocated_fen", {"allocated (yuan)", "分配金额（元）"}, Align::kRight}},
            rows);
  return rows.empty() ? ExitCode::kOk : ExitCode::kFindings;
}

}  // namespace

std::vector<Command> CheckCommands() {
  std::vector<Command> commands;
  commands.push_back(
      {"verify",
       "",
       0,
       0,
       {"recompute every figure from the records, open every encrypted field, add up every fund account",
        "由明细重算全部指标，核对全部加密字段和资金账户"},
       {"Tells how much is under each key of personal data. Ends with 1 when a figure differs, a field was "
        "damaged or a balance is not what its movements add up to.",
        "并列出各个人信息密钥下的密文和摘要数。指标有差异、密文损坏或账户余额与收支不符时退出码为 1。"},
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
  commands.push_back(
      {"allocations",
       "",
       0,
       0,
       {"money of construction projects that does not agree with its allocation", "建设项目资金与资金分配不一致处"},
       {"MISSING: there is no such allocation; PROJECT: it is of another project; AMOUNT: another amount was "
        "allocated. Ends with 1 when there is any.",
        "MISSING 分配不存在；PROJECT 属于其他项目；AMOUNT 金额不符。有不一致时退出码为 1。"},
       {},
       RunAllocations});
  return commands;
}

}  // namespace jiedui::cli
