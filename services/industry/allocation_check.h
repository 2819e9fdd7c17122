// Allocations to projects of another program: money moves on them once that program has said that the project is there, and no more
// goes out once it says that the project is cancelled.
//
// An allocation is recorded as pending without asking anybody, so that it can be while the other program is down. A round of
// this work asks for every pending one, or again for every confirmed one, and settles a batch in one transaction; what gets no
// answer stays as it is.

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
enum class Standing { kThere, kMissing, kCancelled };
struct ProjectAnswer {
  Standing standing = Standing::kThere;
  // Where it sits: a village or a division.
  std::string site;
};

// Asks for "constructionProjects/{id}". NOT_FOUND and INVALID_ARGUMENT say that there is none; UNAVAILABLE and DEADLINE_EXCEEDED
// that nobody answers.
using AskProject = std::function<absl::StatusOr<ProjectAnswer>(const std::string& project, absl::Time deadline)>;

// One round over the pending allocations. When nobody answers no more are asked; one project that cannot be asked for does not keep
// the others from being settled. The first error of a question; errors of the database.
absl::Status CheckAllocations(store::Engine& engine, const AskProject& ask);

// The same over the confirmed allocations to projects of another program: those whose project is cancelled or gone are frozen.
absl::Status RecheckAllocations(store::Engine& engine, const AskProject& ask);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_ALLOCATION_CHECK_H_
