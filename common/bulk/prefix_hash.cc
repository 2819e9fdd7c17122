#include "common/bulk/prefix_hash.h"

#include <openssl/evp.h>

namespace jiedui::bulk {

void PrefixHash::Deleter::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

PrefixHash::PrefixHash() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }

PrefixHash::~PrefixHash() = default;

void PrefixHash::Add(absl::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }

std::string PrefixHash::Get() const {
  const std::unique_ptr<evp_md_ctx_st, Deleter> copy(EVP_MD_CTX_new());
  EVP_MD_CTX_copy_ex(copy.get(), context_.get());
  std::string hash(EVP_MD_get_size(EVP_sha256()), '\0');
  EVP_DigestFinal_ex(copy.get(), reinterpret_cast<unsigned char*>(hash.data()), nullptr);
  return hash;
}

}  // namespace jiedui::bulk
