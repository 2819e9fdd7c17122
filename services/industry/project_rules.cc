#include "services/industry/project_rules.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/resource/table_plan.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "common/store/places.h"
#include "common/store/policy.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/project.pb.h"
#include "services/industry/fund_allocations.h"

namespace jiedui::industry {
namespace {

using google::protobuf::Message;
using store::UnitOfWork;

constexpr int64_t kWhole = 1'000'000;

v1::ProjectState StateOf(const v1::IndustryProject& project) {
  if (!project.cancelled_date().empty()) return v1::PROJECT_STATE_CANCELLED;
  if (!project.operating_date().empty()) return v1::PROJECT_STATE_OPERATING;
  if (!project.completed_date().empty()) return v1::PROJECT_STATE_COMPLETED;
  if (!project.started_date().empty()) return v1::PROJECT_STATE_STARTED;
  if (!project.approved_date().empty()) return v1::PROJECT_STATE_APPROVED;
  return v1::PROJECT_STATE_PLANNED;
}

void CheckParticipants(const v1::IndustryProject& project, Violations& violations) {
  if (project.mode() == v1::PROJECT_MODE_VILLAGE) {
    if (project.participants_size() > 0) {
      violations.Add("participants", error::v1::REASON_RULE,
                     {"a project of one village has no participants", "单村项目不填参与村"});
    }
    return;
  }
  if (project.mode() != v1::PROJECT_MODE_BUNDLED) return;
  int64_t sum = 0;
  absl::flat_hash_set<std::string> villages;
  for (int i = 0; i < project.participants_size(); ++i) {
    // A share out of range is reported by the engine, and must not overflow here.
    sum += std::clamp<int64_t>(project.participants(i).share_ppm(), 0, kWhole);
    if (!villages.insert(project.participants(i).village()).second) {
      violations.Add(absl::StrCat("participants[", i, "].village"), error::v1::REASON_DUPLICATE,
                     {"takes part twice", "参与村重复"});
    }
  }
  if (project.participants_size() < 2 || sum != kWhole) {
    violations.Add(
        "participants", error::v1::REASON_RULE,
        {absl::StrCat("a bundled project has at least 2 villages whose shares add up to ", kWhole, ", not ", sum),
         absl::StrCat("打捆项目至少有2个参与村，份额之和须为", kWhole, "，现为", sum)});
  }
}

// Evidence is of something that has happened, and whatever is built is shown by some.
void CheckEvidence(const v1::IndustryProject& project, Violations& violations) {
  struct Evidence {
    const char* field;
    const std::string& evidence;
    const std::string& date;
    bool required;
  };
  for (const Evidence& each :
       {Evidence{"approval_document", project.approval_document(), project.approved_date(), false},
        Evidence{"start_evidence", project.start_evidence(), project.started_date(), true},
        Evidence{"completion_evidence", project.completion_evidence(), project.completed_date(), true}}) {
    if (!each.evidence.empty() && each.date.empty()) {
      violations.Add(each.field, error::v1::REASON_RULE,
                     {"is set together with its date only", "须与相应日期同时填写"});
    } else if (each.required && each.evidence.empty() && !each.date.empty()) {
      violations.Add(each.field, error::v1::REASON_REQUIRED, {"must be set with its date", "填写日期时须填写佐证"});
    }
  }
}

void CheckDates(const std::string& today, const v1::IndustryProject& project, Violations& violations) {
  store::CheckDateOrder({{"planned_date", project.planned_date()},
                         {"approved_date", project.approved_date()},
                         {"started_date", project.started_date()},
                         {"completed_date", project.completed_date()},
                         {"operating_date", project.operating_date()}},
                        true, violations);
  store::CheckHappened(today,
                       {{"approved_date", project.approved_date()},
                        {"started_date", project.started_date()},
                        {"completed_date", project.completed_date()},
                        {"operating_date", project.operating_date()},
                        {"cancelled_date", project.cancelled_date()}},
                       violations);
}

void CheckCancellation(const v1::IndustryProject* before, const v1::IndustryProject& after, Violations& violations) {
  if (after.cancelled_date().empty() != after.cancel_reason().empty()) {
    violations.Add("cancel_reason", error::v1::REASON_RULE,
                   {"is set together with cancelled_date", "取消日期与取消原因须同时填写"});
  }
  const std::string latest = std::max({after.planned_date(), after.approved_date(), after.started_date()});
  if (!after.cancelled_date().empty() && after.cancelled_date() < latest) {
    violations.Add("cancelled_date", error::v1::REASON_RULE,
                   {"must not be before what was done", "不得早于谋划、批复和动工日期"});
  }
  if (!after.cancelled_date().empty() && !after.completed_date().empty()) {
    violations.Add("cancelled_date", error::v1::REASON_RULE,
                   {"a completed project cannot be cancelled", "已完成的项目不能取消"});
  }
  if (before != nullptr && !before->cancelled_date().empty() && after.cancelled_date().empty()) {
    violations.Add("cancelled_date", error::v1::REASON_STATE,
                   {"a cancelled project stays cancelled: record another", "已取消的项目不可恢复，请另行登记"});
  }
}

bool TakesPart(const v1::IndustryProject& project, const std::string& village) {
  return std::any_of(project.participants().begin(), project.participants().end(),
                     [&village](const v1::ProjectParticipant& each) { return each.village() == village; });
}

// Where the project lies. What was right stays so when a village moves to another township: only what is new is judged.
void CheckPlaces(UnitOfWork& work, const v1::IndustryProject* before, const v1::IndustryProject& after,
                 Violations& violations) {
  const bool at_village = absl::StartsWith(after.site(), "villages/");
  if (!after.site().empty() && after.mode() != v1::PROJECT_MODE_UNSPECIFIED &&
      at_village != (after.mode() == v1::PROJECT_MODE_VILLAGE)) {
    violations.Add("site", error::v1::REASON_RULE,
                   {"is the village of a project of one village, and the township of a bundled one",
                    "单村项目填村，打捆项目填镇(乡)"});
    return;
  }
  if (after.mode() != v1::PROJECT_MODE_BUNDLED) return;
  const bool moved = before == nullptr || before->site() != after.site();
  if (moved) {
    store::CheckDivisionLevel(work, "site", after.site(), village::v1::DIVISION_LEVEL_TOWNSHIP, violations);
  }
  for (int i = 0; i < after.participants_size(); ++i) {
    const std::string& village = after.participants(i).village();
    if (!moved && TakesPart(*before, village)) continue;
    store::CheckWithin(work, absl::StrCat("participants[", i, "].village"), village, after.site(), violations);
  }
}

// A project that has reports has started before the first of them, and was not cancelled before the last.
absl::Status CheckReports(UnitOfWork& work, const v1::IndustryProject& after, Violations& violations) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT COUNT(*), COALESCE(MIN(report_date), ''), COALESCE(MAX(report_date), '') "
                                 "FROM project_report WHERE project = ?"));
  row->BindText(0, after.name());
  JIEDUI_RETURN_IF_ERROR(row->Step().status());
  if (row->Int(0) == 0) return absl::OkStatus();
  const auto add = [&violations](const char* field, absl::string_view date) {
    violations.Add(field, error::v1::REASON_RULE,
                   {absl::StrCat("there is a report of ", date), absl::StrCat("已有", date, "的进展报告")});
  };
  if (after.started_date().empty() || after.started_date() > row->Text(1)) add("started_date", row->Text(1));
  if (!after.cancelled_date().empty() && after.cancelled_date() < row->Text(2)) add("cancelled_date", row->Text(2));
  return absl::OkStatus();
}

