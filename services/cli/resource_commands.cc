#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/resource/request_fields.h"
#include "common/status/macros.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/time_util.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/cli/commands.h"
#include "services/cli/figures.h"
#include "services/cli/message_text.h"
#include "services/cli/records.h"
#include "services/cli/rows.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

constexpr int kMaxPage = 1000;

absl::StatusOr<const MethodDescriptor*> Require(const MethodDescriptor* method, const Resource& resource,
                                                const char* verb) {
  if (method != nullptr) return method;
  return UsageError({absl::StrCat(resource.collection(), " cannot be used with ", verb),
                     absl::StrCat("资源 ", resource.collection(), " 不支持 ", verb)});
}

absl::Status PrintOne(Session& session, const Resource& resource, std::unique_ptr<Message> record) {
  if (session.format() == OutputFormat::kJson) {
    session.PrintJson(*record);
    return absl::OkStatus();
  }
  if (session.format() == OutputFormat::kTable) {
    Records(resource).PrintFields(session, *record);
    return absl::OkStatus();
  }
  std::vector<std::unique_ptr<Message>> records;
  records.push_back(std::move(record));
  return Records(resource).Print(session, records, {});
}

absl::StatusOr<ExitCode> RunGet(Session& session, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().RequireByName(name));
  JIEDUI_ASSIGN_OR_RETURN(const MethodDescriptor* method, Require(resource->get, *resource, "get"));
  resource::v1::GetRequest request;
  request.set_name(name);
  std::unique_ptr<Message> record = NewMessage(resource->message);
  JIEDUI_RETURN_IF_ERROR(session.Call(resource->program, MethodPath(method), request, record.get()));
  JIEDUI_RETURN_IF_ERROR(PrintOne(session, *resource, std::move(record)));
  return ExitCode::kOk;
}

// Moves the records of a page over.
void TakeRecords(Message* page, std::vector<std::unique_ptr<Message>>* records) {
  const FieldDescriptor* field = PageField(page->GetDescriptor());
  const auto* reflection = page->GetReflection();
  for (int i = 0; i < reflection->FieldSize(*page, field); ++i) {
    Message* item = reflection->MutableRepeatedMessage(page, field, i);
    records->emplace_back(item->New());
    item->GetReflection()->Swap(item, records->back().get());
  }
}

absl::StatusOr<ExitCode> RunList(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().Require(arguments.operands()[0]));
  JIEDUI_ASSIGN_OR_RETURN(const MethodDescriptor* method, Require(resource->list, *resource, "list"));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t page_size, arguments.GetInt("page_size", 1, kMaxPage));
  JIEDUI_ASSIGN_OR_RETURN(const int64_t limit, arguments.GetInt("limit", 0, INT32_MAX));
  resource::v1::ListRequest request;
  request.set_filter(arguments.Get("filter"));
  request.set_order_by(arguments.Get("order_by"));
  request.set_page_token(arguments.Get("page_token"));
  // One page unless more is asked for.
  const size_t wanted = arguments.GetBool("all") ? SIZE_MAX
                        : limit > 0              ? static_cast<size_t>(limit)
                                                 : static_cast<size_t>(page_size);
  const auto most = static_cast<size_t>(arguments.Has("page_size") ? page_size : kMaxPage);
  std::vector<std::unique_ptr<Message>> records;
  do {
    request.set_page_size(static_cast<int>(std::min(wanted - records.size(), most)));
    std::unique_ptr<Message> page = NewMessage(method->output_type());
    JIEDUI_RETURN_IF_ERROR(session.Call(resource->program, MethodPath(method), request, page.get()));
    TakeRecords(page.get(), &records);
    request.set_page_token(resource::GetString(*page, "next_page_token"));
  } while (records.size() < wanted && !request.page_token().empty());
  const std::vector<std::string> columns = absl::StrSplit(arguments.Get("columns"), ',', absl::SkipEmpty());
  JIEDUI_RETURN_IF_ERROR(Records(*resource).Print(session, records, columns));
  if (!request.page_token().empty()) {
    session.environment().err << session.In({"more: ", "还有更多："}) << "--page_token " << request.page_token()
                              << '\n';
  }
  return ExitCode::kOk;
}

// Fills `record` from --json and the flags of its fields, and lists what the flags set.
absl::Status FillRecord(Session& session, const Resource& resource, const Arguments& arguments, Message* record,
                        std::vector<std::string>* paths) {
  if (arguments.Has("json")) JIEDUI_RETURN_IF_ERROR(ReadJson(session, arguments.Get("json"), record));
  const Records records(resource);
  for (const bulk::Column& column : records.columns().all()) {
    if (column.output_only() || !arguments.Has(column.name())) continue;
    paths->push_back(column.name());
    record->GetReflection()->ClearField(record, column.field());
    const std::string& text = arguments.Get(column.name());
    if (text.empty()) continue;
    const auto problem = column.Parse(text, record);
    if (!problem.has_value()) continue;
    return UsageError({absl::StrCat("--", column.name(), " ", problem->text.en),
                       absl::StrCat("--", column.name(), " ", problem->text.zh)});
  }
  return absl::OkStatus();
}

