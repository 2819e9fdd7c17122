#include "common/server/log.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace jiedui::server {
namespace {

constexpr absl::Duration kFlushInterval = absl::Milliseconds(100);

bool NeedsEscape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

void AppendQuoted(std::string* json, absl::string_view text) {
  json->push_back('"');
  // Most texts need no change, and a loop without an exit is one of vector instructions.
  bool plain_text = true;
  for (const char c : text) plain_text &= !NeedsEscape(c);
  if (plain_text) {
    json->append(text.data(), text.size());
    text = {};
  }
  while (!text.empty()) {
    const auto plain = static_cast<size_t>(std::find_if(text.begin(), text.end(), NeedsEscape) - text.begin());
    json->append(text.data(), plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text[0] == '"' || text[0] == '\\') {
      json->push_back('\\');
      json->push_back(text[0]);
    } else {
      absl::StrAppendFormat(json, "\\u%04x", static_cast<unsigned char>(text[0]));
    }
    text.remove_prefix(1);
  }
  json->push_back('"');
}

// "2018-12-31T08:00:00.123456Z". Formatting a time costs as much as the rest of a line, so each second is formatted once.
void AppendTime(std::string* json, absl::Time time) {
  thread_local int64_t formatted_second = -1;
  thread_local std::string prefix;
  const int64_t micros = absl::ToUnixMicros(time);
  if (micros / 1'000'000 != formatted_second) {
    formatted_second = micros / 1'000'000;
    prefix = absl::FormatTime("%Y-%m-%dT%H:%M:%S.", time, absl::UTCTimeZone());
  }
  char digits[] = "000000Z";
  int64_t rest = micros % 1'000'000;
  for (int i = 5; i >= 0; --i, rest /= 10) digits[i] = static_cast<char>('0' + rest % 10);
  absl::StrAppend(json, prefix, digits);
}

}  // namespace

LogLine::LogLine(absl::string_view severity, absl::Time time) {
  json_.reserve(384);
  json_.append("{\"time\":\"");
  AppendTime(&json_, time);
  absl::StrAppend(&json_, "\",\"severity\":\"", severity, "\"");
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
