#include "services/village/definition.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/directory/directory.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/village/v1/creation.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/party.pb.h"
#include "jiedui/village/v1/recognition.pb.h"
#include "services/village/rules.h"
#include "services/village/village_data.h"
#include "services/village/village_migrations.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;
using v1::DivisionLevel;

size_t CodeLength(DivisionLevel level) {
  switch (level) {
    case v1::DIVISION_LEVEL_CITY:
      return 2;
    case v1::DIVISION_LEVEL_DISTRICT:
      return 6;
    case v1::DIVISION_LEVEL_TOWNSHIP:
      return 9;
    default:
      return 0;
  }
}

// What is recorded in a division, or put into another one by a correction: not longer than the division lasted, and, as a
// correction is true of all years, not while one of them is closed. What a change that was recorded says was checked as of its
// day. `from` is null for what is new, `end` the end of what lies in the division.
absl::Status CheckPlacement(UnitOfWork& work, const char* field, const std::string& name, const std::string* from,
                            const v1::Division& above, const std::string& end, Violations& violations) {
  if (from != nullptr) {
    const resource::TablePlan& changes = *work.engine().registry().FindByCollection("divisionChanges");
    JIEDUI_ASSIGN_OR_RETURN(
        const bool recorded,
        work.Exists(changes, {{"subject", name}, {"parent_before", *from}, {"parent", above.name()}}));
    if (recorded) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const int32_t closed, LastClosedYear(work));
    if (closed != 0) {
      violations.Add(
          field, error::v1::REASON_YEAR_NOT_OPEN,
          {absl::StrCat("is a correction of all years, of which ", closed, " is closed: record a DivisionChange"),
           absl::StrCat("更正适用于所有年度，", closed, "年度已关闭，请登记区划变更")});
    }
  }
  if (above.valid_to().empty() || (!end.empty() && end <= above.valid_to())) return absl::OkStatus();
  violations.Add(field, error::v1::REASON_RULE,
                 {absl::StrCat("has ended on ", above.valid_to()), absl::StrCat("已于 ", above.valid_to(), " 停用")});
  return absl::OkStatus();
}

// Whoever writes a division, village or year changes the directory that the other programs copy. An update is a correction, true of
// all years; what changes from a day on is recorded as a DivisionChange.
class DivisionPolicy final : public store::PolicyOf<v1::Division> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::Division* before, const v1::Division& after,
                                Violations& violations) const override {
    if (const size_t length = CodeLength(after.level()); length != 0 && after.code().size() != length) {
      violations.Add("code", error::v1::REASON_FORMAT,
                     {absl::StrCat("must have ", length, " digits at this level"),
                      absl::StrCat("该层级的代码应为", length, "位数字")});
    }
    CheckDateOrder({{"valid_from", after.valid_from()}, {"valid_to", after.valid_to()}}, false, violations);
    if (before != nullptr && before->valid_to() != after.valid_to()) {
      JIEDUI_RETURN_IF_ERROR(CheckEnd(work, "valid_to", after.name(), after.valid_to(), violations));
    }
    if (after.level() == v1::DIVISION_LEVEL_CITY || after.parent().empty()) {
      if (after.level() != v1::DIVISION_LEVEL_UNSPECIFIED &&
          (after.level() == v1::DIVISION_LEVEL_CITY) != after.parent().empty()) {
        violations.Add("parent", error::v1::REASON_RULE,
                       {"a city has no parent, every other division has one", "市无上级区划，其他区划须填上级"});
      }
      return absl::OkStatus();
    }
    if (before != nullptr && before->parent() == after.parent() && before->level() == after.level())
      return absl::OkStatus();
    v1::Division above;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.parent(), &above));
    if (!found) return absl::OkStatus();
    if (above.level() + 1 != after.level()) {
      violations.Add("parent", error::v1::REASON_RULE,
                     {"must be of the level just above", "上级区划须为紧邻的上一层级"});
    }
    const std::string* from = before == nullptr || before->parent() == after.parent() ? nullptr : &before->parent();
    return CheckPlacement(work, "parent", after.name(), from, above, after.valid_to(), violations);
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    work.TouchDirectory(static_cast<const v1::Division&>(after == nullptr ? *before : *after).name());
    const auto* old_division = static_cast<const v1::Division*>(before);
    const auto* new_division = static_cast<const v1::Division*>(after);
    if (old_division == nullptr || new_division == nullptr) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(
        CorrectStatesBefore(work, new_division->name(), StateOf(*old_division), StateOf(*new_division)));
    if (old_division->parent() == new_division->parent()) return absl::OkStatus();
    return RederiveVillages(work, new_division->name());
  }

 private:
  static PlaceState StateOf(const v1::Division& division) {
    return {division.code(), division.display_name(), division.parent()};
  }

  // A township has come to another district, and its villages with it.
  static absl::Status RederiveVillages(UnitOfWork& work, const std::string& township) {
    const resource::TablePlan& villages = *work.engine().registry().FindByCollection("villages");
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT id FROM village WHERE township = ? ORDER BY id"));
    row->BindText(0, township);
    std::vector<std::string> names;
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) break;
      names.push_back(villages.NameOf(row->Text(0)));
    }
    for (const std::string& name : names) JIEDUI_RETURN_IF_ERROR(work.Rederive(villages, name));
    return absl::OkStatus();
  }
};

