#include "tests/support/failing_log.h"

#include <sqlite3.h>

#include <atomic>

namespace jiedui::testing {
namespace {

std::atomic<int> left{0};
std::atomic<bool> failed{false};

// SQLite's own file system, and the methods of its files. Every log has the same.
sqlite3_vfs* real_files = nullptr;
std::atomic<const sqlite3_io_methods*> real_log{nullptr};
sqlite3_io_methods failing_log;

bool IsToFail() {
  if (left.fetch_sub(1) != 1) return false;
  failed = true;
  return true;
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  if (!IsToFail()) return real_log.load()->xWrite(file, bytes, size, offset);
  real_log.load()->xWrite(file, bytes, size / 2, offset);
  return SQLITE_IOERR_WRITE;
}

int Sync(sqlite3_file* file, int flags) {
  return IsToFail() ? SQLITE_IOERR_FSYNC : real_log.load()->xSync(file, flags);
}

int Open(sqlite3_vfs* /*files*/, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  const int result = real_files->xOpen(real_files, name, file, flags, flags_out);
  if (result != SQLITE_OK || (flags & SQLITE_OPEN_WAL) == 0) return result;
  static const bool prepared = [file] {
    failing_log = *file->pMethods;
    failing_log.xWrite = &Write;
    failing_log.xSync = &Sync;
    real_log = file->pMethods;
    return true;
  }();
  if (prepared) file->pMethods = &failing_log;
  return SQLITE_OK;
}

void Install() {
  static sqlite3_vfs failing_files;
  static const bool installed = [] {
    real_files = sqlite3_vfs_find(nullptr);
    failing_files = *real_files;
    failing_files.zName = "failing";
    failing_files.xOpen = &Open;
    return sqlite3_vfs_register(&failing_files, /*makeDflt=*/1) == SQLITE_OK;
  }();
  static_cast<void>(installed);
}

}  // namespace

void FailingLog::FailNth(int nth) {
  Install();
  failed = false;
  left = nth;
}

bool FailingLog::HasFailed() { return failed; }

}  // namespace jiedui::testing
