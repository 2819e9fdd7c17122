#include "services/gateway/sources.h"

#include <algorithm>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/village/v1/directory.pb.h"

namespace jiedui::gateway {
namespace {

// SyncMeasures takes no more years at once.
constexpr size_t kMaxYears = 8;
// A larger answer is taken in on a thread of the executor.
constexpr int kManyShards = 64;
constexpr absl::string_view kSyncDirectory = "jiedui.village.v1.DirectoryService/SyncDirectory";
constexpr absl::string_view kSyncMeasures = "jiedui.measure.v1.MeasureService/SyncMeasures";

using SyncDone = absl::AnyInvocable<void(const SourceStatuses&)>;

// The answers of all feeds for one caller.
class Join {
 public:
  Join(Executor& executor, SyncDone done) : executor_(executor), done_(std::move(done)) {
    statuses_.fill(absl::DeadlineExceededError("no answer in time"));
  }

  void set_timer(Executor::Timer timer) { timer_ = timer; }

  void Answer(int service, absl::Status status) {
    {
      absl::MutexLock lock(&mutex_);
      if (finished_) return;
      statuses_[service] = std::move(status);
      if (--pending_ > 0) return;
      finished_ = true;
    }
    executor_.Cancel(timer_);
    Finish();
  }

  void TimeOut() {
    {
      absl::MutexLock lock(&mutex_);
      if (finished_) return;
      finished_ = true;
    }
    Finish();
  }

 private:
  // Nothing changes any more.
  void Finish() ABSL_NO_THREAD_SAFETY_ANALYSIS { std::move(done_)(statuses_); }

  Executor& executor_;
  Executor::Timer timer_ = 0;  // set before the first answer
  absl::Mutex mutex_;
  int pending_ ABSL_GUARDED_BY(mutex_) = kServiceCount;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  SourceStatuses statuses_ ABSL_GUARDED_BY(mutex_);
  SyncDone done_;
};

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp->set_seconds(micros / 1'000'000);
  timestamp->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

}  // namespace

// What calls at work need; they keep it.
struct Sources::Core : std::enable_shared_from_this<Sources::Core> {
  using Response = std::shared_ptr<measure::v1::SyncMeasuresResponse>;

  Clients clients;
  std::shared_ptr<Cube> cube;
  std::shared_ptr<Executor> executor;
  absl::Duration call_timeout;

  client::CallOptions Options() const {
    return {executor->Now() + call_timeout, {{"x-jiedui-principal", "services/gateway"}}};
  }

  // Takes an answer in, where its size allows.
  void Apply(int shards, absl::AnyInvocable<void()> apply) {
    if (shards <= kManyShards) return apply();
    executor->Run(std::move(apply));
  }

  void AskDirectory(bool with_versions, Feed::Done done) {
    auto response = std::make_shared<village::v1::SyncDirectoryResponse>();
    clients[kVillage]->CallAsync(
        kSyncDirectory, cube->DirectoryRequest(with_versions), response.get(), Options(),
        [self = shared_from_this(), with_versions, response, done = std::move(done)](absl::Status status) mutable {
          if (!status.ok()) return done(std::move(status));
          self->Apply(response->shards_size(), [self, with_versions, response, done = std::move(done)]() mutable {
            self->TakeDirectory(with_versions, *response, std::move(done));
          });
        });
  }

  void TakeDirectory(bool with_versions, const village::v1::SyncDirectoryResponse& response, Feed::Done done) {
    const absl::StatusOr<Next> next = cube->ApplyDirectory(response);
    if (!next.ok() || *next == Next::kNothing) return done(next.status());
    if (with_versions && response.shards_size() == 0) return done(NothingCame());
    AskDirectory(true, std::move(done));
  }

  // Brings what `service` holds of the years; of kVillage the directory as well.
  void Ask(int service, std::vector<int> years, Feed::Done done) {
    // Figures without a place would be sorted in twice.
    if (service != kVillage || !cube->snapshot()->directory_id.empty()) {
      return AskMeasures(service, std::move(years), std::move(done));
    }
    AskDirectory(false, [self = shared_from_this(), service, years = std::move(years),
                         done = std::move(done)](absl::Status status) mutable {
      if (!status.ok()) return done(std::move(status));
      self->AskMeasures(service, std::move(years), std::move(done));
    });
  }

