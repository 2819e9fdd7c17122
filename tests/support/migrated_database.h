// A database of a program as it was before one of its migrations, with what was in it by then.

#ifndef JIEDUI_TESTS_SUPPORT_MIGRATED_DATABASE_H_
#define JIEDUI_TESTS_SUPPORT_MIGRATED_DATABASE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/service/host.h"
#include "common/sql/database.h"
#include "common/sql/migrator.h"
#include "common/sql/schema_inspect.h"
#include "common/status/macros.h"
#include "common/store/store_migrations.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::testing {

class MigratedDatabase {
 public:
  // `make` makes the definition of the program; `number` is that of the migration, "0164", before which the database is.
  MigratedDatabase(service::Definition (*make)(), DatabaseKind kind, absl::string_view number)
      : fresh_(kind), database_(fresh_.Open()) {
    service::Definition definition = make();
    std::vector<EmbeddedFile> before(store::StoreMigrations().begin(), store::StoreMigrations().end());
    for (const EmbeddedFile& file : definition.migrations) {
      if (file.name < number) before.push_back(file);
    }
    EXPECT_OK(sql::Migrate(*database_, before));
    auto host = service::Host::Create(std::move(definition));
    EXPECT_OK(host);
    host_ = *std::move(host);
  }

  // Puts a row into a table; columns that are not named are empty or zero.
  void Insert(const std::string& table, std::map<std::string, std::string> row) {
    EXPECT_OK(sql::WriteAndWait(*database_, {}, [&](sql::Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(const auto columns, sql::InspectColumns(transaction, table));
      std::vector<std::string> names, values;
      for (const sql::ColumnInfo& column : columns) {
        const bool number = absl::StrContains(column.type, "INT");
        const auto value = row.extract(column.name);
        names.push_back(absl::StrCat("`", column.name, "`"));
        values.push_back(absl::StrCat("'", value.empty() ? (number ? "0" : "") : value.mapped(), "'"));
      }
      EXPECT_TRUE(row.empty()) << table << " has no column " << row.begin()->first;
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert, transaction.Prepare(absl::StrCat(
                                                           "INSERT INTO `", table, "` (", absl::StrJoin(names, ", "),
                                                           ") VALUES (", absl::StrJoin(values, ", "), ")")));
      return insert->Execute().status();
    }));
  }

  // Brings it up to date as the program itself does.
  void MigrateOn() { EXPECT_OK(host_->Migrate(*database_)); }

  // The first `columns` columns of each row of a query, with a space between them.
  std::vector<std::string> Rows(const std::string& sql, int columns) {
    std::vector<std::string> rows;
    EXPECT_OK(database_->ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      rows.clear();
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(sql));
      while (true) {
        JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
        if (!more) return absl::OkStatus();
        std::vector<std::string> cells;
        for (int i = 0; i < columns; ++i) cells.emplace_back(row->Text(i));
        rows.push_back(absl::StrJoin(cells, " "));
      }
    }));
    return rows;
  }

 private:
  TestDatabase fresh_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<service::Host> host_;
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_SUPPORT_MIGRATED_DATABASE_H_
