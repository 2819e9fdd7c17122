// A workflow on both databases: who may take which step when, what it leaves behind, and what is refused.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/empty.pb.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "tests/bulk/bulk_program.h"
#include "tests/support/status_matchers.h"
#include "tests/workflow/application.h"
#include "tests/workflow/history_check.h"

namespace jiedui {
namespace {

using ::testing::AllOf;
using testing::BothDatabases;
using testing::CheckHistories;
using testing::DatabaseKind;
using testing::DatabaseName;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kApplicationService;
using testing::Proto;
using testing::StatusIs;
using testing::StepsOf;
using ::testing::UnorderedElementsAre;
using testing::v1::Application;

const Principal kEditor = {"users/editor"};
const Principal kReviewer = {"users/reviewer"};

std::vector<std::string> ViolatedFields(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const auto& violation : ViolationsOf(status)) {
    fields.push_back(absl::StrCat(violation.field(), " ", ReasonName(violation.reason())));
  }
  return fields;
}

std::string ChineseOf(const absl::Status& status) {
  std::string unused;
  const google::rpc::Status answer = ToRpcStatus(status, &unused);
  for (const auto& detail : answer.details()) {
    google::rpc::LocalizedMessage text;
    if (detail.UnpackTo(&text)) return text.message();
  }
  return "";
}

class WorkflowTest : public ::testing::TestWithParam<DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<testing::BulkProgram>(testing::NewApplicationDefinition(), GetParam());
    program_->names().Add("villages/v1");
  }

  Application Create(const std::string& id, int64_t amount = 500) {
    testing::v1::CreateApplicationRequest request;
    request.set_application_id(id);
    request.mutable_application()->set_village("villages/v1");
    request.mutable_application()->set_amount(amount);
    Application created;
    EXPECT_OK(program_->Call(absl::StrCat(kApplicationService, "CreateApplication"), request, &created, kEditor));
    return created;
  }

  absl::Status Submit(const std::string& text, Application* after = nullptr, const Principal& who = kEditor) {
    Application unused;
    return program_->Call(absl::StrCat(kApplicationService, "SubmitApplication"),
                          Proto<testing::v1::SubmitApplicationRequest>(text), after == nullptr ? &unused : after, who);
  }

  absl::Status Step(const std::string& rpc, const std::string& text, Application* after = nullptr,
                    const Principal& who = kReviewer) {
    Application unused;
    return program_->Call(absl::StrCat(kApplicationService, rpc), Proto<resource::v1::TransitionRequest>(text),
                          after == nullptr ? &unused : after, who);
  }

  Application Get(const std::string& name) {
    resource::v1::GetRequest request;
    request.set_name(name);
    Application found;
    EXPECT_OK(program_->Call(absl::StrCat(kApplicationService, "GetApplication"), request, &found));
    return found;
  }

  std::unique_ptr<testing::BulkProgram> program_;
};

INSTANTIATE_TEST_SUITE_P(Databases, WorkflowTest, BothDatabases(), DatabaseName);

TEST_P(WorkflowTest, StepsMoveTheStateFillFieldsAndAreTheHistory) {
  EXPECT_EQ(Create("a").state(), testing::v1::APPLICATION_STATE_DRAFT);
  Application after;
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d1" date: "2018-03-01" parts { text: "p" })", &after));
  EXPECT_EQ(after.state(), testing::v1::APPLICATION_STATE_SUBMITTED);
  EXPECT_EQ(after.submitter(), "users/editor");
  EXPECT_EQ(after.document(), "d1");
  EXPECT_EQ(after.parts(0).text(), "p");
  ASSERT_OK(Step("ReturnApplication", R"(name: "applications/a" reason: "不完整" date: "2018-03-02")", &after));
  EXPECT_EQ(after.return_reason(), "不完整");
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d2" date: "2018-03-02")", &after));
  EXPECT_EQ(after.return_reason(), "");
  EXPECT_EQ(after.parts_size(), 0);
  ASSERT_OK(Step("ApproveApplication", R"(name: "applications/a" date: "2018-03-05")", &after));
  EXPECT_EQ(after.approved_date(), "2018-03-05");
  EXPECT_EQ(Get("applications/a").SerializeAsString(), after.SerializeAsString());

  std::vector<std::string> steps;
  for (const auto& step : StepsOf(*program_, "applications/a")) {
    steps.push_back(absl::StrCat(step.sequence(), " ", step.rpc(), " ", step.from_state(), ">", step.to_state(), " ",
                                 step.actor(), " ", step.date(), " ", step.reason(), " ", step.site()));
    EXPECT_EQ(step.author(), step.actor());
    EXPECT_TRUE(step.has_create_time());
  }
  EXPECT_THAT(steps, ElementsAre("1 SubmitApplication DRAFT>SUBMITTED users/editor 2018-03-01  villages/v1",
                                 "2 ReturnApplication SUBMITTED>RETURNED users/reviewer 2018-03-02 不完整 villages/v1",
                                 "3 SubmitApplication RETURNED>SUBMITTED users/editor 2018-03-02  villages/v1",
                                 "4 ApproveApplication SUBMITTED>APPROVED users/reviewer 2018-03-05  villages/v1"));
  EXPECT_EQ(StepsOf(*program_, "applications/a")[0].input_json(), R"({"document":"d1","parts":[{"text":"p"}]})");
  EXPECT_EQ(CheckHistories(*program_, "applications"), 4);
}

