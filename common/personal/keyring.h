// The keys of personal data: files in a folder outside the database, one for each version of a key.
//
//   cell-<n>.key     "AES-256-GCM <64 hexadecimal digits>" or "SM4-CTR-HMAC-SM3 <96>": encrypts cells
//   search-<n>.key   "HMAC-SHA-256 <64 hexadecimal digits>" or "HMAC-SM3 <64>": makes the hashes that values are found by
//   active           optional: the names of the two keys to write with, "cell-2" and "search-1", one on a line
//
// Without `active` the highest number of each is written with. All keys in the folder are read with. A new key thus reaches every
// replica while `active` still names the old one, before the first of them writes with it. The number is in every cell; it is never
// used again for another key. AES-256-GCM with random nonces is good for 2^32 cells under one key.
//
// Nobody but the owner may write the files, or read those of keys. A group may read those that root owns: a Kubernetes secret volume
// gives its files so to the group of the pod (fsGroup, mode 0440). Where the folder is a mount that only this program sees, and whose
// files keep the modes of another machine, any mode may be let through. No two keys may have the same secret.

#ifndef JIEDUI_COMMON_PERSONAL_KEYRING_H_
#define JIEDUI_COMMON_PERSONAL_KEYRING_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jiedui::personal {

// The numbers are in the cells: they never change. 3 is kept for SM4-GCM, which OpenSSL 3.0 lacks.
enum class CellAlgorithm : uint8_t { kAes256Gcm = 1, kSm4CtrHmacSm3 = 2 };

// Bytes that are wiped before their memory is given back.
class Secret {
 public:
  Secret() = default;
  // Wipes `bytes` too.
  explicit Secret(std::string bytes);
  // A vector, whose move leaves no copy as a short string's would.
  Secret(Secret&& other) noexcept = default;
  Secret& operator=(Secret&& other) noexcept {
    bytes_.swap(other.bytes_);
    return *this;
  }
  ~Secret();

  absl::string_view view() const { return {bytes_.data(), bytes_.size()}; }
  const char* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

 private:
  std::vector<char> bytes_;
};

struct CellKey {
  uint32_t id = 0;
  CellAlgorithm algorithm = CellAlgorithm::kAes256Gcm;
  Secret secret;  // 32 bytes; for SM4 16 to encrypt and 32 to authenticate
};

enum class HashAlgorithm { kHmacSha256, kHmacSm3 };

struct SearchKey {
  uint32_t id = 0;
  HashAlgorithm algorithm = HashAlgorithm::kHmacSha256;
  Secret secret;  // 32 bytes
};

class Keyring {
 public:
  // FAILED_PRECONDITION, naming the file but nothing in it, when the folder cannot be read, has no key of a kind, or a file is not
  // as described; its mode only unless `any_mode`.
  static absl::StatusOr<std::shared_ptr<const Keyring>> Load(const std::string& folder, bool any_mode = false);

  // The same of the files themselves: contents by name.
  static absl::StatusOr<std::shared_ptr<const Keyring>> Parse(const std::map<std::string, std::string>& files);

  // Whether there is another key than those that are written with.
  bool HasOlderKeys() const { return cell_keys_.size() > 1 || search_keys_.size() > 1; }

  // nullptr when there is none.
  const CellKey* FindCellKey(uint32_t id) const;
  const CellKey& active_cell_key() const { return cell_keys_[active_cell_]; }

  // The active one first.
  const std::vector<SearchKey>& search_keys() const { return search_keys_; }

  bool operator==(const Keyring& other) const;

 private:
  Keyring() = default;
  absl::Status Add(const std::string& name, const std::string& text);
  absl::Status Activate(const std::vector<std::string>& names);
  absl::Status CheckSecretsDiffer() const;

  std::vector<CellKey> cell_keys_;  // by id
  std::vector<SearchKey> search_keys_;
  size_t active_cell_ = 0;
};

}  // namespace jiedui::personal

#endif  // JIEDUI_COMMON_PERSONAL_KEYRING_H_
