// What must hold of every history, whoever wrote it.

#ifndef JIEDUI_TESTS_WORKFLOW_HISTORY_CHECK_H_
#define JIEDUI_TESTS_WORKFLOW_HISTORY_CHECK_H_

#include <string>
#include <vector>

#include "jiedui/workflow/v1/workflow.pb.h"
#include "tests/support/test_program.h"

namespace jiedui::testing {

// The steps of a resource, oldest first.
std::vector<workflow::v1::Transition> StepsOf(TestProgram& program, const std::string& resource);

// Fails the test unless, for every resource of the collection, the steps are numbered from 1 without gaps, each is one that the
// declaration allows from the state to which the one before it led, dates do not go back, nobody did what an earlier step of
// theirs excludes, and the last one led to the state in which the resource is. Answers the number of steps.
int CheckHistories(TestProgram& program, const std::string& collection);

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_WORKFLOW_HISTORY_CHECK_H_
