#include "common/sql/migrator.h"

#include <openssl/evp.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"

namespace jiedui::sql {
namespace {

// Renewed while a statement runs, however long it takes, so that it is short: it is how long a crashed migrator keeps the
// next one waiting.
constexpr absl::Duration kLease = absl::Seconds(30);
constexpr absl::Duration kRenewal = absl::Seconds(5);
constexpr absl::Duration kLeaseWait = absl::Seconds(35);
constexpr absl::Duration kLeasePoll = absl::Milliseconds(500);

constexpr absl::string_view kTable =
    "CREATE TABLE IF NOT EXISTS schema_migration (version BIGINT NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL, "
    "checksum VARCHAR(64) NOT NULL, statements_done BIGINT NOT NULL, complete BIGINT NOT NULL, applied_at BIGINT NOT "
    "NULL) "
    "/*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */";
constexpr absl::string_view kLockTable =
    "CREATE TABLE IF NOT EXISTS schema_migration_lock (id BIGINT NOT NULL PRIMARY KEY, owner VARCHAR(32) NOT NULL, "
    "expires BIGINT NOT NULL) /*! ENGINE=InnoDB CHARSET=utf8mb4 COLLATE=utf8mb4_bin */";

struct Migration {
  std::string name;
  std::string checksum;
  std::vector<std::string> statements;
};

struct Applied {
  std::string name;
  std::string checksum;
  int64_t statements_done = 0;
  bool complete = false;
};

std::string Checksum(absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string Unwrap(absl::string_view text, Dialect dialect) {
  if (dialect == Dialect::kMysql) return std::string(text);
  std::string unwrapped;
  while (true) {
    const size_t begin = text.find("/*sqlite:");
    const size_t end = begin == absl::string_view::npos ? begin : text.find("*/", begin);
    if (end == absl::string_view::npos) return absl::StrCat(unwrapped, text);
    absl::StrAppend(&unwrapped, text.substr(0, begin), text.substr(begin + 9, end - begin - 9));
    text.remove_prefix(end + 2);
  }
}

std::vector<std::string> SplitStatements(absl::string_view text) {
  std::vector<std::string> statements;
  std::string statement;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view bare = absl::StripAsciiWhitespace(line);
    if (bare.empty() || absl::StartsWith(bare, "--")) continue;
    absl::StrAppend(&statement, statement.empty() ? "" : "\n", line);
    if (!absl::EndsWith(bare, ";")) continue;
    statement.resize(statement.rfind(';'));
    statements.push_back(std::exchange(statement, ""));
  }
  if (!statement.empty()) statements.push_back(std::move(statement));
  return statements;
}

// The migrations for `dialect` by number.
absl::StatusOr<std::map<int64_t, Migration>> Load(absl::Span<const EmbeddedFile> files, Dialect dialect) {
  const absl::string_view own = dialect == Dialect::kMysql ? ".mysql.sql" : ".sqlite.sql";
  const absl::string_view other = dialect == Dialect::kMysql ? ".sqlite.sql" : ".mysql.sql";
  std::map<int64_t, Migration> migrations;
  for (const bool overrides : {false, true}) {
    for (const EmbeddedFile& file : files) {
      if (absl::EndsWith(file.name, other) || absl::EndsWith(file.name, own) != overrides) continue;
      int64_t version = 0;
      if (file.name.size() < 6 || file.name[4] != '_' || !absl::SimpleAtoi(file.name.substr(0, 4), &version)) {
        return absl::InvalidArgumentError(absl::StrCat("migration ", file.name, " must be named 0001_name.sql"));
      }
      Migration migration{std::string(file.name), Checksum(file.contents),
                          SplitStatements(Unwrap(file.contents, dialect))};
      if (!overrides && !migrations.emplace(version, migration).second) {
        return absl::InvalidArgumentError(absl::StrCat("two migrations have the number of ", file.name));
      }
      if (overrides) migrations[version] = std::move(migration);
    }
  }
  return migrations;
}

absl::StatusOr<std::map<int64_t, Applied>> ReadApplied(Database& database) {
  std::map<int64_t, Applied> applied;
  JIEDUI_RETURN_IF_ERROR(database.ReadHere([&applied](Transaction& transaction) -> absl::Status {
    applied.clear();
    JIEDUI_ASSIGN_OR_RETURN(
        Statement * row,
        transaction.Prepare("SELECT version, name, checksum, statements_done, complete FROM schema_migration"));
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return absl::OkStatus();
      applied[row->Int(0)] = {std::string(row->Text(1)), std::string(row->Text(2)), row->Int(3), row->Int(4) != 0};
    }
  }));
  return applied;
}

absl::Status CheckKnown(const std::map<int64_t, Migration>& migrations, const std::map<int64_t, Applied>& applied) {
  for (const auto& [version, each] : applied) {
    const auto it = migrations.find(version);
    if (it == migrations.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the database is newer than this program: it has migration ", each.name));
    }
    if (it->second.checksum != each.checksum) {
      return absl::FailedPreconditionError(
          absl::StrCat("migration ", each.name, " was changed after it had been applied"));
    }
  }
  return absl::OkStatus();
}

absl::Status Execute(Database& database, absl::string_view sql, std::vector<std::pair<bool, std::string>> values,
                     int64_t* touched = nullptr) {
  return WriteAndWait(database, {}, [&](Transaction& transaction) -> absl::Status {
    JIEDUI_ASSIGN_OR_RETURN(Statement * statement, transaction.Prepare(sql));
    int parameter = 0;
    for (const auto& [is_text, text] : values) {
      int64_t number = 0;
      if (!is_text && absl::SimpleAtoi(text, &number)) {
        statement->BindInt(parameter++, number);
      } else {
        statement->BindText(parameter++, text);
      }
    }
    JIEDUI_ASSIGN_OR_RETURN(const int64_t count, statement->Execute());
    if (touched != nullptr) *touched = count;
    return absl::OkStatus();
  });
}

std::pair<bool, std::string> Number(int64_t value) { return {false, absl::StrCat(value)}; }
std::pair<bool, std::string> Text(absl::string_view value) { return {true, std::string(value)}; }

absl::Status TakeLease(Database& database, const std::string& owner) {
  const absl::Time now = absl::Now();
  int64_t touched = 0;
  JIEDUI_RETURN_IF_ERROR(Execute(
      database, "UPDATE schema_migration_lock SET owner = ?, expires = ? WHERE id = 1 AND (owner = ? OR expires < ?)",
      {Text(owner), Number(absl::ToUnixMicros(now + kLease)), Text(owner), Number(absl::ToUnixMicros(now))}, &touched));
  return touched == 1 ? absl::OkStatus() : absl::AbortedError("another process is migrating this database");
}

// Keeps other migrators of the same database away while it lives. A SQLite file belongs to one process anyway.
class Lease {
 public:
  // Waits for a migrator that has crashed. ABORTED when another one is at work.
  static absl::StatusOr<std::unique_ptr<Lease>> Take(Database& database) {
    absl::BitGen generator;
    std::unique_ptr<Lease> lease(new Lease(database, absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(generator)))));
    const absl::Time until = absl::Now() + kLeaseWait;
    absl::Status taken = lease->Renew();
    while (absl::IsAborted(taken) && absl::Now() < until) {
      absl::SleepFor(kLeasePoll);
      taken = lease->Renew();
    }
    JIEDUI_RETURN_IF_ERROR(taken);
    lease->Start();
    return lease;
  }

  ~Lease() {
    if (!renewal_.joinable()) return;
    ended_.Notify();
    renewal_.join();
    // Without an answer the lease ends by itself.
    Execute(database_, "UPDATE schema_migration_lock SET owner = ?, expires = 0 WHERE id = 1 AND owner = ?",
            {Text(""), Text(owner_)})
        .IgnoreError();
  }

  // ABORTED when it was lost to another migrator.
  absl::Status Renew() {
    return database_.dialect() == Dialect::kMysql ? TakeLease(database_, owner_) : absl::OkStatus();
  }

 private:
  Lease(Database& database, std::string owner) : database_(database), owner_(std::move(owner)) {}

  void Start() {
    if (database_.dialect() != Dialect::kMysql) return;
    renewal_ = std::thread([this] {
      while (!ended_.WaitForNotificationWithTimeout(kRenewal)) Renew().IgnoreError();
    });
  }

  Database& database_;
  const std::string owner_;
  absl::Notification ended_;
  std::thread renewal_;
};

