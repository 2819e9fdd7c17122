// Personal data as the store keeps it: encrypted, bound to its place, found by its hash, brought to another key while it is written.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/personal/personal_kind.h"
#include "common/store/cell_rotation.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/personal/v1/personal.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/assistance/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {
namespace {

using assistance::v1::CreatePersonRequest;
using assistance::v1::ListPersonsResponse;
using assistance::v1::Person;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kService[] = "jiedui.assistance.v1.PersonService/";
constexpr char kReveal[] = "jiedui.personal.v1.PersonalDataService/Reveal";
const Principal kAuditor{"users/auditor", "", {options::v1::ROLE_AUDITOR}};

std::string Number(int n) {
  const std::string digits = absl::StrFormat("120999%d0501%03d", 1950 + n / 1000, n % 1000);
  return absl::StrCat(digits, std::string(1, personal::CitizenCheckCharacter(digits)));
}

class PersonalDataTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<TestProgram>(assistance::NewDefinition(), GetParam());
    program_->names().Add("villages/v1");
  }

  absl::StatusOr<Person> Create(int n, const std::string& request_id = "") {
    CreatePersonRequest request;
    request.set_person_id(absl::StrCat("p", n));
    request.set_request_id(request_id);
    Person* person = request.mutable_person();
    person->set_village("villages/v1");
    person->set_display_name("欧阳样例");
    person->set_citizen_number(Number(n));
    person->set_phone("138-0000-1234");
    Person created;
    const absl::Status status = program_->Call(absl::StrCat(kService, "CreatePerson"), request, &created);
    if (!status.ok()) return status;
    return created;
  }

  absl::StatusOr<Person> Get(int n) {
    resource::v1::GetRequest request;
    request.set_name(absl::StrCat("persons/p", n));
    Person person;
    const absl::Status status = program_->Call(absl::StrCat(kService, "GetPerson"), request, &person);
    if (!status.ok()) return status;
    return person;
  }

  absl::StatusOr<std::vector<std::string>> Find(const std::string& filter) {
    resource::v1::ListRequest request;
    request.set_filter(filter);
    ListPersonsResponse response;
    const absl::Status status = program_->Call(absl::StrCat(kService, "ListPersons"), request, &response);
    if (!status.ok()) return status;
    std::vector<std::string> names;
    for (const Person& person : response.persons()) names.push_back(person.name());
    return names;
  }

  absl::StatusOr<personal::v1::RevealResponse> Reveal(int n, const std::vector<std::string>& fields,
                                                      const Principal& principal = kAuditor) {
    personal::v1::RevealRequest request;
    request.set_name(absl::StrCat("persons/p", n));
    for (const std::string& field : fields) request.add_fields(field);
    request.set_purpose("核对发放名单");
    personal::v1::RevealResponse response;
    const absl::Status status = program_->Call(kReveal, request, &response, principal);
    if (!status.ok()) return status;
    return response;
  }

  personal::v1::CheckCellsResponse Check() {
    personal::v1::CheckCellsRequest request;
    request.set_collection("persons");
    request.set_page_size(10'000);
    personal::v1::CheckCellsResponse response;
    EXPECT_OK(program_->Call("jiedui.personal.v1.PersonalDataService/CheckCells", request, &response));
    return response;
  }

  void Execute(const std::string& sql) {
    EXPECT_OK(sql::WriteAndWait(program_->database(), {}, [&](sql::Transaction& transaction) -> absl::Status {
      auto statement = transaction.Prepare(sql);
      if (!statement.ok()) return statement.status();
      return (*statement)->Execute().status();
    }));
  }

  std::vector<std::string> Texts(const std::string& sql) {
    std::vector<std::string> texts;
    EXPECT_OK(program_->database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      texts.clear();
      auto row = transaction.Prepare(sql);
      if (!row.ok()) return row.status();
      while (true) {
        auto more = (*row)->Step();
        if (!more.ok()) return more.status();
        if (!*more) return absl::OkStatus();
        texts.emplace_back((*row)->Text(0));
      }
    }));
    return texts;
  }

  std::unique_ptr<TestProgram> program_;
};

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
          status = program_->Call(absl::StrCat(kService, "CreatePerson"), request, &unused);
        } else {
          const int own = 1000 + w * 100 + n;
          EXPECT_OK(Create(own));
          assistance::v1::UpdatePersonRequest update;
          update.mutable_person()->set_name(absl::StrCat("persons/p", own));
          update.mutable_person()->set_citizen_number(number);
          status = program_->Call(absl::StrCat(kService, "UpdatePerson"), update, &unused);
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

INSTANTIATE_TEST_SUITE_P(Databases, PersonalDataTest, BothDatabases(), DatabaseName);

}  // namespace
}  // namespace jiedui::testing