  // Calls until no year is pending.
  void AskMeasures(int service, std::vector<int> pending, Feed::Done done) {
    const auto end = pending.begin() + static_cast<int64_t>(std::min(pending.size(), kMaxYears));
    std::vector<int> years(pending.begin(), end);
    pending.erase(pending.begin(), end);
    AskYears(service, std::move(years), false,
             [self = shared_from_this(), service, pending = std::move(pending), done = std::move(done)](
                 absl::Status status, const Response& response) mutable {
               if (!status.ok()) return done(std::move(status));
               if (!pending.empty()) return self->AskMeasures(service, std::move(pending), std::move(done));
               if (service != kVillage || self->cube->HoldsDirectoryOf(*response)) return done(absl::OkStatus());
               self->AskDirectory(false, std::move(done));
             });
  }

  // Calls until the years are whole; tells of the last answer.
  using YearsDone = absl::AnyInvocable<void(absl::Status, const Response&)>;
  void AskYears(int service, std::vector<int> years, bool with_versions, YearsDone done) {
    auto response = std::make_shared<measure::v1::SyncMeasuresResponse>();
    const measure::v1::SyncMeasuresRequest request = cube->MeasuresRequest(service, years, with_versions);
    clients[service]->CallAsync(
        kSyncMeasures, request, response.get(), Options(),
        [self = shared_from_this(), service, years = std::move(years), with_versions, response,
         done = std::move(done)](absl::Status status) mutable {
          if (!status.ok()) return done(std::move(status), response);
          self->Apply(ShardsOf(*response), [self, service, years = std::move(years), with_versions, response,
                                            done = std::move(done)]() mutable {
            self->TakeYears(service, std::move(years), with_versions, response, std::move(done));
          });
        });
  }

  void TakeYears(int service, std::vector<int> years, bool with_versions, const Response& response, YearsDone done) {
    const absl::StatusOr<Next> next = cube->ApplyMeasures(service, *response);
    if (!next.ok() || *next == Next::kNothing) return done(next.status(), response);
    if (with_versions && ShardsOf(*response) == 0) return done(NothingCame(), response);
    AskYears(service, std::move(years), true, std::move(done));
  }

  static int ShardsOf(const measure::v1::SyncMeasuresResponse& response) {
    int shards = 0;
    for (const measure::v1::MeasureYear& year : response.years()) shards += year.shards_size();
    return shards;
  }
  // It would be asked without end.
  static absl::Status NothingCame() { return absl::InternalError("the service leaves out what it speaks of"); }
};

Sources::Sources(Clients clients, std::shared_ptr<Cube> cube, std::shared_ptr<Executor> executor,
                 const FeedOptions& options)
    : core_(std::make_shared<Core>()) {
  core_->clients = std::move(clients);
  core_->cube = std::move(cube);
  core_->executor = executor;
  core_->call_timeout = options.call_timeout;
  for (int service = 0; service < kServiceCount; ++service) {
    feeds_[service] =
        std::make_shared<Feed>(options, executor, [core = core_, service](std::vector<int> years, Feed::Done done) {
          core->Ask(service, std::move(years), std::move(done));
        });
  }
}

Sources::~Sources() {
  for (const auto& feed : feeds_) feed->Stop();
  // What a call holds holds the clients: without waiting, the last of them could die on a thread of gRPC's own.
  for (const auto& client : core_->clients) client->Cancel();
}

void Sources::Sync(std::vector<int> years, absl::Time deadline, SyncDone done) {
  auto join = std::make_shared<Join>(*core_->executor, std::move(done));
  join->set_timer(core_->executor->RunAt(deadline, [join] { join->TimeOut(); }));
  const auto feeds = feeds_;  // once the last has answered, this may be gone
  for (int service = 0; service < kServiceCount; ++service) {
    feeds[service]->Sync(years, [join, service](absl::Status status) { join->Answer(service, std::move(status)); });
  }
}

v1::SourceState StateOf(int service, const absl::Status& status, const Snapshot& snapshot, int year,
                        const AsOfTimes& times) {
  v1::SourceState state;
  state.set_service(std::string(ServiceName(service)));
  // What a service that does not answer would say of a year that it was never asked for is not known.
  bool seen = snapshot.services[service].years.count(year) > 0;
  absl::Time time = times.services[service];
  if (service == kVillage) {
    seen = seen && !snapshot.directory_id.empty();
    time = std::min(time, times.directory);
  }
  state.set_freshness(!seen ? v1::FRESHNESS_MISSING : status.ok() ? v1::FRESHNESS_FRESH : v1::FRESHNESS_STALE);
  if (seen) SetTime(time, state.mutable_as_of_time());
  if (!status.ok()) state.set_problem(absl::StatusCodeToString(status.code()));
  return state;
}

}  // namespace jiedui::gateway
