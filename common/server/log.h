// JSON log lines: one for each call and one for each event of the program. Writing is done by a thread of its own behind a
// bounded buffer, so a caller never waits for a disk; lines that do not fit are counted. Contents of requests and responses
// never reach a log.

#ifndef JIEDUI_COMMON_SERVER_LOG_H_
#define JIEDUI_COMMON_SERVER_LOG_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace jiedui::server {

// A JSON object in the making; the first members are time and severity.
class LogLine {
 public:
  explicit LogLine(absl::string_view severity, absl::Time time = absl::Now());
  LogLine& Text(absl::string_view key, absl::string_view value);
  LogLine& Number(absl::string_view key, int64_t value);
  std::string Take() &&;

 private:
  std::string json_;
};

class Logger {
 public:
  // Writes to the file descriptor, which stays open.
  explicit Logger(int fd, size_t buffer_bytes = size_t{8} << 20);
  // Writes what is buffered.
  ~Logger();
  Logger(const Logger&) = delete;
  Logger& operator=(const Logger&) = delete;

  void Write(LogLine line);

 private:
  void Run();

  const int fd_;
  const size_t buffer_bytes_;
  absl::Mutex mutex_;
  std::string buffer_ ABSL_GUARDED_BY(mutex_);
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The process's logger, on standard error.
Logger& ProcessLogger();

// An event of the program: {"event":"server.start", ...}.
void LogEvent(absl::string_view severity, absl::string_view event,
              std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields = {});

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_LOG_H_
