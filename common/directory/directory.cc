#include "common/directory/directory.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/measure/measure_set.h"
#include "common/status/macros.h"

namespace jiedui::directory {
namespace {

constexpr size_t kMaxWaiting = 1000;
// The row of directory_copy that holds the identity and the years; shards count from 0.
constexpr int kHeadRow = -1;

// Replicas keep the same rows: what another has kept meanwhile stays unless it is older.
absl::string_view PutSql(sql::Dialect dialect) {
  return dialect == sql::Dialect::kMysql
             ? "INSERT INTO directory_copy (shard, version, content) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE "
               "content = IF(VALUES(version) > version, VALUES(content), content), "
               "version = GREATEST(version, VALUES(version))"
             : "INSERT INTO directory_copy (shard, version, content) VALUES (?, ?, ?) ON CONFLICT (shard) DO UPDATE "
               "SET "
               "content = excluded.content, version = excluded.version WHERE excluded.version > directory_copy.version";
}

struct Row {
  int number = 0;
  int64_t version = 0;
  std::string content;
};

// Forgets the copy of another database.
absl::Status ForgetOthers(sql::Transaction& transaction, const std::string& database_id) {
  const bool mysql = transaction.dialect() == sql::Dialect::kMysql;
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * head,
                          transaction.Prepare(absl::StrCat("SELECT content FROM directory_copy WHERE shard = ?",
                                                           mysql ? " FOR UPDATE" : "")));
  head->BindInt(0, kHeadRow);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, head->Step());
  village::v1::SyncDirectoryResponse kept;
  if (found && kept.ParseFromString(std::string(head->Text(0))) && kept.database_id() == database_id) {
    return absl::OkStatus();
  }
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * forget, transaction.Prepare("DELETE FROM directory_copy"));
  return forget->Execute().status();
}

absl::Status Put(sql::Transaction& transaction, const std::string& database_id, const std::vector<Row>& rows) {
  JIEDUI_RETURN_IF_ERROR(ForgetOthers(transaction, database_id));
  for (const Row& row : rows) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * put, transaction.Prepare(PutSql(transaction.dialect())));
    put->BindInt(0, row.number);
    put->BindInt(1, row.version);
    put->BindBlob(2, row.content);
    JIEDUI_RETURN_IF_ERROR(put->Execute().status());
  }
  return absl::OkStatus();
}

}  // namespace

Directory::Directory(DirectoryOptions options) : options_(std::move(options)) {
  versions_.assign(measure::kShardCount, 0);
  names_by_shard_.resize(measure::kShardCount);
}

Directory::~Directory() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  if (options_.cancel != nullptr) options_.cancel();
  for (std::thread& thread : threads_) thread.join();
}

absl::Status Directory::Start() {
  if (options_.database != nullptr) JIEDUI_RETURN_IF_ERROR(Load());
  threads_.emplace_back([this] { Follow(); });
  threads_.emplace_back([this] { ServeWaiting(); });
  return absl::OkStatus();
}

bool Directory::Exists(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  return entries_.contains(name);
}

std::optional<village::v1::DirectoryEntry> Directory::Find(absl::string_view name) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto found = entries_.find(name);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

void Directory::Refresh(absl::AnyInvocable<void()> done) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stop_ && waiting_.size() < kMaxWaiting) {
      waiting_.push_back(std::move(done));
      return;
    }
  }
  done();
}

absl::Status Directory::status() const {
  absl::ReaderMutexLock lock(&mutex_);
  return status_;
}

void Directory::Follow() {
  while (true) {
    bool kept = true;  // nothing is left to do of what came before
    {
      absl::MutexLock lock(&mutex_);
      if (stop_) return;
      kept = dirty_.empty() && years_told_;
    }
    const absl::Time start = absl::Now();
    const absl::StatusOr<bool> came = FetchAll(kept ? options_.wait : absl::ZeroDuration());
    absl::MutexLock lock(&mutex_);
    if (!came.ok() && database_id_.empty()) status_ = came.status();
    // Whoever answers at once that there is nothing is not asked without end.
    if (came.ok() && (*came || absl::Now() - start >= options_.interval)) continue;
    mutex_.AwaitWithTimeout(absl::Condition(&stop_), options_.interval);
  }
}

