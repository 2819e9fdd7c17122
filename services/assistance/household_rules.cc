#include "services/assistance/household_rules.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "common/resource/table_plan.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using error::v1::REASON_RULE;
using google::protobuf::Message;
using store::UnitOfWork;

// At the ends of which years something was so, from the periods in which it was.
class YearEnds {
 public:
  // From the day `begin` until before the day `end`; empty for one that goes on. A bad date is reported elsewhere.
  void Add(const std::string& begin, const std::string& end) {
    if (!resource::IsCivilDate(begin)) return;
    if (end.empty()) {
      if (since_.empty() || begin < since_) since_ = begin;
      return;
    }
    int first = 0, last = 0;
    if (!absl::SimpleAtoi(begin.substr(0, 4), &first) || !absl::SimpleAtoi(end.substr(0, 4), &last)) return;
    for (int year = std::max(first, kFirstYear); year < last; ++year) years_.insert(year);
  }

  const std::string& since() const { return since_; }
  std::string years() const { return absl::StrJoin(years_, " "); }

 private:
  static constexpr int kFirstYear = 2000;  // no year before the programme is counted

  std::string since_;
  std::set<int> years_;
};

// By table: pairings, health records, pension enrolments.
using YearEndsOfRecords = std::array<YearEnds, 3>;

absl::StatusOr<YearEndsOfRecords> ReadRecords(UnitOfWork& work, const std::string& household) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      work.transaction().Prepare("SELECT 0, start_date, end_date FROM helper_pairing WHERE household = ? UNION ALL "
                                 "SELECT 1, opened_date, closed_date FROM health_record WHERE household = ? UNION ALL "
                                 "SELECT 2, enrolled_date, ended_date FROM pension_enrolment WHERE household = ?"));
  for (int parameter = 0; parameter < 3; ++parameter) row->BindText(parameter, household);
  YearEndsOfRecords ends;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return ends;
    ends[static_cast<size_t>(row->Int(0))].Add(std::string(row->Text(1)), std::string(row->Text(2)));
  }
}

// Day of the step that has just brought the household into or out of the programme: the history does not have it yet.
const std::string& DateOfStep(const v1::NeedyHousehold& household) {
  switch (household.state()) {
    case v1::HOUSEHOLD_STATE_EXITED:
      return household.exited_date();
    case v1::HOUSEHOLD_STATE_REJECTED:
      return household.rejected_date();
    case v1::HOUSEHOLD_STATE_FILED:
      return household.reentered_date();
    default:
      return household.reopened_date();
  }
}

// It is needy from the day on which it is found, but for the times between an exit and the re-entry, a rejection and the reopening.
absl::StatusOr<YearEnds> ReadNeediness(UnitOfWork& work, const v1::NeedyHousehold& household) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(
                              "SELECT to_state, date FROM workflow_transition WHERE resource = ? ORDER BY sequence"));
  row->BindText(0, household.name());
  YearEnds ends;
  bool needy = true;
  std::string begin = household.found_date();
  const auto step = [&](bool needy_after, const std::string& date) {
    if (needy_after == needy) return;
    if (needy) ends.Add(begin, date);
    begin = std::max(date, household.found_date());
    needy = needy_after;
  };
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) break;
    step(row->Text(0) != "EXITED" && row->Text(0) != "REJECTED", std::string(row->Text(1)));
  }
  step(household.state() != v1::HOUSEHOLD_STATE_EXITED && household.state() != v1::HOUSEHOLD_STATE_REJECTED,
       DateOfStep(household));
  if (needy) ends.Add(begin, "");
  return ends;
}

