#include "common/store/unit_of_work.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/personal/masking.h"
#include "common/resource/field_mask.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/errors.h"

namespace jiedui::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::RowVersion;
using resource::TablePlan;

std::string GetText(const Message& message, const FieldDescriptor* field) {
  return message.GetReflection()->GetString(message, field);
}

void SetText(Message* message, const FieldDescriptor* field, std::string text) {
  message->GetReflection()->SetString(message, field, std::move(text));
}

// Whether of what a client gives only that differs which comes after the resource's year.
bool DiffersAfterYear(const TablePlan& plan, const Message& before, const Message& after) {
  bool differs = false;
  for (const resource::Column& column : plan.columns()) {
    if (column.rule->output_only || !resource::Differs(before, after, column.field)) continue;
    if (!column.rule->rules.after_year()) return false;
    differs = true;
  }
  return differs;
}

void ClearOutputOnly(const TablePlan& plan, Message* resource) {
  const auto* reflection = resource->GetReflection();
  for (const resource::FieldRule& rule : plan.rules().fields()) {
    if (rule.output_only) reflection->ClearField(resource, rule.field);
  }
}

}  // namespace

UnitOfWork::UnitOfWork(Engine& engine, const RequestContext& context, sql::Transaction& transaction,
                       std::string transaction_id)
    : engine_(engine),
      context_(context),
      transaction_(transaction),
      transaction_id_(std::move(transaction_id)),
      now_(engine.Now()),
      now_micros_(absl::ToUnixMicros(now_)),
      years_(engine.years()),
      keyring_(engine.vault() == nullptr ? nullptr : engine.vault()->keyring()) {}

std::string UnitOfWork::today() const { return absl::FormatTime("%Y-%m-%d", now_, absl::FixedTimeZone(8 * 60 * 60)); }

absl::Status UnitOfWork::GetForUpdate(const TablePlan& plan, absl::string_view name, Message* resource,
                                      RowVersion* version) {
  return ReadOne(plan, plan.get_for_update_sql(transaction_.dialect()), name, resource, version);
}

absl::Status UnitOfWork::Get(const TablePlan& plan, absl::string_view name, Message* resource) {
  return ReadOne(plan, plan.get_sql(), name, resource, nullptr);
}

absl::StatusOr<bool> UnitOfWork::Exists(const TablePlan& plan,
                                        std::initializer_list<std::pair<absl::string_view, absl::string_view>> values) {
  std::string sql = absl::StrCat("SELECT 1 FROM `", plan.table(), "` WHERE ");
  const char* separator = "";
  for (const auto& [field, value] : values) {
    absl::StrAppend(&sql, separator, plan.FindColumn(field)->quoted, " = ?");
    separator = " AND ";
  }
  absl::StrAppend(&sql, " LIMIT 1", transaction_.dialect() == sql::Dialect::kMysql ? " LOCK IN SHARE MODE" : "");
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(sql));
  int parameter = 0;
  for (const auto& [field, value] : values) statement->BindText(parameter++, value);
  return statement->Step();
}

absl::Status UnitOfWork::ReadOne(const TablePlan& plan, absl::string_view sql, absl::string_view name,
                                 Message* resource, RowVersion* version) {
  const absl::string_view id = plan.IdOf(name);
  if (id.empty()) return BadName(plan);
  RowVersion read;
  JIEDUI_ASSIGN_OR_RETURN(const bool found, FindOne(plan, sql, id, resource, &read));
  if (!found) return NotFound(plan, name);
  if (version != nullptr) *version = read;
  return absl::OkStatus();
}

absl::StatusOr<bool> UnitOfWork::FindOne(const TablePlan& plan, absl::string_view sql, absl::string_view id,
                                         Message* resource, RowVersion* version) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction_.Prepare(sql));
  row->BindText(0, id);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (found) JIEDUI_RETURN_IF_ERROR(plan.ReadRow(*row, resource, version));
  return found;
}

absl::Status UnitOfWork::Create(const TablePlan& plan, absl::string_view id, Message* resource) {
  Violations violations;
  if (id.empty()) {
    SetText(resource, plan.standard().name, plan.NameOf(engine_.NewResourceId()));
  } else if (resource::IsResourceId(id)) {
    SetText(resource, plan.standard().name, plan.NameOf(id));
  } else {
    // "division." is the prefix of a request's field: its id stands beside it, in division_id.
    AddBadName(plan, field_prefix_.empty() ? "name" : absl::StrCat(absl::StripSuffix(field_prefix_, "."), "_id"),
               violations);
  }
  ClearOutputOnly(plan, resource);
  SetInitialState(plan, resource);
  JIEDUI_RETURN_IF_ERROR(Prepare(plan, nullptr, resource));
  JIEDUI_RETURN_IF_ERROR(Check(plan, nullptr, *resource, violations));
  return Insert(plan, resource);
}