// Whether the error says that the statement has been run before: what CREATE and ALTER TABLE … ADD COLUMN say of what is
// there (SQLite has words of its own for a column), and any DROP of what is gone.
bool WasRun(absl::string_view statement, absl::string_view message) {
  if (absl::StrContains(message, "already exists") || absl::StrContains(message, "duplicate column name")) return true;
  return absl::StrContains(statement, "DROP ") && absl::StrContains(message, "no such ");
}

// DDL commits by itself, so each statement's progress is recorded after it. `resumed`: an earlier run ended in the middle;
// then the first statement may have been run, but not recorded.
absl::Status Apply(Database& database, Lease& lease, int64_t version, const Migration& migration, int64_t done,
                   bool resumed) {
  const auto total = static_cast<int64_t>(migration.statements.size());
  for (int64_t i = done; i < total; ++i) {
    JIEDUI_RETURN_IF_ERROR(lease.Renew());
    const absl::Status status = database.ExecuteDdl(migration.statements[i]);
    const bool was_run = resumed && i == done && WasRun(migration.statements[i], status.message());
    if (!status.ok() && !was_run) {
      return absl::Status(status.code(), absl::StrCat(migration.name, ", statement ", i + 1, ": ", status.message()));
    }
    JIEDUI_RETURN_IF_ERROR(Execute(database,
                                   "UPDATE schema_migration SET statements_done = ?, complete = ? WHERE version = ?",
                                   {Number(i + 1), Number(i + 1 == total ? 1 : 0), Number(version)}));
  }
  return absl::OkStatus();
}

