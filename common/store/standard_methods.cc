// The five standard methods, for every resource.

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/engine.h"
#include "common/store/errors.h"
#include "common/store/list_query.h"
#include "common/store/unit_of_work.h"
#include "jiedui/resource/v1/resource.pb.h"

namespace jiedui::store {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using resource::TablePlan;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// A page of large records ends here, before its number of them is reached: clients by default take 4 MiB.
constexpr size_t kMaxPageBytes = size_t{3} << 20;

// The resource in a Create or Update request. INVALID_ARGUMENT when it is not set.
absl::StatusOr<const Message*> ResourceIn(const Message& request, const FieldDescriptor* field) {
  if (!request.GetReflection()->HasField(request, field)) {
    Violations violations;
    violations.Add(field->name(), error::v1::REASON_REQUIRED, {"must be set", "必填"});
    return violations.ToStatus();
  }
  return &request.GetReflection()->GetMessage(request, field);
}

}  // namespace

WriteHandler Engine::CreateHandler(const TablePlan& plan) const {
  return [&plan](UnitOfWork& work, const Message& request, Message* response) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(CheckMayWrite(work.context().principal));
    const FieldDescriptor* field = resource::FieldOfType(request.GetDescriptor(), plan.descriptor());
    JIEDUI_ASSIGN_OR_RETURN(const Message* resource, ResourceIn(request, field));
    response->CopyFrom(*resource);
    work.set_field_prefix(absl::StrCat(field->name(), "."));
    return work.Create(plan, resource::GetString(request, absl::StrCat(field->name(), "_id").c_str()), response);
  };
}

WriteHandler Engine::UpdateHandler(const TablePlan& plan) const {
  return [&plan](UnitOfWork& work, const Message& request, Message* response) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(CheckMayWrite(work.context().principal));
    const FieldDescriptor* field = resource::FieldOfType(request.GetDescriptor(), plan.descriptor());
    JIEDUI_ASSIGN_OR_RETURN(const Message* resource, ResourceIn(request, field));
    response->CopyFrom(*resource);
    work.set_field_prefix(absl::StrCat(field->name(), "."));
    return work.Update(plan, resource::GetMaskPaths(request, "update_mask"), response);
  };
}

WriteHandler Engine::DeleteHandler(const TablePlan& plan) const {
  return [&plan](UnitOfWork& work, const Message& request, Message* /*response*/) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(CheckMayWrite(work.context().principal));
    const auto& typed = static_cast<const resource::v1::DeleteRequest&>(request);
    return work.Delete(plan, typed.name(), typed.etag());
  };
}

ReadHandler Engine::GetHandler(const TablePlan& plan) const {
  return [this, &plan](RequestContext& context, sql::Transaction& transaction, const Message& request,
                       Message* response) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(CheckMaySee(registry(), plan, context.principal));
    const auto& typed = static_cast<const resource::v1::GetRequest&>(request);
    const absl::string_view id = plan.IdOf(typed.name());
    if (id.empty()) return BadName(plan);
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(plan.get_sql()));
    row->BindText(0, id);
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) return NotFound(plan, typed.name());
    resource::RowVersion version;
    return plan.ReadRow(*row, response, &version);
  };
}

ReadHandler Engine::ListHandler(const TablePlan& plan) const {
  return [this, &plan](RequestContext& context, sql::Transaction& transaction, const Message& request,
                       Message* response) -> absl::Status {
    JIEDUI_RETURN_IF_ERROR(CheckMaySee(registry(), plan, context.principal));
    const auto& typed = static_cast<const resource::v1::ListRequest&>(request);
    if (typed.page_size() < 0) {
      Violations violations;
      violations.Add("page_size", error::v1::REASON_RANGE, {"must not be negative", "不得为负数"});
      return violations.ToStatus();
    }
    const int page_size = typed.page_size() == 0 ? kDefaultPageSize : std::min(typed.page_size(), kMaxPageSize);
    JIEDUI_ASSIGN_OR_RETURN(const ListQuery query, ParseListQuery(plan, typed.filter(), typed.order_by(),
                                                                  typed.page_token(), state_.page_token_key));
    const auto* reflection = response->GetReflection();
    const FieldDescriptor* items = resource::FieldOfType(response->GetDescriptor(), plan.descriptor());
    bool more = false;
    int count = 0;
    size_t bytes = 0;
    const absl::Status listed =
        RunListQuery(plan, query, page_size + 1, transaction, [&](sql::Statement& row) -> absl::Status {
          if (count == page_size || bytes >= kMaxPageBytes) {
            more = true;
            return absl::CancelledError("the page is full");  // the rest need not be read
          }
          Message* item = reflection->AddMessage(response, items);
          ++count;
          resource::RowVersion version;
          JIEDUI_RETURN_IF_ERROR(plan.ReadRow(row, item, &version));
          bytes += item->ByteSizeLong();
          return absl::OkStatus();
        });
    if (!more) JIEDUI_RETURN_IF_ERROR(listed);
    if (more) {
      const Message& last = reflection->GetRepeatedMessage(*response, items, count - 1);
      reflection->SetString(response, response->GetDescriptor()->FindFieldByName("next_page_token"),
                            NextPageToken(plan, query, last, state_.page_token_key));
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::store
