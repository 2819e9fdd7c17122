// A table, and what the tests of the back ends do with it.

#ifndef JIEDUI_TESTS_SQL_SQL_HELPERS_H_
#define JIEDUI_TESTS_SQL_SQL_HELPERS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "gtest/gtest.h"

namespace jiedui::sql {

inline constexpr absl::string_view kTestTable =
    "CREATE TABLE thing (id BIGINT NOT NULL PRIMARY KEY, text VARCHAR(64) NOT NULL, note LONGTEXT, data LONGBLOB, "
    "number BIGINT, CONSTRAINT thing_by_text UNIQUE (text)) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */";

inline absl::Status InsertRow(Transaction& transaction, int64_t id, absl::string_view text) {
  JIEDUI_ASSIGN_OR_RETURN(Statement * statement, transaction.Prepare("INSERT INTO thing (id, text) VALUES (?, ?)"));
  statement->BindInt(0, id);
  statement->BindText(1, text);
  return statement->Execute().status();
}

inline absl::StatusOr<int64_t> CountIn(Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT COUNT(*) FROM thing"));
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? row->Int(0) : -1;
}

inline int64_t CountRows(Database& database) {
  int64_t count = -1;
  const absl::Status status = database.ReadHere([&count](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(count, CountIn(transaction));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return count;
}

}  // namespace jiedui::sql

#endif  // JIEDUI_TESTS_SQL_SQL_HELPERS_H_
