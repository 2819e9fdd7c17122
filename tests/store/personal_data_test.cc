// Personal data as the store keeps it: encrypted, bound to its place, found by its hash; and what a caller can find out of it.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "tests/store/personal_fixture.h"

namespace jiedui::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_P(PersonalDataTest, IsMaskedInAnswersAndUnreadableInTheDatabase) {
  const auto created = Create(1, "request-1");
  ASSERT_OK(created);
  EXPECT_EQ(created->display_name(), "欧**");
  EXPECT_EQ(created->citizen_number(), "12****************");
  EXPECT_EQ(created->phone(), "138****1234");
  EXPECT_EQ(created->bank_account(), "");
  EXPECT_EQ(Get(1)->ShortDebugString(), created->ShortDebugString());
  EXPECT_EQ(Create(1, "request-1")->ShortDebugString(), created->ShortDebugString());

  assistance::v1::UpdatePersonRequest update;
  *update.mutable_person() = *created;
  update.mutable_person()->set_source("再次核对");
  Person updated;
  ASSERT_OK(program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &updated));
  EXPECT_EQ(Reveal(1, {"citizen_number", "phone"})->values().at("citizen_number"), Number(1));
  EXPECT_EQ(Reveal(1, {"phone"})->values().at("phone"), "13800001234");
  update.mutable_person()->set_phone("139****1234");
  update.mutable_person()->clear_etag();
  EXPECT_THAT(program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &updated),
              StatusIs(absl::StatusCode::kInvalidArgument));

  for (const char* sql : {"SELECT display_name FROM person", "SELECT citizen_number FROM person",
                          "SELECT citizen_number_hash FROM person", "SELECT phone FROM person",
                          "SELECT before_image FROM audit_entry WHERE before_image IS NOT NULL",
                          "SELECT response FROM request_log", "SELECT detail FROM audit_entry"}) {
    const std::vector<std::string> texts = Texts(sql);
    EXPECT_FALSE(texts.empty()) << sql;
    for (const std::string& text : texts) {
      for (const std::string& secret :
           {Number(1), std::string("欧阳"), std::string("13800001234"), std::string("138-0000")}) {
        EXPECT_THAT(text, Not(HasSubstr(secret))) << sql;
      }
    }
  }
}

TEST_P(PersonalDataTest, IsFoundByItsWholeValueAndUnique) {
  for (int n = 1; n <= 3; ++n) ASSERT_OK(Create(n));
  EXPECT_THAT(*Find(absl::StrCat("citizen_number = \"", Number(2), "\"")), ElementsAre("persons/p2"));
  EXPECT_THAT(*Find(absl::StrCat("citizen_number != \"", Number(2), "\"")), ElementsAre("persons/p1", "persons/p3"));
  EXPECT_THAT(Find("citizen_number : \"1209\""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Find("display_name = \"欧阳样例\""), StatusIs(absl::StatusCode::kInvalidArgument));

  CreatePersonRequest again;
  again.mutable_person()->set_village("villages/v1");
  again.mutable_person()->set_display_name("另一人");
  again.mutable_person()->set_citizen_number(absl::StrCat(" ", Number(2), " "));
  Person unused;
  const absl::Status status = program_->Call(absl::StrCat(kService, "CreatePerson"), again, &unused);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(status.ToString(), Not(HasSubstr(Number(2))));

  // The same while hashes of the key before are still there.
  program_->vault().Replace(TestKeyring({{"search-2.key", KeyLine("HMAC-SM3", 'd')}}));
  EXPECT_THAT(program_->Call(absl::StrCat(kService, "CreatePerson"), again, &unused),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(*Find(absl::StrCat("citizen_number = \"", Number(2), "\"")), ElementsAre("persons/p2"));
}

TEST_P(PersonalDataTest, ANumberIsThereOnceHoweverManyWriteItAtOnce) {
  constexpr int kNumbers = 20, kWriters = 6;
  std::atomic<int> written{0};
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int n = 0; n < kNumbers; ++n) {
        // Half of them change a person's number to it instead.
        const std::string number = absl::StrCat(w % 3 == 0 ? " " : "", absl::AsciiStrToLower(Number(n)));
        Person unused;
        absl::Status status;
        if (w % 2 == 0) {
          CreatePersonRequest request;
          request.mutable_person()->set_village("villages/v1");
          request.mutable_person()->set_display_name("欧阳样例");
          request.mutable_person()->set_citizen_number(number);
          status =
              program_->Call(absl::StrCat(kService, "CreatePerson"), request, &unused, {absl::StrCat("users/", w)});
        } else {
          const int own = 1000 + w * 100 + n;
          EXPECT_OK(Create(own));
          assistance::v1::UpdatePersonRequest update;
          update.mutable_person()->set_name(absl::StrCat("persons/p", own));
          update.mutable_person()->set_citizen_number(number);
          status = program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &unused, {absl::StrCat("users/", w)});
        }
        if (status.ok()) {
          ++written;
        } else {
          EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists));
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(written, kNumbers);
  for (int n = 0; n < kNumbers; ++n) {
    EXPECT_EQ(Find(absl::StrCat("citizen_number = \"", Number(n), "\""))->size(), 1) << n;
  }
  EXPECT_EQ(Check().bad_cells_size(), 0);
}