TEST_P(WorkflowTest, AnIllegalStepNamesTheLegalOnes) {
  Create("a");
  const absl::Status status = Step("ApproveApplication", R"(name: "applications/a")");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonOf(status), error::v1::REASON_STATE);
  EXPECT_EQ(status.message(),
            "applications/a is DRAFT, from which ApproveApplication does not lead on; possible: SubmitApplication (to "
            "SUBMITTED)");
  EXPECT_EQ(ChineseOf(status),
            "applications/a 处于“草稿”状态，不能执行 ApproveApplication；可执行：提交(SubmitApplication，转为已提交)");
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d")"));
  ASSERT_OK(Step("ApproveApplication", R"(name: "applications/a")"));
  const absl::Status end = Step("ReturnApplication", R"(name: "applications/a" reason: "x")");
  EXPECT_THAT(end, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(end.message()), HasSubstr("possible: nothing"));
  EXPECT_THAT(Step("ApproveApplication", R"(name: "applications/none")"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Step("ApproveApplication", R"(name: "villages/v1")"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_P(WorkflowTest, OnlyStepsChangeTheState) {
  testing::v1::CreateApplicationRequest create;
  create.set_application_id("a");
  create.mutable_application()->set_village("villages/v1");
  create.mutable_application()->set_state(testing::v1::APPLICATION_STATE_APPROVED);
  create.mutable_application()->set_amount(5);
  Application application;
  ASSERT_OK(program_->Call(absl::StrCat(kApplicationService, "CreateApplication"), create, &application));
  EXPECT_EQ(application.state(), testing::v1::APPLICATION_STATE_DRAFT);

  testing::v1::UpdateApplicationRequest update;
  *update.mutable_application() = application;
  update.mutable_application()->set_state(testing::v1::APPLICATION_STATE_APPROVED);
  update.mutable_update_mask()->add_paths("state");
  const std::string update_method = absl::StrCat(kApplicationService, "UpdateApplication");
  EXPECT_THAT(ViolatedFields(program_->Call(update_method, update, &application)),
              ElementsAre("update_mask OUTPUT_ONLY"));

  // While it is being decided nothing else changes either; what changes nothing is no change.
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d")"));
  update.mutable_update_mask()->set_paths(0, "amount");
  update.mutable_application()->set_etag("");
  EXPECT_OK(program_->Call(update_method, update, &application));
  update.mutable_application()->set_amount(6);
  const absl::Status status = program_->Call(update_method, update, &application);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(status.message()), HasSubstr("only while DRAFT, RETURNED"));
  EXPECT_THAT(ChineseOf(status), HasSubstr("只有以下状态可修改：草稿、RETURNED"));
  const auto imported =
      program_->Import("applications", "name,village,amount,state\napplications/a,villages/v1,7,草稿\n");
  EXPECT_THAT(imported.Errors(), ElementsAre(HasSubstr("STATE")));
  EXPECT_EQ(Get("applications/a").amount(), 5);
  ASSERT_OK(Step("ReturnApplication", R"(name: "applications/a" reason: "x")"));
  EXPECT_OK(program_->Call(update_method, update, &application));
  EXPECT_EQ(application.amount(), 6);
}

