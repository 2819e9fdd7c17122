#include "common/resource/table_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/resource/json_column.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "google/protobuf/timestamp.pb.h"

namespace jiedui::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

constexpr int kStandardColumns = 6;  // id, revision, create_time, update_time, author, source
constexpr int kFirstDomainField = 10;

bool IsTimestamp(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated() &&
         field->message_type()->full_name() == "google.protobuf.Timestamp";
}

absl::StatusOr<ColumnType> TypeOf(const FieldDescriptor* field) {
  if (field->is_repeated()) return ColumnType::kJson;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_STRING) return ColumnType::kText;
      break;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return ColumnType::kInt;
    case FieldDescriptor::CPPTYPE_BOOL:
      return ColumnType::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return ColumnType::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsTimestamp(field) ? ColumnType::kTime : ColumnType::kJson;
    default:
      break;
  }
  return absl::InvalidArgumentError(absl::StrCat(field->full_name(), ": type ", field->type_name(),
                                                 " has no column (use int64, string, bool, enum)"));
}

std::string SqlTypeOf(const Column& column) {
  switch (column.type) {
    case ColumnType::kText: {
      const int length = column.rule->is_date ? 10 : column.rule->max_length;
      return length > TablePlan::kMaxVarchar ? "TEXT" : absl::StrCat("VARCHAR(", length, ")");
    }
    case ColumnType::kJson:
      return "LONGTEXT";
    case ColumnType::kCell:
      if (column.json) return "LONGBLOB";
      return absl::StrCat("VARBINARY(", 4 * column.rule->max_length + TablePlan::kCellRoom, ")");
    default:
      return "BIGINT";
  }
}

filter::Type FilterTypeOf(const Column& column) {
  switch (column.type) {
    case ColumnType::kBool:
      return filter::Type::kBool;
    case ColumnType::kEnum:
      return filter::Type::kEnum;
    case ColumnType::kTime:
      return filter::Type::kTime;
    case ColumnType::kText:
      return column.rule->is_date ? filter::Type::kDate : filter::Type::kString;
    default:
      return filter::Type::kInt;
  }
}

const FieldDescriptor* StandardField(const Descriptor* descriptor, int number, absl::string_view name, bool time,
                                     std::vector<std::string>* problems) {
  const FieldDescriptor* field = descriptor->FindFieldByNumber(number);
  if (field == nullptr || field->name() != name ||
      (time ? !IsTimestamp(field) : field->type() != FieldDescriptor::TYPE_STRING)) {
    problems->push_back(
        absl::StrCat("field ", number, " must be ", time ? "google.protobuf.Timestamp " : "string ", name));
  }
  return field;
}

}  // namespace

absl::Status DamagedCell(const std::string& resource, const std::string& field) {
  return MakeError(
      absl::StatusCode::kDataLoss, error::v1::REASON_DATA_LOSS,
      {absl::StrCat("the stored ", field, " of ", resource, " was damaged, or changed outside the program"),
       absl::StrCat(resource, " 的 ", field, " 已损坏，或在系统之外被改动")},
      {{"resource", resource}, {"field", field}});
}

class TablePlan::FieldSchema : public filter::Schema {
 public:
  void Add(filter::Field field) {
    names_.push_back(field.name);
    fields_.emplace(field.name, std::move(field));
  }
  const filter::Field* Find(absl::string_view name) const override {
    const auto it = fields_.find(name);
    return it == fields_.end() ? nullptr : &it->second;
  }
  std::vector<std::string> Names() const override { return names_; }

 private:
  absl::flat_hash_map<std::string, filter::Field> fields_;
  std::vector<std::string> names_;
};

// The hashes under which a value may be found: one for each search key.
class TablePlan::CellHashes final : public filter::TextHashes {
 public:
  CellHashes(const TablePlan* plan, personal::PersonalKind kind) : plan_(plan), kind_(kind) {}
  std::vector<std::string> Of(absl::string_view text) const override {
    std::vector<std::string> hashes;
    const std::string value = personal::Canonical(kind_, text);
    if (value.empty()) return hashes;
    for (const personal::SearchKey& key : plan_->vault_->keyring()->search_keys()) {
      hashes.push_back(personal::Vault::HashOf(key, kind_, value));
    }
    return hashes;
  }
  bool Same(absl::string_view a, absl::string_view b) const override {
    return personal::Canonical(kind_, a) == personal::Canonical(kind_, b);
  }

 private:
  const TablePlan* plan_;
  personal::PersonalKind kind_;
};

