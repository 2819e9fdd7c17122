#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/client/client.h"
#include "services/cli/app.h"

namespace {

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return text.str();
}

// A connection that stays until the process ends. A thread of gRPC 1.51 may still be letting go of a call that was answered, and
// the assertion "prior > 0" ends the process when the channel is taken down at that moment.
class KeptClient final : public jiedui::client::Client {
 public:
  explicit KeptClient(std::unique_ptr<Client> client) : client_(*client.release()) {}

  absl::Status Call(absl::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message* response, const jiedui::client::CallOptions& options) override {
    return client_.Call(method, request, response, options);
  }
  void CallAsync(absl::string_view method, const google::protobuf::Message& request,
                 google::protobuf::Message* response, const jiedui::client::CallOptions& options,
                 absl::AnyInvocable<void(absl::Status)> done) override {
    client_.CallAsync(method, request, response, options, std::move(done));
  }
  std::unique_ptr<jiedui::client::Stream> OpenStream(absl::string_view method,
                                                     const jiedui::client::CallOptions& options) override {
    return client_.OpenStream(method, options);
  }
  void Cancel() override { client_.Cancel(); }

 private:
  Client& client_;
};

}  // namespace

int main(int argc, char** argv) {
  // Debian builds Abseil with its check for lock cycles, which every lock of gRPC would pay for.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  signal(SIGPIPE, SIG_IGN);
  jiedui::cli::Environment environment{std::cout, std::cerr, std::cin};
  environment.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  environment.err_is_terminal = isatty(STDERR_FILENO) != 0;
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) environment.columns = size.ws_col;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  environment.read_file = ReadFile;
  environment.connect = [](const std::string& address) {
    return std::make_unique<KeptClient>(jiedui::client::NewClient(address));
  };
  const auto code = jiedui::cli::RunCommandLine(std::vector<std::string>(argv + 1, argv + argc), environment);
  std::cout.flush();
  std::cerr.flush();
  // Without the end of gRPC, for the same reason.
  _Exit(static_cast<int>(code));
}