absl::Status ApplyAll(Database& database, Lease& lease, const std::map<int64_t, Migration>& migrations) {
  JIEDUI_ASSIGN_OR_RETURN(const auto applied, ReadApplied(database));
  JIEDUI_RETURN_IF_ERROR(CheckKnown(migrations, applied));
  for (const auto& [version, migration] : migrations) {
    const auto it = applied.find(version);
    if (it != applied.end() && it->second.complete) continue;
    const bool resumed = it != applied.end();
    if (!resumed) {
      JIEDUI_RETURN_IF_ERROR(Execute(
          database,
          "INSERT INTO schema_migration (version, name, checksum, statements_done, complete, "
          "applied_at) VALUES (?, ?, ?, 0, 0, ?)",
          {Number(version), Text(migration.name), Text(migration.checksum), Number(absl::ToUnixMicros(absl::Now()))}));
    }
    JIEDUI_RETURN_IF_ERROR(
        Apply(database, lease, version, migration, resumed ? it->second.statements_done : 0, resumed));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Migrate(Database& database, absl::Span<const EmbeddedFile> files,
                     std::function<absl::Status()> afterwards) {
  JIEDUI_ASSIGN_OR_RETURN(const auto migrations, Load(files, database.dialect()));
  JIEDUI_RETURN_IF_ERROR(database.ExecuteDdl(kTable));
  JIEDUI_RETURN_IF_ERROR(database.ExecuteDdl(kLockTable));
  absl::Status added =
      Execute(database, "INSERT INTO schema_migration_lock (id, owner, expires) VALUES (1, ?, 0)", {Text("")});
  if (!added.ok() && !absl::IsAlreadyExists(added)) return added;
  JIEDUI_ASSIGN_OR_RETURN(const std::unique_ptr<Lease> lease, Lease::Take(database));
  JIEDUI_RETURN_IF_ERROR(ApplyAll(database, *lease, migrations));
  return afterwards == nullptr ? absl::OkStatus() : afterwards();
}

absl::Status CheckSchema(Database& database, absl::Span<const EmbeddedFile> files) {
  JIEDUI_ASSIGN_OR_RETURN(const auto migrations, Load(files, database.dialect()));
  const auto applied = ReadApplied(database);
  if (absl::IsUnavailable(applied.status())) return applied.status();
  if (!applied.ok())
    return absl::FailedPreconditionError("the database has no schema yet: run this program with --migrate");
  JIEDUI_RETURN_IF_ERROR(CheckKnown(migrations, *applied));
  for (const auto& [version, migration] : migrations) {
    const auto it = applied->find(version);
    if (it == applied->end() || !it->second.complete) {
      return absl::FailedPreconditionError(absl::StrCat("the database is too old: migration ", migration.name,
                                                        " is missing; run this program with --migrate"));
    }
  }
  return absl::OkStatus();
}

}  // namespace jiedui::sql
