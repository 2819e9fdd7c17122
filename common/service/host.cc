#include "common/service/host.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/request_fields.h"
#include "common/service/bulk_methods.h"
#include "common/service/remembered_answers.h"
#include "common/sql/migrator.h"
#include "common/status/macros.h"
#include "common/store/access.h"
#include "common/store/schema_check.h"
#include "common/store/store_migrations.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/json_util.h"
#include "jiedui/measure/v1/measure.pb.h"

ABSL_FLAG(int64_t, personal_search_quota, jiedui::store::EngineOptions().search_quota,
          "most comparisons of values with encrypted personal data by one principal a day: filters, tries, changes, "
          "duplicates refused");
ABSL_FLAG(int64_t, personal_file_quota, jiedui::store::EngineOptions().file_quota,
          "most rows of files that are compared with encrypted personal data and not written, by one principal a day; "
          "without a limit for those who may reveal it");
ABSL_FLAG(int64_t, import_max_bytes, jiedui::bulk::ImportLimits().bytes, "largest file of an import");
ABSL_FLAG(int64_t, import_max_rows, jiedui::bulk::ImportLimits().rows, "most rows of an import");
ABSL_FLAG(int64_t, import_max_whole_bytes, jiedui::bulk::ImportLimits().whole_bytes,
          "largest file of an import that is all or nothing or a dry run; on SQLite other writes wait for it");

