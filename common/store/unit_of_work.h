// One write transaction as the engine's and the programs' handlers see it: resources go in and out as messages; audit,
// measures, counts and versions follow by themselves and are written together at the end.

#ifndef JIEDUI_COMMON_STORE_UNIT_OF_WORK_H_
#define JIEDUI_COMMON_STORE_UNIT_OF_WORK_H_

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/measure/measure_set.h"
#include "common/resource/field_mask.h"
#include "common/resource/registry.h"
#include "common/resource/request_context.h"
#include "common/sql/database.h"
#include "common/store/engine.h"
#include "common/store/personal_quota.h"
#include "google/protobuf/message.h"
#include "jiedui/audit/v1/audit.pb.h"

namespace jiedui::store {

class UnitOfWork {
 public:
  // All references must outlive the unit. `transaction_id` stays the same when the transaction is run again.
  UnitOfWork(Engine& engine, const RequestContext& context, sql::Transaction& transaction, std::string transaction_id);

  // Reads a resource and locks it until the end of the transaction. NOT_FOUND, INVALID_ARGUMENT for a bad name.
  absl::Status GetForUpdate(const resource::TablePlan& plan, absl::string_view name,
                            google::protobuf::Message* resource, resource::RowVersion* version = nullptr);

  // Reads a resource without a lock: for rules about a row that this write refers to, which is locked already.
  absl::Status Get(const resource::TablePlan& plan, absl::string_view name, google::protobuf::Message* resource);

  // Whether a resource has these texts in these fields; one that is found stays until the end of the transaction.
  absl::StatusOr<bool> Exists(const resource::TablePlan& plan,
                              std::initializer_list<std::pair<absl::string_view, absl::string_view>> values);

  // Creates `resource` (its name is replaced by `id`, or by a new id when that is empty) and completes it in place.
  // INVALID_ARGUMENT with all violations, ALREADY_EXISTS.
  absl::Status Create(const resource::TablePlan& plan, absl::string_view id, google::protobuf::Message* resource);

  // Changes the fields of `mask` (all that are set when empty, all when "*") of the resource that `resource` names, and
  // completes it in place. An etag in it must be current. Fields that do not change leave revision and etag as they are, unless there is
  // personal data among them that is written rather than masked: the answer must not tell that somebody guessed it.
  // INVALID_ARGUMENT with all violations, NOT_FOUND, ALREADY_EXISTS, ABORTED (etag).
  absl::Status Update(const resource::TablePlan& plan, absl::Span<const std::string> mask,
                      google::protobuf::Message* resource);

  // INVALID_ARGUMENT, NOT_FOUND, ABORTED (etag), FAILED_PRECONDITION (still referred to, or the policy's reason).
  absl::Status Delete(const resource::TablePlan& plan, absl::string_view name, absl::string_view etag);

  // Creates the resource `id` (a new id when that is empty) or, when it is there, replaces its fields of `mask` by those of
  // `resource`. What does not change (as with Update) is not checked. An etag in `resource` is ignored. Errors as Create and Update, but not
  // ABORTED (etag); after one of them the unit can go on unless broken().
  enum class Change { kCreated, kUpdated, kUnchanged };
  absl::StatusOr<Change> Put(const resource::TablePlan& plan, absl::string_view id, absl::Span<const std::string> mask,
                             const google::protobuf::Message& resource);

  // The checks of Put alone.
  absl::Status CheckPut(const resource::TablePlan& plan, absl::string_view id, absl::Span<const std::string> mask,
                        const google::protobuf::Message& resource);

  // Takes a step of a workflow: `step` says the resource, the RPC and, where wanted, actor, date, reason and what it takes
  // (input_json); it is completed in place and becomes the resource's newest history row, `id` its id. `*resource` becomes the
  // resource after it. A step of another actor than the caller is one taken over from paper, by an administrator.
  // NOT_FOUND, ABORTED (etag), FAILED_PRECONDITION (not from this state; the legal ones are named), PERMISSION_DENIED (role,
  // level, or who did a step that excludes this one), INVALID_ARGUMENT with all violations, and what guards answer.
  absl::Status Advance(workflow::v1::Transition& step, absl::string_view etag, absl::string_view id,
                       google::protobuf::Message* resource);

  // Derives the output-only fields of a resource anew (Policy::Derive) and writes it when one of them changes. NOT_FOUND.
  absl::Status Rederive(const resource::TablePlan& plan, absl::string_view name);
  // Makes the resource that `resource` names equal to it, output-only fields included, without any check: for what the program
  // itself has found out. Completes it in place. NOT_FOUND.
  absl::Status Replace(const resource::TablePlan& plan, google::protobuf::Message* resource);

  // Whether a write failed half-way, so that the transaction must be rolled back.
  bool broken() const { return broken_; }

