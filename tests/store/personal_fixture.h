// The fixture of tests of personal data in the store: persons of `assistance`.

#ifndef JIEDUI_TESTS_STORE_PERSONAL_FIXTURE_H_
#define JIEDUI_TESTS_STORE_PERSONAL_FIXTURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/personal/personal_kind.h"
#include "gtest/gtest.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "jiedui/personal/v1/personal.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/assistance/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {

using assistance::v1::CreatePersonRequest;
using assistance::v1::ListPersonsResponse;
using assistance::v1::Person;

inline constexpr char kService[] = "jiedui.assistance.v1.PersonService/";
inline constexpr char kUsed[] = "SELECT CAST(used AS CHAR) FROM search_quota";
inline constexpr char kReveal[] = "jiedui.personal.v1.PersonalDataService/Reveal";
inline const Principal kAuditor{"users/auditor", "", {options::v1::ROLE_AUDITOR}};

inline std::string Number(int n) {
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

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_STORE_PERSONAL_FIXTURE_H_
