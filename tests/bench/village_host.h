// The village program without its doors, on a database of its own, with a district and a township.

#ifndef JIEDUI_TESTS_BENCH_VILLAGE_HOST_H_
#define JIEDUI_TESTS_BENCH_VILLAGE_HOST_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/service/host.h"
#include "common/sql/database.h"
#include "jiedui/village/v1/division.pb.h"
#include "tests/bench/recorded_create.h"
#include "tests/support/test_keyring.h"

namespace jiedui::bench {

// Ends the process with the reason: a benchmark has nothing to measure after an error.
void CheckOk(const absl::Status& status);

class VillageHost {
 public:
  // On SQLite in a new folder that is removed at the end. `measures` false: the program without its measures. With `recording` one
  // create can be recorded, and takes longer for it.
  VillageHost(absl::string_view name, int group_commit, bool measures = true, bool recording = false);
  // On the empty MySQL schema of `url`.
  VillageHost(const std::string& url, bool recording);
  ~VillageHost();

  void AddMethods(server::MethodTable& table) { CheckOk(host_->AddMethods(table)); }

  // Names of what was made.
  std::string CreateVillage(const std::string& id);
  village::v1::Village Village(const std::string& name);

  // Creates party members, `in_flight` at once and each of these in a village of its own, for about `duration`; answers how many.
  double CreateMembers(int in_flight, absl::Duration duration);

  // The statements of one create in the village of that lane, and the name of what was made. Only with `recording`.
  std::pair<std::vector<RecordedStatement>, std::string> RecordCreate(int lane);

  // Closes the database; only the folder is of use afterwards.
  void Close();
  const std::string& folder() const { return folder_; }
  const server::MethodTable& table() const { return *table_; }
  sql::Database& database() { return *database_; }

 private:
  void Open(const sql::DatabaseOptions& options, bool measures, bool recording);

  std::string folder_;
  std::unique_ptr<sql::Database> database_;
  RecordingDatabase* recording_ = nullptr;
  personal::Vault vault_{testing::TestKeyring()};
  std::unique_ptr<service::Host> host_;
  std::unique_ptr<server::MethodTable> table_;
};

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_VILLAGE_HOST_H_
