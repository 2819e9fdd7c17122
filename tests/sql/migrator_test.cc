// Schema migrations, on both back ends, with a crash at every step.

#include "common/sql/migrator.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/embed/embedded_file.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::sql {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::HasSubstr;
using testing::StatusIs;
using testing::TestDatabase;

constexpr absl::string_view kFirst =
    "-- A comment; with a semicolon.\n"
    "CREATE TABLE a (id BIGINT NOT NULL PRIMARY KEY,\n  text VARCHAR(20) NOT NULL)\n"
    "/*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;\n\n"
    "CREATE INDEX a_on_text ON a (text);\n"
    "CREATE TABLE b (id BIGINT NOT NULL PRIMARY KEY);\n"
    "CREATE TABLE d (id BIGINT NOT NULL PRIMARY KEY);\n";
constexpr absl::string_view kSecond =
    "CREATE TABLE c (id BIGINT NOT NULL PRIMARY KEY);\nALTER TABLE c ADD COLUMN more BIGINT NOT NULL DEFAULT 0;\n"
    "DROP INDEX a_on_text /*! ON a */;\nALTER TABLE a DROP COLUMN text;\nDROP TABLE d;\n";

const std::vector<EmbeddedFile>& Files() {
  static const auto* const kFiles =
      new std::vector<EmbeddedFile>{{"0101_second.sql", kSecond}, {"0001_first.sql", kFirst}};
  return *kFiles;
}

// Passes everything on until its steps are used up; from then on it is as after a crash.
class CrashingDatabase : public Database {
 public:
  // `done`: the last step still happens, but nobody hears of it.
  CrashingDatabase(Database& database, int steps, bool done) : database_(database), left_(steps), done_(done) {}

  bool crashed() const { return left_ < 0; }

  void Write(WriteOptions options, Body body, Done done) override {
    if (left_-- > 0) return database_.Write(std::move(options), std::move(body), std::move(done));
    if (left_ == -1 && done_) WriteAndWait(database_, std::move(options), std::move(body)).IgnoreError();
    std::move(done)(absl::UnavailableError("crashed"));
  }
  void Read(absl::Time deadline, Body body, Done done) override {
    database_.Read(deadline, std::move(body), std::move(done));
  }
  bool reads_inline() const override { return database_.reads_inline(); }
  absl::Status ReadHere(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    return database_.ReadHere(body);
  }
  absl::Status ExecuteDdl(absl::string_view sql) override {
    if (left_-- > 0) return database_.ExecuteDdl(sql);
    if (left_ == -1 && done_) database_.ExecuteDdl(sql).IgnoreError();
    return absl::UnavailableError("crashed");
  }
  Dialect dialect() const override { return database_.dialect(); }
  absl::Status Ping(absl::Duration timeout) override { return database_.Ping(timeout); }
  DatabaseStats stats() const override { return database_.stats(); }

 private:
  Database& database_;
  int left_;
  const bool done_;
};

class MigratorTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    Renew();
  }

  void Renew() {
    database_.reset();
    fresh_ = std::make_unique<TestDatabase>(GetParam());
    database_ = fresh_->Open();
    ASSERT_NE(database_, nullptr);
  }

  absl::Status Run(const std::string& statement) {
    return WriteAndWait(*database_, {}, [&](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * prepared, transaction.Prepare(statement));
      return prepared->Execute().status();
    });
  }

  std::unique_ptr<TestDatabase> fresh_;
  std::unique_ptr<Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Databases, MigratorTest, BothDatabases(), DatabaseName);

TEST_P(MigratorTest, RunsEveryFileOnceInTheOrderOfNumbers) {
  EXPECT_THAT(CheckSchema(*database_, Files()), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Migrate(*database_, Files()));
  EXPECT_OK(CheckSchema(*database_, Files()));
  for (const char* table : {"a", "b", "c"}) EXPECT_OK(Run(absl::StrCat("DELETE FROM ", table)));
  EXPECT_OK(Migrate(*database_, Files()));
}

TEST_P(MigratorTest, AFileOfItsOwnReplacesTheCommonOne) {
  std::vector<EmbeddedFile> files = {{"0001_x.sql", "CREATE TABLE common (id BIGINT);\n"},
                                     {"0001_x.mysql.sql", "CREATE TABLE on_mysql (id BIGINT);\n"}};
  ASSERT_OK(Migrate(*database_, files));
  EXPECT_OK(Run(GetParam() == DatabaseKind::kMysql ? "DELETE FROM on_mysql" : "DELETE FROM common"));
  EXPECT_OK(CheckSchema(*database_, files));
}

