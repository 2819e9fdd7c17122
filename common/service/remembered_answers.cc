#include "common/service/remembered_answers.h"

#include "common/resource/table_plan.h"

namespace jiedui::service {
namespace {

// One for the gateway and one for the directory of each program, in two states of each.
constexpr size_t kMostEntries = 16;
// Answers that tell of many changes are not asked for again.
constexpr size_t kMostBytes = 16 * 1024;

}  // namespace

void RememberedAnswers::Answer(const google::protobuf::Message& request, google::protobuf::Message* response,
                               sql::Done done, absl::FunctionRef<void(sql::Done)> compute) {
  // The file of SQLite belongs to one process, which so knows of every commit; it counts one before it is acknowledged.
  if (database_->dialect() != sql::Dialect::kSqlite) return compute(std::move(done));
  // Before the count: the answer holds at this time at least.
  const absl::Time now = clock_();
  const int64_t commits = database_->stats().commits;
  std::string key = request.SerializeAsString();
  if (Recall(commits, key, response)) {
    resource::SetTimestamp(response, response->GetDescriptor()->FindFieldByName("as_of_time"), absl::ToUnixMicros(now));
    return done(absl::OkStatus());
  }
  compute([this, commits, key = std::move(key), response, done = std::move(done)](absl::Status status) mutable {
    if (status.ok() && response->ByteSizeLong() <= kMostBytes) {
      std::unique_ptr<google::protobuf::Message> copy(response->New());
      copy->CopyFrom(*response);
      Keep({commits, std::move(key), std::move(copy)});
    }
    done(std::move(status));
  });
}

bool RememberedAnswers::Recall(int64_t commits, const std::string& request, google::protobuf::Message* response) {
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries_) {
    if (entry.commits != commits || entry.request != request) continue;
    response->CopyFrom(*entry.response);
    return true;
  }
  return false;
}

void RememberedAnswers::Keep(Entry entry) {
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= kMostEntries) entries_.pop_front();
  entries_.push_back(std::move(entry));
}

}  // namespace jiedui::service
