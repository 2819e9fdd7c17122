#include "services/gateway/scorecard_service.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/page_token.h"
#include "services/gateway/evaluate.h"
#include "services/gateway/failing.h"
#include "services/gateway/small_cells.h"

namespace jiedui::gateway {
namespace {

using google::protobuf::Message;

constexpr char kService[] = "jiedui.gateway.v1.ScorecardService";
constexpr char kProgrammeVillages[] = "programme_villages";
constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 1000;
// A report over more places is computed on a thread of the executor.
constexpr int kManyPlaces = 50'000;
// How often the year may turn out to be another one while the services are asked.
constexpr int kMaxSteps = 3;

bool IsName(absl::string_view name, absl::string_view collection) {
  return absl::ConsumePrefix(&name, collection) && absl::ConsumePrefix(&name, "/") && resource::IsResourceId(name);
}

void CheckDivision(const std::string& division, Violations& violations) {
  if (division.empty() || IsName(division, "divisions") || IsName(division, "villages")) return;
  violations.Add("division", error::v1::REASON_NAME,
                 {"must be divisions/{id} or villages/{id}, or empty for the whole",
                  "应为 divisions/{标识} 或 villages/{标识}，为空表示全部"});
}

absl::Status NotFound(absl::string_view name) {
  return MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND,
                   {absl::StrCat(name, " does not exist"), absl::StrCat(name, " 不存在")},
                   {{"resource", std::string(name)}});
}

absl::StatusOr<int> LatestYear(const TargetSet& targets, const Snapshot& snapshot) {
  for (auto it = targets.years.rbegin(); it != targets.years.rend(); ++it) {
    const auto state = snapshot.years.find(it->first);
    const bool open = state != snapshot.years.end() && state->second == village::v1::YEAR_STATE_OPEN;
    // Which years are open is not known before the directory is.
    if (open || snapshot.directory_id.empty()) return it->first;
  }
  return MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND,
                   {"no open year has targets: name a year", "没有已设目标的开放年度，请指定年度"});
}

// The places of a division; none while the directory was never seen. NOT_FOUND.
absl::StatusOr<Range> RangeOf(const std::string& division, const Snapshot& snapshot) {
  const Places& places = *snapshot.places;
  if (division.empty()) return Range{0, places.size()};
  const int index = places.Find(division);
  if (index >= 0) return Range{index, places[index].end};
  if (snapshot.directory_id.empty()) return Range{0, 0};
  return NotFound(division);
}

int64_t CountVillages(const Catalog& catalog, const Snapshot& snapshot, int year, Range range) {
  const int measure = catalog.IndexOf(kProgrammeVillages);
  const Column* column = measure < 0 ? nullptr : snapshot.ColumnOf(catalog.measures()[measure], year);
  if (column == nullptr) return 0;
  int64_t count = 0;
  for (int i = range.begin; i < range.end; ++i) count += (*column)[i];
  return count;
}

// The worst freshness of the services that a target's figures come from.
v1::Freshness FreshnessOf(const CompiledTarget& target, const Freshnesses& services) {
  v1::Freshness worst = v1::FRESHNESS_FRESH;
  for (const int service : target.services) worst = std::max(worst, services[service]);
  return worst;
}

std::string TokenIdentity(const v1::ListFailingVillagesRequest& request) {
  return absl::StrCat("ListFailingVillages ", request.target(), " ", request.division());
}

absl::StatusOr<std::optional<FailingKey>> ParseToken(const v1::ListFailingVillagesRequest& request,
                                                     absl::string_view key) {
  if (request.page_token().empty()) return std::nullopt;
  JIEDUI_ASSIGN_OR_RETURN(const auto values, store::DecodePageToken(request.page_token(), TokenIdentity(request), key));
  return FailingKey{std::get<int64_t>(values[0]) != 0, std::get<int64_t>(values[1]), std::get<std::string>(values[2]),
                    std::get<std::string>(values[3])};
}

std::string MakeToken(const v1::ListFailingVillagesRequest& request, const FailingKey& last, absl::string_view key) {
  const auto& [unreported, distance, code, name] = last;
  return store::EncodePageToken({int64_t{unreported}, distance, code, name}, TokenIdentity(request), key);
}

}  // namespace

