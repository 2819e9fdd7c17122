// Readers of SQLite keep their snapshots: they must still see every answered write, and let go of the log.

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/barrier.h"
#include "absl/time/clock.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "gtest/gtest.h"
#include "tests/sql/sql_helpers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::sql {
namespace {

using testing::DatabaseKind;
using testing::TestDatabase;

class SqliteReadersTest : public ::testing::Test {
 protected:
  SqliteReadersTest() : fresh_(DatabaseKind::kSqlite), database_(fresh_.Open()) {
    EXPECT_OK(database_->ExecuteDdl(kTestTable));
  }

  uintmax_t LogBytes() const {
    const absl::string_view path = absl::StripPrefix(absl::string_view(fresh_.url()), "sqlite:");
    return std::filesystem::file_size(absl::StrCat(path, "-wal"));
  }

  // The log is copied into the file every 16 MiB.
  void WriteMebibytes(int count) {
    for (int64_t id = 0; id < count; ++id) {
      ASSERT_OK(WriteAndWait(*database_, {}, [id](Transaction& write) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(Statement * insert,
                                write.Prepare("INSERT INTO thing (id, text, note) VALUES (?, ?, ?)"));
        const std::string name = absl::StrCat("row ", id);
        const std::string note(1 << 20, 'x');
        insert->BindInt(0, id);
        insert->BindText(1, name);
        insert->BindText(2, note);
        return insert->Execute().status();
      }));
    }
  }

  TestDatabase fresh_;
  std::unique_ptr<Database> database_;
};

TEST_F(SqliteReadersTest, SeeEveryAnsweredWriteAndEverySchema) {
  constexpr int kThreads = 6;
  constexpr int kWrites = 300;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] {
      for (int64_t i = 0; i < kWrites; ++i) {
        const int64_t id = thread * kWrites + i;
        ASSERT_OK(WriteAndWait(*database_, {},
                               [id](Transaction& write) { return InsertRow(write, id, absl::StrCat("row ", id)); }));
        ASSERT_OK(database_->ReadHere([id](Transaction& read) -> absl::Status {
          JIEDUI_ASSIGN_OR_RETURN(Statement * row, read.Prepare("SELECT id FROM thing WHERE id = ?"));
          row->BindInt(0, id);
          JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
          EXPECT_TRUE(found) << id;
          return absl::OkStatus();
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(CountRows(*database_), kThreads * kWrites);
  ASSERT_OK(database_->ExecuteDdl("ALTER TABLE thing ADD COLUMN more BIGINT"));
  EXPECT_OK(database_->ReadHere(
      [](Transaction& read) -> absl::Status { return read.Prepare("SELECT more FROM thing").status(); }));
}

TEST_F(SqliteReadersTest, SeeOneStateForAsLongAsTheyRead) {
  EXPECT_OK(database_->ReadHere([this](Transaction& read) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(const int64_t before, CountIn(read));
    EXPECT_OK(WriteAndWait(*database_, {}, [](Transaction& write) { return InsertRow(write, 1, "row"); }));
    EXPECT_EQ(CountRows(*database_), before + 1);
    JIEDUI_ASSIGN_OR_RETURN(const int64_t after, CountIn(read));
    EXPECT_EQ(after, before);
    return absl::OkStatus();
  }));
  EXPECT_EQ(CountRows(*database_), 1);
}

TEST_F(SqliteReadersTest, DoNotKeepTheLogFromStartingAgainWhileIdle) {
  constexpr int kIdle = 8;
  // Each is inside at the same time as the others, so that each has a connection, and a snapshot, of its own.
  std::vector<std::thread> threads;
  absl::Barrier* const all = new absl::Barrier(kIdle);
  for (int i = 0; i < kIdle; ++i) {
    threads.emplace_back([this, all] {
      EXPECT_OK(database_->ReadHere([all](Transaction& read) -> absl::Status {
        JIEDUI_RETURN_IF_ERROR(CountIn(read).status());
        if (all->Block()) delete all;
        return absl::OkStatus();
      }));
    });
  }
  for (std::thread& thread : threads) thread.join();
  WriteMebibytes(96);
  EXPECT_LT(LogBytes(), 40 << 20);
}

TEST_F(SqliteReadersTest, DoNotKeepTheLogFromStartingAgainWhileTheyRead) {
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this, &over] {
      while (!over) {
        EXPECT_GE(CountRows(*database_), 0);
        absl::SleepFor(absl::Milliseconds(1));
      }
    });
  }
  WriteMebibytes(240);
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LT(LogBytes(), 100 << 20);
}

TEST_F(SqliteReadersTest, NeverSeeLessThanBefore) {
  ASSERT_OK(WriteAndWait(*database_, {}, [](Transaction& write) { return InsertRow(write, 0, "row"); }));
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this, &over] {
      int64_t last = 0;
      while (!over) {
        const int64_t count = CountRows(*database_);
        EXPECT_GE(count, last);
        last = count;
        // An error gives the snapshot up, so that connections with and without one are mixed.
        database_->ReadHere([](Transaction&) { return absl::NotFoundError(""); }).IgnoreError();
      }
    });
  }
  for (int64_t id = 1; id < 600; ++id) {
    ASSERT_OK(WriteAndWait(*database_, {},
                           [id](Transaction& write) { return InsertRow(write, id, absl::StrCat("row ", id)); }));
  }
  over = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace jiedui::sql
