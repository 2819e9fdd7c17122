// SHA-256 of a growing text, read at any length.

#ifndef JIEDUI_COMMON_BULK_PREFIX_HASH_H_
#define JIEDUI_COMMON_BULK_PREFIX_HASH_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;

namespace jiedui::bulk {

class PrefixHash {
 public:
  PrefixHash();
  ~PrefixHash();
  void Add(absl::string_view bytes);
  // 32 bytes: the hash of everything added so far.
  std::string Get() const;

 private:
  struct Deleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Deleter> context_;
};

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_PREFIX_HASH_H_