TEST_P(WorkflowTest, WhoSubmitsDoesNotApprove) {
  Create("a");
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d")"));
  const absl::Status own = Step("ApproveApplication", R"(name: "applications/a")", nullptr, kEditor);
  EXPECT_THAT(own, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ReasonOf(own), error::v1::REASON_PERMISSION);
  // Not in a later round either.
  ASSERT_OK(Step("ReturnApplication", R"(name: "applications/a" reason: "x")"));
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d")", nullptr, {"users/other"}));
  EXPECT_THAT(Step("ApproveApplication", R"(name: "applications/a")", nullptr, kEditor),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_OK(Step("ApproveApplication", R"(name: "applications/a")"));
}

TEST_P(WorkflowTest, RolesAndLevelsAreAskedFor) {
  Create("a", 5000);
  Principal viewer = {"users/viewer"};
  viewer.roles = {options::v1::ROLE_VIEWER};
  EXPECT_THAT(Submit(R"(name: "applications/a" document: "d")", nullptr, viewer),
              StatusIs(absl::StatusCode::kPermissionDenied));
  Principal editor = {"users/editor"};
  editor.roles = {options::v1::ROLE_EDITOR};
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d")", nullptr, editor));
  Principal reviewer = {"users/reviewer"};
  reviewer.roles = {options::v1::ROLE_REVIEWER};
  reviewer.level = options::v1::LEVEL_DISTRICT;
  const absl::Status other_level = Step("ApproveApplication", R"(name: "applications/a")", nullptr, reviewer);
  EXPECT_THAT(other_level, StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(ChineseOf(other_level), "审批由镇级办理");
  reviewer.level = options::v1::LEVEL_TOWNSHIP;
  Application after;
  ASSERT_OK(Step("ApproveApplication", R"(name: "applications/a")", &after, reviewer));
  // Above 1000 the district decides.
  EXPECT_EQ(after.state(), testing::v1::APPLICATION_STATE_DISTRICT);
  EXPECT_THAT(Step("ApproveApplication", R"(name: "applications/a")", nullptr, reviewer),
              StatusIs(absl::StatusCode::kPermissionDenied));
  reviewer.level = options::v1::LEVEL_DISTRICT;
  ASSERT_OK(Step("ApproveApplication", R"(name: "applications/a")", &after, reviewer));
  EXPECT_EQ(after.state(), testing::v1::APPLICATION_STATE_APPROVED);
}

TEST_P(WorkflowTest, EverythingWrongWithAStepIsSaidAtOnce) {
  Create("a", 0);
  const absl::Status status =
      Submit(R"(name: "applications/a" document: "12345678901234567" date: "2999-01-01" parts {})");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ViolatedFields(status),
              UnorderedElementsAre("date RULE", "document LENGTH", "parts[0].text REQUIRED", "amount RULE"));
  EXPECT_THAT(ViolatedFields(Submit(R"(name: "applications/a" date: "2018-02-30")")),
              UnorderedElementsAre("date FORMAT", "document REQUIRED", "amount RULE"));
  EXPECT_TRUE(StepsOf(*program_, "applications/a").empty());

  Create("b");
  ASSERT_OK(Submit(R"(name: "applications/b" document: "d" date: "2018-03-02")"));
  EXPECT_THAT(ViolatedFields(Step("ReturnApplication", R"(name: "applications/b" date: "2018-03-01")")),
              UnorderedElementsAre("date RULE", "reason REQUIRED"));
}

TEST_P(WorkflowTest, AStepTakesPartInEtagsRequestIdsAndValidateOnly) {
  const Application created = Create("a");
  EXPECT_OK(Submit(R"(name: "applications/a" document: "d" validate_only: true)"));
  EXPECT_EQ(Get("applications/a").state(), testing::v1::APPLICATION_STATE_DRAFT);
  const std::string request =
      absl::StrCat(R"(name: "applications/a" document: "d" request_id: "r1" etag: ")", created.etag(), "\"");
  Application first, again;
  ASSERT_OK(Submit(request, &first));
  ASSERT_OK(Submit(request, &again));
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  EXPECT_EQ(StepsOf(*program_, "applications/a").size(), 1u);
  EXPECT_THAT(
      Step("ReturnApplication", absl::StrCat(R"(name: "applications/a" reason: "x" etag: ")", created.etag(), "\"")),
      StatusIs(absl::StatusCode::kAborted));
  // The fact and its step are one transaction.
  audit::v1::ListAuditEntriesRequest list;
  list.set_resource("applications/a");
  audit::v1::ListAuditEntriesResponse entries;
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", list, &entries));
  const std::string transaction = entries.audit_entries(0).transaction_id();
  list.set_resource(StepsOf(*program_, "applications/a")[0].name());
  ASSERT_OK(program_->Call("jiedui.audit.v1.AuditService/ListAuditEntries", list, &entries));
  EXPECT_EQ(entries.audit_entries(0).transaction_id(), transaction);
}

