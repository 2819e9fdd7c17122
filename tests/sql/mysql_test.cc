// What only a server over a network can do to a transaction: deadlocks, killed and lost connections, lost COMMITs.

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/sql/cutting_proxy.h"
#include "tests/sql/sql_helpers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::sql {
namespace {

using testing::CuttingProxy;
using testing::DatabaseKind;
using testing::MysqlServer;
using testing::StatusIs;
using testing::TestDatabase;
using Cut = CuttingProxy::Cut;

class MysqlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(DatabaseKind::kMysql);
    fresh_ = std::make_unique<TestDatabase>(DatabaseKind::kMysql);
    direct_ = fresh_->Open();
    ASSERT_NE(direct_, nullptr);
    ASSERT_OK(direct_->ExecuteDdl(kTestTable));
    proxy_ = std::make_unique<CuttingProxy>(MysqlServer());
    DatabaseOptions options;
    options.url = proxy_->Url(fresh_->schema());
    options.writers = 4;
    auto database = OpenDatabase(options);
    ASSERT_OK(database);
    database_ = *std::move(database);
  }

  void CutOnce(Cut cut) {
    auto left = std::make_shared<std::atomic<int>>(1);
    proxy_->SetCut([left, cut] { return (*left)-- > 0 ? cut : Cut::kNever; });
  }

  // Inserts row `id`; `runs` counts how often the body ran.
  absl::Status Insert(int64_t id, bool can_settle, int* runs, absl::Time deadline = absl::InfiniteFuture()) {
    WriteOptions options;
    options.deadline = deadline;
    if (can_settle) {
      options.was_committed = [id](Transaction& transaction) -> absl::StatusOr<bool> {
        JIEDUI_ASSIGN_OR_RETURN(Statement * row,
                                transaction.Prepare("SELECT 1 FROM thing WHERE id = ? LOCK IN SHARE MODE"));
        row->BindInt(0, id);
        return row->Step();
      };
    }
    return WriteAndWait(*database_, std::move(options), [id, runs](Transaction& transaction) {
      ++*runs;
      return InsertRow(transaction, id, absl::StrCat("row ", id));
    });
  }

  std::vector<int64_t> ConnectionIds() {
    std::vector<int64_t> ids;
    EXPECT_OK(direct_->ReadHere([&](Transaction& transaction) -> absl::Status {
      ids.clear();
      JIEDUI_ASSIGN_OR_RETURN(
          Statement * row,
          transaction.Prepare("SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()"));
      row->BindText(0, fresh_->schema());
      while (true) {
        JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
        if (!more) return absl::OkStatus();
        ids.push_back(row->Int(0));
      }
    }));
    return ids;
  }

  std::unique_ptr<TestDatabase> fresh_;
  std::unique_ptr<Database> direct_;
  std::unique_ptr<CuttingProxy> proxy_;
  std::unique_ptr<Database> database_;
};

TEST_F(MysqlTest, ARealDeadlockIsRunAgain) {
  int runs = 0;
  ASSERT_OK(Insert(1, false, &runs));
  ASSERT_OK(Insert(2, false, &runs));
  std::atomic<int> attempts{0};
  absl::BlockingCounter both_hold_one(2), finished(2);
  for (const int first : {1, 2}) {
    database_->Write(
        {},
        [&, first, waited = false](Transaction& transaction) mutable -> absl::Status {
          ++attempts;
          for (const int id : {first, 3 - first}) {
            JIEDUI_ASSIGN_OR_RETURN(
                Statement * update,
                transaction.Prepare("UPDATE thing SET number = COALESCE(number, 0) + 1 WHERE id = ?"));
            update->BindInt(0, id);
            JIEDUI_RETURN_IF_ERROR(update->Execute().status());
            if (std::exchange(waited, true)) continue;
            both_hold_one.DecrementCount();
            while (attempts < 2) std::this_thread::yield();
          }
          return absl::OkStatus();
        },
        [&](absl::Status status) {
          EXPECT_OK(status);
          finished.DecrementCount();
        });
  }
  both_hold_one.Wait();
  finished.Wait();
  EXPECT_OK(direct_->ReadHere([](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT SUM(number) FROM thing"));
    EXPECT_THAT(row->Step(), testing::IsOk());
    EXPECT_EQ(row->Int(0), 4);
    return absl::OkStatus();
  }));
}

