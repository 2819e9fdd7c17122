#include "services/infrastructure/construction_report.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "jiedui/infrastructure/v1/construction.pb.h"
#include "services/infrastructure/places.h"

namespace jiedui::infrastructure {
namespace {

using google::protobuf::Message;

constexpr int kDefaultDays = 90;
constexpr int64_t kWhole = 1'000'000;

// The days of the request, both included.
struct Span {
  absl::CivilDay from;
  absl::CivilDay until;
};

// `text`, or `otherwise` when it is empty.
absl::CivilDay DayOf(const std::string& text, absl::CivilDay otherwise, const char* field, Violations& violations) {
  if (text.empty()) return otherwise;
  absl::CivilDay day;
  // The one form that dates are stored in: they are compared as texts.
  if (absl::ParseCivilTime(text, &day) && absl::FormatCivilTime(day) == text) return day;
  violations.Add(field, error::v1::REASON_FORMAT, {"must be a date like 2018-12-31", "应为日期，如 2018-12-31"});
  return otherwise;
}

absl::StatusOr<Span> Check(const store::Engine& engine, const v1::ListExpiringWarrantiesRequest& request) {
  Violations violations;
  Span span;
  const absl::CivilDay today = absl::ToCivilDay(engine.Now(), absl::FixedTimeZone(8 * 60 * 60));
  span.from = DayOf(request.from_date(), today, "from_date", violations);
  span.until = DayOf(request.until_date(), span.from + kDefaultDays, "until_date", violations);
  if (violations.empty() && span.until < span.from) {
    violations.Add("until_date", error::v1::REASON_RULE, {"must not be before from_date", "不得早于起始日期"});
  }
  CheckPage(request.page_size(), violations);
  CheckDivision(engine, request.division(), violations);
  if (!violations.empty()) return violations.ToStatus();
  return span;
}

// The last of a page: the next one begins after it.
struct Position {
  std::string warranty_end_date;
  std::string id;
};

absl::Status Fill(const store::Engine& engine, const resource::TablePlan& plan, const std::string& division,
                  const Span& span, const Position& after, size_t limit, sql::Transaction& transaction,
                  v1::ListExpiringWarrantiesResponse* answer) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(
          "SELECT id, display_name, site, contractor, accepted_date, warranty_end_date FROM construction_project WHERE "
          "warranty_end_date >= ? AND warranty_end_date <= ? AND (warranty_end_date > ? OR id > ?) "
          "ORDER BY warranty_end_date, id"));
  const std::string from = after.warranty_end_date.empty() ? absl::FormatCivilTime(span.from) : after.warranty_end_date;
  const std::string until = absl::FormatCivilTime(span.until);
  row->BindText(0, from);
  row->BindText(1, until);
  row->BindText(2, from);
  row->BindText(3, after.id);
  while (static_cast<size_t>(answer->warranties_size()) < limit) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) return absl::OkStatus();
    const std::string site(row->Text(2));
    if (!IsWithin(engine, site, division)) continue;
    v1::ExpiringWarranty* warranty = answer->add_warranties();
    warranty->set_project(plan.NameOf(row->Text(0)));
    warranty->set_display_name(std::string(row->Text(1)));
    warranty->set_site(site);
    warranty->set_contractor(std::string(row->Text(3)));
    warranty->set_accepted_date(std::string(row->Text(4)));
    warranty->set_warranty_end_date(std::string(row->Text(5)));
  }
  return absl::OkStatus();
}

// Adds a project to the report.
void AddProject(const v1::ConstructionProject& project, std::map<int, v1::FinanceSourceRow>& sources,
                v1::ConstructionFinance* report) {
  report->set_project_count(report->project_count() + 1);
  report->set_budget_fen(report->budget_fen() + project.budget_fen());
  report->set_finance_fen(report->finance_fen() + project.finance_fen());
  std::set<int> paying;
  for (const v1::FinanceEntry& entry : project.finances()) {
    v1::FinanceSourceRow& row = sources[entry.source()];
    row.set_amount_fen(row.amount_fen() + entry.amount_fen());
    if (paying.insert(entry.source()).second) row.set_project_count(row.project_count() + 1);
  }
}

}  // namespace

store::ReadHandler ExpiringWarrantiesHandler(const store::Engine& engine) {
  const resource::TablePlan* plan = engine.registry().FindByCollection("constructionProjects");
  return [&engine, plan](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                         Message* response) -> absl::Status {
    const auto& typed = static_cast<const v1::ListExpiringWarrantiesRequest&>(request);
    auto* answer = static_cast<v1::ListExpiringWarrantiesResponse*>(response);
    JIEDUI_ASSIGN_OR_RETURN(const Span span, Check(engine, typed));
    const std::string& secret = engine.state().page_token_key;
    const std::string identity =
        absl::StrCat("ListExpiringWarranties ", typed.from_date(), " ", typed.until_date(), " ", typed.division());
    Position after;
    if (!typed.page_token().empty()) {
      JIEDUI_ASSIGN_OR_RETURN(const auto key, store::DecodePageToken(typed.page_token(), identity, secret));
      after = {std::get<std::string>(key[0]), std::get<std::string>(key[1])};
    }
    const size_t size = PageSizeOf(typed.page_size());
    JIEDUI_RETURN_IF_ERROR(Fill(engine, *plan, typed.division(), span, after, size + 1, transaction, answer));
    if (static_cast<size_t>(answer->warranties_size()) <= size) return absl::OkStatus();
    answer->mutable_warranties()->RemoveLast();
    const v1::ExpiringWarranty& last = answer->warranties(answer->warranties_size() - 1);
    answer->set_next_page_token(
        store::EncodePageToken({last.warranty_end_date(), std::string(plan->IdOf(last.project()))}, identity, secret));
    return absl::OkStatus();
  };
}

store::ReadHandler ConstructionFinanceHandler(const store::Engine& engine) {
  const resource::TablePlan* plan = engine.registry().FindByCollection("constructionProjects");
  return [&engine, plan](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                         Message* response) -> absl::Status {
    const auto& typed = static_cast<const v1::GetConstructionFinanceRequest&>(request);
    auto* report = static_cast<v1::ConstructionFinance*>(response);
    Violations violations;
    CheckDivision(engine, typed.division(), violations);
    if (!violations.empty()) return violations.ToStatus();
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            transaction.Prepare(absl::StrCat(plan->select_sql(), " WHERE cancelled_date = ''",
                                                             typed.year() == 0 ? "" : " AND year = ?")));
    if (typed.year() != 0) row->BindInt(0, typed.year());
    std::map<int, v1::FinanceSourceRow> sources;
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (!found) break;
      v1::ConstructionProject project;
      resource::RowVersion version;
      JIEDUI_RETURN_IF_ERROR(plan->ReadRow(*row, &project, &version));
      if (IsWithin(engine, project.site(), typed.division())) AddProject(project, sources, report);
    }
    for (auto& [source, paid] : sources) {
      paid.set_source(static_cast<v1::FinanceSource>(source));
      paid.set_share_ppm(
          static_cast<int64_t>(static_cast<__int128>(paid.amount_fen()) * kWhole / report->finance_fen()));
      *report->add_sources() = paid;
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::infrastructure