absl::StatusOr<std::unique_ptr<TablePlan>> TablePlan::Build(const Descriptor* descriptor) {
  std::unique_ptr<TablePlan> plan(new TablePlan());
  plan->descriptor_ = descriptor;
  plan->prototype_ = MessageFactory::generated_factory()->GetPrototype(descriptor);
  plan->options_ = descriptor->options().GetExtension(options::v1::resource);
  plan->name_prefix_ = absl::StrCat(plan->options_.collection(), "/");
  JIEDUI_ASSIGN_OR_RETURN(plan->rules_, MessageRules::Build(descriptor));

  std::vector<std::string> problems;
  if (plan->options_.collection().empty() || plan->options_.table().empty() || plan->options_.title_zh().empty()) {
    problems.push_back("collection, table and title_zh must be set");
  }
  plan->standard_ = {StandardField(descriptor, 1, "name", false, &problems),
                     StandardField(descriptor, 2, "etag", false, &problems),
                     StandardField(descriptor, 3, "create_time", true, &problems),
                     StandardField(descriptor, 4, "update_time", true, &problems),
                     StandardField(descriptor, 5, "author", false, &problems),
                     StandardField(descriptor, 6, "source", false, &problems)};
  for (int i = 0; i < descriptor->field_count(); ++i) {
    if (descriptor->field(i)->number() >= kFirstDomainField) plan->AddColumn(descriptor->field(i), &problems);
  }
  for (const auto& key : plan->options_.unique()) {
    for (const std::string& field : key.fields()) {
      const Column* column = plan->FindColumn(field);
      if (column == nullptr || column->nullable || column->type == ColumnType::kJson ||
          (column->type == ColumnType::kCell && column->hash_name.empty())) {
        problems.push_back(absl::StrCat("unique key field ", field,
                                        " is no column without presence, or encrypted and not searchable"));
      }
    }
  }
  if (!plan->options_.scope_field().empty() && plan->FindColumn(plan->options_.scope_field()) == nullptr) {
    problems.push_back(absl::StrCat("scope_field ", plan->options_.scope_field(), " is no field"));
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(descriptor->full_name(), ": ", absl::StrJoin(problems, "; ")));
  }
  for (const Column& column : plan->columns_) {
    if (column.type == ColumnType::kCell) plan->cells_.push_back(&column);
  }
  plan->BuildSql();
  plan->BuildSchemas();
  return plan;
}

absl::StatusOr<std::unique_ptr<TablePlan>> TablePlan::BuildShared(const Descriptor* descriptor,
                                                                  const std::string& collection,
                                                                  absl::string_view reference,
                                                                  std::vector<std::string> collections) {
  JIEDUI_ASSIGN_OR_RETURN(std::unique_ptr<TablePlan> plan, Build(descriptor));
  plan->options_.set_collection(collection);
  plan->name_prefix_ = absl::StrCat(collection, "/");
  plan->references_.push_back({descriptor->FindFieldByName(std::string(reference)), std::move(collections)});
  return plan;
}

void TablePlan::AddColumn(const FieldDescriptor* field, std::vector<std::string>* problems) {
  absl::StatusOr<ColumnType> type = TypeOf(field);
  if (!type.ok()) {
    problems->push_back(std::string(type.status().message()));
    return;
  }
  Column column;
  column.field = field;
  column.type = *type;
  column.nullable = field->has_presence() && *type != ColumnType::kJson;
  column.quoted = absl::StrCat("`", field->name(), "`");
  column.rule = rules_->Find(field);
  const options::v1::FieldRules& rules = column.rule->rules;
  column.filterable =
      rules.has_filterable() ? rules.filterable() : *type != ColumnType::kJson && !column.rule->personal;
  if (column.filterable && *type == ColumnType::kJson) {
    problems->push_back(absl::StrCat(field->name(), ": a repeated or nested field is not filterable"));
  }
  if (column.rule->personal_kind != options::v1::PERSONAL_KIND_UNSPECIFIED) {
    if (*type != ColumnType::kText || column.nullable || column.filterable || rules.sortable() ||
        column.rule->is_date || !rules.pattern().empty() || !rules.reference_to().empty()) {
      problems->push_back(absl::StrCat(field->name(),
                                       ": a personal_kind needs a string without presence that is neither filterable, "
                                       "sortable, a date, a reference nor has a pattern"));
    }
    column.type = ColumnType::kCell;
    column.filterable = rules.searchable();
    if (rules.searchable()) {
      column.hash_name = absl::StrCat(field->name(), "_hash");
      column.quoted_hash = absl::StrCat("`", column.hash_name, "`");
    }
  } else if (column.rule->nested != nullptr && HasEncryptedField(*column.rule->nested)) {
    column.type = ColumnType::kCell;
    column.json = true;
  }
  if (rules.sortable() && (column.nullable || *type == ColumnType::kJson)) {
    problems->push_back(absl::StrCat(field->name(), ": sortable needs a scalar field without presence"));
  }
  if (!rules.reference_to().empty()) {
    if (*type != ColumnType::kText) problems->push_back(absl::StrCat(field->name(), ": a reference must be a string"));
    references_.push_back({field, {rules.reference_to().begin(), rules.reference_to().end()}});
  }
  if (field->is_repeated() && column.rule->nested != nullptr) {
    for (const FieldRule& item : column.rule->nested->fields()) {
      const auto& collections = item.rules.reference_to();
      if (collections.empty()) continue;
      item_references_.push_back({field, {item.field, {collections.begin(), collections.end()}}});
    }
  }
  column_by_name_.emplace(field->name(), static_cast<int>(columns_.size()));
  columns_.push_back(std::move(column));
}

