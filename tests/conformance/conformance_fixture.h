// The fixture of the conformance suite: a program on a database, empty at the start of each test.

#ifndef JIEDUI_TESTS_CONFORMANCE_CONFORMANCE_FIXTURE_H_
#define JIEDUI_TESTS_CONFORMANCE_CONFORMANCE_FIXTURE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "gtest/gtest.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "services/assistance/definition.h"
#include "services/gateway/definition.h"
#include "services/industry/definition.h"
#include "services/infrastructure/definition.h"
#include "services/village/definition.h"
#include "tests/conformance/resource_client.h"
#include "tests/conformance/resource_maker.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {

struct Program {
  const char* name;
  std::function<service::Definition()> definition;
};

inline const std::vector<Program>& Programs() {
  static const auto* const kPrograms = new std::vector<Program>{{"Village", village::NewDefinition},
                                                                {"Industry", industry::NewDefinition},
                                                                {"Infrastructure", infrastructure::NewDefinition},
                                                                {"Assistance", assistance::NewDefinition},
                                                                {"Gateway", [] {
                                                                   static const auto* const kCatalog =
                                                                       gateway::Catalog::Create().value().release();
                                                                   return gateway::NewDefinition(kCatalog);
                                                                 }}};
  return *kPrograms;
}

// "field REASON" of each violation.
inline std::vector<std::string> ViolatedFields(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(status)) {
    fields.push_back(absl::StrCat(violation.field(), " ", ReasonName(violation.reason())));
  }
  return fields;
}

inline std::string NameOf(const google::protobuf::Message& resource) { return TextOf(resource, "name"); }
inline std::string EtagOf(const google::protobuf::Message& resource) { return TextOf(resource, "etag"); }

inline void SetText(google::protobuf::Message* message, const google::protobuf::FieldDescriptor* field,
                    const std::string& text) {
  message->GetReflection()->SetString(message, field, text);
}

// What a client may set, without the name.
inline MessagePtr InputOf(const resource::TablePlan& plan, const google::protobuf::Message& resource) {
  MessagePtr input(resource.New());
  input->CopyFrom(resource);
  for (const resource::FieldRule& rule : plan.rules().fields()) {
    if (rule.output_only || rule.field->name() == "name") input->GetReflection()->ClearField(input.get(), rule.field);
  }
  return input;
}

inline std::vector<std::string> Names(const std::vector<MessagePtr>& resources) {
  std::vector<std::string> names;
  for (const MessagePtr& each : resources) names.push_back(NameOf(*each));
  return names;
}

class ConformanceTest : public ::testing::TestWithParam<std::tuple<int, DatabaseKind>> {
 protected:
  void SetUp() override {
    const auto [program, kind] = GetParam();
    JIEDUI_REQUIRE_DATABASE(kind);
    std::unique_ptr<TestProgram>& kept = KeptPrograms()[GetParam()];
    if (kept == nullptr) kept = std::make_unique<TestProgram>(Programs()[program].definition(), kind);
    program_ = kept.get();
    ASSERT_OK(sql::WriteAndWait(program_->database(), {},
                                [this](sql::Transaction& transaction) { return Empty(transaction); }));
    maker_ = std::make_unique<ResourceMaker>(*program_);
    for (const char* name : {"divisions/d", "villages/v"}) program_->names().Add(name);  // the hints refer to them
  }

  static void TearDownTestSuite() { KeptPrograms().clear(); }

  // A schema costs much more than a test: each is made once, and empty at the start of a test.
  static std::map<std::tuple<int, DatabaseKind>, std::unique_ptr<TestProgram>>& KeptPrograms() {
    static auto* const kPrograms = new std::map<std::tuple<int, DatabaseKind>, std::unique_ptr<TestProgram>>();
    return *kPrograms;
  }

  absl::Status Empty(sql::Transaction& transaction) {
    std::vector<std::string> tables = {"audit_entry", "request_log", "measure_value"};
    for (const resource::TablePlan* plan : program_->host().registry().plans()) tables.push_back(plan->table());
    for (const std::string& table : tables) {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                              transaction.Prepare(absl::StrCat("DELETE FROM `", table, "`")));
      JIEDUI_RETURN_IF_ERROR(statement->Execute().status());
    }
    return absl::OkStatus();
  }

  // Whether clients write it by the standard methods; what is not is kept by its own rules, and tested there.
  bool IsStandard(const resource::TablePlan& plan) {
    if (plan.collection() == "divisionChanges") return false;  // changes what it is about: tests/village
    for (const auto& service : program_->table().services()) {
      for (const server::Method* method : service.methods) {
        if (method->descriptor->name() == absl::StrCat("Delete", plan.descriptor()->name())) return true;
      }
    }
    return false;
  }

  // Runs `test` on every resource of the program that is written by the standard methods.
  void ForEach(const std::function<void(const resource::TablePlan& plan, ResourceClient& client)>& test) {
    for (const resource::TablePlan* plan : program_->host().registry().plans()) {
      if (plan == program_->host().registry().history()) continue;  // written by steps alone: tests/workflow
      if (!IsStandard(*plan)) continue;
      SCOPED_TRACE(plan->collection());
      ResourceClient client(*program_, *plan);
      test(*plan, client);
    }
  }

  audit::v1::ListAuditEntriesResponse History(const std::string& name) {
    audit::v1::ListAuditEntriesRequest request;
    request.set_resource(name);
    audit::v1::ListAuditEntriesResponse response;
    EXPECT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", request, &response));
    return response;
  }

  // What the database keeps of a resource type's rows before their changes.
  std::vector<std::string> KeptImages(const resource::TablePlan& plan) {
    std::vector<std::string> images;
    EXPECT_OK(program_->database().ReadHere([&](sql::Transaction& transaction) -> absl::Status {
      images.clear();
      JIEDUI_ASSIGN_OR_RETURN(
          sql::Statement * row,
          transaction.Prepare("SELECT before_image, resource FROM audit_entry WHERE before_image IS NOT NULL"));
      while (true) {
        JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
        if (!more) return absl::OkStatus();
        if (!plan.IdOf(row->Text(1)).empty()) images.emplace_back(row->Text(0));
      }
    }));
    return images;
  }

  // "division.code" for the field `code` in requests of divisions.
  static std::string PathOf(const resource::TablePlan& plan, const std::string& field) {
    std::string snake;
    for (const char c : plan.descriptor()->name()) {
      if (c >= 'A' && c <= 'Z')
        absl::StrAppend(&snake, snake.empty() ? "" : "_", std::string(1, static_cast<char>(c + 32)));
      else
        snake.push_back(c);
    }
    return absl::StrCat(snake, ".", field);
  }

  TestProgram* program_ = nullptr;
  std::unique_ptr<ResourceMaker> maker_;
};

// For INSTANTIATE_TEST_SUITE_P: every program on every database.
inline auto EveryProgramAndDatabase() {
  return ::testing::Combine(::testing::Range(0, static_cast<int>(Programs().size())), BothDatabases());
}
inline std::string ProgramAndDatabaseName(const ::testing::TestParamInfo<std::tuple<int, DatabaseKind>>& info) {
  return absl::StrCat(Programs()[std::get<0>(info.param)].name,
                      std::get<1>(info.param) == DatabaseKind::kSqlite ? "Sqlite" : "Mysql");
}

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_CONFORMANCE_CONFORMANCE_FIXTURE_H_
