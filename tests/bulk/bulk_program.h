// A domain program in the test's process, imported into and exported from through its method table.

#ifndef JIEDUI_TESTS_BULK_BULK_PROGRAM_H_
#define JIEDUI_TESTS_BULK_BULK_PROGRAM_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/server/method_table.h"
#include "common/status/error.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {

// A caller who has everything ready and keeps what is answered.
class ScriptedStream final : public server::MessageStream {
 public:
  bool Read(google::protobuf::Message* request) override {
    if (before_read && !before_read(next_)) cancelled_ = true;
    if (cancelled_ || next_ == requests.size()) return false;
    request->CopyFrom(*requests[next_++]);
    return true;
  }
  bool Write(const google::protobuf::Message& response) override {
    if (cancelled_) return false;
    on_write(response);
    return true;
  }
  bool cancelled() const override { return cancelled_ || (is_cancelled && is_cancelled()); }

  std::vector<std::unique_ptr<google::protobuf::Message>> requests;
  std::function<void(const google::protobuf::Message&)> on_write;
  // Called with the index of the request to be read next; false ends the call as a lost connection does.
  std::function<bool(size_t)> before_read;
  // Answers true when the caller is gone.
  std::function<bool()> is_cancelled;

 private:
  size_t next_ = 0;
  std::atomic<bool> cancelled_{false};
};

struct ImportAnswer {
  absl::Status status;
  bulk::v1::ImportResult result;
  std::vector<bulk::v1::ImportRowError> errors;
  int progress_messages = 0;

  // "line column REASON value", one each.
  std::vector<std::string> Errors() const {
    std::vector<std::string> texts;
    for (const bulk::v1::ImportRowError& error : errors) {
      texts.push_back(absl::StrCat(error.line(), " ", error.violation().field(), " ",
                                   ReasonName(error.violation().reason()), " ", error.value()));
    }
    return texts;
  }
  // "created updated unchanged failed resumed committed".
  std::string Counts() const {
    return absl::StrCat(result.created_count(), " ", result.updated_count(), " ", result.unchanged_count(), " ",
                        result.failed_count(), " ", result.resumed_count(), " ",
                        result.committed() ? "committed" : "nothing");
  }
};

struct ImportOptions {
  bulk::v1::ImportMode mode = bulk::v1::IMPORT_MODE_UNSPECIFIED;
  bool dry_run = false;
  std::string import_id;
  size_t chunk = 1000;
  // The connection is lost before this chunk (from 0).
  size_t lost_before = SIZE_MAX;
  absl::Duration deadline = absl::Seconds(60);
};

class BulkProgram : public TestProgram {
 public:
  using TestProgram::TestProgram;

  ImportAnswer Import(const std::string& collection, const std::string& csv, const ImportOptions& options = {}) {
    ScriptedStream stream;
    auto header = std::make_unique<bulk::v1::ImportRequest>();
    header->mutable_header()->set_collection(collection);
    header->mutable_header()->set_mode(options.mode);
    header->mutable_header()->set_dry_run(options.dry_run);
    header->mutable_header()->set_import_id(options.import_id);
    stream.requests.push_back(std::move(header));
    for (size_t at = 0; at < csv.size(); at += options.chunk) {
      auto part = std::make_unique<bulk::v1::ImportRequest>();
      part->set_chunk(csv.substr(at, options.chunk));
      stream.requests.push_back(std::move(part));
    }
    // The header is request 0.
    stream.before_read = [&options](size_t next) { return next == 0 || next - 1 < options.lost_before; };
    return Run(stream, options.deadline);
  }

  ImportAnswer Run(ScriptedStream& stream, absl::Duration deadline = absl::Seconds(60)) {
    ImportAnswer answer;
    stream.on_write = [&answer](const google::protobuf::Message& message) {
      const auto& response = static_cast<const bulk::v1::ImportResponse&>(message);
      if (response.has_progress()) ++answer.progress_messages;
      if (response.has_error()) answer.errors.push_back(response.error());
      if (response.has_result()) answer.result = response.result();
    };
    answer.status = Stream("jiedui.bulk.v1.BulkService/Import", stream, deadline);
    return answer;
  }

  absl::Status Export(const std::string& collection, const std::string& filter, std::string* csv,
                      std::function<bool()> is_cancelled = nullptr) {
    ScriptedStream stream;
    stream.is_cancelled = std::move(is_cancelled);
    auto request = std::make_unique<bulk::v1::ExportRequest>();
    request->set_collection(collection);
    request->set_filter(filter);
    stream.requests.push_back(std::move(request));
    csv->clear();
    stream.on_write = [csv](const google::protobuf::Message& message) {
      absl::StrAppend(csv, static_cast<const bulk::v1::ExportResponse&>(message).chunk());
    };
    return Stream("jiedui.bulk.v1.BulkService/Export", stream, absl::Seconds(60));
  }

  // Who imports and exports.
  Principal caller = {"users/test"};

  // The number in the first column of the first row.
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    const absl::Status status = database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      auto row = transaction.Prepare(sql);
      if (!row.ok()) return row.status();
      auto found = (*row)->Step();
      if (!found.ok()) return found.status();
      if (*found) number = (*row)->Int(0);
      return absl::OkStatus();
    });
    if (!status.ok()) ADD_FAILURE() << status;
    return number;
  }

 private:
  absl::Status Stream(absl::string_view name, server::MessageStream& stream, absl::Duration deadline) {
    const server::Method* method = table().Find(name);
    if (method == nullptr) return absl::UnimplementedError(name);
    RequestContext context;
    context.method = method->name;
    context.principal = caller;
    context.trace_id = std::string(32, '0');
    context.start_time = absl::Now();
    context.deadline = absl::Now() + deadline;
    return method->stream(context, stream);
  }
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_BULK_BULK_PROGRAM_H_
