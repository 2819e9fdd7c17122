// AuditService: the history of a resource.

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/engine.h"
#include "common/store/errors.h"
#include "common/store/page_token.h"
#include "google/protobuf/util/json_util.h"
#include "jiedui/audit/v1/audit.pb.h"

namespace jiedui::store {
namespace {

using google::protobuf::Message;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// As for lists.
constexpr size_t kMaxPageBytes = size_t{3} << 20;

absl::Status FillEntry(const resource::TablePlan& plan, sql::Statement& row, audit::v1::AuditEntry* entry) {
  entry->set_transaction_id(absl::BytesToHexString(row.Text(0)));
  entry->set_sequence(static_cast<int32_t>(row.Int(1)));
  resource::SetTimestamp(entry, entry->GetDescriptor()->FindFieldByName("create_time"), row.Int(2));
  entry->set_principal(std::string(row.Text(3)));
  entry->set_method(std::string(row.Text(4)));
  entry->set_resource(std::string(row.Text(5)));
  entry->set_action(static_cast<audit::v1::AuditAction>(row.Int(6)));
  entry->set_revision(row.Int(7));
  entry->set_trace_id(std::string(row.Text(8)));
  entry->set_detail(std::string(row.Text(10)));
  if (row.IsNull(9)) return absl::OkStatus();
  std::unique_ptr<Message> before(plan.prototype().New());
  const absl::string_view image = row.Text(9);
  if (!before->ParseFromArray(image.data(), static_cast<int>(image.size()))) {
    return absl::InternalError("an audit image cannot be read");
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  const auto status = google::protobuf::util::MessageToJsonString(*before, entry->mutable_before_json(), options);
  return status.ok() ? absl::OkStatus() : absl::InternalError("an audit image cannot be printed");
}

}  // namespace

ReadHandler Engine::ListAuditEntriesHandler() const {
  return [this](RequestContext& context, sql::Transaction& transaction, const Message& request,
                Message* response) -> absl::Status {
    const auto& typed = static_cast<const audit::v1::ListAuditEntriesRequest&>(request);
    auto* answer = static_cast<audit::v1::ListAuditEntriesResponse*>(response);
    const resource::TablePlan* plan = registry().FindByCollection(typed.resource());
    if (plan == nullptr) {
      plan = registry().FindByName(typed.resource());
      if (plan != nullptr && plan->IdOf(typed.resource()).empty()) plan = nullptr;
    }
    if (plan == nullptr) {
      Violations violations;
      violations.Add(
          "resource", error::v1::REASON_NAME,
          {"must be the name of a resource of this service, or a collection", "应为本服务的资源名或资源类型"});
      return violations.ToStatus();
    }
    JIEDUI_RETURN_IF_ERROR(CheckMaySee(registry(), *plan, context.principal));
    const int page_size = typed.page_size() <= 0 ? kDefaultPageSize : std::min(typed.page_size(), kMaxPageSize);
    // Past the newest: transaction ids begin with a time.
    std::string transaction_id(16, '\xff');
    int64_t sequence = 0;
    if (!typed.page_token().empty()) {
      JIEDUI_ASSIGN_OR_RETURN(const auto key,
                              DecodePageToken(typed.page_token(), typed.resource(), state_.page_token_key));
      if (key.size() != 2) return DecodePageToken("", typed.resource(), state_.page_token_key).status();
      transaction_id = std::get<std::string>(key[0]);
      sequence = std::get<int64_t>(key[1]);
    }
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        transaction.Prepare(
            "SELECT transaction_id, sequence, create_time, principal, method, resource, action, revision, "
            "trace_id, before_image, detail FROM audit_entry WHERE resource = ? AND transaction_id <= ? AND "
            "(transaction_id < ? OR sequence < ?) ORDER BY transaction_id DESC, sequence DESC LIMIT ?"));
    row->BindText(0, typed.resource());
    row->BindBlob(1, transaction_id);
    row->BindBlob(2, transaction_id);
    row->BindInt(3, sequence);
    row->BindInt(4, page_size + 1);
    size_t bytes = 0;
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return absl::OkStatus();
      if (answer->audit_entries_size() == page_size || bytes >= kMaxPageBytes) break;
      audit::v1::AuditEntry* entry = answer->add_audit_entries();
      JIEDUI_RETURN_IF_ERROR(FillEntry(*plan, *row, entry));
      bytes += entry->ByteSizeLong();
    }
    const audit::v1::AuditEntry& last = *answer->audit_entries().rbegin();
    answer->set_next_page_token(
        EncodePageToken({absl::HexStringToBytes(last.transaction_id()), int64_t{last.sequence()}}, typed.resource(),
                        state_.page_token_key));
    return absl::OkStatus();
  };
}

}  // namespace jiedui::store
