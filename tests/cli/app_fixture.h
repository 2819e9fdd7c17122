// The command line against servers that a test plays.

#ifndef JIEDUI_TESTS_CLI_APP_FIXTURE_H_
#define JIEDUI_TESTS_CLI_APP_FIXTURE_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "services/cli/app.h"

namespace jiedui::cli {

using google::protobuf::Message;

using Answer = std::function<absl::Status(const Message& request, Message* response)>;

// A stream whose other end has its answers ready.
struct PlayedImport {
  std::vector<bulk::v1::ImportRequest> requests = {};
  std::vector<bulk::v1::ImportResponse> responses = {};
  absl::Status status = absl::OkStatus();
};

class PlayedStream final : public client::Stream {
 public:
  explicit PlayedStream(PlayedImport& played) : played_(played) {}
  bool Write(const Message& request) override {
    played_.requests.emplace_back().CopyFrom(request);
    return true;
  }
  void WritesDone() override {}
  bool Read(Message* response) override {
    if (read_ == played_.responses.size()) return false;
    response->CopyFrom(played_.responses[read_++]);
    return true;
  }
  absl::Status Finish() override { return played_.status; }

 private:
  PlayedImport& played_;
  size_t read_ = 0;
};

class PlayedClient final : public client::Client {
 public:
  PlayedClient(const std::map<std::string, Answer>& answers, std::deque<PlayedImport>& imports, size_t& next_import,
               client::CallOptions& seen)
      : answers_(answers), imports_(imports), next_import_(next_import), seen_(seen) {}
  absl::Status Call(absl::string_view method, const Message& request, Message* response,
                    const client::CallOptions& options) override {
    seen_ = options;
    const auto found = answers_.find(std::string(method));
    return found == answers_.end() ? absl::UnavailableError("nobody is there") : found->second(request, response);
  }
  void CallAsync(absl::string_view, const Message&, Message*, const client::CallOptions&,
                 absl::AnyInvocable<void(absl::Status)> done) override {
    done(absl::UnimplementedError("not played"));
  }
  std::unique_ptr<client::Stream> OpenStream(absl::string_view, const client::CallOptions&) override {
    return std::make_unique<PlayedStream>(imports_.at(next_import_++));
  }
  void Cancel() override {}

 private:
  const std::map<std::string, Answer>& answers_;
  std::deque<PlayedImport>& imports_;
  size_t& next_import_;
  client::CallOptions& seen_;
};

class AppTest : public ::testing::Test {
 protected:
  AppTest() {
    environment_.variable = [](const std::string&) { return std::nullopt; };
    environment_.connect = [this](const std::string&) {
      return std::make_unique<PlayedClient>(answers_, imports_, next_import_, seen_);
    };
  }
  template <typename Request, typename Response>
  void Play(const std::string& method, std::function<absl::Status(const Request&, Response*)> answer) {
    answers_[method] = [answer](const Message& request, Message* response) {
      return answer(static_cast<const Request&>(request), static_cast<Response*>(response));
    };
  }
  ExitCode Run(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    return RunCommandLine(words, environment_);
  }

  std::map<std::string, Answer> answers_;
  std::deque<PlayedImport> imports_;
  size_t next_import_ = 0;
  client::CallOptions seen_;  // of the last call
  std::ostringstream out_, err_;
  std::istringstream in_;
  Environment environment_{out_, err_, in_};
};

}  // namespace jiedui::cli

#endif  // JIEDUI_TESTS_CLI_APP_FIXTURE_H_
