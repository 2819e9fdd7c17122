// One batch of rows in a write transaction, and what became of it.

#ifndef JIEDUI_COMMON_BULK_IMPORT_ROWS_H_
#define JIEDUI_COMMON_BULK_IMPORT_ROWS_H_

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/bulk/row_reader.h"
#include "common/store/unit_of_work.h"
#include "jiedui/bulk/v1/bulk.pb.h"

namespace jiedui::bulk {

// The errors of an import, of which only the first are kept: a file whose every row is wrong must not fill the memory.
class ErrorList {
 public:
  static constexpr size_t kMaxKept = 10'000;

  void Add(v1::ImportRowError error);
  void Clear() { *this = ErrorList(); }
  bool empty() const { return errors_.empty(); }
  // Takes over what `next` has.
  void Append(ErrorList next);
  // The errors added since the last call; the first one that is not kept any more is replaced by a note.
  RowErrors Take();

 private:
  RowErrors errors_;
  size_t count_ = 0;  // with those taken and those not kept
};

// Rows that are refused only when they are written already, by what follows from them. No transaction can go on after that: it is
// rolled back and run again without them.
struct HalfwayRows {
  absl::flat_hash_map<int64_t, absl::Status> known;        // by line: not put again, and reported
  std::optional<std::pair<int64_t, absl::Status>> latest;  // the one that ended this run
};

// Puts every row that has no errors and checks the others; adds to `errors` and to the counts of `result` but committed and
// resumed ones. A row that is refused leaves nothing behind. `interrupted` is asked now and then and ends the work.
// Errors: those of `interrupted`, of the database, and of a write that failed half-way, which is then in `halfway->latest`.
absl::Status ApplyRows(const RowReader& reader, const resource::TablePlan& plan, const RowBatch& batch,
                       absl::FunctionRef<absl::Status()> interrupted, store::UnitOfWork& work, HalfwayRows* halfway,
                       ErrorList* errors, v1::ImportResult* result);

}  // namespace jiedui::bulk

#endif  // JIEDUI_COMMON_BULK_IMPORT_ROWS_H_
