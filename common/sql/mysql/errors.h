// What the driver's exceptions mean. No text of the server that may hold a user's value goes any further.

#ifndef JIEDUI_COMMON_SQL_MYSQL_ERRORS_H_
#define JIEDUI_COMMON_SQL_MYSQL_ERRORS_H_

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace jiedui::sql {

struct MysqlError {
  // ABORTED with a request for a re-run (1205, 1213, 1020, 3101), ALREADY_EXISTS (unique key), DEADLINE_EXCEEDED (the
  // server's limit for one statement), UNAVAILABLE (connection or server lost), RESOURCE_EXHAUSTED (too many prepared
  // statements), FAILED_PRECONDITION (account or schema refused) or INTERNAL.
  absl::Status status;
  // The connection must not be used again: it is dead, out of step, or its server cannot serve.
  bool connection_lost = false;
};

MysqlError UnderstandMysqlError(const std::exception& error);

// The same from the parts of an exception.
MysqlError UnderstandMysqlError(int code, absl::string_view sql_state, absl::string_view text);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MYSQL_ERRORS_H_
