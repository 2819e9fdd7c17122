// Fresh databases of either kind, so that one test runs on both.

#ifndef JIEDUI_TESTS_SUPPORT_TEST_DATABASE_H_
#define JIEDUI_TESTS_SUPPORT_TEST_DATABASE_H_

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/sql/database.h"
#include "gtest/gtest.h"

namespace jiedui::testing {

// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = absl::StrCat(::testing::TempDir(), "/jiedui.XXXXXX");
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

enum class DatabaseKind { kSqlite, kMysql };

// The server of the MySQL tests, "mysql://root@host:port", from JIEDUI_TEST_MYSQL; empty when there is none.
std::string MysqlServer();

// With CI=true what cannot run has failed.
bool SkippingIsFailing();

// A database that is empty at first and gone at the end. A failure to make one is a failure of the test.
class TestDatabase {
 public:
  explicit TestDatabase(DatabaseKind kind);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& url() const { return url_; }
  // Only for MySQL.
  const std::string& schema() const { return schema_; }

  // Another door to the same database (on SQLite one at a time). `options.url` is filled in.
  std::unique_ptr<sql::Database> Open(sql::DatabaseOptions options = {}) const;

 private:
  std::unique_ptr<TemporaryDirectory> directory_;
  std::string schema_;
  std::string url_;
};

// For INSTANTIATE_TEST_SUITE_P(Databases, SomeTest, BothDatabases(), DatabaseName).
inline auto BothDatabases() { return ::testing::Values(DatabaseKind::kSqlite, DatabaseKind::kMysql); }
inline std::string DatabaseName(const ::testing::TestParamInfo<DatabaseKind>& info) {
  return info.param == DatabaseKind::kSqlite ? "Sqlite" : "Mysql";
}

}  // namespace jiedui::testing

// The first line of SetUp or of a test that needs a database of this kind.
#define JIEDUI_REQUIRE_DATABASE(kind)                                                                  \
  if ((kind) == ::jiedui::testing::DatabaseKind::kMysql && ::jiedui::testing::MysqlServer().empty()) { \
    if (::jiedui::testing::SkippingIsFailing()) FAIL() << "JIEDUI_TEST_MYSQL is not set";              \
    GTEST_SKIP() << "JIEDUI_TEST_MYSQL is not set";                                                    \
  }                                                                                                    \
  static_assert(true, "")

#endif  // JIEDUI_TESTS_SUPPORT_TEST_DATABASE_H_
