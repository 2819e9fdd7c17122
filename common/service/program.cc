#include "common/service/program.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/server/log.h"
#include "common/server/program.h"
#include "common/service/database_metrics.h"
#include "common/status/macros.h"

ABSL_FLAG(std::string, bind_address, "0.0.0.0", "IPv4 address that every port listens on");
ABSL_FLAG(int, grpc_port, -1, "gRPC port; 0 takes any free one, -1 the program's own");
ABSL_FLAG(int, http_port, -1, "port of /metrics, /livez and /readyz; 0 takes any free one, -1 the program's own");
ABSL_FLAG(std::string, data_dir, ".", "folder of the SQLite file, where no --database is given");
ABSL_FLAG(std::string, database, "", "mysql://user@host:port/schema; empty: SQLite in --data_dir");
ABSL_FLAG(std::string, database_password_file, "",
          "file with the MySQL password; without it the environment variable JIEDUI_DATABASE_PASSWORD is read");
ABSL_FLAG(int, database_readers, 4, "threads (and, on MySQL, connections) that read");
ABSL_FLAG(int, database_writers, 8, "threads and connections that write, on MySQL; SQLite has one writer");
ABSL_FLAG(bool, migrate, false, "bring the schema up to date, then end");
ABSL_FLAG(absl::Duration, drain, absl::Seconds(5),
          "how long to go on serving after SIGTERM, not ready, so that balancers notice");
ABSL_FLAG(absl::Duration, grace, absl::Seconds(20), "how long calls at work may take after that");

namespace jiedui::service {
namespace {

constexpr int kFailed = 1;

absl::StatusOr<std::string> DatabasePassword() {
  const std::string file = absl::GetFlag(FLAGS_database_password_file);
  if (file.empty()) {
    const char* variable = std::getenv("JIEDUI_DATABASE_PASSWORD");
    return std::string(variable == nullptr ? "" : variable);
  }
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream) return absl::InvalidArgumentError(absl::StrCat("cannot read --database_password_file ", file));
  return std::string(absl::StripTrailingAsciiWhitespace(text.str()));
}

absl::StatusOr<std::unique_ptr<sql::Database>> OpenProgramDatabase(const std::string& name) {
  sql::DatabaseOptions options;
  options.url = absl::GetFlag(FLAGS_database);
  options.readers = absl::GetFlag(FLAGS_database_readers);
  options.writers = absl::GetFlag(FLAGS_database_writers);
  if (options.readers < 1 || options.readers > 256 || options.writers < 1 || options.writers > 256) {
    return absl::InvalidArgumentError("--database_readers and --database_writers must be 1 to 256");
  }
  if (options.url.empty()) {
    options.url = absl::StrCat("sqlite:", absl::GetFlag(FLAGS_data_dir), "/", name, ".db");
  } else {
    JIEDUI_ASSIGN_OR_RETURN(options.password, DatabasePassword());
  }
  return sql::OpenDatabase(options);
}

server::ServerOptions ServerOptionsOf(Program& program, sql::Database& database) {
  const Ports ports = program.default_ports();
  const auto port = [](int flag, int own) { return flag < 0 ? own : flag; };
  server::ServerOptions options;
  options.grpc.address = absl::GetFlag(FLAGS_bind_address);
  options.grpc.port = port(absl::GetFlag(FLAGS_grpc_port), ports.grpc);
  options.http_port = port(absl::GetFlag(FLAGS_http_port), ports.http);
  options.probes = {{"database", [&database] { return database.Ping(absl::Seconds(1)); }, true}};
  for (server::Probe& probe : program.Probes()) options.probes.push_back(std::move(probe));
  options.collectables = program.Collectables();
  options.collectables.push_back(NewDatabaseMetrics(database));
  return options;
}

absl::Status Serve(Program& program, sql::Database& database) {
  JIEDUI_RETURN_IF_ERROR(program.Open(&database));
  server::MethodTable table;
  JIEDUI_RETURN_IF_ERROR(program.AddMethods(table));
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<server::Server> server,
                          server::Server::Start(ServerOptionsOf(program, database), table));
  server::LogEvent("INFO", "server.start",
                   {{"program", program.name()},
                    {"grpc_port", absl::StrCat(server->grpc_port())},
                    {"http_port", absl::StrCat(server->http_port())}});
  server::WaitForSignal();
  server::LogEvent("INFO", "server.stopping");
  const absl::Duration drain = absl::GetFlag(FLAGS_drain);
  const absl::Duration grace = absl::GetFlag(FLAGS_grace);
  server::StartWatchdog(drain + grace + absl::Seconds(10));
  program.Drain();
  server->Shutdown(drain, grace);
  return absl::OkStatus();
}

absl::Status Run(Program& program) {
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<sql::Database> database, OpenProgramDatabase(program.name()));
  if (absl::GetFlag(FLAGS_migrate)) return program.Migrate(*database);
  const absl::Status served = Serve(program, *database);
  program.Stop();
  return served;
}

}  // namespace

int RunProgram(int argc, char** argv, Program& program) {
  absl::SetProgramUsageMessage(
      absl::StrCat("jiedui-", program.name(),
                   ": serves until SIGTERM; with --migrate it brings the schema up to date and ends. "
                   "--helpfull lists every flag."));
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() > 1) {
    std::cerr << "jiedui-" << program.name() << ": takes flags only, see --helpfull\n";
    return kFailed;
  }
  // Debian builds Abseil with its check for lock cycles, which every lock of gRPC would pay for.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  server::BlockSignals();
  // What the programs write holds personal data: nobody else may read it.
  umask(077);
  const absl::Status status = Run(program);
  if (status.ok()) {
    server::LogEvent("INFO", absl::GetFlag(FLAGS_migrate) ? "migrate.done" : "server.stop",
                     {{"program", program.name()}});
    return 0;
  }
  server::LogEvent(
      "ERROR", "program.failed",
      {{"program", program.name()}, {"code", absl::StatusCodeToString(status.code())}, {"problem", status.message()}});
  return kFailed;
}

}  // namespace jiedui::service
