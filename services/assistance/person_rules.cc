#include "services/assistance/person_rules.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "services/assistance/rules.h"

namespace jiedui::assistance {
namespace {

using store::UnitOfWork;

class MemberPolicy final : public store::PolicyOf<v1::HouseholdMember> {
 public:
  void PrepareResource(const v1::HouseholdMember* /*before*/, v1::HouseholdMember* member) const override {
    const bool lives_here = member->left_date().empty();
    member->set_residence_key(lives_here ? member->person() : member->name());
    const bool is_head = lives_here && member->relation() == v1::MEMBER_RELATION_HEAD;
    member->set_head_key(is_head ? member->household() : member->name());
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::HouseholdMember* /*before*/,
                                const v1::HouseholdMember& after, Violations& violations) const override {
    store::CheckDateOrder({{"joined_date", after.joined_date()}, {"left_date", after.left_date()}}, true, violations);
    if (!after.left_date().empty()) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(CheckFree(work, after, "residence_key", after.residence_key(), "person", violations));
    if (after.relation() != v1::MEMBER_RELATION_HEAD) return absl::OkStatus();
    return CheckFree(work, after, "head_key", after.head_key(), "relation", violations);
  }

  // A filed household would be left without anybody by whom it is known.
  absl::Status ValidateDelete(UnitOfWork& work, const google::protobuf::Message& before) const override {
    const auto& member = static_cast<const v1::HouseholdMember&>(before);
    v1::NeedyHousehold household;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, Find(work, "needyHouseholds", member.household(), &household));
    if (!found || member.head_key() != member.household() || household.state() != v1::HOUSEHOLD_STATE_FILED) {
      return absl::OkStatus();
    }
    return MakeError(absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
                     {absl::StrCat("is the head of ", household.name(), ", which is filed"),
                      absl::StrCat("是已建档困难户 ", household.name(), " 的户主，不能删除")});
  }

 private:
  // The unique key alone would refuse as well; this says where the person lives or who the head is, by resource name.
  static absl::Status CheckFree(UnitOfWork& work, const v1::HouseholdMember& after, const char* column,
                                const std::string& key, const char* field, Violations& violations) {
    // Locking, so that it sees what was committed after this transaction began.
    const char* lock = work.transaction().dialect() == sql::Dialect::kMysql ? " LOCK IN SHARE MODE" : "";
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare(absl::StrCat("SELECT id, household FROM household_member WHERE ",
                                                                    column, " = ?", lock)));
    row->BindText(0, key);
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found || PlanOf(work, "householdMembers").NameOf(row->Text(0)) == after.name()) return absl::OkStatus();
    const std::string household(row->Text(1));
    if (absl::string_view(field) == "person") {
      violations.Add(field, error::v1::REASON_ALREADY_EXISTS,
                     {absl::StrCat("lives in ", household, " already"), absl::StrCat("已登记在困难户 ", household)});
    } else {
      violations.Add(field, error::v1::REASON_ALREADY_EXISTS,
                     {absl::StrCat(household, " has a head already"), absl::StrCat("困难户 ", household, " 已有户主")});
    }
    return absl::OkStatus();
  }
};

}  // namespace

void AddPersonRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.assistance.v1.PersonService");
  definition.policies["householdMembers"] = std::make_unique<MemberPolicy>();
}

}  // namespace jiedui::assistance
