// The commands, grouped by what they work on.

#ifndef JIEDUI_SERVICES_CLI_COMMANDS_H_
#define JIEDUI_SERVICES_CLI_COMMANDS_H_

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

// scorecard, gaps, supervise, targets, verify.
std::vector<Command> ReportCommands();

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_COMMANDS_H_
