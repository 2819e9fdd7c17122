// The targets as they stand in the database, compiled once per change.

#ifndef JIEDUI_SERVICES_GATEWAY_TARGET_STORE_H_
#define JIEDUI_SERVICES_GATEWAY_TARGET_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/resource/table_plan.h"
#include "common/sql/database.h"
#include "jiedui/village/v1/division.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {

// Id, revision and update time of every target: equal for equal contents.
using TargetVersions = std::vector<std::tuple<std::string, int64_t, int64_t>>;

// All targets at a moment. Immutable.
struct TargetSet {
  TargetVersions versions;
  // By year; ordered by position and name. A target that this release cannot compute has no population and no services.
  std::map<int, std::vector<std::shared_ptr<const CompiledTarget>>> years;

  // nullptr when there is none.
  std::shared_ptr<const CompiledTarget> Find(absl::string_view name) const;
};

// Thread-safe.
class TargetStore {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<std::shared_ptr<const TargetSet>>)>;

  // All must outlive the store.
  TargetStore(sql::Database* database, const resource::TablePlan* plan, const Catalog* catalog)
      : database_(database), plan_(plan), catalog_(catalog) {}

  // Answers with what is committed now; on the calling thread where the database allows that, and from memory where it knows of
  // every commit (SQLite: as RememberedAnswers) and there was none. Errors of the database.
  void Read(absl::Time deadline, Done done);

 private:
  // `commits` of the database before the transaction began.
  absl::StatusOr<std::shared_ptr<const TargetSet>> ReadIn(sql::Transaction& transaction, int64_t commits);

  sql::Database* const database_;
  const resource::TablePlan* const plan_;
  const Catalog* const catalog_;
  absl::Mutex mutex_;
  std::shared_ptr<const TargetSet> last_ ABSL_GUARDED_BY(mutex_) = std::make_shared<TargetSet>();
  int64_t last_commits_ ABSL_GUARDED_BY(mutex_) = -1;  // before last_ was read
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_TARGET_STORE_H_
