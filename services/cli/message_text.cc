#include "services/cli/message_text.h"

#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "jiedui/options/v1/options.pb.h"
#include "services/cli/arguments.h"
#include "services/cli/row_errors.h"
#include "services/cli/rows.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string Quoted(absl::string_view text) {
  google::protobuf::Value value;
  value.set_string_value(std::string(text));
  return ToJson(value, false);
}

// Messages that proto3 JSON writes as a text: times and masks.
bool IsTextInJson(const FieldDescriptor* field) {
  return field->message_type() == nullptr ? field->cpp_type() != FieldDescriptor::CPPTYPE_BOOL
                                          : absl::StartsWith(field->message_type()->full_name(), "google.protobuf.");
}

std::string AsJson(const FieldDescriptor* field, absl::string_view text) {
  return IsTextInJson(field) ? Quoted(text) : std::string(text);
}

bool IsShown(const FieldDescriptor* field) {
  return !field->is_repeated() && (field->message_type() == nullptr || IsTextInJson(field));
}

bool IsNumber(const FieldDescriptor* field) {
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return !field->is_repeated();
    default:
      return false;
  }
}

// A set element of a field as its JSON without quotes; messages other than times and masks as JSON.
std::string RawText(const Message& message, const FieldDescriptor* field, int index) {
  const auto* reflection = message.GetReflection();
  const bool repeated = field->is_repeated();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt32(message, field, index)
                                   : reflection->GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(repeated ? reflection->GetRepeatedInt64(message, field, index)
                                   : reflection->GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(repeated ? reflection->GetRepeatedUInt32(message, field, index)
                                   : reflection->GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(repeated ? reflection->GetRepeatedUInt64(message, field, index)
                                   : reflection->GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return absl::StrCat(repeated ? reflection->GetRepeatedDouble(message, field, index)
                                   : reflection->GetDouble(message, field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return absl::StrCat(repeated ? reflection->GetRepeatedFloat(message, field, index)
                                   : reflection->GetFloat(message, field));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (repeated ? reflection->GetRepeatedBool(message, field, index) : reflection->GetBool(message, field))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_ENUM:
      return (repeated ? reflection->GetRepeatedEnum(message, field, index) : reflection->GetEnum(message, field))
          ->name();
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection->GetRepeatedString(message, field, index) : reflection->GetString(message, field);
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const std::string json = ToJson(
          repeated ? reflection->GetRepeatedMessage(message, field, index) : reflection->GetMessage(message, field),
          false);
      return absl::StartsWith(json, "\"") ? json.substr(1, json.size() - 2) : json;
    }
  }
  return "";
}

std::string CellOf(const Message& message, const FieldDescriptor* field) {
  if (field->is_repeated()) {
    std::vector<std::string> texts;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      texts.push_back(RawText(message, field, i));
    }
    return absl::StrJoin(texts, " ");
  }
  const bool present = !field->has_presence() || message.GetReflection()->HasField(message, field);
  return present ? RawText(message, field, 0) : "";
}

std::string TableCellOf(const Session& session, const Message& message, const FieldDescriptor* field) {
  const auto* reflection = message.GetReflection();
  const bool present = !field->has_presence() || reflection->HasField(message, field);
  if (field->is_repeated() || !present) return CellOf(message, field);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
    const int64_t value = reflection->GetInt64(message, field);
    if (absl::EndsWith(field->name(), "_fen") || absl::EndsWith(field->name(), "_centi")) return Hundredths(value);
    if (absl::EndsWith(field->name(), "_ppm")) return absl::StrCat(Hundredths(value / 100), "%");
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM && session.chinese()) {
    const std::string& title = reflection->GetEnum(message, field)->options().GetExtension(options::v1::value_title_zh);
    if (!title.empty()) return title;
  }
  return CellOf(message, field);
}

// The message and field at "finding.fund_source".
std::pair<const Message*, const FieldDescriptor*> Find(const Message& message, absl::string_view path) {
  const Message* holder = &message;
  const FieldDescriptor* field = nullptr;
  for (const absl::string_view word : absl::StrSplit(path, '.')) {
    if (field != nullptr) holder = &holder->GetReflection()->GetMessage(*holder, field);
    field = holder->GetDescriptor()->FindFieldByName(std::string(word));
  }
  return {holder, field};
}

std::vector<FieldColumn> AllColumns(const google::protobuf::Descriptor* type) {
  std::vector<FieldColumn> columns;
  for (int i = 0; i < type->field_count(); ++i) columns.push_back({type->field(i)->name(), {}});
  return columns;
}

void PrintOwnFields(const Session& session, const Message& answer) {
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = answer.GetDescriptor()->field(i);
    const bool part = field->is_repeated() && field->message_type() != nullptr;
    if (part) continue;
    std::string cell = CellOf(answer, field);
    if (!cell.empty()) rows.push_back({field->name(), std::move(cell)});
  }
  if (!rows.empty()) PrintRows(session, {{"field", {"field", "字段"}}, {"value", {"value", "值"}}}, rows);
}

}  // namespace