TEST_F(MysqlTest, ABodyThatHidesADeadlockCommitsNothing) {
  int runs = 0;
  ASSERT_OK(Insert(1, false, &runs));
  int attempts = 0;
  absl::Notification locked, release, released;
  direct_->Write(
      {},
      [&](Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(Statement * update, transaction.Prepare("UPDATE thing SET number = 1 WHERE id = 1"));
        JIEDUI_RETURN_IF_ERROR(update->Execute().status());
        locked.Notify();
        release.WaitForNotification();
        return absl::OkStatus();
      },
      [&](absl::Status status) {
        EXPECT_OK(status);
        released.Notify();
      });
  locked.WaitForNotification();
  EXPECT_OK(WriteAndWait(*database_, {}, [&](Transaction& transaction) -> absl::Status {
    if (++attempts == 2) {
      release.Notify();
      released.WaitForNotification();
    }
    JIEDUI_RETURN_IF_ERROR(InsertRow(transaction, 2, "two"));
    JIEDUI_ASSIGN_OR_RETURN(Statement * update, transaction.Prepare("UPDATE thing SET number = 2 WHERE id = 1"));
    if (attempts == 1) {
      // The first statement was undone with the transaction; this body does not care.
      EXPECT_THAT(update->Execute(), StatusIs(absl::StatusCode::kAborted));
      EXPECT_THAT(InsertRow(transaction, 3, "three"), StatusIs(absl::StatusCode::kAborted));
      return absl::OkStatus();
    }
    return update->Execute().status();
  }));
  EXPECT_EQ(attempts, 2);
  EXPECT_EQ(CountRows(*direct_), 2);
}

TEST_F(MysqlTest, AKilledConnectionIsReplaced) {
  int runs = 0;
  ASSERT_OK(Insert(1, false, &runs));
  EXPECT_EQ(CountRows(*database_), 1);
  for (const int64_t id : ConnectionIds()) direct_->ExecuteDdl(absl::StrCat("KILL ", id)).IgnoreError();
  for (int i = 2; i < 8; ++i) EXPECT_OK(Insert(i, false, &runs));
  EXPECT_EQ(CountRows(*database_), 7);
}

