// The answers to what is asked again and again while nothing changes: each scorecard asks every service for changes.

#ifndef JIEDUI_COMMON_SERVICE_REMEMBERED_ANSWERS_H_
#define JIEDUI_COMMON_SERVICE_REMEMBERED_ANSWERS_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/sql/database.h"
#include "google/protobuf/message.h"

namespace jiedui::service {

// For one method whose answer depends on nothing but its request and the database, apart from its field as_of_time.
// Thread-safe.
class RememberedAnswers {
 public:
  // `database` outlives it.
  RememberedAnswers(const sql::Database* database, std::function<absl::Time()> clock)
      : database_(database), clock_(std::move(clock)) {}

  // Fills `response` with the answer to an equal request, as of now, when nothing was committed since; otherwise asks
  // `compute`, which calls what it is given once. `request` and `response` live until `done` is called. Where other
  // processes write to the database too (MySQL) it always computes.
  void Answer(const google::protobuf::Message& request, google::protobuf::Message* response, sql::Done done,
              absl::FunctionRef<void(sql::Done)> compute);

 private:
  struct Entry {
    int64_t commits;  // of the database, before the answer was computed
    std::string request;
    std::unique_ptr<google::protobuf::Message> response;
  };

  bool Recall(int64_t commits, const std::string& request, google::protobuf::Message* response);
  void Keep(Entry entry);

  const sql::Database* const database_;
  const std::function<absl::Time()> clock_;
  absl::Mutex mutex_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // the oldest first
};

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_REMEMBERED_ANSWERS_H_