namespace jiedui::service {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr absl::string_view kMeasureService = "jiedui.measure.v1.MeasureService";
constexpr absl::string_view kPersonalDataService = "jiedui.personal.v1.PersonalDataService";
// Looks at personal data that a principal has in a day; a working day of a person who does little else.
constexpr int64_t kRevealQuota = 100;
constexpr absl::string_view kAuditService = "jiedui.audit.v1.AuditService";
// The field of a request that may wait for a change of the directory, the most that it waits, and what it leaves of its deadline.
constexpr char kWaitMillis[] = "wait_millis";
constexpr absl::Duration kMaxWait = absl::Seconds(30);
constexpr absl::Duration kAnswerTime = absl::Milliseconds(500);
constexpr absl::string_view kWorkflowService = "jiedui.workflow.v1.WorkflowService";

// The resource that a List answers with, nullptr when the message is no page.
const resource::TablePlan* PageOf(const resource::Registry& registry, const Descriptor* response) {
  for (int i = 0; i < response->field_count(); ++i) {
    const auto* field = response->field(i);
    if (field->is_repeated() && field->message_type() != nullptr) return registry.FindByMessage(field->message_type());
  }
  return nullptr;
}

// Every guard that a workflow names must be there, and every one that is there named.
absl::Status CheckGuards(const workflow::WorkflowSet& workflows,
                         const absl::flat_hash_map<std::string, store::Guard>& guards) {
  std::set<std::string> unused;
  for (const auto& [name, guard] : guards) unused.insert(name);
  for (const auto& workflow : workflows.all()) {
    for (const workflow::Transition& transition : workflow->transitions()) {
      for (const std::string& name : transition.rule->guards()) {
        if (!guards.contains(name)) return absl::InvalidArgumentError(absl::StrCat("there is no guard ", name));
        unused.erase(name);
      }
    }
  }
  if (unused.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("no workflow names the guard ", *unused.begin()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Host>> Host::Create(Definition definition) {
  std::unique_ptr<Host> host(new Host(std::move(definition)));
  JIEDUI_ASSIGN_OR_RETURN(host->registry_, resource::Registry::Build(host->definition_.services));
  measure::v1::ListMeasuresResponse definitions;
  if (!host->definition_.measures_json.empty()) {
    const auto parsed =
        google::protobuf::util::JsonStringToMessage(std::string(host->definition_.measures_json), &definitions);
    if (!parsed.ok()) return absl::InvalidArgumentError(absl::StrCat("measures.json: ", parsed.ToString()));
  }
  JIEDUI_ASSIGN_OR_RETURN(host->measures_, measure::MeasureSet::Build(definitions, *host->registry_));
  JIEDUI_ASSIGN_OR_RETURN(host->workflows_, workflow::WorkflowSet::Build(*host->registry_));
  JIEDUI_RETURN_IF_ERROR(CheckGuards(*host->workflows_, host->definition_.guards));
  for (const auto& [collection, policy] : host->definition_.policies) {
    if (host->registry_->FindByCollection(collection) == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("a policy is for the unknown collection ", collection));
    }
  }
  host->migrations_.assign(store::StoreMigrations().begin(), store::StoreMigrations().end());
  for (const EmbeddedFile& file : host->definition_.migrations) host->migrations_.push_back(file);
  return host;
}

absl::Status Host::Migrate(sql::Database& database) const {
  return sql::Migrate(database, migrations_, [&] { return store::PrepareDatabase(database, *measures_); });
}

absl::Status Host::Open(sql::Database* database, store::RemoteNames* remote_names, const personal::Vault* vault,
                        store::Clock clock) {
  if (registry_->HasCells() && vault == nullptr) {
    return absl::FailedPreconditionError(
        "personal data is kept encrypted: --keys_dir must name the folder of its keys");
  }
  registry_->UseVault(vault);
  JIEDUI_RETURN_IF_ERROR(sql::CheckSchema(*database, migrations_));
  JIEDUI_RETURN_IF_ERROR(store::CheckTables(*database, *registry_));
  store::EngineOptions options;
  options.database = database;
  options.registry = registry_.get();
  options.measures = measures_.get();
  options.workflows = workflows_.get();
  options.guards = definition_.guards;
  options.policies = std::move(definition_.policies);
  options.remote_names = remote_names;
  options.vault = vault;
  options.clock = std::move(clock);
  options.sync_bytes = definition_.sync_bytes;
  options.search_quota = absl::GetFlag(FLAGS_personal_search_quota);
  options.file_quota = absl::GetFlag(FLAGS_personal_file_quota);
  JIEDUI_ASSIGN_OR_RETURN(engine_, store::Engine::Create(std::move(options)));
  bulk_ = std::make_unique<bulk::BulkService>(
      *engine_, bulk::ImportLimits{absl::GetFlag(FLAGS_import_max_bytes), absl::GetFlag(FLAGS_import_max_rows),
                                   absl::GetFlag(FLAGS_import_max_whole_bytes)});
  return absl::OkStatus();
}

absl::Status Host::AddMethods(server::MethodTable& table) {
  for (const std::string& name : definition_.services) {
    JIEDUI_RETURN_IF_ERROR(table.AddService(name));
    JIEDUI_RETURN_IF_ERROR(AddResourceMethods(table, *table.services().back().descriptor));
  }
  for (const auto& [method, handler] : definition_.writes) {
    JIEDUI_RETURN_IF_ERROR(AddWrite(
        table, method, [handler](store::UnitOfWork& work, const Message& request, Message* response) -> absl::Status {
          JIEDUI_RETURN_IF_ERROR(store::CheckMayWrite(work.context().principal));
          return handler(work, request, response);
        }));
  }
  for (const auto& [method, make_handler] : definition_.reads) {
    JIEDUI_RETURN_IF_ERROR(AddRead(table, method, make_handler(*engine_), false));
  }
  JIEDUI_RETURN_IF_ERROR(AddTransitions(table));
  for (const auto& [method, make_handler] : definition_.syncs) {
    JIEDUI_RETURN_IF_ERROR(AddSync(table, method, make_handler(*engine_), /*figures=*/false));
  }
  return AddSharedMethods(table);
}

absl::Status Host::AddResourceMethods(server::MethodTable& table, const ServiceDescriptor& service) {
  for (int i = 0; i < service.method_count(); ++i) {
    const MethodDescriptor* method = service.method(i);
    if (method->options().HasExtension(options::v1::mode)) continue;  // custom: the definition's
    const std::string name = absl::StrCat(service.full_name(), "/", method->name());
    const resource::TablePlan* plan = registry_->FindByMessage(method->output_type());
    if (absl::StartsWith(method->name(), "Get") && plan != nullptr) {
      JIEDUI_RETURN_IF_ERROR(AddRead(table, name, engine_->GetHandler(*plan), true));
    } else if (absl::StartsWith(method->name(), "Create") && plan != nullptr) {
      JIEDUI_RETURN_IF_ERROR(AddWrite(table, name, engine_->CreateHandler(*plan)));
    } else if (absl::StartsWith(method->name(), "Update") && plan != nullptr) {
      JIEDUI_RETURN_IF_ERROR(AddWrite(table, name, engine_->UpdateHandler(*plan)));
    } else if (absl::StartsWith(method->name(), "List")) {
      const resource::TablePlan* listed = PageOf(*registry_, method->output_type());
      if (listed != nullptr) JIEDUI_RETURN_IF_ERROR(AddList(table, name, *listed));
    } else if (absl::StartsWith(method->name(), "Delete")) {
      for (const resource::TablePlan* each : registry_->plans()) {
        if (each->descriptor()->name() != absl::StripPrefix(method->name(), "Delete")) continue;
        JIEDUI_RETURN_IF_ERROR(AddWrite(table, name, engine_->DeleteHandler(*each)));
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Host::AddTransitions(server::MethodTable& table) {
  if (registry_->history() == nullptr) return absl::OkStatus();
  std::set<std::string> added;
  for (const auto& workflow : workflows_->all()) {
    for (const workflow::Transition& transition : workflow->transitions()) {
      const std::string name = absl::StrCat(transition.method->service()->full_name(), "/", transition.method->name());
      if (!added.insert(name).second) continue;
      JIEDUI_RETURN_IF_ERROR(
          AddWrite(table, name, engine_->TransitionHandler(workflow->plan(), transition.rule->rpc())));
    }
  }
  JIEDUI_RETURN_IF_ERROR(table.AddService(kWorkflowService));
  return AddResourceMethods(table, *table.services().back().descriptor);
}

absl::Status Host::AddSharedMethods(server::MethodTable& table) {
  JIEDUI_RETURN_IF_ERROR(AddBulkMethods(table, *bulk_));
  if (registry_->HasCells()) {
    JIEDUI_RETURN_IF_ERROR(table.AddService(kPersonalDataService));
    JIEDUI_RETURN_IF_ERROR(
        AddWrite(table, absl::StrCat(kPersonalDataService, "/Reveal"), engine_->RevealHandler(kRevealQuota)));
    JIEDUI_RETURN_IF_ERROR(
        AddRead(table, absl::StrCat(kPersonalDataService, "/CheckCells"), engine_->CheckCellsHandler(), false));
  }
  JIEDUI_RETURN_IF_ERROR(table.AddService(kAuditService));
  JIEDUI_RETURN_IF_ERROR(
      AddRead(table, absl::StrCat(kAuditService, "/ListAuditEntries"), engine_->ListAuditEntriesHandler(), false));
  if (measures_->measures().empty()) return absl::OkStatus();
  JIEDUI_RETURN_IF_ERROR(table.AddService(kMeasureService));
  JIEDUI_RETURN_IF_ERROR(
      AddSync(table, absl::StrCat(kMeasureService, "/SyncMeasures"), engine_->SyncMeasuresHandler(), /*figures=*/true));
  JIEDUI_RETURN_IF_ERROR(
      AddRead(table, absl::StrCat(kMeasureService, "/VerifyMeasures"), engine_->VerifyMeasuresHandler(), false));
  JIEDUI_RETURN_IF_ERROR(
      AddRead(table, absl::StrCat(kMeasureService, "/ListWarnings"), engine_->ListWarningsHandler(), false));
  return table.AddInline<measure::v1::ListMeasuresRequest, measure::v1::ListMeasuresResponse>(
      absl::StrCat(kMeasureService, "/ListMeasures"),
      [this](RequestContext&, const measure::v1::ListMeasuresRequest&, measure::v1::ListMeasuresResponse* response) {
        for (const measure::Measure& each : measures_->measures()) *response->add_measures() = each.definition;
        for (const measure::YearReference& each : measures_->year_references()) {
          *response->add_year_references() = each.definition;
        }
        for (const measure::PlausibilityRule& each : measures_->plausibility_rules()) {
          *response->add_plausibility_rules() = each.definition;
        }
        return absl::OkStatus();
      });
}

absl::Status Host::AddWrite(server::MethodTable& table, absl::string_view method, store::WriteHandler handler) {
  return table.AddUnary(
      method, [engine = engine_.get(), handler = std::move(handler)](RequestContext& context, const Message& request,
                                                                     Message* response, server::Done done) {
        engine->RunWrite(context, request, response, handler, std::move(done));
      });
}

absl::Status Host::AddRead(server::MethodTable& table, absl::string_view method, store::ReadHandler handler,
                           bool point) {
  return table.AddUnary(method,
                        [engine = engine_.get(), handler = std::move(handler), point](
                            RequestContext& context, const Message& request, Message* response, server::Done done) {
                          if (point) {
                            engine->RunPointRead(context, request, response, handler, std::move(done));
                          } else {
                            engine->RunRead(context, request, response, handler, std::move(done));
                          }
                        });
}

absl::Status Host::AddList(server::MethodTable& table, absl::string_view method, const resource::TablePlan& plan) {
  return table.AddUnary(method,
                        [engine = engine_.get(), &plan, handler = engine_->ListHandler(plan)](
                            RequestContext& context, const Message& request, Message* response, server::Done done) {
                          engine->RunList(plan, context, request, response, handler, std::move(done));
                        });
}

absl::Status Host::AddSync(server::MethodTable& table, absl::string_view method, store::ReadHandler handler,
                           bool figures) {
  auto answers =
      std::make_shared<RememberedAnswers>(&engine_->database(), [engine = engine_.get()] { return engine->Now(); });
  // Kept by the table: reads at work refer to the handler.
  const auto answer = std::make_shared<const server::UnaryHandler>(
      [engine = engine_.get(), handler = std::move(handler), answers = std::move(answers), figures](
          RequestContext& context, const Message& request, Message* response, server::Done done) {
        // Here, because an answer that is remembered is everybody's.
        const absl::Status allowed = figures ? store::CheckMaySeeFigures(context.principal) : absl::OkStatus();
        if (!allowed.ok()) return done(allowed);
        answers->Answer(request, response, std::move(done), [&](sql::Done answered) {
          engine->RunSync(context, request, response, handler, std::move(answered));
        });
      });
  const server::Method* added = table.Find(method);
  if (added == nullptr || added->request_prototype->GetDescriptor()->FindFieldByName(kWaitMillis) == nullptr) {
    return table.AddUnary(method, *answer);
  }
  if (directory_watch_ == nullptr) {
    directory_watch_ = std::make_unique<VersionWatch>(&engine_->database(), measure::kDirectoryTopic);
  }
  return table.AddUnary(
      method, [answer, watch = directory_watch_.get()](RequestContext& context, const Message& request,
                                                       Message* response, server::Done done) {
        const absl::Duration wait = absl::Milliseconds(resource::GetInt32(request, kWaitMillis));
        if (wait <= absl::ZeroDuration()) return (*answer)(context, request, response, std::move(done));
        // Not to the very deadline: the answer has to arrive before it.
        const absl::Time until = std::min(absl::Now() + std::min(wait, kMaxWait), context.deadline - kAnswerTime);
        watch->Await(resource::GetInt64(request, "version_sum"), until,
                     [&context, &request, response, answer, done = std::move(done)]() mutable {
                       (*answer)(context, request, response, std::move(done));
                     });
      });
}

void Host::Drain() {
  if (directory_watch_ != nullptr) directory_watch_->Stop();
}

}  // namespace jiedui::service
