#include "common/resource/table_plan.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"

namespace jiedui::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;

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

std::string TablePlan::SameKeySql(const options::v1::UniqueKey& key) const {
  const Column* site = FindColumn(options_.scope_field());
  std::string sql = absl::StrCat("SELECT id, ", site == nullptr ? "''" : site->quoted, " FROM `", options_.table(),
                                 "` WHERE id <> ?");
  for (const std::string& field : key.fields()) absl::StrAppend(&sql, " AND `", KeyColumn(field), "` = ?");
  return sql;
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

}  // namespace jiedui::resource
