#include "tests/bench/import_bench.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "tests/bench/harness.h"
#include "tests/bench/village_host.h"

namespace jiedui::bench {
namespace {

constexpr int kRows = 50'000;
constexpr int kVillages = 64;  // of VillageHost
constexpr size_t kChunk = 256 * 1024;
constexpr double kBar = 0.15;

// A caller who sends a file from memory.
class FileStream final : public server::MessageStream {
 public:
  explicit FileStream(const std::string& file) : file_(file) {}
  bool Read(google::protobuf::Message* message) override {
    auto* request = static_cast<bulk::v1::ImportRequest*>(message);
    request->Clear();
    if (!header_sent_) {
      header_sent_ = true;
      request->mutable_header()->set_collection("partyMembers");
      request->mutable_header()->set_mode(bulk::v1::IMPORT_MODE_KEEP_GOOD);
      return true;
    }
    if (position_ >= file_.size()) return false;
    request->set_chunk(file_.substr(position_, kChunk));
    position_ += kChunk;
    return true;
  }
  bool Write(const google::protobuf::Message& message) override {
    const auto& response = static_cast<const bulk::v1::ImportResponse&>(message);
    if (response.has_result()) created_ = response.result().created_count();
    return true;
  }
  bool cancelled() const override { return false; }
  int64_t created() const { return created_; }

 private:
  const std::string& file_;
  size_t position_ = 0;
  bool header_sent_ = false;
  int64_t created_ = 0;
};

std::string VillageOf(int row) { return absl::StrCat("villages/", 120119100200 + row % kVillages); }

std::string ResourceFile() {
  std::string text = "name,village,display_name,birth_date,stage,joined_date\n";
  for (int row = 0; row < kRows; ++row) {
    absl::StrAppendFormat(&text, "partyMembers/m%08d,%s,样例张三,1980-05-01,DEVELOPMENT_STAGE_FULL,2010-07-01\n", row,
                          VillageOf(row));
  }
  return text;
}

// Answers how many rows were taken in.
double ImportInto(VillageHost& host, const std::string& file, absl::Duration* time) {
  FileStream stream(file);
  RequestContext context;
  context.method = "jiedui.bulk.v1.BulkService/Import";
  context.start_time = absl::Now();
  context.deadline = context.start_time + absl::Minutes(5);
  const absl::Time start = absl::Now();
  CheckOk(host.table().Find(context.method)->stream(context, stream));
  *time = absl::Now() - start;
  return static_cast<double>(stream.created());
}

double ImportThroughEngine(const std::string& file, absl::Duration* time) {
  VillageHost host("import", 256);
  return ImportInto(host, file, time);
}

// What the shell of SQLite prints when it is told `sql` with the settings `mode`.
std::string Shell(const VillageHost& host, const std::string& mode, const std::string& sql) {
  const std::string path = absl::StrCat(host.folder(), "/printed");
  const std::string command = absl::StrCat("sqlite3 ", mode, " ", host.folder(), "/village.db \"", sql, "\" >", path);
  if (std::system(command.c_str()) != 0) CheckOk(absl::InternalError("sqlite3 failed"));
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The rows as the import leaves them in the table. CSV has no bytes: encrypted cells are text of their length.
std::string TableFile(const std::string& resource_file) {
  VillageHost host("rows", 256);
  absl::Duration time;
  ImportInto(host, resource_file, &time);
  host.Close();
  std::string columns =
      Shell(host, "",
            "SELECT group_concat('CASE typeof(' || name || ') WHEN ''blob'' THEN substr(hex(' || name || "
            "'), 1, length(' || name || ')) ELSE ' || name || ' END') FROM pragma_table_info('party_member')");
  absl::StripTrailingAsciiWhitespace(&columns);
  return Shell(host, "-csv", absl::StrCat("SELECT ", columns, " FROM party_member"));
}

// The shell of SQLite reads the file, on an equal and empty table.
double ImportByShell(const std::string& file, absl::Duration* time) {
  VillageHost host("shell", 256);
  const std::string path = absl::StrCat(host.folder(), "/rows.csv");
  std::ofstream(path) << file;
  host.Close();
  const std::string command =
      absl::StrCat("sqlite3 ", host.folder(), "/village.db 'PRAGMA synchronous=FULL' '.mode csv' '.import ", path,
                   " party_member' >/dev/null");
  const absl::Time start = absl::Now();
  if (std::system(command.c_str()) != 0) CheckOk(absl::InternalError("sqlite3 .import failed"));
  *time = absl::Now() - start;
  return std::stod(Shell(host, "", "SELECT count(*) FROM party_member"));
}

}  // namespace

void RunImportBench() {
  const std::string resource_file = ResourceFile();
  const std::string table_file = TableFile(resource_file);
  constexpr int kRounds = 5;
  Measured engine;
  Measured shell;
  Measured shell_again;
  for (int round = 0; round < kRounds; ++round) {
    const auto run = [](Measured& measured, const auto& import, const std::string& file) {
      absl::Duration time;
      const absl::Duration cpu = CpuTime();
      const double rows = import(file, &time);
      if (rows != kRows) CheckOk(absl::InternalError(absl::StrCat("only ", rows, " rows were imported")));
      measured.rates.push_back(rows / absl::ToDoubleSeconds(time));
      measured.cpu_micros = absl::ToDoubleMicroseconds(CpuTime() - cpu) / rows;
    };
    run(engine, ImportThroughEngine, resource_file);
    run(shell, ImportByShell, table_file);
    run(shell_again, ImportByShell, table_file);
  }
  ReportRatio("import_per_sqlite_import", Comparison{engine, shell, shell_again}, kBar,
              absl::StrCat(kRows, " rows with rules, references, audit and measures"));
}

}  // namespace jiedui::bench