// Whether the year is there, open or closed is part of the directory.
class YearPolicy final : public store::PolicyOf<v1::ProgrammeYear> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ProgrammeYear* /*before*/,
                                const v1::ProgrammeYear& /*after*/, Violations& /*violations*/) const override {
    return CheckCity(work);
  }
  absl::Status ValidateDelete(UnitOfWork& work, const Message& before) const override {
    JIEDUI_RETURN_IF_ERROR(CheckCity(work));
    const auto& year = static_cast<const v1::ProgrammeYear&>(before);
    if (year.state() != v1::YEAR_STATE_CLOSED) return absl::OkStatus();
    // Its frozen figures would be gone for good.
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {absl::StrCat(year.year(), " is closed; a closed year stays"),
                      absl::StrCat(year.year(), "年度已关闭，已关闭的年度不得删除")});
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    work.TouchDirectory(static_cast<const v1::ProgrammeYear&>(after == nullptr ? *before : *after).name());
    return absl::OkStatus();
  }

 private:
  // The years of the programme are the city's to open and to close, where levels are told apart.
  static absl::Status CheckCity(const UnitOfWork& work) {
    const options::v1::Level level = work.context().principal.level;
    if (level == options::v1::LEVEL_UNSPECIFIED || level == options::v1::LEVEL_CITY) return absl::OkStatus();
    return MakeError(absl::StatusCode::kPermissionDenied, error::v1::REASON_PERMISSION,
                     {"the years of the programme are opened and closed by the city", "年度由市级开放和关闭"});
  }
};

class VillagePolicy final : public store::PolicyOf<v1::Village> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::Village* village) const override {
    v1::Division township;
    const absl::Status found =
        work.GetForUpdate(*work.engine().registry().FindByCollection("divisions"), village->township(), &township);
    if (!found.ok() && !absl::IsNotFound(found) && !absl::IsInvalidArgument(found)) return found;
    village->set_district(township.parent());
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::Village* before, const v1::Village& after,
                                Violations& violations) const override {
    CheckDateOrder({{"entry_date", after.entry_date()}, {"exit_date", after.exit_date()}}, false, violations);
    if (before != nullptr && before->exit_date() != after.exit_date()) {
      JIEDUI_RETURN_IF_ERROR(CheckEnd(work, "exit_date", after.name(), after.exit_date(), violations));
    }
    if (after.township().empty() || (before != nullptr && before->township() == after.township()))
      return absl::OkStatus();
    v1::Division township;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.township(), &township));
    if (!found) return absl::OkStatus();
    if (township.level() != v1::DIVISION_LEVEL_TOWNSHIP) {
      violations.Add("township", error::v1::REASON_RULE, {"must be a division of township level", "须为镇(乡)级区划"});
    }
    return CheckPlacement(work, "township", after.name(), before == nullptr ? nullptr : &before->township(), township,
                          after.exit_date(), violations);
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto* old_village = static_cast<const v1::Village*>(before);
    const auto* new_village = static_cast<const v1::Village*>(after);
    if (old_village == nullptr || new_village == nullptr || IsListedOtherwise(*old_village, *new_village)) {
      work.TouchDirectory((new_village == nullptr ? old_village : new_village)->name());
    }
    if (old_village == nullptr || new_village == nullptr) return absl::OkStatus();
    return CorrectStatesBefore(work, new_village->name(), StateOf(*old_village), StateOf(*new_village));
  }

 private:
  static PlaceState StateOf(const v1::Village& village) {
    return {village.code(), village.display_name(), village.township()};
  }

  // Whether the directory shows a difference: a village whose units are counted anew need not be copied by everybody.
  static bool IsListedOtherwise(const v1::Village& a, const v1::Village& b) {
    return a.code() != b.code() || a.display_name() != b.display_name() || a.township() != b.township() ||
           a.entry_date() != b.entry_date() || a.exit_date() != b.exit_date();
  }
};

