// The generic engine: everything that is the same for all resources of a program. A program has one Engine on one Database.

#ifndef JIEDUI_COMMON_STORE_ENGINE_H_
#define JIEDUI_COMMON_STORE_ENGINE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/measure/measure_set.h"
#include "common/personal/vault.h"
#include "common/resource/registry.h"
#include "common/resource/request_context.h"
#include "common/sql/database.h"
#include "common/store/policy.h"
#include "common/workflow/workflow.h"
#include "google/protobuf/message.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/village/v1/directory.pb.h"
#include "jiedui/workflow/v1/workflow.pb.h"

namespace jiedui::store {

class UnitOfWork;

// The names that another program owns (divisions and villages, for all but `village`).
class RemoteNames {
 public:
  virtual ~RemoteNames() = default;
  virtual bool Exists(absl::string_view name) const = 0;
  // What is known of a division or village; nothing when it is not known.
  virtual std::optional<village::v1::DirectoryEntry> Find(absl::string_view name) const = 0;
  // Fetches what is new and calls `done`, also when that failed. Coalesced and bounded by the implementation.
  virtual void Refresh(absl::AnyInvocable<void()> done) = 0;
};

using Clock = std::function<absl::Time()>;

// A transition that is about to be written, for a guard.
struct Passage {
  const google::protobuf::Message& before;
  const google::protobuf::Message& after;
  const workflow::v1::Transition& step;
};

// Looks at what a workflow's declaration cannot say: adds violations, or refuses with a status of its own. May read through
// `work`.
using Guard = std::function<absl::Status(UnitOfWork& work, const Passage& passage, Violations& violations)>;

struct EngineOptions {
  sql::Database* database = nullptr;
  const resource::Registry* registry = nullptr;
  const measure::MeasureSet* measures = nullptr;
  const workflow::WorkflowSet* workflows = nullptr;
  // By name in the declarations.
  absl::flat_hash_map<std::string, Guard> guards;
  // By collection. Resources that are not in it have no rules of their own.
  absl::flat_hash_map<std::string, std::unique_ptr<Policy>> policies;
  // Null where every reference is in the program's own database.
  RemoteNames* remote_names = nullptr;
  // Where a resource has encrypted fields; outlives the engine.
  const personal::Vault* vault = nullptr;
  // Comparisons with encrypted fields, and rows of files that only compare with them, that a principal has in a day: see Quota.
  int64_t search_quota = 200;
  int64_t file_quota = 5000;
  Clock clock = [] { return absl::Now(); };
  // An answer of SyncMeasures or SyncDirectory ends about there, and the caller asks for more: clients take up to 64 MiB.
  int64_t sync_bytes = 16 << 20;
};

// A look at personal data that is recorded whatever becomes of the transaction in which it was taken.
struct PersonalLook {
  audit::v1::AuditAction action;
  std::string resource;  // or a collection
  std::string detail;
  int64_t searches = 0;  // taken from the principal's quotas
  int64_t file_rows = 0;
};

// Identity of the database.
struct EngineState {
  std::string database_id;
  std::string page_token_key;
};

using Done = absl::AnyInvocable<void(absl::Status)>;
using WriteHandler = std::function<absl::Status(UnitOfWork& work, const google::protobuf::Message& request,
                                                google::protobuf::Message* response)>;
using ReadHandler =
    std::function<absl::Status(RequestContext& context, sql::Transaction& transaction,
                               const google::protobuf::Message& request, google::protobuf::Message* response)>;

// Brings a freshly migrated database up to date with the program: its identity, and the measures whose definitions
// changed, which are recomputed from the facts. Part of --migrate. Errors of the database.
absl::Status PrepareDatabase(sql::Database& database, const measure::MeasureSet& measures);

class Engine {
 public:
  // Reads identity and years. UNAVAILABLE when PrepareDatabase has not run for these measures.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(EngineOptions options);

  // Runs `handler`, which sees and writes personal data as it is, in one write transaction with idempotency, validate_only, audit, measures and request log. The fields
  // request_id and validate_only are found in the request by name. Calls `done` exactly once; context, request and
  // response must live until then.
  void RunWrite(RequestContext& context, const google::protobuf::Message& request, google::protobuf::Message* response,
                const WriteHandler& handler, Done done);

  // The same for the program itself, as `principal`, and in the name of the RPC `method`. Blocks.
  absl::Status WriteAndWait(const std::string& principal, const std::string& method,
                            const google::protobuf::Message& request, google::protobuf::Message* response,
                            const WriteHandler& handler);

  // Runs `handler` in one read snapshot, on a reader thread. What it answers is masked, here and below.
  void RunRead(RequestContext& context, const google::protobuf::Message& request, google::protobuf::Message* response,
               const ReadHandler& handler, Done done);
  // The same for what other programs ask again and again: on readers of its own.
  void RunSync(RequestContext& context, const google::protobuf::Message& request, google::protobuf::Message* response,
               const ReadHandler& handler, Done done);

