// Encrypts, decrypts and hashes personal data with the keys of a keyring, which may be replaced while it is used.
//
// A cell is, byte by byte: algorithm (1), key id (4, big endian), nonce (12, or 16 for SM4), ciphertext, tag (16, or 32 for SM4). What
// is authenticated beside it is the head and the place: table, column and row, so that a cell that was moved, also with its whole row,
// does not open.

#ifndef JIEDUI_COMMON_PERSONAL_VAULT_H_
#define JIEDUI_COMMON_PERSONAL_VAULT_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/personal/keyring.h"
#include "common/personal/personal_kind.h"

namespace jiedui::personal {

// Where a cell is.
struct Place {
  absl::string_view table;
  absl::string_view column;
  absl::string_view row;  // its id
};

// Most bytes that a cell has beyond its text.
constexpr int kCellOverhead = 5 + 16 + 32;

class Vault {
 public:
  explicit Vault(std::shared_ptr<const Keyring> keyring) : keyring_(std::move(keyring)) {}
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  std::shared_ptr<const Keyring> keyring() const;
  void Replace(std::shared_ptr<const Keyring> keyring);

  // The cell of a text, also of an empty one, so that emptying a cell is noticed.
  std::string Seal(const Keyring& keyring, const Place& place, absl::string_view text) const;

  // The text of a cell. DATA_LOSS, without a detail, when it is not whole, not of this place, or of a key that is not in the
  // keyring; counted.
  absl::StatusOr<std::string> Open(const Keyring& keyring, const Place& place, absl::string_view cell) const;

  // Whether a cell should be written again: its key is not the active one.
  static bool IsStale(const Keyring& keyring, absl::string_view cell);
  // The key that a cell says it is under; 0 when it is too short to say.
  static uint32_t KeyIdOf(absl::string_view cell);

  // 64 hexadecimal digits for a canonical value that is set. The same for the same value of a kind in every column, so that a
  // person can be found across resources.
  static std::string HashOf(const SearchKey& key, PersonalKind kind, absl::string_view value);

  // Keyed hash of anything else that may hold personal data.
  static std::string Fingerprint(const SearchKey& key, absl::string_view purpose, absl::string_view bytes);

  // Cells that did not open since the start.
  int64_t damaged_count() const { return damaged_.load(std::memory_order_relaxed); }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Keyring> keyring_ ABSL_GUARDED_BY(mutex_);
  mutable std::atomic<int64_t> damaged_{0};
};

}  // namespace jiedui::personal

#endif  // JIEDUI_COMMON_PERSONAL_VAULT_H_