TEST_P(PersonalDataTest, AFindByNumberIsOneIndexRead) {
  ASSERT_OK(Create(1));
  const std::string select =
      absl::StrCat("SELECT id FROM person WHERE citizen_number_hash IN ('", std::string(64, '0'), "')");
  if (GetParam() == DatabaseKind::kSqlite) {
    EXPECT_OK(program_->database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      auto row = transaction.Prepare(absl::StrCat("EXPLAIN QUERY PLAN ", select));
      if (!row.ok()) return row.status();
      EXPECT_TRUE(*(*row)->Step());
      EXPECT_THAT(std::string((*row)->Text(3)), HasSubstr("INDEX person_by_citizen_number (citizen_number_hash=?)"));
      return absl::OkStatus();
    }));
    return;
  }
  for (const std::string& plan : Texts(absl::StrCat("EXPLAIN FORMAT=JSON ", select))) {
    EXPECT_THAT(plan, ::testing::AnyOf(HasSubstr("person_by_citizen_number"), HasSubstr("Impossible WHERE")));
  }
}

TEST_P(PersonalDataTest, CellsThatWereSwappedCutOrFlippedAreRefusedAndReported) {
  for (int n = 1; n <= 6; ++n) ASSERT_OK(Create(n));
  EXPECT_EQ(Check().bad_cells_size(), 0);
  Execute("UPDATE person SET phone = display_name WHERE id = 'p2'");
  Execute("UPDATE person SET citizen_number = SUBSTR(citizen_number, 1, 30) WHERE id = 'p3'");
  Execute("UPDATE person SET phone = '' WHERE id = 'p4'");
  const std::string other = absl::BytesToHexString(Texts("SELECT citizen_number FROM person WHERE id = 'p6'")[0]);
  Execute(absl::StrCat("UPDATE person SET citizen_number = X'", other, "' WHERE id = 'p5'"));
  Execute(absl::StrCat("UPDATE person SET citizen_number_hash = '", std::string(64, '0'), "' WHERE id = 'p6'"));
  EXPECT_OK(Get(1));
  for (int n = 2; n <= 5; ++n) {
    const absl::Status status = Get(n).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("persons/p", n)));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("欧阳")));
  }
  EXPECT_THAT(Find(""), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_GT(program_->vault().damaged_count(), 4);
  std::vector<std::string> bad;
  const personal::v1::CheckCellsResponse checked = Check();
  for (const auto& each : checked.bad_cells())
    bad.push_back(absl::StrCat(each.resource(), ".", each.field(), " ", each.problem()));
  EXPECT_THAT(bad, ElementsAre("persons/p2.phone 1", "persons/p3.citizen_number 1", "persons/p4.phone 1",
                               "persons/p5.citizen_number 1", "persons/p6.citizen_number 2"));
}