class HouseholdPolicy final : public store::PolicyOf<v1::NeedyHousehold> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::NeedyHousehold* household) const override {
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        work.transaction().Prepare("SELECT COALESCE(MAX(year), 0) FROM household_recheck WHERE household = ?"));
    row->BindText(0, household->name());
    JIEDUI_RETURN_IF_ERROR(row->Step().status());
    household->set_last_recheck_year(static_cast<int32_t>(row->Int(0)));
    int32_t first_year = 0;
    const bool filed = household->state() == v1::HOUSEHOLD_STATE_FILED &&
                       absl::SimpleAtoi(household->filed_date().substr(0, 4), &first_year);
    household->set_recheck_due_year(filed ? std::max(first_year, household->last_recheck_year() + 1) : 0);
    return DeriveYearEnds(work, household);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::NeedyHousehold* before, const v1::NeedyHousehold& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"found_date", after.found_date()},
                           {"reviewed_date", after.reviewed_date()},
                           {"publicised_date", after.publicised_date()},
                           {"filed_date", after.filed_date()}},
                          false, violations);
    store::CheckDateOrder({{"found_date", after.found_date()}, {"rejected_date", after.rejected_date()}}, false,
                          violations);
    absl::flat_hash_set<int> causes;
    for (int i = 0; i < after.causes_size(); ++i) {
      if (causes.insert(after.causes(i)).second) continue;
      violations.Add(absl::StrCat("causes[", i, "]"), error::v1::REASON_DUPLICATE, {"is named twice", "致困原因重复"});
    }
    store::CheckHappened(work.today(), {{"found_date", after.found_date()}}, violations);
    if (before != nullptr && before->state() == v1::HOUSEHOLD_STATE_PUBLICISED &&
        after.state() == v1::HOUSEHOLD_STATE_PUBLICISED) {
      const Text stays = {"was made public and stays until it is filed or rejected",
                          "已公示，建档或不予纳入之前不可修改"};
      if (before->display_name() != after.display_name()) {
        violations.Add("display_name", error::v1::REASON_STATE, stays);
      }
      if (before->kind() != after.kind()) violations.Add("kind", error::v1::REASON_STATE, stays);
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status DeriveYearEnds(UnitOfWork& work, v1::NeedyHousehold* household) {
    JIEDUI_ASSIGN_OR_RETURN(const YearEnds needy, ReadNeediness(work, *household));
    household->set_needy_since_date(needy.since());
    household->set_needy_years(needy.years());
    JIEDUI_ASSIGN_OR_RETURN(const YearEndsOfRecords records, ReadRecords(work, household->name()));
    household->set_paired_since_date(records[0].since());
    household->set_paired_years(records[0].years());
    household->set_record_since_date(records[1].since());
    household->set_record_years(records[1].years());
    household->set_pension_since_date(records[2].since());
    household->set_pension_years(records[2].years());
    return absl::OkStatus();
  }
};

// Where the village program keeps helpers of a kind. Leaders of a township are party members or cadres to it.
bool FitsKind(v1::HelperKind kind, absl::string_view helper) {
  const bool member = absl::StartsWith(helper, "partyMembers/");
  const bool cadre = absl::StartsWith(helper, "cadres/");
  switch (kind) {
    case v1::HELPER_KIND_TOWNSHIP_LEADER:
      return member || cadre;
    case v1::HELPER_KIND_RESIDENT_CADRE:
      return cadre;
    case v1::HELPER_KIND_PARTY_MEMBER:
      return member;
    case v1::HELPER_KIND_VILLAGE_COMMITTEE:
      return absl::StartsWith(helper, "villageOfficials/");
    default:
      return true;  // reported as missing
  }
}

class PairingPolicy final : public store::PolicyOf<v1::HelperPairing> {
 public:
  void PrepareResource(const v1::HelperPairing* /*before*/, v1::HelperPairing* pairing) const override {
    pairing->set_helper_key(pairing->end_date().empty() ? pairing->helper() : pairing->name());
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::HelperPairing* /*before*/, const v1::HelperPairing& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"start_date", after.start_date()}, {"end_date", after.end_date()}}, true, violations);
    store::CheckHappened(work.today(), {{"start_date", after.start_date()}, {"end_date", after.end_date()}},
                         violations);
    const std::string id = after.helper().substr(after.helper().find('/') + 1);
    if (!after.helper().empty() && !(FitsKind(after.helper_kind(), after.helper()) && resource::IsResourceId(id))) {
      violations.Add("helper", REASON_RULE,
                     {"is no name of a person who is recorded as a helper of this kind", "不是该类别帮扶人的资源名"});
    }
    return absl::OkStatus();
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    return RederiveHousehold(work,
                             static_cast<const v1::HelperPairing&>(after != nullptr ? *after : *before).household());
  }
};

