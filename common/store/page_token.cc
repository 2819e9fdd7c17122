#include "common/store/page_token.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"

namespace jiedui::store {
namespace {

constexpr size_t kSignatureSize = 16;
constexpr size_t kMaxTokenSize = 4096;
constexpr char kNumber = 'n';
constexpr char kText = 't';

std::string Sign(absl::string_view payload, absl::string_view identity, absl::string_view secret) {
  // The length keeps the border between identity and payload.
  const std::string message = absl::StrCat(identity.size(), ":", identity, payload);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest, &size);
  return std::string(reinterpret_cast<const char*>(digest), kSignatureSize);
}

void AppendFixed(std::string* out, uint64_t value) {
  for (int i = 0; i < 8; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

bool ReadFixed(absl::string_view* in, uint64_t* value) {
  if (in->size() < 8) return false;
  *value = 0;
  for (int i = 0; i < 8; ++i) *value |= static_cast<uint64_t>(static_cast<unsigned char>((*in)[i])) << (8 * i);
  in->remove_prefix(8);
  return true;
}

absl::Status BadToken() {
  Violations violations;
  violations.Add("page_token", error::v1::REASON_PAGE_TOKEN,
                 {"is damaged or belongs to another query: filter and order_by must stay the same over all pages",
                  "分页令牌已损坏，或属于另一次查询（翻页时筛选式和排序式须保持不变）"});
  return violations.ToStatus();
}

}  // namespace

std::string Sha256(absl::string_view data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(data.data(), data.size(), digest, &size, EVP_sha256(), nullptr);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string EncodePageToken(const std::vector<std::variant<int64_t, std::string>>& key, absl::string_view identity,
                            absl::string_view secret) {
  std::string payload;
  for (const auto& value : key) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      payload.push_back(kNumber);
      AppendFixed(&payload, static_cast<uint64_t>(*number));
    } else {
      const std::string& text = std::get<std::string>(value);
      payload.push_back(kText);
      AppendFixed(&payload, text.size());
      payload.append(text);
    }
  }
  return absl::WebSafeBase64Escape(absl::StrCat(Sign(payload, identity, secret), payload));
}

absl::StatusOr<std::vector<std::variant<int64_t, std::string>>> DecodePageToken(absl::string_view token,
                                                                                absl::string_view identity,
                                                                                absl::string_view secret) {
  std::string bytes;
  if (token.size() > kMaxTokenSize || !absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() < kSignatureSize) {
    return BadToken();
  }
  absl::string_view payload = absl::string_view(bytes).substr(kSignatureSize);
  const std::string signature = Sign(payload, identity, secret);
  if (CRYPTO_memcmp(signature.data(), bytes.data(), kSignatureSize) != 0) return BadToken();
  std::vector<std::variant<int64_t, std::string>> key;
  while (!payload.empty()) {
    const char kind = payload[0];
    payload.remove_prefix(1);
    uint64_t number = 0;
    if (!ReadFixed(&payload, &number)) return BadToken();
    if (kind == kNumber) {
      key.emplace_back(static_cast<int64_t>(number));
      continue;
    }
    if (payload.size() < number) return BadToken();
    key.emplace_back(std::string(payload.substr(0, number)));
    payload.remove_prefix(number);
  }
  return key;
}

}  // namespace jiedui::store
