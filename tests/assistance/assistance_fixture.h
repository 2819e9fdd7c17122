// The assistance program on a fresh database, and short ways to write its records.

#ifndef JIEDUI_TESTS_ASSISTANCE_ASSISTANCE_FIXTURE_H_
#define JIEDUI_TESTS_ASSISTANCE_ASSISTANCE_FIXTURE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/resource/request_fields.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/assistance/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::assistance {

// One program on each database, which costs much more than a test; emptied at the start of each.
class Programs : public ::testing::Environment {
 public:
  static testing::TestProgram* Empty(testing::DatabaseKind kind) {
    static auto* const kPrograms = static_cast<Programs*>(::testing::AddGlobalTestEnvironment(new Programs()));
    std::unique_ptr<testing::TestProgram>& program = kPrograms->by_kind_[kind];
    if (program == nullptr) program = std::make_unique<testing::TestProgram>(NewDefinition(), kind);
    const absl::Status emptied =
        sql::WriteAndWait(program->database(), {}, [&](sql::Transaction& transaction) -> absl::Status {
          std::vector<std::string> tables = {"audit_entry", "request_log", "measure_value"};
          for (const resource::TablePlan* plan : program->host().registry().plans()) tables.push_back(plan->table());
          for (const std::string& table : tables) {
            JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                                    transaction.Prepare(absl::StrCat("DELETE FROM `", table, "`")));
            JIEDUI_RETURN_IF_ERROR(statement->Execute().status());
          }
          return absl::OkStatus();
        });
    EXPECT_OK(emptied);
    return program.get();
  }

  void TearDown() override { by_kind_.clear(); }

 private:
  std::map<testing::DatabaseKind, std::unique_ptr<testing::TestProgram>> by_kind_;
};

class AssistanceTest : public ::testing::TestWithParam<testing::DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = Programs::Empty(GetParam());
    testing::FakeRemoteNames& names = program_->names();
    names.Add("divisions/12");
    for (const std::string district : {"divisions/120118", "divisions/120119"}) names.Add(district, "divisions/12");
    names.Add("divisions/120119901", "divisions/120119");
    for (const char* village : {"villages/v", "villages/w"}) names.Add(village, "divisions/120119901");
  }

  // `text` is the resource in protobuf's text format.
  template <typename T>
  absl::StatusOr<T> Create(const std::string& id, const std::string& text) {
    std::unique_ptr<google::protobuf::Message> request = RequestOf("Create", T::descriptor()->name());
    const auto* field = resource::FieldOfType(request->GetDescriptor(), T::descriptor());
    auto* resource = request->GetReflection()->MutableMessage(request.get(), field);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, resource)) << text;
    request->GetReflection()->SetString(
        request.get(), request->GetDescriptor()->FindFieldByName(absl::StrCat(field->name(), "_id")), id);
    T created;
    JIEDUI_RETURN_IF_ERROR(program_->Call(MethodOf("Create", T::descriptor()->name()), *request, &created));
    return created;
  }

  // Writes the fields that `text` sets of the resource `name`.
  template <typename T>
  absl::StatusOr<T> Update(const std::string& name, const std::string& text,
                           const std::vector<std::string>& mask = {}) {
    std::unique_ptr<google::protobuf::Message> request = RequestOf("Update", T::descriptor()->name());
    const auto* field = resource::FieldOfType(request->GetDescriptor(), T::descriptor());
    auto* resource = request->GetReflection()->MutableMessage(request.get(), field);
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, resource)) << text;
    static_cast<T*>(resource)->set_name(name);
    auto* paths = static_cast<google::protobuf::FieldMask*>(request->GetReflection()->MutableMessage(
        request.get(), request->GetDescriptor()->FindFieldByName("update_mask")));
    for (const std::string& path : mask) paths->add_paths(path);
    T updated;
    JIEDUI_RETURN_IF_ERROR(program_->Call(MethodOf("Update", T::descriptor()->name()), *request, &updated));
    return updated;
  }

  template <typename T>
  T Get(const std::string& name) {
    resource::v1::GetRequest request;
    request.set_name(name);
    T found;
    EXPECT_OK(program_->Call(MethodOf("Get", T::descriptor()->name()), request, &found));
    return found;
  }

  template <typename T>
  absl::Status Delete(const std::string& name) {
    resource::v1::DeleteRequest request;
    request.set_name(name);
    google::protobuf::Empty empty;
    return program_->Call(MethodOf("Delete", T::descriptor()->name()), request, &empty);
  }

  // Calls an RPC of any service as somebody.
  absl::Status CallAs(const Principal& who, const std::string& rpc, const google::protobuf::Message& request,
                      google::protobuf::Message* response) {
    return program_->Call(MethodOf(rpc, ""), request, response, who);
  }

  // The only cell that a query answers.
  int64_t Number(const std::string& sql) {
    int64_t number = -1;
    EXPECT_OK(program_->database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(sql));
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (found) number = row->Int(0);
      return absl::OkStatus();
    }));
    return number;
  }

  // "field REASON" of each violation.
  template <typename T>
  static std::vector<std::string> Fields(const absl::StatusOr<T>& result) {
    std::vector<std::string> fields;
    for (const auto& violation : ViolationsOf(result.status())) {
      fields.push_back(absl::StrCat(violation.field(), " ", ReasonName(violation.reason())));
    }
    return fields;
  }

  std::string MethodOf(const std::string& verb, const std::string& noun) {
    for (const auto& service : program_->table().services()) {
      for (const server::Method* method : service.methods) {
        if (method->descriptor->name() == verb + noun) return method->name;
      }
    }
    return "";
  }

  static std::unique_ptr<google::protobuf::Message> RequestOf(const std::string& verb, const std::string& noun) {
    const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
        absl::StrCat("jiedui.assistance.v1.", verb, noun, "Request"));
    return std::unique_ptr<google::protobuf::Message>(
        google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  }

  testing::TestProgram* program_ = nullptr;
};

}  // namespace jiedui::assistance

#endif  // JIEDUI_TESTS_ASSISTANCE_ASSISTANCE_FIXTURE_H_
