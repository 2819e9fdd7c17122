// The four services as the gateway sees them: asked in parallel for what changed, taken into the cube.

#ifndef JIEDUI_SERVICES_GATEWAY_SOURCES_H_
#define JIEDUI_SERVICES_GATEWAY_SOURCES_H_

#include <array>
#include <memory>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/client/client.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/cube.h"
#include "services/gateway/executor.h"
#include "services/gateway/feed.h"

namespace jiedui::gateway {

// Whether each service answered.
using SourceStatuses = std::array<absl::Status, kServiceCount>;
using Clients = std::array<std::shared_ptr<client::Client>, kServiceCount>;

class Sources {
 public:
  Sources(Clients clients, std::shared_ptr<Cube> cube, std::shared_ptr<Executor> executor, const FeedOptions& options);
  // Ends the calls at work. The executor must have been stopped, or work of it could begin another one.
  ~Sources();

  // Brings the directory and the `years` of every service up to date, and calls back once: when all have answered or are known
  // to fail, at `deadline` at the latest. DEADLINE_EXCEEDED for a service that had not answered by then.
  void Sync(std::vector<int> years, absl::Time deadline, absl::AnyInvocable<void(const SourceStatuses&)> done);

 private:
  struct Core;

  std::shared_ptr<Core> core_;
  // By service; that of kVillage brings the directory as well.
  std::array<std::shared_ptr<Feed>, kServiceCount> feeds_;
};

// What to say of a service whose figures of the year are in `snapshot`, read at `times`, and which answered with `status`.
v1::SourceState StateOf(int service, const absl::Status& status, const Snapshot& snapshot, int year,
                        const AsOfTimes& times);

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_SOURCES_H_
