// The commands, grouped by what they work on.

#ifndef JIEDUI_SERVICES_CLI_COMMANDS_H_
#define JIEDUI_SERVICES_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "services/cli/arguments.h"
#include "services/cli/catalog.h"

namespace jiedui::cli {

// get, list, create, update, delete, history, collections.
std::vector<Command> ResourceCommands();
// The flags of the fields of `resource` that a client may set, for create and update.
std::vector<Flag> FieldFlags(const Resource& resource);

// workflows, advance, steps.
std::vector<Command> WorkflowCommands();
// The flags of the fields that steps of the resource take, for advance.
std::vector<Flag> StepFlags(const Resource& resource);

// sample, import, export.
std::vector<Command> BulkCommands();

// scorecard.
std::vector<Command> ScorecardCommands();

// gaps, supervise, targets.
std::vector<Command> TargetCommands();

// funds, overdue, findings, incomplete, warranties, finances, ranking.
std::vector<Command> ReportCommands();

// verify, warnings, allocations.
std::vector<Command> CheckCommands();

// methods, call.
std::vector<Command> CallCommands();
// The flags of the fields of a method's request, for call; none for what is no method.
std::vector<Flag> RequestFlags(const std::string& method);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_COMMANDS_H_
