#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/bulk/csv.h"
#include "common/status/macros.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "services/cli/commands.h"
#include "services/cli/progress.h"
#include "services/cli/sample/sample.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kImport[] = "jiedui.bulk.v1.BulkService/Import";
constexpr char kExport[] = "jiedui.bulk.v1.BulkService/Export";
constexpr size_t kChunk = 256 * 1024;
constexpr absl::Duration kTransferTimeout = absl::Hours(2);
// In the table; --errors has all of them.
constexpr size_t kMaxShownErrors = 50;

absl::Status FileError(const std::string& path) {
  return UsageError({absl::StrCat("cannot read or write ", path), absl::StrCat("无法读写 ", path)});
}

struct ImportFile {
  const Resource* resource = nullptr;
  std::string path;
};

// The CSV files of `operands` (files, or folders of them) in an order in which references point backwards.
absl::StatusOr<std::vector<ImportFile>> FindFiles(const std::vector<std::string>& operands) {
  std::map<const Resource*, std::string> found;
  for (const std::string& operand : operands) {
    std::error_code error;
    std::vector<fs::path> paths = {operand};
    if (fs::is_directory(operand, error)) {
      paths.clear();
      for (const fs::directory_entry& entry : fs::directory_iterator(operand, error)) {
        if (entry.path().extension() == ".csv") paths.push_back(entry.path());
      }
    }
    if (error || !fs::exists(operand)) return FileError(operand);
    for (const fs::path& path : paths) {
      JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().Require(path.stem().string()));
      found[resource] = path.string();
    }
  }
  std::vector<const Resource*> resources;
  for (const auto& [resource, path] : found) resources.push_back(resource);
  std::vector<ImportFile> files;
  for (const Resource* resource : InImportOrder(resources)) files.push_back({resource, found[resource]});
  return files;
}

struct Imported {
  bulk::v1::ImportResult result;
  std::vector<bulk::v1::ImportRowError> errors;
};

// Sends the file; false when the server no longer reads.
bool SendFile(client::Stream& stream, std::ifstream& file, Progress& progress) {
  bulk::v1::ImportRequest request;
  int64_t sent = 0;
  std::string& chunk = *request.mutable_chunk();
  while (true) {
    chunk.resize(kChunk);
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    chunk.resize(static_cast<size_t>(file.gcount()));
    if (chunk.empty()) break;
    if (!stream.Write(request)) return false;
    sent += static_cast<int64_t>(chunk.size());
    progress.SetBytes(sent);
  }
  stream.WritesDone();
  return true;
}

absl::StatusOr<Imported> ImportOne(Session& session, const ImportFile& source, const bulk::v1::ImportHeader& header) {
  std::ifstream file(source.path, std::ios::binary);
  if (!file) return FileError(source.path);
  std::error_code error;
  Progress progress(session.environment(), source.resource->collection(),
                    static_cast<int64_t>(fs::file_size(source.path, error)));
  const auto stream = session.ClientOf(source.resource->program).OpenStream(kImport, session.OptionsWithin(kTransferTimeout));
  bulk::v1::ImportRequest first;
  *first.mutable_header() = header;
  Imported imported;
  bool finished = false;
  std::thread sender([&] {
    if (stream->Write(first)) SendFile(*stream, file, progress);
  });
  bulk::v1::ImportResponse response;
  while (stream->Read(&response)) {
    switch (response.part_case()) {
      case bulk::v1::ImportResponse::kProgress: progress.SetRows(response.progress().read_rows()); break;
      case bulk::v1::ImportResponse::kError: imported.errors.push_back(response.error()); break;
      case bulk::v1::ImportResponse::kResult:
        imported.result = response.result();
        finished = true;
        break;
      case bulk::v1::ImportResponse::PART_NOT_SET: break;
    }
  }
  sender.join();
  JIEDUI_RETURN_IF_ERROR(stream->Finish());
  if (!finished) return absl::UnavailableError("the import ended without a result");
  return imported;
}

