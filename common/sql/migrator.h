// Schema migrations: numbered SQL files, run in order, once, and never edited after release.
//
// A file is `0101_name.sql`; `0101_name.sqlite.sql` or `0101_name.mysql.sql` beside it replaces it on that database. Portable
// SQL marks what is for one database only: `/*! … */` for MySQL, `/*sqlite: … */` for SQLite. A statement ends with `;` at
// the end of a line. Numbers of several sets (the engine's below 100, a program's from 100) live in one database.

#ifndef JIEDUI_COMMON_SQL_MIGRATOR_H_
#define JIEDUI_COMMON_SQL_MIGRATOR_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/embed/embedded_file.h"
#include "common/sql/database.h"

namespace jiedui::sql {

// Runs what has not been run yet. May be repeated, also after a crash in the middle of a statement that creates or drops something.
// One process migrates a database at a time: a second one waits half a minute, longer than a crashed one is taken for alive,
// and is then refused with ABORTED. FAILED_PRECONDITION when the database has migrations that `files` lacks or that were edited
// since. `afterwards` brings the data up to date, while other processes are still kept away.
absl::Status Migrate(Database& database, absl::Span<const EmbeddedFile> files,
                     std::function<absl::Status()> afterwards = nullptr);

// OK when the database has exactly these migrations; FAILED_PRECONDITION says whether it is too old, too new or changed.
absl::Status CheckSchema(Database& database, absl::Span<const EmbeddedFile> files);

}  // namespace jiedui::sql

#endif  // JIEDUI_COMMON_SQL_MIGRATOR_H_
