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

constexpr size_t kDirectoryFeed = 0;
constexpr size_t kFeeds = 1 + kServiceCount;
constexpr size_t FeedOf(int service) { return 1 + service; }

using SyncDone = absl::AnyInvocable<void(const SourceStatuses&)>;

client::CallOptions OptionsOf(absl::Time deadline) { return {deadline, {{"x-jiedui-principal", "services/gateway"}}}; }

// The answers of all feeds for one caller.
class Join {
 public:
  Join(Executor& executor, SyncDone done) : executor_(executor), done_(std::move(done)) {
    statuses_.fill(absl::DeadlineExceededError("no answer in time"));
  }

  void set_timer(Executor::Timer timer) { timer_ = timer; }

  void Answer(size_t feed, absl::Status status) {
    {
      absl::MutexLock lock(&mutex_);
      if (finished_) return;
      statuses_[feed] = std::move(status);
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
  void Finish() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    SourceStatuses services;
    for (int service = 0; service < kServiceCount; ++service) services[service] = statuses_[FeedOf(service)];
    if (!statuses_[kDirectoryFeed].ok()) services[kVillage] = statuses_[kDirectoryFeed];
    std::move(done_)(services);
  }

  Executor& executor_;
  Executor::Timer timer_ = 0;  // set before the first answer
  absl::Mutex mutex_;
  size_t pending_ ABSL_GUARDED_BY(mutex_) = kFeeds;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::array<absl::Status, kFeeds> statuses_ ABSL_GUARDED_BY(mutex_);
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
  Clients clients;
  std::shared_ptr<Cube> cube;
  std::shared_ptr<Executor> executor;

  // Takes an answer in, where its size allows.
  void Apply(int shards, absl::AnyInvocable<void()> apply) {
    if (shards <= kManyShards) return apply();
    executor->Run(std::move(apply));
  }

  void AskDirectory(absl::Time deadline, Feed::Done done) {
    auto response = std::make_shared<village::v1::SyncDirectoryResponse>();
    clients[kVillage]->CallAsync(
        kSyncDirectory, cube->DirectoryRequest(), response.get(), OptionsOf(deadline),
        [self = shared_from_this(), response, done = std::move(done)](absl::Status status) mutable {
          if (!status.ok()) return done(std::move(status));
          self->Apply(response->shards_size(), [self, response, done = std::move(done)]() mutable {
            done(self->cube->ApplyDirectory(*response));
          });
        });
  }

  // The years that go into the next call, taken out of `pending`: at most one that is not held yet, for an answer has its bounds.
  std::vector<int> TakeYears(int service, std::vector<int>& pending) const {
    std::vector<int> taken, left;
    bool has_new = false;
    for (const int year : pending) {
      const bool is_new = !cube->Holds(service, year);
      const bool fits = taken.size() < kMaxYears && !(is_new && has_new);
      (fits ? taken : left).push_back(year);
      has_new = has_new || (fits && is_new);
    }
    pending = std::move(left);
    return taken;
  }

  // Calls until no year is pending.
  void AskMeasures(int service, std::vector<int> pending, absl::Time deadline, Feed::Done done) {
    const std::vector<int> years = TakeYears(service, pending);
    auto response = std::make_shared<measure::v1::SyncMeasuresResponse>();
    clients[service]->CallAsync(kSyncMeasures, cube->MeasuresRequest(service, years), response.get(),
                                OptionsOf(deadline),
                                [self = shared_from_this(), service, pending = std::move(pending), deadline, response,
                                 done = std::move(done)](absl::Status status) mutable {
                                  if (!status.ok()) return done(std::move(status));
                                  int shards = 0;
                                  for (const measure::v1::MeasureYear& year : response->years())
                                    shards += year.shards_size();
                                  self->Apply(shards, [self, service, pending = std::move(pending), deadline, response,
                                                       done = std::move(done)]() mutable {
                                    absl::Status applied = self->cube->ApplyMeasures(service, *response);
                                    if (!applied.ok() || pending.empty()) return done(std::move(applied));
                                    self->AskMeasures(service, std::move(pending), deadline, std::move(done));
                                  });
                                });
  }
};

Sources::Sources(Clients clients, std::shared_ptr<Cube> cube, std::shared_ptr<Executor> executor,
                 const FeedOptions& options)
    : core_(std::make_shared<Core>()) {
  core_->clients = std::move(clients);
  core_->cube = std::move(cube);
  core_->executor = executor;
  feeds_[kDirectoryFeed] = std::make_shared<Feed>(
      options, executor, [core = core_](std::vector<int> /*years*/, absl::Time deadline, Feed::Done done) {
        core->AskDirectory(deadline, std::move(done));
      });
  for (int service = 0; service < kServiceCount; ++service) {
    feeds_[FeedOf(service)] = std::make_shared<Feed>(
        options, executor, [core = core_, service](std::vector<int> years, absl::Time deadline, Feed::Done done) {
          core->AskMeasures(service, std::move(years), deadline, std::move(done));
        });
  }
}

Sources::~Sources() {
  for (const auto& feed : feeds_) feed->Stop();
}

void Sources::Sync(std::vector<int> years, absl::Time deadline, SyncDone done) {
  auto join = std::make_shared<Join>(*core_->executor, std::move(done));
  join->set_timer(core_->executor->RunAt(deadline, [join] { join->TimeOut(); }));
  for (size_t feed = 0; feed < kFeeds; ++feed) {
    feeds_[feed]->Sync(years, [join, feed](absl::Status status) { join->Answer(feed, std::move(status)); });
  }
}

v1::SourceState StateOf(int service, const absl::Status& status, const Snapshot& snapshot) {
  v1::SourceState state;
  state.set_service(std::string(ServiceName(service)));
  bool seen = !snapshot.services[service].database_id.empty();
  absl::Time time = snapshot.services[service].as_of_time;
  if (service == kVillage) {
    seen = seen && !snapshot.directory_id.empty();
    time = std::min(time, snapshot.directory_time);
  }
  state.set_freshness(!seen ? v1::FRESHNESS_MISSING : status.ok() ? v1::FRESHNESS_FRESH : v1::FRESHNESS_STALE);
  if (seen) SetTime(time, state.mutable_as_of_time());
  if (!status.ok()) state.set_problem(absl::StatusCodeToString(status.code()));
  return state;
}

}  // namespace jiedui::gateway