void PrintRowErrors(const Session& session, const Imported& imported) {
  TextTable table;
  for (const Text& heading : {Text{"line", "行"}, Text{"column", "列"}, Text{"value", "原值"}, Text{"reason", "原因"},
                              Text{"what is wrong", "说明"}}) {
    table.AddColumn(session.In(heading));
  }
  for (size_t i = 0; i < imported.errors.size() && i < kMaxShownErrors; ++i) {
    const bulk::v1::ImportRowError& each = imported.errors[i];
    table.AddRow({absl::StrCat(each.line()), each.violation().field(), each.value(), ReasonName(each.violation().reason()),
                  session.chinese() ? each.violation().message_zh() : each.violation().message()});
  }
  table.Print(session.out());
  if (imported.errors.size() > kMaxShownErrors) {
    session.out() << absl::StrFormat(session.chinese() ? "……另有 %d 项\n" : "... and %d more\n",
                                     imported.errors.size() - kMaxShownErrors);
  }
}

absl::Status WriteErrors(const std::string& path, const std::string& collection, const Imported& imported) {
  std::string text;
  if (!fs::exists(path)) bulk::AppendCsvRow({"collection", "line", "column", "value", "reason", "message", "message_zh"}, &text);
  for (const bulk::v1::ImportRowError& each : imported.errors) {
    bulk::AppendCsvRow({collection, absl::StrCat(each.line()), each.violation().field(), each.value(),
                        ReasonName(each.violation().reason()), each.violation().message(), each.violation().message_zh()},
                       &text);
  }
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file << text;
  return file.flush() ? absl::OkStatus() : FileError(path);
}

void PrintResult(const Session& session, const ImportFile& file, const bulk::v1::ImportResult& result) {
  session.out() << absl::StrFormat(
      session.chinese() ? "%s：%d 行，新增 %d，修改 %d，未变 %d，错误 %d%s\n"
                        : "%s: %d rows, %d created, %d updated, %d unchanged, %d wrong%s\n",
      file.resource->collection(), result.row_count(), result.created_count(), result.updated_count(),
      result.unchanged_count(), result.failed_count(),
      result.committed() ? "" : session.In({"; nothing was written", "；未写入"}));
}

absl::StatusOr<ExitCode> RunImport(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<ImportFile> files, FindFiles(arguments.operands()));
  const std::string& errors_path = arguments.Get("errors");
  if (!errors_path.empty()) fs::remove(errors_path);
  std::string id = arguments.Get("import_id");
  if (id.empty()) id = absl::StrFormat("cli-%x", absl::ToUnixNanos(absl::Now()));
  ExitCode code = ExitCode::kOk;
  for (const ImportFile& file : files) {
    bulk::v1::ImportHeader header;
    header.set_collection(file.resource->collection());
    header.set_mode(arguments.GetBool("keep_good") ? bulk::v1::IMPORT_MODE_KEEP_GOOD : bulk::v1::IMPORT_MODE_ALL_OR_NOTHING);
    header.set_dry_run(arguments.GetBool("dry_run"));
    if (!header.dry_run()) header.set_import_id(absl::StrCat(id, "-", file.resource->collection()));
    const absl::StatusOr<Imported> imported = ImportOne(session, file, header);
    if (!imported.ok()) {
      session.environment().err << file.path << ": "
                                << session.In({"interrupted; to go on: ", "中断；继续请加："}) << "--import_id " << id << '\n';
      return imported.status();
    }
    PrintResult(session, file, imported->result);
    if (imported->errors.empty()) continue;
    code = ExitCode::kFindings;
    PrintRowErrors(session, *imported);
    if (!errors_path.empty()) JIEDUI_RETURN_IF_ERROR(WriteErrors(errors_path, file.resource->collection(), *imported));
    if (!arguments.GetBool("keep_good") && !header.dry_run()) break;  // what refers to it would be wrong as well
  }
  return code;
}

absl::Status ExportOne(Session& session, const Resource& resource, const std::string& filter, std::ostream& out) {
  bulk::v1::ExportRequest request;
  request.set_collection(resource.collection());
  request.set_filter(filter);
  const auto stream = session.ClientOf(resource.program).OpenStream(kExport, session.OptionsWithin(kTransferTimeout));
  if (stream->Write(request)) stream->WritesDone();
  bulk::v1::ExportResponse response;
  while (stream->Read(&response)) out << response.chunk();
  JIEDUI_RETURN_IF_ERROR(stream->Finish());
  return out.flush() ? absl::OkStatus() : FileError(resource.collection());
}

