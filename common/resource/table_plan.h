// How a resource message lies in its table. Built once from the descriptor and its options; every read, write, list,
// validation and CSV file of every resource follows the plan, so none of them is written per resource.

#ifndef JIEDUI_COMMON_RESOURCE_TABLE_PLAN_H_
#define JIEDUI_COMMON_RESOURCE_TABLE_PLAN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/filter/filter.h"
#include "common/personal/vault.h"
#include "common/resource/field_rules.h"
#include "common/sql/database.h"
#include "common/sql/schema_inspect.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "jiedui/options/v1/options.pb.h"

namespace jiedui::resource {

enum class ColumnType { kText, kInt, kBool, kEnum, kTime, kJson, kCell };

// A domain field (number 10 and up) and its column.
struct Column {
  const google::protobuf::FieldDescriptor* field = nullptr;
  ColumnType type = ColumnType::kText;
  bool nullable = false;  // field with presence; all others are NOT NULL with their default
  bool filterable = false;
  std::string quoted;  // `name`
  const FieldRule* rule = nullptr;
  // Of a kCell: a repeated or nested field with personal data somewhere in it; its JSON is encrypted as a whole.
  bool json = false;
  // Of a kCell that is searchable: the column with its keyed hash.
  std::string hash_name;
  std::string quoted_hash;
};

// A field whose value names a resource.
struct Reference {
  const google::protobuf::FieldDescriptor* field = nullptr;
  std::vector<std::string> collections;
};

// One in each element of a repeated field, `items`.
struct ItemReference {
  const google::protobuf::FieldDescriptor* items = nullptr;
  Reference reference;
};

// The fields that every resource has, numbers 1 to 6.
struct StandardFields {
  const google::protobuf::FieldDescriptor* name = nullptr;
  const google::protobuf::FieldDescriptor* etag = nullptr;
  const google::protobuf::FieldDescriptor* create_time = nullptr;
  const google::protobuf::FieldDescriptor* update_time = nullptr;
  const google::protobuf::FieldDescriptor* author = nullptr;
  const google::protobuf::FieldDescriptor* source = nullptr;
};

// Version of a stored row.
struct RowVersion {
  int64_t revision = 0;
  int64_t create_micros = 0;  // µs UTC
  int64_t update_micros = 0;  // µs UTC
};

class TablePlan {
 public:
  // INVALID_ARGUMENT listing everything in the descriptor that does not fit the engine.
  static absl::StatusOr<std::unique_ptr<TablePlan>> Build(const google::protobuf::Descriptor* descriptor);

  // A message that several programs have, each as a collection of its own, and whose `reference` field names resources of
  // `collections`.
  static absl::StatusOr<std::unique_ptr<TablePlan>> BuildShared(const google::protobuf::Descriptor* descriptor,
                                                                const std::string& collection,
                                                                absl::string_view reference,
                                                                std::vector<std::string> collections);

  const google::protobuf::Descriptor* descriptor() const { return descriptor_; }
  const options::v1::ResourceOptions& options() const { return options_; }
  const std::string& collection() const { return options_.collection(); }
  const std::string& table() const { return options_.table(); }
  const StandardFields& standard() const { return standard_; }
  const std::vector<Column>& columns() const { return columns_; }
  const Column* FindColumn(absl::string_view field) const;
  const std::vector<Reference>& references() const { return references_; }
  const std::vector<ItemReference>& item_references() const { return item_references_; }
  const MessageRules& rules() const { return *rules_; }
  const google::protobuf::Message& prototype() const { return *prototype_; }

  // The fields that a client's filter may use, and those that a measure's may (all scalars).
  const filter::Schema& list_schema() const { return *list_schema_; }
  const filter::Schema& measure_schema() const { return *measure_schema_; }

  // "villages/x" → "x"; empty when `name` is not a well-formed name of this collection.
  absl::string_view IdOf(absl::string_view name) const;
  std::string NameOf(absl::string_view id) const;

  // SQL over id, revision, create_time, update_time, author, source and the columns, in that order.
  const std::string& select_sql() const { return select_sql_; }       // without WHERE
  const std::string& get_sql() const { return get_sql_; }             // ? = id
  const std::string& get_for_update_sql(sql::Dialect dialect) const;  // ? = id; locks the row
  const std::string& insert_sql() const { return insert_sql_; }       // bound by BindInsert
  const std::string& update_sql() const { return update_sql_; }       // bound by BindUpdate
  const std::string& delete_sql() const { return delete_sql_; }       // ? = id, revision

  // Whether the resource has encrypted fields; only UseVault makes them readable.
  const std::vector<const Column*>& cells() const { return cells_; }
  bool HasCells() const { return !cells_.empty(); }
  // `vault` must outlive the plan. Before any use of it.
  void UseVault(const personal::Vault* vault) { vault_ = vault; }
  const personal::Vault* vault() const { return vault_; }