v1::SourceState ScorecardService::Basis::StateOfSource(int service) const {
  return StateOf(service, statuses[service], *snapshot, year, times);
}

void ScorecardService::Basis::AddStates(google::protobuf::RepeatedPtrField<v1::SourceState>* states) const {
  for (int service = 0; service < kServiceCount; ++service) *states->Add() = StateOfSource(service);
}

Freshnesses ScorecardService::Basis::SourceFreshnesses() const {
  Freshnesses all;
  for (int service = 0; service < kServiceCount; ++service) all[service] = StateOfSource(service).freshness();
  return all;
}

// A call on its way through the steps.
struct ScorecardService::Call {
  std::string division;
  ChooseYear choose;
  Compute compute;
  server::Done done;
  absl::Time wait_until;
  Basis basis;
  int steps = 0;
};

absl::Status ScorecardService::AddMethods(server::MethodTable& table) {
  JIEDUI_RETURN_IF_ERROR(table.AddService(kService));
  JIEDUI_RETURN_IF_ERROR(
      table.AddUnary(absl::StrCat(kService, "/GetScorecard"),
                     [this](RequestContext& context, const Message& request, Message* response, server::Done done) {
                       GetScorecard(context, static_cast<const v1::GetScorecardRequest&>(request),
                                    static_cast<v1::Scorecard*>(response), std::move(done));
                     }));
  return table.AddUnary(absl::StrCat(kService, "/ListFailingVillages"),
                        [this](RequestContext& context, const Message& request, Message* response, server::Done done) {
                          ListFailingVillages(context, static_cast<const v1::ListFailingVillagesRequest&>(request),
                                              static_cast<v1::ListFailingVillagesResponse*>(response), std::move(done));
                        });
}

void ScorecardService::GetScorecard(RequestContext& context, const v1::GetScorecardRequest& request,
                                    v1::Scorecard* response, server::Done done) {
  Violations violations;
  CheckDivision(request.division(), violations);
  if (request.year() < 0) violations.Add("year", error::v1::REASON_RANGE, {"must not be negative", "不得为负数"});
  if (!violations.empty()) return done(violations.ToStatus());
  const auto choose = [year = request.year()](const TargetSet& targets,
                                              const Snapshot& snapshot) -> absl::StatusOr<int> {
    if (year == 0) return LatestYear(targets, snapshot);
    if (targets.years.count(year) > 0) return year;
    return MakeError(absl::StatusCode::kNotFound, error::v1::REASON_NOT_FOUND,
                     {absl::StrCat("the year ", year, " has no targets"), absl::StrCat(year, "年度未设目标")});
  };
  const auto compute = [this, &context, &request, response](const Basis& basis) {
    return FillScorecard(context.principal, request, basis, response);
  };
  Answer(context, request.division(), choose, compute, std::move(done));
}

void ScorecardService::ListFailingVillages(RequestContext& context, const v1::ListFailingVillagesRequest& request,
                                           v1::ListFailingVillagesResponse* response, server::Done done) {
  Violations violations;
  if (!IsName(request.target(), "targets")) {
    violations.Add("target", error::v1::REASON_NAME, {"must be targets/{id}", "应为 targets/{标识}"});
  }
  CheckDivision(request.division(), violations);
  if (request.page_size() < 0)
    violations.Add("page_size", error::v1::REASON_RANGE, {"must not be negative", "不得为负数"});
  if (!violations.empty()) return done(violations.ToStatus());
  const auto choose = [&request](const TargetSet& targets, const Snapshot&) -> absl::StatusOr<int> {
    const auto target = targets.Find(request.target());
    if (target == nullptr) return NotFound(request.target());
    return target->target.year();
  };
  const auto compute = [this, &context, &request, response](const Basis& basis) {
    return FillFailing(context.principal, request, basis, response);
  };
  Answer(context, request.division(), choose, compute, std::move(done));
}

