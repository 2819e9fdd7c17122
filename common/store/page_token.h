// Page tokens: the key of a page's last row, signed, so that a token which the server did not make for this query is refused.

#ifndef JIEDUI_COMMON_STORE_PAGE_TOKEN_H_
#define JIEDUI_COMMON_STORE_PAGE_TOKEN_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace jiedui::store {

// `identity` says which query the token belongs to; `secret` is the database's page token key.
std::string EncodePageToken(const std::vector<std::variant<int64_t, std::string>>& key, absl::string_view identity,
                            absl::string_view secret);

// INVALID_ARGUMENT (reason PAGE_TOKEN) for a token that was damaged, forged or made for another query.
absl::StatusOr<std::vector<std::variant<int64_t, std::string>>> DecodePageToken(absl::string_view token,
                                                                                absl::string_view identity,
                                                                                absl::string_view secret);

// SHA-256 of `data`, 32 bytes.
std::string Sha256(absl::string_view data);

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_PAGE_TOKEN_H_
