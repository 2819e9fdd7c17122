// Keeps a second server away from a data file. SQLite's own locks let several processes write in turn; a server must not,
// because its group commit and its checkpoints assume to be alone. Readers (the sqlite3 shell, backups) are not affected.

#ifndef JIEDUI_COMMON_SQL_SQLITE_LOCK_FILE_H_
#define JIEDUI_COMMON_SQL_SQLITE_LOCK_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace jiedui::sql {

// Holds an exclusive lock on `<path>.lock` while it lives. The kernel releases it when the process dies in any way; the file
// itself stays.
class LockFile {
 public:
  // Errors: FAILED_PRECONDITION when another server (or another Database of this process) holds it, UNAVAILABLE when the
  // file cannot be created.
  static absl::StatusOr<LockFile> Acquire(const std::string& path);
  LockFile(LockFile&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int file) : file_(file) {}
  int file_;
};

// Creates an empty file that only its owner may read, unless it exists: SQLite would take the umask. Its log files inherit
// the mode.
absl::Status CreatePrivateFile(const std::string& path);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_SQLITE_LOCK_FILE_H_
