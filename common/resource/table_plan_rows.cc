// Rows of a plan's table: read into a message, and bound from one.

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/resource/json_column.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "google/protobuf/timestamp.pb.h"

namespace jiedui::resource {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr int kStandardColumns = 6;  // id, revision, create_time, update_time, author, source

}  // namespace

absl::Status DamagedCell(const std::string& resource, const std::string& field) {
  return MakeError(
      absl::StatusCode::kDataLoss, error::v1::REASON_DATA_LOSS,
      {absl::StrCat("the stored ", field, " of ", resource, " was damaged, or changed outside the program"),
       absl::StrCat(resource, " 的 ", field, " 已损坏，或在系统之外被改动")},
      {{"resource", resource}, {"field", field}});
}

void SetTimestamp(Message* message, const FieldDescriptor* field, int64_t micros) {
  auto* timestamp = static_cast<google::protobuf::Timestamp*>(message->GetReflection()->MutableMessage(message, field));
  int64_t seconds = micros / 1'000'000;
  int64_t rest = micros % 1'000'000;
  if (rest < 0) {
    rest += 1'000'000;
    --seconds;
  }
  timestamp->set_seconds(seconds);
  timestamp->set_nanos(static_cast<int32_t>(rest * 1000));
}

int64_t GetTimestamp(const Message& message, const FieldDescriptor* field) {
  const auto& timestamp =
      static_cast<const google::protobuf::Timestamp&>(message.GetReflection()->GetMessage(message, field));
  return timestamp.seconds() * 1'000'000 + timestamp.nanos() / 1000;
}

absl::Status TablePlan::ReadRow(sql::Statement& row, Message* message, RowVersion* version) const {
  const auto* reflection = message->GetReflection();
  reflection->SetString(message, standard_.name, NameOf(row.Text(0)));
  *version = {row.Int(1), row.Int(2), row.Int(3)};
  reflection->SetString(message, standard_.etag, EtagOf(*version));
  SetTimestamp(message, standard_.create_time, version->create_micros);
  SetTimestamp(message, standard_.update_time, version->update_micros);
  reflection->SetString(message, standard_.author, std::string(row.Text(4)));
  reflection->SetString(message, standard_.source, std::string(row.Text(5)));
  int position = kStandardColumns;
  const std::shared_ptr<const personal::Keyring> keyring = Keyring();
  for (const Column& column : columns_) {
    const int at = position++;
    if (column.nullable && row.IsNull(at)) continue;
    switch (column.type) {
      case ColumnType::kText:
        if (const absl::string_view text = row.Text(at); !text.empty() || column.nullable) {
          reflection->SetString(message, column.field, std::string(text));
        }
        break;
      case ColumnType::kInt:
        if (column.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
          reflection->SetInt32(message, column.field, static_cast<int32_t>(row.Int(at)));
        } else {
          reflection->SetInt64(message, column.field, row.Int(at));
        }
        break;
      case ColumnType::kBool:
        reflection->SetBool(message, column.field, row.Int(at) != 0);
        break;
      case ColumnType::kEnum:
        reflection->SetEnumValue(message, column.field, static_cast<int>(row.Int(at)));
        break;
      case ColumnType::kTime:
        SetTimestamp(message, column.field, row.Int(at));
        break;
      case ColumnType::kJson:
        if (absl::Status status = FieldFromJson(row.Text(at), column.field, message); !status.ok()) {
          return absl::InternalError(absl::StrCat(options_.table(), ".", column.field->name(), " holds no valid JSON"));
        }
        break;
      case ColumnType::kCell: {
        absl::StatusOr<std::string> text =
            vault_->Open(*keyring, {options_.table(), column.field->name(), row.Text(0)}, row.Text(at));
        if (!text.ok() || (column.json && !FieldFromJson(*text, column.field, message).ok())) {
          return DamagedCell(NameOf(row.Text(0)), column.field->name());
        }
        if (!column.json && !text->empty()) reflection->SetString(message, column.field, *std::move(text));
        break;
      }
    }
  }
  return absl::OkStatus();
}

