#include "common/personal/keyring.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace jiedui::personal {
namespace {

constexpr size_t kMaxFileSize = 4096;

absl::Status Bad(absl::string_view name, absl::string_view problem) {
  return absl::FailedPreconditionError(absl::StrCat("keys of personal data: ", name, " ", problem));
}

// "<prefix><n>": the number, which is not 0.
std::optional<uint32_t> NumberOf(absl::string_view name, absl::string_view prefix) {
  uint32_t number = 0;
  if (!absl::ConsumePrefix(&name, prefix) || !absl::SimpleAtoi(name, &number) || number == 0 ||
      absl::StrCat(number) != name) {
    return std::nullopt;
  }
  return number;
}

void Wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

// What is wrong with who may open a file; empty when nothing is.
absl::string_view ProblemOfMode(const struct stat& info, bool key) {
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "may be written by others than its owner";
  if (key && (info.st_mode & S_IROTH) != 0) return "may be read by everybody";
  if (key && (info.st_mode & S_IRGRP) != 0 && info.st_uid != 0) return "may be read by others than its owner";
  return "";
}

// Not through a stream, whose buffer would keep a copy.
absl::StatusOr<std::string> ReadSmallFile(const std::filesystem::path& path, bool any_mode) {
  const std::string name = path.filename().string();
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return Bad(name, "cannot be read");
  const absl::Cleanup close = [file] { ::close(file); };
  struct stat info {};
  if (::fstat(file, &info) != 0) return Bad(name, "cannot be read");
  const absl::string_view problem = any_mode ? "" : ProblemOfMode(info, absl::EndsWith(name, ".key"));
  if (!problem.empty()) return Bad(name, problem);
  std::string text(kMaxFileSize, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(file, text.data() + size, text.size() - size);
    if (count < 0) return Bad(name, "cannot be read");
    if (count == 0) break;
    size += static_cast<size_t>(count);
  }
  text.resize(size);
  return text;
}

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

// Of a line "<algorithm> <hexadecimal digits>".
struct KeyText {
  absl::string_view algorithm;
  Secret secret;
};

absl::StatusOr<KeyText> ParseKey(const std::string& name, absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
  if (words.size() != 2 || !IsHex(words[1]) || words[1].size() % 2 != 0) {
    return Bad(name, "is not an algorithm and hexadecimal digits");
  }
  return KeyText{words[0], Secret(absl::HexStringToBytes(words[1]))};
}

}  // namespace

Secret::Secret(std::string bytes) : bytes_(bytes.begin(), bytes.end()) { Wipe(bytes); }

Secret::~Secret() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

absl::StatusOr<std::shared_ptr<const Keyring>> Keyring::Load(const std::string& folder, bool any_mode) {
  std::map<std::string, std::string> files;
  const absl::Cleanup wipe = [&files] {
    for (auto& [name, text] : files) Wipe(text);
  };
  std::error_code error;
  for (std::filesystem::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string file = it->path().filename().string();
    if (file != "active" && !absl::EndsWith(file, ".key")) continue;
    JIEDUI_ASSIGN_OR_RETURN(files[file], ReadSmallFile(it->path(), any_mode));
  }
  if (error) return Bad(folder, absl::StrCat("cannot be read: ", error.message()));
  return Parse(files);
}

absl::StatusOr<std::shared_ptr<const Keyring>> Keyring::Parse(const std::map<std::string, std::string>& files) {
  std::shared_ptr<Keyring> keyring(new Keyring());
  std::vector<std::string> active;
  for (const auto& [name, text] : files) {
    if (name == "active") {
      active = absl::StrSplit(text, absl::ByAnyChar(" \t\r\n"), absl::SkipEmpty());
    } else {
      JIEDUI_RETURN_IF_ERROR(keyring->Add(std::string(absl::StripSuffix(name, ".key")), text));
    }
  }
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(keyring->cell_keys_.begin(), keyring->cell_keys_.end(), by_id);
  std::sort(keyring->search_keys_.begin(), keyring->search_keys_.end(), by_id);
  if (keyring->cell_keys_.empty() || keyring->search_keys_.empty()) {
    return Bad("the folder", "must have a cell-<n>.key and a search-<n>.key");
  }
  JIEDUI_RETURN_IF_ERROR(keyring->CheckSecretsDiffer());
  JIEDUI_RETURN_IF_ERROR(keyring->Activate(active));
  return keyring;
}

