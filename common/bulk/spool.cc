#include "common/bulk/spool.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/base/internal/endian.h"
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

Spool::Spool(int descriptor) : descriptor_(descriptor) { MakeKey(); }

Spool::~Spool() {
  OPENSSL_cleanse(key_, sizeof(key_));
  close(descriptor_);
}

void Spool::MakeKey() {
  if (RAND_bytes(key_, sizeof(key_)) != 1) std::abort();  // no randomness: the machine is broken
}

// With another key: the same key stream over other bytes would tell of both.
void Spool::Clear() {
  if (size_ == 0) return;
  (void)ftruncate(descriptor_, 0);  // what stays is never read: `size_` says where the bytes end
  size_ = 0;
  MakeKey();
}

void Spool::Crypt(int64_t offset, std::string* bytes) const {
  constexpr int64_t kBlock = 16;
  unsigned char counter[kBlock] = {};
  absl::big_endian::Store64(counter + 8, static_cast<uint64_t>(offset / kBlock));
  unsigned char skipped[kBlock] = {};
  int size = 0;
  EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  auto* const data = reinterpret_cast<unsigned char*>(bytes->data());
  const bool done = context != nullptr && EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nullptr, key_, counter) == 1 &&
                    EVP_EncryptUpdate(context, skipped, &size, skipped, static_cast<int>(offset % kBlock)) == 1 &&
                    EVP_EncryptUpdate(context, data, &size, data, static_cast<int>(bytes->size())) == 1;
  EVP_CIPHER_CTX_free(context);
  if (!done) std::abort();
}

absl::Status Spool::Append(absl::string_view clear) {
  std::string encrypted(clear);
  Crypt(size_, &encrypted);
  absl::string_view bytes = encrypted;
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
    if (count >= 0) {
      buffer_.resize(static_cast<size_t>(count));
      Crypt(offset, &buffer_);
      return absl::string_view(buffer_);
    }
    if (errno != EINTR)
      return absl::InternalError(absl::StrCat("a temporary file cannot be read: ", std::strerror(errno)));
  }
}

}  // namespace jiedui::bulk
