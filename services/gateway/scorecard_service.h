// ScorecardService: every answer is computed from the cube after all services were asked what changed.

#ifndef JIEDUI_SERVICES_GATEWAY_SCORECARD_SERVICE_H_
#define JIEDUI_SERVICES_GATEWAY_SCORECARD_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/resource/request_context.h"
#include "common/server/method_table.h"
#include "common/store/engine.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/cube.h"
#include "services/gateway/executor.h"
#include "services/gateway/kept_rows.h"
#include "services/gateway/scan.h"
#include "services/gateway/sources.h"
#include "services/gateway/target_store.h"

namespace jiedui::gateway {

// What the service works with; all must outlive it.
struct ScorecardParts {
  const Catalog* catalog = nullptr;
  const Cube* cube = nullptr;
  Sources* sources = nullptr;
  TargetStore* targets = nullptr;
  Executor* executor = nullptr;
  store::Clock clock;
  // Taken for today, where set.
  std::optional<absl::CivilDay> today;
  // See IsWithheld; 0 withholds nothing.
  int64_t small_cell = 0;
  std::string page_token_key;
  // The most that an answer waits for the services; less when the caller's deadline is near.
  absl::Duration max_wait = absl::Seconds(2);
};

class ScorecardService {
 public:
  explicit ScorecardService(ScorecardParts parts) : parts_(std::move(parts)) {}

  // Adds the service and its methods.
  absl::Status AddMethods(server::MethodTable& table);

  // As the proto says. INVALID_ARGUMENT for a name or token of the wrong form, NOT_FOUND, FAILED_PRECONDITION, UNAVAILABLE (failing
  // villages of a target whose source was never seen), errors of the database.
  void GetScorecard(RequestContext& context, const v1::GetScorecardRequest& request, v1::Scorecard* response,
                    server::Done done);
  void ListFailingVillages(RequestContext& context, const v1::ListFailingVillagesRequest& request,
                           v1::ListFailingVillagesResponse* response, server::Done done);

 private:
  // Everything that an answer is computed from.
  struct Basis {
    std::shared_ptr<const TargetSet> targets;
    std::shared_ptr<const Snapshot> snapshot;
    AsOfTimes times;
    SourceStatuses statuses;
    int year = 0;

    v1::SourceState StateOfSource(int service) const;
    void AddStates(google::protobuf::RepeatedPtrField<v1::SourceState>* states) const;
    Freshnesses SourceFreshnesses() const;
  };
  // The year that an answer is for; may be asked again when more is known.
  using ChooseYear = std::function<absl::StatusOr<int>(const TargetSet& targets, const Snapshot& snapshot)>;
  using Compute = absl::AnyInvocable<absl::Status(const Basis& basis)>;
  struct Call;

  // Reads the targets, asks the services, and answers `done` with what `compute` says.
  void Answer(RequestContext& context, std::string division, ChooseYear choose, Compute compute, server::Done done);
  void Step(std::shared_ptr<Call> call);
  void Finish(std::shared_ptr<Call> call);
  absl::Status FillScorecard(const Principal& caller, const v1::GetScorecardRequest& request, const Basis& basis,
                             v1::Scorecard* response);
  void WithholdSmall(const Basis& basis, Range range, v1::Scorecard& card) const;
  void FillRows(const std::string& division, const Basis& basis, Range range, const Freshnesses& freshnesses,
                absl::CivilDay today, v1::Scorecard& card) const;
  absl::Status FillFailing(const Principal& caller, const v1::ListFailingVillagesRequest& request, const Basis& basis,
                           v1::ListFailingVillagesResponse* response) const;
  absl::CivilDay Today() const;

  const ScorecardParts parts_;
  KeptRows kept_;
};

}  // namespace jiedui::gateway

#endif  // JIEDUI_SERVICES_GATEWAY_SCORECARD_SERVICE_H_
