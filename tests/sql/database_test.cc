// The contract of sql::Database, on both back ends.

#include "common/sql/database.h"

#include <atomic>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sql/sql_helpers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::sql {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::StatusIs;
using testing::TestDatabase;

class DatabaseTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    fresh_ = std::make_unique<TestDatabase>(GetParam());
    Open({});
    ASSERT_OK(database_->ExecuteDdl(kTestTable));
  }

  void Open(DatabaseOptions options) {
    database_.reset();
    database_ = fresh_->Open(std::move(options));
    ASSERT_NE(database_, nullptr);
  }

  absl::Status Write(Body body) { return WriteAndWait(*database_, {}, std::move(body)); }
  absl::Status Read(Body body) { return ReadAndWait(*database_, absl::InfiniteFuture(), std::move(body)); }
  absl::Status Insert(int64_t id) {
    return Write([id](Transaction& transaction) { return InsertRow(transaction, id, absl::StrCat("row ", id)); });
  }
  int64_t Count() { return CountRows(*database_); }

  std::unique_ptr<TestDatabase> fresh_;
  std::unique_ptr<Database> database_;
};

INSTANTIATE_TEST_SUITE_P(Databases, DatabaseTest, BothDatabases(), DatabaseName);

TEST_P(DatabaseTest, WhatReturnsOkIsCommittedAndKept) {
  ASSERT_OK(Insert(1));
  EXPECT_EQ(Count(), 1);
  Open({});
  EXPECT_EQ(Count(), 1);
}

TEST_P(DatabaseTest, WhatFailsIsRolledBackAndItsErrorReturned) {
  const absl::Status status = Write([](Transaction& transaction) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(InsertRow(transaction, 1, "x"));
    return absl::FailedPreconditionError("mine");
  });
  EXPECT_EQ(status, absl::FailedPreconditionError("mine"));
  EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseTest, ABodyWithoutStatementsIsFine) {
  EXPECT_OK(Write([](Transaction&) { return absl::OkStatus(); }));
  EXPECT_OK(Read([](Transaction&) { return absl::OkStatus(); }));
}

TEST_P(DatabaseTest, AReadSeesOneSnapshot) {
  ASSERT_OK(Insert(1));
  EXPECT_OK(Read([this](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(const int64_t before, CountIn(transaction));
    JIEDUI_RETURN_IF_ERROR(Insert(2));
    JIEDUI_ASSIGN_OR_RETURN(const int64_t after, CountIn(transaction));
    EXPECT_EQ(before, 1);
    EXPECT_EQ(after, 1);
    return absl::OkStatus();
  }));
  EXPECT_EQ(Count(), 2);
}

TEST_P(DatabaseTest, AReadCannotWrite) {
  EXPECT_FALSE(Read([](Transaction& transaction) { return InsertRow(transaction, 1, "x"); }).ok());
  EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseTest, AnAskedForRetryRunsTheWholeBodyAgain) {
  int runs = 0;
  EXPECT_OK(Write([&runs](Transaction& transaction) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(InsertRow(transaction, 1, "x"));
    return ++runs < 3 ? RetryTransaction("again") : absl::OkStatus();
  }));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(Count(), 1);
}

