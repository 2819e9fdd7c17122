// The village program without its doors, on a database of its own, with a district and a township.

#ifndef JIEDUI_TESTS_BENCH_VILLAGE_HOST_H_
#define JIEDUI_TESTS_BENCH_VILLAGE_HOST_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/service/host.h"
#include "common/sql/database.h"
#include "jiedui/village/v1/division.pb.h"

namespace jiedui::bench {

// Ends the process with the reason: a benchmark has nothing to measure after an error.
void CheckOk(const absl::Status& status);

class VillageHost {
 public:
  // On SQLite in a new folder that is removed at the end. `measures` false: the program without its measures.
  VillageHost(absl::string_view name, int group_commit, bool measures = true);
  // On the MySQL schema of `url`.
  explicit VillageHost(const std::string& url);
  ~VillageHost();

  void AddMethods(server::MethodTable& table) { CheckOk(host_->AddMethods(table)); }

  // Names of what was made.
  std::string CreateVillage(const std::string& id);
  village::v1::Village Village(const std::string& name);

  // Creates party members of the first village, `in_flight` at once, for about `duration`; answers how many.
  double CreateMembers(int in_flight, absl::Duration duration);

  sql::Database& database() { return *database_; }
  service::Host& host() { return *host_; }

 private:
  void Open(const sql::DatabaseOptions& options, bool measures);

  std::string folder_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<service::Host> host_;
  std::unique_ptr<server::MethodTable> table_;
};

}  // namespace jiedui::bench

#endif  // JIEDUI_TESTS_BENCH_VILLAGE_HOST_H_
