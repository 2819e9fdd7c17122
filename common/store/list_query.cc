#include "common/store/list_query.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"

namespace jiedui::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::ColumnType;
using resource::TablePlan;

constexpr size_t kMaxOrderKeys = 4;

std::string SortableNames(const TablePlan& plan) {
  std::vector<std::string> names = {"name"};
  for (const resource::Column& column : plan.columns()) {
    if (column.rule->rules.sortable()) names.push_back(column.field->name());
  }
  return absl::StrJoin(names, ", ");
}

void BadOrder(const TablePlan& plan, Violations& violations) {
  const std::string names = SortableNames(plan);
  violations.Add("order_by", error::v1::REASON_ORDER_BY,
                 {absl::StrCat("must be up to ", kMaxOrderKeys, " different fields of: ", names, ", each with \"desc\" or not"),
                  absl::StrCat("应为以下字段中的至多", kMaxOrderKeys, "个，可加 desc：", names)});
}

std::vector<OrderKey> ParseOrder(const TablePlan& plan, absl::string_view order_by, Violations& violations) {
  std::vector<OrderKey> order;
  bool has_id = false;
  const std::vector<absl::string_view> parts =
      order_by.size() > 512 ? std::vector<absl::string_view>(kMaxOrderKeys + 1) : absl::StrSplit(order_by, ',', absl::SkipWhitespace());
  if (parts.size() > kMaxOrderKeys) {
    BadOrder(plan, violations);
    return order;
  }
  for (const absl::string_view part : parts) {
    const std::vector<absl::string_view> words = absl::StrSplit(part, ' ', absl::SkipWhitespace());
    OrderKey key;
    key.descending = words.size() == 2 && words[1] == "desc";
    const bool direction_ok = words.size() == 1 || (words.size() == 2 && (key.descending || words[1] == "asc"));
    key.column = words[0] == "name" ? nullptr : plan.FindColumn(words[0]);
    const bool known = words[0] == "name" || (key.column != nullptr && key.column->rule->rules.sortable());
    key.quoted = key.column == nullptr ? "id" : key.column->quoted;
    bool repeated = has_id;  // nothing can follow the id: it is unique
    for (const OrderKey& earlier : order) repeated = repeated || earlier.quoted == key.quoted;
    if (!direction_ok || !known || repeated) {
      BadOrder(plan, violations);
      return order;
    }
    has_id = key.column == nullptr;
    order.push_back(std::move(key));
  }
  if (!has_id) order.push_back({"id", false, nullptr});
  return order;
}

bool IsText(const OrderKey& key) { return key.column == nullptr || key.column->type == ColumnType::kText; }

KeyValue ValueOf(const TablePlan& plan, const OrderKey& key, const Message& message) {
  const auto* reflection = message.GetReflection();
  if (key.column == nullptr) return std::string(plan.IdOf(reflection->GetString(message, plan.standard().name)));
  const FieldDescriptor* field = key.column->field;
  switch (key.column->type) {
    case ColumnType::kText: return reflection->GetString(message, field);
    case ColumnType::kBool: return int64_t{reflection->GetBool(message, field)};
    case ColumnType::kEnum: return int64_t{reflection->GetEnumValue(message, field)};
    default:
      return field->cpp_type() == FieldDescriptor::CPPTYPE_INT32 ? int64_t{reflection->GetInt32(message, field)}
                                                                 : reflection->GetInt64(message, field);
  }
}

void BindValue(sql::Statement& statement, int parameter, const KeyValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    statement.BindInt(parameter, *number);
  } else {
    statement.BindText(parameter, std::get<std::string>(value));
  }
}

// The rows whose first `equal` keys are those of the position and whose next key lies after it. One such range after
// the other, from the longest prefix to the shortest, gives every row after the position in order; each is a range of an
// index, which one condition with ORs would not be.
std::string RangeSql(const TablePlan& plan, const ListQuery& query, const std::string& where, size_t equal, bool bounded) {
  std::string sql = absl::StrCat(plan.select_sql(), " WHERE (", where, ")");
  for (size_t i = 0; i < equal; ++i) absl::StrAppend(&sql, " AND ", query.order[i].quoted, " = ?");
  if (bounded) {
    absl::StrAppend(&sql, " AND ", query.order[equal].quoted, query.order[equal].descending ? " < ?" : " > ?");
  }
  std::vector<std::string> keys;
  for (size_t i = equal; i < query.order.size(); ++i) {
    keys.push_back(absl::StrCat(query.order[i].quoted, query.order[i].descending ? " DESC" : ""));
  }
  absl::StrAppend(&sql, " ORDER BY ", absl::StrJoin(keys, ", "), " LIMIT ?");
  return sql;
}

}  // namespace

absl::StatusOr<ListQuery> ParseListQuery(const TablePlan& plan, absl::string_view filter, absl::string_view order_by,
                                         absl::string_view page_token, absl::string_view token_key) {
  ListQuery query;
  Violations violations;
  absl::StatusOr<filter::Filter> parsed = filter::Filter::Parse(filter, plan.list_schema());
  if (parsed.ok()) {
    query.filter = *std::move(parsed);
  } else {
    for (const error::v1::Violation& each : ViolationsOf(parsed.status())) {
      violations.Add(each.field(), each.reason(), {each.message(), each.message_zh()});
    }
  }
  query.order = ParseOrder(plan, order_by, violations);
  if (!violations.empty()) return violations.ToStatus();
  query.identity = absl::StrCat(plan.collection(), "|", query.filter.Canonical(), "|");
  for (const OrderKey& key : query.order) absl::StrAppend(&query.identity, key.quoted, key.descending ? "-" : "+");
  if (!page_token.empty()) {
    JIEDUI_ASSIGN_OR_RETURN(query.after, DecodePageToken(page_token, query.identity, token_key));
    bool fits = query.after.size() == query.order.size();
    for (size_t i = 0; fits && i < query.after.size(); ++i) {
      fits = std::holds_alternative<std::string>(query.after[i]) == IsText(query.order[i]);
    }
    if (!fits) return DecodePageToken("", query.identity, token_key).status();
  }
  return query;
}

std::string NextPageToken(const TablePlan& plan, const ListQuery& query, const Message& last,
                          absl::string_view token_key) {
  std::vector<KeyValue> key;
  for (const OrderKey& each : query.order) key.push_back(ValueOf(plan, each, last));
  return EncodePageToken(key, query.identity, token_key);
}

absl::Status RunListQuery(const TablePlan& plan, const ListQuery& query, int64_t limit, sql::Transaction& transaction,
                          absl::FunctionRef<absl::Status(sql::Statement&)> row) {
  const filter::SqlFilter filter = query.filter.ToSql(
      transaction.dialect() == sql::Dialect::kMysql ? filter::SqlDialect::kMysql : filter::SqlDialect::kSqlite);
  const bool bounded = !query.after.empty();
  for (size_t range = bounded ? query.order.size() : 1; range > 0 && limit > 0; --range) {
    const size_t equal = range - 1;
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                            transaction.Prepare(RangeSql(plan, query, filter.where, equal, bounded)));
    int parameter = 0;
    for (const filter::SqlValue& value : filter.values) BindValue(*statement, parameter++, value);
    for (size_t i = 0; bounded && i <= equal; ++i) BindValue(*statement, parameter++, query.after[i]);
    statement->BindInt(parameter, limit);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, statement->Step());
      if (!more) break;
      JIEDUI_RETURN_IF_ERROR(row(*statement));
      --limit;
    }
  }
  return absl::OkStatus();
}

}  // namespace jiedui::store