void ScorecardService::Answer(RequestContext& context, std::string division, ChooseYear choose, Compute compute,
                              server::Done done) {
  auto call = std::make_shared<Call>();
  call->division = std::move(division);
  call->choose = std::move(choose);
  call->compute = std::move(compute);
  call->done = std::move(done);
  const absl::Time now = parts_.executor->Now();
  call->wait_until = now + std::min(parts_.max_wait, (context.deadline - now) * 4 / 5);
  parts_.targets->Read(context.deadline, [this, call](absl::StatusOr<std::shared_ptr<const TargetSet>> targets) {
    if (!targets.ok()) return call->done(targets.status());
    call->basis.targets = *std::move(targets);
    Step(call);
  });
}

void ScorecardService::Step(std::shared_ptr<Call> call) {
  const absl::StatusOr<int> year = call->choose(*call->basis.targets, *parts_.cube->snapshot());
  // Which year is open may not be known yet: the directory says.
  if (!year.ok() && call->steps > 0) return call->done(year.status());
  if (year.ok() && (call->steps == kMaxSteps || *year == call->basis.year)) return Finish(std::move(call));
  ++call->steps;
  std::vector<int> years;
  if (year.ok()) {
    call->basis.year = *year;
    years = {*year};
    for (const auto& target : call->basis.targets->years.at(*year)) {
      if (target->target.kind() == v1::TARGET_KIND_GROWTH) years = {*year - 1, *year};
    }
  }
  parts_.sources->Sync(std::move(years), call->wait_until, [this, call](const SourceStatuses& statuses) {
    call->basis.statuses = statuses;
    Step(call);
  });
}

void ScorecardService::Finish(std::shared_ptr<Call> call) {
  call->basis.times = parts_.cube->times(call->basis.year);
  call->basis.snapshot = parts_.cube->SnapshotOf(call->basis.year);
  const absl::StatusOr<Range> range = RangeOf(call->division, *call->basis.snapshot);
  if (!range.ok()) return call->done(range.status());
  if (range->end - range->begin <= kManyPlaces) return call->done(call->compute(call->basis));
  parts_.executor->Run([call] { call->done(call->compute(call->basis)); });
}

absl::CivilDay ScorecardService::Today() const {
  return parts_.today.has_value() ? *parts_.today : DayOf(parts_.clock());
}

void ScorecardService::FillRows(const std::string& division, const Basis& basis, Range range,
                                const Freshnesses& freshnesses, absl::CivilDay today, v1::Scorecard& card) const {
  const Snapshot& snapshot = *basis.snapshot;
  const bool whole = division.empty() || (range.begin == 0 && range.end == snapshot.places->size() && range.end > 0);
  card.set_division(division);
  if (!division.empty() && range.begin < range.end) {
    card.set_display_name((*snapshot.places)[range.begin].display_name);
  }
  card.set_year(basis.year);
  card.set_village_count(CountVillages(*parts_.catalog, snapshot, basis.year, range));
  for (const auto& target : basis.targets->years.at(basis.year)) {
    const bool tracked = target->target.comparator() == v1::COMPARATOR_TRACKED;
    v1::ScorecardRow& row = *(tracked ? card.add_tracked_rows() : card.add_rows());
    row = EmptyRow(*target, whole);
    row.set_freshness(FreshnessOf(*target, freshnesses));
    for (const int service : target->services) row.add_sources(std::string(ServiceName(service)));
    if (row.freshness() == v1::FRESHNESS_MISSING) continue;
    const std::optional<Scan> scan = Scan::Create(*target, *parts_.catalog, snapshot, today);
    if (scan.has_value()) FillRow(*target, scan->Count(range), today, row);
  }
  card.set_unplaced_node_count(snapshot.UnplacedNodeCount(basis.year));
}

void ScorecardService::WithholdSmall(const Basis& basis, Range range, v1::Scorecard& card) const {
  const Snapshot& snapshot = *basis.snapshot;
  const int place = card.division().empty() ? -1 : range.begin;
  int row = 0, tracked_row = 0;
  for (const auto& target : basis.targets->years.at(basis.year)) {
    const bool tracked = target->target.comparator() == v1::COMPARATOR_TRACKED;
    v1::ScorecardRow* const each = tracked ? card.mutable_tracked_rows(tracked_row++) : card.mutable_rows(row++);
    if (!CountsPersons(*target, *parts_.catalog) || !each->has_numerator()) continue;
    const std::optional<Scan> scan = Scan::Create(*target, *parts_.catalog, snapshot, Today());
    if (!scan.has_value() || !IsWithheld(*target, *parts_.catalog, *scan, snapshot, place, parts_.small_cell)) continue;
    Withhold(*each);
  }
}

