#include "common/service/domain_program.h"

#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/functional/any_invocable.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/client/client.h"
#include "common/directory/directory.h"
#include "common/personal/vault.h"
#include "common/server/log.h"
#include "common/service/host.h"
#include "common/service/repeated.h"
#include "common/status/macros.h"
#include "common/store/cell_rotation.h"
#include "prometheus/metric_family.h"

ABSL_FLAG(std::string, village_address, "127.0.0.1:50051",
          "gRPC address of jiedui-village, from which divisions, villages and years are copied");
ABSL_FLAG(std::string, keys_dir, "",
          "folder with the keys of personal data (cell-<n>.key, search-<n>.key; deploy/local/new_keys.sh makes them), "
          "read again when it "
          "changes; needed where resources have encrypted fields");

ABSL_FLAG(bool, keys_any_mode, false,
          "read key files whatever their modes: where --keys_dir is a mount that this program alone sees, as in a "
          "container, and its files "
          "keep the modes of another machine");

namespace jiedui::service {
namespace {

constexpr absl::Duration kYearsInterval = absl::Milliseconds(300);
constexpr absl::Duration kKeysInterval = absl::Seconds(2);
constexpr absl::Duration kRotationTime = absl::Seconds(1);

// The directory, and the background work that a refused write may wait for.
class NamesAndWork final : public store::RemoteNames {
 public:
  explicit NamesAndWork(store::RemoteNames* names) : names_(names) {}
  void Add(Repeated* work) { work_.push_back(work); }

  bool Exists(absl::string_view name) const override { return names_ != nullptr && names_->Exists(name); }
  std::optional<village::v1::DirectoryEntry> Find(absl::string_view name) const override {
    return names_ == nullptr ? std::nullopt : names_->Find(name);
  }

  void Refresh(absl::AnyInvocable<void()> done) override {
    if (names_ == nullptr) return AfterWork(0, std::move(done));
    names_->Refresh([this, done = std::move(done)]() mutable { AfterWork(0, std::move(done)); });
  }

 private:
  void AfterWork(size_t next, absl::AnyInvocable<void()> done) {
    if (next == work_.size()) return done();
    work_[next]->After([this, next, done = std::move(done)]() mutable { AfterWork(next + 1, std::move(done)); });
  }

  store::RemoteNames* const names_;
  std::vector<Repeated*> work_;
};

// What the vault counts.
class CellMetrics final : public prometheus::Collectable {
 public:
  explicit CellMetrics(const personal::Vault& vault) : vault_(vault) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::ClientMetric metric;
    metric.counter.value = static_cast<double>(vault_.damaged_count());
    return {{"jiedui_personal_cells_damaged_total",
             "Encrypted cells that did not open when they were read: damaged, moved, or of a key that is missing.",
             prometheus::MetricType::Counter,
             {std::move(metric)}}};
  }

 private:
  const personal::Vault& vault_;
};

class DomainProgram final : public Program {
 public:
  DomainProgram(std::unique_ptr<Host> host, Ports ports, DirectoryRole role)
      : host_(std::move(host)), ports_(ports), role_(role) {}

  std::string name() const override { return host_->definition().name; }
  Ports default_ports() const override { return ports_; }
  absl::Status Migrate(sql::Database& database) override { return host_->Migrate(database); }

  absl::Status Open(sql::Database* database) override {
    if (role_ == DirectoryRole::kCopy) directory_ = NewDirectory(database);
    if (!absl::GetFlag(FLAGS_keys_dir).empty()) {
      JIEDUI_ASSIGN_OR_RETURN(std::shared_ptr<const personal::Keyring> keyring, LoadKeys());
      vault_ = std::make_unique<personal::Vault>(std::move(keyring));
    }
    names_ = std::make_unique<NamesAndWork>(directory_.get());
    JIEDUI_RETURN_IF_ERROR(host_->Open(database, names_.get(), vault_.get()));
    if (vault_ != nullptr) {
      rotation_ = std::make_unique<store::CellRotation>(host_->engine());
      keys_ = std::make_unique<Repeated>("keys", kKeysInterval, [this]() -> absl::Status {
        JIEDUI_RETURN_IF_ERROR(ReadKeys());
        return RotateCells();
      });
    }
    if (directory_ != nullptr) {
      JIEDUI_RETURN_IF_ERROR(directory_->Start());
    } else {
      years_ = std::make_unique<Repeated>("years", kYearsInterval, [this] { return FollowYears(); });
    }
    prune_ = StartPruning(host_->engine());
    for (const Background& each : host_->definition().background) {
      background_.push_back(
          std::make_unique<Repeated>(each.name, each.interval, [this, &each] { return each.work(host_->engine()); }));
      if (each.helps_writes) names_->Add(background_.back().get());
    }
    return absl::OkStatus();
  }

  absl::Status AddMethods(server::MethodTable& table) override { return host_->AddMethods(table); }

