// The village program on a fresh database, with a city, a district, a township and some villages in it.

#ifndef JIEDUI_TESTS_VILLAGE_VILLAGE_PROGRAM_H_
#define JIEDUI_TESTS_VILLAGE_VILLAGE_PROGRAM_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "google/protobuf/empty.pb.h"
#include "gtest/gtest.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "services/village/definition.h"
#include "tests/bulk/bulk_program.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::testing {

class VillageTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  static constexpr char kVillage[] = "villages/120119101201";
  static constexpr char kOther[] = "villages/120119101202";
  static constexpr char kTownship[] = "divisions/120119101";

  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<BulkProgram>(village::NewDefinition(), GetParam());
    Put("Division", "12", R"(code: "12" display_name: "市" level: DIVISION_LEVEL_CITY)");
    Put("Division", "120119", R"(code: "120119" display_name: "区" level: DIVISION_LEVEL_DISTRICT parent: "divisions/12")");
    Put("Division", "120119101", R"(code: "120119101" display_name: "镇" level: DIVISION_LEVEL_TOWNSHIP parent: "divisions/120119")");
    for (const char* code : {"120119101201", "120119101202"}) {
      Put("Village", code, absl::StrCat(R"(code: ")", code, R"(" display_name: "村" township: "divisions/120119101"
          support_level: SUPPORT_LEVEL_CITY entry_date: "2017-08-01")"));
    }
  }

  // A resource's methods are in the service of its file.
  template <typename Resource>
  static std::string MethodOf(const std::string& verb) {
    return absl::StrCat(Resource::descriptor()->file()->service(0)->full_name(), "/", verb, Resource::descriptor()->name());
  }

  // Creates a resource from protobuf text and answers it.
  template <typename Resource>
  absl::StatusOr<Resource> Create(const std::string& id, const std::string& text) {
    return Write<Resource>("Create", id, Proto<Resource>(text), {});
  }
  // Changes the fields that `text` has; `mask` names those that are to be emptied.
  template <typename Resource>
  absl::StatusOr<Resource> Update(const std::string& name, const std::string& text, const std::vector<std::string>& mask = {}) {
    Resource resource = Proto<Resource>(text);
    resource.set_name(name);
    return Write<Resource>("Update", "", resource, mask);
  }
  template <typename Resource>
  absl::StatusOr<Resource> Get(const std::string& name) {
    resource::v1::GetRequest request;
    request.set_name(name);
    Resource resource;
    const absl::Status status = program_->Call(MethodOf<Resource>("Get"), request, &resource);
    if (!status.ok()) return status;
    return resource;
  }
  template <typename Resource>
  absl::Status Delete(const std::string& name) {
    resource::v1::DeleteRequest request;
    request.set_name(name);
    google::protobuf::Empty empty;
    return program_->Call(MethodOf<Resource>("Delete"), request, &empty);
  }

  // "field REASON" of each violation, without the resource before the field.
  static std::vector<std::string> Violated(const absl::Status& status) {
    std::vector<std::string> fields;
    for (const auto& violation : ViolationsOf(status)) {
      fields.push_back(absl::StrCat(violation.field().substr(violation.field().find('.') + 1), " ",
                                    ReasonName(violation.reason())));
    }
    return fields;
  }

  int64_t Value(int year, const std::string& measure, const std::string& node = kVillage) {
    return program_->Value(year, node, measure);
  }

  // Runs `work` with 0 to `threads` - 1 at once.
  static void InParallel(int threads, const std::function<void(int)>& work) {
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
    for (std::thread& each : running) each.join();
  }

  std::unique_ptr<BulkProgram> program_;

 private:
  template <typename Resource>
  absl::StatusOr<Resource> Write(const std::string& verb, const std::string& id, const Resource& resource,
                                 const std::vector<std::string>& mask) {
    const auto* service = Resource::descriptor()->file()->service(0);
    const auto* method = service->FindMethodByName(absl::StrCat(verb, Resource::descriptor()->name()));
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(method->input_type())->New());
    const auto* reflection = request->GetReflection();
    const auto* field = method->input_type()->field(0);
    reflection->MutableMessage(request.get(), field)->CopyFrom(resource);
    if (verb == "Create") {
      reflection->SetString(request.get(), method->input_type()->FindFieldByName(field->name() + "_id"), id);
    } else if (!mask.empty()) {
      auto* paths = static_cast<google::protobuf::FieldMask*>(
          reflection->MutableMessage(request.get(), method->input_type()->FindFieldByName("update_mask")));
      for (const std::string& path : mask) paths->add_paths(path);
    }
    Resource answer;
    const absl::Status status = program_->Call(MethodOf<Resource>(verb), *request, &answer);
    if (!status.ok()) return status;
    return answer;
  }

  void Put(const std::string& noun, const std::string& id, const std::string& text) {
    if (noun == "Division") {
      ASSERT_OK(Create<village::v1::Division>(id, text));
    } else {
      ASSERT_OK(Create<village::v1::Village>(id, text));
    }
  }
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_VILLAGE_VILLAGE_PROGRAM_H_