class ProjectPolicy final : public store::PolicyOf<v1::IndustryProject> {
 public:
  void PrepareResource(const v1::IndustryProject* /*before*/, v1::IndustryProject* project) const override {
    project->set_state(StateOf(*project));
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::IndustryProject* before, const v1::IndustryProject& after,
                                Violations& violations) const override {
    CheckDates(work.today(), after, violations);
    CheckParticipants(after, violations);
    CheckEvidence(after, violations);
    CheckCancellation(before, after, violations);
    CheckPlaces(work, before, after, violations);
    if (before == nullptr) return absl::OkStatus();
    if (before->started_date() != after.started_date() || before->cancelled_date() != after.cancelled_date()) {
      JIEDUI_RETURN_IF_ERROR(CheckReports(work, after, violations));
    }
    if (before->site() == after.site()) return absl::OkStatus();
    return CheckAllocationsCover(work, after.name(), after.site(), violations);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (before == nullptr || after == nullptr) return absl::OkStatus();
    const auto& project = static_cast<const v1::IndustryProject&>(*after);
    const bool cancels = project.state() == v1::PROJECT_STATE_CANCELLED &&
                         static_cast<const v1::IndustryProject&>(*before).state() != v1::PROJECT_STATE_CANCELLED;
    return cancels ? FreezeAllocations(work, project.name()) : absl::OkStatus();
  }

