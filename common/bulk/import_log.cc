#include "common/bulk/import_log.h"

#include "absl/strings/str_cat.h"
#include "common/bulk/prefix_hash.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::bulk {
namespace {

absl::Status Overtaken() {
  return MakeError(absl::StatusCode::kAborted, error::v1::REASON_CONFLICT,
                   {"another call with the same import_id is at work", "同一导入号的另一请求正在进行"});
}

absl::StatusOr<std::optional<ImportRecord>> ReadImport(sql::Transaction& transaction, const std::string& key,
                                                       absl::string_view lock) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare(
          absl::StrCat("SELECT content_hash, committed_rows, result FROM bulk_import WHERE import_key = ?", lock)));
  row->BindBlob(0, key);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) return std::nullopt;
  ImportRecord record;
  record.content_hash = std::string(row->Text(0));
  record.committed_rows = row->Int(1);
  const absl::string_view result = row->Text(2);
  if (!record.result.ParseFromArray(result.data(), static_cast<int>(result.size()))) {
    return absl::InternalError("bulk_import holds a result that cannot be read");
  }
  return record;
}

}  // namespace

std::string ImportKey(absl::string_view principal, absl::string_view collection, absl::string_view import_id) {
  PrefixHash hash;
  for (const absl::string_view part : {principal, collection, import_id})
    hash.Add(absl::StrCat(part.size(), ":", part));
  return hash.Get();
}

absl::StatusOr<std::optional<ImportRecord>> FindImport(sql::Transaction& transaction, const std::string& key) {
  return ReadImport(transaction, key, "");
}

absl::StatusOr<std::optional<ImportRecord>> FindImportLocked(sql::Transaction& transaction, const std::string& key) {
  return ReadImport(transaction, key, transaction.dialect() == sql::Dialect::kMysql ? " LOCK IN SHARE MODE" : "");
}

absl::Status RecordImport(sql::Transaction& transaction, const std::string& key, int64_t now_micros,
                          int64_t rows_before, const ImportRecord& record) {
  const std::string result = record.result.SerializeAsString();
  if (rows_before == 0) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * insert,
                            transaction.Prepare("INSERT INTO bulk_import (import_key, create_time, content_hash, "
                                                "committed_rows, result) VALUES (?, ?, ?, ?, ?)"));
    insert->BindBlob(0, key);
    insert->BindInt(1, now_micros);
    insert->BindBlob(2, record.content_hash);
    insert->BindInt(3, record.committed_rows);
    insert->BindBlob(4, result);
    const absl::Status inserted = insert->Execute().status();
    return absl::IsAlreadyExists(inserted) ? Overtaken() : inserted;
  }
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * update,
                          transaction.Prepare("UPDATE bulk_import SET content_hash = ?, committed_rows = ?, result = ? "
                                              "WHERE import_key = ? AND committed_rows = ?"));
  update->BindBlob(0, record.content_hash);
  update->BindInt(1, record.committed_rows);
  update->BindBlob(2, result);
  update->BindBlob(3, key);
  update->BindInt(4, rows_before);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, update->Execute());
  return touched == 1 ? absl::OkStatus() : Overtaken();
}

absl::Status ImportIdReused() {
  Violations violations;
  violations.Add("import_id", error::v1::REASON_REQUEST_ID_REUSED,
                 {"was used before for a file with other content", "该导入号已用于内容不同的文件"});
  return violations.ToStatus();
}

}  // namespace jiedui::bulk
