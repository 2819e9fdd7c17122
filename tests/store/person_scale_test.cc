// What finding a person and paging through households cost, by what the database does and not by the clock: one read of an index, and
// as many rows as the page has, however many rows there are. JIEDUI_TEST_ROWS (default 10000) is how many; 1000000 takes some minutes.
// Also prints times, which nothing is asserted of.

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/personal/personal_kind.h"
#include "common/store/list_query.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "services/assistance/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTokenKey[] = "0123456789abcdef0123456789abcdef";
constexpr int kPage = 1000;

int RowCount() {
  const char* text = std::getenv("JIEDUI_TEST_ROWS");
  int rows = 10'000;
  if (text != nullptr && !absl::SimpleAtoi(text, &rows)) ADD_FAILURE() << "JIEDUI_TEST_ROWS is no number";
  return rows;
}

std::string Id(int n) { return absl::StrFormat("r%08d", n); }

// Valid, different for each n, of nobody.
std::string Number(int n) {
  const std::string digits = absl::StrCat("120999", absl::FormatCivilTime(absl::CivilDay(1950, 1, 1) + n / 1000),
                                          absl::StrFormat("%03d", n % 1000));
  std::string compact;
  for (const char c : digits) {
    if (c != '-') compact += c;
  }
  return absl::StrCat(compact, std::string(1, personal::CitizenCheckCharacter(compact)));
}

// Remembers what the engine asks.
class Recorder final : public sql::Transaction {
 public:
  explicit Recorder(sql::Transaction& inner) : inner_(inner) {}
  absl::StatusOr<sql::Statement*> Prepare(absl::string_view sql) override {
    asked_.emplace_back(sql);
    return inner_.Prepare(sql);
  }
  sql::Dialect dialect() const override { return inner_.dialect(); }
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  sql::Transaction& inner_;
  std::vector<std::string> asked_;
};

// What a list did: its statements, how SQLite searches for each, what MySQL read.
struct Work {
  std::vector<std::string> asked;
  std::vector<std::string> plans;
  std::map<std::string, int64_t> reads;  // Handler_read_*
  int rows = 0;
  absl::Duration time;
};

class PersonScaleTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<TestProgram>(assistance::NewDefinition(), GetParam());
  }

  const resource::TablePlan& Plan(absl::string_view collection) {
    return *program_->host().registry().FindByCollection(collection);
  }

  // As the engine inserts, without what it checks.
  void Fill(const resource::TablePlan& plan, int rows, const std::function<void(int, Message*)>& make) {
    const auto* name = plan.standard().name;
    for (int begin = 0; begin < rows; begin += kPage) {
      ASSERT_OK(sql::WriteAndWait(program_->database(), {}, [&](sql::Transaction& transaction) -> absl::Status {
        for (int n = begin; n < std::min(rows, begin + kPage); ++n) {
          const std::unique_ptr<Message> message(plan.prototype().New());
          message->GetReflection()->SetString(message.get(), name, plan.NameOf(Id(n)));
          make(n, message.get());
          auto statement = transaction.Prepare(plan.insert_sql());
          if (!statement.ok()) return statement.status();
          resource::TablePlan::BindBuffer buffer;
          plan.BindInsert(*message, {1, 1, 1}, plan.Keyring().get(), **statement, buffer);
          if (const auto done = (*statement)->Execute(); !done.ok()) return done.status();
        }
        return absl::OkStatus();
      }));
    }
  }

  static absl::StatusOr<std::map<std::string, int64_t>> Reads(sql::Transaction& transaction) {
    std::map<std::string, int64_t> reads;
    auto row = transaction.Prepare("SHOW SESSION STATUS LIKE 'Handler_read_%'");
    if (!row.ok()) return row.status();
    while (true) {
      const auto more = (*row)->Step();
      if (!more.ok()) return more.status();
      if (!*more) return reads;
      int64_t value = 0;
      if (!absl::SimpleAtoi((*row)->Text(1), &value)) return absl::InternalError("no number");
      reads[std::string((*row)->Text(0))] = value;
    }
  }

  // Runs the list as the engine does; `token` becomes that of the next page.
  Work List(const resource::TablePlan& plan, const std::string& filter, const std::string& order, int limit,
            std::string* token) {
    Work work;
    EXPECT_OK(program_->database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      work = Work();
      const auto query = store::ParseListQuery(plan, filter, order, *token, kTokenKey);
      if (!query.ok()) return query.status();
      const bool mysql = transaction.dialect() == sql::Dialect::kMysql;
      std::map<std::string, int64_t> idle, before;
      if (mysql) {  // twice: what asking costs by itself
        for (auto* reads : {&idle, &before}) {
          auto now = Reads(transaction);
          if (!now.ok()) return now.status();
          *reads = *std::move(now);
        }
      }
      Recorder recorder(transaction);
      const std::unique_ptr<Message> message(plan.prototype().New());
      resource::RowVersion version;
      const absl::Time start = absl::Now();
      const absl::Status status = store::RunListQuery(plan, *query, limit, recorder, [&](sql::Statement& row) {
        ++work.rows;
        message->Clear();
        return plan.ReadRow(row, message.get(), &version);
      });
      work.time = absl::Now() - start;
      if (!status.ok()) return status;
      work.asked = recorder.asked();
      *token = work.rows == limit ? store::NextPageToken(plan, *query, *message, kTokenKey) : "";
      if (mysql) {
        auto after = Reads(transaction);
        if (!after.ok()) return after.status();
        for (const auto& [name, value] : *after) {
          work.reads[name] = (value - before[name]) - (before[name] - idle[name]);
        }
        return absl::OkStatus();
      }
      for (const std::string& sql : work.asked) {
        auto row = transaction.Prepare(absl::StrCat("EXPLAIN QUERY PLAN ", sql));
        if (!row.ok()) return row.status();
        while (true) {
          const auto more = (*row)->Step();
          if (!more.ok()) return more.status();
          if (!*more) break;
          work.plans.emplace_back((*row)->Text(3));
        }
      }
      return absl::OkStatus();
    }));
    return work;
  }

  // All `rows` rows that meet the filter, page by page.
  void ExpectPagesCostTheSame(const resource::TablePlan& plan, int rows, const std::string& filter,
                              const std::string& order, const char* search) {
    std::string token;
    std::vector<absl::Duration> times;
    int listed = 0;
    do {
      const bool first = token.empty();
      const Work page = List(plan, filter, order, kPage, &token);
      listed += page.rows;
      times.push_back(page.time);
      for (const std::string& each : page.plans) {
        EXPECT_THAT(each, Not(HasSubstr("TEMP B-TREE")));
        EXPECT_THAT(each, HasSubstr(first && filter.empty() ? "" : search));
      }
      int64_t reads = 0;
      for (const auto& [name, count] : page.reads) reads += count;
      EXPECT_LE(reads, page.rows + 2 * static_cast<int64_t>(page.asked.size())) << "page " << times.size();
      ASSERT_FALSE(HasFailure()) << "page " << times.size() << " of " << order;
    } while (!token.empty());
    EXPECT_EQ(listed, rows);
    const auto median = [&times](size_t begin, size_t end) {
      std::vector<absl::Duration> part(times.begin() + static_cast<int64_t>(begin),
                                       times.begin() + static_cast<int64_t>(end));
      std::sort(part.begin(), part.end());
      return part[part.size() / 2];
    };
    const size_t part = std::max<size_t>(1, times.size() / 10);
    std::cout << DatabaseName({GetParam(), 0}) << ": " << times.size() << " pages of " << kPage << " of " << rows
              << " rows by " << (order.empty() ? "name" : order) << ": " << median(0, part)
              << " for the first of them, " << median(times.size() - part, times.size()) << " for the last\n";
  }

  std::unique_ptr<TestProgram> program_;
};