// A key that is copied under another number or for another use is a mistake, and the second no key of its own.
absl::Status Keyring::CheckSecretsDiffer() const {
  std::vector<std::pair<std::string, absl::string_view>> secrets;
  for (const CellKey& key : cell_keys_) secrets.emplace_back(absl::StrCat("cell-", key.id), key.secret.view());
  for (const SearchKey& key : search_keys_) secrets.emplace_back(absl::StrCat("search-", key.id), key.secret.view());
  for (size_t i = 0; i < secrets.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      // Longer ones are two keys, of which either may be the copy.
      const bool same = absl::StrContains(secrets[i].second, secrets[j].second) ||
                        absl::StrContains(secrets[j].second, secrets[i].second);
      if (same) return Bad(secrets[i].first, absl::StrCat("has the secret of ", secrets[j].first));
    }
  }
  return absl::OkStatus();
}

absl::Status Keyring::Add(const std::string& name, const std::string& text) {
  if (const auto cell = NumberOf(name, "cell-"); cell.has_value()) {
    JIEDUI_ASSIGN_OR_RETURN(KeyText key, ParseKey(name, text));
    const bool aes = key.algorithm == "AES-256-GCM";
    if (!aes && key.algorithm != "SM4-CTR-HMAC-SM3") return Bad(name, "has an unknown algorithm");
    if (key.secret.size() != (aes ? 32 : 48)) return Bad(name, "has a secret of the wrong length");
    cell_keys_.push_back(
        {*cell, aes ? CellAlgorithm::kAes256Gcm : CellAlgorithm::kSm4CtrHmacSm3, std::move(key.secret)});
    return absl::OkStatus();
  }
  if (const auto search = NumberOf(name, "search-"); search.has_value()) {
    JIEDUI_ASSIGN_OR_RETURN(KeyText key, ParseKey(name, text));
    const bool sha = key.algorithm == "HMAC-SHA-256";
    if (!sha && key.algorithm != "HMAC-SM3") return Bad(name, "has an unknown algorithm");
    if (key.secret.size() != 32) return Bad(name, "has a secret of the wrong length");
    search_keys_.push_back(
        {*search, sha ? HashAlgorithm::kHmacSha256 : HashAlgorithm::kHmacSm3, std::move(key.secret)});
    return absl::OkStatus();
  }
  return Bad(name, "is neither cell-<n> nor search-<n>");
}

absl::Status Keyring::Activate(const std::vector<std::string>& names) {
  active_cell_ = cell_keys_.size() - 1;
  size_t search = search_keys_.size() - 1;
  for (const std::string& name : names) {
    bool found = false;
    for (size_t i = 0; i < cell_keys_.size(); ++i) {
      if (name != absl::StrCat("cell-", cell_keys_[i].id)) continue;
      active_cell_ = i;
      found = true;
    }
    for (size_t i = 0; i < search_keys_.size(); ++i) {
      if (name != absl::StrCat("search-", search_keys_[i].id)) continue;
      search = i;
      found = true;
    }
    if (!found) return Bad("active", "names a key that is not there");
  }
  std::rotate(search_keys_.begin(), search_keys_.begin() + static_cast<int64_t>(search),
              search_keys_.begin() + static_cast<int64_t>(search) + 1);
  return absl::OkStatus();
}

const CellKey* Keyring::FindCellKey(uint32_t id) const {
  for (const CellKey& key : cell_keys_) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

bool Keyring::operator==(const Keyring& other) const {
  const auto same = [](const auto& a, const auto& b) {
    return a.id == b.id && a.algorithm == b.algorithm && a.secret.view() == b.secret.view();
  };
  return active_cell_ == other.active_cell_ &&
         std::equal(cell_keys_.begin(), cell_keys_.end(), other.cell_keys_.begin(), other.cell_keys_.end(), same) &&
         std::equal(search_keys_.begin(), search_keys_.end(), other.search_keys_.begin(), other.search_keys_.end(),
                    same);
}

}  // namespace jiedui::personal
