#include "common/sql/mysql/mysql_database.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/sql/driver.h"
#include "common/sql/mysql/address.h"
#include "common/sql/mysql/connection.h"
#include "common/sql/mysql/reader_pool.h"
#include "common/sql/mysql/writer_pool.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

class MysqlDatabase final : public Database {
 public:
  MysqlDatabase(const MysqlAddress& address, std::unique_ptr<Counters> counters, std::unique_ptr<MysqlConnection> first,
                const DatabaseOptions& options)
      : address_(address),
        counters_(std::move(counters)),
        writers_(address, options.writers, options.max_queue, *counters_),
        readers_(address, std::move(first), options.readers, options.max_queue, *counters_),
        aside_(address, nullptr, kReadersAside, options.max_queue, *counters_) {}

  void Write(WriteOptions options, Body body, Done done) override {
    writers_.Submit({std::move(options), std::move(body), std::move(done)});
  }

  void Read(absl::Time deadline, Body body, Done done) override {
    readers_.Submit({deadline, std::move(body), std::move(done)});
  }

  void ReadAside(absl::Time deadline, Body body, Done done) override {
    aside_.Submit({deadline, std::move(body), std::move(done)});
  }

  bool reads_inline() const override { return false; }

  absl::Status ReadHere(absl::FunctionRef<absl::Status(Transaction&)> body) override { return readers_.RunHere(body); }

  absl::Status ExecuteDdl(absl::string_view sql) override {
    JIEDUI_ASSIGN_OR_RETURN(const auto connection, MysqlConnection::Open(address_, SessionUse::kSchema, *counters_));
    return connection->ExecuteText(sql);
  }

  Dialect dialect() const override { return Dialect::kMysql; }

  // On a connection of its own, whose time limits are the question's.
  absl::Status Ping(absl::Duration timeout) override {
    const absl::Time deadline = absl::Now() + timeout;
    UseDriverOnThisThread();
    if (!ping_mutex_.LockWhenWithDeadline(absl::Condition::kTrue, deadline)) {
      ping_mutex_.Unlock();
      return DeadlinePassed();
    }
    const absl::Status status = PingLocked(timeout);
    ping_mutex_.Unlock();
    return status;
  }

  DatabaseStats stats() const override {
    DatabaseStats stats = counters_->Snapshot();
    stats.write_queue = static_cast<int64_t>(writers_.queue_size());
    stats.read_queue = static_cast<int64_t>(readers_.queue_size() + aside_.queue_size());
    return stats;
  }

 private:
  absl::Status PingLocked(absl::Duration timeout) ABSL_EXCLUSIVE_LOCKS_REQUIRED(ping_mutex_) {
    const bool reused = ping_ != nullptr && ping_timeout_ == timeout;
    if (reused && ping_->ExecuteText("DO 1").ok()) return absl::OkStatus();
    ping_.reset();
    JIEDUI_ASSIGN_OR_RETURN(ping_, MysqlConnection::Open(address_, SessionUse::kPing, *counters_, timeout));
    ping_timeout_ = timeout;
    return absl::OkStatus();
  }

  const MysqlAddress address_;
  const std::unique_ptr<Counters> counters_;
  absl::Mutex ping_mutex_;
  std::unique_ptr<MysqlConnection> ping_ ABSL_GUARDED_BY(ping_mutex_);
  absl::Duration ping_timeout_ ABSL_GUARDED_BY(ping_mutex_);
  MysqlWriterPool writers_;
  MysqlReaderPool readers_;
  MysqlReaderPool aside_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenMysqlDatabase(const DatabaseOptions& options) {
  JIEDUI_ASSIGN_OR_RETURN(MysqlAddress address, ParseMysqlUrl(options.url));
  address.password = options.password;
  auto counters = std::make_unique<Counters>();
  JIEDUI_ASSIGN_OR_RETURN(auto first, MysqlConnection::Open(address, SessionUse::kRead, *counters));
  return std::make_unique<MysqlDatabase>(address, std::move(counters), std::move(first), options);
}

}  // namespace jiedui::sql