void TablePlan::BuildSql() {
  std::string names = "id, revision, create_time, update_time, author, source";
  std::string sets = "revision = ?, update_time = ?, author = ?, source = ?";
  std::string marks = "?, ?, ?, ?, ?, ?";
  std::string hash_names;
  for (const Column& column : columns_) {
    absl::StrAppend(&names, ", ", column.quoted);
    absl::StrAppend(&sets, ", ", column.quoted, " = ?");
    absl::StrAppend(&marks, ", ?");
  }
  for (const Column* column : cells_) {
    if (column->hash_name.empty()) continue;
    absl::StrAppend(&hash_names, ", ", column->quoted_hash);
    absl::StrAppend(&sets, ", ", column->quoted_hash, " = ?");
    absl::StrAppend(&marks, ", ?");
  }
  const std::string table = absl::StrCat("`", options_.table(), "`");
  select_sql_ = absl::StrCat("SELECT ", names, " FROM ", table);
  get_sql_ = absl::StrCat(select_sql_, " WHERE id = ?");
  get_for_update_mysql_ = absl::StrCat(get_sql_, " FOR UPDATE");
  insert_sql_ = absl::StrCat("INSERT INTO ", table, " (", names, hash_names, ") VALUES (", marks, ")");
  update_sql_ = absl::StrCat("UPDATE ", table, " SET ", sets, " WHERE id = ? AND revision = ?");
  delete_sql_ = absl::StrCat("DELETE FROM ", table, " WHERE id = ? AND revision = ?");
}

void TablePlan::BuildSchemas() {
  auto list = std::make_unique<FieldSchema>();
  auto measure = std::make_unique<FieldSchema>();
  int index = 0;
  for (const FieldDescriptor* field :
       {standard_.author, standard_.source, standard_.create_time, standard_.update_time}) {
    const bool time = IsTimestamp(field);
    list->Add({field->name(), time ? filter::Type::kTime : filter::Type::kString, time,
               absl::StrCat("`", field->name(), "`"), field, index++});
  }
  for (const Column& column : columns_) {
    if (column.type == ColumnType::kJson) continue;
    if (column.type == ColumnType::kCell) {
      if (column.hash_name.empty()) continue;
      hashes_.push_back(std::make_unique<CellHashes>(this, column.rule->personal_kind));
      list->Add({column.field->name(), filter::Type::kString, false, column.quoted_hash, column.field, index++,
                 hashes_.back().get()});
      continue;
    }
    filter::Field field{column.field->name(), FilterTypeOf(column), column.nullable,
                        column.quoted,        column.field,         index++};
    if (column.filterable) list->Add(field);
    measure->Add(std::move(field));
  }
  list_schema_ = std::move(list);
  measure_schema_ = std::move(measure);
}

const Column* TablePlan::FindColumn(absl::string_view field) const {
  const auto it = column_by_name_.find(field);
  return it == column_by_name_.end() ? nullptr : &columns_[it->second];
}

const std::string& TablePlan::get_for_update_sql(sql::Dialect dialect) const {
  return dialect == sql::Dialect::kMysql ? get_for_update_mysql_ : get_sql_;
}

absl::string_view TablePlan::IdOf(absl::string_view name) const {
  if (!absl::StartsWith(name, name_prefix_)) return {};
  const absl::string_view id = name.substr(name_prefix_.size());
  return IsResourceId(id) ? id : absl::string_view();
}

std::string TablePlan::NameOf(absl::string_view id) const { return absl::StrCat(name_prefix_, id); }

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

size_t TablePlan::value_count() const { return columns_.size() + hashes_.size(); }

bool TablePlan::HasUniqueHashes() const {
  return std::any_of(options_.unique().begin(), options_.unique().end(), [this](const options::v1::UniqueKey& key) {
    return std::any_of(key.fields().begin(), key.fields().end(),
                       [this](const std::string& field) { return KeyColumn(field) != field; });
  });
}

