#include "common/bulk/exporter.h"

#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "common/bulk/csv.h"
#include "common/personal/masking.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/list_query.h"
#include "google/protobuf/message.h"

namespace jiedui::bulk {
namespace {

// MySQL's results are held by the client: a page at a time, all in one snapshot.
constexpr int64_t kPageRows = 1000;
constexpr size_t kWriteSize = 256 << 10;

absl::Status DeadlinePassed() {
  return MakeError(absl::StatusCode::kDeadlineExceeded, error::v1::REASON_DEADLINE,
                   {"the deadline passed during the export", "导出超时"});
}

absl::Status Cancelled() {
  return MakeError(absl::StatusCode::kCancelled, error::v1::REASON_CANCELLED,
                   {"the caller cancelled the export", "导出已取消"});
}

std::string Heading(const Columns& columns) {
  std::string text;
  for (const Column& column : columns.all()) {
    if (!text.empty()) text.push_back(',');
    AppendCsvCell(column.name(), &text);
  }
  text.push_back('\n');
  return text;
}

class RowWriter {
 public:
  RowWriter(const Columns& columns, Spool& spool)
      : columns_(columns), spool_(spool), message_(columns.plan().prototype().New()), text_(Heading(columns)) {}

  absl::Status Add(sql::Statement& row) {
    message_->Clear();
    resource::RowVersion version;
    JIEDUI_RETURN_IF_ERROR(columns_.plan().ReadRow(row, message_.get(), &version));
    personal::MaskPersonalFields(message_.get());
    last_id_.assign(row.Text(0).data(), row.Text(0).size());
    bool first = true;
    for (const Column& column : columns_.all()) {
      if (!first) text_.push_back(',');
      first = false;
      column.Format(*message_, &cell_);
      AppendCsvCell(cell_, &text_);
    }
    text_.push_back('\n');
    return text_.size() < kWriteSize ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    JIEDUI_RETURN_IF_ERROR(spool_.Append(text_));
    text_.clear();
    return absl::OkStatus();
  }

  const std::string& last_id() const { return last_id_; }

 private:
  const Columns& columns_;
  Spool& spool_;
  const std::unique_ptr<google::protobuf::Message> message_;
  std::string text_;
  std::string cell_;
  std::string last_id_;
};

}  // namespace

absl::Status SpoolResources(store::Engine& engine, const Columns& columns, const RequestContext& context,
                            const std::string& filter, absl::FunctionRef<bool()> cancelled, Spool& spool) {
  JIEDUI_ASSIGN_OR_RETURN(store::ListQuery query, store::ParseListQuery(columns.plan(), filter, "", "", ""));
  // On this thread, so that lists and gets keep the database's reader threads.
  return engine.database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
    // Where a connection was lost, everything is read again: the next one has another snapshot.
    spool.Clear();
    query.after.clear();
    RowWriter writer(columns, spool);
    int64_t rows = kPageRows;
    while (rows == kPageRows) {
      if (absl::Now() >= context.deadline) return DeadlinePassed();
      if (cancelled()) return Cancelled();
      rows = 0;
      JIEDUI_RETURN_IF_ERROR(
          store::RunListQuery(columns.plan(), query, kPageRows, transaction, [&](sql::Statement& row) {
            ++rows;
            return writer.Add(row);
          }));
      query.after = {writer.last_id()};
    }
    return writer.Flush();
  });
}

absl::Status SendSpool(const RequestContext& context, Spool& spool,
                       absl::FunctionRef<bool(const v1::ExportResponse&)> write) {
  v1::ExportResponse response;
  for (int64_t offset = 0;;) {
    JIEDUI_ASSIGN_OR_RETURN(const absl::string_view bytes, spool.Read(offset));
    if (bytes.empty()) return absl::OkStatus();
    offset += static_cast<int64_t>(bytes.size());
    response.set_chunk(std::string(bytes));
    if (write(response)) continue;
    if (absl::Now() >= context.deadline) return DeadlinePassed();
    return Cancelled();
  }
}

}  // namespace jiedui::bulk
