// What a failing disk can do to a transaction on SQLite: COMMITs that fail, and transactions that SQLite ends by itself.

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sql/sql_helpers.h"
#include "tests/support/failing_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::sql {
namespace {

using testing::DatabaseKind;
using testing::FailingLog;
using testing::StatusIs;
using testing::TemporaryDirectory;
using testing::TestDatabase;

class SqliteCommitTest : public ::testing::Test {
 protected:
  SqliteCommitTest() {
    FailingLog::FailNth(0);
    Renew();
  }

  void Renew() {
    database_.reset();
    fresh_ = std::make_unique<TestDatabase>(DatabaseKind::kSqlite);
    database_ = fresh_->Open();
    EXPECT_OK(database_->ExecuteDdl(kTestTable));
  }

  static absl::Status InsertTwo(Transaction& transaction, int64_t id) {
    JIEDUI_RETURN_IF_ERROR(InsertRow(transaction, id, absl::StrCat("row ", id)));
    return InsertRow(transaction, id + 1, absl::StrCat("row ", id + 1));
  }

  // Holds the writer until what `queue` writes stands in line, so that it is one group.
  template <typename Queue>
  void AsOneGroup(const Queue& queue) {
    absl::Notification started, release, ended;
    database_->Write(
        {},
        [&](Transaction&) {
          started.Notify();
          release.WaitForNotification();
          return absl::OkStatus();
        },
        [&](absl::Status status) {
          EXPECT_OK(status);
          ended.Notify();
        });
    started.WaitForNotification();
    queue();
    release.Notify();
    ended.WaitForNotification();
  }

  // What a restart would find if the machine stopped now.
  int64_t CountAfterACrash() {
    const TemporaryDirectory copy;
    const std::string file(absl::StripPrefix(fresh_->url(), "sqlite:"));
    for (const char* suffix : {"", "-wal"}) {
      std::filesystem::copy_file(absl::StrCat(file, suffix), absl::StrCat(copy.path(), "/test.db", suffix));
    }
    DatabaseOptions options;
    options.url = absl::StrCat("sqlite:", copy.path(), "/test.db");
    auto opened = OpenDatabase(options);
    if (!opened.ok()) {
      ADD_FAILURE() << opened.status();
      return -1;
    }
    return CountRows(**opened);
  }

  std::unique_ptr<TestDatabase> fresh_;
  std::unique_ptr<Database> database_;
};

TEST_F(SqliteCommitTest, WhateverFailsAtCommitIsNoSuccessAndNothingIsHalfWritten) {
  int failures = 0;
  int survived = 0;
  for (bool failed = true; failed;) {
    Renew();
    const auto write = [](Transaction& transaction) { return InsertTwo(transaction, 1); };
    FailingLog::FailNth(failures + 1);
    const absl::Status status = WriteAndWait(*database_, {}, write);
    failed = FailingLog::HasFailed();
    if (!failed) {
      EXPECT_OK(status);
      break;
    }
    ++failures;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnknown));
    EXPECT_EQ(CountRows(*database_), 0);
    const int64_t after_crash = CountAfterACrash();
    EXPECT_TRUE(after_crash == 0 || after_crash == 2) << after_crash;
    if (after_crash == 2) ++survived;
    EXPECT_EQ(database_->stats().unknown_outcomes, 1);
    EXPECT_OK(WriteAndWait(*database_, {}, write));
    EXPECT_EQ(CountRows(*database_), 2);
    EXPECT_EQ(CountAfterACrash(), 2);
    ASSERT_LT(failures, 100);
  }
  EXPECT_GT(failures, 2);
  // That is why the answer must be "unknown", and not "failed".
  EXPECT_GT(survived, 0);
}

TEST_F(SqliteCommitTest, AFailedCommitIsTheEndOfItsWholeGroup) {
  static constexpr int kWrites = 5;
  std::vector<absl::Status> answers(kWrites);
  absl::BlockingCounter answered(kWrites);
  AsOneGroup([&] {
    for (int i = 0; i < kWrites; ++i) {
      database_->Write(
          {},
          [i](Transaction& transaction) -> absl::Status {
            if (i == kWrites - 1) FailingLog::FailNth(1);
            JIEDUI_RETURN_IF_ERROR(InsertTwo(transaction, 10 * i));
            return i == 2 ? absl::FailedPreconditionError("mine") : absl::OkStatus();
          },
          [&, i](absl::Status status) {
            answers[i] = std::move(status);
            answered.DecrementCount();
          });
    }
  });
  answered.Wait();
  EXPECT_TRUE(FailingLog::HasFailed());
  for (const absl::Status& answer : answers) EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnknown));
  EXPECT_EQ(CountRows(*database_), 0);
  for (int i = 0; i < kWrites; ++i) {
    EXPECT_OK(WriteAndWait(*database_, {}, [i](Transaction& transaction) { return InsertTwo(transaction, 10 * i); }));
  }
  EXPECT_EQ(CountRows(*database_), 2 * kWrites);
}

// More than the cache holds goes into the log before COMMIT; when that fails, SQLite ends the transaction of all.
TEST_F(SqliteCommitTest, WhoeverLosesTheTransactionOfAGroupLosesItAlone) {
  const std::string large(80 << 20, 'x');
  std::vector<absl::Status> answers(3);
  absl::BlockingCounter answered(3);
  AsOneGroup([&] {
    for (int i = 0; i < 3; ++i) {
      database_->Write(
          {},
          [&large, i](Transaction& transaction) -> absl::Status {
            JIEDUI_RETURN_IF_ERROR(InsertTwo(transaction, 10 * i));
            if (i != 1) return absl::OkStatus();
            FailingLog::FailNth(1);
            JIEDUI_ASSIGN_OR_RETURN(Statement * update, transaction.Prepare("UPDATE thing SET data = ? WHERE id = 10"));
            update->BindBlob(0, large);
            return update->Execute().status();
          },
          [&, i](absl::Status status) {
            answers[i] = std::move(status);
            answered.DecrementCount();
          });
    }
  });
  answered.Wait();
  EXPECT_TRUE(FailingLog::HasFailed());
  EXPECT_OK(answers[0]);
  EXPECT_THAT(answers[1], StatusIs(absl::StatusCode::kInternal));
  EXPECT_OK(answers[2]);
  EXPECT_EQ(CountRows(*database_), 4);
  EXPECT_EQ(CountAfterACrash(), 4);
}

// A dry run writes and then fails on purpose: those who share its commit need not run again.
TEST_F(SqliteCommitTest, WhatIsRolledBackOnPurposeDoesNotDisturbItsGroup) {
  int runs = 0;
  absl::BlockingCounter answered(3);
  AsOneGroup([&] {
    for (int i = 0; i < 3; ++i) {
      WriteOptions options;
      options.expects_rollback = i == 1;
      database_->Write(
          std::move(options),
          [&runs, i](Transaction& transaction) -> absl::Status {
            ++runs;
            JIEDUI_RETURN_IF_ERROR(InsertTwo(transaction, 10 * i));
            return i == 1 ? absl::CancelledError("on purpose") : absl::OkStatus();
          },
          [&, i](absl::Status status) {
            EXPECT_EQ(status.ok(), i != 1) << status;
            answered.DecrementCount();
          });
    }
  });
  answered.Wait();
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(CountRows(*database_), 4);
}

}  // namespace
}  // namespace jiedui::sql