absl::Status UnitOfWork::Update(const TablePlan& plan, absl::Span<const std::string> mask, Message* resource) {
  std::unique_ptr<Message> before(resource->New());
  RowVersion version;
  JIEDUI_RETURN_IF_ERROR(GetForUpdate(plan, GetText(*resource, plan.standard().name), before.get(), &version));
  const std::string etag = GetText(*resource, plan.standard().etag);
  if (!etag.empty() && etag != resource::EtagOf(version)) return EtagMismatch(resource::EtagOf(version));

  std::unique_ptr<Message> after(before->New());
  after->CopyFrom(*before);
  Violations violations;
  const resource::PlainText plain =
      resource::MergeByMask(plan, mask, *resource, after.get(), field_prefix_, violations);
  JIEDUI_RETURN_IF_ERROR(Prepare(plan, before.get(), after.get()));
  const Difference difference = DifferenceOf(plan, *before, *after, plain);
  if (difference != Difference::kNone) JIEDUI_RETURN_IF_ERROR(CheckEditable(plan, *before));
  JIEDUI_RETURN_IF_ERROR(Check(plan, before.get(), *after, violations));
  JIEDUI_RETURN_IF_ERROR(ReplaceRow(plan, *before, version, after.get(), difference));
  resource->GetReflection()->Swap(resource, after.get());
  return absl::OkStatus();
}

absl::Status UnitOfWork::Replace(const TablePlan& plan, Message* resource) {
  std::unique_ptr<Message> before(resource->New());
  RowVersion version;
  JIEDUI_RETURN_IF_ERROR(GetForUpdate(plan, GetText(*resource, plan.standard().name), before.get(), &version));
  return ReplaceRow(plan, *before, version, resource, DifferenceOf(plan, *before, *resource));
}

absl::StatusOr<UnitOfWork::PendingPut> UnitOfWork::PreparePut(const TablePlan& plan, absl::string_view id,
                                                              absl::Span<const std::string> mask,
                                                              const Message& resource) {
  if (!id.empty() && !resource::IsResourceId(id)) return BadName(plan);
  if (put_after_ == nullptr || put_after_->GetDescriptor() != plan.descriptor()) {
    put_before_.reset(plan.prototype().New());
    put_after_.reset(plan.prototype().New());
  }
  PendingPut put;
  put.after = put_after_.get();
  Violations violations;
  bool exists = false;
  resource::PlainText plain = resource::PlainText::kNone;
  if (!id.empty()) {
    put_before_->Clear();
    JIEDUI_ASSIGN_OR_RETURN(
        exists, FindOne(plan, plan.get_for_update_sql(transaction_.dialect()), id, put_before_.get(), &put.version));
  }
  if (exists) {
    put.before = put_before_.get();
    put.after->CopyFrom(*put.before);
    plain = resource::MergeByMask(plan, mask, resource, put.after, field_prefix_, violations);
  } else {
    put.after->CopyFrom(resource);
    SetText(put.after, plan.standard().name, plan.NameOf(id.empty() ? engine_.NewResourceId() : id));
    ClearOutputOnly(plan, put.after);
    SetInitialState(plan, put.after);
  }
  JIEDUI_RETURN_IF_ERROR(Prepare(plan, put.before, put.after));
  if (exists) put.difference = DifferenceOf(plan, *put.before, *put.after, plain);
  if (put.difference != Difference::kNone) {
    if (exists) JIEDUI_RETURN_IF_ERROR(CheckEditable(plan, *put.before));
  } else if (violations.empty()) {
    return put;
  }
  JIEDUI_RETURN_IF_ERROR(Check(plan, put.before, *put.after, violations));
  return put;
}

