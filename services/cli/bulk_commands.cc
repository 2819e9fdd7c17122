#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "services/cli/commands.h"
#include "services/cli/progress.h"
#include "services/cli/row_errors.h"
#include "services/cli/rows.h"
#include "services/cli/sample/sample.h"
#include "services/cli/session.h"

namespace jiedui::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kImport[] = "jiedui.bulk.v1.BulkService/Import";
constexpr char kExport[] = "jiedui.bulk.v1.BulkService/Export";
constexpr size_t kChunk = 256 * 1024;
constexpr size_t kIdBytes = 16;
constexpr absl::Duration kTransferTimeout = absl::Hours(2);
struct ImportFile {
  const Resource* resource = nullptr;
  std::string path;
};

// The file itself, or the CSV files of the folder. Usage error when there is none.
absl::StatusOr<std::vector<fs::path>> CsvFilesOf(const std::string& operand) {
  std::error_code error;
  if (!fs::exists(operand, error)) return FileError(operand);
  if (!fs::is_directory(operand, error)) return std::vector<fs::path>{operand};
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(operand, error)) {
    if (absl::EqualsIgnoreCase(entry.path().extension().string(), ".csv")) paths.push_back(entry.path());
  }
  if (error) return FileError(operand);
  if (!paths.empty()) return paths;
  return UsageError({absl::StrCat("there is no CSV file in ", operand), absl::StrCat(operand, " 中没有 CSV 文件")});
}

// The CSV files of `operands` (files, or folders of them) in an order in which references point backwards. Usage error when a
// resource has two.
absl::StatusOr<std::vector<ImportFile>> FindFiles(const std::vector<std::string>& operands) {
  std::map<const Resource*, std::string> found;
  for (const std::string& operand : operands) {
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<fs::path> paths, CsvFilesOf(operand));
    for (const fs::path& path : paths) {
      JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().Require(path.stem().string()));
      // Of a whole export, what its program itself keeps is left out: it comes of the other files.
      if (path != operand && resource->IsKeptByItsProgram()) continue;
      const auto [entry, inserted] = found.emplace(resource, path.string());
      if (inserted) continue;
      return UsageError({absl::StrCat(resource->collection(), " has two files: ", entry->second, " and ", path.string(),
                                      "; import them one after the other"),
                         absl::StrCat("资源 ", resource->collection(), " 有两个文件：", entry->second, "、",
                                      path.string(), "，请逐个导入")});
    }
  }
  std::vector<const Resource*> resources;
  for (const auto& [resource, path] : found) resources.push_back(resource);
  std::vector<ImportFile> files;
  for (const Resource* resource : InImportOrder(resources)) files.push_back({resource, found[resource]});
  return files;
}

// Half of the SHA-256 of a file, in hexadecimal: the import_id with which a second attempt goes on.
absl::StatusOr<std::string> ContentId(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::string chunk(kChunk, '\0');
  while (file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    EVP_DigestUpdate(context.get(), chunk.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.eof()) return FileError(path);
  unsigned char digest[EVP_MAX_MD_SIZE];
  EVP_DigestFinal_ex(context.get(), digest, nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), kIdBytes));
}

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

absl::StatusOr<bulk::v1::ImportResult> Transfer(Session& session, const ImportFile& source,
                                                const bulk::v1::ImportHeader& header, RowErrors& errors) {
  std::ifstream file(source.path, std::ios::binary);
  if (!file) return FileError(source.path);
  std::error_code error;
  const std::string& program = source.resource->program;
  Progress progress(session.environment(), source.resource->collection(),
                    static_cast<int64_t>(fs::file_size(source.path, error)));
  const auto stream = session.ClientOf(program).OpenStream(kImport, session.Options(kTransferTimeout));
  bulk::v1::ImportRequest first;
  *first.mutable_header() = header;
  std::thread sender([&] {
    if (stream->Write(first)) SendFile(*stream, file, progress);
  });
  std::optional<bulk::v1::ImportResult> result;
  bulk::v1::ImportResponse response;
  while (stream->Read(&response)) {
    switch (response.part_case()) {
      case bulk::v1::ImportResponse::kProgress:
        progress.SetRows(response.progress().read_rows());
        break;
      case bulk::v1::ImportResponse::kError:
        errors.Add(header.collection(), response.error());
        break;
      case bulk::v1::ImportResponse::kResult:
        result = response.result();
        break;
      case bulk::v1::ImportResponse::PART_NOT_SET:
        break;
    }
  }
  sender.join();
  JIEDUI_RETURN_IF_ERROR(session.Explain(program, stream->Finish()));
  if (!result.has_value()) return absl::InternalError("the import ended without a result");
  return *std::move(result);
}