TEST_F(MysqlTest, AConnectionKilledInTheMiddleIsRunAgainAsAWhole) {
  int runs = 0;
  EXPECT_OK(WriteAndWait(*database_, {}, [&](Transaction& transaction) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(InsertRow(transaction, 1, "one"));
    if (++runs == 1) {
      JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT CONNECTION_ID()"));
      JIEDUI_RETURN_IF_ERROR(row->Step().status());
      direct_->ExecuteDdl(absl::StrCat("KILL ", row->Int(0))).IgnoreError();
    }
    return InsertRow(transaction, 2, "two");
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(CountRows(*direct_), 2);
  EXPECT_EQ(database_->stats().unknown_outcomes, 0);
}

TEST_F(MysqlTest, AnErrorInTheMiddleOfALargeResultIsAnError) {
  int runs = 0;
  for (int i = 0; i < 20; ++i) ASSERT_OK(Insert(i, false, &runs));
  int rows = 0;
  const absl::Status status =
      ReadAndWait(*database_, absl::InfiniteFuture(), [&rows](Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(
            Statement * row,
            transaction.Prepare("SELECT REPEAT('x', 100000), (SELECT o.id FROM thing o WHERE t.id = 15 OR "
                                "o.id = t.id) FROM thing t ORDER BY t.id"));
        while (true) {
          JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
          if (!more) return absl::OkStatus();
          ++rows;
        }
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(rows, 0);
}

TEST_F(MysqlTest, ACommitThatNeverArrivedIsRunAgain) {
  CutOnce(Cut::kBeforeCommit);
  int runs = 0;
  EXPECT_OK(Insert(1, true, &runs));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(CountRows(*direct_), 1);
  EXPECT_EQ(database_->stats().unknown_outcomes, 1);
}

TEST_F(MysqlTest, ACommitWhoseAnswerWasLostIsFoundAndNotRunAgain) {
  CutOnce(Cut::kAfterCommit);
  int runs = 0;
  EXPECT_OK(Insert(1, true, &runs));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(CountRows(*direct_), 1);
}

TEST_F(MysqlTest, ACommitStillUnderWayIsWaitedFor) {
  CutOnce(Cut::kLateCommit);
  int runs = 0;
  EXPECT_OK(Insert(1, true, &runs));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(CountRows(*direct_), 1);
}

TEST_F(MysqlTest, WithoutAWayToAskALostCommitIsUnknown) {
  int runs = 0;
  CutOnce(Cut::kAfterCommit);
  EXPECT_THAT(Insert(1, false, &runs), StatusIs(absl::StatusCode::kUnknown));
  CutOnce(Cut::kBeforeCommit);
  EXPECT_THAT(Insert(2, false, &runs), StatusIs(absl::StatusCode::kUnknown));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(CountRows(*direct_), 1);
}

TEST_F(MysqlTest, ALostCommitIsUnknownWhileTheServerCannotBeAsked) {
  proxy_->SetCut([this] {
    proxy_->RefuseConnections(true);
    return Cut::kAfterCommit;
  });
  int runs = 0;
  EXPECT_THAT(Insert(1, true, &runs, absl::Now() + absl::Seconds(1)), StatusIs(absl::StatusCode::kUnknown));
  EXPECT_THAT(Insert(2, true, &runs), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(CountRows(*direct_), 1);
}

TEST_F(MysqlTest, ACommitRefusedForAConflictIsRunAgain) {
  CutOnce(Cut::kDeadlock);
  int runs = 0;
  EXPECT_OK(Insert(1, false, &runs));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(CountRows(*direct_), 1);
  EXPECT_EQ(database_->stats().unknown_outcomes, 0);
  proxy_->SetCut([] { return Cut::kDeadlock; });
  EXPECT_THAT(Insert(2, true, &runs), StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(CountRows(*direct_), 1);
}

TEST_F(MysqlTest, AnErrorAtCommitIsNeverSuccess) {
  CutOnce(Cut::kCommitError);
  int runs = 0;
  EXPECT_THAT(Insert(1, false, &runs), StatusIs(absl::StatusCode::kUnknown));
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(CountRows(*direct_), 0);
  // Where it can be asked for, it is found missing and run again.
  CutOnce(Cut::kCommitError);
  EXPECT_OK(Insert(1, true, &runs));
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(CountRows(*direct_), 1);
  EXPECT_EQ(database_->stats().unknown_outcomes, 2);
}

TEST_F(MysqlTest, AStatementEndsAboutWhenItsCallDoes) {
  int runs = 0;
  for (int i = 0; i < 20; ++i) ASSERT_OK(Insert(i, false, &runs));
  const absl::Time start = absl::Now();
  const absl::Status status =
      ReadAndWait(*database_, start + absl::Milliseconds(500), [](Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(
            Statement * row,
            transaction.Prepare("SELECT SUM(a.id + b.id * c.id + d.id * e.id + f.id * g.id) FROM thing "
                                "a, thing b, thing c, thing d, thing e, thing f, thing g, thing h"));
        return row->Step().status();
      });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

// Each change of the limit is a round trip: calls with deadlines like those of the calls before them spare it.
TEST_F(MysqlTest, TheLimitOfStatementsIsSetOnlyWhereItIsFarOff) {
  DatabaseOptions options;
  options.readers = 1;
  const auto database = fresh_->Open(options);
  const auto settings = [&](absl::Duration left) {
    int64_t count = 0;
    EXPECT_OK(ReadAndWait(*database, absl::Now() + left, [&](Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SHOW SESSION STATUS LIKE 'Com_set_option'"));
      JIEDUI_RETURN_IF_ERROR(row->Step().status());
      EXPECT_TRUE(absl::SimpleAtoi(row->Text(1), &count));
      return absl::OkStatus();
    }));
    return count;
  };
  const int64_t first = settings(absl::Seconds(30));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(settings(absl::Seconds(30)), first);
  EXPECT_EQ(settings(absl::Seconds(5)), first + 1);
  EXPECT_EQ(settings(absl::InfiniteDuration()), first + 2);
  EXPECT_EQ(settings(absl::Minutes(5)), first + 2);
}

TEST_F(MysqlTest, CommitsCutAtRandomAreNeverReportedWrongly) {
  constexpr int kWrites = 400;
  std::atomic<int> turn{0};
  proxy_->SetCut([&turn] {
    switch (++turn % 7) {
      case 1:
        return Cut::kBeforeCommit;
      case 4:
        return Cut::kAfterCommit;
      default:
        return Cut::kNever;
    }
  });
  absl::Mutex mutex;
  std::map<int64_t, absl::Status> answers;
  absl::BlockingCounter finished(kWrites);
  for (int64_t id = 0; id < kWrites; ++id) {
    WriteOptions options;
    options.was_committed = [id](Transaction& transaction) -> absl::StatusOr<bool> {
      JIEDUI_ASSIGN_OR_RETURN(Statement * row,
                              transaction.Prepare("SELECT 1 FROM thing WHERE id = ? LOCK IN SHARE MODE"));
      row->BindInt(0, id);
      return row->Step();
    };
    // Every fifth has no way to ask.
    if (id % 5 == 0) options.was_committed = nullptr;
    database_->Write(
        std::move(options),
        [id](Transaction& transaction) { return InsertRow(transaction, id, absl::StrCat("row ", id)); },
        [&, id](absl::Status status) {
          {
            absl::MutexLock lock(&mutex);
            answers[id] = std::move(status);
          }
          finished.DecrementCount();
        });
  }
  finished.Wait();
  int unknown = 0;
  EXPECT_OK(direct_->ReadHere([&](Transaction& transaction) -> absl::Status {
    for (const auto& [id, status] : answers) {
      JIEDUI_ASSIGN_OR_RETURN(Statement * row, transaction.Prepare("SELECT 1 FROM thing WHERE id = ?"));
      row->BindInt(0, id);
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (absl::IsUnknown(status)) {
        EXPECT_EQ(id % 5, 0);
        ++unknown;
        continue;
      }
      EXPECT_EQ(found, status.ok()) << id << ": " << status;
      EXPECT_OK(status);
    }
    return absl::OkStatus();
  }));
  EXPECT_GT(unknown, 0);
  EXPECT_GT(database_->stats().unknown_outcomes, kWrites / 7);
}

TEST_F(MysqlTest, APingEndsInTime) {
  EXPECT_OK(database_->Ping(absl::Seconds(1)));
  proxy_->RefuseConnections(true);
  for (const int64_t id : ConnectionIds()) direct_->ExecuteDdl(absl::StrCat("KILL ", id)).IgnoreError();
  EXPECT_THAT(database_->Ping(absl::Seconds(1)), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(MysqlTest, SessionsAreStrictAndSeparateReadersFromWriters) {
  const auto expect = [](Transaction& transaction, const char* isolation) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(
        Statement * row,
        transaction.Prepare("SELECT @@sql_mode LIKE '%STRICT_ALL_TABLES%', @@character_set_client, @@tx_isolation"));
    JIEDUI_RETURN_IF_ERROR(row->Step().status());
    EXPECT_EQ(row->Int(0), 1);
    EXPECT_EQ(row->Text(1), "utf8mb4");
    EXPECT_EQ(row->Text(2), isolation);
    return absl::OkStatus();
  };
  EXPECT_OK(
      WriteAndWait(*database_, {}, [&](Transaction& transaction) { return expect(transaction, "READ-COMMITTED"); }));
  EXPECT_OK(database_->ReadHere([&](Transaction& transaction) { return expect(transaction, "REPEATABLE-READ"); }));
}

}  // namespace
}  // namespace jiedui::sql
