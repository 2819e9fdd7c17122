// Ten thousand random writes from many threads at once, while years are opened and closed: afterwards every kept figure equals
// the facts.

#include <atomic>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/assistance/definition.h"
#include "services/industry/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui {
namespace {

using testing::BothDatabases;
using testing::DatabaseKind;
using testing::DatabaseName;
using testing::TestProgram;

constexpr int kThreads = 16;
constexpr int kWrites = 10'000;
constexpr int kVillages = 40;
constexpr int kMaxKept = 400;

// One thread's dice and its calls.
class Writer {
 public:
  Writer(TestProgram& program, uint32_t seed) : program_(program), generator_(seed) {}

  int Below(int limit) { return static_cast<int>(generator_() % static_cast<uint32_t>(limit)); }
  std::string Village() { return absl::StrCat("villages/v", Below(kVillages)); }
  std::string Date(int from_year, int years) {
    return absl::StrCat(from_year + Below(years), "-0", 1 + Below(9), "-1", Below(10));
  }

  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response) {
    return program_.Call(method, request, response);
  }
  absl::Status Delete(const std::string& method, const std::string& name) {
    resource::v1::DeleteRequest request;
    request.set_name(name);
    google::protobuf::Empty empty;
    return Call(method, request, &empty);
  }

 private:
  TestProgram& program_;
  std::mt19937 generator_;
};

// Names that threads share, so that they meet.
class Names {
 public:
  void Add(const std::string& name) {
    absl::MutexLock lock(&mutex_);
    names_.push_back(name);
  }
  std::string Any(Writer& writer) {
    absl::MutexLock lock(&mutex_);
    return names_.empty() ? "" : names_[writer.Below(static_cast<int>(names_.size()))];
  }
  // Forgets what it answers.
  std::string Take(Writer& writer) {
    absl::MutexLock lock(&mutex_);
    if (names_.empty()) return "";
    std::swap(names_[writer.Below(static_cast<int>(names_.size()))], names_.back());
    std::string name = std::move(names_.back());
    names_.pop_back();
    return name;
  }
  bool full() {
    absl::MutexLock lock(&mutex_);
    return names_.size() >= kMaxKept;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

// What a random write may run into by the rules; anything else is a fault of the engine.
bool IsRefusal(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status) ||
         absl::IsInvalidArgument(status);
}

using WriteOnce = std::function<absl::Status(Writer& writer)>;

class RandomWritesTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override { JIEDUI_REQUIRE_DATABASE(GetParam()); }

  void Start(service::Definition definition) {
    program_ = std::make_unique<TestProgram>(std::move(definition), GetParam());
    for (int i = 0; i < kVillages; ++i) program_->names().Add(absl::StrCat("villages/v", i));
  }