class PartyMemberPolicy final : public store::PolicyOf<v1::PartyMember> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::PartyMember* before, const v1::PartyMember& after,
                                Violations& violations) const override {
    CheckHappened(work.today(),
                  {{"birth_date", after.birth_date()},
                   {"applied_date", after.applied_date()},
                   {"activist_date", after.activist_date()},
                   {"candidate_date", after.candidate_date()},
                   {"joined_date", after.joined_date()},
                   {"full_date", after.full_date()},
                   {"left_date", after.left_date()}},
                  violations);
    CheckDateOrder({{"birth_date", after.birth_date()},
                    {"applied_date", after.applied_date()},
                    {"activist_date", after.activist_date()},
                    {"candidate_date", after.candidate_date()},
                    {"joined_date", after.joined_date()},
                    {"full_date", after.full_date()},
                    {"left_date", after.left_date()}},
                   false, violations);
    for (int i = 0; i < after.duties_size(); ++i) {
      const std::string start = absl::StrCat("duties[", i, "].start_date");
      const std::string end = absl::StrCat("duties[", i, "].end_date");
      CheckDateOrder({{start.c_str(), after.duties(i).start_date()}, {end.c_str(), after.duties(i).end_date()}}, false,
                     violations);
    }
    CheckStages(after, violations);
    if ((after.stage() >= v1::DEVELOPMENT_STAGE_PROBATIONARY) == after.joined_date().empty() &&
        after.stage() != v1::DEVELOPMENT_STAGE_UNSPECIFIED) {
      violations.Add("joined_date", error::v1::REASON_RULE,
                     {"is set exactly from the probationary stage on", "预备党员、正式党员须填入党日期，其他阶段不填"});
    }
    const bool stays = after.left_date().empty() && after.stage() == v1::DEVELOPMENT_STAGE_FULL;
    if (before == nullptr || (stays && before->village() == after.village())) return absl::OkStatus();
    return CheckNoSecretary(work, after.name(), violations);
  }

 private:
  // Somebody else is named secretary before one leaves. The member is locked, as by whoever names a secretary.
  static absl::Status CheckNoSecretary(UnitOfWork& work, const std::string& name, Violations& violations) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT id FROM party_organisation WHERE "
                                                       "secretary = ? AND end_date = '' LIMIT 1"));
    row->BindText(0, name);
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (found) {
      violations.Add("left_date", error::v1::REASON_RULE,
                     {absl::StrCat("is secretary of partyOrganisations/", row->Text(0), ": name another one first"),
                      absl::StrCat("是 partyOrganisations/", row->Text(0), " 的书记，请先另选书记")});
    }
    return absl::OkStatus();
  }

  // The day of a stage is set only by who has come so far.
  static void CheckStages(const v1::PartyMember& member, Violations& violations) {
    if (member.stage() == v1::DEVELOPMENT_STAGE_UNSPECIFIED) return;
    const auto check = [&](const char* field, const std::string& date, v1::DevelopmentStage stage) {
      if (date.empty() || member.stage() >= stage) return;
      violations.Add(field, error::v1::REASON_RULE, {"is the day of a later stage", "尚未到该发展阶段"});
    };
    check("activist_date", member.activist_date(), v1::DEVELOPMENT_STAGE_ACTIVIST);
    check("candidate_date", member.candidate_date(), v1::DEVELOPMENT_STAGE_CANDIDATE);
    check("full_date", member.full_date(), v1::DEVELOPMENT_STAGE_FULL);
  }
};

template <typename Recognition, v1::StandardKind kKind>
class RecognitionPolicy final : public store::PolicyOf<Recognition> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const Recognition* /*before*/, const Recognition& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"recognised_date", after.recognised_date()}, {"lost_date", after.lost_date()}},
                  violations);
    CheckDateOrder({{"recognised_date", after.recognised_date()}, {"lost_date", after.lost_date()}}, true, violations);
    if (!after.lost_reason().empty() && after.lost_date().empty()) {
      violations.Add("lost_reason", error::v1::REASON_RULE, {"is set with lost_date only", "未取消认定时不填取消原因"});
    }
    v1::CreationStandard standard;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.standard(), &standard));
    if (found && standard.kind() != kKind) {
      violations.Add("standard", error::v1::REASON_RULE, {"is a standard of another kind", "标准类型不符"});
    }
    return absl::OkStatus();
  }
};

}  // namespace

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "village";
  definition.services = {"jiedui.village.v1.DivisionService", "jiedui.village.v1.DirectoryService",
                         "jiedui.village.v1.PartyService", "jiedui.village.v1.RecognitionService"};
  definition.syncs.emplace_back("jiedui.village.v1.DirectoryService/SyncDirectory", directory::SyncDirectoryHandler);
  definition.policies["divisions"] = std::make_unique<DivisionPolicy>();
  definition.policies["programmeYears"] = std::make_unique<YearPolicy>();
  definition.policies["villages"] = std::make_unique<VillagePolicy>();
  definition.policies["partyMembers"] = std::make_unique<PartyMemberPolicy>();
  definition.policies["civilisedRecognitions"] =
      std::make_unique<RecognitionPolicy<v1::CivilisedRecognition, v1::STANDARD_KIND_CIVILISED>>();
  definition.policies["safeRecognitions"] =
      std::make_unique<RecognitionPolicy<v1::SafeRecognition, v1::STANDARD_KIND_SAFE>>();
  AddChangeRules(definition);
  AddUnitRules(definition);
  AddCadreRules(definition);
  AddOfficialRules(definition);
  AddOrganisationRules(definition);
  AddCreationRules(definition);
  AddPlaceRules(definition);
  AddDecisionRules(definition);
  AddPlanRules(definition);
  AddLeaveRules(definition);
  AddElectionRules(definition);
  AddSupervisionRules(definition);
  definition.migrations.assign(VillageMigrations().begin(), VillageMigrations().end());
  definition.measures_json = VillageData()[0].contents;
  return definition;
}

}  // namespace jiedui::village
