#include "common/bulk/bulk_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/bulk/exporter.h"
#include "common/personal/personal_kind.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/access.h"

namespace jiedui::bulk {
namespace {

constexpr size_t kMaxImportId = 64;
// Of those that read the database at the same time: each holds one connection and its snapshot.
constexpr int kMaxExports = 2;

absl::Status CheckHeader(const v1::ImportHeader& header) {
  Violations violations;
  if (!v1::ImportMode_IsValid(header.mode())) {
    violations.Add("header.mode", error::v1::REASON_ENUM, {"has no such value", "枚举值不存在"});
  }
  if (header.import_id().size() > kMaxImportId) {
    violations.Add("header.import_id", error::v1::REASON_LENGTH,
                   {absl::StrCat("must have at most ", kMaxImportId, " characters"),
                    absl::StrCat("至多", kMaxImportId, "个字符")});
  }
  if (personal::ContainsCitizenNumber(header.import_id())) {
    violations.Add("header.import_id", error::v1::REASON_FORMAT,
                   {"must not contain a citizen number: its hash is kept", "不得含公民身份号码"});
  }
  return violations.ToStatus();
}

}  // namespace

// The right to read the database for an export, for as long as it lives.
class BulkService::ExportTicket {
 public:
  explicit ExportTicket(BulkService& service) : service_(service) {
    absl::MutexLock lock(&service_.mutex_);
    granted_ = service_.exports_ < kMaxExports;
    if (granted_) ++service_.exports_;
  }
  ~ExportTicket() {
    if (!granted_) return;
    absl::MutexLock lock(&service_.mutex_);
    --service_.exports_;
  }
  bool granted() const { return granted_; }

 private:
  BulkService& service_;
  bool granted_;
};

BulkService::BulkService(store::Engine& engine, const ImportLimits& limits) : engine_(engine), limits_(limits) {
  for (const resource::TablePlan* plan : engine.registry().plans()) {
    columns_.emplace(plan->collection(), std::make_unique<Columns>(*plan));
  }
}

absl::StatusOr<const Columns*> BulkService::ColumnsOf(const std::string& collection, const char* field) const {
  const auto it = columns_.find(collection);
  if (it != columns_.end()) return it->second.get();
  Violations violations;
  if (collection.empty()) {
    violations.Add(field, error::v1::REASON_REQUIRED, {"must be set", "必填"});
  } else {
    violations.Add(field, error::v1::REASON_NAME, {"is no collection of this service", "本服务没有此类资源"});
  }
  return violations.ToStatus();
}

absl::Status BulkService::Import(const RequestContext& context, ImportStream& stream) {
  JIEDUI_RETURN_IF_ERROR(store::CheckMayWrite(context.principal));
  v1::ImportRequest first;
  if (!stream.Read(&first) || !first.has_header()) {
    Violations violations;
    violations.Add("header", error::v1::REASON_REQUIRED, {"must be the first message", "第一条消息须为导入头"});
    return violations.ToStatus();
  }
  JIEDUI_ASSIGN_OR_RETURN(const Columns* columns, ColumnsOf(first.header().collection(), "header.collection"));
  JIEDUI_RETURN_IF_ERROR(CheckHeader(first.header()));
  Importer importer(engine_, limits_, *columns, context, first.header(), stream);
  return importer.Run();
}

absl::Status BulkService::Export(const RequestContext& context, const v1::ExportRequest& request,
                                 absl::FunctionRef<bool(const v1::ExportResponse&)> write,
                                 absl::FunctionRef<bool()> cancelled) {
  JIEDUI_ASSIGN_OR_RETURN(const Columns* columns, ColumnsOf(request.collection(), "collection"));
  JIEDUI_RETURN_IF_ERROR(store::CheckMaySee(engine_.registry(), columns->plan(), context.principal));
  JIEDUI_ASSIGN_OR_RETURN(const auto search, engine_.SearchIn(columns->plan(), request.filter()));
  if (search.has_value()) JIEDUI_RETURN_IF_ERROR(engine_.RecordLookAndWait(context, *search));
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<Spool> spool, Spool::Create());
  {
    const ExportTicket ticket(*this);
    if (!ticket.granted()) {
      return MakeError(absl::StatusCode::kResourceExhausted, error::v1::REASON_OVERLOADED,
                       {"too many exports at once: try again later", "同时进行的导出过多，请稍后重试"});
    }
    JIEDUI_RETURN_IF_ERROR(SpoolResources(engine_, *columns, context, request.filter(), cancelled, *spool));
  }
  return SendSpool(context, *spool, write);
}

}  // namespace jiedui::bulk
