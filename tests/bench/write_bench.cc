#include "tests/bench/write_bench.h"

#include <cppconn/connection.h>
#include <cppconn/statement.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "tests/bench/harness.h"
#include "tests/bench/recorded_create.h"
#include "tests/bench/village_host.h"

namespace jiedui::bench {
namespace {

constexpr int kInFlight = 64;
constexpr int kMysqlInFlight = 16;
constexpr size_t kTransactionIdSize = 16;
constexpr double kRawBar = 0.8;
constexpr double kGroupCommitBar = 2.5;
constexpr double kMeasuresBar = 0.75;

std::string CommitsOf(VillageHost& host) {
  const sql::DatabaseStats stats = host.database().stats();
  return absl::StrFormat("%.1f creates in a commit",
                         static_cast<double>(stats.writes) / static_cast<double>(stats.commits));
}

// How many statements one create is on SQLite, which is in the process: none is a round trip.
size_t StatementsOfCreate(bool measures) {
  VillageHost recorder("recorder", 1, measures, true);
  return recorder.RecordCreate(0).first.size();
}

void RunGroupCommit() {
  VillageHost together("group", 256);
  VillageHost alone("single", 1);
  const Comparison comparison = Compare([&](absl::Duration time) { return together.CreateMembers(kInFlight, time); },
                                        [&](absl::Duration time) { return alone.CreateMembers(kInFlight, time); });
  ReportRatio("create_sqlite_per_single_commit", comparison, kGroupCommitBar,
              absl::StrCat(kInFlight, " in flight, ", CommitsOf(together), ", ", StatementsOfCreate(true),
                           " statements in 0 round trips each"));
}

void RunMeasures() {
  VillageHost with("measures", 256);
  VillageHost without("plain", 256, false);
  const Comparison comparison = Compare([&](absl::Duration time) { return with.CreateMembers(kInFlight, time); },
                                        [&](absl::Duration time) { return without.CreateMembers(kInFlight, time); });
  ReportRatio("create_with_measures_per_without", comparison, kMeasuresBar,
              absl::StrCat(kInFlight, " in flight, ", StatementsOfCreate(true), " against ", StatementsOfCreate(false),
                           " statements in 0 round trips each"));
}

std::string SchemaUrl(const char* server, const std::string& schema) {
  std::unique_ptr<::sql::Connection> connection = Connect(server, "");
  std::unique_ptr<::sql::Statement> statement(connection->createStatement());
  statement->execute("DROP DATABASE IF EXISTS " + schema);
  statement->execute("CREATE DATABASE " + schema + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  return absl::StrCat(server, "/", schema);
}

std::string NewBytes(size_t size) {
  static absl::Mutex mutex(absl::kConstInit);
  static uint64_t next = 0;
  absl::MutexLock lock(&mutex);
  // Ordered, as the engine's are.
  return absl::StrFormat("%0*x", static_cast<int>(size), ++next);
}

// One thread for each connection, as many as the engine has.
class RawWriters {
 public:
  RawWriters(VillageHost& recorder, const std::string& url) {
    for (int lane = 0; lane < kMysqlInFlight; ++lane) {
      auto [statements, name] = recorder.RecordCreate(lane);
      statement_count_ = statements.size();
      Lane made;
      made.id = std::string(absl::StripPrefix(name, "partyMembers/"));
      for (const RecordedStatement& statement : statements) {
        for (const RecordedValue& value : statement.values) {
          if (value.kind == RecordedValue::Kind::kBlob && value.bytes.size() == kTransactionIdSize)
            made.transaction = value.bytes;
        }
      }
      made.replayer = std::make_unique<Replayer>(url, std::move(statements));
      lanes_.push_back(std::move(made));
    }
  }

  double Run(absl::Duration duration) {
    const absl::Time end = absl::Now() + duration;
    std::atomic<int64_t> completed{0};
    std::vector<std::thread> threads;
    for (Lane& lane : lanes_) {
      threads.emplace_back([&] {
        while (absl::Now() < end) {
          const std::string id = NewBytes(lane.id.size());
          lane.replayer->Run({lane.id, "partyMembers/" + lane.id, lane.transaction},
                             {id, "partyMembers/" + id, NewBytes(kTransactionIdSize)});
          completed.fetch_add(1);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return static_cast<double>(completed.load());
  }

  size_t statement_count() const { return statement_count_; }

 private:
  struct Lane {
    std::string id;
    std::string transaction;
    std::unique_ptr<Replayer> replayer;
  };
  std::vector<Lane> lanes_;
  size_t statement_count_ = 0;
};

void RunMysql() {
  const char* server = std::getenv("JIEDUI_TEST_MYSQL");
  if (server == nullptr) {
    Report("create_mariadb_per_raw", 0, kRawBar, true, "JIEDUI_TEST_MYSQL is not set");
    return;
  }
  const std::string raw_url = SchemaUrl(server, "jiedui_bench_raw");
  VillageHost engine(SchemaUrl(server, "jiedui_bench_engine"), false);
  VillageHost recorder(raw_url, true);
  RawWriters raw(recorder, raw_url);
  const Comparison comparison = Compare([&](absl::Duration time) { return engine.CreateMembers(kMysqlInFlight, time); },
                                        [&](absl::Duration time) { return raw.Run(time); });
  ReportRatio("create_mariadb_per_raw", comparison, kRawBar,
              absl::StrCat(kMysqlInFlight, " in flight, ", raw.statement_count(), " statements in ",
                           raw.statement_count() + 1, " round trips"));
}

}  // namespace

void RunWriteBench() {
  RunGroupCommit();
  RunMeasures();
  RunMysql();
}

}  // namespace jiedui::bench