class IncomePolicy final : public store::PolicyOf<v1::HouseholdIncome> {
 public:
  void PrepareResource(const v1::HouseholdIncome* /*before*/, v1::HouseholdIncome* income) const override {
    // Four components of at most 10^15 fen; values out of range are refused after this, so they must not overflow.
    const uint64_t sum =
        static_cast<uint64_t>(income->wage_income_fen()) + static_cast<uint64_t>(income->business_income_fen()) +
        static_cast<uint64_t>(income->property_income_fen()) + static_cast<uint64_t>(income->transfer_income_fen());
    income->set_total_income_fen(static_cast<int64_t>(sum));
    income->set_per_capita_income_fen(
        income->member_count() > 0 ? static_cast<int64_t>(sum / static_cast<uint64_t>(income->member_count())) : 0);
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::HouseholdIncome* before, const v1::HouseholdIncome& after,
                                Violations& violations) const override {
    if (before != nullptr) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }
};

class RecheckPolicy final : public store::PolicyOf<v1::HouseholdRecheck> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::HouseholdRecheck* before, const v1::HouseholdRecheck& after,
                                Violations& violations) const override {
    CheckHappenedInYear(work.today(), "recheck_date", after.recheck_date(), after.year(), violations);
    const bool changed = after.outcome() == v1::RECHECK_OUTCOME_KIND_CHANGED;
    if (changed != (after.new_kind() != v1::HOUSEHOLD_KIND_UNSPECIFIED)) {
      violations.Add("new_kind", REASON_RULE,
                     {"is set when the kind has changed, and only then", "仅在类别调整时填写"});
    }
    v1::NeedyHousehold household;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "needyHouseholds", after.household(), &household));
    if (found && changed && household.state() == v1::HOUSEHOLD_STATE_PUBLICISED &&
        household.kind() != after.new_kind()) {
      violations.Add("new_kind", error::v1::REASON_STATE,
                     {"the kind of the household was made public and stays until it is filed or rejected",
                      "该户类别已公示，建档或不予纳入之前不可调整"});
    }
    if (before != nullptr) return absl::OkStatus();
    return CheckVillageOfHousehold(work, after.household(), after.village(), violations);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto& recheck = static_cast<const v1::HouseholdRecheck&>(after != nullptr ? *after : *before);
    const resource::TablePlan& households = PlanOf(work, "needyHouseholds");
    JIEDUI_RETURN_IF_ERROR(work.Rederive(households, recheck.household()));
    if (after == nullptr || recheck.outcome() != v1::RECHECK_OUTCOME_KIND_CHANGED) return absl::OkStatus();
    if (before != nullptr && static_cast<const v1::HouseholdRecheck&>(*before).new_kind() == recheck.new_kind()) {
      return absl::OkStatus();
    }
    // What an earlier year found is not the kind that it has now.
    v1::NeedyHousehold household;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(households, recheck.household(), &household));
    if (recheck.year() < household.last_recheck_year()) return absl::OkStatus();
    household.set_kind(recheck.new_kind());
    return work.Replace(households, &household);
  }
};

class SurveyPolicy final : public store::PolicyOf<v1::VillageSurvey> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::VillageSurvey* /*before*/, const v1::VillageSurvey& after,
                                Violations& violations) const override {
    CheckHappenedInYear(work.today(), "surveyed_date", after.surveyed_date(), after.year(), violations);
    return absl::OkStatus();
  }
};

