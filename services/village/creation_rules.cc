// Standards of five-good branches, civilised and safe villages, and how places stand against them.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/creation.pb.h"
#include "jiedui/village/v1/organisation.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using store::UnitOfWork;

// The standards of a kind by their first year, the latest first.
absl::StatusOr<std::vector<std::pair<int32_t, std::string>>> VersionsOf(UnitOfWork& work, v1::StandardKind kind,
                                                                        bool lock) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection("creationStandards");
  const bool locks = lock && work.transaction().dialect() == sql::Dialect::kMysql;
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare(
          absl::StrCat("SELECT first_year, id FROM creation_standard WHERE kind = ? ORDER BY first_year DESC, id",
                       locks ? " FOR UPDATE" : "")));
  row->BindInt(0, kind);
  std::vector<std::pair<int32_t, std::string>> versions;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return versions;
    versions.emplace_back(static_cast<int32_t>(row->Int(0)), plan.NameOf(row->Text(1)));
  }
}

// Name of the one that applies in the year; empty when none does.
std::string AppliesIn(int32_t year, const std::vector<std::pair<int32_t, std::string>>& versions) {
  for (const auto& [first_year, name] : versions) {
    if (first_year <= year) return name;
  }
  return "";
}

class StandardPolicy final : public store::PolicyOf<v1::CreationStandard> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::CreationStandard* before, const v1::CreationStandard& after,
                                Violations& violations) const override {
    std::set<std::string> codes;
    for (int i = 0; i < after.items_size(); ++i) {
      if (!codes.insert(after.items(i).code()).second) {
        violations.Add(absl::StrCat("items[", i, "].code"), error::v1::REASON_RULE, {"is used twice", "条目代码重复"});
      }
    }
    if (before == nullptr || before->first_year() != after.first_year()) {
      JIEDUI_RETURN_IF_ERROR(CheckYears(work, after, violations));
    }
    if (before == nullptr) return absl::OkStatus();
    std::set<std::string> codes_before;
    for (const v1::CreationItem& item : before->items()) codes_before.insert(item.code());
    if (codes == codes_before) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const auto assessments, NamesWhere(work, "creationAssessments", "standard", after.name()));
    if (!assessments.empty()) {
      violations.Add("items", error::v1::REASON_RULE,
                     {"places were assessed by them; make a new version instead", "已有评定使用该标准，请新建版本"});
    }
    return absl::OkStatus();
  }

 private:
  // Years that were assessed keep their version. An assessment locks its standard, so that one that is being written is seen.
  static absl::Status CheckYears(UnitOfWork& work, const v1::CreationStandard& standard, Violations& violations) {
    JIEDUI_ASSIGN_OR_RETURN(auto versions, VersionsOf(work, standard.kind(), true));
    versions.erase(std::remove_if(versions.begin(), versions.end(),
                                  [&standard](const auto& each) { return each.second == standard.name(); }),
                   versions.end());
    versions.emplace_back(standard.first_year(), standard.name());
    std::sort(versions.rbegin(), versions.rend());
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        work.transaction().Prepare("SELECT DISTINCT year, standard FROM creation_assessment WHERE kind = ?"));
    row->BindInt(0, standard.kind());
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return absl::OkStatus();
      const auto year = static_cast<int32_t>(row->Int(0));
      if (AppliesIn(year, versions) == row->Text(1)) continue;
      violations.Add("first_year", error::v1::REASON_RULE,
                     {absl::StrCat(year, " was assessed by ", row->Text(1)),
                      absl::StrCat(year, "年度已按 ", row->Text(1), " 评定")});
    }
  }
};

class AssessmentPolicy final : public store::PolicyOf<v1::CreationAssessment> {
 public:
  // The standard is locked, so that its items stay until the assessment is there.
  absl::Status DeriveResource(UnitOfWork& work, v1::CreationAssessment* assessment) const override {
    int64_t missing = 0;
    for (const v1::AssessedItem& item : assessment->items()) missing += item.met() ? 0 : 1;
    assessment->set_missing_count(missing);
    assessment->set_passed(missing == 0);
    v1::CreationStandard standard;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, assessment->standard(), &standard));
    assessment->set_kind(found ? standard.kind() : v1::STANDARD_KIND_UNSPECIFIED);
    assessment->clear_village();
    if (absl::StartsWith(assessment->subject(), "villages/")) assessment->set_village(assessment->subject());
    v1::PartyOrganisation organisation;
    JIEDUI_ASSIGN_OR_RETURN(const bool of_branch, ReadReferred(work, assessment->subject(), &organisation));
    if (of_branch) assessment->set_village(organisation.village());
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::CreationAssessment* before,
                                const v1::CreationAssessment& after, Violations& violations) const override {
    v1::CreationStandard standard;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.standard(), &standard));
    if (!found) return absl::OkStatus();
    if (before == nullptr) {
      JIEDUI_ASSIGN_OR_RETURN(const auto versions, VersionsOf(work, standard.kind(), false));
      const std::string applies = AppliesIn(after.year(), versions);
      if (applies != after.standard()) {
        violations.Add("standard", error::v1::REASON_RULE,
                       {absl::StrCat("does not apply in ", after.year(), applies.empty() ? "" : ", but ", applies),
                        absl::StrCat("不适用于", after.year(), "年度", applies.empty() ? "" : "，应为 ", applies)});
      }
    }
    const bool for_branches = standard.kind() == v1::STANDARD_KIND_FIVE_GOOD;
    if (!after.subject().empty() && for_branches != absl::StartsWith(after.subject(), "partyOrganisations/")) {
      violations.Add("subject", error::v1::REASON_RULE,
                     {"a five-good standard is for party organisations, every other one for villages",
                      "五好党支部标准用于党组织，其他标准用于村"});
    }
    CheckItems(standard, after, violations);
    return absl::OkStatus();
  }

 private:
  static void CheckItems(const v1::CreationStandard& standard, const v1::CreationAssessment& assessment,
                         Violations& violations) {
    std::set<std::string> wanted;
    for (const v1::CreationItem& item : standard.items()) wanted.insert(item.code());
    std::set<std::string> seen;
    for (int i = 0; i < assessment.items_size(); ++i) {
      const std::string& code = assessment.items(i).code();
      const std::string field = absl::StrCat("items[", i, "].code");
      if (wanted.count(code) == 0) {
        violations.Add(field, error::v1::REASON_RULE, {"is no item of the standard", "不是该标准的条目"});
      } else if (!seen.insert(code).second) {
        violations.Add(field, error::v1::REASON_RULE, {"is named more than once", "重复填写"});
      }
    }
    for (const std::string& code : wanted) {
      if (seen.count(code) > 0) continue;
      violations.Add("items", error::v1::REASON_RULE,
                     {absl::StrCat("the item ", code, " is left out"), absl::StrCat("缺少条目", code)});
    }
  }
};

}  // namespace

void AddCreationRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.CreationService");
  definition.policies["creationStandards"] = std::make_unique<StandardPolicy>();
  definition.policies["creationAssessments"] = std::make_unique<AssessmentPolicy>();
}

}  // namespace jiedui::village
