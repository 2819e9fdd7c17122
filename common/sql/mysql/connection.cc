#include "common/sql/mysql/connection.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/sql/mysql/errors.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

// The server's limit is 16,382 for all connections of all programs.
constexpr size_t kMaxCachedStatements = 256;
constexpr absl::Duration kRest = absl::Seconds(30);
constexpr int kTooManyStatements = 1461;

}  // namespace

absl::StatusOr<std::unique_ptr<MysqlConnection>> MysqlConnection::Open(const MysqlAddress& address, SessionUse use,
                                                                       Counters& counters, absl::Duration timeout) {
  JIEDUI_ASSIGN_OR_RETURN(std::unique_ptr<::sql::Connection> connection, OpenSession(address, use, timeout));
  return std::unique_ptr<MysqlConnection>(new MysqlConnection(std::move(connection), counters));
}

MysqlConnection::MysqlConnection(std::unique_ptr<::sql::Connection> connection, Counters& counters)
    : connection_(std::move(connection)),
      control_(connection_->createStatement()),
      counters_(counters),
      last_use_(absl::Now()) {
  counters_.open_connections.fetch_add(1, std::memory_order_relaxed);
}

MysqlConnection::~MysqlConnection() { counters_.open_connections.fetch_sub(1, std::memory_order_relaxed); }

absl::StatusOr<Statement*> MysqlConnection::Prepare(absl::string_view sql) {
  if (!state_.failure().ok()) return state_.failure();
  const auto found = statements_.find(sql);
  MysqlStatement* statement = nullptr;
  if (found != statements_.end()) {
    statement = found->second.get();
    statement->Reset();
  } else {
    JIEDUI_ASSIGN_OR_RETURN(statement, Compile(sql));
  }
  statement->set_last_use(++clock_);
  used_.push_back(statement);
  return statement;
}

absl::StatusOr<MysqlStatement*> MysqlConnection::Compile(absl::string_view sql) {
  std::string text(sql);
  std::unique_ptr<::sql::PreparedStatement> prepared;
  try {
    try {
      prepared.reset(connection_->prepareStatement(text));
    } catch (const ::sql::SQLException& error) {
      // Other connections hold the rest: this one gives back what it does not need now.
      if (error.getErrorCode() != kTooManyStatements || statements_.size() <= used_.size()) throw;
      EvictStatements(statements_.size() - used_.size());
      prepared.reset(connection_->prepareStatement(text));
    }
  } catch (const std::exception& error) {
    return state_.Failed(error);
  }
  auto statement = std::make_unique<MysqlStatement>(state_, std::move(text), std::move(prepared));
  MysqlStatement* const result = statement.get();
  statements_.emplace(result->sql(), std::move(statement));
  return result;
}

absl::Status MysqlConnection::Run(absl::FunctionRef<absl::Status(Transaction&)> body) {
  absl::Status status = body(*this);
  return state_.failure().ok() ? status : state_.failure();
}

void MysqlConnection::LimitStatements(absl::Duration most) {
  most = std::clamp(most, absl::Milliseconds(1), absl::Seconds(kAnswerSeconds));
  if (statement_limit_ >= 0.9 * most && statement_limit_ <= 1.25 * most) return;
  // A failure is that of the connection, and the statement that follows will meet it.
  if (ExecuteText(absl::StrCat("SET ", StatementLimit(*connection_, most))).ok()) statement_limit_ = most;
}

absl::Status MysqlConnection::ExecuteText(absl::string_view sql) {
  try {
    control_->execute(std::string(sql));
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return state_.Failed(error);
  }
}

absl::Status MysqlConnection::Commit() {
  absl::Status status = state_.used() ? ExecuteText("COMMIT") : absl::OkStatus();
  if (IsRetryTransaction(status)) {
    Rollback();
    return status;
  }
  if (!status.ok()) {
    state_.LoseConnection();
    status = absl::UnknownError(status.message());
  }
  EndTransaction();
  return status;
}

void MysqlConnection::Rollback() {
  if (state_.used() && !lost() && !ExecuteText("ROLLBACK").ok()) state_.LoseConnection();
  EndTransaction();
}

bool MysqlConnection::Usable() {
  const absl::Time now = absl::Now();
  const bool rested = now - last_use_ > kRest;
  last_use_ = now;
  if (lost() || !rested) return !lost();
  try {
    if (!connection_->isValid()) state_.LoseConnection();
  } catch (const std::exception&) {
    state_.LoseConnection();
  }
  return !lost();
}

void MysqlConnection::EndTransaction() {
  for (MysqlStatement* statement : used_) statement->FreeResult();
  used_.clear();
  state_.Reset();
  last_use_ = absl::Now();
  // A margin, so that the search does not come back with every new statement.
  if (statements_.size() > kMaxCachedStatements) {
    EvictStatements(statements_.size() - kMaxCachedStatements + kMaxCachedStatements / 8);
  }
}

void MysqlConnection::EvictStatements(size_t surplus) {
  std::vector<MysqlStatement*> by_use;
  for (const auto& [sql, statement] : statements_) by_use.push_back(statement.get());
  std::nth_element(by_use.begin(), by_use.begin() + (surplus - 1), by_use.end(),
                   [](const MysqlStatement* a, const MysqlStatement* b) { return a->last_use() < b->last_use(); });
  for (size_t i = 0; i < surplus; ++i) statements_.erase(by_use[i]->sql());
}

}  // namespace jiedui::sql
