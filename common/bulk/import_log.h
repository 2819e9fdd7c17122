// What the database remembers of imports that their callers gave an id, written in the transactions of their rows.

#ifndef JIEDUI_COMMON_BULK_IMPORT_LOG_H_
#define JIEDUI_COMMON_BULK_IMPORT_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/sql/database.h"
#include "jiedui/bulk/v1/bulk.pb.h"

namespace jiedui::bulk {

struct ImportRecord {
  // Of the file up to the end of row `committed_rows`; of the whole file when the import is complete.
  std::string content_hash;
  // Rows taken in, wrong ones included.
  int64_t committed_rows = 0;
  // Counts so far; `committed` says that the import is complete.
  v1::ImportResult result;
};

// Key of an import; the same id of another caller, or for another collection, is another import.
std::string ImportKey(absl::string_view principal, absl::string_view collection, absl::string_view import_id);

// Nothing when the import is new. Errors of the database.
absl::StatusOr<std::optional<ImportRecord>> FindImport(sql::Transaction& transaction, const std::string& key);

// The same in a write transaction, and waits for one that is writing the record.
absl::StatusOr<std::optional<ImportRecord>> FindImportLocked(sql::Transaction& transaction, const std::string& key);

// Writes the record of an import that had `rows_before` rows taken in (0: none, or only an empty first part).
// ABORTED when another call went on with the same import meanwhile; errors of the database.
absl::Status RecordImport(sql::Transaction& transaction, const std::string& key, int64_t now_micros,
                          int64_t rows_before, const ImportRecord& record);

// A content that is not the one that the id was given to.
absl::Status ImportIdReused();

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_IMPORT_LOG_H_
