#include "common/directory/directory.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/measure/measure_set.h"
#include "common/status/macros.h"

namespace jiedui::directory {
namespace {

constexpr size_t kMaxWaiting = 1000;
// The row of directory_copy that holds the identity and the years; shards count from 0.
constexpr int64_t kHeadRow = -1;

absl::Status PutCopy(sql::Transaction& transaction, int64_t shard, int64_t version, const std::string& content) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * remove, transaction.Prepare("DELETE FROM directory_copy WHERE shard = ?"));
  remove->BindInt(0, shard);
  JIEDUI_RETURN_IF_ERROR(remove->Execute().status());
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert,
                          transaction.Prepare("INSERT INTO directory_copy (shard, version, content) VALUES (?, ?, ?)"));
  insert->BindInt(0, shard);
  insert->BindInt(1, version);
  insert->BindBlob(2, content);
  return insert->Execute().status();
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
  if (thread_.joinable()) thread_.join();
}

absl::Status Directory::Start() {
  if (options_.database != nullptr) JIEDUI_RETURN_IF_ERROR(Load());
  thread_ = std::thread([this] { Run(); });
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

void Directory::Run() {
  while (true) {
    std::vector<absl::AnyInvocable<void()>> waiting;
    {
      absl::MutexLock lock(&mutex_);
      const auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || !waiting_.empty(); };
      mutex_.AwaitWithTimeout(absl::Condition(&due), options_.interval);
      waiting.swap(waiting_);
      if (stop_) {
        mutex_.Unlock();
        for (auto& done : waiting) done();
        mutex_.Lock();
        return;
      }
    }
    const absl::Status fetched = FetchOnce();
    if (!fetched.ok()) {
      absl::MutexLock lock(&mutex_);
      if (database_id_.empty()) status_ = fetched;
    }
    for (auto& done : waiting) done();
  }
}

absl::Status Directory::FetchOnce() {
  village::v1::SyncDirectoryRequest request;
  {
    absl::ReaderMutexLock lock(&mutex_);
    request.set_database_id(database_id_);
    request.mutable_versions()->Add(versions_.begin(), versions_.end());
  }
  village::v1::SyncDirectoryResponse response;
  JIEDUI_RETURN_IF_ERROR(options_.fetch(request, &response, absl::Now() + options_.fetch_deadline));
  JIEDUI_RETURN_IF_ERROR(Apply(response));
  if (options_.years_changed == nullptr) return absl::OkStatus();
  return options_.years_changed({response.years().begin(), response.years().end()});
}

absl::Status Directory::Apply(const village::v1::SyncDirectoryResponse& response) {
  if (response.shard_count() != measure::kShardCount) {
    return absl::FailedPreconditionError("the village service divides its directory otherwise");
  }
  bool keep = false;
  bool replaced = false;
  {
    absl::MutexLock lock(&mutex_);
    if (database_id_ != response.database_id()) {
      entries_.clear();
      names_by_shard_.assign(measure::kShardCount, {});
      versions_.assign(measure::kShardCount, 0);
      database_id_ = response.database_id();
      replaced = true;
    }
    for (const village::v1::DirectoryShard& shard : response.shards()) ApplyShard(shard);
    keep = replaced || response.shards_size() > 0 || response.years_size() != static_cast<int>(years_.size());
    years_.assign(response.years().begin(), response.years().end());
    status_ = absl::OkStatus();
  }
  return keep && options_.database != nullptr ? Keep(response, replaced) : absl::OkStatus();
}

void Directory::ApplyShard(const village::v1::DirectoryShard& shard) {
  if (shard.shard() < 0 || shard.shard() >= measure::kShardCount) return;
  for (const std::string& name : names_by_shard_[shard.shard()]) entries_.erase(name);
  names_by_shard_[shard.shard()].clear();
  for (const village::v1::DirectoryEntry& entry : shard.entries()) {
    entries_[entry.name()] = entry;
    names_by_shard_[shard.shard()].push_back(entry.name());
  }
  versions_[shard.shard()] = shard.version();
}

absl::Status Directory::Keep(const village::v1::SyncDirectoryResponse& response, bool replaced) {
  sql::WriteOptions options;
  options.deadline = absl::Now() + absl::Seconds(10);
  return sql::WriteAndWait(*options_.database, std::move(options), [&](sql::Transaction& transaction) -> absl::Status {
    if (replaced) {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * forget, transaction.Prepare("DELETE FROM directory_copy"));
      JIEDUI_RETURN_IF_ERROR(forget->Execute().status());
    }
    village::v1::SyncDirectoryResponse head;
    head.set_database_id(response.database_id());
    *head.mutable_years() = response.years();
    JIEDUI_RETURN_IF_ERROR(PutCopy(transaction, kHeadRow, 0, head.SerializeAsString()));
    for (const village::v1::DirectoryShard& shard : response.shards()) {
      JIEDUI_RETURN_IF_ERROR(PutCopy(transaction, shard.shard(), shard.version(), shard.SerializeAsString()));
    }
    return absl::OkStatus();
  });
}

absl::Status Directory::Load() {
  village::v1::SyncDirectoryResponse kept;
  kept.set_shard_count(measure::kShardCount);
  JIEDUI_RETURN_IF_ERROR(options_.database->ReadHere([&kept](sql::Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare("SELECT shard, content FROM directory_copy ORDER BY shard"));
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
  for (const village::v1::DirectoryShard& shard : kept.shards()) ApplyShard(shard);
  years_.assign(kept.years().begin(), kept.years().end());
  status_ = absl::OkStatus();
  return absl::OkStatus();
}

}  // namespace jiedui::directory
