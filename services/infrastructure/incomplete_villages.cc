#include "services/infrastructure/incomplete_villages.h"

#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "services/infrastructure/places.h"

namespace jiedui::infrastructure {
namespace {

using google::protobuf::Message;

constexpr int kMaxMissing = 1000;

// Two parameters: the last day of the year, twice.
constexpr char kStands[] = "accepted_date <> '' AND accepted_date <= ? AND (lost_date = '' OR lost_date > ?)";

// The standard of the year; without a name when there is none.
absl::StatusOr<v1::FacilityStandard> StandardOf(const resource::TablePlan& plan, int year,
                                                sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(absl::StrCat(plan.select_sql(), " WHERE first_year <= ? ORDER BY first_year DESC LIMIT 1")));
  row->BindInt(0, year);
  v1::FacilityStandard standard;
  resource::RowVersion version;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (found) JIEDUI_RETURN_IF_ERROR(plan.ReadRow(*row, &standard, &version));
  return standard;
}

// The villages after `after` in which so many items stand.
absl::StatusOr<std::vector<std::string>> VillagesWith(int standing, const std::string& standard, const std::string& day,
                                                      const std::string& after, int limit,
                                                      sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare(absl::StrCat(
                              "SELECT village FROM village_facility WHERE standard = ? AND village > ? GROUP BY "
                              "village HAVING SUM(CASE WHEN ",
                              kStands, " THEN 1 ELSE 0 END) = ? ORDER BY village LIMIT ", limit)));
  row->BindText(0, standard);
  row->BindText(1, after);
  row->BindText(2, day);
  row->BindText(3, day);
  row->BindInt(4, standing);
  std::vector<std::string> villages;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return villages;
    villages.emplace_back(row->Text(0));
  }
}

absl::Status AddVillage(const std::string& village, const v1::FacilityStandard& standard, const std::string& day,
                        sql::Transaction& transaction, v1::ListIncompleteVillagesResponse* answer) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare(absl::StrCat(
                              "SELECT item FROM village_facility WHERE village = ? AND standard = ? AND ", kStands)));
  row->BindText(0, village);
  row->BindText(1, standard.name());
  row->BindText(2, day);
  row->BindText(3, day);
  std::set<std::string> standing;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) break;
    standing.emplace(row->Text(0));
  }
  v1::IncompleteVillage* incomplete = answer->add_incomplete_villages();
  incomplete->set_village(village);
  for (const v1::StandardItem& item : standard.items()) {
    if (standing.count(item.code()) == 0) incomplete->add_missing_items(item.code());
  }
  return absl::OkStatus();
}

absl::Status Check(const store::Engine& engine, const v1::ListIncompleteVillagesRequest& request) {
  Violations violations;
  if (request.year() < 2000 || request.year() > 2999) {
    violations.Add("year", error::v1::REASON_RANGE, {"must be a year from 2000 to 2999", "应为2000至2999的年份"});
  }
  if (request.missing_count() < 0 || request.missing_count() > kMaxMissing) {
    violations.Add("missing_count", error::v1::REASON_RANGE, {"must be from 0 to 1000", "应为0至1000"});
  }
  CheckPage(request.page_size(), violations);
  CheckDivision(engine, request.division(), violations);
  return violations.ToStatus();
}

// The first villages after `after`, at most `limit`, that the request is about and in which so many items stand.
absl::StatusOr<std::vector<std::string>> FindVillages(const store::Engine& engine,
                                                      const v1::ListIncompleteVillagesRequest& request, int standing,
                                                      const std::string& standard, const std::string& day,
                                                      std::string after, size_t limit, sql::Transaction& transaction) {
  std::vector<std::string> found;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<std::string> batch,
                            VillagesWith(standing, standard, day, after, kMaxPageSize, transaction));
    for (const std::string& village : batch) {
      if (!IsMember(engine, village, day) || !IsWithin(engine, village, request.division())) continue;
      found.push_back(village);
      if (found.size() == limit) return found;
    }
    if (batch.size() < kMaxPageSize) return found;
    after = batch.back();
  }
}

}  // namespace

store::ReadHandler IncompleteVillagesHandler(const store::Engine& engine) {
  const resource::TablePlan* plan = engine.registry().FindByCollection("facilityStandards");
  return [&engine, plan](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                         Message* response) -> absl::Status {
    const auto& typed = static_cast<const v1::ListIncompleteVillagesRequest&>(request);
    auto* answer = static_cast<v1::ListIncompleteVillagesResponse*>(response);
    JIEDUI_RETURN_IF_ERROR(Check(engine, typed));
    const std::string& secret = engine.state().page_token_key;
    const std::string identity =
        absl::StrCat("ListIncompleteVillages ", typed.year(), " ", typed.missing_count(), " ", typed.division());
    std::string after;
    if (!typed.page_token().empty()) {
      JIEDUI_ASSIGN_OR_RETURN(const auto key, store::DecodePageToken(typed.page_token(), identity, secret));
      after = std::get<std::string>(key[0]);
    }
    JIEDUI_ASSIGN_OR_RETURN(const v1::FacilityStandard standard, StandardOf(*plan, typed.year(), transaction));
    answer->set_standard(standard.name());
    const int standing = standard.items_size() - std::max(typed.missing_count(), 1);
    if (standing < 0) return absl::OkStatus();
    const size_t size = PageSizeOf(typed.page_size());
    const std::string day = absl::StrCat(typed.year(), "-12-31");
    JIEDUI_ASSIGN_OR_RETURN(std::vector<std::string> villages,
                            FindVillages(engine, typed, standing, standard.name(), day, after, size + 1, transaction));
    if (villages.size() > size) {
      villages.pop_back();
      answer->set_next_page_token(store::EncodePageToken({villages.back()}, identity, secret));
    }
    for (const std::string& village : villages) {
      JIEDUI_RETURN_IF_ERROR(AddVillage(village, standard, day, transaction, answer));
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::infrastructure
