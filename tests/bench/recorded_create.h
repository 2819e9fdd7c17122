// The statements that the engine issues for one create, recorded at the door of the database, and replayed by hand: what the
// engine adds to the database's own work is the difference.

#ifndef JIEDUI_TESTS_BENCH_RECORDED_CREATE_H_
#define JIEDUI_TESTS_BENCH_RECORDED_CREATE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/sql/database.h"

namespace sql {
class Connection;
}

namespace jiedui::bench {

struct RecordedValue {
  enum class Kind { kNull, kInt, kText, kBlob } kind = Kind::kNull;
  int64_t number = 0;
  std::string bytes;
};

struct RecordedStatement {
  std::string sql;
  std::vector<RecordedValue> values;
  bool rows = false;  // was read with Step
};

// Passes everything on to `database`, which it owns, and keeps the statements of the last write transaction.
class RecordingDatabase final : public sql::Database {
 public:
  explicit RecordingDatabase(std::unique_ptr<sql::Database> database) : database_(std::move(database)) {}

  const std::vector<RecordedStatement>& last_write() const { return statements_; }

  void Write(sql::WriteOptions options, sql::Body body, sql::Done done) override;
  void Read(absl::Time deadline, sql::Body body, sql::Done done) override {
    database_->Read(deadline, std::move(body), std::move(done));
  }
  bool reads_inline() const override { return database_->reads_inline(); }
  absl::Status ReadHere(absl::FunctionRef<absl::Status(sql::Transaction&)> body) override {
    return database_->ReadHere(body);
  }
  absl::Status ExecuteDdl(absl::string_view sql) override { return database_->ExecuteDdl(sql); }
  sql::Dialect dialect() const override { return database_->dialect(); }
  absl::Status Ping(absl::Duration timeout) override { return database_->Ping(timeout); }
  sql::DatabaseStats stats() const override { return database_->stats(); }

 private:
  std::unique_ptr<sql::Database> database_;
  std::vector<RecordedStatement> statements_;
};

// A plain connection to "mysql://user@host:port" with the settings of the engine's; `schema` may be empty.
std::unique_ptr<::sql::Connection> Connect(absl::string_view server, const std::string& schema);

// One connection of Connector/C++ with the statements prepared.
class Replayer {
 public:
  // `url` as in DatabaseOptions.
  Replayer(const std::string& url, std::vector<RecordedStatement> statements);
  ~Replayer();

  // One transaction: the statements with `old_texts` replaced by `new_texts` in their values, COMMIT.
  void Run(const std::vector<std::string>& old_texts, const std::vector<std::string>& new_texts);

 private:
  struct Connection;
  const std::vector<RecordedStatement> statements_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_RECORDED_CREATE_H_
