// A program's own copy of the divisions, villages and years that `village` keeps: references are checked against it
// without asking another program, and it survives a restart while `village` is down.

#ifndef JIEDUI_COMMON_DIRECTORY_DIRECTORY_H_
#define JIEDUI_COMMON_DIRECTORY_DIRECTORY_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/sql/database.h"
#include "common/store/engine.h"
#include "jiedui/village/v1/directory.pb.h"

namespace jiedui::directory {

// Asks `village` for what changed since the versions in the request. Blocks until the deadline at most.
using Fetch = std::function<absl::Status(const village::v1::SyncDirectoryRequest& request,
                                         village::v1::SyncDirectoryResponse* response, absl::Time deadline)>;

// Told of all years after each fetch in which they may have changed.
using YearsChanged = std::function<absl::Status(const std::vector<village::v1::DirectoryYear>& years)>;

struct DirectoryOptions {
  Fetch fetch;
  YearsChanged years_changed;
  // Where the copy is kept; null keeps it in memory only.
  sql::Database* database = nullptr;
  absl::Duration interval = absl::Milliseconds(300);
  absl::Duration fetch_deadline = absl::Seconds(2);
};

class Directory : public store::RemoteNames {
 public:
  explicit Directory(DirectoryOptions options);
  ~Directory() override;

  // Reads the kept copy and starts to follow. Errors of the database.
  absl::Status Start();

  // What follows the years; set before Start.
  void set_years_changed(YearsChanged years_changed) { options_.years_changed = std::move(years_changed); }

  bool Exists(absl::string_view name) const override;
  std::optional<village::v1::DirectoryEntry> Find(absl::string_view name) const override;
  // Waits for a fetch that began after this call; at most 1000 callers wait at once, the rest are called back at once.
  void Refresh(absl::AnyInvocable<void()> done) override;

  // OK once a copy is held; otherwise why not. For readiness.
  absl::Status status() const;

 private:
  void Run();
  absl::Status FetchOnce();
  absl::Status Apply(const village::v1::SyncDirectoryResponse& response);
  // `replaced`: nothing that was kept before is to stay.
  absl::Status Keep(const village::v1::SyncDirectoryResponse& response, bool replaced);
  absl::Status Load();
  void ApplyShard(const village::v1::DirectoryShard& shard) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  DirectoryOptions options_;
  mutable absl::Mutex mutex_;
  std::string database_id_ ABSL_GUARDED_BY(mutex_);
  std::vector<int64_t> versions_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::vector<std::string>> names_by_shard_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, village::v1::DirectoryEntry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<village::v1::DirectoryYear> years_ ABSL_GUARDED_BY(mutex_);
  absl::Status status_ ABSL_GUARDED_BY(mutex_) = absl::UnavailableError("not fetched yet");
  std::vector<absl::AnyInvocable<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The handler of DirectoryService/SyncDirectory for the engine of `village`.
store::ReadHandler SyncDirectoryHandler(const store::Engine& engine);

// The years as the engine of `village` has recorded them. Blocks. Errors of the database.
absl::StatusOr<std::vector<village::v1::DirectoryYear>> ReadYears(const store::Engine& engine, absl::Time deadline);

}  // namespace jiedui::directory

#endif  // JIEDUI_COMMON_DIRECTORY_DIRECTORY_H_