absl::StatusOr<UnitOfWork::Change> UnitOfWork::Put(const TablePlan& plan, absl::string_view id,
                                                   absl::Span<const std::string> mask, const Message& resource) {
  JIEDUI_ASSIGN_OR_RETURN(const PendingPut put, PreparePut(plan, id, mask, resource));
  if (put.difference == Difference::kNone) return Change::kUnchanged;
  if (put.before == nullptr) {
    if (&plan == engine_.registry().history()) return PutStep(id, *put.after);
    JIEDUI_RETURN_IF_ERROR(Insert(plan, put.after));
    return Change::kCreated;
  }
  JIEDUI_RETURN_IF_ERROR(ReplaceRow(plan, *put.before, put.version, put.after, put.difference));
  return Change::kUpdated;
}

absl::Status UnitOfWork::CheckPut(const TablePlan& plan, absl::string_view id, absl::Span<const std::string> mask,
                                  const Message& resource) {
  return PreparePut(plan, id, mask, resource).status();
}

absl::Status UnitOfWork::Delete(const TablePlan& plan, absl::string_view name, absl::string_view etag) {
  std::unique_ptr<Message> before(plan.prototype().New());
  RowVersion version;
  JIEDUI_RETURN_IF_ERROR(GetForUpdate(plan, name, before.get(), &version));
  if (!etag.empty() && etag != resource::EtagOf(version)) return EtagMismatch(resource::EtagOf(version));
  Violations violations;
  CheckYears(plan, before.get(), nullptr, violations);
  if (!violations.empty()) return violations.ToStatus();
  for (const auto& referrer : engine_.registry().ReferrersOf(plan)) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, IsReferredTo(name, referrer));
    if (found) {
      return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_REFERENCED,
                       {absl::StrCat(name, " is still referred to by ", referrer.plan->collection()),
                        absl::StrCat(name, " 仍被", referrer.plan->options().title_zh(), "引用，不能删除")},
                       {{"collection", referrer.plan->collection()}});
    }
  }
  const Policy* policy = engine_.PolicyOf(plan);
  if (policy != nullptr) JIEDUI_RETURN_IF_ERROR(policy->ValidateDelete(*this, *before));
  JIEDUI_RETURN_IF_ERROR(HoldYears(plan, before.get(), nullptr));
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(plan.delete_sql()));
  statement->BindText(0, plan.IdOf(name));
  statement->BindInt(1, version.revision);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
  if (touched != 1) return sql::RetryTransaction("the row changed between read and delete");
  known_references_.erase(std::string(name));
  Audit(plan, name, audit::v1::AUDIT_ACTION_DELETE, version.revision + 1, before.get());
  return AfterWrite(plan, before.get(), nullptr);
}

absl::Status UnitOfWork::Rederive(const TablePlan& plan, absl::string_view name) {
  const Policy* policy = engine_.PolicyOf(plan);
  if (policy == nullptr) return absl::OkStatus();
  std::unique_ptr<Message> before(plan.prototype().New());
  RowVersion version;
  JIEDUI_RETURN_IF_ERROR(GetForUpdate(plan, name, before.get(), &version));
  std::unique_ptr<Message> after(before->New());
  after->CopyFrom(*before);
  JIEDUI_RETURN_IF_ERROR(policy->Derive(*this, after.get()));
  return ReplaceRow(plan, *before, version, after.get(), DifferenceOf(plan, *before, *after));
}

UnitOfWork::Difference UnitOfWork::DifferenceOf(const TablePlan& plan, const Message& before, const Message& after,
                                                resource::PlainText plain) {
  if (plain == resource::PlainText::kSearchable) return Difference::kSearchable;
  if (plain == resource::PlainText::kPersonal) return Difference::kPersonal;
  return resource::DiffersInFacts(plan, before, after) ? Difference::kSome : Difference::kNone;
}

absl::Status UnitOfWork::Prepare(const TablePlan& plan, const Message* before, Message* after) {
  if (plan.HasCells()) personal::CanonicalisePersonalFields(after);
  const Policy* policy = engine_.PolicyOf(plan);
  if (policy == nullptr) return absl::OkStatus();
  policy->Prepare(before, after);
  return policy->Derive(*this, after);
}

absl::Status UnitOfWork::Check(const TablePlan& plan, const Message* before, const Message& after,
                               const Violations& found) {
  const Policy* policy = engine_.PolicyOf(plan);
  Violations violations;
  plan.rules().Validate(after, "", violations);
  JIEDUI_RETURN_IF_ERROR(CheckReferences(plan, before, after, violations));
  if (before != nullptr) resource::CheckImmutable(plan, *before, after, violations);
  CheckYears(plan, before, &after, violations);
  if (before == nullptr) JIEDUI_RETURN_IF_ERROR(CheckInitialState(plan, after));
  if (policy != nullptr) JIEDUI_RETURN_IF_ERROR(policy->Validate(*this, before, after, violations));
  if (field_prefix_.empty() && found.empty()) return violations.ToStatus();
  Violations all = found;
  for (const error::v1::Violation& each : violations.items()) {
    all.Add(absl::StrCat(field_prefix_, each.field()), each.reason(), {each.message(), each.message_zh()});
  }
  return all.ToStatus();
}

