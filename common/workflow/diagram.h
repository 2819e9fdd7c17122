// A workflow for people, made from its declaration.

#ifndef JIEDUI_COMMON_WORKFLOW_DIAGRAM_H_
#define JIEDUI_COMMON_WORKFLOW_DIAGRAM_H_

#include <string>

#include "common/workflow/workflow.h"

namespace jiedui::workflow {

// A Mermaid state diagram: states with their Chinese terms, transitions with who may take them and on what conditions.
std::string ToMermaid(const Workflow& workflow);

// What a transition asks for, in one line: "reviewer of the township, not who did SubmitPlan; reason; takes decision".
std::string Conditions(const Transition& transition);

}  // namespace jiedui::workflow

#endif  // JIEDUI_COMMON_WORKFLOW_DIAGRAM_H_
