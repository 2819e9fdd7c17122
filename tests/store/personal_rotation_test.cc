// Personal data is brought to other keys while it is written, by replicas that do not know the same keys.

#include <atomic>
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/store/cell_rotation.h"
#include "gmock/gmock.h"
#include "tests/store/personal_fixture.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;

TEST_P(PersonalDataTest, RotationUnderLoadLosesNothingAndTheOldKeysCanGo) {
  constexpr int kBefore = 250, kWriters = 3, kEach = 40;
  for (int n = 0; n < kBefore; ++n) ASSERT_OK(Create(n));
  const std::map<std::string, std::string> added = {{"cell-2.key", KeyLine("SM4-CTR-HMAC-SM3", 'c')},
                                                    {"search-2.key", KeyLine("HMAC-SM3", 'd')}};
  program_->vault().Replace(TestKeyring(added));
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([this, w] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_OK(Create(1000 * (w + 1) + i));
        assistance::v1::UpdatePersonRequest update;
        update.mutable_person()->set_name(absl::StrCat("persons/p", (i * 7 + w * 80) % kBefore));
        update.mutable_person()->set_phone(absl::StrFormat("139%04d%04d", w, i));
        Person unused;
        EXPECT_OK(program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &unused));
      }
    });
  }
  const auto step = [](store::CellRotation& rotation) { return rotation.Step(absl::Now() + absl::Seconds(10)); };
  {
    // Ends half-way, as by SIGKILL: what comes after goes on from the table.
    store::CellRotation first(program_->host().engine());
    for (int i = 0; i < 8; ++i) ASSERT_OK(step(first));
  }
  store::CellRotation second(program_->host().engine());
  while (true) {
    const auto more = step(second);
    ASSERT_OK(more);
    if (!*more) break;
  }
  for (std::thread& writer : writers) writer.join();
  const auto checked = Check();
  EXPECT_EQ(checked.row_count(), kBefore + kWriters * kEach);
  EXPECT_EQ(checked.bad_cells_size(), 0);
  ASSERT_EQ(checked.key_uses_size(), 1);
  EXPECT_EQ(checked.key_uses(0).cell_key(), 2);

  // Without the old keys: everything is read and found.
  auto only_new = added;
  program_->vault().Replace(personal::Keyring::Parse(only_new).value());
  EXPECT_EQ(Check().bad_cells_size(), 0);
  for (const int n : {0, 100, kBefore - 1, 1000, 2039, 3039}) {
    EXPECT_THAT(*Find(absl::StrCat("citizen_number = \"", Number(n), "\"")), ElementsAre(absl::StrCat("persons/p", n)));
    EXPECT_EQ(Reveal(n, {"citizen_number"})->values().at("citizen_number"), Number(n));
  }
}