void SetText(Message* message, const std::string& field, const std::string& value) {
  const FieldDescriptor* descriptor = message->GetDescriptor()->FindFieldByName(field);
  if (descriptor != nullptr) message->GetReflection()->SetString(message, descriptor, value);
}

void SetBool(Message* message, const char* field, bool value) {
  const FieldDescriptor* descriptor = message->GetDescriptor()->FindFieldByName(field);
  if (descriptor != nullptr) message->GetReflection()->SetBool(message, descriptor, value);
}

// Sends a filled Create or Update request and prints the answer.
absl::StatusOr<ExitCode> SendWrite(Session& session, const Resource& resource, const MethodDescriptor* method,
                                   const Arguments& arguments, Message* request) {
  SetText(request, "request_id", arguments.Get("request_id"));
  SetBool(request, "validate_only", arguments.GetBool("validate_only"));
  std::unique_ptr<Message> answer = NewMessage(resource.message);
  JIEDUI_RETURN_IF_ERROR(session.Call(resource.program, MethodPath(method), *request, answer.get()));
  JIEDUI_RETURN_IF_ERROR(PrintOne(session, resource, std::move(answer)));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunCreate(Session& session, const Arguments& arguments) {
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().Require(arguments.operands()[0]));
  JIEDUI_ASSIGN_OR_RETURN(const MethodDescriptor* method, Require(resource->create, *resource, "create"));
  std::unique_ptr<Message> request = NewMessage(method->input_type());
  const FieldDescriptor* field = resource::FieldOfType(method->input_type(), resource->message);
  std::vector<std::string> paths;
  Message* record = request->GetReflection()->MutableMessage(request.get(), field);
  JIEDUI_RETURN_IF_ERROR(FillRecord(session, *resource, arguments, record, &paths));
  // A name in the JSON says the same as --id.
  const std::string name = resource::GetString(*record, "name");
  const absl::string_view id = absl::StripPrefix(name, absl::StrCat(resource->collection(), "/"));
  SetText(request.get(), absl::StrCat(field->name(), "_id"),
          arguments.Has("id") ? arguments.Get("id") : std::string(id));
  return SendWrite(session, *resource, method, arguments, request.get());
}

absl::StatusOr<ExitCode> RunUpdate(Session& session, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().RequireByName(name));
  JIEDUI_ASSIGN_OR_RETURN(const MethodDescriptor* method, Require(resource->update, *resource, "update"));
  std::unique_ptr<Message> request = NewMessage(method->input_type());
  const FieldDescriptor* field = resource::FieldOfType(method->input_type(), resource->message);
  Message* record = request->GetReflection()->MutableMessage(request.get(), field);
  std::vector<std::string> paths;
  JIEDUI_RETURN_IF_ERROR(FillRecord(session, *resource, arguments, record, &paths));
  SetText(record, "name", name);
  SetText(record, "etag", arguments.Get("etag"));
  // With --json alone the fields that are set in it are changed.
  if (!arguments.Has("json")) {
    const FieldDescriptor* mask = method->input_type()->FindFieldByName("update_mask");
    auto* typed =
        static_cast<google::protobuf::FieldMask*>(request->GetReflection()->MutableMessage(request.get(), mask));
    for (const std::string& path : paths) typed->add_paths(path);
    if (paths.empty())
      return UsageError({"nothing to change: give a field or --json", "没有要修改的内容：请给出字段或 --json"});
  }
  return SendWrite(session, *resource, method, arguments, request.get());
}