absl::Status ExportToFile(Session& session, const Resource& resource, const std::string& filter, const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", resource.collection(), ".csv");
  std::ofstream file(path, std::ios::binary);
  if (!file) return FileError(path);
  JIEDUI_RETURN_IF_ERROR(ExportOne(session, resource, filter, file));
  session.environment().err << path << '\n';
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunExport(Session& session, const Arguments& arguments) {
  const std::string& folder = arguments.Get("out");
  const std::string& filter = arguments.Get("filter");
  if (arguments.operands().empty() != arguments.GetBool("all")) {
    return UsageError({"give a COLLECTION, or --all and --out", "请给出资源，或 --all 与 --out"});
  }
  if (!folder.empty()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return FileError(folder);
  }
  if (!arguments.GetBool("all")) {
    JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().Require(arguments.operands()[0]));
    JIEDUI_RETURN_IF_ERROR(folder.empty() ? ExportOne(session, *resource, filter, session.out())
                                          : ExportToFile(session, *resource, filter, folder));
    return ExitCode::kOk;
  }
  if (folder.empty()) return UsageError({"--all needs --out", "--all 需要 --out"});
  for (const Resource& resource : Catalog::Get().resources()) {
    if (resource.program != "gateway") JIEDUI_RETURN_IF_ERROR(ExportToFile(session, resource, filter, folder));
  }
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunSample(Session& session, const Arguments& arguments) {
  SampleOptions options;
  options.folder = arguments.Get("out");
  if (options.folder.empty()) return UsageError({"--out DIR is missing", "缺少 --out DIR"});
  JIEDUI_ASSIGN_OR_RETURN(const int64_t seed, arguments.GetInt("seed", 0, INT64_MAX));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t villages, arguments.GetInt("villages", 1, 1'000'000));
  options.seed = static_cast<uint64_t>(seed);
  options.villages = static_cast<int>(villages);
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) return FileError(options.folder);
  JIEDUI_RETURN_IF_ERROR(WriteSample(options));
  session.environment().err << session.In({"written: ", "已写入："}) << options.folder << '\n';
  return ExitCode::kOk;
}

}  // namespace

std::vector<Command> BulkCommands() {
  std::vector<Command> commands;
  commands.push_back({"sample", "", 0, 0, {"write sample data as CSV files", "生成样例数据（CSV）"}, {},
                      {{"out", "DIR", {"folder", "输出文件夹"}, "", "", 0},
                       {"seed", "N", {"same seed, same data", "种子，相同种子得到相同数据"}, "2018", "", 0},
                       {"villages", "N", {"how many villages", "村数"}, "1041", "", 0}},
                      RunSample});
  commands.push_back({"import", "DIR|FILE...", 1, -1, {"read CSV files named as collections", "导入以资源命名的 CSV 文件"},
                      {"Ends with 3 when rows are wrong; then nothing of that file is written unless --keep_good.",
                       "有错误行时退出码为 3；除非 --keep_good，该文件不写入任何内容。"},
                      {{"dry_run", "", {"check every row, write nothing", "仅校验"}, "", "", 0},
                       {"keep_good", "", {"write the good rows", "保留正确行"}, "", "", 0},
                       {"errors", "FILE", {"every error of every row as CSV", "错误明细（CSV）"}, "", "", 0},
                       {"import_id", "ID", {"goes on with an interrupted import", "继续中断的导入"}, "", "", 0}},
                      RunImport});
  commands.push_back({"export", "[COLLECTION]", 0, 1, {"write records as CSV", "导出为 CSV"}, {},
                      {{"filter", "FILTER", {"AIP-160 filter", "筛选式（AIP-160）"}, "", "", 0},
                       {"out", "DIR", {"folder; otherwise to the screen", "输出文件夹，默认输出到屏幕"}, "", "", 0},
                       {"all", "", {"every collection", "全部资源"}, "", "", 0}},
                      RunExport});
  return commands;
}

}  // namespace jiedui::cli