  // RunRead of a list. A comparison in its filter with an encrypted field, of which there may be one, is recorded and counted first.
  void RunList(const resource::TablePlan& plan, RequestContext& context, const google::protobuf::Message& request,
               google::protobuf::Message* response, const ReadHandler& handler, Done done);

  // The same on the calling thread where the database allows it: for a handler that runs one statement.
  void RunPointRead(RequestContext& context, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const ReadHandler& handler, Done done);

  // What a filter compares with encrypted fields; nullopt when nothing, or when it is wrong. INVALID_ARGUMENT for more than one.
  absl::StatusOr<std::optional<PersonalLook>> SearchIn(const resource::TablePlan& plan, absl::string_view filter) const;

  // Writes a look into the history, in a transaction of its own, and takes its comparisons from the quotas. RESOURCE_EXHAUSTED when one
  // was used up before. The second blocks.
  void RecordLook(const RequestContext& context, PersonalLook look, Done done);
  absl::Status RecordLookAndWait(const RequestContext& context, PersonalLook look);

  // Options of a write transaction that a caller runs by itself with a UnitOfWork of this id: an unknown COMMIT is settled
  // by the audit entries.
  sql::WriteOptions WriteOptionsOf(const std::string& transaction_id, absl::Time deadline) const;

  // The standard methods as handlers, for any resource. `message` fields follow AIP naming.
  WriteHandler CreateHandler(const resource::TablePlan& plan) const;
  WriteHandler UpdateHandler(const resource::TablePlan& plan) const;
  WriteHandler DeleteHandler(const resource::TablePlan& plan) const;
  // The transition `rpc` of a resource with a workflow.
  WriteHandler TransitionHandler(const resource::TablePlan& plan, const std::string& rpc) const;
  ReadHandler GetHandler(const resource::TablePlan& plan) const;
  ReadHandler ListHandler(const resource::TablePlan& plan) const;

  // The handlers of MeasureService and AuditService.
  ReadHandler SyncMeasuresHandler() const;
  ReadHandler VerifyMeasuresHandler() const;
  ReadHandler ListWarningsHandler() const;
  ReadHandler ListAuditEntriesHandler() const;

  // The handlers of PersonalDataService; `quota` looks for a principal and day.
  WriteHandler RevealHandler(int64_t quota) const;
  ReadHandler CheckCellsHandler() const;

  // Makes the counted years equal to `years`: newly opened ones are computed from the facts, closed ones frozen. Blocks.
  absl::Status SetYears(const std::vector<village::v1::DirectoryYear>& years, absl::Time deadline);

  // UNAVAILABLE once the database keeps the measures of another release: this replica is of no more use. Blocks; for readiness.
  absl::Status CheckDefinitions() const;

  // Forgets answers to requests, and imports, from before `time`, a thousand in one transaction. Blocks.
  absl::Status PruneLogs(absl::Time time, absl::Time deadline);

  std::shared_ptr<const measure::YearView> years() const;
  // Reads the counted years again, in `transaction`. UNAVAILABLE as CheckDefinitions.
  absl::Status ReloadYears(sql::Transaction& transaction);
  // After a change of what the words of filters stand for, in a transaction that counts by `before` and holds its epoch:
  // counts the open years anew where their words are others, forgets what `deltas` holds of that, and answers the years as
  // they are now. Errors of the database.
  absl::StatusOr<std::shared_ptr<const measure::YearView>> RewordYears(sql::Transaction& transaction,
                                                                       const measure::YearView& before,
                                                                       measure::Deltas& deltas) const;

  sql::Database& database() const { return *options_.database; }
  const resource::Registry& registry() const { return *options_.registry; }
  const measure::MeasureSet& measures() const { return *options_.measures; }
  const Policy* PolicyOf(const resource::TablePlan& plan) const;
  // nullptr when the resource has no workflow.
  const workflow::Workflow* WorkflowOf(const resource::TablePlan& plan) const { return options_.workflows->Find(plan); }
  const Guard& GuardOf(const std::string& name) const { return options_.guards.at(name); }
  const personal::Vault* vault() const { return options_.vault; }
  int64_t search_quota() const { return options_.search_quota; }
  int64_t file_quota() const { return options_.file_quota; }
  RemoteNames* remote_names() const { return options_.remote_names; }
  const EngineState& state() const { return state_; }
  int64_t sync_bytes() const { return options_.sync_bytes; }
  absl::Time Now() const { return options_.clock(); }
  // 16 bytes, ordered by time, unique over all processes.
  std::string NewTransactionId() const;
  // 26 characters, ordered by time: the id of a resource whose caller gave none.
  std::string NewResourceId() const;

 private:
  struct WriteCall;

  explicit Engine(EngineOptions options) : options_(std::move(options)) {}
  void StartWrite(std::shared_ptr<WriteCall> call);
  absl::Status WriteBody(WriteCall& call, sql::Transaction& transaction);
  void FinishWrite(std::shared_ptr<WriteCall> call, absl::Status status);

  EngineOptions options_;
  EngineState state_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const measure::YearView> years_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_ENGINE_H_