void TablePlan::BindColumns(const Message& message, int first, const personal::Keyring* keyring,
                            sql::Statement& statement, BindBuffer& buffer) const {
  const auto* reflection = message.GetReflection();
  int at = first;
  std::string scratch;  // stays unused: string fields answer a reference into the message
  for (const Column& column : columns_) {
    const int parameter = at++;
    if (column.nullable && !reflection->HasField(message, column.field)) {
      statement.BindNull(parameter);
      continue;
    }
    switch (column.type) {
      case ColumnType::kText:
        statement.BindText(parameter, reflection->GetStringReference(message, column.field, &scratch));
        break;
      case ColumnType::kInt:
        statement.BindInt(parameter, column.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32
                                         ? reflection->GetInt32(message, column.field)
                                         : reflection->GetInt64(message, column.field));
        break;
      case ColumnType::kBool:
        statement.BindInt(parameter, reflection->GetBool(message, column.field) ? 1 : 0);
        break;
      case ColumnType::kEnum:
        statement.BindInt(parameter, reflection->GetEnumValue(message, column.field));
        break;
      case ColumnType::kTime:
        statement.BindInt(parameter, GetTimestamp(message, column.field));
        break;
      case ColumnType::kJson:
        buffer.texts.push_back(FieldToJson(message, column.field));
        statement.BindText(parameter, buffer.texts.back());
        break;
      case ColumnType::kCell: {
        const absl::string_view id = IdOf(reflection->GetStringReference(message, standard_.name, &scratch));
        const personal::Place place{options_.table(), column.field->name(), id};
        buffer.texts.push_back(
            column.json
                ? vault_->Seal(*keyring, place, FieldToJson(message, column.field))
                : vault_->Seal(*keyring, place, reflection->GetStringReference(message, column.field, &scratch)));
        statement.BindBlob(parameter, buffer.texts.back());
        break;
      }
    }
  }
  for (const Column* column : cells_) {
    if (column->hash_name.empty()) continue;
    const std::string& text = reflection->GetStringReference(message, column->field, &scratch);
    if (text.empty()) {
      statement.BindNull(at++);
      continue;
    }
    buffer.texts.push_back(personal::Vault::HashOf(keyring->search_keys().front(), column->rule->personal_kind, text));
    statement.BindText(at++, buffer.texts.back());
  }
}

void TablePlan::BindInsert(const Message& message, const RowVersion& version, const personal::Keyring* keyring,
                           sql::Statement& statement, BindBuffer& buffer) const {
  const auto* reflection = message.GetReflection();
  buffer.texts.clear();
  buffer.texts.reserve(value_count());  // no reallocation: bound views point into it
  std::string scratch;
  const std::string& name = reflection->GetStringReference(message, standard_.name, &scratch);
  statement.BindText(0, absl::string_view(name).substr(name_prefix_.size()));
  statement.BindInt(1, version.revision);
  statement.BindInt(2, version.create_micros);
  statement.BindInt(3, version.update_micros);
  statement.BindText(4, reflection->GetStringReference(message, standard_.author, &scratch));
  statement.BindText(5, reflection->GetStringReference(message, standard_.source, &scratch));
  BindColumns(message, kStandardColumns, keyring, statement, buffer);
}

void TablePlan::BindUpdate(const Message& message, const RowVersion& version, int64_t revision_before,
                           const personal::Keyring* keyring, sql::Statement& statement, BindBuffer& buffer) const {
  const auto* reflection = message.GetReflection();
  buffer.texts.clear();
  buffer.texts.reserve(value_count());
  std::string scratch;
  statement.BindInt(0, version.revision);
  statement.BindInt(1, version.update_micros);
  statement.BindText(2, reflection->GetStringReference(message, standard_.author, &scratch));
  statement.BindText(3, reflection->GetStringReference(message, standard_.source, &scratch));
  BindColumns(message, 4, keyring, statement, buffer);
  const int after = 4 + static_cast<int>(value_count());
  const std::string& name = reflection->GetStringReference(message, standard_.name, &scratch);
  statement.BindText(after, absl::string_view(name).substr(name_prefix_.size()));
  statement.BindInt(after + 1, revision_before);
}

bool TablePlan::BindSameKey(const options::v1::UniqueKey& key, const Message& message,
                            const personal::SearchKey& search, sql::Statement& statement, BindBuffer& buffer) const {
  const auto* reflection = message.GetReflection();
  buffer.texts.clear();
  buffer.texts.reserve(value_count());
  std::string scratch;
  int parameter = 0;
  statement.BindText(parameter++, IdOf(reflection->GetStringReference(message, standard_.name, &scratch)));
  for (const std::string& field : key.fields()) {
    const Column& column = *FindColumn(field);
    switch (column.type) {
      case ColumnType::kCell: {
        const std::string& text = reflection->GetStringReference(message, column.field, &scratch);
        if (text.empty()) return false;
        buffer.texts.push_back(personal::Vault::HashOf(search, column.rule->personal_kind, text));
        statement.BindText(parameter++, buffer.texts.back());
        break;
      }
      case ColumnType::kText:
        statement.BindText(parameter++, reflection->GetStringReference(message, column.field, &scratch));
        break;
      case ColumnType::kBool:
        statement.BindInt(parameter++, reflection->GetBool(message, column.field) ? 1 : 0);
        break;
      case ColumnType::kEnum:
        statement.BindInt(parameter++, reflection->GetEnumValue(message, column.field));
        break;
      default:
        statement.BindInt(parameter++, column.field->cpp_type() == FieldDescriptor::CPPTYPE_INT32
                                           ? reflection->GetInt32(message, column.field)
                                           : reflection->GetInt64(message, column.field));
    }
  }
  return true;
}

}  // namespace jiedui::resource