void Directory::ServeWaiting() {
  while (true) {
    std::vector<absl::AnyInvocable<void()>> waiting;
    bool stop = false;
    {
      absl::MutexLock lock(&mutex_);
      const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !waiting_.empty(); };
      mutex_.Await(absl::Condition(&due));
      waiting.swap(waiting_);
      stop = stop_;
    }
    // Who waits is called back also when it fails.
    if (!stop) FetchAll(absl::ZeroDuration()).IgnoreError();
    for (auto& done : waiting) done();
    if (stop) return;
  }
}

village::v1::SyncDirectoryRequest Directory::NewRequest(bool with_versions, int64_t* generation) const {
  village::v1::SyncDirectoryRequest request;
  absl::ReaderMutexLock lock(&mutex_);
  *generation = generation_;
  request.set_database_id(database_id_);
  request.set_version_sum(std::accumulate(versions_.begin(), versions_.end(), int64_t{0}));
  if (with_versions) request.mutable_versions()->Add(versions_.begin(), versions_.end());
  return request;
}

absl::StatusOr<bool> Directory::FetchAll(absl::Duration wait) {
  bool with_versions = false;
  bool came = false;
  bool whole = false;
  while (!whole) {
    int64_t generation = 0;
    village::v1::SyncDirectoryRequest request = NewRequest(with_versions, &generation);
    request.set_wait_millis(static_cast<int32_t>(absl::ToInt64Milliseconds(wait)));
    village::v1::SyncDirectoryResponse response;
    JIEDUI_RETURN_IF_ERROR(options_.fetch(request, &response, absl::Now() + wait + options_.fetch_deadline));
    wait = absl::ZeroDuration();
    if (response.versions_wanted()) {
      if (with_versions) return absl::InternalError("the village service asks for versions that it was given");
      with_versions = true;
      continue;
    }
    JIEDUI_ASSIGN_OR_RETURN(const bool applied, Apply(response, generation));
    if (!applied) continue;
    if (response.more() && response.shards_size() == 0) {
      return absl::InternalError("the village service leaves out what it speaks of");
    }
    came = came || response.shards_size() > 0;
    with_versions = true;
    whole = !response.more();
  }
  JIEDUI_RETURN_IF_ERROR(Settle());
  return came;
}

absl::StatusOr<bool> Directory::Apply(const village::v1::SyncDirectoryResponse& response, int64_t generation) {
  if (response.shard_count() != measure::kShardCount) {
    return absl::FailedPreconditionError("the village service divides its directory otherwise");
  }
  absl::MutexLock lock(&mutex_);
  // The other thread was faster: this may be older.
  if (generation != generation_) return false;
  if (database_id_ != response.database_id()) {
    entries_.clear();
    names_by_shard_.assign(measure::kShardCount, {});
    versions_.assign(measure::kShardCount, 0);
    version_sum_ = 0;
    database_id_ = response.database_id();
    status_ = absl::UnavailableError("the directory of another database is being copied");
    ++generation_;
  }
  for (const village::v1::DirectoryShard& shard : response.shards()) {
    if (shard.shard() < 0 || shard.shard() >= measure::kShardCount) continue;
    ApplyShard(shard);
    dirty_.insert(shard.shard());
    ++generation_;
  }
  if (response.more()) return true;
  status_ = absl::OkStatus();
  if (response.version_sum() == version_sum_) return true;
  version_sum_ = response.version_sum();
  years_.assign(response.years().begin(), response.years().end());
  years_told_ = false;
  dirty_.insert(kHeadRow);
  ++generation_;
  return true;
}

