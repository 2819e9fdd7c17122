// Party organisations and what they do.

#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/organisation.pb.h"
#include "jiedui/village/v1/party.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::UnitOfWork;

class OrganisationPolicy final : public store::PolicyOf<v1::PartyOrganisation> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::PartyOrganisation* organisation) const override {
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(
                                                      "SELECT grade FROM organisation_grade WHERE organisation = ? AND "
                                                      "end_date = '' LIMIT 1"));
    row->BindText(0, organisation->name());
    JIEDUI_ASSIGN_OR_RETURN(const bool graded, row->Step());
    organisation->set_grade(graded ? static_cast<v1::PartyGrade>(row->Int(0)) : v1::PARTY_GRADE_UNSPECIFIED);
    return absl::OkStatus();
  }
  // One that was dissolved is not left to be rectified: its grade ends before it or with it.
  absl::Status ValidateResource(UnitOfWork& work, const v1::PartyOrganisation* before,
                                const v1::PartyOrganisation& after, Violations& violations) const override {
    const Period period{after.start_date(), after.end_date()};
    CheckPeriod(work, period, violations);
    JIEDUI_ASSIGN_OR_RETURN(const bool outside,
                            LastsOutside(work, "organisationGrades", "organisation", after.name(), period));
    if (outside) {
      violations.Add(after.end_date().empty() ? "start_date" : "end_date", error::v1::REASON_RULE,
                     {"it has a grade outside of this time: end or correct the grade first",
                      "在此期间之外仍有等次，请先结束或更正等次"});
    }
    const bool same = before != nullptr && before->secretary() == after.secretary();
    return same || after.secretary().empty() ? absl::OkStatus() : CheckSecretary(work, after, violations);
  }

 private:
  static absl::Status CheckSecretary(UnitOfWork& work, const v1::PartyOrganisation& organisation,
                                     Violations& violations) {
    v1::PartyMember member;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, organisation.secretary(), &member));
    if (!found) return absl::OkStatus();
    if (member.village() != organisation.village()) {
      violations.Add("secretary", error::v1::REASON_RULE, {"is a member of another village", "不是本村党员"});
    }
    if (member.stage() != v1::DEVELOPMENT_STAGE_FULL || !member.left_date().empty()) {
      violations.Add("secretary", error::v1::REASON_RULE,
                     {"must be a full member who has not left", "须为在册的正式党员"});
    }
    return absl::OkStatus();
  }
};

class GradePolicy final : public store::PolicyOf<v1::OrganisationGrade> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::OrganisationGrade* grade) const override {
    v1::PartyOrganisation organisation;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, grade->organisation(), &organisation));
    grade->set_village(found ? organisation.village() : "");
    return absl::OkStatus();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::OrganisationGrade* /*before*/,
                                const v1::OrganisationGrade& after, Violations& violations) const override {
    const Period period{after.start_date(), after.end_date()};
    CheckPeriod(work, period, violations);
    v1::PartyOrganisation organisation;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.organisation(), &organisation));
    if (found) {
      CheckWithin(period, {organisation.start_date(), organisation.end_date()}, {"the organisation", "该党组织"},
                  violations);
    }
    JIEDUI_ASSIGN_OR_RETURN(const bool twice, Overlaps(work, "organisationGrades", after.name(),
                                                       {{"organisation", after.organisation()}}, period));
    if (twice) {
      violations.Add("start_date", error::v1::REASON_RULE,
                     {"the organisation has a grade at this time already", "该党组织在此期间已有等次"});
    }
    return absl::OkStatus();
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto& grade = static_cast<const v1::OrganisationGrade&>(after != nullptr ? *after : *before);
    return work.Rederive(*work.engine().registry().FindByCollection("partyOrganisations"), grade.organisation());
  }
};

class VenuePolicy final : public store::PolicyOf<v1::ActivityVenue> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ActivityVenue* /*before*/, const v1::ActivityVenue& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"built_date", after.built_date()}, {"renovated_date", after.renovated_date()}},
                         violations);
    store::CheckDateOrder({{"built_date", after.built_date()}, {"renovated_date", after.renovated_date()}}, false,
                          violations);
    return absl::OkStatus();
  }
};

class ActivityPolicy final : public store::PolicyOf<v1::PartyActivity> {
 public:
  void PrepareResource(const v1::PartyActivity* /*before*/, v1::PartyActivity* activity) const override {
    activity->set_year(YearOf(activity->held_date()));
  }
  absl::Status DeriveResource(UnitOfWork& work, v1::PartyActivity* activity) const override {
    v1::PartyOrganisation organisation;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, activity->organisation(), &organisation));
    activity->set_village(found ? organisation.village() : "");
    return absl::OkStatus();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::PartyActivity* /*before*/, const v1::PartyActivity& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    if (after.attended_count() > after.expected_count()) {
      violations.Add("attended_count", error::v1::REASON_RULE,
                     {"must not exceed expected_count", "实到人数不得超过应到人数"});
    }
    if (after.attendees_size() > after.attended_count()) {
      violations.Add("attendees", error::v1::REASON_RULE, {"are more than attended_count", "参加党员多于实到人数"});
    }
    std::set<std::string> seen;
    for (int i = 0; i < after.attendees_size(); ++i) {
      const std::string& member = after.attendees(i).member();
      if (!member.empty() && !seen.insert(member).second) {
        violations.Add(absl::StrCat("attendees[", i, "].member"), error::v1::REASON_RULE,
                       {"is named more than once", "重复填写"});
      }
    }
    return absl::OkStatus();
  }
};

class VolunteerPolicy final : public store::PolicyOf<v1::VolunteerService> {
 public:
  void PrepareResource(const v1::VolunteerService* /*before*/, v1::VolunteerService* service) const override {
    service->set_year(YearOf(service->held_date()));
  }
  absl::Status DeriveResource(UnitOfWork& work, v1::VolunteerService* service) const override {
    v1::PartyMember member;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, service->member(), &member));
    service->set_village(found ? member.village() : "");
    return absl::OkStatus();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::VolunteerService* /*before*/,
                                const v1::VolunteerService& after, Violations& violations) const override {
    store::CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    return absl::OkStatus();
  }
};

class StudyGroupPolicy final : public store::PolicyOf<v1::StudyGroup> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::StudyGroup* /*before*/, const v1::StudyGroup& after,
                                Violations& violations) const override {
    CheckPeriod(work, {after.start_date(), after.end_date()}, violations);
    return absl::OkStatus();
  }
};

}  // namespace

void AddOrganisationRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.OrganisationService");
  definition.policies["partyOrganisations"] = std::make_unique<OrganisationPolicy>();
  definition.policies["organisationGrades"] = std::make_unique<GradePolicy>();
  definition.policies["activityVenues"] = std::make_unique<VenuePolicy>();
  definition.policies["partyActivities"] = std::make_unique<ActivityPolicy>();
  definition.policies["volunteerServices"] = std::make_unique<VolunteerPolicy>();
  definition.policies["studyGroups"] = std::make_unique<StudyGroupPolicy>();
}

}  // namespace jiedui::village
