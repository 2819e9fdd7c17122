// One MySQL connection with its cache of prepared statements. Used by one thread at a time.

#ifndef JIEDUI_COMMON_SQL_MYSQL_CONNECTION_H_
#define JIEDUI_COMMON_SQL_MYSQL_CONNECTION_H_

#include <cppconn/connection.h>
#include <cppconn/statement.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/sql/database.h"
#include "common/sql/driver.h"
#include "common/sql/mysql/address.h"
#include "common/sql/mysql/session.h"
#include "common/sql/mysql/statement.h"

namespace jiedui::sql {

// Transactions are ended by the statements COMMIT and ROLLBACK alone: the driver's methods of these names drop the error.
class MysqlConnection final : public Transaction {
 public:
  // `counters` must outlive the connection. Errors as OpenSession.
  static absl::StatusOr<std::unique_ptr<MysqlConnection>> Open(const MysqlAddress& address, SessionUse use,
                                                               Counters& counters,
                                                               absl::Duration timeout = absl::InfiniteDuration());
  ~MysqlConnection() override;

  // Transaction.
  absl::StatusOr<Statement*> Prepare(absl::string_view sql) override;
  Dialect dialect() const override { return Dialect::kMysql; }

  // Runs `body` and answers its status, or, when the transaction has failed, that failure whatever the body made of it.
  // The transaction is still open afterwards.
  absl::Status Run(absl::FunctionRef<absl::Status(Transaction&)> body);

  // OK: committed. ABORTED with a request for a re-run: rolled back by the server. UNKNOWN: anything else, and then the
  // connection is lost.
  absl::Status Commit();
  // Leaves no transaction behind, or a lost connection.
  void Rollback();

  // Has the server end statements of this read session that run for about `most` (at least a millisecond, at most
  // kAnswerSeconds). It costs a round trip, so it is only done where the limit is far from that.
  void LimitStatements(absl::Duration most);

  // Runs a statement without parameters and results.
  absl::Status ExecuteText(absl::string_view sql);

  // False when the connection is lost. After a long rest it is asked.
  bool Usable();
  bool lost() const { return state_.connection_lost(); }

 private:
  MysqlConnection(std::unique_ptr<::sql::Connection> connection, Counters& counters);
  absl::StatusOr<MysqlStatement*> Compile(absl::string_view sql);
  // After every transaction: frees the results, trims the cache.
  void EndTransaction();
  void EvictStatements(size_t surplus);

  const std::unique_ptr<::sql::Connection> connection_;
  const std::unique_ptr<::sql::Statement> control_;
  Counters& counters_;
  TransactionState state_;
  // Keys are views of the statements' own text.
  absl::flat_hash_map<absl::string_view, std::unique_ptr<MysqlStatement>> statements_;
  std::vector<MysqlStatement*> used_;
  uint64_t clock_ = 0;
  absl::Time last_use_;
  absl::Duration statement_limit_ = absl::Seconds(kAnswerSeconds);
};

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_CONNECTION_H_