void Directory::ApplyShard(const village::v1::DirectoryShard& shard) {
  for (const std::string& name : names_by_shard_[shard.shard()]) entries_.erase(name);
  names_by_shard_[shard.shard()].clear();
  for (const village::v1::DirectoryEntry& entry : shard.entries()) {
    entries_[entry.name()] = entry;
    names_by_shard_[shard.shard()].push_back(entry.name());
  }
  versions_[shard.shard()] = shard.version();
}

absl::Status Directory::Settle() {
  absl::MutexLock settling(&settle_mutex_);
  std::vector<village::v1::DirectoryYear> years;
  int64_t version_sum = 0;
  {
    absl::ReaderMutexLock lock(&mutex_);
    years = years_;
    version_sum = version_sum_;
  }
  if (options_.years_changed != nullptr) JIEDUI_RETURN_IF_ERROR(options_.years_changed(years));
  {
    absl::MutexLock lock(&mutex_);
    years_told_ = version_sum == version_sum_;
    if (options_.database == nullptr) dirty_.clear();
  }
  return options_.database == nullptr ? absl::OkStatus() : Keep();
}

absl::Status Directory::Keep() {
  std::string database_id;
  std::vector<Row> rows;
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (dirty_.empty()) return absl::OkStatus();
    database_id = database_id_;
    for (const int number : dirty_) {
      if (number == kHeadRow) {
        village::v1::SyncDirectoryResponse head;
        head.set_database_id(database_id_);
        head.set_version_sum(version_sum_);
        head.mutable_years()->Add(years_.begin(), years_.end());
        rows.push_back({number, version_sum_, head.SerializeAsString()});
      } else {
        village::v1::DirectoryShard shard;
        shard.set_shard(number);
        shard.set_version(versions_[number]);
        for (const std::string& name : names_by_shard_[number]) *shard.add_entries() = entries_.at(name);
        rows.push_back({number, versions_[number], shard.SerializeAsString()});
      }
    }
  }
  // One order in every replica.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.number < b.number; });
  sql::WriteOptions options;
  options.deadline = absl::Now() + absl::Seconds(10);
  JIEDUI_RETURN_IF_ERROR(sql::WriteAndWait(*options_.database, std::move(options), [&](sql::Transaction& transaction) {
    return Put(transaction, database_id, rows);
  }));
  absl::MutexLock lock(&mutex_);
  if (database_id != database_id_) return absl::OkStatus();
  for (const Row& row : rows) {
    const int64_t version = row.number == kHeadRow ? version_sum_ : versions_[row.number];
    if (version == row.version) dirty_.erase(row.number);
  }
  return absl::OkStatus();
}

absl::Status Directory::Load() {
  village::v1::SyncDirectoryResponse kept;
  kept.set_shard_count(measure::kShardCount);
  JIEDUI_RETURN_IF_ERROR(options_.database->ReadHere([&kept](sql::Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            transaction.Prepare("SELECT shard, content FROM directory_copy ORDER BY shard"));
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return absl::OkStatus();
      const absl::string_view bytes = row->Text(1);
      google::protobuf::Message* part = &kept;
      if (row->Int(0) != kHeadRow) part = kept.add_shards();
      if (!part->MergeFromString(std::string(bytes))) return absl::InternalError("the kept directory cannot be read");
    }
  }));
  if (kept.database_id().empty()) return absl::OkStatus();
  absl::MutexLock lock(&mutex_);
  database_id_ = kept.database_id();
  version_sum_ = kept.version_sum();
  for (const village::v1::DirectoryShard& shard : kept.shards()) {
    if (shard.shard() >= 0 && shard.shard() < measure::kShardCount) ApplyShard(shard);
  }
  years_.assign(kept.years().begin(), kept.years().end());
  status_ = absl::OkStatus();
  return absl::OkStatus();
}

}  // namespace jiedui::directory