  // Allocations name projects of other programs too, so the engine does not see this reference.
  absl::Status ValidateDelete(UnitOfWork& work, const Message& before) const override {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT 1 FROM fund_allocation WHERE project = ? LIMIT 1"));
    row->BindText(0, static_cast<const v1::IndustryProject&>(before).name());
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) return absl::OkStatus();
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_REFERENCED,
                     {"money is allocated to the project", "项目已分配资金，不能删除"},
                     {{"collection", "fundAllocations"}});
  }
};

// The report next to `date` on one side: its progress, or `none` when there is none.
absl::StatusOr<int64_t> NextProgress(UnitOfWork& work, const v1::ProjectReport& report, bool before, int64_t none) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(
                              before ? "SELECT progress_ppm FROM project_report WHERE project = ? AND report_date < ? "
                                       "ORDER BY report_date DESC LIMIT 1"
                                     : "SELECT progress_ppm FROM project_report WHERE project = ? AND report_date > ? "
                                       "ORDER BY report_date LIMIT 1"));
  row->BindText(0, report.project());
  row->BindText(1, report.report_date());
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  return found ? row->Int(0) : none;
}

class ReportPolicy final : public store::PolicyOf<v1::ProjectReport> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ProjectReport* /*before*/, const v1::ProjectReport& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"report_date", after.report_date()}}, violations);
    v1::IndustryProject project;
    const resource::TablePlan* plan = work.engine().registry().FindByCollection("industryProjects");
    // Locked, so that two reports of one project come one after the other, and its dates do not change meanwhile.
    const absl::Status status = work.GetForUpdate(*plan, after.project(), &project);
    if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return absl::OkStatus();  // said by the engine
    JIEDUI_RETURN_IF_ERROR(status);
    if (!project.cancelled_date().empty() && after.report_date() > project.cancelled_date()) {
      violations.Add("report_date", error::v1::REASON_RULE, {"is after the project was cancelled", "晚于项目取消日期"});
    } else if (project.started_date().empty() || after.report_date() < project.started_date()) {
      violations.Add("report_date", error::v1::REASON_RULE, {"is before the project started", "早于项目动工日期"});
    }
    JIEDUI_ASSIGN_OR_RETURN(const int64_t least, NextProgress(work, after, true, 0));
    JIEDUI_ASSIGN_OR_RETURN(const int64_t most, NextProgress(work, after, false, kWhole));
    if (after.progress_ppm() < least || after.progress_ppm() > most) {
      violations.Add(
          "progress_ppm", error::v1::REASON_RULE,
          {absl::StrCat("must lie between ", least, " and ", most, ", the progress of the reports around it"),
           absl::StrCat("须介于前后两次报告的进度 ", least, " 与 ", most, " 之间")});
    }
    return absl::OkStatus();
  }
};

