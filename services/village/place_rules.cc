// Safe villages, culture, assistance actions, inspections and appraisals, models and publicity.

#include <algorithm>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/action.pb.h"
#include "jiedui/village/v1/culture.pb.h"
#include "jiedui/village/v1/exchange.pb.h"
#include "jiedui/village/v1/inspection.pb.h"
#include "jiedui/village/v1/safety.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;

// Of what lasts from start_date to end_date.
template <typename Lasting>
class PeriodPolicy final : public store::PolicyOf<Lasting> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const Lasting* /*before*/, const Lasting& after,
                                Violations& violations) const override {
    CheckPeriod(work, {after.start_date(), after.end_date()}, violations);
    return absl::OkStatus();
  }
};

// Of what happened on held_date, in a year that must be open.
template <typename Event>
class EventPolicy final : public store::PolicyOf<Event> {
 public:
  void PrepareResource(const Event* /*before*/, Event* event) const override {
    event->set_year(YearOf(event->held_date()));
  }
  absl::Status ValidateResource(UnitOfWork& work, const Event* /*before*/, const Event& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    return absl::OkStatus();
  }
};

// Of what was published.
template <typename Publication>
class PublicationPolicy final : public store::PolicyOf<Publication> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const Publication* /*before*/, const Publication& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"published_date", after.published_date()}}, violations);
    return absl::OkStatus();
  }
};

class TraditionPolicy final : public store::PolicyOf<v1::Tradition> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::Tradition* /*before*/, const v1::Tradition& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"listed_date", after.listed_date()}}, violations);
    return absl::OkStatus();
  }
};

class DisputePolicy final : public store::PolicyOf<v1::Dispute> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::Dispute* /*before*/, const v1::Dispute& after,
                                Violations& violations) const override {
    CheckHappened(work.today(),
                  {{"raised_date", after.raised_date()},
                   {"mediated_date", after.mediated_date()},
                   {"settled_date", after.settled_date()}},
                  violations);
    CheckDateOrder({{"raised_date", after.raised_date()},
                    {"mediated_date", after.mediated_date()},
                    {"settled_date", after.settled_date()}},
                   false, violations);
    if ((after.outcome() == v1::DISPUTE_OUTCOME_UNSPECIFIED) != after.settled_date().empty()) {
      violations.Add("outcome", error::v1::REASON_RULE,
                     {"is set exactly when settled_date is", "处理结果与办结日期须同时填写"});
    }
    if (!after.mediated_date().empty() && after.mediation() == v1::MEDIATION_KIND_UNSPECIFIED) {
      violations.Add("mediation", error::v1::REASON_RULE,
                     {"is set once mediation has begun", "已受理的须填写调解方式"});
    }
    return absl::OkStatus();
  }
};

class TaskPolicy final : public store::PolicyOf<v1::ActionTask> {
 public:
  void PrepareResource(const v1::ActionTask* /*before*/, v1::ActionTask* task) const override {
    task->set_milestone_count(task->timetable_size());
    int64_t done = 0;
    std::string next, deadline, last_done;
    for (const v1::ActionMilestone& milestone : task->timetable()) {
      deadline = std::max(deadline, milestone.due_date());
      if (milestone.done_date().empty()) {
        next = next.empty() ? milestone.due_date() : std::min(next, milestone.due_date());
      } else {
        ++done;
        last_done = std::max(last_done, milestone.done_date());
      }
    }
    task->set_done_count(done);
    task->set_next_due_date(next);
    task->set_deadline(deadline);
    task->set_done_date(done == task->timetable_size() ? last_done : "");
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::ActionTask* /*before*/, const v1::ActionTask& after,
                                Violations& violations) const override {
    for (int i = 0; i < after.timetable_size(); ++i) {
      const std::string field = absl::StrCat("timetable[", i, "].done_date");
      CheckHappened(work.today(), {{field.c_str(), after.timetable(i).done_date()}}, violations);
      if (i > 0 && after.timetable(i).due_date() < after.timetable(i - 1).due_date()) {
        violations.Add(absl::StrCat("timetable[", i, "].due_date"), error::v1::REASON_RULE,
                       {"must not be before that of the step before", "不得早于上一节点的完成期限"});
      }
    }
    return absl::OkStatus();
  }
};

