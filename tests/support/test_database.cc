#include "tests/support/test_database.h"

#include <cstdint>
#include <utility>

#include "absl/random/random.h"

namespace jiedui::testing {
namespace {

// A statement on the server as a whole.
void OnServer(const std::string& statement) {
  sql::DatabaseOptions options;
  options.url = absl::StrCat(MysqlServer(), "/mysql");
  options.readers = 1;
  options.writers = 1;
  auto server = sql::OpenDatabase(options);
  if (!server.ok()) {
    ADD_FAILURE() << server.status();
    return;
  }
  if (absl::Status status = (*server)->ExecuteDdl(statement); !status.ok())
    ADD_FAILURE() << statement << ": " << status;
}

std::string Environment(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::string MysqlServer() { return Environment("JIEDUI_TEST_MYSQL"); }

bool SkippingIsFailing() { return Environment("CI") == "true"; }

TestDatabase::TestDatabase(DatabaseKind kind) {
  if (kind == DatabaseKind::kSqlite) {
    directory_ = std::make_unique<TemporaryDirectory>();
    url_ = absl::StrCat("sqlite:", directory_->path(), "/test.db");
    return;
  }
  absl::BitGen generator;
  schema_ = absl::StrCat("jiedui_test_", absl::Hex(absl::Uniform<uint64_t>(generator), absl::kZeroPad16));
  OnServer(absl::StrCat("CREATE DATABASE ", schema_));
  url_ = absl::StrCat(MysqlServer(), "/", schema_);
}

TestDatabase::~TestDatabase() {
  if (!schema_.empty()) OnServer(absl::StrCat("DROP DATABASE ", schema_));
}

std::unique_ptr<sql::Database> TestDatabase::Open(sql::DatabaseOptions options) const {
  options.url = url_;
  auto database = sql::OpenDatabase(options);
  if (!database.ok()) {
    ADD_FAILURE() << database.status();
    return nullptr;
  }
  return *std::move(database);
}

}  // namespace jiedui::testing
