// A small HTTP server for /metrics and probes.

#ifndef JIEDUI_COMMON_SERVER_HTTP_SERVER_H_
#define JIEDUI_COMMON_SERVER_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct mg_connection;
struct mg_context;

namespace jiedui::server {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Runs on one of the server's threads and may block it.
using HttpHandler = std::function<HttpResponse()>;

class HttpServer {
 public:
  // `port` 0: any free one. UNAVAILABLE when the port is taken.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address, int port);
  ~HttpServer();

  // Answers GET of exactly `path`; other methods get 405.
  void AddHandler(const std::string& path, HttpHandler handler);

  int port() const { return port_; }

 private:
  static int Serve(mg_connection* connection, void* handler);

  mg_context* context_ = nullptr;
  std::string address_;  // where this process reaches itself
  int port_ = 0;
  std::vector<std::unique_ptr<HttpHandler>> handlers_;
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_HTTP_SERVER_H_
