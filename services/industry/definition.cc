#include "services/industry/definition.h"

#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/income.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "services/industry/industry_data.h"
#include "services/industry/industry_migrations.h"

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
    sum += project.participants(i).share_ppm();
    if (!villages.insert(project.participants(i).village()).second) {
      violations.Add(absl::StrCat("participants[", i, "].village"), error::v1::REASON_DUPLICATE,
                     {"takes part twice", "参与村重复"});
    }
  }
  if (project.participants_size() < 2 || sum != kWhole) {
    violations.Add("participants", error::v1::REASON_RULE,
                   {absl::StrCat("a bundled project has at least 2 villages whose shares add up to ", kWhole, ", not ", sum),
                    absl::StrCat("打捆项目至少有2个参与村，份额之和须为", kWhole, "，现为", sum)});
  }
}

class ProjectPolicy final : public store::PolicyOf<v1::IndustryProject> {
 public:
  void PrepareResource(const v1::IndustryProject* /*before*/, v1::IndustryProject* project) const override {
    project->set_state(StateOf(*project));
  }

  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::IndustryProject* /*before*/,
                                const v1::IndustryProject& after, Violations& violations) const override {
    store::CheckDateOrder({{"planned_date", after.planned_date()},
                           {"approved_date", after.approved_date()},
                           {"started_date", after.started_date()},
                           {"completed_date", after.completed_date()},
                           {"operating_date", after.operating_date()}},
                          true, violations);
    CheckParticipants(after, violations);
    const bool at_village = absl::StartsWith(after.site(), "villages/");
    if (!after.site().empty() && after.mode() != v1::PROJECT_MODE_UNSPECIFIED &&
        at_village != (after.mode() == v1::PROJECT_MODE_VILLAGE)) {
      violations.Add("site", error::v1::REASON_RULE,
                     {"is the village of a project of one village, and the township of a bundled one",
                      "单村项目填村，打捆项目填镇(乡)"});
    }
    if (after.cancelled_date().empty() != after.cancel_reason().empty()) {
      violations.Add("cancel_reason", error::v1::REASON_RULE,
                     {"is set together with cancelled_date", "取消日期与取消原因须同时填写"});
    }
    if (!after.cancelled_date().empty() && !after.completed_date().empty()) {
      violations.Add("cancelled_date", error::v1::REASON_RULE, {"a completed project cannot be cancelled", "已完成的项目不能取消"});
    }
    return absl::OkStatus();
  }
};

class CollectiveIncomePolicy final : public store::PolicyOf<v1::CollectiveIncome> {
 public:
  void PrepareResource(const v1::CollectiveIncome* /*before*/, v1::CollectiveIncome* income) const override {
    // Five components of at most 10^15 fen each; values out of range are refused after this, so they must not overflow.
    const unsigned __int128 sum = static_cast<unsigned __int128>(static_cast<uint64_t>(income->operating_income_fen())) +
                                  static_cast<uint64_t>(income->contracting_income_fen()) +
                                  static_cast<uint64_t>(income->investment_income_fen()) +
                                  static_cast<uint64_t>(income->subsidy_income_fen()) +
                                  static_cast<uint64_t>(income->other_income_fen());
    income->set_total_income_fen(static_cast<int64_t>(sum));
  }
};

absl::Status CancelIndustryProject(UnitOfWork& work, const Message& request, Message* response) {
  const auto& typed = static_cast<const v1::CancelIndustryProjectRequest&>(request);
  auto* project = static_cast<v1::IndustryProject*>(response);
  const resource::TablePlan* plan = work.engine().registry().FindByCollection("industryProjects");
  JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(*plan, typed.name(), project));
  Violations violations;
  if (typed.cancelled_date().empty()) {
    violations.Add("cancelled_date", error::v1::REASON_REQUIRED, {"must be set", "必填"});
  }
  if (typed.cancel_reason().empty()) violations.Add("cancel_reason", error::v1::REASON_REQUIRED, {"must be set", "必填"});
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

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "industry";
  definition.services = {"jiedui.industry.v1.ProjectService", "jiedui.industry.v1.IncomeService"};
  definition.writes = {{"jiedui.industry.v1.ProjectService/CancelIndustryProject", CancelIndustryProject}};
  definition.policies["industryProjects"] = std::make_unique<ProjectPolicy>();
  definition.policies["collectiveIncomes"] = std::make_unique<CollectiveIncomePolicy>();
  definition.migrations.assign(IndustryMigrations().begin(), IndustryMigrations().end());
  definition.measures_json = IndustryData()[0].contents;
  return definition;
}

}  // namespace jiedui::industry
