#include "services/gateway/target_store.h"

#include <algorithm>
#include <utility>

#include "common/server/log.h"
#include "common/status/macros.h"

namespace jiedui::gateway {
namespace {

absl::StatusOr<TargetVersions> ReadVersions(sql::Transaction& transaction) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          transaction.Prepare("SELECT id, revision, update_time FROM target ORDER BY id"));
  TargetVersions versions;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return versions;
    versions.emplace_back(std::string(row->Text(0)), row->Int(1), row->Int(2));
  }
}

// A target stays on the scorecard although its measures are gone: without figures.
std::shared_ptr<const CompiledTarget> CompileOrKeep(const v1::Target& target, const Catalog& catalog) {
  Violations violations;
  std::shared_ptr<const CompiledTarget> compiled = CompileTarget(target, catalog, violations);
  if (compiled != nullptr) return compiled;
  server::LogEvent("WARNING", "target.unusable", {{"target", target.name()}});
  auto kept = std::make_shared<CompiledTarget>();
  kept->target = target;
  return kept;
}

bool IsBefore(const std::shared_ptr<const CompiledTarget>& a, const std::shared_ptr<const CompiledTarget>& b) {
  return std::make_tuple(a->target.position(), std::cref(a->target.name())) <
         std::make_tuple(b->target.position(), std::cref(b->target.name()));
}

}  // namespace

std::shared_ptr<const CompiledTarget> TargetSet::Find(absl::string_view name) const {
  for (const auto& [year, targets] : years) {
    for (const auto& target : targets) {
      if (target->target.name() == name) return target;
    }
  }
  return nullptr;
}

void TargetStore::Read(absl::Time deadline, Done done) {
  const int64_t commits = database_->stats().commits;
  if (database_->dialect() == sql::Dialect::kSqlite) {
    std::shared_ptr<const TargetSet> unchanged;
    {
      absl::ReaderMutexLock lock(&mutex_);
      if (last_commits_ == commits) unchanged = last_;
    }
    if (unchanged != nullptr) return done(std::move(unchanged));
  }
  if (database_->reads_inline()) {
    absl::StatusOr<std::shared_ptr<const TargetSet>> result;
    const absl::Status status = database_->ReadHere([&](sql::Transaction& transaction) {
      result = ReadIn(transaction, commits);
      return result.status();
    });
    if (!status.ok()) result = status;
    return done(std::move(result));
  }
  auto result = std::make_shared<std::shared_ptr<const TargetSet>>();
  database_->Read(
      deadline,
      [this, result, commits](sql::Transaction& transaction) -> absl::Status {
        JIEDUI_ASSIGN_OR_RETURN(*result, ReadIn(transaction, commits));
        return absl::OkStatus();
      },
      [result, done = std::move(done)](absl::Status status) mutable {
        if (!status.ok()) return done(std::move(status));
        done(std::move(*result));
      });
}

absl::StatusOr<std::shared_ptr<const TargetSet>> TargetStore::ReadIn(sql::Transaction& transaction, int64_t commits) {
  auto now = std::make_shared<TargetSet>();
  JIEDUI_ASSIGN_OR_RETURN(now->versions, ReadVersions(transaction));
  {
    absl::MutexLock lock(&mutex_);
    if (last_->versions == now->versions) {
      last_commits_ = commits;
      return last_;
    }
  }
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, transaction.Prepare(plan_->select_sql()));
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) break;
    v1::Target target;
    resource::RowVersion version;
    JIEDUI_RETURN_IF_ERROR(plan_->ReadRow(*row, &target, &version));
    now->years[target.year()].push_back(CompileOrKeep(target, *catalog_));
  }
  for (auto& [year, targets] : now->years) std::sort(targets.begin(), targets.end(), IsBefore);
  absl::MutexLock lock(&mutex_);
  last_ = now;
  last_commits_ = commits;
  return now;
}

}  // namespace jiedui::gateway