  // Writes an entry of the history that is no change, and takes its comparisons from the quotas. RESOURCE_EXHAUSTED when one was used up.
  absl::Status Record(const PersonalLook& look);
  // A look that was refused: recorded once the transaction was rolled back.
  void set_refused_look(PersonalLook look) { refused_look_ = std::move(look); }
  // Says that the unit writes rows of a file, or, of a dry run, only checks them; at first it is a call of its own.
  void set_file(bool dry_run) {
    file_ = true;
    dry_run_ = dry_run;
  }
  // What is to be recorded once the transaction was rolled back, as it `ended` with a refusal or on purpose: every comparison of a unique
  // encrypted value with those of others has told the caller something. Nothing when it is only to be tried again.
  std::optional<PersonalLook> LookAfter(const absl::Status& ended) const;
  // Records, as part of the transaction, what its comparisons tell although it is committed; after Flush. RESOURCE_EXHAUSTED.
  absl::Status RecordComparisons();
  // Of a file of which nothing is to be written: whether it may be answered. RESOURCE_EXHAUSTED when that would tell of more rows than
  // are left.
  absl::Status CheckUnwrittenFile() { return CheckFileQuota(comparisons_); }

  // Bumps the version of a directory shard that holds `name`.
  void TouchDirectory(absl::string_view name);

  // Put before the field of every violation, e.g. "village."; empty at first.
  void set_field_prefix(std::string prefix) { field_prefix_ = std::move(prefix); }

  // Writes what has been collected: audit, measures, versions. Called by the engine at the end.
  absl::Status Flush();

  // Writes what need not wait for the end: for a unit of very many writes, now and then, to stay small.
  absl::Status Spill();

  sql::Transaction& transaction() { return transaction_; }
  const RequestContext& context() const { return context_; }
  Engine& engine() { return engine_; }
  absl::Time now() const { return now_; }
  // The civil date of now() in Asia/Shanghai, "2018-12-31".
  std::string today() const;
  // Whether a reference or a year was refused that another program may know meanwhile.
  bool missed_remote() const { return missed_remote_; }
  // For a policy: a violation that it adds may be gone once RemoteNames::Refresh has asked the other programs again.
  void set_missed_remote() { missed_remote_ = true; }

 private:
  // Of a row from what it was before. kPersonal and kSearchable: a value of an encrypted field was written rather than masked, whether it
  // was the same or not.
  enum class Difference { kNone, kSome, kPersonal, kSearchable };
  static Difference DifferenceOf(const resource::TablePlan& plan, const google::protobuf::Message& before,
                                 const google::protobuf::Message& after,
                                 resource::PlainText plain = resource::PlainText::kNone);

  struct AuditRow {
    std::string resource;
    audit::v1::AuditAction action;
    int64_t revision;
    std::unique_ptr<std::string> before_image;
  };

  absl::Status ReadOne(const resource::TablePlan& plan, absl::string_view sql, absl::string_view name,
                       google::protobuf::Message* resource, resource::RowVersion* version);
  absl::StatusOr<bool> FindOne(const resource::TablePlan& plan, absl::string_view sql, absl::string_view id,
                               google::protobuf::Message* resource, resource::RowVersion* version);
  // A put as it would be written: `before` is null when the resource is new. Owned by the unit, until the next one.
  struct PendingPut {
    const google::protobuf::Message* before = nullptr;
    google::protobuf::Message* after = nullptr;
    resource::RowVersion version;  // of `before`
    Difference difference = Difference::kSome;
  };
  absl::StatusOr<PendingPut> PreparePut(const resource::TablePlan& plan, absl::string_view id,
                                        absl::Span<const std::string> mask, const google::protobuf::Message& resource);
  // A put of a history row that is not there yet: takes the step.
  absl::StatusOr<Change> PutStep(absl::string_view id, const google::protobuf::Message& step);
  absl::Status CheckActor(const workflow::Transition& transition, const workflow::v1::Transition& step);
  // Whether the actor of `step`, which `method` takes, has created or changed its resource.
  absl::StatusOr<bool> HasWritten(const google::protobuf::MethodDescriptor& method,
                                  const workflow::v1::Transition& step);
  // Of a resource that differs afterwards.
  absl::Status CheckEditable(const resource::TablePlan& plan, const google::protobuf::Message& before);
  void SetInitialState(const resource::TablePlan& plan, google::protobuf::Message* resource);
  absl::Status CheckInitialState(const resource::TablePlan& plan, const google::protobuf::Message& resource) const;
  // The number and date of the newest step; 0 and "" when there is none.
  absl::StatusOr<std::pair<int32_t, std::string>> LastStep(absl::string_view resource);
  // Common to Create, Update and Put: everything between the incoming resource and the statement. `found` is what is wrong
  // with the request around the resource.
  absl::Status Prepare(const resource::TablePlan& plan, const google::protobuf::Message* before,
                       google::protobuf::Message* after);
  absl::Status Check(const resource::TablePlan& plan, const google::protobuf::Message* before,
                     const google::protobuf::Message& after, const Violations& found);
  absl::Status CheckReferences(const resource::TablePlan& plan, const google::protobuf::Message* before,
                               const google::protobuf::Message& after, Violations& violations);
  absl::Status CheckReference(const resource::Reference& reference, const std::string& field, const std::string& name,
                              bool lock_for_count, Violations& violations);
  // `before` is null for a new resource, `after` for one that is deleted.
  void CheckYears(const resource::TablePlan& plan, const google::protobuf::Message* before,
                  const google::protobuf::Message* after, Violations& violations);
  bool IsAnyYearOpen(int32_t first, int32_t last);
  absl::StatusOr<bool> RowExists(const resource::TablePlan& plan, absl::string_view id, bool exclusive);
  absl::Status CheckItemReferences(const resource::TablePlan& plan, const google::protobuf::Message* before,
                                   const google::protobuf::Message& after, Violations& violations);
  absl::StatusOr<bool> IsReferredTo(absl::string_view name, const resource::Registry::Referrer& referrer);
  // By encrypted elements: opens those of every resource of that type.
  absl::StatusOr<bool> IsInCells(absl::string_view quoted_name, const resource::Registry::Referrer& referrer);

