#include "common/personal/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <utility>

#include "absl/base/internal/endian.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace jiedui::personal {
namespace {

constexpr size_t kHeadSize = 5;  // algorithm and key id
constexpr size_t kSm4KeySize = 16;

struct Layout {
  size_t nonce;
  size_t tag;
};

Layout LayoutOf(CellAlgorithm algorithm) {
  return algorithm == CellAlgorithm::kAes256Gcm ? Layout{12, 16} : Layout{16, 32};
}

unsigned char* Bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* Bytes(const char* text) { return reinterpret_cast<const unsigned char*>(text); }

// OpenSSL fails here only without memory or without randomness; nothing may then be written.
void Must(bool done) {
  if (!done) std::abort();
}

// Fetched once: a fetch takes locks.
const EVP_CIPHER* CipherOf(CellAlgorithm algorithm) {
  static const EVP_CIPHER* const kAes = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  static const EVP_CIPHER* const kSm4 = EVP_CIPHER_fetch(nullptr, "SM4-CTR", nullptr);
  const EVP_CIPHER* cipher = algorithm == CellAlgorithm::kAes256Gcm ? kAes : kSm4;
  Must(cipher != nullptr);
  return cipher;
}

EVP_CIPHER_CTX* Context() {
  struct Holder {
    EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
    ~Holder() { EVP_CIPHER_CTX_free(context); }
  };
  thread_local const Holder holder;
  Must(holder.context != nullptr);
  return holder.context;
}

std::string Hmac(const EVP_MD* digest, absl::string_view key, absl::string_view message) {
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Must(HMAC(digest, key.data(), static_cast<int>(key.size()), Bytes(message.data()), message.size(), mac, &size) !=
       nullptr);
  return std::string(reinterpret_cast<const char*>(mac), size);
}

// Lengths keep the borders.
std::string Associated(absl::string_view head, const Place& place) {
  return absl::StrCat(head, place.table.size(), ":", place.table, place.column.size(), ":", place.column,
                      place.row.size(), ":", place.row);
}

void SealGcm(const CellKey& key, const std::string& associated, absl::string_view text, std::string* cell) {
  EVP_CIPHER_CTX* const context = Context();
  const size_t begin = cell->size();
  const unsigned char* const nonce = Bytes(cell->data() + kHeadSize);
  Must(EVP_EncryptInit_ex2(context, CipherOf(key.algorithm), Bytes(key.secret.data()), nonce, nullptr) == 1);
  int size = 0;
  Must(EVP_EncryptUpdate(context, nullptr, &size, Bytes(associated.data()), static_cast<int>(associated.size())) == 1);
  cell->resize(begin + text.size() + 16);
  Must(EVP_EncryptUpdate(context, Bytes(cell->data() + begin), &size, Bytes(text.data()),
                         static_cast<int>(text.size())) == 1);
  Must(EVP_EncryptFinal_ex(context, Bytes(cell->data() + begin + text.size()), &size) == 1);
  Must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, cell->data() + begin + text.size()) == 1);
}

bool OpenGcm(const CellKey& key, const std::string& associated, absl::string_view nonce, absl::string_view ciphertext,
             absl::string_view tag, std::string* text) {
  EVP_CIPHER_CTX* const context = Context();
  Must(EVP_DecryptInit_ex2(context, CipherOf(key.algorithm), Bytes(key.secret.data()), Bytes(nonce.data()), nullptr) ==
       1);
  int size = 0;
  Must(EVP_DecryptUpdate(context, nullptr, &size, Bytes(associated.data()), static_cast<int>(associated.size())) == 1);
  text->resize(ciphertext.size());
  Must(EVP_DecryptUpdate(context, Bytes(text->data()), &size, Bytes(ciphertext.data()),
                         static_cast<int>(ciphertext.size())) == 1);
  std::string expected(tag);
  Must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()), expected.data()) == 1);
  unsigned char rest[16];
  return EVP_DecryptFinal_ex(context, rest, &size) == 1;
}

void Sm4Ctr(const CellKey& key, absl::string_view nonce, absl::string_view in, char* out) {
  EVP_CIPHER_CTX* const context = Context();
  Must(EVP_EncryptInit_ex2(context, CipherOf(key.algorithm), Bytes(key.secret.data()), Bytes(nonce.data()), nullptr) ==
       1);
  int size = 0;
  Must(EVP_EncryptUpdate(context, Bytes(out), &size, Bytes(in.data()), static_cast<int>(in.size())) == 1);
}

