#include "common/bulk/import_rows.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "google/rpc/error_details.pb.h"

namespace jiedui::bulk {
namespace {

constexpr size_t kRowsBetweenLooks = 64;

// Refused for what the row is, not for the state of the database or the call.
bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) || absl::IsFailedPrecondition(status) ||
         absl::IsNotFound(status) || absl::IsPermissionDenied(status);
}

// An error that lists no violations as one violation; of the field that it names, if it names one.
error::v1::Violation ViolationOf(const absl::Status& status) {
  error::v1::Violation violation;
  violation.set_reason(ReasonOf(status));
  violation.set_message(std::string(status.message()));
  std::string unused;
  const google::rpc::Status answer = ToRpcStatus(status, &unused);
  for (const auto& detail : answer.details()) {
    google::rpc::LocalizedMessage text;
    google::rpc::ErrorInfo info;
    if (detail.UnpackTo(&text)) violation.set_message_zh(text.message());
    if (!detail.UnpackTo(&info)) continue;
    const auto fields = info.metadata().find("fields");
    if (fields != info.metadata().end()) violation.set_field(fields->second);
  }
  return violation;
}

void AddRefusal(const RowReader& reader, const ImportRow& row, const absl::Status& status, RowErrors* errors) {
  const std::vector<error::v1::Violation> violations = ViolationsOf(status);
  if (violations.empty()) errors->push_back(reader.MakeRowError(row, ViolationOf(status)));
  for (const error::v1::Violation& violation : violations) {
    v1::ImportRowError error = reader.MakeRowError(row, violation);
    // A cell that could not be read leaves its field unset; that it is unset says nothing new.
    const absl::string_view field = error.violation().field();
    const absl::string_view column = field.substr(0, field.find_first_of("[."));
    const bool known = std::any_of(row.errors.begin(), row.errors.end(), [column](const v1::ImportRowError& each) {
      return each.violation().field() == column;
    });
    if (!known) errors->push_back(std::move(error));
  }
}

void Count(store::UnitOfWork::Change change, v1::ImportResult* result) {
  switch (change) {
    case store::UnitOfWork::Change::kCreated:
      result->set_created_count(result->created_count() + 1);
      break;
    case store::UnitOfWork::Change::kUpdated:
      result->set_updated_count(result->updated_count() + 1);
      break;
    case store::UnitOfWork::Change::kUnchanged:
      result->set_unchanged_count(result->unchanged_count() + 1);
      break;
  }
}

}  // namespace

void ErrorList::Add(v1::ImportRowError error) {
  ++count_;
  if (count_ <= kMaxKept) {
    errors_.push_back(std::move(error));
  } else if (count_ == kMaxKept + 1) {
    v1::ImportRowError note;
    note.set_line(error.line());
    note.mutable_violation()->set_reason(error::v1::REASON_INVALID_FIELDS);
    note.mutable_violation()->set_message("there are more errors from here on, which are only counted");
    note.mutable_violation()->set_message_zh("此后还有错误，只计数，不再列出");
    errors_.push_back(std::move(note));
  }
}

void ErrorList::Append(ErrorList next) {
  const size_t unkept = next.count_ - std::min(next.count_, kMaxKept);
  for (size_t i = 0; i < next.errors_.size() && i < kMaxKept; ++i) Add(std::move(next.errors_[i]));
  count_ += unkept;
}

RowErrors ErrorList::Take() { return std::exchange(errors_, {}); }

absl::Status ApplyRows(const RowReader& reader, const resource::TablePlan& plan, const RowBatch& batch,
                       absl::FunctionRef<absl::Status()> interrupted, store::UnitOfWork& work, HalfwayRows* halfway,
                       ErrorList* errors, v1::ImportResult* result) {
  size_t since_look = 0;
  for (const ImportRow& row : batch.used()) {
    if (since_look++ % kRowsBetweenLooks == 0) JIEDUI_RETURN_IF_ERROR(interrupted());
    result->set_row_count(result->row_count() + 1);
    absl::Status status;
    if (const auto known = halfway->known.find(row.line); known != halfway->known.end()) {
      status = known->second;
    } else if (row.errors.empty()) {
      const absl::StatusOr<store::UnitOfWork::Change> change = work.Put(plan, row.id, reader.mask(), *row.message);
      status = change.status();
      if (change.ok()) {
        Count(*change, result);
        continue;
      }
    } else if (row.checkable) {
      status = work.CheckPut(plan, row.id, reader.mask(), *row.message);
    }
    if (!status.ok() && !IsRefusal(status)) return status;
    if (work.broken()) {
      halfway->latest.emplace(row.line, status);
      return status;
    }
    result->set_failed_count(result->failed_count() + 1);
    RowErrors all = row.errors;
    if (!status.ok()) AddRefusal(reader, row, status, &all);
    for (v1::ImportRowError& error : all) errors->Add(std::move(error));
  }
  return absl::OkStatus();
}

}  // namespace jiedui::bulk
