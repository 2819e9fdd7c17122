// Allocations to projects of another program: money moves on them once that program has said that the project is there.
//
// An allocation is recorded as pending without asking anybody, so that it can be while the other program is down. A round of
// this work asks for every pending one and confirms or rejects it in one transaction; what gets no answer stays pending.

#ifndef JIEDUI_SERVICES_INDUSTRY_ALLOCATION_CHECK_H_
#define JIEDUI_SERVICES_INDUSTRY_ALLOCATION_CHECK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/store/engine.h"

namespace jiedui::industry {

// What the program that keeps a project says of it.
enum class ProjectAnswer { kThere, kMissing, kCancelled };

// Asks for "constructionProjects/{id}"; an error when there is no answer before the deadline.
using AskProject = std::function<absl::StatusOr<ProjectAnswer>(const std::string& project, absl::Time deadline)>;

// One round. The error of the first question that got no answer, after which no more are asked; errors of the database.
absl::Status CheckAllocations(store::Engine& engine, const AskProject& ask);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_ALLOCATION_CHECK_H_