// Encrypt, then authenticate: head, place, nonce and ciphertext.
std::string Sm3Tag(const CellKey& key, const std::string& associated, absl::string_view nonce_and_ciphertext) {
  return Hmac(EVP_sm3(), key.secret.view().substr(kSm4KeySize),
              absl::StrCat(associated.size(), ":", associated, nonce_and_ciphertext));
}

absl::StatusOr<std::string> OpenCell(const Keyring& keyring, const Place& place, absl::string_view cell) {
  const absl::Status damaged = absl::DataLossError("the cell does not open");
  const CellKey* key = keyring.FindCellKey(Vault::KeyIdOf(cell));
  if (key == nullptr || cell[0] != static_cast<char>(key->algorithm)) return damaged;
  const Layout layout = LayoutOf(key->algorithm);
  if (cell.size() < kHeadSize + layout.nonce + layout.tag) return damaged;
  const absl::string_view nonce = cell.substr(kHeadSize, layout.nonce);
  const absl::string_view tag = cell.substr(cell.size() - layout.tag);
  const size_t begin = kHeadSize + layout.nonce;
  const absl::string_view ciphertext = cell.substr(begin, cell.size() - layout.tag - begin);
  const std::string associated = Associated(cell.substr(0, kHeadSize), place);
  std::string text;
  if (key->algorithm == CellAlgorithm::kAes256Gcm) {
    if (!OpenGcm(*key, associated, nonce, ciphertext, tag, &text)) return damaged;
    return text;
  }
  const std::string expected = Sm3Tag(*key, associated, cell.substr(kHeadSize, cell.size() - layout.tag - kHeadSize));
  if (CRYPTO_memcmp(expected.data(), tag.data(), tag.size()) != 0) return damaged;
  text.resize(ciphertext.size());
  Sm4Ctr(*key, nonce, ciphertext, text.data());
  return text;
}

const EVP_MD* DigestOf(HashAlgorithm algorithm) {
  return algorithm == HashAlgorithm::kHmacSha256 ? EVP_sha256() : EVP_sm3();
}

}  // namespace

std::shared_ptr<const Keyring> Vault::keyring() const {
  absl::ReaderMutexLock lock(&mutex_);
  return keyring_;
}

void Vault::Replace(std::shared_ptr<const Keyring> keyring) {
  absl::MutexLock lock(&mutex_);
  keyring_ = std::move(keyring);
}

std::string Vault::Seal(const Keyring& keyring, const Place& place, absl::string_view text) const {
  const CellKey& key = keyring.active_cell_key();
  const Layout layout = LayoutOf(key.algorithm);
  std::string cell(kHeadSize + layout.nonce, '\0');
  cell.reserve(cell.size() + text.size() + layout.tag);
  cell[0] = static_cast<char>(key.algorithm);
  absl::big_endian::Store32(cell.data() + 1, key.id);
  Must(RAND_bytes(Bytes(cell.data() + kHeadSize), static_cast<int>(layout.nonce)) == 1);
  const std::string associated = Associated(absl::string_view(cell).substr(0, kHeadSize), place);
  if (key.algorithm == CellAlgorithm::kAes256Gcm) {
    SealGcm(key, associated, text, &cell);
    return cell;
  }
  const std::string nonce = cell.substr(kHeadSize);
  cell.resize(cell.size() + text.size());
  Sm4Ctr(key, nonce, text, cell.data() + kHeadSize + layout.nonce);
  cell += Sm3Tag(key, associated, absl::string_view(cell).substr(kHeadSize));
  return cell;
}

absl::StatusOr<std::string> Vault::Open(const Keyring& keyring, const Place& place, absl::string_view cell) const {
  absl::StatusOr<std::string> text = OpenCell(keyring, place, cell);
  if (!text.ok()) damaged_.fetch_add(1, std::memory_order_relaxed);
  return text;
}

bool Vault::IsStale(const Keyring& keyring, absl::string_view cell) {
  return KeyIdOf(cell) != keyring.active_cell_key().id;
}

uint32_t Vault::KeyIdOf(absl::string_view cell) {
  return cell.size() < kHeadSize ? 0 : absl::big_endian::Load32(cell.data() + 1);
}

std::string Vault::HashOf(const SearchKey& key, PersonalKind kind, absl::string_view value) {
  return absl::BytesToHexString(Hmac(DigestOf(key.algorithm), key.secret.view(),
                                     absl::StrCat(options::v1::PersonalKind_Name(kind), "\n", value)));
}

std::string Vault::Fingerprint(const SearchKey& key, absl::string_view purpose, absl::string_view bytes) {
  return Hmac(DigestOf(key.algorithm), key.secret.view(), absl::StrCat("fingerprint ", purpose, "\n", bytes));
}

}  // namespace jiedui::personal