TEST_P(DatabaseTest, RetriesAreBoundedAndEndAsAborted) {
  int runs = 0;
  const absl::Status status = Write([&runs](Transaction& transaction) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(InsertRow(transaction, 1, "x"));
    ++runs;
    return RetryTransaction("again");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_FALSE(IsRetryTransaction(status));
  EXPECT_GE(runs, 10);
  EXPECT_EQ(Count(), 0);
}

TEST_P(DatabaseTest, NothingStartsAfterTheDeadline) {
  WriteOptions options;
  options.deadline = absl::Now() - absl::Seconds(1);
  bool ran = false;
  const auto body = [&ran](Transaction&) {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_THAT(WriteAndWait(*database_, std::move(options), body), StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(ReadAndWait(*database_, absl::Now() - absl::Seconds(1), body),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_FALSE(ran);
  EXPECT_EQ(database_->stats().expired, 2);
}

TEST_P(DatabaseTest, RetriesEndAtTheDeadline) {
  WriteOptions options;
  options.deadline = absl::Now() + absl::Milliseconds(20);
  const absl::Status status = WriteAndWait(*database_, std::move(options), [](Transaction&) {
    absl::SleepFor(absl::Milliseconds(15));
    return RetryTransaction("again");
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_P(DatabaseTest, AFullQueueRefusesAtOnce) {
  DatabaseOptions options;
  options.readers = 1;
  options.writers = 1;
  options.max_queue = 1;
  Open(options);
  absl::Notification started, release, first, second;
  database_->Write(
      {},
      [&](Transaction&) {
        started.Notify();
        release.WaitForNotification();
        return absl::OkStatus();
      },
      [&](absl::Status) { first.Notify(); });
  started.WaitForNotification();
  database_->Write(
      {}, [](Transaction&) { return absl::OkStatus(); }, [&](absl::Status) { second.Notify(); });
  EXPECT_THAT(Write([](Transaction&) { return absl::OkStatus(); }), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(database_->stats().write_queue, 1);
  release.Notify();
  first.WaitForNotification();
  second.WaitForNotification();
  EXPECT_EQ(database_->stats().rejected, 1);
}

TEST_P(DatabaseTest, WhoseTurnWouldComeTooLateIsToldAtOnce) {
  DatabaseOptions options;
  options.readers = 1;
  options.writers = 1;
  options.group_commit = 1;
  Open(options);
  absl::Notification started, release;
  absl::BlockingCounter answered(4);
  const auto expect_ok = [&](absl::Status status) {
    EXPECT_OK(status);
    answered.DecrementCount();
  };
  const auto nothing = [](Transaction&) { return absl::OkStatus(); };
  database_->Write(
      {},
      [&](Transaction&) {
        started.Notify();
        release.WaitForNotification();
        return absl::OkStatus();
      },
      expect_ok);
  started.WaitForNotification();
  database_->Write({}, nothing, expect_ok);
  database_->Write({}, nothing, expect_ok);
  absl::SleepFor(absl::Milliseconds(300));
  const absl::Time now = absl::Now();
  WriteOptions hurried;
  hurried.deadline = now + absl::Milliseconds(200);
  EXPECT_THAT(WriteAndWait(*database_, std::move(hurried), nothing), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_LT(absl::Now(), now + absl::Milliseconds(150));
  EXPECT_EQ(database_->stats().rejected, 1);
  WriteOptions patient;
  patient.deadline = now + absl::Seconds(60);
  database_->Write(std::move(patient), nothing, expect_ok);
  release.Notify();
  answered.Wait();
}

TEST_P(DatabaseTest, ReadsAsideDoNotWaitBehindLongOnes) {
  DatabaseOptions options;
  options.readers = 1;
  Open(options);
  absl::Notification started, release, aside, ended;
  database_->Read(
      absl::InfiniteFuture(),
      [&](Transaction&) {
        started.Notify();
        release.WaitForNotification();
        return absl::OkStatus();
      },
      [&](absl::Status) { ended.Notify(); });
  started.WaitForNotification();
  database_->ReadAside(
      absl::InfiniteFuture(), [](Transaction& transaction) { return CountIn(transaction).status(); },
      [&](absl::Status status) {
        EXPECT_OK(status);
        aside.Notify();
      });
  EXPECT_TRUE(aside.WaitForNotificationWithTimeout(absl::Seconds(20)));
  release.Notify();
  ended.WaitForNotification();
}

TEST_P(DatabaseTest, ClosingAnswersWhatStillWaits) {
  DatabaseOptions options;
  options.writers = 1;
  Open(options);
  absl::Notification started, release;
  std::atomic<int> answered{0};
  database_->Write(
      {},
      [&](Transaction& transaction) {
        started.Notify();
        release.WaitForNotification();
        return InsertRow(transaction, 1, "x");
      },
      [&](absl::Status status) { answered += status.ok() ? 1 : 100; });
  started.WaitForNotification();
  for (int i = 0; i < 5; ++i) {
    database_->Write(
        {}, [](Transaction&) { return absl::OkStatus(); },
        [&](absl::Status status) { answered += status.ok() || absl::IsUnavailable(status) ? 1 : 100; });
  }
  release.Notify();
  database_.reset();
  EXPECT_EQ(answered, 6);
}

TEST_P(DatabaseTest, AUniqueViolationNamesTheKeyAndNoValue) {
  constexpr char kSecret[] = "se'cret' for key 'mine";
  const auto insert = [&](int64_t id, const char* text) {
    return Write([&, id](Transaction& transaction) { return InsertRow(transaction, id, text); });
  };
  ASSERT_OK(insert(1, kSecret));
  const absl::Status by_text = insert(2, kSecret);
  EXPECT_THAT(by_text, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(ViolatedKey(by_text), HasSubstr(GetParam() == DatabaseKind::kSqlite ? "thing.text" : "thing_by_text"));
  EXPECT_THAT(by_text.ToString(), Not(HasSubstr("cret")));
  const absl::Status by_id = insert(1, "other");
  EXPECT_THAT(by_id, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(ViolatedKey(by_id), HasSubstr(GetParam() == DatabaseKind::kSqlite ? "thing.id" : "PRIMARY"));
}

TEST_P(DatabaseTest, AfterAUniqueViolationTheTransactionGoesOn) {
  ASSERT_OK(Insert(1));
  EXPECT_OK(Write([](Transaction& transaction) -> absl::Status {
    EXPECT_THAT(InsertRow(transaction, 1, "other"), StatusIs(absl::StatusCode::kAlreadyExists));
    return InsertRow(transaction, 2, "other");
  }));
  EXPECT_EQ(Count(), 2);
}

TEST_P(DatabaseTest, ErrorsHoldNoValue) {
  const absl::Status status = Write([](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * statement, transaction.Prepare("INSERT INTO thing (id, text) VALUES (?, ?)"));
    statement->BindInt(0, 1);
    statement->BindNull(1);
    return statement->Execute().status();
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  const absl::Status wrong =
      Write([](Transaction& transaction) { return transaction.Prepare("SELECT no_such_column FROM thing").status(); });
  EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(wrong.message()), HasSubstr("no_such_column"));
}

TEST_P(DatabaseTest, TextAndBlobsComeBackByteForByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  std::string large;
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&large, bytes);
  const std::vector<std::string> texts = {"",
                                          "a ",
                                          " a",
                                          "𠮷野家",
                                          "ǅ",
                                          "e\u0301",
                                          "?",
                                          "'; DROP TABLE thing; --",
                                          "\\n\\",
                                          "%_|%",
                                          std::string("nul\0in", 6),
                                          std::string(300 * 1024, 'x')};
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string key = absl::StrCat("key ", i);
    const std::string& blob = i % 3 == 0 ? bytes : i % 3 == 1 ? large : texts[0];
    ASSERT_OK(Write([&](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * statement,
                              transaction.Prepare("INSERT INTO thing (id, text, note, data) VALUES (?, ?, ?, ?)"));
      statement->BindInt(0, static_cast<int64_t>(i));
      statement->BindText(1, key);
      statement->BindText(2, texts[i]);
      statement->BindBlob(3, blob);
      return statement->Execute().status();
    }));
    EXPECT_OK(Read([&](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * row,
                              transaction.Prepare("SELECT note, data, id, LENGTH(data) FROM thing WHERE id = ?"));
      row->BindInt(0, static_cast<int64_t>(i));
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      EXPECT_TRUE(found);
      const absl::string_view note = row->Text(0);
      const absl::string_view data = row->Text(1);
      EXPECT_TRUE(note == texts[i]) << i;
      EXPECT_TRUE(data == blob) << i;
      EXPECT_EQ(row->Int(3), static_cast<int64_t>(blob.size()));
      EXPECT_FALSE(row->IsNull(0));
      return absl::OkStatus();
    }));
  }
}

TEST_P(DatabaseTest, BlobsAreFoundByTheirBytes) {
  const std::string key("\x00\xff\xfe\x80 \x01 key\xc3\x28\x00", 14);
  ASSERT_OK(database_->ExecuteDdl("CREATE TABLE keyed (k VARBINARY(16) NOT NULL PRIMARY KEY)"));
  ASSERT_OK(Write([&](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * statement, transaction.Prepare("INSERT INTO keyed (k) VALUES (?)"));
    statement->BindBlob(0, key);
    return statement->Execute().status();
  }));
  EXPECT_OK(Read([&](Transaction& transaction) -> absl::Status {
    for (const auto& [wanted, expected] : {std::pair(key, true), std::pair(key.substr(1), false)}) {
      JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT k FROM keyed WHERE k = ?"));
      row->BindBlob(0, wanted);
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      EXPECT_EQ(found, expected);
    }
    return absl::OkStatus();
  }));
}

TEST_P(DatabaseTest, NumbersAndNullsComeBack) {
  for (const int64_t number :
       {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_OK(Write([number](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * remove, transaction.Prepare("DELETE FROM thing"));
      JIEDUI_RETURN_IF_ERROR(remove->Execute().status());
      JIEDUI_ASSIGN_OR_RETURN(Statement * insert,
                              transaction.Prepare("INSERT INTO thing (id, text, note, number) VALUES (?, ?, ?, ?)"));
      insert->BindInt(0, number);
      insert->BindText(1, "");
      insert->BindNull(2);
      insert->BindNull(3);
      JIEDUI_RETURN_IF_ERROR(insert->Execute().status());
      JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT id, text, note, number FROM thing"));
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      EXPECT_TRUE(found);
      EXPECT_EQ(row->Int(0), number);
      EXPECT_FALSE(row->IsNull(1));
      EXPECT_EQ(row->Text(1), "");
      EXPECT_TRUE(row->IsNull(2));
      EXPECT_TRUE(row->IsNull(3));
      return absl::OkStatus();
    }));
  }
}

TEST_P(DatabaseTest, ExecuteCountsTheTouchedRows) {
  for (int i = 0; i < 5; ++i) ASSERT_OK(Insert(i));
  EXPECT_OK(Write([](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * update, transaction.Prepare("UPDATE thing SET number = 7 WHERE id < ?"));
    update->BindInt(0, 3);
    EXPECT_THAT(update->Execute(), testing::IsOk());
    JIEDUI_ASSIGN_OR_RETURN(Statement * remove, transaction.Prepare("DELETE FROM thing WHERE id >= ?"));
    remove->BindInt(0, 1);
    JIEDUI_ASSIGN_OR_RETURN(const int64_t removed, remove->Execute());
    EXPECT_EQ(removed, 4);
    return absl::OkStatus();
  }));
}

TEST_P(DatabaseTest, SumsOfWholeNumbersAreExact) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(Write([i, text = absl::StrCat(i)](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * insert,
                              transaction.Prepare("INSERT INTO thing (id, text, number) VALUES (?, ?, ?)"));
      insert->BindInt(0, i);
      insert->BindText(1, text);
      insert->BindInt(2, 3'000'000'000'000'000'001);
      return insert->Execute().status();
    }));
  }
  EXPECT_OK(Read([](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT SUM(number) FROM thing"));
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    EXPECT_TRUE(found);
    EXPECT_EQ(row->Int(0), 9'000'000'000'000'000'003);
    return absl::OkStatus();
  }));
}

TEST_P(DatabaseTest, TwoStatementsWorkSideBySide) {
  for (int i = 0; i < 4; ++i) ASSERT_OK(Insert(i));
  int pairs = 0;
  EXPECT_OK(Read([&pairs](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * outer, transaction.Prepare("SELECT id FROM thing ORDER BY id"));
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, outer->Step());
      if (!more) return absl::OkStatus();
      JIEDUI_ASSIGN_OR_RETURN(Statement * inner, transaction.Prepare("SELECT id FROM thing WHERE id < ? ORDER BY id"));
      inner->BindInt(0, outer->Int(0));
      while (true) {
        JIEDUI_ASSIGN_OR_RETURN(const bool found, inner->Step());
        if (!found) break;
        ++pairs;
      }
    }
  }));
  EXPECT_EQ(pairs, 6);
}