class InspectionPolicy final : public store::PolicyOf<v1::Inspection> {
 public:
  void PrepareResource(const v1::Inspection* /*before*/, v1::Inspection* inspection) const override {
    inspection->set_year(YearOf(inspection->held_date()));
    inspection->set_finding_count(inspection->findings_size());
    int64_t open = 0;
    std::string next;
    for (const v1::InspectionFinding& finding : inspection->findings()) {
      if (!finding.rectified_date().empty()) continue;
      ++open;
      if (!finding.due_date().empty()) next = next.empty() ? finding.due_date() : std::min(next, finding.due_date());
    }
    inspection->set_open_count(open);
    inspection->set_next_due_date(next);
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::Inspection* /*before*/, const v1::Inspection& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    std::set<int> methods;
    for (int i = 0; i < after.methods_size(); ++i) {
      if (!methods.insert(after.methods(i).method()).second) {
        violations.Add(absl::StrCat("methods[", i, "].method"), error::v1::REASON_RULE,
                       {"is named more than once", "重复填写"});
      }
    }
    for (int i = 0; i < after.findings_size(); ++i) {
      const v1::InspectionFinding& finding = after.findings(i);
      const std::string rectified = absl::StrCat("findings[", i, "].rectified_date");
      CheckHappened(work.today(), {{rectified.c_str(), finding.rectified_date()}}, violations);
      for (const auto& [field, date] : {std::pair<const char*, const std::string&>("due_date", finding.due_date()),
                                        {"rectified_date", finding.rectified_date()}}) {
        if (date.empty() || date >= after.held_date()) continue;
        violations.Add(absl::StrCat("findings[", i, "].", field), error::v1::REASON_RULE,
                       {"must not be before the inspection", "不得早于督查日期"});
      }
    }
    return absl::OkStatus();
  }
};

class AppraisalPolicy final : public store::PolicyOf<v1::Appraisal> {
 public:
  void PrepareResource(const v1::Appraisal* /*before*/, v1::Appraisal* appraisal) const override {
    int64_t total = 0;
    for (const v1::AppraisalScore& score : appraisal->scores()) total += score.points_centi();
    appraisal->set_total_centi(total);
  }
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::Appraisal* /*before*/, const v1::Appraisal& after,
                                Violations& violations) const override {
    std::set<std::string> titles;
    for (int i = 0; i < after.scores_size(); ++i) {
      if (!titles.insert(after.scores(i).title()).second) {
        violations.Add(absl::StrCat("scores[", i, "].title"), error::v1::REASON_RULE,
                       {"is named more than once", "重复填写"});
      }
    }
    return absl::OkStatus();
  }
};

class VisitPolicy final : public store::PolicyOf<v1::MutualVisit> {
 public:
  void PrepareResource(const v1::MutualVisit* /*before*/, v1::MutualVisit* visit) const override {
    visit->set_year(YearOf(visit->held_date()));
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::MutualVisit* /*before*/, const v1::MutualVisit& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    if (!after.host().empty() && after.host() == after.guest()) {
      violations.Add("guest", error::v1::REASON_RULE, {"must not be the host itself", "来访方不能与接待方相同"});
    }
    return absl::OkStatus();
  }
};

