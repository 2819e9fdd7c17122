#include "common/sql/mysql/statement.h"

#include <exception>

#include "common/sql/mysql/errors.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

::sql::SQLString Copy(absl::string_view value) {
  return value.empty() ? ::sql::SQLString() : ::sql::SQLString(value.data(), value.size());
}

}  // namespace

absl::Status TransactionState::Failed(const std::exception& error) {
  const MysqlError understood = UnderstandMysqlError(error);
  connection_lost_ |= understood.connection_lost;
  if ((understood.connection_lost || IsRetryTransaction(understood.status)) && failure_.ok())
    failure_ = understood.status;
  return understood.status;
}

void TransactionState::Reset() {
  failure_ = absl::OkStatus();
  used_ = false;
}

template <typename Call>
void MysqlStatement::Bind(const Call& call) {
  try {
    call();
  } catch (const std::exception&) {
    bound_ = absl::InternalError("a parameter does not exist in the statement");
  }
}

void MysqlStatement::BindNull(int parameter) {
  Bind([&] { statement_->setNull(parameter + 1, 0); });
}

void MysqlStatement::BindInt(int parameter, int64_t value) {
  Bind([&] { statement_->setInt64(parameter + 1, value); });
}

void MysqlStatement::BindText(int parameter, absl::string_view value) {
  Bind([&] { statement_->setString(parameter + 1, Copy(value)); });
}

// As text too: a binary column takes the bytes as they are, and the driver's own way sends each blob in a message of its own.
void MysqlStatement::BindBlob(int parameter, absl::string_view value) { BindText(parameter, value); }

absl::Status MysqlStatement::Ready() {
  if (!state_.failure().ok()) return state_.failure();
  return bound_;
}

absl::StatusOr<int64_t> MysqlStatement::Execute() {
  JIEDUI_RETURN_IF_ERROR(Ready());
  result_.reset();
  state_.Use();
  try {
    return statement_->executeUpdate();
  } catch (const std::exception& error) {
    return state_.Failed(error);
  }
}

absl::StatusOr<bool> MysqlStatement::Step() {
  JIEDUI_RETURN_IF_ERROR(Ready());
  try {
    if (result_ == nullptr) {
      state_.Use();
      result_.reset(statement_->executeQuery());
    }
    const bool row = result_->next();
    if (!row) result_.reset();
    return row;
  } catch (const std::exception& error) {
    result_.reset();
    return state_.Failed(error);
  }
}

bool MysqlStatement::IsNull(int column) {
  try {
    return result_->isNull(column + 1);
  } catch (const std::exception& error) {
    state_.Failed(error).IgnoreError();
    return true;
  }
}

int64_t MysqlStatement::Int(int column) {
  try {
    return result_->getInt64(column + 1);
  } catch (const std::exception& error) {
    state_.Failed(error).IgnoreError();
    return 0;
  }
}

absl::string_view MysqlStatement::Text(int column) {
  try {
    if (texts_.size() <= static_cast<size_t>(column)) texts_.resize(column + 1);
    texts_[column] = static_cast<const std::string&>(result_->getString(column + 1));
    return texts_[column];
  } catch (const std::exception& error) {
    state_.Failed(error).IgnoreError();
    return {};
  }
}

void MysqlStatement::Reset() {
  result_.reset();
  bound_ = absl::OkStatus();
  try {
    statement_->clearParameters();
  } catch (const std::exception& error) {
    state_.Failed(error).IgnoreError();
  }
}

}  // namespace jiedui::sql
