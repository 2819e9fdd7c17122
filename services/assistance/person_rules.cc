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

  absl::Status ValidateResource(UnitOfWork& work, const v1::HouseholdMember* before, const v1::HouseholdMember& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"joined_date", after.joined_date()}, {"left_date", after.left_date()}}, true, violations);
    store::CheckHappened(work.today(), {{"joined_date", after.joined_date()}, {"left_date", after.left_date()}},
                         violations);
    if (before != nullptr) JIEDUI_RETURN_IF_ERROR(CheckSuccession(work, *before, after, violations));
    if (!after.left_date().empty()) return absl::OkStatus();
    JIEDUI_RETURN_IF_ERROR(CheckFree(work, after, "residence_key", after.residence_key(), "person", violations));
    if (after.relation() != v1::MEMBER_RELATION_HEAD) return absl::OkStatus();
    return CheckFree(work, after, "head_key", after.head_key(), "relation", violations);
  }

  // A filed household would be left without the person by whom it is known, or without anybody.
  absl::Status ValidateDelete(UnitOfWork& work, const google::protobuf::Message& before) const override {
    const auto& member = static_cast<const v1::HouseholdMember&>(before);
    if (!member.left_date().empty()) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const bool filed, LockIfFiled(work, member.household()));
    if (!filed) return absl::OkStatus();
    const bool head = IsHead(member);
    if (!head) {
      JIEDUI_ASSIGN_OR_RETURN(const bool others, OthersLiveThere(work, member));
      if (others) return absl::OkStatus();
    }
    return MakeError(
        absl::StatusCode::kFailedPrecondition, error::v1::REASON_STATE,
        {absl::StrCat("is the ", head ? "head" : "only member", " of ", member.household(), ", which is filed"),
         absl::StrCat("是已建档困难户 ", member.household(), head ? " 的户主" : " 唯一的家庭成员", "，不能删除")});
  }

 private:
  static bool IsHead(const v1::HouseholdMember& member) { return member.head_key() == member.household(); }

  // Locked until the end of the transaction: of two who leave it at once, one sees that the other has left.
  static absl::StatusOr<bool> LockIfFiled(UnitOfWork& work, const std::string& name) {
    v1::NeedyHousehold household;
    JIEDUI_RETURN_IF_ERROR(work.GetForUpdate(PlanOf(work, "needyHouseholds"), name, &household));
    return household.state() == v1::HOUSEHOLD_STATE_FILED;
  }

  static absl::StatusOr<bool> OthersLiveThere(UnitOfWork& work, const v1::HouseholdMember& member) {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare(
                                "SELECT 1 FROM household_member WHERE household = ? AND left_date = '' AND id <> ?"));
    row->BindText(0, member.household());
    row->BindText(1, PlanOf(work, "householdMembers").IdOf(member.name()));
    return row->Step();
  }

  // Whoever is the last in a filed household neither leaves it nor ceases to be its head: it would stay filed with nobody, while the
  // person heads another one.
  static absl::Status CheckSuccession(UnitOfWork& work, const v1::HouseholdMember& before,
                                      const v1::HouseholdMember& after, Violations& violations) {
    const bool leaves = before.left_date().empty() && !after.left_date().empty();
    if (!leaves && (!IsHead(before) || IsHead(after))) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const bool filed, LockIfFiled(work, before.household()));
    if (!filed) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const bool others, OthersLiveThere(work, before));
    if (others) return absl::OkStatus();
    violations.Add(leaves ? "left_date" : "relation", error::v1::REASON_STATE,
                   {absl::StrCat("nobody else lives in ", before.household(),
                                 ", which is filed: it exits first, or another member is registered"),
                    absl::StrCat("已建档困难户 ", before.household(), " 没有其他成员：请先办理退出或登记其他成员")});
    return absl::OkStatus();
  }

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
