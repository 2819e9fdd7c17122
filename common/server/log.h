// JSON log lines: one per call and one per program event. Writing is done by a thread of the logger; a caller only copies a
// small record into a bounded buffer and never waits. Request and response contents never reach a log.

#ifndef JIEDUI_COMMON_SERVER_LOG_H_
#define JIEDUI_COMMON_SERVER_LOG_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace jiedui::server {

enum class Severity : uint8_t { kInfo, kWarning, kError };

// What is logged of an answered call. Views need to live only during Logger::LogCall.
struct CallRecord {
  int64_t end_unix_nanos = 0;
  int64_t duration_nanos = 0;
  uint64_t request_bytes = 0;
  uint64_t response_bytes = 0;
  absl::StatusCode code = absl::StatusCode::kOk;
  Severity severity = Severity::kInfo;
  absl::string_view method;
  absl::string_view reason;           // empty when the call succeeded
  absl::string_view principal;        // identifier of the caller
  absl::string_view trace_id;
  absl::string_view peer;             // address without port
  absl::string_view internal_detail;  // only of INTERNAL errors
};

// A member of a program event's JSON object.
struct LogField {
  LogField(absl::string_view key, absl::string_view text);
  LogField(absl::string_view key, const char* text) : LogField(key, absl::string_view(text)) {}
  LogField(absl::string_view key, const std::string& text) : LogField(key, absl::string_view(text)) {}
  LogField(absl::string_view key, int value) : LogField(key, static_cast<int64_t>(value)) {}
  LogField(absl::string_view key, int64_t value);
  LogField(absl::string_view key, uint64_t value);
  LogField(absl::string_view key, double value);
  LogField(absl::string_view key, bool value);
  LogField(absl::string_view key, const absl::Status& status);

  std::string json;  // `"key":value`
};

struct LoggerOptions {
  // File to append to; standard error when empty.
  std::string path;
  // Records that do not fit are dropped and counted.
  size_t buffer_bytes = 8 << 20;
};

class Logger {
 public:
  // UNAVAILABLE when the file cannot be opened.
  static absl::StatusOr<std::unique_ptr<Logger>> Open(LoggerOptions options);
  // Writes to a file descriptor, which stays open. For tests and for standard error.
  Logger(int fd, size_t buffer_bytes);
  // Flushes for at most a second.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void LogCall(const CallRecord& record);
  void LogEvent(Severity severity, absl::string_view event, std::initializer_list<LogField> fields);

  // Waits until everything logged before is written. False when that took longer than `timeout`.
  bool Flush(absl::Duration timeout);

  // Records that found the buffer full since the start.
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  // Producers are spread over shards, so that they hardly ever meet on a mutex.
  static constexpr size_t kShards = 4;
  struct alignas(64) Shard {
    absl::Mutex mutex;
    std::string records ABSL_GUARDED_BY(mutex);
  };

  void Append(absl::string_view head, std::initializer_list<absl::string_view> parts);
  void Wake();
  void Run();
  void DrainOnce(std::string* records, std::string* lines);
  void Write(absl::string_view lines);

  const size_t shard_capacity_;
  int fd_;
  bool owns_fd_ = false;
  std::array<Shard, kShards> shards_;
  std::atomic<uint64_t> dropped_{0};
  std::atomic<bool> awake_{false};
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool urgent_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t flush_wanted_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t flush_done_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t dropped_reported_ = 0;  // of the writing thread
  std::thread thread_;
};

// The process's logger: standard error unless SetProcessLogger was called before the first use. Never destroyed.
Logger& ProcessLogger();
// At most once, before anything is logged.
void SetProcessLogger(std::unique_ptr<Logger> logger);

// A program event to the process's logger: `LogInfo("server.start", {{"port", 50051}})`. No personal data.
void LogInfo(absl::string_view event, std::initializer_list<LogField> fields = {});
void LogWarning(absl::string_view event, std::initializer_list<LogField> fields = {});
void LogError(absl::string_view event, std::initializer_list<LogField> fields = {});

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_LOG_H_