std::string TablePlan::KeyColumn(const std::string& field) const {
  const Column* column = FindColumn(field);
  return column == nullptr || column->hash_name.empty() ? field : column->hash_name;
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

std::string TablePlan::SameKeySql(const options::v1::UniqueKey& key) const {
  const Column* site = FindColumn(options_.scope_field());
  std::string sql = absl::StrCat("SELECT id, ", site == nullptr ? "''" : site->quoted, " FROM `", options_.table(),
                                 "` WHERE id <> ?");
  for (const std::string& field : key.fields()) absl::StrAppend(&sql, " AND `", KeyColumn(field), "` = ?");
  return sql;
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

std::vector<sql::ColumnInfo> TablePlan::TableColumns() const {
  std::vector<sql::ColumnInfo> columns = {{"id", absl::StrCat("VARCHAR(", kMaxIdLength, ")"), false},
                                          {"revision", "BIGINT", false},
                                          {"create_time", "BIGINT", false},
                                          {"update_time", "BIGINT", false},
                                          {"author", "VARCHAR(255)", false},
                                          {"source", "VARCHAR(255)", false}};
  for (const Column& column : columns_) columns.push_back({column.field->name(), SqlTypeOf(column), column.nullable});
  for (const Column* column : cells_) {
    if (!column->hash_name.empty()) columns.push_back({column->hash_name, "VARCHAR(64)", true});
  }
  return columns;
}

std::vector<sql::IndexInfo> TablePlan::TableIndexes() const {
  std::vector<sql::IndexInfo> indexes;
  for (const auto& key : options_.unique()) {
    std::vector<std::string> columns;
    for (const std::string& field : key.fields()) columns.push_back(KeyColumn(field));
    indexes.push_back(
        {absl::StrCat(options_.table(), "_by_", absl::StrJoin(key.fields(), "_")), true, std::move(columns)});
  }
  for (const Column& column : columns_) {
    if (!column.hash_name.empty()) {
      const bool first = std::any_of(options_.unique().begin(), options_.unique().end(),
                                     [&column](const auto& key) { return key.fields(0) == column.field->name(); });
      if (!first) {
        indexes.push_back({absl::StrCat(options_.table(), "_on_", column.hash_name), false, {column.hash_name, "id"}});
      }
      continue;
    }
    if (!column.rule->rules.sortable() && column.rule->rules.reference_to().empty()) continue;
    // A unique key that begins with a reference finds its referrers as well.
    bool covered = false;
    for (const auto& key : options_.unique()) covered = covered || key.fields(0) == column.field->name();
    if (covered && !column.rule->rules.sortable()) continue;
    indexes.push_back(
        {absl::StrCat(options_.table(), "_on_", column.field->name()), false, {column.field->name(), "id"}});
  }
  return indexes;
}

// Names of domain columns may be words of SQL.
std::string TablePlan::Quoted(const std::string& column) const {
  const bool hash =
      std::any_of(cells_.begin(), cells_.end(), [&column](const Column* each) { return each->hash_name == column; });
  return hash || FindColumn(column) != nullptr ? absl::StrCat("`", column, "`") : column;
}

std::string TablePlan::Ddl() const {
  std::string ddl = absl::StrCat("CREATE TABLE ", options_.table(), " (");
  for (const sql::ColumnInfo& column : TableColumns()) {
    absl::StrAppend(&ddl, column.name == "id" ? "\n  " : ",\n  ", Quoted(column.name), " ", column.type,
                    column.nullable ? "" : " NOT NULL", column.name == "id" ? " PRIMARY KEY" : "");
  }
  absl::StrAppend(&ddl, "\n) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */ /*sqlite: WITHOUT ROWID */;\n");
  for (const sql::IndexInfo& index : TableIndexes()) {
    std::vector<std::string> columns;
    for (const std::string& column : index.columns) columns.push_back(Quoted(column));
    absl::StrAppend(&ddl, "CREATE ", index.unique ? "UNIQUE " : "", "INDEX ", index.name, " ON ", options_.table(),
                    " (", absl::StrJoin(columns, ", "), ");\n");
  }
  return ddl;
}

std::string EtagOf(const RowVersion& version) {
  return absl::StrCat(version.revision, "-", absl::Hex(version.update_micros));
}

bool IsResourceId(absl::string_view id) {
  if (id.empty() || id.size() > TablePlan::kMaxIdLength || id[0] == '-') return false;
  return std::all_of(id.begin(), id.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }) &&
         !personal::ContainsCitizenNumber(id);
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

}  // namespace jiedui::resource