TEST_P(PersonalDataTest, RevealNeedsARightAPurposeAndAQuota) {
  ASSERT_OK(Create(1));
  EXPECT_THAT(Reveal(1, {"phone"}, {"users/test"}), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Reveal(1, {"phone"}, {"anonymous", "", {options::v1::ROLE_AUDITOR}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Reveal(1, {"phone"}, {"users/e", "", {options::v1::ROLE_EDITOR}}),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Reveal(1, {"village"}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Reveal(1, {}), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Reveal(9, {"phone"}), StatusIs(absl::StatusCode::kNotFound));
  int64_t left = Reveal(1, {"phone"})->remaining_count();
  EXPECT_GT(left, 0);

  std::atomic<int> shown{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 40; ++i) shown += Reveal(1, {"phone"}).ok() ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(shown, left);
  EXPECT_THAT(Reveal(1, {"phone"}), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(Reveal(1, {"phone"}, {"users/other", "", {options::v1::ROLE_ADMINISTRATOR}}));

  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("persons/p1");
  audit::v1::ListAuditEntriesResponse history;
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &history));
  EXPECT_EQ(history.audit_entries(0).action(), audit::v1::AUDIT_ACTION_REVEAL);
  EXPECT_EQ(history.audit_entries(0).principal(), "users/other");
  EXPECT_EQ(history.audit_entries(0).detail(), "phone: 核对发放名单");
}

// --- What a caller may find out without being shown anything.

TEST_P(PersonalDataTest, AnUpdateDoesNotTellWhetherAValueWasGuessed) {
  const auto created = Create(1);
  ASSERT_OK(created);
  // The phone is 13800001234, the name 欧阳样例, both of which their masks leave open.
  for (const bool validate_only : {true, false}) {
    for (const char* field : {"phone", "display_name", "citizen_number"}) {
      std::string shown[2];
      for (const bool hit : {true, false}) {
        Execute("DELETE FROM search_quota");
        const std::string before = Get(1)->etag();
        assistance::v1::UpdatePersonRequest update;
        update.set_validate_only(validate_only);
        Person* person = update.mutable_person();
        person->set_name("persons/p1");
        person->set_phone(hit ? "138 0000 1234" : "13855551234");
        person->set_display_name(hit ? "欧阳 样例" : "欧阳春");
        person->set_citizen_number(Number(hit ? 1 : 2));
        update.mutable_update_mask()->add_paths(field);
        Person updated;
        ASSERT_OK(program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &updated));
        EXPECT_NE(updated.etag(), before) << field << hit;
        EXPECT_EQ(Get(1)->etag() == before, validate_only);
        updated.clear_etag();
        updated.clear_update_time();
        shown[hit ? 1 : 0] = updated.ShortDebugString();
        const bool counted = field == std::string("citizen_number");
        EXPECT_EQ(Texts(kUsed), counted ? std::vector<std::string>{"1"} : std::vector<std::string>());
      }
      EXPECT_EQ(shown[0], shown[1]);
      // Back again, for the next one.
      assistance::v1::UpdatePersonRequest restore;
      restore.mutable_person()->set_name("persons/p1");
      restore.mutable_person()->set_phone("13800001234");
      restore.mutable_person()->set_display_name("欧阳样例");
      restore.mutable_person()->set_citizen_number(Number(1));
      Person unused;
      ASSERT_OK(program_->Call(absl::StrCat(kService, "UpdatePerson"), restore, &unused));
    }
  }
}

TEST_P(PersonalDataTest, ComparisonsAreInTheHistoryAndCounted) {
  for (int n = 1; n <= 2; ++n) ASSERT_OK(Create(n));
  const auto filter = [](int n) { return absl::StrCat("citizen_number = \"", Number(n), "\""); };
  EXPECT_THAT(Find(absl::StrCat(filter(1), " OR ", filter(2))), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Find(absl::StrCat(filter(1), " AND NOT (", filter(2), ")")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  // What compares with nobody's value is free.
  EXPECT_OK(Find("citizen_number:*"));
  EXPECT_OK(Find("village = \"villages/v1\""));
  EXPECT_THAT(*Find(filter(2)), ElementsAre("persons/p2"));
  const auto check = [this](int n) {
    CreatePersonRequest request;
    request.set_validate_only(true);
    request.mutable_person()->set_village("villages/v1");
    request.mutable_person()->set_display_name("另一人");
    request.mutable_person()->set_citizen_number(Number(n));
    Person unused;
    return program_->Call(absl::StrCat(kService, "CreatePerson"), request, &unused);
  };
  EXPECT_OK(check(9));
  EXPECT_THAT(check(1), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Create(1), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Texts(kUsed), ElementsAre("4"));

  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("persons");
  audit::v1::ListAuditEntriesResponse history;
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &history));
  std::vector<std::string> entries;
  for (const auto& each : history.audit_entries()) {
    EXPECT_EQ(each.action(), audit::v1::AUDIT_ACTION_SEARCH);
    EXPECT_EQ(each.principal(), "users/test");
    entries.push_back(each.detail());
  }
  EXPECT_THAT(entries, ElementsAre("compared 1, taken 1", "compared 1, taken 1", "compared 1, taken 0", "filter: 1"));

  // Once they are used up, nothing that compares is answered, whether it would find something or not; other callers and writes go on.
  Execute("UPDATE search_quota SET used = 199");
  EXPECT_OK(Find(filter(1)));
  for (const int n : {1, 9}) {
    EXPECT_THAT(Find(filter(n)), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(check(n), StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(Create(n), StatusIs(absl::StatusCode::kResourceExhausted));
  }
  assistance::v1::UpdatePersonRequest update;
  update.mutable_person()->set_name("persons/p1");
  update.mutable_person()->set_phone("13900001111");
  Person updated;
  EXPECT_OK(program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &updated));
  ListPersonsResponse found;
  resource::v1::ListRequest list;
  list.set_filter(filter(1));
  EXPECT_OK(program_->Call(absl::StrCat(kService, "ListPersons"), list, &found, {"users/other"}));
}

TEST_P(PersonalDataTest, AChangeOfANumberIsAComparisonWhetherItIsTakenOrNot) {
  for (int n = 1; n <= 2; ++n) ASSERT_OK(Create(n));
  const auto change = [this](int n, const std::string& request_id = "") {
    assistance::v1::UpdatePersonRequest request;
    request.set_request_id(request_id);
    request.mutable_person()->set_name("persons/p1");
    request.mutable_person()->set_citizen_number(Number(n));
    Person unused;
    return program_->Call(absl::StrCat(kService, "UpdatePerson"), request, &unused);
  };
  EXPECT_THAT(Texts(kUsed), ElementsAre()) << "a record for each value tried";
  for (int attempt = 0; attempt < 2; ++attempt) ASSERT_OK(change(3, "once"));
  EXPECT_THAT(Texts(kUsed), ElementsAre("1")) << "carried out once";
  EXPECT_THAT(change(2), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_OK(change(4));
  EXPECT_THAT(Texts(kUsed), ElementsAre("3"));
  EXPECT_THAT(Texts("SELECT detail FROM audit_entry WHERE resource = 'persons' ORDER BY transaction_id"),
              ElementsAre("compared 1, taken 0", "compared 1, taken 1", "compared 1, taken 0"));
  Execute("UPDATE search_quota SET used = 200");
  for (const int n : {2, 5}) EXPECT_THAT(change(n), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(Reveal(1, {"citizen_number"})->values().at("citizen_number"), Number(4));
}

TEST_P(PersonalDataTest, LooksThatAreRefusedAreInTheHistory) {
  ASSERT_OK(Create(1));
  EXPECT_FALSE(Reveal(1, {"phone", "bank_account"}, {"users/curious", "", {options::v1::ROLE_EDITOR}}).ok());
  EXPECT_FALSE(Reveal(1, {"village"}).ok());
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource("persons/p1");
  audit::v1::ListAuditEntriesResponse history;
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &history));
  ASSERT_EQ(history.audit_entries_size(), 3);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(history.audit_entries(i).action(), audit::v1::AUDIT_ACTION_REVEAL_REFUSED);
  EXPECT_EQ(history.audit_entries(0).detail(), "UNKNOWN_FIELD");
  EXPECT_EQ(history.audit_entries(1).detail(), "PERMISSION phone bank_account");
  EXPECT_EQ(history.audit_entries(1).principal(), "users/curious");
}

INSTANTIATE_TEST_SUITE_P(Databases, PersonalDataTest, BothDatabases(), DatabaseName);

}  // namespace
}  // namespace jiedui::testing