// The share of `village` in the project; 0 when it has none.
int64_t ShareOf(const std::string& village, const v1::IndustryProject& project) {
  if (project.site() == village) return kWhole;
  for (const v1::ProjectParticipant& each : project.participants()) {
    if (each.village() == village) return each.share_ppm();
  }
  return 0;
}

store::ReadHandler ListVillageProjects(const store::Engine& engine) {
  const resource::TablePlan* plan = engine.registry().FindByCollection("industryProjects");
  return [plan](RequestContext& /*context*/, sql::Transaction& transaction, const Message& request,
                Message* response) -> absl::Status {
    const auto& typed = static_cast<const v1::ListVillageProjectsRequest&>(request);
    absl::string_view id = typed.village();
    if (!absl::ConsumePrefix(&id, "villages/") || !resource::IsResourceId(id)) {
      Violations violations;
      violations.Add("village", error::v1::REASON_NAME, {"must be villages/{id}", "应为 villages/{标识}"});
      return violations.ToStatus();
    }
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        transaction.Prepare(absl::StrCat(plan->select_sql(),
                                         " WHERE site = ? OR (mode = ? AND INSTR(participants, ?) > 0) ORDER BY id")));
    const std::string quoted = absl::StrCat("\"", typed.village(), "\"");
    row->BindText(0, typed.village());
    row->BindInt(1, v1::PROJECT_MODE_BUNDLED);
    row->BindText(2, quoted);
    auto* answer = static_cast<v1::ListVillageProjectsResponse*>(response);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (!found) return absl::OkStatus();
      v1::IndustryProject project;
      resource::RowVersion version;
      JIEDUI_RETURN_IF_ERROR(plan->ReadRow(*row, &project, &version));
      const int64_t share = ShareOf(typed.village(), project);
      if (share == 0 || (typed.programme_year() != 0 && project.programme_year() != typed.programme_year())) continue;
      v1::VillageProject* out = answer->add_village_projects();
      out->set_share_ppm(share);
      out->set_budget_share_fen(static_cast<int64_t>(static_cast<__int128>(project.budget_fen()) * share / kWhole));
      *out->mutable_project() = std::move(project);
    }
  };
}

absl::Status CancelIndustryProject(UnitOfWork& work, const Message& request, Message* response) {
  const auto& typed = static_cast<const v1::CancelIndustryProjectRequest&>(request);
  auto* project = static_cast<v1::IndustryProject*>(response);
  const resource::TablePlan* plan = work.engine().registry().FindByCollection("industryProjects");
  JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(*plan, typed.name(), project));
  Violations violations;
  if (typed.cancelled_date().empty()) {
    violations.Add("cancelled_date", error::v1::REASON_REQUIRED, {"must be set", "必填"});
  }
  if (typed.cancel_reason().empty())
    violations.Add("cancel_reason", error::v1::REASON_REQUIRED, {"must be set", "必填"});
  if (!violations.empty()) return violations.ToStatus();
  if (project->state() >= v1::PROJECT_STATE_COMPLETED) {
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {"only a project that is planned, approved or started can be cancelled",
                      "只有谋划、批复、动工状态的项目可以取消"},
                     {{"state", v1::ProjectState_Name(project->state())}});
  }
  if (!typed.etag().empty()) project->set_etag(typed.etag());
  project->set_cancelled_date(typed.cancelled_date());
  project->set_cancel_reason(typed.cancel_reason());
  return work.Update(*plan, {"cancelled_date", "cancel_reason"}, project);
}

}  // namespace

void AddProjects(service::Definition& definition) {
  definition.services.emplace_back("jiedui.industry.v1.ProjectService");
  definition.writes.emplace_back("jiedui.industry.v1.ProjectService/CancelIndustryProject", CancelIndustryProject);
  definition.reads.emplace_back("jiedui.industry.v1.ProjectService/ListVillageProjects", ListVillageProjects);
  definition.policies["industryProjects"] = std::make_unique<ProjectPolicy>();
  definition.policies["projectReports"] = std::make_unique<ReportPolicy>();
}

}  // namespace jiedui::industry