  // The keys as they are now. A transaction takes them once: what it compares must be under the keys that it writes with.
  std::shared_ptr<const personal::Keyring> Keyring() const { return cells_.empty() ? nullptr : vault_->keyring(); }

  // Whether a unique key has an encrypted field.
  bool HasUniqueHashes() const;
  // What a unique key has instead of a field: its hash where it is encrypted.
  std::string KeyColumn(const std::string& field) const;

  // Fills `message` from the current row of a select_sql() statement; encrypted fields as they are, so that whoever answers with
  // it masks them (personal::MaskPersonalFields).
  // INTERNAL when a JSON column cannot be read; DATA_LOSS naming resource and field when a cell does not open.
  absl::Status ReadRow(sql::Statement& row, google::protobuf::Message* message, RowVersion* version) const;

  // Holds the texts that bound statements point to until they were executed.
  struct BindBuffer {
    std::vector<std::string> texts;
  };
  // `keyring` as Keyring answers it; null where the resource has no encrypted fields.
  void BindInsert(const google::protobuf::Message& message, const RowVersion& version, const personal::Keyring* keyring,
                  sql::Statement& statement, BindBuffer& buffer) const;
  // Also binds the id and the revision before.
  void BindUpdate(const google::protobuf::Message& message, const RowVersion& version, int64_t revision_before,
                  const personal::Keyring* keyring, sql::Statement& statement, BindBuffer& buffer) const;

  // Id and site of another row than the message's with the same unique key, hashed under `search`; for BindSameKey, which answers
  // false when the key is not set and so not unique.
  std::string SameKeySql(const options::v1::UniqueKey& key) const;
  bool BindSameKey(const options::v1::UniqueKey& key, const google::protobuf::Message& message,
                   const personal::SearchKey& search, sql::Statement& statement, BindBuffer& buffer) const;

  // What the table must look like.
  std::vector<sql::ColumnInfo> TableColumns() const;
  std::vector<sql::IndexInfo> TableIndexes() const;

  // The CREATE TABLE and CREATE INDEX statements that a migration of this resource needs; what a developer of a new
  // resource starts from, and what the drift test prints.
  std::string Ddl() const;

  // Text columns longer than this are TEXT and not part of an index.
  static constexpr int kMaxVarchar = 1024;
  static constexpr int kDefaultLength = 255;
  static constexpr int kMaxIdLength = 63;
  // Bytes of an encrypted column beside the text's own, at most four for each character.
  static constexpr int kCellRoom = 64;
  static_assert(kCellRoom >= personal::kCellOverhead);

 private:
  class FieldSchema;
  class CellHashes;
  TablePlan() = default;
  void AddColumn(const google::protobuf::FieldDescriptor* field, std::vector<std::string>* problems);
  void BuildSql();
  void BuildSchemas();
  void BindColumns(const google::protobuf::Message& message, int first, const personal::Keyring* keyring,
                   sql::Statement& statement, BindBuffer& buffer) const;
  std::string Quoted(const std::string& column) const;
  // Of the domain fields and their hashes.
  size_t value_count() const;

  const google::protobuf::Descriptor* descriptor_ = nullptr;
  const google::protobuf::Message* prototype_ = nullptr;
  options::v1::ResourceOptions options_;
  StandardFields standard_;
  std::vector<Column> columns_;
  absl::flat_hash_map<std::string, int> column_by_name_;
  std::vector<const Column*> cells_;
  std::vector<std::unique_ptr<const filter::TextHashes>> hashes_;
  const personal::Vault* vault_ = nullptr;
  std::vector<Reference> references_;
  std::vector<ItemReference> item_references_;
  std::unique_ptr<MessageRules> rules_;
  std::unique_ptr<filter::Schema> list_schema_;
  std::unique_ptr<filter::Schema> measure_schema_;
  std::string name_prefix_;
  std::string select_sql_, get_sql_, get_for_update_mysql_, insert_sql_, update_sql_, delete_sql_;
};

// "<revision>-<update µs in hexadecimal>".
std::string EtagOf(const RowVersion& version);

// DATA_LOSS for an encrypted field of `resource` that does not open.
absl::Status DamagedCell(const std::string& resource, const std::string& field);

// [a-z0-9] then [a-z0-9-], 1 to 63 characters, and no citizen number: names stand in addresses, logs and errors.
bool IsResourceId(absl::string_view id);

// Sets a google.protobuf.Timestamp field to µs since the epoch.
void SetTimestamp(google::protobuf::Message* message, const google::protobuf::FieldDescriptor* field, int64_t micros);
// µs since the epoch of a google.protobuf.Timestamp field that is set.
int64_t GetTimestamp(const google::protobuf::Message& message, const google::protobuf::FieldDescriptor* field);

}  // namespace jiedui::resource

#endif  // JIEDUI_COMMON_RESOURCE_TABLE_PLAN_H_
