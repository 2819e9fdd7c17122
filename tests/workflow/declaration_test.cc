// Declarations of workflows: what is wrong with one is said all at once, and a diagram is made from it.

#include "common/service/host.h"
#include "common/workflow/diagram.h"
#include "common/workflow/workflow.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/workflow/application.h"
#include "workflow/wrong.pb.h"

namespace jiedui {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(WorkflowDeclarationTest, EveryMistakeIsNamedAtOnce) {
  const auto plan = resource::TablePlan::Build(testing::v1::Wrong::descriptor());
  ASSERT_OK(plan);
  const auto workflow = workflow::Workflow::Build(**plan);
  ASSERT_THAT(workflow, testing::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(workflow.status().message()),
              AllOf(HasSubstr("there is no state GONE"), HasSubstr("there is no state LOST"),
                    HasSubstr("begin_field is no date"), HasSubstr("SubmitWrong needs title_zh"),
                    HasSubstr("SubmitWrong is no writing method"), HasSubstr("SubmitWrong.when"),
                    HasSubstr("SubmitWrong.not_by: there is no transition NeverWrong"),
                    HasSubstr("SubmitWrong: text is no output-only field"),
                    HasSubstr("SubmitApplication is no writing method that answers the resource"),
                    HasSubstr("SubmitApplication: count cannot be filled with that"),
                    HasSubstr("nothing leads to the state APPLICATION_STATE_APPROVED")));
}

TEST(WorkflowDeclarationTest, AProgramNeedsEveryGuardAndNoOther) {
  service::Definition without = testing::NewApplicationDefinition();
  without.guards.clear();
  EXPECT_THAT(std::string(service::Host::Create(std::move(without)).status().message()),
              HasSubstr("there is no guard amount_given"));
  service::Definition more = testing::NewApplicationDefinition();
  more.guards["unused"] = more.guards["amount_given"];
  EXPECT_THAT(std::string(service::Host::Create(std::move(more)).status().message()),
              HasSubstr("no workflow names the guard unused"));
}

TEST(WorkflowDeclarationTest, TheDiagramFollowsTheDeclaration) {
  const auto plan = resource::TablePlan::Build(testing::v1::Application::descriptor());
  ASSERT_OK(plan);
  const auto workflow = workflow::Workflow::Build(**plan);
  ASSERT_OK(workflow);
  EXPECT_EQ(workflow::ToMermaid(**workflow),
            R"(stateDiagram-v2
  DRAFT: 草稿
  SUBMITTED: 已提交
  DISTRICT: 区级审批
  APPROVED: 已批准
  RETURNED: RETURNED
  [*] --> DRAFT
  DRAFT --> SUBMITTED: SubmitApplication 提交 (editor, takes document, if amount_given)
  RETURNED --> SUBMITTED: SubmitApplication 提交 (editor, takes document, if amount_given)
  SUBMITTED --> APPROVED: ApproveApplication 审批 (reviewer of the township not who did SubmitApplication, when amount <= 1000)
  SUBMITTED --> DISTRICT: ApproveApplication 审批 (reviewer of the township not who did SubmitApplication, when amount > 1000)
  DISTRICT --> APPROVED: ApproveApplication 审批 (reviewer of the district not who did SubmitApplication)
  SUBMITTED --> RETURNED: ReturnApplication 退回 (reason)
  DISTRICT --> RETURNED: ReturnApplication 退回 (reason)
  APPROVED --> [*]
)");
}

}  // namespace
}  // namespace jiedui
