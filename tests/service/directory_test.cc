// The copy of the directory that a program keeps: what it fetches, what is in its database, and how it waits.

#include "common/directory/directory.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/measure/measure_set.h"
#include "common/sql/database.h"
#include "gtest/gtest.h"
#include "services/industry/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::directory {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using testing::TestProgram;
using village::v1::SyncDirectoryRequest;
using village::v1::SyncDirectoryResponse;

constexpr char kPlace[] = "villages/120119101201";

// What `village` holds, at several moments.
class Village {
 public:
  void Put(const std::string& name, const std::string& display_name) {
    absl::MutexLock lock(&mutex_);
    const int shard = measure::ShardOf(name);
    shards_.resize(measure::kShardCount);
    shards_[shard].set_shard(shard);
    shards_[shard].set_version(shards_[shard].version() + 1);
    shards_[shard].clear_entries();
    shards_[shard].add_entries()->set_name(name);
    shards_[shard].mutable_entries(0)->set_display_name(display_name);
  }
  void set_down(bool down) {
    absl::MutexLock lock(&mutex_);
    down_ = down;
  }

  absl::Status Answer(const SyncDirectoryRequest& request, SyncDirectoryResponse* response) {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    if (down_) return absl::UnavailableError("down");
    response->set_database_id("village");
    response->set_shard_count(measure::kShardCount);
    for (const auto& shard : shards_) response->set_version_sum(response->version_sum() + shard.version());
    const bool same = request.database_id() == "village";
    if (same && request.versions().empty()) {
      response->set_versions_wanted(request.version_sum() != response->version_sum());
      return absl::OkStatus();
    }
    for (const auto& shard : shards_) {
      if (shard.version() > 0 && (!same || request.versions(shard.shard()) != shard.version())) {
        *response->add_shards() = shard;
      }
    }
    return absl::OkStatus();
  }
  int calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  absl::Mutex mutex_;
  bool down_ = false;
  int calls_ = 0;
  std::vector<village::v1::DirectoryShard> shards_;
};

class DirectoryTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<TestProgram>(industry::NewDefinition(), GetParam());
  }

  std::unique_ptr<Directory> NewCopy(Fetch fetch) {
    DirectoryOptions options;
    options.database = &program_->database();
    options.interval = absl::Milliseconds(5);
    options.fetch = std::move(fetch);
    auto copy = std::make_unique<Directory>(std::move(options));
    EXPECT_OK(copy->Start());
    return copy;
  }
  std::unique_ptr<Directory> NewCopy() {
    return NewCopy([this](const SyncDirectoryRequest& request, SyncDirectoryResponse* response, absl::Time) {
      return village_.Answer(request, response);
    });
  }

  // What the database keeps of the place: its name, and the version of its shard.
  std::string Kept() {
    std::string kept = "nothing";
    const absl::Status read = program_->database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      auto row = transaction.Prepare("SELECT version, content FROM directory_copy WHERE shard = ?");
      if (!row.ok()) return row.status();
      (*row)->BindInt(0, measure::ShardOf(kPlace));
      const auto found = (*row)->Step();
      if (!found.ok() || !*found) return found.status();
      village::v1::DirectoryShard shard;
      EXPECT_TRUE(shard.ParseFromString(std::string((*row)->Text(1))));
      kept = absl::StrCat(shard.entries(0).display_name(), " ", (*row)->Int(0));
      return absl::OkStatus();
    });
    EXPECT_OK(read);
    return kept;
  }

  static void WaitFor(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (!condition() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
    EXPECT_TRUE(condition());
  }

  std::unique_ptr<TestProgram> program_;
  Village village_;
};

INSTANTIATE_TEST_SUITE_P(Databases, DirectoryTest, BothDatabases(), DatabaseName);

TEST_P(DirectoryTest, WhatCouldNotBeKeptIsKeptLater) {
  village_.Put(kPlace, "一");
  ASSERT_OK(program_->database().ExecuteDdl("ALTER TABLE directory_copy RENAME TO elsewhere"));
  // The first copy of a program that has none is not read from there.
  ASSERT_OK(program_->database().ExecuteDdl("CREATE TABLE directory_copy (shard BIGINT, content BLOB)"));
  auto copy = NewCopy();
  WaitFor([&] { return copy->Exists(kPlace) && village_.calls() > 3; });
  ASSERT_OK(program_->database().ExecuteDdl("DROP TABLE directory_copy"));
  ASSERT_OK(program_->database().ExecuteDdl("ALTER TABLE elsewhere RENAME TO directory_copy"));
  WaitFor([&] { return Kept() == "一 1"; });
  // As after a restart while `village` is down.
  copy = nullptr;
  village_.set_down(true);
  copy = NewCopy();
  EXPECT_TRUE(copy->Exists(kPlace));
  EXPECT_OK(copy->status());
}

TEST_P(DirectoryTest, AReplicaThatIsLateDoesNotOverwriteWhatIsNewer) {
  village_.Put(kPlace, "一");
  absl::Mutex mutex;
  bool released = false;
  bool late_done = false;
  // It is answered at once, and the answer takes long.
  auto late = NewCopy([&](const SyncDirectoryRequest& request, SyncDirectoryResponse* response, absl::Time) {
    absl::Status answered = village_.Answer(request, response);
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&released));
    return answered;
  });
  WaitFor([&] { return village_.calls() > 0; });
  village_.Put(kPlace, "二");
  auto copy = NewCopy();
  WaitFor([&] { return Kept() == "二 2"; });
  village_.set_down(true);
  {
    absl::MutexLock lock(&mutex);
    released = true;
  }
  WaitFor([&] { return late->Exists(kPlace); });
  late->Refresh([&] {
    absl::MutexLock lock(&mutex);
    late_done = true;
  });
  {
    absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&late_done));
  }
  late = nullptr;  // what it was about to keep it has kept
  EXPECT_EQ(Kept(), "二 2");
}

TEST_P(DirectoryTest, ACopyOfAnotherDatabaseIsForgotten) {
  village_.Put(kPlace, "一");
  auto copy = NewCopy([this](const SyncDirectoryRequest& request, SyncDirectoryResponse* response, absl::Time) {
    SyncDirectoryRequest other = request;
    if (request.database_id() == "other") other.set_database_id("village");
    absl::Status answered = village_.Answer(other, response);
    response->set_database_id("other");
    return answered;
  });
  WaitFor([&] { return Kept() == "一 1"; });
  copy = nullptr;
  village_.Put("villages/120119101202", "邻");
  copy = NewCopy();
  WaitFor([&] { return copy->Exists("villages/120119101202"); });
  EXPECT_TRUE(copy->Exists(kPlace));
  WaitFor([&] { return Kept() == "一 1"; });
}

}  // namespace
}  // namespace jiedui::directory
