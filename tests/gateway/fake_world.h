// Divisions, villages and figures as the four services would send them, in memory; and clients of those services.

#ifndef JIEDUI_TESTS_GATEWAY_FAKE_WORLD_H_
#define JIEDUI_TESTS_GATEWAY_FAKE_WORLD_H_

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/client/client.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/village/v1/directory.pb.h"
#include "services/gateway/catalog.h"
#include "services/gateway/sources.h"

namespace jiedui::testing {

class FakeWorld {
 public:
  FakeWorld();

  // "12" is a city, "120119" a district, "120119101" a township, "120119101201" a village; each lies in the longest prefix.
  void AddPlace(const std::string& code);
  void SetPlace(const village::v1::DirectoryEntry& entry);
  void RemovePlace(const std::string& name);
  static std::string NameOf(const std::string& code);

  void SetYear(int year, village::v1::YearState state);
  // `node` is a resource name.
  void Set(int year, const std::string& node, const std::string& measure, int64_t value);
  int64_t Get(int year, const std::string& node, const std::string& measure) const;
  // As after the service's database was replaced: everything has to be sent again.
  void ReplaceDatabase(int service) { ++database_numbers_[service]; }

  // As after the services became others, which define it or do not: figures are what they were.
  void SetDefined(const std::string& measure, bool defined);
  // The year was closed before the measure was defined.
  void SetUncounted(int year, const std::string& measure) { uncounted_.insert({year, measure}); }

  void SyncDirectory(const village::v1::SyncDirectoryRequest& request,
                     village::v1::SyncDirectoryResponse* response) const;
  void SyncMeasures(int service, const measure::v1::SyncMeasuresRequest& request,
                    measure::v1::SyncMeasuresResponse* response) const;

  const gateway::Catalog& catalog() const { return *catalog_; }
  std::shared_ptr<const gateway::Catalog> shared_catalog() const { return catalog_; }
  const std::map<std::string, village::v1::DirectoryEntry>& places() const { return places_; }
  absl::Time now = absl::FromUnixSeconds(1'540'000'000);
  // An answer has no more.
  int shards_at_once = 100'000;

 private:
  // Figures of a service and year: versions by shard, cells by shard and (node, measure).
  struct Year {
    std::vector<int64_t> versions;
    std::map<int, std::map<std::pair<std::string, std::string>, int64_t>> cells;
  };

  std::string DatabaseId(int service) const;

  const Year& FiguresOf(int service, int year) const;
  std::string DefinitionsOf(int service, std::map<std::string, int>* index) const;

  std::shared_ptr<const gateway::Catalog> catalog_;
  std::map<std::string, village::v1::DirectoryEntry> places_;
  std::vector<int64_t> directory_versions_;
  std::map<int, village::v1::YearState> years_;
  std::array<int, gateway::kServiceCount> database_numbers_{};
  std::set<std::string> undefined_;
  std::set<std::pair<int, std::string>> uncounted_;
  std::map<std::pair<int, int>, Year> figures_;  // by service and year
};

// Answers from the world, at once; or fails, or keeps the callers waiting, as a test says.
class FakeClient final : public client::Client {
 public:
  FakeClient(FakeWorld* world, int service) : world_(world), service_(service) {}

  absl::Status Call(absl::string_view, const google::protobuf::Message&, google::protobuf::Message*,
                    const client::CallOptions&) override {
    return absl::UnimplementedError("not used");
  }
  void CallAsync(absl::string_view method, const google::protobuf::Message& request,
                 google::protobuf::Message* response, const client::CallOptions& options,
                 absl::AnyInvocable<void(absl::Status)> done) override;
  std::unique_ptr<client::Stream> OpenStream(absl::string_view, const client::CallOptions&) override { return nullptr; }
  void Cancel() override {}

  // Of the calls that follow.
  void set_status(absl::Status status) { status_ = std::move(status); }
  void set_hangs(bool hangs) { hangs_ = hangs; }
  // Answers the calls that were kept waiting.
  void Release();

  int calls() const { return calls_; }
  int waiting() const { return static_cast<int>(kept_.size()); }

 private:
  void Fill(absl::string_view method, const google::protobuf::Message& request, google::protobuf::Message* response);

  FakeWorld* const world_;
  const int service_;
  absl::Status status_;
  bool hangs_ = false;
  int calls_ = 0;
  std::vector<absl::AnyInvocable<void()>> kept_;
};

struct FakeClients {
  explicit FakeClients(FakeWorld* world) {
    for (int i = 0; i < gateway::kServiceCount; ++i) fakes[i] = std::make_shared<FakeClient>(world, i);
  }
  gateway::Clients clients() const {
    gateway::Clients result;
    for (int i = 0; i < gateway::kServiceCount; ++i) result[i] = fakes[i];
    return result;
  }
  FakeClient& operator[](int service) { return *fakes[service]; }

  std::array<std::shared_ptr<FakeClient>, gateway::kServiceCount> fakes;
};

}  // namespace jiedui::testing

#endif  // JIEDUI_TESTS_GATEWAY_FAKE_WORLD_H_
