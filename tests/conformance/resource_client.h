// The standard methods of any resource, called through a program's method table with requests built from descriptors.

#ifndef JIEDUI_TESTS_CONFORMANCE_RESOURCE_CLIENT_H_
#define JIEDUI_TESTS_CONFORMANCE_RESOURCE_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/resource/table_plan.h"
#include "google/protobuf/message.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {

using MessagePtr = std::unique_ptr<google::protobuf::Message>;

struct WriteExtras {
  std::string request_id;
  bool validate_only = false;
};

struct Page {
  std::vector<MessagePtr> resources;
  std::string next_page_token;
};

class ResourceClient {
 public:
  // Both must outlive the client, which calls as `who`.
  ResourceClient(TestProgram& program, const resource::TablePlan& plan, Principal who = {"users/test"});

  // `id` may be empty.
  absl::StatusOr<MessagePtr> Create(const google::protobuf::Message& resource, const std::string& id,
                                    const WriteExtras& extras = {});
  absl::StatusOr<MessagePtr> Get(const std::string& name);
  absl::StatusOr<MessagePtr> Update(const google::protobuf::Message& resource, const std::vector<std::string>& mask,
                                    const WriteExtras& extras = {});
  absl::Status Delete(const std::string& name, const std::string& etag = "", const WriteExtras& extras = {});
  absl::StatusOr<Page> List(const std::string& filter = "", const std::string& order_by = "", int page_size = 0,
                            const std::string& page_token = "");
  // All pages, at most `page_size` resources in each; fails when a page is larger, or empty before the last.
  absl::StatusOr<std::vector<MessagePtr>> ListAll(const std::string& filter, const std::string& order_by,
                                                  int page_size);

  const resource::TablePlan& plan() const { return plan_; }

 private:
  struct Call {
    std::string method;
    MessagePtr request;
    MessagePtr response;
  };
  Call Start(const std::string& verb, const std::string& noun) const;
  absl::StatusOr<MessagePtr> Finish(Call call);
  static void Set(google::protobuf::Message& message, const std::string& field, const std::string& text);
  static void SetExtras(google::protobuf::Message& request, const WriteExtras& extras);

  TestProgram& program_;
  const resource::TablePlan& plan_;
  const Principal who_;
};

std::string TextOf(const google::protobuf::Message& message, const std::string& field);

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_CONFORMANCE_RESOURCE_CLIENT_H_
