// Records that are odd by the rules of plausibility: looked for in the facts when asked, so that no answer is out of date and
// no write pays for it.

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/engine.h"
#include "common/store/page_token.h"

namespace jiedui::store {
namespace {

using google::protobuf::Message;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;

std::string Quoted(const std::string& column) { return absl::StrCat("`", column, "`"); }

// Rows of (id, site, year, value, compared value) after the id `after`.
struct Query {
  std::string sql;
  std::vector<filter::SqlValue> values;
};

Query QueryOf(const measure::PlausibilityRule& rule, const measure::v1::ListWarningsRequest& request,
              const std::string& after, int limit, sql::Dialect dialect) {
  const measure::v1::PlausibilityRule& definition = rule.definition;
  const std::string table = Quoted(rule.plan->table());
  const bool mysql = dialect == sql::Dialect::kMysql;
  filter::SqlFilter filter = rule.filter.ToSql(mysql ? filter::SqlDialect::kMysql : filter::SqlDialect::kSqlite);
  Query query;
  const std::string value = definition.field().empty() ? "0" : absl::StrCat("r.", Quoted(definition.field()));
  const std::string other = definition.field().empty() ? "0"
                                                       : absl::StrCat(definition.year_before() ? "b." : "r.",
                                                                      Quoted(definition.against_field()));
  const std::string year = rule.year_column.empty() ? "0" : absl::StrCat("r.", Quoted(rule.year_column));
  // The filter names columns without a table.
  query.sql = absl::StrCat("SELECT r.id, r.", Quoted(rule.plan->options().scope_field()), ", ", year, ", ", value, ", ",
                           other, " FROM (SELECT * FROM ", table, " WHERE ", filter.where, ") r");
  query.values = std::move(filter.values);
  if (definition.year_before()) {
    absl::StrAppend(&query.sql, " JOIN ", table, " b ON b.", Quoted(rule.year_column), " = ", year, " - 1");
    for (const std::string& key : rule.key_columns) {
      absl::StrAppend(&query.sql, " AND b.", Quoted(key), " = r.", Quoted(key));
    }
  }
  absl::StrAppend(&query.sql, " WHERE r.id > ?");
  query.values.emplace_back(after);
  if (!definition.field().empty()) {
    // A year before with nothing says nothing of this one; within a record, anything is more than nothing.
    absl::StrAppend(&query.sql, " AND ", other, definition.year_before() ? " > 0" : " >= 0", " AND ", value,
                    " * 100 > ", other, " * ", definition.most_percent());
  }
  if (!request.site().empty()) {
    absl::StrAppend(&query.sql, " AND r.", Quoted(rule.plan->options().scope_field()), " = ?");
    query.values.emplace_back(request.site());
  }
  if (request.year() != 0) {
    absl::StrAppend(&query.sql, " AND ", year, " = ?");
    query.values.emplace_back(int64_t{request.year()});
  }
  absl::StrAppend(&query.sql, " ORDER BY r.id LIMIT ", limit);
  return query;
}

absl::Status Find(sql::Transaction& transaction, const measure::PlausibilityRule& rule, const Query& query,
                  measure::v1::ListWarningsResponse* answer) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(query.sql));
  int parameter = 0;
  for (const filter::SqlValue& value : query.values) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      row->BindInt(parameter++, *number);
    } else {
      row->BindText(parameter++, std::get<std::string>(value));
    }
  }
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return absl::OkStatus();
    measure::v1::PlausibilityWarning* warning = answer->add_warnings();
    warning->set_rule(rule.definition.id());
    warning->set_title(rule.definition.title());
    warning->set_title_zh(rule.definition.title_zh());
    warning->set_resource(rule.plan->NameOf(row->Text(0)));
    warning->set_site(std::string(row->Text(1)));
    warning->set_year(static_cast<int32_t>(row->Int(2)));
    warning->set_value(row->Int(3));
    warning->set_compared_value(row->Int(4));
  }
}

}  // namespace

ReadHandler Engine::ListWarningsHandler() const {
  return [this](RequestContext& context, sql::Transaction& transaction, const Message& request,
                Message* response) -> absl::Status {
    const auto& typed = static_cast<const measure::v1::ListWarningsRequest&>(request);
    auto* answer = static_cast<measure::v1::ListWarningsResponse*>(response);
    const std::vector<measure::PlausibilityRule>& rules = measures().plausibility_rules();
    const auto is_asked = [&typed](const measure::PlausibilityRule& rule) {
      return typed.rule().empty() || rule.definition.id() == typed.rule();
    };
    Violations violations;
    if (typed.page_size() < 0) {
      violations.Add("page_size", error::v1::REASON_RANGE, {"must not be negative", "不得为负数"});
    }
    if (!typed.rule().empty() && std::none_of(rules.begin(), rules.end(), is_asked)) {
      violations.Add("rule", error::v1::REASON_DANGLING_REFERENCE, {"is no rule of this service", "无此规则"});
    }
    if (!violations.empty()) return violations.ToStatus();
    const std::string identity = absl::StrCat("ListWarnings ", typed.rule(), " ", typed.site(), " ", typed.year());
    size_t first = 0;
    std::string after;
    if (!typed.page_token().empty()) {
      JIEDUI_ASSIGN_OR_RETURN(const auto key, DecodePageToken(typed.page_token(), identity, state_.page_token_key));
      first = static_cast<size_t>(std::get<int64_t>(key[0]));
      after = std::get<std::string>(key[1]);
    }
    const int size = typed.page_size() == 0 ? kDefaultPageSize : std::min(typed.page_size(), kMaxPageSize);
    for (size_t i = first; i < rules.size(); ++i, after.clear()) {
      if (!is_asked(rules[i]) || !CheckMaySee(registry(), *rules[i].plan, context.principal).ok()) continue;
      // One more than fits shows whether there is another page.
      const int limit = size - answer->warnings_size() + 1;
      JIEDUI_RETURN_IF_ERROR(
          Find(transaction, rules[i], QueryOf(rules[i], typed, after, limit, transaction.dialect()), answer));
      if (answer->warnings_size() <= size) continue;
      answer->mutable_warnings()->RemoveLast();
      const measure::v1::PlausibilityWarning& last = answer->warnings(size - 1);
      // The last one may be of an earlier rule: this one then begins anew.
      const std::string last_id =
          last.rule() == rules[i].definition.id() ? std::string(rules[i].plan->IdOf(last.resource())) : "";
      answer->set_next_page_token(EncodePageToken({static_cast<int64_t>(i), last_id}, identity, state_.page_token_key));
      return absl::OkStatus();
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::store