void UnitOfWork::CheckYears(const TablePlan& plan, const Message* before, const Message* after,
                            Violations& violations) {
  for (const resource::Column& column : plan.columns()) {
    if (!column.rule->is_year) continue;
    const auto year_of = [](const Message& message, const FieldDescriptor* field) {
      return message.GetReflection()->GetInt32(message, field);
    };
    const auto refuse = [&](int32_t first, int32_t last) {
      const std::string years = first == last ? absl::StrCat(first) : absl::StrCat(first, "-", last);
      violations.Add(column.field->name(), error::v1::REASON_YEAR_NOT_OPEN,
                     {first == last ? absl::StrCat("the year ", years, " is not open for recording")
                                    : absl::StrCat("none of the years ", years, " is open for recording"),
                      absl::StrCat(years, "年度未开放填报")});
    };
    const int32_t old_year = before == nullptr ? 0 : year_of(*before, column.field);
    if (old_year != 0) {
      const int32_t last = column.rule->last_year == nullptr ? old_year : year_of(*before, column.rule->last_year);
      const bool may = IsAnyYearOpen(old_year, last) || (after != nullptr && DiffersAfterYear(plan, *before, *after));
      if (!may) refuse(old_year, last);
    }
    const int32_t new_year = after == nullptr ? 0 : year_of(*after, column.field);  // 0: reported as missing
    if (new_year != 0 && new_year != old_year && !IsAnyYearOpen(new_year, new_year)) refuse(new_year, new_year);
  }
}

bool UnitOfWork::IsAnyYearOpen(int32_t first, int32_t last) {
  bool known = true;
  for (int64_t year = first; year <= last; ++year) {
    if (years_->IsOpen(static_cast<int>(year))) return true;
    known = known && years_->Find(static_cast<int>(year)) != nullptr;
  }
  missed_remote_ = missed_remote_ || !known;
  return false;
}

absl::Status UnitOfWork::HoldYears(const TablePlan& plan, const Message* before, const Message* after) {
  if (rewords_ || !engine_.measures().ChangesYears(plan, before, after)) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(HoldEpoch());
  rewords_ = true;
  return absl::OkStatus();
}

absl::Status UnitOfWork::Insert(const TablePlan& plan, Message* resource) {
  JIEDUI_RETURN_IF_ERROR(HoldYears(plan, nullptr, resource));
  JIEDUI_RETURN_IF_ERROR(CompareKeys(plan, nullptr, *resource, Difference::kSearchable));
  const RowVersion version{1, now_micros_, now_micros_};
  SetText(resource, plan.standard().author, context_.principal.id);
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(plan.insert_sql()));
  plan.BindInsert(*resource, version, keyring_.get(), *statement, bind_buffer_);
  const absl::StatusOr<int64_t> inserted = statement->Execute();
  if (absl::IsAlreadyExists(inserted.status())) return Taken(plan, *resource, inserted.status().message());
  JIEDUI_RETURN_IF_ERROR(inserted.status());
  if (plan.HasUniqueHashes()) ++created_;
  SetText(resource, plan.standard().etag, resource::EtagOf(version));
  resource::SetTimestamp(resource, plan.standard().create_time, version.create_micros);
  resource::SetTimestamp(resource, plan.standard().update_time, version.update_micros);
  Audit(plan, GetText(*resource, plan.standard().name), audit::v1::AUDIT_ACTION_CREATE, version.revision, nullptr);
  return AfterWrite(plan, nullptr, resource);
}