absl::StatusOr<bulk::v1::ImportHeader> HeaderOf(const ImportFile& file, const Arguments& arguments) {
  bulk::v1::ImportHeader header;
  const bool keep_good = arguments.GetBool("keep_good");
  header.set_collection(file.resource->collection());
  header.set_mode(keep_good ? bulk::v1::IMPORT_MODE_KEEP_GOOD : bulk::v1::IMPORT_MODE_ALL_OR_NOTHING);
  header.set_dry_run(arguments.GetBool("dry_run"));
  if (arguments.Has("import_id")) {
    header.set_import_id(arguments.Get("import_id"));
  } else if (keep_good && !header.dry_run()) {
    // All or nothing needs no id: a second attempt finds its rows unchanged.
    JIEDUI_ASSIGN_OR_RETURN(*header.mutable_import_id(), ContentId(file.path));
  }
  return header;
}

absl::StatusOr<bulk::v1::ImportResult> ImportOne(Session& session, const ImportFile& file, const Arguments& arguments,
                                                 RowErrors& errors) {
  JIEDUI_ASSIGN_OR_RETURN(bulk::v1::ImportHeader header, HeaderOf(file, arguments));
  absl::StatusOr<bulk::v1::ImportResult> result = Transfer(session, file, header, errors);
  const bool whole_earlier = result.ok() && result->row_count() > 0 && result->resumed_count() == result->row_count();
  if (!whole_earlier || arguments.Has("import_id")) return result;
  // The same file was imported to its end some time ago, and records may have changed since: its rows count again.
  header.clear_import_id();
  return Transfer(session, file, header, errors);
}

void PrintResult(const Session& session, const ImportFile& file, const bulk::v1::ImportResult& result) {
  session.out() << absl::StrFormat(session.chinese() ? "%s：%d 行，新增 %d，修改 %d，未变 %d，错误 %d"
                                                     : "%s: %d rows, %d created, %d updated, %d unchanged, %d wrong",
                                   file.resource->collection(), result.row_count(), result.created_count(),
                                   result.updated_count(), result.unchanged_count(), result.failed_count());
  if (result.resumed_count() > 0) {
    session.out() << absl::StrFormat(session.chinese() ? "，其中此前已提交 %d" : ", %d of them by an earlier attempt",
                                     result.resumed_count());
  }
  if (!result.committed()) session.out() << session.In({"; nothing was written", "；未写入"});
  session.out() << std::endl;
}

// One row for each file, for programs to read.
void PrintResults(const Session& session, const std::vector<std::vector<std::string>>& rows) {
  PrintRows(session,
            {{"collection", {"collection", "资源"}},
             {"row_count", {"rows", "行"}},
             {"created_count", {"created", "新增"}},
             {"updated_count", {"updated", "修改"}},
             {"unchanged_count", {"unchanged", "未变"}},
             {"failed_count", {"wrong", "错误"}},
             {"resumed_count", {"resumed", "此前已提交"}},
             {"committed", {"committed", "已写入"}}},
            rows);
}

absl::StatusOr<ExitCode> RunImport(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<ImportFile> files, FindFiles(arguments.operands()));
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<RowErrors> errors, RowErrors::Create(arguments.Get("errors")));
  const bool goes_on = arguments.GetBool("keep_good") || arguments.GetBool("dry_run");
  const bool table = session.format() == OutputFormat::kTable;
  std::vector<std::vector<std::string>> rows;
  bool wrong = false;
  for (const ImportFile& file : files) {
    const absl::StatusOr<bulk::v1::ImportResult> result = ImportOne(session, file, arguments, *errors);
    if (result.ok() && table) PrintResult(session, file, *result);
    if (result.ok()) {
      rows.push_back({std::string(file.resource->collection()), absl::StrCat(result->row_count()),
                      absl::StrCat(result->created_count()), absl::StrCat(result->updated_count()),
                      absl::StrCat(result->unchanged_count()), absl::StrCat(result->failed_count()),
                      absl::StrCat(result->resumed_count()), result->committed() ? "true" : "false"});
    }
    errors->PrintTable(session);
    if (!result.ok()) {
      if (!table) PrintResults(session, rows);
      session.environment().err << file.path << session.In({": not finished\n", "：未完成\n"});
      return result.status();
    }
    wrong |= result->failed_count() > 0 || !(result->committed() || arguments.GetBool("dry_run"));
    if (wrong && !goes_on) break;  // what refers to it would be wrong as well
  }
  if (!table) PrintResults(session, rows);
  JIEDUI_RETURN_IF_ERROR(errors->Close());
  return wrong ? ExitCode::kFindings : ExitCode::kOk;
}