  void Run(const WriteOnce& write) {
    std::atomic<int> written{0};
    std::atomic<int> refused{0};
    std::atomic<bool> failed{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        Writer writer(*program_, static_cast<uint32_t>(t + 1));
        while (written < kWrites && !failed) {
          const absl::Status status = write(writer);
          if (status.ok()) {
            ChangeYearsAfter(++written);
          } else if (IsRefusal(status)) {
            ++refused;
          } else {
            failed = true;
            ADD_FAILURE() << status;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(program_->Verify(), 0);
    const sql::DatabaseStats stats = program_->database().stats();
    RecordProperty("refused", refused);
    RecordProperty("retries", static_cast<int>(stats.retries));
    EXPECT_EQ(stats.unknown_outcomes, 0);
    // Open all again: what was frozen or dropped comes back from the facts.
    program_->SetYears({2017, 2018, 2019});
    EXPECT_EQ(program_->Verify(), 0);
  }

  // By the thread whose write it is, while the others go on.
  void ChangeYearsAfter(int written) {
    if (written == kWrites / 5) program_->SetYears({2017, 2018, 2019});
    if (written == kWrites * 2 / 5) program_->SetYears({2018, 2019}, {2017});
    if (written == kWrites * 3 / 5) program_->SetYears({2017, 2018, 2019});
    if (written == kWrites * 4 / 5) program_->SetYears({2018}, {2017});
  }

  std::unique_ptr<TestProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, RandomWritesTest, BothDatabases(), DatabaseName);

TEST_P(RandomWritesTest, HouseholdsAndTheirPairings) {
  const std::string service = "jiedui.assistance.v1.HouseholdService/";
  Start(assistance::NewDefinition());
  Names households, pairings;

  const auto create_household = [&](Writer& writer) -> absl::Status {
    if (households.full()) return absl::NotFoundError("");
    assistance::v1::CreateNeedyHouseholdRequest request;
    auto* household = request.mutable_needy_household();
    household->set_village(writer.Village());
    household->set_display_name("样例");
    household->set_kind(static_cast<assistance::v1::HouseholdKind>(1 + writer.Below(2)));
    household->set_member_count(1 + writer.Below(6));
    household->set_found_date(writer.Date(2016, 3));
    assistance::v1::NeedyHousehold created;
    const absl::Status status = writer.Call(service + "CreateNeedyHousehold", request, &created);
    if (status.ok()) households.Add(created.name());
    return status;
  };
  const auto change_household = [&](Writer& writer) {
    assistance::v1::UpdateNeedyHouseholdRequest request;
    auto* household = request.mutable_needy_household();
    household->set_name(households.Any(writer));
    if (writer.Below(2) == 0) {
      household->set_village(writer.Village());
      request.mutable_update_mask()->add_paths("village");
    }
    household->set_member_count(1 + writer.Below(9));
    request.mutable_update_mask()->add_paths("member_count");
    return writer.Call(service + "UpdateNeedyHousehold", request, household);
  };
  // In and out of the stock.
  const auto reject_or_reopen = [&](Writer& writer) {
    resource::v1::TransitionRequest request;
    request.set_name(households.Any(writer));
    request.set_date(writer.Date(2018, 3));
    request.set_reason("样例");
    assistance::v1::NeedyHousehold changed;
    return writer.Call(service + (writer.Below(2) == 0 ? "RejectNeedyHousehold" : "ReopenNeedyHousehold"), request,
                       &changed);
  };
  const auto create_pairing = [&](Writer& writer) -> absl::Status {
    if (pairings.full()) return absl::NotFoundError("");
    assistance::v1::CreateHelperPairingRequest request;
    auto* pairing = request.mutable_helper_pairing();
    pairing->set_household(households.Any(writer));
    pairing->set_helper_name("样例");
    pairing->set_helper(absl::StrCat("partyMembers/m", writer.Below(1000)));
    pairing->set_helper_kind(assistance::v1::HELPER_KIND_PARTY_MEMBER);
    pairing->set_start_date(writer.Date(2017, 2));
    assistance::v1::HelperPairing created;
    const absl::Status status = writer.Call(service + "CreateHelperPairing", request, &created);
    if (status.ok()) pairings.Add(created.name());
    return status;
  };
  const auto end_pairing = [&](Writer& writer) {
    assistance::v1::UpdateHelperPairingRequest request;
    request.mutable_helper_pairing()->set_name(pairings.Any(writer));
    request.mutable_helper_pairing()->set_end_date(writer.Below(2) == 0 ? "" : writer.Date(2019, 2));
    request.mutable_update_mask()->add_paths("end_date");
    assistance::v1::HelperPairing changed;
    return writer.Call(service + "UpdateHelperPairing", request, &changed);
  };
  Run([&](Writer& writer) -> absl::Status {
    switch (writer.Below(10)) {
      case 0:
      case 1:
        return create_household(writer);
      case 2:
      case 3:
        return change_household(writer);
      case 4:
        return reject_or_reopen(writer);
      case 5:
      case 6:
        return create_pairing(writer);
      case 7:
        return end_pairing(writer);
      case 8:
        return writer.Delete(service + "DeleteHelperPairing", pairings.Take(writer));
      default: {
        const std::string name = households.Take(writer);
        const absl::Status status = writer.Delete(service + "DeleteNeedyHousehold", name);
        if (absl::IsFailedPrecondition(status)) households.Add(name);
        return status;
      }
    }
  });
}

TEST_P(RandomWritesTest, IncomesAndProjectsOfYearsThatOpenAndClose) {
  const std::string incomes_service = "jiedui.industry.v1.IncomeService/";
  const std::string projects_service = "jiedui.industry.v1.ProjectService/";
  Start(industry::NewDefinition());
  Names incomes, projects;

  const auto create_income = [&](Writer& writer) {
    industry::v1::CreateCollectiveIncomeRequest request;
    request.mutable_collective_income()->set_village(writer.Village());
    request.mutable_collective_income()->set_year(2017 + writer.Below(3));
    request.mutable_collective_income()->set_operating_income_fen(writer.Below(4) * 10'000'000);
    industry::v1::CollectiveIncome created;
    const absl::Status status = writer.Call(incomes_service + "CreateCollectiveIncome", request, &created);
    if (status.ok()) incomes.Add(created.name());
    return status;
  };
  const auto change_income = [&](Writer& writer) {
    industry::v1::UpdateCollectiveIncomeRequest request;
    request.mutable_collective_income()->set_name(incomes.Any(writer));
    request.mutable_collective_income()->set_operating_income_fen(writer.Below(5) * 10'000'000 + writer.Below(2));
    request.mutable_update_mask()->add_paths("operating_income_fen");
    industry::v1::CollectiveIncome changed;
    return writer.Call(incomes_service + "UpdateCollectiveIncome", request, &changed);
  };
  const auto create_project = [&](Writer& writer) -> absl::Status {
    if (projects.full()) return absl::NotFoundError("");
    industry::v1::CreateIndustryProjectRequest request;
    auto* project = request.mutable_industry_project();
    project->set_display_name("样例");
    project->set_programme_year(2017 + writer.Below(3));
    project->set_kind(industry::v1::PROJECT_KIND_AGRICULTURE);
    project->set_mode(industry::v1::PROJECT_MODE_VILLAGE);
    project->set_site(writer.Village());
    project->set_planned_date("2016-01-01");
    if (writer.Below(3) > 0) project->set_approved_date(writer.Date(2017, 1));
    if (!project->approved_date().empty() && writer.Below(2) == 0) {
      project->set_started_date(writer.Date(2018, 1));
      project->set_start_evidence("样例开工令");
    }
    industry::v1::IndustryProject created;
    const absl::Status status = writer.Call(projects_service + "CreateIndustryProject", request, &created);
    if (status.ok()) projects.Add(created.name());
    return status;
  };
  const auto move_project = [&](Writer& writer) {
    industry::v1::UpdateIndustryProjectRequest request;
    auto* project = request.mutable_industry_project();
    project->set_name(projects.Any(writer));
    project->set_site(writer.Village());
    request.mutable_update_mask()->add_paths("site");
    if (writer.Below(3) == 0) {
      project->set_programme_year(2017 + writer.Below(3));
      request.mutable_update_mask()->add_paths("programme_year");
    }
    return writer.Call(projects_service + "UpdateIndustryProject", request, project);
  };
  Run([&](Writer& writer) -> absl::Status {
    switch (writer.Below(10)) {
      case 0:
      case 1:
        return create_income(writer);
      case 2:
      case 3:
        return change_income(writer);
      case 4:
        return writer.Delete(incomes_service + "DeleteCollectiveIncome", incomes.Take(writer));
      case 5:
      case 6:
        return create_project(writer);
      case 7:
      case 8:
        return move_project(writer);
      default:
        return writer.Delete(projects_service + "DeleteIndustryProject", projects.Take(writer));
    }
  });
}

}  // namespace
}  // namespace jiedui
