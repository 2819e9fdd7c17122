#include "common/resource/registry.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/macros.h"
#include "jiedui/workflow/v1/workflow.pb.h"

namespace jiedui::resource {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

// Owned by `village`; every other program knows them through its directory.
bool IsDirectoryCollection(absl::string_view collection) {
  return collection == "divisions" || collection == "villages";
}

bool RefersOnlyTo(const TablePlan& plan, const std::set<std::string>& done, const Registry& registry) {
  const auto is_done = [&](const Reference& reference) {
    return std::all_of(reference.collections.begin(), reference.collections.end(), [&](const std::string& collection) {
      return collection == plan.collection() || done.count(collection) > 0 ||
             registry.FindByCollection(collection) == nullptr;
    });
  };
  const auto item_is_done = [&](const ItemReference& item) {
    // What the server fills it fills later, and from records that may refer back.
    return plan.rules().Find(item.items)->output_only || is_done(item.reference);
  };
  return std::all_of(plan.references().begin(), plan.references().end(), is_done) &&
         std::all_of(plan.item_references().begin(), plan.item_references().end(), item_is_done);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> Registry::Build(absl::Span<const std::string> services) {
  auto registry = std::make_unique<Registry>();
  std::vector<std::string> problems;
  std::set<const FileDescriptor*> files;
  std::set<std::string> tables;
  for (const std::string& name : services) {
    const ServiceDescriptor* service = DescriptorPool::generated_pool()->FindServiceByName(name);
    if (service == nullptr) {
      problems.push_back(absl::StrCat("no service ", name));
      continue;
    }
    if (!files.insert(service->file()).second) continue;
    for (int i = 0; i < service->file()->message_type_count(); ++i) {
      const Descriptor* message = service->file()->message_type(i);
      if (!message->options().HasExtension(options::v1::resource)) continue;
      absl::StatusOr<std::unique_ptr<TablePlan>> plan = TablePlan::Build(message);
      if (!plan.ok()) {
        problems.push_back(std::string(plan.status().message()));
        continue;
      }
      if (!registry->by_collection_.emplace((*plan)->collection(), plan->get()).second ||
          !tables.insert((*plan)->table()).second) {
        problems.push_back(absl::StrCat(message->full_name(), ": its collection or table is used twice"));
      }
      registry->by_message_.emplace(message, plan->get());
      registry->owned_.push_back(*std::move(plan));
    }
  }
  if (absl::Status status = registry->AddHistory(); !status.ok()) problems.push_back(std::string(status.message()));
  if (absl::Status status = registry->AddRelations(); !status.ok()) problems.push_back(std::string(status.message()));
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  return registry;
}

std::string HistoryCollection(const Descriptor* resource) {
  const std::vector<std::string> package = absl::StrSplit(resource->file()->package(), '.');
  return absl::StrCat(package.size() > 1 ? package[1] : package[0], "Transitions");
}

absl::Status Registry::AddHistory() {
  std::vector<std::string> collections;
  std::string collection;
  for (const auto& plan : owned_) {
    if (!plan->descriptor()->options().HasExtension(options::v1::workflow)) continue;
    collection = HistoryCollection(plan->descriptor());
    collections.push_back(plan->collection());
  }
  if (collections.empty()) return absl::OkStatus();
  JIEDUI_ASSIGN_OR_RETURN(
      std::unique_ptr<TablePlan> plan,
      TablePlan::BuildShared(workflow::v1::Transition::descriptor(), collection, "resource", std::move(collections)));
  history_ = plan.get();
  by_collection_.emplace(collection, history_);
  by_message_.emplace(history_->descriptor(), history_);
  owned_.push_back(std::move(plan));
  return absl::OkStatus();
}

absl::Status Registry::AddRelations() {
  std::vector<std::string> problems;
  for (const auto& plan : owned_) {
    for (const Reference& reference : plan->references()) AddReferrers(*plan, reference, nullptr, &problems);
    for (const ItemReference& item : plan->item_references()) {
      AddReferrers(*plan, item.reference, item.items, &problems);
    }
    for (const Column& column : plan->columns()) {
      if (!column.rule->rules.has_rollup()) continue;
      const options::v1::Rollup& rollup = column.rule->rules.rollup();
      const TablePlan* counted = FindByCollection(rollup.collection());
      const Column* reference = counted == nullptr ? nullptr : counted->FindColumn(rollup.reference());
      if (reference == nullptr || column.type != ColumnType::kInt || !reference->rule->rules.immutable()) {
        problems.push_back(
            absl::StrCat(column.field->full_name(), ": the rollup needs an integer field and an immutable reference"));
        continue;
      }
      absl::StatusOr<filter::Filter> filter = filter::Filter::Parse(rollup.filter(), counted->measure_schema());
      if (!filter.ok()) {
        problems.push_back(absl::StrCat(column.field->full_name(), ": ", filter.status().message()));
        continue;
      }
      rollups_[counted].push_back({plan.get(), column.field, reference->field, *std::move(filter)});
    }
  }
  if (!problems.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));

  std::set<std::string> done;
  while (plans_.size() < owned_.size()) {
    const size_t before = plans_.size();
    for (const auto& plan : owned_) {
      if (done.count(plan->collection()) > 0 || !RefersOnlyTo(*plan, done, *this)) continue;
      done.insert(plan->collection());
      plans_.push_back(plan.get());
    }
    if (plans_.size() == before) return absl::InvalidArgumentError("references between resources form a circle");
  }
  return absl::OkStatus();
}

void Registry::AddReferrers(const TablePlan& plan, const Reference& reference, const FieldDescriptor* items,
                            std::vector<std::string>* problems) {
  std::string sql;
  if (items == nullptr) {
    sql = absl::StrCat("SELECT 1 FROM `", plan.table(), "` WHERE `", reference.field->name(), "` = ? LIMIT 1");
  } else if (plan.FindColumn(items->name())->type != ColumnType::kCell) {
    sql = absl::StrCat("SELECT 1 FROM `", plan.table(), "` WHERE INSTR(`", items->name(), "`, ?) > 0 LIMIT 1");
  }
  for (const std::string& collection : reference.collections) {
    const TablePlan* target = FindByCollection(collection);
    if (target != nullptr) {
      referrers_[target].push_back({&plan, reference.field, items, sql});
    } else if (!IsDirectoryCollection(collection)) {
      problems->push_back(absl::StrCat(reference.field->full_name(), " refers to the unknown collection ", collection));
    }
  }
}

bool Registry::HasCells() const {
  return std::any_of(plans_.begin(), plans_.end(), [](const TablePlan* plan) { return plan->HasCells(); });
}

void Registry::UseVault(const personal::Vault* vault) {
  for (const auto& plan : owned_) plan->UseVault(vault);
}

const TablePlan* Registry::FindByCollection(absl::string_view collection) const {
  const auto it = by_collection_.find(collection);
  return it == by_collection_.end() ? nullptr : it->second;
}

const TablePlan* Registry::FindByMessage(const Descriptor* descriptor) const {
  const auto it = by_message_.find(descriptor);
  return it == by_message_.end() ? nullptr : it->second;
}

const TablePlan* Registry::FindByName(absl::string_view name) const {
  return FindByCollection(name.substr(0, name.find('/')));
}

const std::vector<RollupPlan>& Registry::RollupsOf(const TablePlan& plan) const {
  static const auto* const kNone = new std::vector<RollupPlan>();
  const auto it = rollups_.find(&plan);
  return it == rollups_.end() ? *kNone : it->second;
}

const std::vector<Registry::Referrer>& Registry::ReferrersOf(const TablePlan& plan) const {
  static const auto* const kNone = new std::vector<Referrer>();
  const auto it = referrers_.find(&plan);
  return it == referrers_.end() ? *kNone : it->second;
}

}  // namespace jiedui::resource
