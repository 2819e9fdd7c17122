// Lists: filter, order and keyset pages of any resource.

#ifndef JIEDUI_COMMON_STORE_LIST_QUERY_H_
#define JIEDUI_COMMON_STORE_LIST_QUERY_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/filter/filter.h"
#include "common/resource/table_plan.h"
#include "common/sql/database.h"
#include "google/protobuf/message.h"

namespace jiedui::store {

using KeyValue = std::variant<int64_t, std::string>;

struct OrderKey {
  std::string quoted;    // column
  bool descending = false;
  const resource::Column* column = nullptr;  // null for the id
};

// A list as asked for, understood and checked.
struct ListQuery {
  filter::Filter filter;
  std::vector<OrderKey> order;     // ends with the id, so that it is total
  std::vector<KeyValue> after;     // the last row of the page before; empty on the first page
  std::string identity;            // what a page token must belong to
};

// Understands filter, order_by and page_token. INVALID_ARGUMENT with all violations.
absl::StatusOr<ListQuery> ParseListQuery(const resource::TablePlan& plan, absl::string_view filter,
                                         absl::string_view order_by, absl::string_view page_token,
                                         absl::string_view token_key);

// The token of the page after `last`.
std::string NextPageToken(const resource::TablePlan& plan, const ListQuery& query, const google::protobuf::Message& last,
                          absl::string_view token_key);

// Calls `row` for at most `limit` rows after the query's position, in its order; stops early when `row` fails. The cost
// does not depend on how many pages came before.
absl::Status RunListQuery(const resource::TablePlan& plan, const ListQuery& query, int64_t limit,
                          sql::Transaction& transaction, absl::FunctionRef<absl::Status(sql::Statement&)> row);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_LIST_QUERY_H_
