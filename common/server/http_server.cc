#include "common/server/http_server.h"

#include <civetweb.h>

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace jiedui::server {

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address, int port) {
  const std::string listen = absl::StrCat(address, ":", port);
  const char* options[] = {"listening_ports", listen.c_str(), "num_threads", "4",
                           "request_timeout_ms", "10000", "enable_keep_alive", "no", nullptr};
  std::unique_ptr<HttpServer> server(new HttpServer());
  const mg_callbacks callbacks = {};
  server->context_ = mg_start(&callbacks, nullptr, options);
  server->address_ = address == "0.0.0.0" ? "127.0.0.1" : address;
  if (server->context_ == nullptr) return absl::UnavailableError(absl::StrCat("cannot listen on HTTP port ", port));
  mg_server_port ports[1];
  if (mg_get_server_ports(server->context_, 1, ports) == 1) server->port_ = ports[0].port;
  return server;
}

HttpServer::~HttpServer() {
  if (context_ == nullptr) return;
  // The library's accepting thread sleeps up to two seconds at a time and looks whether to stop when it wakes up: a
  // connection wakes it.
  std::thread stopper([this] { mg_stop(context_); });
  absl::SleepFor(absl::Milliseconds(5));
  char error[64];
  mg_connection* wake = mg_connect_client(address_.c_str(), port_, 0, error, sizeof(error));
  stopper.join();
  if (wake != nullptr) mg_close_connection(wake);
}

void HttpServer::AddHandler(const std::string& path, HttpHandler handler) {
  handlers_.push_back(std::make_unique<HttpHandler>(std::move(handler)));
  mg_set_request_handler(context_, absl::StrCat(path, "$").c_str(), Serve, handlers_.back().get());
}

int HttpServer::Serve(mg_connection* connection, void* handler) {
  HttpResponse response;
  if (absl::string_view(mg_get_request_info(connection)->request_method) == "GET") {
    response = (*static_cast<HttpHandler*>(handler))();
  } else {
    response = {405, "text/plain; charset=utf-8", "only GET\n"};
  }
  mg_printf(connection, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n",
            response.status, mg_get_response_code_text(connection, response.status), response.content_type.c_str(),
            response.body.size());
  mg_write(connection, response.body.data(), response.body.size());
  return response.status;
}

}  // namespace jiedui::server
