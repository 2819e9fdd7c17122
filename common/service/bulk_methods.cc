#include "common/service/bulk_methods.h"

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::service {
namespace {

constexpr absl::string_view kBulkService = "jiedui.bulk.v1.BulkService";

class TypedImportStream final : public bulk::ImportStream {
 public:
  explicit TypedImportStream(server::MessageStream& stream) : stream_(stream) {}
  bool Read(bulk::v1::ImportRequest* request) override { return stream_.Read(request); }
  bool Write(const bulk::v1::ImportResponse& response) override { return stream_.Write(response); }
  bool cancelled() const override { return stream_.cancelled(); }

 private:
  server::MessageStream& stream_;
};

}  // namespace

absl::Status AddBulkMethods(server::MethodTable& table, bulk::BulkService& service) {
  JIEDUI_RETURN_IF_ERROR(table.AddService(kBulkService));
  JIEDUI_RETURN_IF_ERROR(table.AddStream(absl::StrCat(kBulkService, "/Import"),
                                         [&service](RequestContext& context, server::MessageStream& stream) {
                                           TypedImportStream typed(stream);
                                           return service.Import(context, typed);
                                         }));
  return table.AddStream(absl::StrCat(kBulkService, "/Export"),
                         [&service](RequestContext& context, server::MessageStream& stream) -> absl::Status {
                           bulk::v1::ExportRequest request;
                           if (!stream.Read(&request)) {
                             return MakeError(absl::StatusCode::kInvalidArgument, error::v1::REASON_MALFORMED,
                                              {"there is no request", "缺少请求报文"});
                           }
                           return service.Export(
                               context, request,
                               [&stream](const bulk::v1::ExportResponse& response) { return stream.Write(response); },
                               [&stream] { return stream.cancelled(); });
                         });
}

}  // namespace jiedui::service