TEST_P(MigratorTest, AChangedFileIsRefused) {
  ASSERT_OK(Migrate(*database_, Files()));
  std::vector<EmbeddedFile> edited = Files();
  const std::string text = absl::StrCat(kSecond, " ");
  edited[0].contents = text;
  for (const absl::Status& status : {Migrate(*database_, edited), CheckSchema(*database_, edited)}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(std::string(status.message()), HasSubstr("0101_second.sql was changed"));
  }
}

TEST_P(MigratorTest, ATooNewAndATooOldSchemaAreRefused) {
  const std::vector<EmbeddedFile> old = {Files()[1]};
  ASSERT_OK(Migrate(*database_, old));
  const absl::Status too_old = CheckSchema(*database_, Files());
  EXPECT_THAT(too_old, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(too_old.message()), HasSubstr("too old"));
  ASSERT_OK(Migrate(*database_, Files()));
  for (const absl::Status& status : {Migrate(*database_, old), CheckSchema(*database_, old)}) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(std::string(status.message()), HasSubstr("newer"));
  }
}

TEST_P(MigratorTest, AFailingStatementIsNamedAndTheRestWaits) {
  const std::vector<EmbeddedFile> files = {
      {"0001_x.sql", "CREATE TABLE a (id BIGINT);\nCREATE NONSENSE;\nCREATE TABLE b (id BIGINT);\n"}};
  const absl::Status status = Migrate(*database_, files);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("0001_x.sql, statement 2"));
  EXPECT_THAT(CheckSchema(*database_, files), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_P(MigratorTest, ATableThatSomebodyElseMadeIsNotTakenForOurs) {
  ASSERT_OK(database_->ExecuteDdl("CREATE TABLE a (other BIGINT)"));
  EXPECT_THAT(std::string(Migrate(*database_, Files()).message()), HasSubstr("already exists"));
}

TEST_P(MigratorTest, ResumesAfterACrashAtAnyStep) {
  for (const bool done : {false, true}) {
    bool crashed = true;
    for (int steps = 0; crashed; ++steps) {
      Renew();
      CrashingDatabase crashing(*database_, steps, done);
      const absl::Status first = Migrate(crashing, Files());
      crashed = crashing.crashed();
      // The next migrator need not wait for the lease of the dead one.
      Run("UPDATE schema_migration_lock SET expires = 0").IgnoreError();
      if (!first.ok()) {
        ASSERT_OK(Migrate(*database_, Files())) << steps << " steps, last one done: " << done;
      }
      EXPECT_OK(CheckSchema(*database_, Files()));
      for (const char* table : {"a", "b", "c"}) EXPECT_OK(Run(absl::StrCat("DELETE FROM ", table)));
      ASSERT_LT(steps, 60);
    }
  }
}

TEST_P(MigratorTest, WhatWasNeverThereIsNoDropOfAnEarlierRun) {
  const std::vector<EmbeddedFile> files = {{"0001_x.sql", "CREATE TABLE a (id BIGINT);\nDROP TABLE b;\n"}};
  EXPECT_FALSE(Migrate(*database_, files).ok());
}

// Two processes that start on the same new database: what follows the schema is done by one after the other.
// A SQLite file belongs to one process: only on MySQL several migrate at once.
class SharedMigratorTest : public MigratorTest {};

INSTANTIATE_TEST_SUITE_P(Shared, SharedMigratorTest, ::testing::Values(DatabaseKind::kMysql), DatabaseName);

TEST_P(SharedMigratorTest, TwoAtOnceFollowEachOther) {
  const auto other = fresh_->Open();
  const auto migrate = [](Database& database) {
    return Migrate(database, Files(), [&database] {
      return WriteAndWait(database, {}, [](Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT id FROM b"));
        JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
        absl::SleepFor(absl::Milliseconds(100));
        if (found) return absl::OkStatus();
        JIEDUI_ASSIGN_OR_RETURN(Statement * insert, transaction.Prepare("INSERT INTO b (id) VALUES (1)"));
        return insert->Execute().status();
      });
    });
  };
  absl::Status second;
  std::thread thread([&] { second = migrate(*other); });
  EXPECT_OK(migrate(*database_));
  thread.join();
  EXPECT_OK(second);
}

TEST_P(MigratorTest, BadNamesAndDoubledNumbersAreRefused) {
  const std::vector<EmbeddedFile> bad = {{"1_x.sql", "SELECT 1;"}};
  EXPECT_THAT(Migrate(*database_, bad), StatusIs(absl::StatusCode::kInvalidArgument));
  const std::vector<EmbeddedFile> doubled = {{"0001_x.sql", "SELECT 1;"}, {"0001_y.sql", "SELECT 1;"}};
  EXPECT_THAT(Migrate(*database_, doubled), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace jiedui::sql
