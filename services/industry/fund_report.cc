#include "services/industry/fund_report.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "jiedui/industry/v1/fund.pb.h"

namespace jiedui::industry {
namespace {

using google::protobuf::Message;

// Sums of many balances, which together may be more than a balance can be.
struct Sums {
  __int128 appropriated_fen = 0;
  __int128 available_fen = 0;
  __int128 allocated_fen = 0;
  __int128 disbursed_fen = 0;

  void Add(v1::FundAccountKind kind, int64_t balance_fen) {
    switch (kind) {
      case v1::FUND_ACCOUNT_KIND_EXTERNAL:
        appropriated_fen -= balance_fen;
        break;
      case v1::FUND_ACCOUNT_KIND_AVAILABLE:
        available_fen += balance_fen;
        break;
      case v1::FUND_ACCOUNT_KIND_DISBURSED:
        disbursed_fen += balance_fen;
        allocated_fen += balance_fen;  // what is disbursed was allocated as well
        break;
      default:
        allocated_fen += balance_fen;
    }
  }
};

absl::StatusOr<int64_t> Narrow(__int128 sum, const char* field) {
  if (sum <= std::numeric_limits<int64_t>::max()) return static_cast<int64_t>(sum);
  return MakeError(absl::StatusCode::kOutOfRange, error::v1::REASON_RANGE,
                   {absl::StrCat(field, " is more than can be said in fen"), absl::StrCat(field, " 超出可表示的金额")},
                   {{"field", field}});
}

template <typename Row>
absl::Status SetSums(const Sums& sums, Row& row) {
  JIEDUI_ASSIGN_OR_RETURN(const int64_t allocated_fen, Narrow(sums.allocated_fen, "allocated_fen"));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t disbursed_fen, Narrow(sums.disbursed_fen, "disbursed_fen"));
  row.set_allocated_fen(allocated_fen);
  row.set_disbursed_fen(disbursed_fen);
  if (allocated_fen != 0) {
    row.set_execution_ppm(static_cast<int64_t>(sums.disbursed_fen * 1'000'000 / sums.allocated_fen));
  }
  return absl::OkStatus();
}

constexpr int kMostListed = 1000;

std::string OfYear(int32_t year, const char* condition) { return year == 0 ? "" : condition; }

absl::Status AddBalances(sql::Transaction& transaction, int32_t year, v1::FundReport& report) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(absl::StrCat("SELECT level, district, purpose, kind, balance_fen FROM fund_account",
                                       OfYear(year, " WHERE programme_year = ?"))));
  if (year != 0) row->BindInt(0, year);
  std::map<int64_t, Sums> levels;
  std::map<std::tuple<int64_t, std::string, int64_t>, Sums> uses;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) break;
    const auto kind = static_cast<v1::FundAccountKind>(row->Int(3));
    levels[row->Int(0)].Add(kind, row->Int(4));
    if (kind < v1::FUND_ACCOUNT_KIND_UNDISBURSED) continue;
    uses[{row->Int(0), std::string(row->Text(1)), row->Int(2)}].Add(kind, row->Int(4));
  }
  for (const auto& [key, sums] : levels) {
    v1::FundLevelRow& level = *report.add_levels();
    level.set_level(static_cast<v1::FundLevel>(key));
    JIEDUI_ASSIGN_OR_RETURN(const int64_t appropriated_fen, Narrow(sums.appropriated_fen, "appropriated_fen"));
    JIEDUI_ASSIGN_OR_RETURN(const int64_t available_fen, Narrow(sums.available_fen, "available_fen"));
    level.set_appropriated_fen(appropriated_fen);
    level.set_available_fen(available_fen);
    JIEDUI_RETURN_IF_ERROR(SetSums(sums, level));
  }
  for (const auto& [key, sums] : uses) {
    v1::FundUseRow& use = *report.add_uses();
    use.set_level(static_cast<v1::FundLevel>(std::get<0>(key)));
    use.set_district(std::get<1>(key));
    use.set_purpose(static_cast<v1::FundPurpose>(std::get<2>(key)));
    JIEDUI_RETURN_IF_ERROR(SetSums(sums, use));
  }
  return absl::OkStatus();
}

int64_t DaysAfter(const std::string& date, absl::CivilDay as_of) {
  absl::CivilDay day;
  return absl::ParseCivilTime(date, &day) ? std::max<int64_t>(as_of - day, 0) : 0;
}

