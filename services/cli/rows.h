// Rows of text in the form that the user asked for.

#ifndef JIEDUI_SERVICES_CLI_ROWS_H_
#define JIEDUI_SERVICES_CLI_ROWS_H_

#include <string>
#include <vector>

#include "common/status/error.h"
#include "services/cli/session.h"
#include "services/cli/text_table.h"

namespace jiedui::cli {

struct RowColumn {
  std::string name;  // in CSV and JSON
  Text title;        // in a table
  TextTable::Align align = TextTable::Align::kLeft;
};

// Prints a table, CSV, or JSON (an array of objects with texts), as the session says. As many cells in a row as columns.
void PrintRows(const Session& session, const std::vector<RowColumn>& columns,
               const std::vector<std::vector<std::string>>& rows);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_ROWS_H_
