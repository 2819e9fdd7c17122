// A temporary file without a name: what does not fit into memory and must be whole, or must be read twice. It is encrypted with a key
// that is nowhere but in memory, because an uploaded file holds personal data.

#ifndef JIEDUI_COMMON_BULK_SPOOL_H_
#define JIEDUI_COMMON_BULK_SPOOL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jiedui::bulk {

class Spool {
 public:
  // In the directory for temporary files (TMPDIR). RESOURCE_EXHAUSTED when none can be made.
  static absl::StatusOr<std::unique_ptr<Spool>> Create();
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // RESOURCE_EXHAUSTED when the disk is full.
  absl::Status Append(absl::string_view bytes);

  // Forgets what was appended.
  void Clear();

  // The bytes from `offset` on, at most 256 KiB of them, empty only at the end. Valid until the next call. INTERNAL when the
  // file cannot be read.
  absl::StatusOr<absl::string_view> Read(int64_t offset);

 private:
  explicit Spool(int descriptor);

  void MakeKey();
  // The bytes at `offset`, encrypted or decrypted in place: AES-256 in counter mode.
  void Crypt(int64_t offset, std::string* bytes) const;

  const int descriptor_;
  int64_t size_ = 0;
  unsigned char key_[32];
  std::string buffer_;
};

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_SPOOL_H_
