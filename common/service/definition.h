// What distinguishes one domain program from another: data and rules, no mechanism.

#ifndef JIEDUI_COMMON_SERVICE_DEFINITION_H_
#define JIEDUI_COMMON_SERVICE_DEFINITION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/embed/embedded_file.h"
#include "common/store/engine.h"
#include "common/store/policy.h"

namespace jiedui::service {

// What a program does beside its calls, again and again, on a thread of its own; in every replica, so it must bear that
// another does the same at the same time. The log says when it begins to fail and to work again.
struct Background {
  std::string name;
  absl::Duration interval;
  std::function<absl::Status(store::Engine&)> work;
  // A write that is refused and says so (UnitOfWork::set_missed_remote) is tried once more after a round of it.
  bool helps_writes = false;
};

struct Definition {
  // "village": the program is jiedui-village.
  std::string name;
  // gRPC services with resources, by full name; standard methods need no more than this.
  std::vector<std::string> services;
  // Custom methods that write, by full name ("jiedui.industry.v1.ProjectService/CancelIndustryProject").
  std::vector<std::pair<std::string, store::WriteHandler>> writes;
  // Custom methods that read, by full name, with what makes their handler once the engine is open.
  std::vector<std::pair<std::string, std::function<store::ReadHandler(const store::Engine&)>>> reads;
  // The same for what is asked again and again while nothing changes; see RememberedAnswers.
  std::vector<std::pair<std::string, std::function<store::ReadHandler(const store::Engine&)>>> syncs;
  // By collection.
  absl::flat_hash_map<std::string, std::unique_ptr<store::Policy>> policies;
  // What the workflows of the resources name as guards.
  absl::flat_hash_map<std::string, store::Guard> guards;
  // What it does beside its calls.
  std::vector<Background> background;
  // The program's own migrations, numbers from 100.
  std::vector<EmbeddedFile> migrations;
  // JSON of jiedui.measure.v1.ListMeasuresResponse.
  absl::string_view measures_json;
  // See store::EngineOptions.
  int64_t sync_bytes = 16 << 20;
};

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_DEFINITION_H_