std::string Hundredths(int64_t value) {
  const uint64_t size = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  return absl::StrFormat("%s%d.%02d", value < 0 ? "-" : "", size / 100, size % 100);
}

absl::Status ReadJson(Session& session, const std::string& path, Message* message) {
  std::string text;
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>(session.environment().in), {});
  } else {
    const absl::StatusOr<std::string> read = session.environment().read_file(path);
    if (!read.ok()) return FileError(path);
    text = *read;
  }
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, message);
  if (parsed.ok()) return absl::OkStatus();
  return UsageError({absl::StrCat("the JSON does not fit: ", std::string(parsed.message())),
                     absl::StrCat("JSON 内容不符：", std::string(parsed.message()))});
}

absl::Status SetField(const FieldDescriptor* field, const std::string& text, Message* message) {
  std::string json = AsJson(field, text);
  if (field->is_repeated()) {
    std::vector<std::string> elements;
    for (const absl::string_view element : absl::StrSplit(text, ',', absl::SkipEmpty())) {
      elements.push_back(AsJson(field, element));
    }
    // The commas of messages are their own.
    json = IsTextInJson(field) ? absl::StrCat("[", absl::StrJoin(elements, ","), "]") : text;
  }
  const std::unique_ptr<Message> parsed(message->New());
  const auto status = google::protobuf::util::JsonStringToMessage(
      absl::StrCat("{", Quoted(field->name()), ":", json, "}"), parsed.get());
  if (!status.ok()) {
    return UsageError({absl::StrCat("--", field->name(), " does not fit: ", std::string(status.message())),
                       absl::StrCat("--", field->name(), " 内容不符：", std::string(status.message()))});
  }
  message->GetReflection()->ClearField(message, field);
  message->MergeFrom(*parsed);
  return absl::OkStatus();
}

void PrintPart(const Session& session, const Message& answer, absl::string_view part,
               const std::vector<FieldColumn>& columns) {
  const FieldDescriptor* field = answer.GetDescriptor()->FindFieldByName(std::string(part));
  const bool table = session.format() == OutputFormat::kTable;
  const Message& sample = *google::protobuf::MessageFactory::generated_factory()->GetPrototype(field->message_type());
  std::vector<RowColumn> headings;
  std::vector<const FieldColumn*> shown;
  for (const FieldColumn& column : columns) {
    const FieldDescriptor* leaf = Find(sample, column.path).second;
    // A table without chosen columns keeps to what fits a line.
    const bool chosen = !column.title.en.empty();
    if (table && !chosen && !IsShown(leaf)) continue;
    shown.push_back(&column);
    headings.push_back({column.path, chosen ? column.title : Text{column.path, column.path},
                        IsNumber(leaf) ? TextTable::Align::kRight : TextTable::Align::kLeft});
  }
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < answer.GetReflection()->FieldSize(answer, field); ++i) {
    const Message& element = answer.GetReflection()->GetRepeatedMessage(answer, field, i);
    std::vector<std::string>& cells = rows.emplace_back();
    for (const FieldColumn* column : shown) {
      const auto [holder, leaf] = Find(element, column->path);
      cells.push_back(table ? TableCellOf(session, *holder, leaf) : CellOf(*holder, leaf));
    }
  }
  PrintRows(session, headings, rows);
}

void PrintAnswer(const Session& session, const Message& answer) {
  if (session.format() == OutputFormat::kJson) return session.PrintJson(answer);
  const bool table = session.format() == OutputFormat::kTable;
  if (table) PrintOwnFields(session, answer);
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = answer.GetDescriptor()->field(i);
    if (!field->is_repeated() || field->message_type() == nullptr) continue;
    const bool empty = answer.GetReflection()->FieldSize(answer, field) == 0;
    if (table && empty) continue;
    if (table) session.out() << '\n' << field->name() << '\n';
    PrintPart(session, answer, field->name(), AllColumns(field->message_type()));
    if (!table) return;
  }
  if (!table) PrintOwnFields(session, answer);
}

}  // namespace jiedui::cli
