#include "common/store/schema_check.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/sql/schema_inspect.h"
#include "common/status/macros.h"

namespace jiedui::store {
namespace {

using sql::ColumnInfo;
using sql::IndexInfo;

std::string Described(const ColumnInfo& column) {
  return absl::StrCat(column.type, column.nullable ? "" : " NOT NULL");
}

std::string Described(const IndexInfo& index) {
  return absl::StrCat(index.unique ? "unique " : "", "(", absl::StrJoin(index.columns, ", "), ")");
}

template <typename T>
std::map<std::string, T> ByName(std::vector<T> all) {
  std::map<std::string, T> by_name;
  for (T& each : all) by_name.emplace(each.name, std::move(each));
  return by_name;
}

// The differences between what a table must have and what it has, both columns or both indexes.
template <typename T>
void Compare(const std::string& table, const std::vector<T>& wanted, std::map<std::string, T> found,
             std::vector<std::string>& differences) {
  for (const T& each : wanted) {
    const auto it = found.find(each.name);
    if (it == found.end()) {
      differences.push_back(absl::StrCat(table, ".", each.name, " is missing (", Described(each), ")"));
      continue;
    }
    if (Described(it->second) != Described(each)) {
      differences.push_back(
          absl::StrCat(table, ".", each.name, " is ", Described(it->second), ", not ", Described(each)));
    }
    found.erase(it);
  }
  for (const auto& [name, each] : found) {
    differences.push_back(absl::StrCat(table, ".", name, " is not in the descriptor (", Described(each), ")"));
  }
}

absl::Status CheckTable(sql::Transaction& transaction, const resource::TablePlan& plan,
                        std::vector<std::string>& differences) {
  JIEDUI_ASSIGN_OR_RETURN(std::vector<ColumnInfo> columns, sql::InspectColumns(transaction, plan.table()));
  if (columns.empty()) {
    differences.push_back(absl::StrCat("the table ", plan.table(), " is missing"));
    return absl::OkStatus();
  }
  for (const ColumnInfo& column : columns) {
    if (!column.collation.empty() && !absl::EndsWith(column.collation, "_bin")) {
      differences.push_back(absl::StrCat(plan.table(), ".", column.name, " has the collation ", column.collation,
                                         ", which is not binary"));
    }
  }
  Compare(plan.table(), plan.TableColumns(), ByName(std::move(columns)), differences);

  JIEDUI_ASSIGN_OR_RETURN(std::vector<IndexInfo> indexes, sql::InspectIndexes(transaction, plan.table()));
  const std::vector<IndexInfo> wanted = plan.TableIndexes();
  const auto is_extra = [&wanted](const IndexInfo& index) {
    return !index.unique &&
           std::none_of(wanted.begin(), wanted.end(), [&](const IndexInfo& each) { return each.name == index.name; });
  };
  indexes.erase(std::remove_if(indexes.begin(), indexes.end(), is_extra), indexes.end());
  Compare(plan.table(), wanted, ByName(std::move(indexes)), differences);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTables(sql::Database& database, const resource::Registry& registry) {
  std::vector<std::string> differences;
  JIEDUI_RETURN_IF_ERROR(database.ReadHere([&](sql::Transaction& transaction) -> absl::Status {
    differences.clear();
    for (const resource::TablePlan* plan : registry.plans()) {
      JIEDUI_RETURN_IF_ERROR(CheckTable(transaction, *plan, differences));
    }
    return absl::OkStatus();
  }));
  if (differences.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the tables are not those of this program: ", absl::StrJoin(differences, "; ")));
}

}  // namespace jiedui::store
