#include "common/personal/vault.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_keyring.h"

namespace jiedui::personal {
namespace {

using ::testing::HasSubstr;
using testing::KeyLine;
using ::testing::Not;
using testing::StatusIs;
using testing::TestKeyring;

constexpr Place kPlace{"person", "citizen_number", "p1"};
constexpr char kNumber[] = "11010519491231002X";

// Every algorithm of a keyring.
class VaultTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::shared_ptr<const Keyring> Keys(char digit = 'c') const {
    return TestKeyring({{"cell-2.key", KeyLine(GetParam(), digit)}});
  }
};

TEST_P(VaultTest, ReadsWhatItWrote) {
  const auto keys = Keys();
  const Vault vault(keys);
  for (const std::string& text :
       std::vector<std::string>{"", "张", kNumber, std::string(100'000, 'x'), std::string("a\0b", 3)}) {
    const std::string cell = vault.Seal(*keys, kPlace, text);
    EXPECT_LE(cell.size(), text.size() + kCellOverhead);
    const auto read = vault.Open(*keys, kPlace, cell);
    ASSERT_OK(read);
    EXPECT_EQ(*read, text);
    if (text.size() > 3) {
      EXPECT_THAT(cell, Not(HasSubstr(text)));
    }
  }
  EXPECT_EQ(vault.damaged_count(), 0);
}

TEST_P(VaultTest, TheSameTextNeverMakesTheSameCell) {
  const auto keys = Keys();
  const Vault vault(keys);
  std::set<std::string> cells;
  for (int i = 0; i < 1000; ++i) cells.insert(vault.Seal(*keys, kPlace, kNumber));
  EXPECT_EQ(cells.size(), 1000u);
}

TEST_P(VaultTest, EveryFlippedBitAndEveryTruncationIsRefused) {
  const auto keys = Keys();
  const Vault vault(keys);
  const std::string cell = vault.Seal(*keys, kPlace, kNumber);
  int64_t refused = 0;
  for (size_t bit = 0; bit < cell.size() * 8; ++bit) {
    std::string flipped = cell;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(vault.Open(*keys, kPlace, flipped), StatusIs(absl::StatusCode::kDataLoss)) << bit;
    ++refused;
  }
  for (size_t size = 0; size < cell.size(); ++size) {
    EXPECT_THAT(vault.Open(*keys, kPlace, absl::string_view(cell).substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(vault.Open(*keys, kPlace, absl::string_view(cell).substr(cell.size() - size)),
                StatusIs(absl::StatusCode::kDataLoss));
    refused += 2;
  }
  EXPECT_THAT(vault.Open(*keys, kPlace, absl::StrCat(cell, "x")), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(vault.damaged_count(), refused + 1);
}

TEST_P(VaultTest, ACellOpensInItsPlaceOnly) {
  const auto keys = Keys();
  const Vault vault(keys);
  const std::string cell = vault.Seal(*keys, kPlace, kNumber);
  for (const Place& other : {Place{"persons", "citizen_number", "p1"}, Place{"person", "phone", "p1"},
                             Place{"person", "citizen_number", "p2"}, Place{"person", "citizen_number", ""},
                             Place{"personcitizen_", "number", "p1"}}) {
    EXPECT_THAT(vault.Open(*keys, other, cell), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_P(VaultTest, AnotherSecretOfTheSameNumberDoesNotOpen) {
  const auto keys = Keys('c'), others = Keys('d');
  const Vault vault(keys);
  EXPECT_THAT(vault.Open(*others, kPlace, vault.Seal(*keys, kPlace, kNumber)), StatusIs(absl::StatusCode::kDataLoss));
}

INSTANTIATE_TEST_SUITE_P(Algorithms, VaultTest, ::testing::Values("AES-256-GCM", "SM4-CTR-HMAC-SM3"),
                         [](const auto& info) { return info.param == "AES-256-GCM" ? "Aes" : "Sm4"; });

TEST(Vault, ReadsUnderEveryKeyAndWritesUnderTheActiveOne) {
  const auto one = TestKeyring();
  const auto two = TestKeyring({{"cell-2.key", KeyLine("SM4-CTR-HMAC-SM3", 'c')}});
  const auto waiting = TestKeyring({{"cell-2.key", KeyLine("SM4-CTR-HMAC-SM3", 'c')}, {"active", "cell-1\n"}});
  const Vault vault(one);
  const std::string old_cell = vault.Seal(*one, kPlace, kNumber);
  EXPECT_EQ(*vault.Open(*two, kPlace, old_cell), kNumber);
  EXPECT_TRUE(Vault::IsStale(*two, old_cell));
  EXPECT_FALSE(Vault::IsStale(*waiting, old_cell));
  const std::string new_cell = vault.Seal(*two, kPlace, kNumber);
  EXPECT_EQ(Vault::KeyIdOf(new_cell), 2u);
  EXPECT_EQ(*vault.Open(*waiting, kPlace, new_cell), kNumber);
  EXPECT_THAT(vault.Open(*one, kPlace, new_cell), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(Vault, HashesAreKeyedAndApartByKind) {
  const auto keys = TestKeyring({{"search-2.key", KeyLine("HMAC-SM3", 'c')}, {"active", "search-1"}});
  const SearchKey& sha = keys->search_keys()[0];
  const SearchKey& sm3 = keys->search_keys()[1];
  EXPECT_EQ(sha.id, 1u);
  const std::string hash = Vault::HashOf(sha, options::v1::PERSONAL_KIND_CITIZEN_NUMBER, kNumber);
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(hash, Vault::HashOf(sha, options::v1::PERSONAL_KIND_CITIZEN_NUMBER, kNumber));
  EXPECT_NE(hash, Vault::HashOf(sm3, options::v1::PERSONAL_KIND_CITIZEN_NUMBER, kNumber));
  EXPECT_NE(hash, Vault::HashOf(sha, options::v1::PERSONAL_KIND_BANK_ACCOUNT, kNumber));
}

TEST(Keyring, RefusesWhatIsNotAKeyWithoutRepeatingIt) {
  const std::string aes = KeyLine("AES-256-GCM", '7'), search = KeyLine("HMAC-SHA-256", '7');
  for (const std::map<std::string, std::string>& files : std::vector<std::map<std::string, std::string>>{
           {},
           {{"cell-1.key", aes}},
           {{"search-1.key", search}},
           {{"cell-1.key", "7777777777"}, {"search-1.key", search}},
           {{"cell-1.key", KeyLine("AES-128-GCM", '7')}, {"search-1.key", search}},
           {{"cell-1.key", "AES-256-GCM 7777777777"}, {"search-1.key", search}},
           {{"cell-0.key", aes}, {"search-1.key", search}},
           {{"cell-01.key", aes}, {"search-1.key", search}},
           {{"other-1.key", aes}, {"cell-1.key", aes}, {"search-1.key", search}},
           {{"cell-1.key", aes}, {"search-1.key", search}},  // one secret for both
           {{"cell-1.key", KeyLine("SM4-CTR-HMAC-SM3", '7')}, {"search-1.key", search}},
           {{"cell-1.key", aes}, {"cell-2.key", aes}, {"search-1.key", KeyLine("HMAC-SM3", '8')}},
           {{"cell-1.key", aes}, {"search-1.key", KeyLine("HMAC-SM3", '8')}, {"active", "cell-2"}}}) {
    const auto keyring = Keyring::Parse(files);
    EXPECT_THAT(keyring, StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_THAT(std::string(keyring.status().message()), Not(HasSubstr("7777")));
  }
  EXPECT_THAT(Keyring::Load("/nowhere"), StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(Keyring, RefusesFilesThatOthersMayOpen) {
  char folder[] = "/tmp/jiedui_keyring_test.XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string cell = absl::StrCat(folder, "/cell-1.key"), search = absl::StrCat(folder, "/search-1.key");
  std::ofstream(cell) << KeyLine("AES-256-GCM", '7');
  std::ofstream(search) << KeyLine("HMAC-SHA-256", '8');
  const auto load = [&](mode_t mode, bool any_mode = false) {
    EXPECT_EQ(chmod(cell.c_str(), mode), 0);
    return Keyring::Load(folder, any_mode).status();
  };
  ASSERT_EQ(chmod(search.c_str(), 0600), 0);
  EXPECT_OK(load(0600));
  EXPECT_OK(load(0400));
  for (const mode_t mode : {0604, 0644, 0620, 0602, 0666}) {
    const absl::Status status = load(mode);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition)) << mode;
    EXPECT_THAT(std::string(status.message()), HasSubstr("cell-1.key"));
    EXPECT_OK(load(mode, true));
  }
  // To a group: what root owns, as in a Kubernetes secret volume.
  EXPECT_EQ(load(0440).ok(), geteuid() == 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace jiedui::personal
