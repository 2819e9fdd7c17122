// The frame of every server program: flags, --migrate, serving until SIGTERM, ending in order.

#ifndef JIEDUI_COMMON_SERVICE_PROGRAM_H_
#define JIEDUI_COMMON_SERVICE_PROGRAM_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/server/health.h"
#include "common/server/method_table.h"
#include "common/sql/database.h"
#include "prometheus/collectable.h"

namespace jiedui::service {

struct Ports {
  int grpc = 0;
  int http = 0;
};

// What a program puts into the frame. Called in the order of declaration, on the main thread.
class Program {
 public:
  virtual ~Program() = default;

  // "village": the program is jiedui-village, its SQLite file village.db.
  virtual std::string name() const = 0;
  virtual Ports default_ports() const = 0;

  // --migrate: brings schema and data up to date. The program ends afterwards.
  virtual absl::Status Migrate(sql::Database& database) = 0;
  // Otherwise: `database` outlives the program.
  virtual absl::Status Open(sql::Database* database) = 0;
  virtual absl::Status AddMethods(server::MethodTable& table) = 0;
  // Beside the database's.
  virtual std::vector<server::Probe> Probes() { return {}; }
  // Metrics beside the database's; read until the program ends.
  virtual std::vector<std::shared_ptr<prometheus::Collectable>> Collectables() { return {}; }
  // The program is about to stop: calls that wait for something are to be answered.
  virtual void Drain() {}
  // No call is at work any more: ends the program's threads.
  virtual void Stop() {}
};

// Parses the flags, runs the program, and answers its exit code: 0 ended as told, 1 could not start (the log says why),
// 3 did not end in time.
int RunProgram(int argc, char** argv, Program& program);

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_PROGRAM_H_