  std::vector<server::Probe> Probes() override {
    std::vector<server::Probe> probes = {{"measures", [this] { return host_->engine().CheckDefinitions(); }}};
    if (directory_ != nullptr) probes.push_back({"directory", [this] { return directory_->status(); }});
    return probes;
  }

  std::vector<std::shared_ptr<prometheus::Collectable>> Collectables() override {
    if (vault_ == nullptr) return {};
    return {std::make_shared<CellMetrics>(*vault_)};
  }

  void Drain() override { host_->Drain(); }

  // The work reads the directory, and the directory's answers ask the work: the work ends first and goes last.
  void Stop() override {
    host_->Drain();  // also where the server did not start
    for (const auto& each : background_) each->Stop();
    keys_.reset();
    prune_.reset();
    years_.reset();
    directory_.reset();
    background_.clear();
  }

 private:
  // The years of the program's own database.
  absl::Status FollowYears() {
    store::Engine& engine = host_->engine();
    // The file of SQLite belongs to this process: without a commit nothing has changed.
    const int64_t commits = engine.database().stats().commits;
    if (engine.database().dialect() == sql::Dialect::kSqlite && commits == years_commits_) return absl::OkStatus();
    const absl::Time deadline = absl::Now() + absl::Minutes(10);
    JIEDUI_ASSIGN_OR_RETURN(const auto years, directory::ReadYears(engine, deadline));
    JIEDUI_RETURN_IF_ERROR(engine.SetYears(years, deadline));
    years_commits_ = commits;
    return absl::OkStatus();
  }

  static absl::StatusOr<std::shared_ptr<const personal::Keyring>> LoadKeys() {
    return personal::Keyring::Load(absl::GetFlag(FLAGS_keys_dir), absl::GetFlag(FLAGS_keys_any_mode));
  }

  // A folder that is wrong leaves the keys as they are.
  absl::Status ReadKeys() {
    JIEDUI_ASSIGN_OR_RETURN(std::shared_ptr<const personal::Keyring> keyring, LoadKeys());
    if (!(*keyring == *vault_->keyring())) {
      server::LogEvent("INFO", "keys.changed",
                       {{"cell_key", absl::StrCat(keyring->active_cell_key().id)},
                        {"search_key", absl::StrCat(keyring->search_keys().front().id)}});
      vault_->Replace(std::move(keyring));
    }
    return absl::OkStatus();
  }

  // For as long as there is something to do, but not so long that a stop waits for it.
  absl::Status RotateCells() {
    const absl::Time end = absl::Now() + kRotationTime;
    while (absl::Now() < end) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, rotation_->Step(absl::Now() + absl::Seconds(30)));
      for (const std::string& each : rotation_->TakeDuplicates()) {
        server::LogEvent("WARNING", "keys.duplicate", {{"resource", each}});
      }
      if (!more) break;
    }
    return absl::OkStatus();
  }

  std::unique_ptr<directory::Directory> NewDirectory(sql::Database* database) {
    village_ = client::NewClient(absl::GetFlag(FLAGS_village_address));
    directory::DirectoryOptions options;
    options.database = database;
    options.fetch = [this](const village::v1::SyncDirectoryRequest& request,
                           village::v1::SyncDirectoryResponse* response, absl::Time deadline) {
      client::CallOptions call;
      call.deadline = deadline;
      call.metadata = {{"x-jiedui-principal", "services/" + name()}};
      return village_->Call("jiedui.village.v1.DirectoryService/SyncDirectory", request, response, call);
    };
    options.cancel = [this] { village_->Cancel(); };
    options.years_changed = [this](const std::vector<village::v1::DirectoryYear>& years) {
      return host_->engine().SetYears(years, absl::Now() + absl::Minutes(10));
    };
    return std::make_unique<directory::Directory>(std::move(options));
  }

  // Before the host, which uses it.
  std::unique_ptr<personal::Vault> vault_;
  const std::unique_ptr<Host> host_;
  const Ports ports_;
  const DirectoryRole role_;
  std::unique_ptr<client::Client> village_;
  std::unique_ptr<directory::Directory> directory_;
  std::unique_ptr<NamesAndWork> names_;
  std::vector<std::unique_ptr<Repeated>> background_;
  int64_t years_commits_ = -1;  // of the thread of `years_`
  std::unique_ptr<Repeated> years_;
  std::unique_ptr<Repeated> prune_;
  std::unique_ptr<store::CellRotation> rotation_;
  std::unique_ptr<Repeated> keys_;
};

}  // namespace

int RunDomainProgram(int argc, char** argv, Definition definition, Ports ports, DirectoryRole role) {
  absl::StatusOr<std::unique_ptr<Host>> host = Host::Create(std::move(definition));
  if (!host.ok()) {
    std::cerr << "the program's definition is wrong: " << host.status().message() << std::endl;
    return 1;
  }
  DomainProgram program(*std::move(host), ports, role);
  return RunProgram(argc, argv, program);
}

}  // namespace jiedui::service
