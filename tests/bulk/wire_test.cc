#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/client/client.h"
#include "common/server/program.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/assistance/definition.h"
#include "tests/bulk/bulk_program.h"
#include "tests/support/status_matchers.h"

namespace jiedui {
namespace {

using testing::BulkProgram;
using testing::StatusIs;

constexpr char kImport[] = "jiedui.bulk.v1.BulkService/Import";
constexpr char kExport[] = "jiedui.bulk.v1.BulkService/Export";

class BulkWireTest : public ::testing::Test {
 protected:
  BulkWireTest() : program_(assistance::NewDefinition()) {
    program_.names().Add("villages/v1");
    server::ServerOptions options;
    options.grpc.address = "127.0.0.1";
    auto server = server::Server::Start(std::move(options), program_.table());
    if (!server.ok()) ADD_FAILURE() << server.status();
    server_ = *std::move(server);
  }

  std::unique_ptr<client::Stream> Open(const char* method) {
    if (client_ == nullptr) client_ = client::NewClient(absl::StrCat("127.0.0.1:", server_->grpc_port()));
    client::CallOptions options;
    options.deadline = absl::Now() + absl::Seconds(60);
    return client_->OpenStream(method, options);
  }

  static bulk::v1::ImportRequest Header(bulk::v1::ImportMode mode) {
    bulk::v1::ImportRequest header;
    header.mutable_header()->set_collection("needyHouseholds");
    header.mutable_header()->set_mode(mode);
    return header;
  }

  static bulk::v1::ImportRequest Chunk(int first, int count) {
    std::string csv = first == 0 ? "name,village,display_name,kind,member_count,found_date\n" : "";
    for (int i = first; i < first + count; ++i) {
      absl::StrAppend(&csv, "needyHouseholds/h", i, ",villages/v1,样例,HOUSEHOLD_KIND_LOW_INCOME,3,2018-01-01\n");
    }
    bulk::v1::ImportRequest chunk;
    chunk.set_chunk(std::move(csv));
    return chunk;
  }

  BulkProgram program_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<client::Client> client_;
};

TEST_F(BulkWireTest, FilesGoInAndComeOut) {
  for (const auto mode : {bulk::v1::IMPORT_MODE_ALL_OR_NOTHING, bulk::v1::IMPORT_MODE_KEEP_GOOD}) {
    const auto stream = Open(kImport);
    std::thread sender([&] {
      stream->Write(Header(mode));
      for (int i = 0; i < 20'000; i += 1000) stream->Write(Chunk(i, 1000));
      stream->WritesDone();
    });
    bulk::v1::ImportResponse response;
    bulk::v1::ImportResult result;
    int progress = 0;
    while (stream->Read(&response)) {
      if (response.has_progress()) ++progress;
      if (response.has_result()) result = response.result();
    }
    sender.join();
    EXPECT_OK(stream->Finish());
    EXPECT_GT(progress, 0);
    // The names are written rather than masked, which is a change also where they are the same.
    EXPECT_EQ(result.created_count() + result.updated_count(), 20'000);
    EXPECT_TRUE(result.committed());
  }
  const auto stream = Open(kExport);
  bulk::v1::ExportRequest request;
  request.set_collection("needyHouseholds");
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  bulk::v1::ExportResponse response;
  int64_t lines = 0;
  while (stream->Read(&response)) lines += std::count(response.chunk().begin(), response.chunk().end(), '\n');
  EXPECT_OK(stream->Finish());
  EXPECT_EQ(lines, 20'001);
}

// A file that is cut off between two rows looks whole; that the caller is gone tells.
TEST_F(BulkWireTest, TheFileOfACallerWhoIsGoneIsNotTakenForWhole) {
  for (int round = 0; round < 30; ++round) {
    {
      const auto stream = Open(kImport);
      ASSERT_TRUE(stream->Write(
          Header(round % 2 == 0 ? bulk::v1::IMPORT_MODE_ALL_OR_NOTHING : bulk::v1::IMPORT_MODE_KEEP_GOOD)));
      ASSERT_TRUE(stream->Write(Chunk(0, 10)));
    }
    if (round % 3 == 0) client_ = nullptr;  // the connection goes as well
  }
  server_ = nullptr;  // waits for the calls
  EXPECT_EQ(program_.Number("SELECT COUNT(*) FROM needy_household"), 0);
}

TEST_F(BulkWireTest, AWrongImportEndsBeforeItsFile) {
  const auto stream = Open(kImport);
  ASSERT_TRUE(stream->Write(Chunk(0, 10)));
  for (int i = 0; i < 1000 && stream->Write(Chunk(0, 1000)); ++i) continue;
  bulk::v1::ImportResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish(), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace jiedui