// Rank is 1 + the number of those with more points: equal points share a rank. Divisions are ranked among those of their level.
absl::Status Rank(sql::Transaction& transaction, const v1::RankAppraisalsRequest& request, int32_t most,
                  v1::RankAppraisalsResponse* response) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare("SELECT id, subject, total_centi, grade FROM appraisal WHERE year = ? AND "
                          "subject > ? AND subject < ? AND (? = 0 OR SUBSTR(subject, 11) IN (SELECT id "
                          "FROM division WHERE level = ?)) ORDER BY total_centi DESC, subject"));
  const std::string first = absl::StrCat(request.collection(), "/");
  const std::string end = absl::StrCat(request.collection(), "0");  // '0' follows '/'
  row->BindInt(0, request.year());
  row->BindText(1, first);
  row->BindText(2, end);
  row->BindInt(3, request.level());
  row->BindInt(4, request.level());
  int64_t place = 0;
  int32_t rank = 0;
  int64_t points = 0;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) break;
    if (++place == 1 || row->Int(2) != points) rank = static_cast<int32_t>(place);
    points = row->Int(2);
    if (place > most) continue;
    v1::RankedAppraisal* ranked = response->add_ranks();
    ranked->set_rank(rank);
    ranked->set_appraisal(absl::StrCat("appraisals/", row->Text(0)));
    ranked->set_subject(std::string(row->Text(1)));
    ranked->set_total_centi(points);
    ranked->set_grade(static_cast<v1::AppraisalGrade>(row->Int(3)));
  }
  response->set_total_count(place);
  return absl::OkStatus();
}

store::ReadHandler RankAppraisalsHandler(const store::Engine& /*engine*/) {
  return [](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
            Message* response) -> absl::Status {
    const auto& typed = static_cast<const v1::RankAppraisalsRequest&>(request);
    Violations violations;
    constexpr absl::string_view kCollections[] = {"assistanceUnits", "residentTeams", "divisions", "cadres"};
    if (std::find(std::begin(kCollections), std::end(kCollections), typed.collection()) == std::end(kCollections)) {
      violations.Add("collection", error::v1::REASON_RULE,
                     {"must be assistanceUnits, residentTeams, divisions or cadres",
                      "应为 assistanceUnits、residentTeams、divisions 或 cadres"});
    }
    if ((typed.collection() == "divisions") == (typed.level() == v1::DIVISION_LEVEL_UNSPECIFIED)) {
      violations.Add("level", error::v1::REASON_RULE,
                     {"is set exactly for divisions, which are ranked among those of their level",
                      "考核对象为区划时须填写层级，其他不填"});
    }
    if (typed.page_size() < 0 || typed.page_size() > 1000) {
      violations.Add("page_size", error::v1::REASON_RANGE, {"must be from 0 to 1000", "须在0至1000之间"});
    }
    JIEDUI_RETURN_IF_ERROR(violations.ToStatus());
    return Rank(transaction, typed, typed.page_size() == 0 ? 100 : typed.page_size(),
                static_cast<v1::RankAppraisalsResponse*>(response));
  };
}

}  // namespace

void AddPlaceRules(service::Definition& definition) {
  for (const char* service :
       {"SafetyService", "CultureService", "ActionService", "InspectionService", "ExchangeService"}) {
    definition.services.push_back(absl::StrCat("jiedui.village.v1.", service));
  }
  definition.policies["disputes"] = std::make_unique<DisputePolicy>();
  definition.policies["patrolTeams"] = std::make_unique<PeriodPolicy<v1::PatrolTeam>>();
  definition.policies["defenceMeasures"] = std::make_unique<PeriodPolicy<v1::DefenceMeasure>>();
  definition.policies["lawPublicities"] = std::make_unique<EventPolicy<v1::LawPublicity>>();
  definition.policies["cultureFacilities"] = std::make_unique<PeriodPolicy<v1::CultureFacility>>();
  definition.policies["traditions"] = std::make_unique<TraditionPolicy>();
  definition.policies["experienceReports"] = std::make_unique<PublicationPolicy<v1::ExperienceReport>>();
  definition.policies["mediaItems"] = std::make_unique<PublicationPolicy<v1::MediaItem>>();
  definition.policies["cultureTeams"] = std::make_unique<PeriodPolicy<v1::CultureTeam>>();
  definition.policies["actionTasks"] = std::make_unique<TaskPolicy>();
  definition.policies["inspections"] = std::make_unique<InspectionPolicy>();
  definition.policies["appraisals"] = std::make_unique<AppraisalPolicy>();
  definition.policies["modelVillages"] = std::make_unique<PeriodPolicy<v1::ModelVillage>>();
  definition.policies["mutualVisits"] = std::make_unique<VisitPolicy>();
  definition.reads.emplace_back("jiedui.village.v1.InspectionService/RankAppraisals", RankAppraisalsHandler);
}

}  // namespace jiedui::village