  // Before a write that may give a year another version of something: makes sure that the years are counted as this unit
  // knows them, and holds that. Later it would read its own change back as what had been counted.
  absl::Status HoldYears(const resource::TablePlan& plan, const google::protobuf::Message* before,
                         const google::protobuf::Message* after);
  // Before unique encrypted values that are new (`before` null), changed or written are compared with those of all others, here or by an
  // index. RESOURCE_EXHAUSTED, ALREADY_EXISTS.
  absl::Status CompareKeys(const resource::TablePlan& plan, const google::protobuf::Message* before,
                           const google::protobuf::Message& after, Difference difference);
  absl::Status CheckOlderHashes(const resource::TablePlan& plan, const google::protobuf::Message& after);
  absl::Status CheckFileQuota(int64_t comparisons);
  Quota SearchQuota() const;
  Quota FileQuota() const;
  PersonalLook LookAt(int64_t comparisons, int64_t searches, int64_t file_rows) const;
  // ALREADY_EXISTS for a key, named by the database's `detail`, that another resource has: it says which one, and where that sits.
  absl::Status Taken(const resource::TablePlan& plan, const google::protobuf::Message& resource,
                     absl::string_view detail);
  absl::Status Insert(const resource::TablePlan& plan, google::protobuf::Message* resource);
  absl::Status ReplaceRow(const resource::TablePlan& plan, const google::protobuf::Message& before,
                          const resource::RowVersion& version_before, google::protobuf::Message* after,
                          Difference difference);
  // Measures, counts and the policy's further writes.
  absl::Status AfterWrite(const resource::TablePlan& plan, const google::protobuf::Message* before,
                          const google::protobuf::Message* after);
  absl::Status UpdateCounts(const resource::TablePlan& plan, const google::protobuf::Message* before,
                            const google::protobuf::Message* after);
  void Audit(const resource::TablePlan& plan, absl::string_view resource, audit::v1::AuditAction action,
             int64_t revision, const google::protobuf::Message* before);
  // Refuses to go on by another epoch than the one that counts; on MySQL it stays until COMMIT, which opening a year waits for.
  absl::Status HoldEpoch();
  absl::Status EpochChanged();
  // With the same for the first of them where `holds_epoch`.
  absl::Status FlushAudit(bool holds_epoch);
  void BindEntry(const AuditRow& row, int first, sql::Statement& statement);

  Engine& engine_;
  const RequestContext& context_;
  sql::Transaction& transaction_;
  const std::string transaction_id_;
  const absl::Time now_;
  const int64_t now_micros_;
  std::shared_ptr<const measure::YearView> years_;
  // One for the whole unit; null where the program has none.
  const std::shared_ptr<const personal::Keyring> keyring_;
  bool file_ = false;
  bool dry_run_ = false;
  // Of unique encrypted values: how many were compared, how many of them were taken, how many became new records, and how many more may
  // be compared today.
  std::string compared_collection_;
  int64_t comparisons_ = 0;
  int64_t conflicts_ = 0;
  int64_t created_ = 0;
  std::optional<int64_t> searches_left_;
  std::optional<int64_t> file_rows_left_;
  std::optional<PersonalLook> refused_look_;
  // Whether a year may have got another version of something that filters name.
  bool rewords_ = false;
  measure::Deltas deltas_;
  std::vector<AuditRow> audit_;
  int64_t next_sequence_ = 0;
  // References found earlier in this transaction (their rows are locked, so they stay).
  absl::flat_hash_set<std::string> known_references_;
  resource::TablePlan::BindBuffer bind_buffer_;
  // Used again by every put, so that their texts keep their memory.
  std::unique_ptr<google::protobuf::Message> put_before_;
  std::unique_ptr<google::protobuf::Message> put_after_;
  std::string field_prefix_;
  bool missed_remote_ = false;
  bool broken_ = false;
};

}  // namespace jiedui::store

#endif  // JIEDUI_COMMON_STORE_UNIT_OF_WORK_H_