TEST_P(DatabaseTest, ThousandsOfDifferentStatementsDoNotFillTheCache) {
  for (int round = 0; round < 4; ++round) {
    EXPECT_OK(Write([round](Transaction& transaction) -> absl::Status {
      for (int i = 0; i < 400; ++i) {
        JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare(absl::StrCat("SELECT ", round, " + ", i)));
        JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
        EXPECT_TRUE(found);
        EXPECT_EQ(row->Int(0), round + i);
      }
      return absl::OkStatus();
    }));
  }
}

TEST_P(DatabaseTest, ManyWritersLoseNothing) {
  const int kWrites = 300;
  ASSERT_OK(Insert(0));
  std::atomic<int> left{kWrites};
  absl::Notification finished;
  for (int i = 0; i < kWrites; ++i) {
    database_->Write(
        {},
        [](Transaction& transaction) -> absl::Status {
          const bool mysql = transaction.dialect() == Dialect::kMysql;
          JIEDUI_ASSIGN_OR_RETURN(Statement * row,
                                  transaction.Prepare(absl::StrCat("SELECT COALESCE(number, 0) FROM thing WHERE id = 0",
                                                                   mysql ? " FOR UPDATE" : "")));
          JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
          EXPECT_TRUE(found);
          const int64_t number = row->Int(0);
          JIEDUI_ASSIGN_OR_RETURN(Statement * update, transaction.Prepare("UPDATE thing SET number = ? WHERE id = 0"));
          update->BindInt(0, number + 1);
          return update->Execute().status();
        },
        [&](absl::Status status) {
          EXPECT_OK(status);
          if (--left == 0) finished.Notify();
        });
  }
  finished.WaitForNotification();
  EXPECT_OK(database_->ReadHere([kWrites](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT number FROM thing"));
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    EXPECT_TRUE(found);
    EXPECT_EQ(row->Int(0), kWrites);
    return absl::OkStatus();
  }));
}