TEST_P(WorkflowTest, WhatHasAHistoryIsNotDeleted) {
  Create("a");
  Create("b");
  ASSERT_OK(Submit(R"(name: "applications/a" document: "d")"));
  resource::v1::DeleteRequest request;
  google::protobuf::Empty empty;
  const std::string method = absl::StrCat(kApplicationService, "DeleteApplication");
  request.set_name("applications/a");
  EXPECT_THAT(program_->Call(method, request, &empty), StatusIs(absl::StatusCode::kFailedPrecondition));
  request.set_name("applications/b");
  EXPECT_OK(program_->Call(method, request, &empty));
}

TEST_P(WorkflowTest, StepsAreImportedByTheSameRulesAndExported) {
  Create("a");
  Create("b");
  const std::string csv =
      "name,resource,rpc,actor,date,reason,input_json\n"
      "testingTransitions/a-1,applications/a,SubmitApplication,users/"
      "old,2018-01-02,,\"{\"\"document\"\":\"\"d1\"\"}\"\n"
      "testingTransitions/a-2,applications/a,ApproveApplication,users/boss,2018-01-03,,\n";
  const auto imported = program_->Import("testingTransitions", csv);
  ASSERT_OK(imported.status);
  EXPECT_EQ(imported.Counts(), "2 0 0 0 0 committed") << ::testing::PrintToString(imported.Errors());
  EXPECT_EQ(program_->Import("testingTransitions", csv).Counts(), "0 0 2 0 0 committed");
  const Application application = Get("applications/a");
  EXPECT_EQ(application.state(), testing::v1::APPLICATION_STATE_APPROVED);
  EXPECT_EQ(application.approved_date(), "2018-01-03");
  EXPECT_EQ(application.submitter(), "users/old");
  // Who recorded a step and who took it are both known.
  EXPECT_EQ(StepsOf(*program_, "applications/a")[0].author(), "users/test");

  const auto wrong = program_->Import(
      "testingTransitions",
      "name,resource,rpc,actor,date,reason,input_json\n"
      "testingTransitions/a-1,applications/a,SubmitApplication,users/x,2018-01-02,,\"{\"\"document\"\":\"\"d1\"\"}\"\n"
      "testingTransitions/b-1,applications/b,ApproveApplication,users/x,,,\n"
      "testingTransitions/b-2,applications/b,SubmitApplication,users/x,,,\"{\"\"amount\"\":3}\"\n"
      "testingTransitions/b-3,applications/b,ForgetApplication,users/x,,,\n"
      "testingTransitions/b-4,applications/none,SubmitApplication,users/x,,,\n"
      "testingTransitions/b-5,villages/v1,SubmitApplication,users/x,,,\n"
      "testingTransitions/b-6,applications/b,SubmitApplication,users/x,2018-01-01,,\"{\"\"document\"\":\"\"d1\"\"}\"\n"
      "testingTransitions/b-7,applications/b,ApproveApplication,users/x,2018-01-01,,\n");
  ASSERT_OK(wrong.status);
  EXPECT_THAT(
      wrong.Errors(),
      ElementsAre("2 actor IMMUTABLE users/x", "3  STATE ", HasSubstr("4 input_json UNKNOWN_FIELD"),
                  "4 document REQUIRED ", "5 rpc ENUM ForgetApplication",
                  "6 resource DANGLING_REFERENCE applications/none", "7 resource NAME villages/v1", "9  PERMISSION "));
  EXPECT_EQ(Get("applications/b").state(), testing::v1::APPLICATION_STATE_DRAFT);
  std::string exported;
  ASSERT_OK(program_->Export("testingTransitions", "", &exported));
  EXPECT_THAT(exported, AllOf(HasSubstr("users/old"), HasSubstr("SUBMITTED")));
  EXPECT_EQ(CheckHistories(*program_, "applications"), 2);
}

}  // namespace
}  // namespace jiedui
