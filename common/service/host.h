// A domain program without its doors: definition, database and engine put together. Mains and tests use the same.

#ifndef JIEDUI_COMMON_SERVICE_HOST_H_
#define JIEDUI_COMMON_SERVICE_HOST_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/bulk/bulk_service.h"
#include "common/measure/measure_set.h"
#include "common/personal/vault.h"
#include "common/resource/registry.h"
#include "common/server/method_table.h"
#include "common/service/definition.h"
#include "common/service/version_watch.h"
#include "common/sql/database.h"
#include "common/store/engine.h"
#include "common/workflow/workflow.h"

namespace jiedui::service {

class Host {
 public:
  // Checks the definition against the descriptors. INVALID_ARGUMENT listing every mistake.
  static absl::StatusOr<std::unique_ptr<Host>> Create(Definition definition);

  // Brings the schema and the measures of `database` up to date. Blocks.
  absl::Status Migrate(sql::Database& database) const;

  // Opens the engine on a migrated database; what is given must outlive the host. `remote_names` may be null, `vault` only where no
  // resource has encrypted fields.
  // FAILED_PRECONDITION when the schema or the measures are not those of this program, or keys are missing.
  absl::Status Open(
      sql::Database* database, store::RemoteNames* remote_names, const personal::Vault* vault,
      store::Clock clock = [] { return absl::Now(); });

  // Adds every method of the program: standard ones of all resources, the definition's own, measures, audit, bulk.
  absl::Status AddMethods(server::MethodTable& table);

  // Answers all calls that wait for a change; none waits any more. The program is about to stop.
  void Drain();

  const resource::Registry& registry() const { return *registry_; }
  const measure::MeasureSet& measures() const { return *measures_; }
  const workflow::WorkflowSet& workflows() const { return *workflows_; }
  store::Engine& engine() { return *engine_; }
  const Definition& definition() const { return definition_; }

 private:
  explicit Host(Definition definition) : definition_(std::move(definition)) {}
  absl::Status AddResourceMethods(server::MethodTable& table, const google::protobuf::ServiceDescriptor& service);
  absl::Status AddTransitions(server::MethodTable& table);
  absl::Status AddSharedMethods(server::MethodTable& table);
  absl::Status AddWrite(server::MethodTable& table, absl::string_view method, store::WriteHandler handler);
  absl::Status AddRead(server::MethodTable& table, absl::string_view method, store::ReadHandler handler, bool point);
  // The list of a resource.
  absl::Status AddList(server::MethodTable& table, absl::string_view method, const resource::TablePlan& plan);
  // A read that is asked again and again while nothing changes; see RememberedAnswers. One whose request has a field wait_millis
  // (and version_sum, of the directory) waits for a change. `figures`: it answers figures as they are kept.
  absl::Status AddSync(server::MethodTable& table, absl::string_view method, store::ReadHandler handler, bool figures);

  Definition definition_;
  std::vector<EmbeddedFile> migrations_;
  std::unique_ptr<resource::Registry> registry_;
  std::unique_ptr<measure::MeasureSet> measures_;
  std::unique_ptr<workflow::WorkflowSet> workflows_;
  std::unique_ptr<store::Engine> engine_;
  std::unique_ptr<bulk::BulkService> bulk_;
  std::unique_ptr<VersionWatch> directory_watch_;  // once something may wait for it
};

}  // namespace jiedui::service

#endif  // JIEDUI_COMMON_SERVICE_HOST_H_