absl::Status ScorecardService::FillScorecard(const Principal& caller, const v1::GetScorecardRequest& request,
                                             const Basis& basis, v1::Scorecard* response) {
  const Snapshot& snapshot = *basis.snapshot;
  JIEDUI_ASSIGN_OR_RETURN(const Range range, RangeOf(request.division(), snapshot));
  const absl::CivilDay today = Today();
  const Freshnesses freshnesses = basis.SourceFreshnesses();
  RowsBasis rows_basis(basis.targets, snapshot, freshnesses, basis.year, today);
  std::shared_ptr<const v1::Scorecard> card = kept_.Find(request.division(), basis.year, rows_basis);
  if (card == nullptr) {
    auto computed = std::make_shared<v1::Scorecard>();
    FillRows(request.division(), basis, range, freshnesses, today, *computed);
    card = std::move(computed);
    kept_.Keep(request.division(), basis.year, std::move(rows_basis), card);
  }
  *response = *card;
  if (!caller.MaySeePersons() && range.begin < range.end) WithholdSmall(basis, range, *response);
  basis.AddStates(response->mutable_sources());
  const auto* as_of_time = response->GetDescriptor()->FindFieldByName("as_of_time");
  resource::SetTimestamp(response, as_of_time, absl::ToUnixMicros(parts_.clock()));
  return absl::OkStatus();
}

absl::Status ScorecardService::FillFailing(const Principal& caller, const v1::ListFailingVillagesRequest& request,
                                           const Basis& basis, v1::ListFailingVillagesResponse* response) const {
  const std::shared_ptr<const CompiledTarget> target = basis.targets->Find(request.target());
  if (target == nullptr) return NotFound(request.target());
  if (!target->counts_members) {
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {"only a share of villages, or a total of villages, has failing villages",
                      "只有按村计算占比或村数的目标才有未达标村"});
  }
  JIEDUI_ASSIGN_OR_RETURN(const std::optional<FailingKey> after, ParseToken(request, parts_.page_token_key));
  JIEDUI_ASSIGN_OR_RETURN(const Range range, RangeOf(request.division(), *basis.snapshot));
  const Freshnesses freshnesses = basis.SourceFreshnesses();
  const bool missing = FreshnessOf(*target, freshnesses) == v1::FRESHNESS_MISSING;
  const std::optional<Scan> scan = Scan::Create(*target, *parts_.catalog, *basis.snapshot, Today());
  if (missing || !scan.has_value()) {
    return MakeError(absl::StatusCode::kUnavailable, error::v1::REASON_UNAVAILABLE,
                     {"a service that the target's figures come from has not been seen, or does not count the year",
                      "目标所需数据的来源服务尚未连通，或未对该年度计数"});
  }
  const int size = request.page_size() == 0 ? kDefaultPageSize : std::min(request.page_size(), kMaxPageSize);
  IsHidden is_hidden;
  if (!caller.MaySeePersons()) {
    is_hidden = [this, &basis](int measure, int place, int64_t value) {
      return IsFew(*parts_.catalog, *basis.snapshot, basis.year, measure, place, value, parts_.small_cell);
    };
  }
  FailingPage page = ListFailing(*parts_.catalog, *scan, *basis.snapshot->places, range,
                                 after.has_value() ? &*after : nullptr, static_cast<size_t>(size), is_hidden);
  for (v1::FailingVillage& village : page.villages) *response->add_failing_villages() = std::move(village);
  if (page.has_more) response->set_next_page_token(MakeToken(request, page.keys.back(), parts_.page_token_key));
  response->set_failing_count(page.tally.population - page.tally.unreported - page.tally.passed);
  response->set_unreported_count(page.tally.unreported);
  const bool whole = request.division().empty() || (range.begin == 0 && range.end == basis.snapshot->places->size());
  if (whole || target->target.kind() == v1::TARGET_KIND_SHARE)
    response->set_needed_count(MembersNeeded(*target, page.tally));
  basis.AddStates(response->mutable_sources());
  return absl::OkStatus();
}

}  // namespace jiedui::gateway
