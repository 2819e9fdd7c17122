#include "common/bulk/spool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace jiedui::bulk {
namespace {

constexpr size_t kReadSize = 256 << 10;

absl::Status NoSpace(const char* what, int error) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the server cannot ", what, " a temporary file: ", std::strerror(error)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Create() {
  std::error_code none;
  std::string path = std::filesystem::temp_directory_path(none).string();
  if (none) path = "/tmp";
  absl::StrAppend(&path, "/jiedui-bulk.XXXXXX");
  const int descriptor = mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return NoSpace("make", errno);
  unlink(path.c_str());
  return std::unique_ptr<Spool>(new Spool(descriptor));
}

Spool::~Spool() { close(descriptor_); }

absl::Status Spool::Append(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), size_);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return NoSpace("write", errno);
    size_ += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::StatusOr<absl::string_view> Spool::Read(int64_t offset) {
  buffer_.resize(kReadSize);
  while (true) {
    const ssize_t count = pread(descriptor_, buffer_.data(), buffer_.size(), offset);
    if (count >= 0) return absl::string_view(buffer_.data(), static_cast<size_t>(count));
    if (errno != EINTR)
      return absl::InternalError(absl::StrCat("a temporary file cannot be read: ", std::strerror(errno)));
  }
}

}  // namespace jiedui::bulk