// A filed household besides this one that the person lived in and that has had no head since: it would count twice. Empty for none.
absl::StatusOr<std::string> HeadlessHouseholdOf(UnitOfWork& work, const std::string& person,
                                                const std::string& household) {
  std::vector<std::string> names;
  {
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        work.transaction().Prepare("SELECT household FROM household_member WHERE person = ? AND household <> ?"));
    row->BindText(0, person);
    row->BindText(1, household);
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) break;
      names.emplace_back(row->Text(0));
    }
  }
  for (const std::string& name : names) {
    v1::NeedyHousehold other;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "needyHouseholds", name, &other));
    if (!found || other.state() != v1::HOUSEHOLD_STATE_FILED) continue;
    JIEDUI_ASSIGN_OR_RETURN(const bool headed, work.Exists(PlanOf(work, "householdMembers"), {{"head_key", name}}));
    if (!headed) return name;
  }
  return std::string();
}

// A household is filed with somebody whose citizen number is known: a person lives in one household of the whole city, so a family
// that is filed elsewhere is found out.
absl::Status HeadIsRegistered(UnitOfWork& work, const store::Passage& passage, Violations& /*violations*/) {
  const std::string& household = passage.step.resource();
  const char* lock = work.transaction().dialect() == sql::Dialect::kMysql ? " LOCK IN SHARE MODE" : "";
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(absl::StrCat(
                                                    "SELECT person FROM household_member WHERE head_key = ?", lock)));
  row->BindText(0, household);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) {
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {absl::StrCat("no head of ", household, " is registered among its members"),
                      absl::StrCat(household, " 尚未登记户主")});
  }
  JIEDUI_ASSIGN_OR_RETURN(const std::string left, HeadlessHouseholdOf(work, std::string(row->Text(0)), household));
  if (left.empty()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                   {absl::StrCat("the head of ", household, " comes from ", left,
                                 ", which is filed and has no head: it exits first, or another head is registered"),
                    absl::StrCat(household, " 的户主来自已建档且没有户主的 ", left, "：请先办理其退出或登记新户主")});
}

// A household leaves when the re-check of that year advises it, and not by who wrote that.
absl::Status RecheckAdvisesExit(UnitOfWork& work, const store::Passage& passage, Violations& /*violations*/) {
  const std::string year = passage.step.date().substr(0, 4);
  int number = 0;
  if (!absl::SimpleAtoi(year, &number)) return absl::OkStatus();  // reported as no date
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(
                              "SELECT author FROM household_recheck WHERE household = ? AND year = ? AND outcome = ?"));
  row->BindText(0, passage.step.resource());
  row->BindInt(1, number);
  row->BindInt(2, v1::RECHECK_OUTCOME_EXIT);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) {
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {absl::StrCat("no re-check of ", year, " advises that ", passage.step.resource(), " leaves"),
                      absl::StrCat(passage.step.resource(), " 没有建议退出的", year, "年度复核")});
  }
  if (row->Text(0) != passage.step.actor()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
                   {absl::StrCat("who has written the re-check of ", year, " cannot do ", passage.step.rpc()),
                    absl::StrCat("录入", year, "年度复核的人不能办理退出")});
}

}  // namespace

void AddHouseholdRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.HouseholdService");
  definition.policies["needyHouseholds"] = std::make_unique<HouseholdPolicy>();
  definition.policies["helperPairings"] = std::make_unique<PairingPolicy>();
  definition.policies["householdIncomes"] = std::make_unique<IncomePolicy>();
  definition.policies["householdRechecks"] = std::make_unique<RecheckPolicy>();
  definition.policies["villageSurveys"] = std::make_unique<SurveyPolicy>();
  definition.guards["HeadIsRegistered"] = HeadIsRegistered;
  definition.guards["RecheckAdvisesExit"] = RecheckAdvisesExit;
}

}  // namespace jiedui::assistance