// With `shows_progress`, how much has come is shown; not where the records themselves go to the screen.
absl::Status ExportOne(Session& session, const Resource& resource, const std::string& filter, std::ostream& out,
                       bool shows_progress) {
  bulk::v1::ExportRequest request;
  request.set_collection(resource.collection());
  request.set_filter(filter);
  const auto stream = session.ClientOf(resource.program).OpenStream(kExport, session.Options(kTransferTimeout));
  if (stream->Write(request)) stream->WritesDone();
  bulk::v1::ExportResponse response;
  std::optional<Progress> progress;
  if (shows_progress) progress.emplace(session.environment(), resource.collection(), /*total_bytes=*/0);
  int64_t bytes = 0;
  int64_t lines = 0;
  while (stream->Read(&response)) {
    out << response.chunk();
    if (!progress.has_value()) continue;
    bytes += static_cast<int64_t>(response.chunk().size());
    lines += std::count(response.chunk().begin(), response.chunk().end(), '\n');
    progress->SetRows(lines);
    progress->SetBytes(bytes);
  }
  progress.reset();
  JIEDUI_RETURN_IF_ERROR(session.Explain(resource.program, stream->Finish()));
  return out.flush() ? absl::OkStatus() : FileError(resource.collection());
}

absl::Status ExportToFile(Session& session, const Resource& resource, const std::string& filter,
                          const std::string& folder) {
  const std::string path = absl::StrCat(folder, "/", resource.collection(), ".csv");
  // An export that breaks off leaves no file that looks whole.
  const std::string part = absl::StrCat(path, ".part");
  std::ofstream file(part, std::ios::binary);
  if (!file) return FileError(part);
  const absl::Status exported = ExportOne(session, resource, filter, file, /*shows_progress=*/true);
  file.close();
  std::error_code error;
  if (!exported.ok()) {
    fs::remove(part, error);
    return exported;
  }
  fs::rename(part, path, error);
  if (error) return FileError(path);
  session.environment().err << path << '\n';
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunExport(Session& session, const Arguments& arguments) {
  const std::string& folder = arguments.Get("out");
  const std::string& filter = arguments.Get("filter");
  if (arguments.Has("output") && session.format() != OutputFormat::kCsv) {
    return UsageError(
        {"records are exported as CSV; jiedui list has other formats", "导出只有 CSV 格式；其他格式用 jiedui list"});
  }
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
    JIEDUI_RETURN_IF_ERROR(folder.empty()
                               ? ExportOne(session, *resource, filter, session.out(), /*shows_progress=*/false)
                               : ExportToFile(session, *resource, filter, folder));
    return ExitCode::kOk;
  }
  if (folder.empty()) return UsageError({"--all needs --out", "--all 需要 --out"});
  for (const Resource& resource : Catalog::Get().resources()) {
    JIEDUI_RETURN_IF_ERROR(ExportToFile(session, resource, filter, folder));
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
  commands.push_back({"sample",
                      "",
                      0,
                      0,
                      {"write sample data as CSV files", "生成样例数据（CSV）"},
                      {},
                      {{"out", "DIR", {"folder", "输出文件夹"}, "", "", 0},
                       {"seed", "N", {"same seed, same data", "种子，相同种子得到相同数据"}, "2018", "", 0},
                       {"villages", "N", {"how many villages", "村数"}, "1041", "", 0}},
                      RunSample});
  commands.push_back(
      {"import",
       "DIR|FILE...",
       1,
       -1,
       {"read CSV files named as collections", "导入以资源命名的 CSV 文件"},
       {"Ends with 1 when rows are wrong; then nothing of that file is written unless --keep_good. After an "
        "interruption the\n"
        "same command goes on where it stopped.",
        "有错误行时退出码为 1；除非 --keep_good，该文件不写入任何内容。中断后再次执行同一命令即可继续。"},
       {{"dry_run", "", {"check every row, write nothing", "仅校验"}, "", "", 0},
        {"keep_good", "", {"write the good rows", "保留正确行"}, "", "", 0},
        {"errors", "FILE", {"every error of every row as CSV", "错误明细（CSV）"}, "", "", 0},
        {"import_id", "ID", {"instead of the hash of the file", "导入号，默认为文件的哈希值"}, "", "", 0}},
       RunImport});
  commands.push_back({"export",
                      "[COLLECTION]",
                      0,
                      1,
                      {"write records as CSV", "导出为 CSV"},
                      {},
                      {{"filter", "FILTER", {"AIP-160 filter", "筛选式（AIP-160）"}, "", "", 0},
                       {"out", "DIR", {"folder; otherwise to the screen", "输出文件夹，默认输出到屏幕"}, "", "", 0},
                       {"all", "", {"every collection", "全部资源"}, "", "", 0}},
                      RunExport});
  return commands;
}

}  // namespace jiedui::cli