absl::StatusOr<ExitCode> RunDelete(Session& session, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().RequireByName(name));
  JIEDUI_ASSIGN_OR_RETURN(const MethodDescriptor* method, Require(resource->remove, *resource, "delete"));
  resource::v1::DeleteRequest request;
  request.set_name(name);
  request.set_etag(arguments.Get("etag"));
  SetText(&request, "request_id", arguments.Get("request_id"));
  SetBool(&request, "validate_only", arguments.GetBool("validate_only"));
  std::unique_ptr<Message> answer = NewMessage(method->output_type());
  JIEDUI_RETURN_IF_ERROR(session.Call(resource->program, MethodPath(method), request, answer.get()));
  session.environment().err << session.In({"deleted: ", "已删除："}) << name << '\n';
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunHistory(Session& session, const Arguments& arguments) {
  const std::string& name = arguments.operands()[0];
  JIEDUI_ASSIGN_OR_RETURN(const Resource* resource, Catalog::Get().RequireByName(name));
  audit::v1::ListAuditEntriesRequest request;
  request.set_resource(name);
  request.set_page_size(kMaxPage);
  audit::v1::ListAuditEntriesResponse all;
  do {
    audit::v1::ListAuditEntriesResponse page;
    JIEDUI_RETURN_IF_ERROR(
        session.Call(resource->program, "jiedui.audit.v1.AuditService/ListAuditEntries", request, &page));
    all.mutable_audit_entries()->MergeFrom(page.audit_entries());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (session.format() == OutputFormat::kJson) {
    session.PrintJson(all);
    return ExitCode::kOk;
  }
  const bool table = session.format() == OutputFormat::kTable;
  constexpr absl::string_view kPrefix = "AUDIT_ACTION_";
  std::vector<std::vector<std::string>> rows;
  for (const audit::v1::AuditEntry& entry : all.audit_entries()) {
    const std::string& action = audit::v1::AuditAction_Name(entry.action());
    rows.push_back(
        {table ? BeijingText(entry.create_time()) : google::protobuf::util::TimeUtil::ToString(entry.create_time()),
         entry.principal(),
         table ? EnumText(session, entry.action(), kPrefix) : absl::AsciiStrToLower(absl::StripPrefix(action, kPrefix)),
         absl::StrCat(entry.revision()), entry.detail(), entry.before_json()});
  }
  PrintRows(session,
            {{"create_time", {"time", "时间"}},
             {"principal", {"who", "操作人"}},
             {"action", {"action", "操作"}},
             {"revision", {"revision", "修订"}, TextTable::Align::kRight},
             {"detail", {"detail", "查看的字段与用途"}},
             {"before_json", {"before", "变更前"}}},
            rows);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RunCollections(Session& session, const Arguments& /*arguments*/) {
  std::vector<std::vector<std::string>> rows;
  for (const Resource& resource : Catalog::Get().resources()) {
    rows.push_back({resource.collection(), resource.options->title_zh(), resource.program});
  }
  PrintRows(session,
            {{"collection", {"collection", "资源"}}, {"title", {"title", "名称"}}, {"program", {"program", "服务"}}},
            rows);
  return ExitCode::kOk;
}

const Flag kEtag = {"etag", "ETAG", {"only if this is the current version", "仅当版本一致时执行"}, "", "", 0};
const Flag kRequestId = {"request_id", "ID", {"the same id is carried out once", "请求号，相同请求号只执行一次"},
                         "",           "",   0};
const Flag kValidateOnly = {"validate_only", "", {"check everything, write nothing", "仅校验，不写入"}, "", "", 0};
const Flag kJson = {"json", "FILE", {"the record as JSON, - for standard input", "JSON 文件，- 为标准输入"}, "", "", 0};

}  // namespace

std::vector<Flag> FieldFlags(const Resource& resource) {
  std::vector<Flag> flags;
  const Records records(resource);
  for (const bulk::Column& column : records.columns().all()) {
    if (column.output_only() || column.name() == "name") continue;
    const std::string& title = RulesOf(column.field()).title_zh();
    flags.push_back({column.name(), "VALUE", {title, title}, "", "", 0});
  }
  return flags;
}

std::vector<Command> ResourceCommands() {
  std::vector<Command> commands;
  commands.push_back({"get", "NAME", 1, 1, {"show a record", "查看一条记录"}, {}, {}, RunGet});
  commands.push_back({"list",
                      "COLLECTION",
                      1,
                      1,
                      {"list records", "列出记录"},
                      {},
                      {{"filter", "FILTER", {"AIP-160 filter", "筛选式（AIP-160）"}, "", "", 0},
                       {"order_by", "FIELDS", {"e.g. \"code desc\"", "排序，如 \"code desc\""}, "", "", 0},
                       {"page_size", "N", {"records of a page", "每页条数"}, "50", "", 0},
                       {"page_token", "TOKEN", {"the next page", "下一页令牌"}, "", "", 0},
                       {"columns", "A,B", {"columns to show", "显示的列"}, "", "", 0},
                       {"limit", "N", {"records of all pages together", "总条数上限"}, "0", "", 0},
                       {"all", "", {"all pages", "全部页"}, "", "", 0}},
                      RunList});
  commands.push_back({"create",
                      "COLLECTION",
                      1,
                      1,
                      {"record something", "新增记录"},
                      {"Every field is a flag: jiedui create COLLECTION --help lists them.",
                       "每个字段都是一个参数，用 jiedui create COLLECTION --help 查看。"},
                      {{"id", "ID", {"last segment of the name", "标识（资源名最后一段）"}, "", "", 0},
                       kJson,
                       kRequestId,
                       kValidateOnly},
                      RunCreate});
  commands.push_back({"update",
                      "NAME",
                      1,
                      1,
                      {"change a record", "修改记录"},
                      {"Every field is a flag; an empty value clears it.", "每个字段都是一个参数，空值表示清除。"},
                      {kJson, kEtag, kRequestId, kValidateOnly},
                      RunUpdate});
  commands.push_back(
      {"delete", "NAME", 1, 1, {"remove a record", "删除记录"}, {}, {kEtag, kRequestId, kValidateOnly}, RunDelete});
  commands.push_back(
      {"history", "NAME", 1, 1, {"who changed a record, and how it was", "查看变更历史"}, {}, {}, RunHistory});
  commands.push_back({"collections", "", 0, 0, {"what can be recorded", "列出全部资源"}, {}, {}, RunCollections});
  return commands;
}

}  // namespace jiedui::cli
