#include "common/server/log.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace jiedui::server {
namespace {

constexpr absl::Duration kFlushInterval = absl::Milliseconds(100);

void AppendQuoted(std::string* json, absl::string_view text) {
  json->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json->push_back('\\');
      json->push_back(c);
    } else if (byte < 0x20) {
      absl::StrAppendFormat(json, "\\u%04x", byte);
    } else {
      json->push_back(c);
    }
  }
  json->push_back('"');
}

}  // namespace

LogLine::LogLine(absl::string_view severity) {
  json_.reserve(384);
  absl::StrAppend(&json_, "{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone()),
                  "\",\"severity\":\"", severity, "\"");
}

LogLine& LogLine::Text(absl::string_view key, absl::string_view value) {
  absl::StrAppend(&json_, ",\"", key, "\":");
  AppendQuoted(&json_, value);
  return *this;
}

LogLine& LogLine::Number(absl::string_view key, int64_t value) {
  absl::StrAppend(&json_, ",\"", key, "\":", value);
  return *this;
}

std::string LogLine::Take() && {
  json_.append("}\n");
  return std::move(json_);
}

Logger::Logger(int fd, size_t buffer_bytes) : fd_(fd), buffer_bytes_(buffer_bytes), thread_([this] { Run(); }) {}

Logger::~Logger() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  thread_.join();
}

void Logger::Write(LogLine line) {
  const std::string text = std::move(line).Take();
  absl::MutexLock lock(&mutex_);
  if (buffer_.size() + text.size() > buffer_bytes_) {
    ++dropped_;
  } else {
    buffer_.append(text);
  }
}

void Logger::Run() {
  bool stop = false;
  while (!stop) {
    std::string lines;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(&stop_), kFlushInterval);
      stop = stop_;
      lines.swap(buffer_);
      if (dropped_ > 0) {
        LogLine line("WARNING");
        line.Text("event", "log.dropped").Number("lines", dropped_);
        lines.append(std::move(line).Take());
        dropped_ = 0;
      }
    }
    for (absl::string_view left = lines; !left.empty();) {
      const ssize_t written = write(fd_, left.data(), left.size());
      if (written <= 0) break;  // nobody reads the log any more; the program goes on
      left.remove_prefix(written);
    }
  }
}

Logger& ProcessLogger() {
  static Logger logger(STDERR_FILENO);
  return logger;
}

void LogEvent(absl::string_view severity, absl::string_view event,
              std::initializer_list<std::pair<absl::string_view, absl::string_view>> fields) {
  LogLine line(severity);
  line.Text("event", event);
  for (const auto& [key, value] : fields) line.Text(key, value);
  ProcessLogger().Write(std::move(line));
}

}  // namespace jiedui::server
