#include "services/gateway/definition.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/embed/embedded_file.h"
#include "common/resource/request_context.h"
#include "common/sql/database.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/json_util.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "services/gateway/gateway_migrations.h"
#include "services/gateway/gateway_targets.h"
#include "services/gateway/target.h"

namespace jiedui::gateway {
namespace {

constexpr absl::string_view kCreateTarget = "jiedui.gateway.v1.TargetService/CreateTarget";
// Who wrote the targets that no person has changed.
constexpr absl::string_view kSeeder = "services/gateway";
constexpr absl::Duration kSeedDeadline = absl::Minutes(1);

class TargetPolicy final : public store::PolicyOf<v1::Target> {
 public:
  explicit TargetPolicy(const Catalog* catalog) : catalog_(catalog) {}

  absl::Status ValidateResource(store::UnitOfWork& /*work*/, const v1::Target* /*before*/, const v1::Target& after,
                                Violations& violations) const override {
    CompileTarget(after, *catalog_, violations);
    return absl::OkStatus();
  }

 private:
  const Catalog* const catalog_;
};

// The fields that a release fills.
std::vector<std::string> ReleasedFields(const resource::TablePlan& plan) {
  std::vector<std::string> fields;
  for (const resource::FieldRule& rule : plan.rules().fields()) {
    if (!rule.rules.output_only() && rule.field->name() != "name") fields.push_back(rule.field->name());
  }
  return fields;
}

// Whether somebody has removed the target since it was seeded.
absl::StatusOr<bool> WasRemoved(store::UnitOfWork& work, const std::string& name) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare("SELECT action, principal FROM audit_entry WHERE resource = ? "
                                                     "ORDER BY transaction_id DESC, sequence DESC LIMIT 1"));
  row->BindText(0, name);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found && row->Int(0) == audit::v1::AUDIT_ACTION_DELETE && row->Text(1) != kSeeder;
}

// The targets of the database as they were written last: who wrote each, by id, of the years given.
absl::StatusOr<std::map<std::string, std::string>> AuthorsOf(store::UnitOfWork& work, const std::set<int>& years) {
  std::map<std::string, std::string> authors;
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare("SELECT id, author, year FROM target ORDER BY id"));
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return authors;
    if (years.contains(static_cast<int>(row->Int(2)))) {
      authors.emplace(std::string(row->Text(0)), std::string(row->Text(1)));
    }
  }
}

absl::Status Follow(store::UnitOfWork& work, const resource::TablePlan& plan, const std::vector<v1::Target>& released) {
  std::set<int> years;
  for (const v1::Target& target : released) years.insert(target.year());
  JIEDUI_ASSIGN_OR_RETURN(auto authors, AuthorsOf(work, years));
  const std::vector<std::string> fields = ReleasedFields(plan);
  for (const v1::Target& target : released) {
    const std::string id(plan.IdOf(target.name()));
    const auto seeded = authors.find(id);
    if (seeded == authors.end()) {
      JIEDUI_ASSIGN_OR_RETURN(const bool removed, WasRemoved(work, target.name()));
      if (removed) continue;
    } else if (seeded->second != kSeeder) {
      authors.erase(seeded);
      continue;
    } else {
      authors.erase(seeded);
    }
    JIEDUI_RETURN_IF_ERROR(work.Put(plan, id, fields, target).status());
  }
  for (const auto& [id, author] : authors) {
    if (author == kSeeder) JIEDUI_RETURN_IF_ERROR(work.Delete(plan, plan.NameOf(id), ""));
  }
  return absl::OkStatus();
}

}  // namespace

service::Definition NewDefinition(const Catalog* catalog) {
  service::Definition definition;
  definition.name = "gateway";
  definition.services = {"jiedui.gateway.v1.TargetService"};
  definition.policies["targets"] = std::make_unique<TargetPolicy>(catalog);
  definition.migrations.assign(GatewayMigrations().begin(), GatewayMigrations().end());
  return definition;
}

absl::StatusOr<std::vector<v1::Target>> ReleasedTargets() {
  std::vector<v1::Target> targets;
  for (const EmbeddedFile& file : GatewayTargets()) {
    v1::ListTargetsResponse listed;
    const auto parsed = google::protobuf::util::JsonStringToMessage(std::string(file.contents), &listed);
    if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat(file.name, ": ", parsed.ToString()));
    std::move(listed.mutable_targets()->begin(), listed.mutable_targets()->end(), std::back_inserter(targets));
  }
  return targets;
}

absl::Status SeedTargets(store::Engine& engine) {
  JIEDUI_ASSIGN_OR_RETURN(const std::vector<v1::Target> targets, ReleasedTargets());
  return SeedTargets(engine, targets);
}

absl::Status SeedTargets(store::Engine& engine, const std::vector<v1::Target>& released) {
  RequestContext context;
  context.method = kCreateTarget;
  context.principal.id = std::string(kSeeder);
  context.start_time = absl::Now();
  context.deadline = context.start_time + kSeedDeadline;
  const std::string transaction_id = engine.NewTransactionId();
  const resource::TablePlan& plan = *engine.registry().FindByCollection("targets");
  return sql::WriteAndWait(engine.database(), engine.WriteOptionsOf(transaction_id, context.deadline),
                           [&](sql::Transaction& transaction) -> absl::Status {
                             store::UnitOfWork work(engine, context, transaction, transaction_id);
                             JIEDUI_RETURN_IF_ERROR(Follow(work, plan, released));
                             return work.Flush();
                           });
}

}  // namespace jiedui::gateway