absl::Status AddOverdue(sql::Transaction& transaction, int32_t year, absl::CivilDay as_of, v1::FundReport& report) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(absl::StrCat("SELECT a.owner, a.fund_source, l.project, a.district, a.purpose, "
                                       "a.disburse_by, a.balance_fen FROM fund_account AS a "
                                       "JOIN fund_allocation AS l ON l.id = SUBSTR(a.owner, ?) WHERE a.kind = ? AND "
                                       "a.balance_fen > 0 AND a.disburse_by < ?",
                                       OfYear(year, " AND a.programme_year = ?"), " ORDER BY a.disburse_by, a.owner")));
  row->BindInt(0, static_cast<int64_t>(sizeof("fundAllocations/")));
  row->BindInt(1, v1::FUND_ACCOUNT_KIND_UNDISBURSED);
  const std::string date = absl::FormatCivilTime(as_of);
  row->BindText(2, date);
  if (year != 0) row->BindInt(3, year);
  __int128 overdue_fen = 0;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) break;
    report.set_overdue_count(report.overdue_count() + 1);
    overdue_fen += row->Int(6);
    if (report.overdue_disbursements_size() == kMostListed) continue;
    v1::OverdueDisbursement& overdue = *report.add_overdue_disbursements();
    overdue.set_allocation(std::string(row->Text(0)));
    overdue.set_fund_source(std::string(row->Text(1)));
    overdue.set_project(std::string(row->Text(2)));
    overdue.set_district(std::string(row->Text(3)));
    overdue.set_purpose(static_cast<v1::FundPurpose>(row->Int(4)));
    overdue.set_disburse_by(std::string(row->Text(5)));
    overdue.set_days_overdue(DaysAfter(overdue.disburse_by(), as_of));
    overdue.set_undisbursed_fen(row->Int(6));
  }
  JIEDUI_ASSIGN_OR_RETURN(const int64_t sum, Narrow(overdue_fen, "overdue_fen"));
  report.set_overdue_fen(sum);
  return absl::OkStatus();
}

// What was found by the day and is not put right by it.
absl::Status AddFindings(const resource::TablePlan& plan, sql::Transaction& transaction, int32_t year,
                         absl::CivilDay as_of, v1::FundReport& report) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(absl::StrCat(
          plan.select_sql(), " WHERE found_date <= ? AND (rectified_date = '' OR rectified_date > ?)",
          OfYear(year, " AND SUBSTR(fund_source, ?) IN (SELECT id FROM fund_source WHERE programme_year = ?)"),
          " ORDER BY rectify_by, id")));
  const std::string date = absl::FormatCivilTime(as_of);
  row->BindText(0, date);
  row->BindText(1, date);
  if (year != 0) {
    row->BindInt(2, static_cast<int64_t>(sizeof("fundSources/")));
    row->BindInt(3, year);
  }
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) return absl::OkStatus();
    report.set_unrectified_count(report.unrectified_count() + 1);
    if (report.unrectified_findings_size() == kMostListed) continue;
    v1::UnrectifiedFinding& out = *report.add_unrectified_findings();
    resource::RowVersion version;
    JIEDUI_RETURN_IF_ERROR(plan.ReadRow(*row, out.mutable_finding(), &version));
    out.set_days_overdue(DaysAfter(out.finding().rectify_by(), as_of));
  }
}

}  // namespace

store::ReadHandler FundReportHandler(const store::Engine& engine) {
  const resource::TablePlan* findings = engine.registry().FindByCollection("auditFindings");
  return [&engine, findings](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                             Message* response) -> absl::Status {
    const auto& typed = static_cast<const v1::GetFundReportRequest&>(request);
    absl::CivilDay as_of = absl::ToCivilDay(engine.Now(), absl::FixedTimeZone(8 * 60 * 60));
    if (!typed.as_of_date().empty() &&
        (typed.as_of_date().size() != 10 || !absl::ParseCivilTime(typed.as_of_date(), &as_of))) {
      Violations violations;
      violations.Add("as_of_date", error::v1::REASON_FORMAT,
                     {"must be a date like 2018-12-31", "应为日期，如 2018-12-31"});
      return violations.ToStatus();
    }
    auto& report = *static_cast<v1::FundReport*>(response);
    report.set_as_of_date(absl::FormatCivilTime(as_of));
    const int32_t year = typed.programme_year();
    JIEDUI_RETURN_IF_ERROR(AddBalances(transaction, year, report));
    JIEDUI_RETURN_IF_ERROR(AddOverdue(transaction, year, as_of, report));
    return AddFindings(*findings, transaction, year, as_of, report);
  };
}

}  // namespace jiedui::industry
