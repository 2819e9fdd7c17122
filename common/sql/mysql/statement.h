// A prepared statement of one connection.

#ifndef JIEDUI_COMMON_SQL_MYSQL_STATEMENT_H_
#define JIEDUI_COMMON_SQL_MYSQL_STATEMENT_H_

#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/database.h"

namespace jiedui::sql {

// Where the statements of a transaction report that it has failed.
class TransactionState {
 public:
  // OK while the transaction can still be committed.
  const absl::Status& failure() const { return failure_; }
  bool connection_lost() const { return connection_lost_; }

  // What the exception means. A conflict or a lost connection is the end of the transaction: the server has undone part of
  // it or all, so nothing may follow, whatever the caller makes of the error.
  absl::Status Failed(const std::exception& error);
  void LoseConnection() { connection_lost_ = true; }

  // Something was sent since the last Reset.
  bool used() const { return used_; }
  void Use() { used_ = true; }
  void Reset();

 private:
  absl::Status failure_;
  bool connection_lost_ = false;
  bool used_ = false;
};

// Values are copied by the driver when they are bound; results are fetched in one go when the statement runs.
class MysqlStatement final : public Statement {
 public:
  // `state` must outlive the statement.
  MysqlStatement(TransactionState& state, std::string sql, std::unique_ptr<::sql::PreparedStatement> statement)
      : state_(state), sql_(std::move(sql)), statement_(std::move(statement)) {}

  void BindNull(int parameter) override;
  void BindInt(int parameter, int64_t value) override;
  void BindText(int parameter, absl::string_view value) override;
  void BindBlob(int parameter, absl::string_view value) override;
  absl::StatusOr<int64_t> Execute() override;
  absl::StatusOr<bool> Step() override;
  bool IsNull(int column) override;
  int64_t Int(int column) override;
  absl::string_view Text(int column) override;

  // Forgets results and parameters, so that a forgotten one is an error and not an old value.
  void Reset();
  void FreeResult() { result_.reset(); }

  absl::string_view sql() const { return sql_; }
  uint64_t last_use() const { return last_use_; }
  void set_last_use(uint64_t use) { last_use_ = use; }

 private:
  template <typename Call>
  void Bind(const Call& call);
  absl::Status Ready();

  TransactionState& state_;
  const std::string sql_;
  const std::unique_ptr<::sql::PreparedStatement> statement_;
  std::unique_ptr<::sql::ResultSet> result_;
  std::deque<std::string> texts_;  // of the current row; growing leaves earlier ones where they are
  absl::Status bound_;
  uint64_t last_use_ = 0;
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_STATEMENT_H_
