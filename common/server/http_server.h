// A small HTTP server for /metrics, probes and, in the gateway, pages.

#ifndef JIEDUI_COMMON_SERVER_HTTP_SERVER_H_
#define JIEDUI_COMMON_SERVER_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

struct mg_connection;
struct mg_context;

namespace jiedui::server {

struct HttpServerOptions {
  std::string bind_address = "0.0.0.0";
  int port = 0;     // 0: any free port
  int threads = 4;  // requests served at once
  absl::Duration request_timeout = absl::Seconds(10);
};

struct HttpRequest {
  absl::string_view method;
  absl::string_view path;
  absl::string_view query;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Runs on one of the server's threads and may block it.
using HttpHandler = std::function<HttpResponse(const HttpRequest& request)>;

class HttpServer {
 public:
  // Serves 404 until handlers are added. UNAVAILABLE when the port is taken or the address is not of this host.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Answers GET and HEAD of exactly `path`; other methods get 405.
  void AddHandler(const std::string& path, HttpHandler handler);

  // The port that is listened on.
  int port() const { return port_; }

  // Waits for requests that are being answered.
  void Stop();

 private:
  struct Route;
  HttpServer() = default;
  static int Serve(mg_connection* connection, void* route);

  mg_context* context_ = nullptr;
  int port_ = 0;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Route>> routes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace jiedui::server

#endif  // JIEDUI_COMMON_SERVER_HTTP_SERVER_H_
