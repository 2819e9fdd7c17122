#include "tests/bench/recorded_create.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <iostream>
#include <utility>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace jiedui::bench {
namespace {

class RecordingStatement final : public sql::Statement {
 public:
  RecordingStatement(sql::Statement* statement, std::vector<RecordedStatement>& log, size_t index)
      : statement_(statement), log_(log), index_(index) {}

  void BindNull(int parameter) override {
    Keep(parameter) = {};
    statement_->BindNull(parameter);
  }
  void BindInt(int parameter, int64_t value) override {
    Keep(parameter) = {RecordedValue::Kind::kInt, value, ""};
    statement_->BindInt(parameter, value);
  }
  void BindText(int parameter, absl::string_view value) override {
    Keep(parameter) = {RecordedValue::Kind::kText, 0, std::string(value)};
    statement_->BindText(parameter, value);
  }
  void BindBlob(int parameter, absl::string_view value) override {
    Keep(parameter) = {RecordedValue::Kind::kBlob, 0, std::string(value)};
    statement_->BindBlob(parameter, value);
  }
  absl::StatusOr<int64_t> Execute() override { return statement_->Execute(); }
  absl::StatusOr<bool> Step() override {
    log_[index_].rows = true;
    return statement_->Step();
  }
  bool IsNull(int column) override { return statement_->IsNull(column); }
  int64_t Int(int column) override { return statement_->Int(column); }
  absl::string_view Text(int column) override { return statement_->Text(column); }

 private:
  RecordedValue& Keep(int parameter) {
    auto& values = log_[index_].values;
    if (values.size() <= static_cast<size_t>(parameter)) values.resize(parameter + 1);
    return values[parameter];
  }

  sql::Statement* const statement_;
  std::vector<RecordedStatement>& log_;
  const size_t index_;
};

class RecordingTransaction final : public sql::Transaction {
 public:
  RecordingTransaction(sql::Transaction& transaction, std::vector<RecordedStatement>& log)
      : transaction_(transaction), log_(log) {}

  absl::StatusOr<sql::Statement*> Prepare(absl::string_view sql) override {
    auto statement = transaction_.Prepare(sql);
    if (!statement.ok()) return statement.status();
    log_.push_back({std::string(sql), {}, false});
    wrappers_.push_back(std::make_unique<RecordingStatement>(*statement, log_, log_.size() - 1));
    return wrappers_.back().get();
  }
  sql::Dialect dialect() const override { return transaction_.dialect(); }

 private:
  sql::Transaction& transaction_;
  std::vector<RecordedStatement>& log_;
  std::vector<std::unique_ptr<RecordingStatement>> wrappers_;
};

// "mysql://user@host:port/schema": what stands before the last slash, and behind it.
std::pair<std::string, std::string> SplitUrl(const std::string& url) {
  const size_t slash = url.rfind('/');
  return {url.substr(0, slash), url.substr(slash + 1)};
}

}  // namespace

void RecordingDatabase::Write(sql::WriteOptions options, sql::Body body, sql::Done done) {
  database_->Write(
      std::move(options),
      [this, body = std::move(body)](sql::Transaction& transaction) mutable {
        statements_.clear();
        RecordingTransaction recording(transaction, statements_);
        return body(recording);
      },
      std::move(done));
}

std::unique_ptr<::sql::Connection> Connect(absl::string_view server, const std::string& schema) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(absl::StripPrefix(server, "mysql://"), absl::MaxSplits('@', 1));
  std::unique_ptr<::sql::Connection> connection(
      ::sql::mysql::get_driver_instance()->connect("tcp://" + parts.second, parts.first, ""));
  if (!schema.empty()) connection->setSchema(schema);
  std::unique_ptr<::sql::Statement> statement(connection->createStatement());
  statement->execute("SET NAMES utf8mb4 COLLATE utf8mb4_bin");
  statement->execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  statement->execute("SET SESSION autocommit = 0");
  return connection;
}

struct Replayer::Connection {
  std::unique_ptr<::sql::Connection> connection;
  std::unique_ptr<::sql::Statement> plain;
  std::vector<std::unique_ptr<::sql::PreparedStatement>> prepared;
};

Replayer::Replayer(const std::string& url, std::vector<RecordedStatement> statements)
    : statements_(std::move(statements)), connection_(std::make_unique<Connection>()) {
  const std::pair<std::string, std::string> parts = SplitUrl(url);
  connection_->connection = Connect(parts.first, parts.second);
  connection_->plain.reset(connection_->connection->createStatement());
  for (const RecordedStatement& each : statements_) {
    connection_->prepared.emplace_back(connection_->connection->prepareStatement(each.sql));
  }
}

Replayer::~Replayer() = default;

void Replayer::Run(const std::vector<std::string>& old_texts, const std::vector<std::string>& new_texts) try {
  for (size_t i = 0; i < statements_.size(); ++i) {
    ::sql::PreparedStatement& prepared = *connection_->prepared[i];
    int parameter = 0;
    for (const RecordedValue& value : statements_[i].values) {
      ++parameter;
      std::string bytes = value.bytes;
      for (size_t k = 0; k < old_texts.size(); ++k) {
        if (bytes == old_texts[k]) bytes = new_texts[k];
      }
      switch (value.kind) {
        case RecordedValue::Kind::kNull: prepared.setNull(parameter, 0); break;
        case RecordedValue::Kind::kInt: prepared.setInt64(parameter, value.number); break;
        case RecordedValue::Kind::kText:
        case RecordedValue::Kind::kBlob: prepared.setString(parameter, bytes); break;
      }
    }
    if (statements_[i].rows) {
      std::unique_ptr<::sql::ResultSet>(prepared.executeQuery())->next();
    } else {
      prepared.executeUpdate();
    }
  }
  connection_->plain->execute("COMMIT");
} catch (const ::sql::SQLException& error) {
  std::cout << "bench: replay: " << error.getErrorCode() << std::endl;
  std::abort();
}

}  // namespace jiedui::bench
