// A TCP proxy in front of the MySQL server that breaks connections at COMMIT, as a network or a crash would, or answers it with
// an error, as a server or a cluster may.

#ifndef JIEDUI_TESTS_SQL_CUTTING_PROXY_H_
#define JIEDUI_TESTS_SQL_CUTTING_PROXY_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace jiedui::testing {

class CuttingProxy {
 public:
  enum class Cut {
    kNever,
    kBeforeCommit,  // the server never sees it
    kAfterCommit,   // the server has answered, the client never hears it
    kLateCommit,    // the client is cut off at once; the server gets the COMMIT a little later
    kDeadlock,      // error 1213: rolled back by the server, as after a conflict in a Galera cluster
    kCommitError    // error 1180: an error during COMMIT; the server has rolled back
  };

  // `server` is "mysql://root@host:port".
  explicit CuttingProxy(const std::string& server);
  ~CuttingProxy();

  // "mysql://root@127.0.0.1:port/<schema>" of the proxy.
  std::string Url(const std::string& schema) const;

  // Asked at each COMMIT, on any thread.
  void SetCut(std::function<Cut()> cut);
  // From now on new connections are closed at once.
  void RefuseConnections(bool refuse) { refuse_ = refuse; }
  int commits() const { return commits_; }

 private:
  void AcceptLoop();
  void Serve(int client);
  // False when the connection has ended.
  bool ToServer(int client, int server);
  Cut NextCut();
  // Rolls back at the server, and answers the client's COMMIT with an error.
  static bool Refuse(int client, int server, int code, const char* sql_state);

  std::string host_;
  int server_port_ = 0;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> closing_{false};
  std::atomic<bool> refuse_{false};
  std::atomic<int> commits_{0};
  absl::Mutex mutex_;
  std::function<Cut()> cut_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread accept_thread_;
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_SQL_CUTTING_PROXY_H_