absl::Status UnitOfWork::ReplaceRow(const TablePlan& plan, const Message& before, const RowVersion& version_before,
                                    Message* after, Difference difference) {
  if (difference == Difference::kNone) {
    after->CopyFrom(before);
    return absl::OkStatus();
  }
  JIEDUI_RETURN_IF_ERROR(HoldYears(plan, &before, after));
  JIEDUI_RETURN_IF_ERROR(CompareKeys(plan, &before, *after, difference));
  // Two changes within a microsecond must not share an etag.
  const RowVersion version{version_before.revision + 1, version_before.create_micros,
                           std::max(now_micros_, version_before.update_micros + 1)};
  SetText(after, plan.standard().author, context_.principal.id);
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, transaction_.Prepare(plan.update_sql()));
  plan.BindUpdate(*after, version, version_before.revision, keyring_.get(), *statement, bind_buffer_);
  const absl::StatusOr<int64_t> touched = statement->Execute();
  if (absl::IsAlreadyExists(touched.status())) return Taken(plan, *after, touched.status().message());
  JIEDUI_RETURN_IF_ERROR(touched.status());
  if (*touched != 1) return sql::RetryTransaction("the row changed between read and update");
  SetText(after, plan.standard().etag, resource::EtagOf(version));
  resource::SetTimestamp(after, plan.standard().update_time, version.update_micros);
  Audit(plan, GetText(*after, plan.standard().name), audit::v1::AUDIT_ACTION_UPDATE, version.revision, &before);
  return AfterWrite(plan, &before, after);
}

absl::Status UnitOfWork::AfterWrite(const TablePlan& plan, const Message* before, const Message* after) {
  const bool outer = std::exchange(broken_, true);  // until everything that belongs to the row is there
  if (before != nullptr) engine_.measures().Contribute(plan, *before, -1, *years_, deltas_);
  if (after != nullptr) engine_.measures().Contribute(plan, *after, +1, *years_, deltas_);
  JIEDUI_RETURN_IF_ERROR(UpdateCounts(plan, before, after));
  const Policy* policy = engine_.PolicyOf(plan);
  if (policy != nullptr) JIEDUI_RETURN_IF_ERROR(policy->AfterWrite(*this, before, after));
  broken_ = outer;
  return absl::OkStatus();
}

absl::Status UnitOfWork::UpdateCounts(const TablePlan& plan, const Message* before, const Message* after) {
  for (const resource::RollupPlan& rollup : engine_.registry().RollupsOf(plan)) {
    const int delta = (after != nullptr && rollup.filter.Matches(*after) ? 1 : 0) -
                      (before != nullptr && rollup.filter.Matches(*before) ? 1 : 0);
    if (delta == 0) continue;
    std::unique_ptr<Message> parent_before(rollup.parent->prototype().New());
    RowVersion version;
    const Message& record = after != nullptr ? *after : *before;
    JIEDUI_RETURN_IF_ERROR(
        GetForUpdate(*rollup.parent, GetText(record, rollup.reference), parent_before.get(), &version));
    std::unique_ptr<Message> parent(parent_before->New());
    parent->CopyFrom(*parent_before);
    const auto* reflection = parent->GetReflection();
    if (rollup.count_field->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
      reflection->SetInt32(parent.get(), rollup.count_field, reflection->GetInt32(*parent, rollup.count_field) + delta);
    } else {
      reflection->SetInt64(parent.get(), rollup.count_field, reflection->GetInt64(*parent, rollup.count_field) + delta);
    }
    // What else it derives from the counted resources is written with the count.
    if (const Policy* policy = engine_.PolicyOf(*rollup.parent); policy != nullptr) {
      JIEDUI_RETURN_IF_ERROR(policy->Derive(*this, parent.get()));
    }
    JIEDUI_RETURN_IF_ERROR(ReplaceRow(*rollup.parent, *parent_before, version, parent.get(), Difference::kSome));
  }
  return absl::OkStatus();
}

void UnitOfWork::TouchDirectory(absl::string_view name) {
  deltas_.Touch(measure::kDirectoryTopic, measure::ShardOf(name));
}

void UnitOfWork::Audit(const TablePlan& plan, absl::string_view resource, audit::v1::AuditAction action,
                       int64_t revision, const Message* before) {
  AuditRow row{std::string(resource), action, revision, nullptr};
  if (before != nullptr && plan.rules().has_personal()) {
    // The history keeps masks and no birthdays: it outlives the keys, and what a person had erased.
    const std::unique_ptr<Message> shown(before->New());
    shown->CopyFrom(*before);
    plan.rules().ClearPersonal(shown.get());
    personal::MaskPersonalFields(shown.get());
    row.before_image = std::make_unique<std::string>(shown->SerializeAsString());
  } else if (before != nullptr) {
    row.before_image = std::make_unique<std::string>(before->SerializeAsString());
  }
  audit_.push_back(std::move(row));
}

}  // namespace jiedui::store
