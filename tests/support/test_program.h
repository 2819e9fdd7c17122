// A domain program in the test's own process, on a fresh database, called through its method table.

#ifndef JIEDUI_TESTS_SUPPORT_TEST_PROGRAM_H_
#define JIEDUI_TESTS_SUPPORT_TEST_PROGRAM_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/personal/vault.h"
#include "common/service/host.h"
#include "common/sql/database.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "jiedui/village/v1/directory.pb.h"
#include "tests/support/test_database.h"
#include "tests/support/test_keyring.h"

namespace jiedui::testing {

// Knows the names that a test says. The level of a division follows from its code.
class FakeRemoteNames : public store::RemoteNames {
 public:
  void Add(const std::string& name, const std::string& parent = "") {
    village::v1::DirectoryEntry& entry = entries_[name];
    entry.set_name(name);
    entry.set_parent(parent);
    const std::string code = name.substr(name.find('/') + 1);
    const size_t digits = code.find_first_not_of("0123456789") == std::string::npos ? code.size() : 0;
    if (name.rfind("divisions/", 0) != 0) return;
    entry.set_level(digits == 2   ? village::v1::DIVISION_LEVEL_CITY
                    : digits == 6 ? village::v1::DIVISION_LEVEL_DISTRICT
                    : digits == 9 ? village::v1::DIVISION_LEVEL_TOWNSHIP
                                  : village::v1::DIVISION_LEVEL_UNSPECIFIED);
  }
  void Add(const village::v1::DirectoryEntry& entry) { entries_[entry.name()] = entry; }
  // Known only after the next Refresh.
  void AddLater(std::string name) { later_.push_back(std::move(name)); }
  bool Exists(absl::string_view name) const override { return entries_.contains(name); }
  std::optional<village::v1::DirectoryEntry> Find(absl::string_view name) const override {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return std::nullopt;
    return found->second;
  }
  void Refresh(absl::AnyInvocable<void()> done) override {
    for (const std::string& name : later_) Add(name);
    later_.clear();
    done();
  }

 private:
  absl::flat_hash_map<std::string, village::v1::DirectoryEntry> entries_;
  std::vector<std::string> later_;
};

// The message that `text` describes in protobuf's text format.
template <typename T>
T Proto(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class TestProgram {
 public:
  explicit TestProgram(service::Definition definition, DatabaseKind kind = DatabaseKind::kSqlite,
                       const std::vector<int>& open_years = {2017, 2018})
      : fresh_(kind) {
    auto host = service::Host::Create(std::move(definition));
    if (!host.ok()) ADD_FAILURE() << host.status();
    host_ = *std::move(host);
    Open();
    SetYears(open_years);
  }

  // As after a restart of the program.
  void Open() {
    database_ = fresh_.Open();
    if (absl::Status status = host_->Migrate(*database_); !status.ok()) ADD_FAILURE() << status;
    if (absl::Status status = host_->Open(database_.get(), &names_, &vault_); !status.ok()) ADD_FAILURE() << status;
    if (absl::Status status = host_->AddMethods(table_); !status.ok()) ADD_FAILURE() << status;
  }

  void SetYears(const std::vector<int>& open_years, const std::vector<int>& closed_years = {}) {
    std::vector<village::v1::DirectoryYear> years;
    for (const bool open : {true, false}) {
      for (const int year : open ? open_years : closed_years) {
        village::v1::DirectoryYear entry;
        entry.set_year(year);
        entry.set_state(open ? village::v1::YEAR_STATE_OPEN : village::v1::YEAR_STATE_CLOSED);
        years.push_back(entry);
      }
    }
    const absl::Status status = host_->engine().SetYears(years, absl::Now() + absl::Seconds(30));
    if (!status.ok()) ADD_FAILURE() << status;
  }

  // Calls a method as a client would, without the wire.
  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const Principal& principal = {"users/test"}) {
    const server::Method* found = table_.Find(method);
    if (found == nullptr) return absl::UnimplementedError(method);
    RequestContext context;
    context.method = found->name;
    context.principal = principal;
    context.trace_id = std::string(32, '0');
    context.start_time = absl::Now();
    context.deadline = absl::Now() + absl::Seconds(30);
    absl::Status result;
    absl::Notification finished;
    found->unary(context, request, response, [&](absl::Status status) {
      result = std::move(status);
      finished.Notify();
    });
    finished.WaitForNotification();
    return result;
  }

  // Cells that differ from the facts; must be 0.
  int64_t Verify() {
    measure::v1::VerifyMeasuresResponse response;
    const absl::Status status =
        Call("jiedui.measure.v1.MeasureService/VerifyMeasures", measure::v1::VerifyMeasuresRequest(), &response);
    if (!status.ok()) ADD_FAILURE() << status;
    if (response.difference_count() > 0) ADD_FAILURE() << response.ShortDebugString();
    return response.difference_count();
  }

  // The kept value of a measure at a node.
  int64_t Value(int year, const std::string& node, const std::string& measure) {
    int64_t value = 0;
    const absl::Status status = database_->ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      auto row = transaction.Prepare("SELECT value FROM measure_value WHERE year = ? AND node = ? AND measure = ?");
      if (!row.ok()) return row.status();
      (*row)->BindInt(0, year);
      (*row)->BindText(1, node);
      (*row)->BindText(2, measure);
      auto found = (*row)->Step();
      if (!found.ok()) return found.status();
      if (*found) value = (*row)->Int(0);
      return absl::OkStatus();
    });
    if (!status.ok()) ADD_FAILURE() << status;
    return value;
  }

  FakeRemoteNames& names() { return names_; }
  personal::Vault& vault() { return vault_; }
  service::Host& host() { return *host_; }
  sql::Database& database() { return *database_; }
  server::MethodTable& table() { return table_; }

 private:
  TestDatabase fresh_;
  FakeRemoteNames names_;
  personal::Vault vault_{TestKeyring()};
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<service::Host> host_;
  server::MethodTable table_;
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_SUPPORT_TEST_PROGRAM_H_
