// A program whose only resource is an application with a workflow.

#ifndef JIEDUI_TESTS_WORKFLOW_APPLICATION_H_
#define JIEDUI_TESTS_WORKFLOW_APPLICATION_H_

#include "common/service/definition.h"
#include "workflow/application.pb.h"

namespace jiedui::testing {

inline constexpr char kApplicationService[] = "jiedui.testing.v1.ApplicationService/";

// With the guard "amount_given": an amount above 0.
service::Definition NewApplicationDefinition();

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_WORKFLOW_APPLICATION_H_
