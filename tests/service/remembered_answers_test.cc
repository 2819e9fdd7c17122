#include "common/service/remembered_answers.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "tests/sql/sql_helpers.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace jiedui::service {
namespace {

using measure::v1::SyncMeasuresRequest;
using measure::v1::SyncMeasuresResponse;
using testing::DatabaseKind;

class RememberedAnswersTest : public ::testing::Test {
 protected:
  void Open(DatabaseKind kind) {
    file_ = std::make_unique<testing::TestDatabase>(kind);
    database_ = file_->Open();
    ASSERT_OK(database_->ExecuteDdl(sql::kTestTable));
    answers_ = std::make_unique<RememberedAnswers>(database_.get(), [this] { return now_; });
  }

  void Insert(int64_t id) {
    ASSERT_OK(sql::WriteAndWait(*database_, {}, [id](sql::Transaction& transaction) {
      return sql::InsertRow(transaction, id, std::to_string(id));
    }));
  }

  // The answer says how many rows there are.
  SyncMeasuresResponse Ask(const std::string& database_id = "") {
    SyncMeasuresRequest request;
    request.set_database_id(database_id);
    SyncMeasuresResponse response;
    absl::Status answered = absl::UnknownError("no answer");
    answers_->Answer(
        request, &response, [&answered](absl::Status status) { answered = status; },
        [&](sql::Done done) {
          ++computed_;
          response.set_shard_count(static_cast<int>(sql::CountRows(*database_)));
          response.mutable_measures()->Add(measures_.begin(), measures_.end());
          response.mutable_as_of_time()->set_seconds(absl::ToUnixSeconds(now_));
          done(status_);
        });
    EXPECT_EQ(answered, status_);
    return response;
  }

  std::unique_ptr<testing::TestDatabase> file_;
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<RememberedAnswers> answers_;
  absl::Time now_ = absl::FromUnixSeconds(1000);
  absl::Status status_;
  std::vector<std::string> measures_;
  int computed_ = 0;
};

TEST_F(RememberedAnswersTest, ComputesAgainOnlyAfterACommit) {
  Open(DatabaseKind::kSqlite);
  EXPECT_EQ(Ask().shard_count(), 0);
  now_ += absl::Seconds(5);
  const SyncMeasuresResponse again = Ask();
  EXPECT_EQ(computed_, 1);
  EXPECT_EQ(again.as_of_time().seconds(), 1005);
  Insert(1);
  EXPECT_EQ(Ask().shard_count(), 1);
  EXPECT_EQ(Ask().shard_count(), 1);
  EXPECT_EQ(computed_, 2);
}

TEST_F(RememberedAnswersTest, AnotherRequestHasAnotherAnswer) {
  Open(DatabaseKind::kSqlite);
  Ask("a");
  Ask("b");
  EXPECT_EQ(computed_, 2);
  Ask("a");
  Ask("b");
  EXPECT_EQ(computed_, 2);
}

TEST_F(RememberedAnswersTest, ErrorsAndLongAnswersAreNotKept) {
  Open(DatabaseKind::kSqlite);
  status_ = absl::UnavailableError("later");
  Ask();
  status_ = absl::OkStatus();
  measures_ = {std::string(20'000, 'm')};
  Ask();
  Ask();
  EXPECT_EQ(computed_, 3);
}

TEST_F(RememberedAnswersTest, OldAnswersMakeRoom) {
  Open(DatabaseKind::kSqlite);
  for (int i = 0; i < 40; ++i) Ask(std::to_string(i));
  Ask("39");
  EXPECT_EQ(computed_, 40);
  Ask("0");
  EXPECT_EQ(computed_, 41);
}

TEST_F(RememberedAnswersTest, WhereOthersWriteTooItAlwaysComputes) {
  if (testing::MysqlServer().empty()) {
    ASSERT_FALSE(testing::SkippingIsFailing());
    GTEST_SKIP() << "no server for MySQL";
  }
  Open(DatabaseKind::kMysql);
  Ask();
  Ask();
  EXPECT_EQ(computed_, 2);
}

}  // namespace
}  // namespace jiedui::service
