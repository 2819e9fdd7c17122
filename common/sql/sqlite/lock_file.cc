#include "common/sql/sqlite/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace jiedui::sql {
namespace {

constexpr mode_t kOwnerOnly = 0600;

absl::Status CannotCreate(const std::string& path) {
  return absl::UnavailableError(absl::StrCat(path, ": ", absl::ErrnoToStatus(errno, "open").message()));
}

}  // namespace

absl::StatusOr<LockFile> LockFile::Acquire(const std::string& path) {
  const std::string lock_path = absl::StrCat(path, ".lock");
  const int file = open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return CannotCreate(lock_path);
  LockFile lock(file);
  if (flock(file, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return absl::UnavailableError(absl::StrCat("cannot lock ", lock_path));
  return absl::FailedPreconditionError(
      absl::StrCat("the data file ", path, " is in use by another server; stop it first"));
}

LockFile::~LockFile() {
  if (file_ >= 0) close(file_);
}

absl::Status CreatePrivateFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return CannotCreate(path);
  close(file);
  return absl::OkStatus();
}

}  // namespace jiedui::sql