TEST_P(PersonalDataTest, ANumberIsThereOnceWhileReplicasWriteUnderDifferentKeys) {
  const std::map<std::string, std::string> old_active = {{"search-2.key", KeyLine("HMAC-SM3", 'd')},
                                                         {"active", "search-1"}};
  const std::map<std::string, std::string> new_active = {{"search-2.key", KeyLine("HMAC-SM3", 'd')}};
  constexpr int kNumbers = 60, kWriters = 4;
  std::atomic<int> written{0};
  std::atomic<bool> ended{false};
  program_->vault().Replace(TestKeyring(old_active));
  std::thread changing([&] {
    for (bool other = true; !ended; other = !other) {
      program_->vault().Replace(TestKeyring(other ? new_active : old_active));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  store::CellRotation rotation(program_->host().engine(), absl::ZeroDuration());
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int n = 0; n < kNumbers; ++n) {
        CreatePersonRequest request;
        request.mutable_person()->set_village("villages/v1");
        request.mutable_person()->set_display_name("欧阳样例");
        request.mutable_person()->set_citizen_number(Number(n));
        Person unused;
        const absl::Status status =
            program_->Call(absl::StrCat(kService, "CreatePerson"), request, &unused, {absl::StrCat("users/", w)});
        if (status.ok()) {
          ++written;
        } else {
          EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
        }
        if (w == 0) {
          EXPECT_OK(rotation.Step(absl::Now() + absl::Seconds(10)));
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  ended = true;
  changing.join();
  EXPECT_EQ(written, kNumbers);
  EXPECT_EQ(Check().row_count(), kNumbers);
  EXPECT_EQ(Check().bad_cells_size(), 0);
}

TEST_P(PersonalDataTest, RotationReportsANumberThatIsThereTwiceAndGoesOn) {
  for (int n = 1; n <= 3; ++n) ASSERT_OK(Create(n));
  const std::map<std::string, std::string> new_keys = {{"cell-2.key", KeyLine("AES-256-GCM", 'c')},
                                                       {"search-2.key", KeyLine("HMAC-SM3", 'd')}};
  // A replica that knows the new key alone wrote p2's number once more.
  program_->vault().Replace(personal::Keyring::Parse(new_keys).value());
  CreatePersonRequest again;
  again.set_person_id("p9");
  again.mutable_person()->set_village("villages/v1");
  again.mutable_person()->set_display_name("欧阳样例");
  again.mutable_person()->set_citizen_number(Number(2));
  Person unused;
  ASSERT_OK(program_->Call(absl::StrCat(kService, "CreatePerson"), again, &unused));
  program_->vault().Replace(TestKeyring(new_keys));
  store::CellRotation rotation(program_->host().engine());
  std::vector<std::string> duplicates;
  for (int i = 0; i < 100; ++i) {
    const auto more = rotation.Step(absl::Now() + absl::Seconds(10));
    ASSERT_OK(more);
    for (std::string& each : rotation.TakeDuplicates()) duplicates.push_back(std::move(each));
    if (!*more) break;
    ASSERT_LT(i, 99);
  }
  EXPECT_THAT(duplicates, ::testing::Contains("persons/p2"));
  EXPECT_THAT(duplicates, ::testing::Each("persons/p2"));
  const auto checked = Check();
  EXPECT_EQ(checked.bad_cells_size(), 0);
  ASSERT_EQ(checked.key_uses_size(), 1);
  EXPECT_EQ(checked.key_uses(0).cell_key(), 2);
  ASSERT_EQ(checked.search_key_uses_size(), 2);
  EXPECT_EQ(checked.search_key_uses(0).search_key(), 1);
  EXPECT_EQ(checked.search_key_uses(0).hash_count(), 1);
  EXPECT_EQ(checked.search_key_uses(1).hash_count(), 3);
}

TEST_P(PersonalDataTest, WhatALateReplicaWritesUnderTheOldKeyIsBroughtOverToo) {
  const std::map<std::string, std::string> keys = {{"cell-2.key", KeyLine("AES-256-GCM", 'c')},
                                                   {"search-2.key", KeyLine("HMAC-SM3", 'd')}};
  const auto new_keys = TestKeyring(keys);
  ASSERT_OK(Create(1));
  store::CellRotation rotation(program_->host().engine(), absl::ZeroDuration());
  const auto rotate = [&] {
    // Each look through that found nothing is followed by another at once here; a few batches are a whole one.
    for (int i = 0; i < 20; ++i) ASSERT_OK(rotation.Step(absl::Now() + absl::Seconds(10)));
  };
  const auto old_uses = [this] {
    int64_t count = 0;
    const auto checked = Check();
    for (const auto& use : checked.key_uses()) count += use.cell_key() == 1 ? use.cell_count() : 0;
    for (const auto& use : checked.search_key_uses()) count += use.search_key() == 1 ? use.hash_count() : 0;
    return count;
  };
  program_->vault().Replace(new_keys);
  rotate();
  EXPECT_EQ(old_uses(), 0);
  // The replica has not seen the new keys yet.
  program_->vault().Replace(TestKeyring());
  Execute("DELETE FROM search_quota");
  ASSERT_OK(Create(2));
  program_->vault().Replace(new_keys);
  EXPECT_GT(old_uses(), 0);
  rotate();
  EXPECT_EQ(old_uses(), 0);
}

}  // namespace
}  // namespace jiedui::testing