TEST_P(PersonScaleTest, APersonIsFoundByOneIndexRead) {
  const int rows = RowCount();
  const resource::TablePlan& plan = Plan("persons");
  Fill(plan, rows, [](int n, Message* message) {
    auto* person = static_cast<assistance::v1::Person*>(message);
    person->set_village("villages/v1");
    person->set_display_name("欧阳样例");
    person->set_citizen_number(Number(n));
    person->set_phone("13800001234");
  });
  std::vector<absl::Duration> times;
  for (int i = 0; i < 100; ++i) {
    std::string token;
    const int n = static_cast<int>(static_cast<int64_t>(i) * 7919 % rows);
    const Work found = List(plan, absl::StrCat("citizen_number = \"", Number(n), "\""), "", kPage, &token);
    EXPECT_EQ(found.rows, 1);
    EXPECT_EQ(found.asked.size(), 1);
    for (const std::string& each : found.plans) {
      EXPECT_THAT(each, HasSubstr("USING INDEX person_by_citizen_number (citizen_number_hash=?)"));
    }
    for (const auto& [name, count] : found.reads) EXPECT_EQ(count, name == "Handler_read_key" ? 1 : 0) << name;
    times.push_back(found.time);
    ASSERT_FALSE(HasFailure()) << n;
  }
  std::string token;
  EXPECT_EQ(List(plan, absl::StrCat("citizen_number = \"", Number(rows), "\""), "", kPage, &token).rows, 0);
  std::sort(times.begin(), times.end());
  std::cout << DatabaseName({GetParam(), 0}) << ": one of " << rows << " persons by number: " << times[times.size() / 2]
            << "\n";
}

TEST_P(PersonScaleTest, APageOfHouseholdsCostsTheSameWhereverItIs) {
  const int rows = RowCount();
  const resource::TablePlan& plan = Plan("needyHouseholds");
  Fill(plan, rows, [](int n, Message* message) {
    auto* household = static_cast<assistance::v1::NeedyHousehold*>(message);
    household->set_village(absl::StrCat("villages/v", n % 1041));
    household->set_display_name("欧阳样例");
    household->set_kind(assistance::v1::HOUSEHOLD_KIND_LOW_INCOME);
    household->set_member_count(1 + n % 5);
    household->set_found_date("2018-01-01");
    // One of a hundred is still to be re-checked in 2018, far from each other.
    household->set_state(assistance::v1::HOUSEHOLD_STATE_FILED);
    household->set_recheck_due_year(n % 100 == 0 ? 2017 + n % 200 / 100 : 2019);
  });
  ExpectPagesCostTheSame(plan, rows, "", "", "PRIMARY KEY (id>?)");
  ExpectPagesCostTheSame(plan, rows / 100, "recheck_due_year > 0 AND recheck_due_year <= 2018", "recheck_due_year",
                         "needy_household_on_recheck_due_year");
}

INSTANTIATE_TEST_SUITE_P(Databases, PersonScaleTest, BothDatabases(), DatabaseName);

}  // namespace
}  // namespace jiedui::testing
