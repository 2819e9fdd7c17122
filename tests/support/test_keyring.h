// Keys of personal data for tests, without files.

#ifndef JIEDUI_TESTS_SUPPORT_TEST_KEYRING_H_
#define JIEDUI_TESTS_SUPPORT_TEST_KEYRING_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/personal/keyring.h"

namespace jiedui::testing {

// A line of a key file: the same secret for the same hexadecimal digit.
inline std::string KeyLine(const std::string& algorithm, char digit) {
  return absl::StrCat(algorithm, " ", std::string(algorithm == "SM4-CTR-HMAC-SM3" ? 96 : 64, digit), "\n");
}

// One key of each kind, and what `more` adds to or replaces in the folder.
inline std::shared_ptr<const personal::Keyring> TestKeyring(const std::map<std::string, std::string>& more = {}) {
  std::map<std::string, std::string> files = more;
  files.emplace("cell-1.key", KeyLine("AES-256-GCM", 'a'));
  files.emplace("search-1.key", KeyLine("HMAC-SHA-256", 'b'));
  return personal::Keyring::Parse(files).value();
}

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_SUPPORT_TEST_KEYRING_H_