TEST_P(DatabaseTest, WhatThereIsAlreadyIsSaidSo) {
  const absl::Status status = database_->ExecuteDdl(kTestTable);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("already exists"));
  ASSERT_OK(database_->ExecuteDdl("CREATE INDEX thing_on_number ON thing (number)"));
  EXPECT_THAT(std::string(database_->ExecuteDdl("CREATE INDEX thing_on_number ON thing (number)").message()),
              HasSubstr("already exists"));
}

TEST_P(DatabaseTest, AnswersAPing) {
  EXPECT_OK(database_->Ping(absl::Seconds(10)));
  EXPECT_OK(database_->Ping(absl::Seconds(10)));
}

TEST_P(DatabaseTest, CountsWhatItDoes) {
  ASSERT_OK(Insert(1));
  ASSERT_OK(Read([](Transaction&) { return absl::OkStatus(); }));
  const DatabaseStats stats = database_->stats();
  EXPECT_EQ(stats.writes, 1);
  EXPECT_GE(stats.reads, 1);
  EXPECT_EQ(stats.commits, 1);
  EXPECT_EQ(stats.retries, 0);
  EXPECT_GE(stats.open_connections, 1);
}

TEST(OpenDatabaseTest, RefusesWhatItCannotUnderstandWithoutRepeatingIt) {
  for (const char* url :
       {"", "sqlite:", "postgres://x", "mysql://", "mysql://host/schema", "mysql://u@host", "mysql://u@/s",
        "mysql://u:secret@host/s", "mysql://u@host:0/s", "mysql://u@host:70000/s", "mysql://u@host:x/s",
        "mysql://u@[::1/s", "mysql://u@[::1]x/s", "mysql://u@ho st/s", "mysql://u@host/s;x", "mysql://u@h/s/t"}) {
    DatabaseOptions options;
    options.url = url;
    const auto database = OpenDatabase(options);
    EXPECT_THAT(database, StatusIs(absl::StatusCode::kInvalidArgument)) << url;
    EXPECT_THAT(database.status().ToString(), Not(HasSubstr("secret")));
  }
}

TEST(OpenDatabaseTest, SaysWhenTheServerDoesNotAnswer) {
  DatabaseOptions options;
  options.url = "mysql://root@127.0.0.1:1/x";
  EXPECT_THAT(OpenDatabase(options), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace jiedui::sql
