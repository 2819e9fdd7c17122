#include "services/cli/sample/assistance_member.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "jiedui/assistance/v1/education.pb.h"
#include "jiedui/assistance/v1/pension.pb.h"
#include "services/cli/sample/assistance_village.h"

namespace jiedui::cli {
namespace {

using assistance::v1::EducationStage;

constexpr int kYear = 2018;
constexpr int64_t kYuan = 100;  // fen

class MemberWriter : AssistanceVillage {
 public:
  MemberWriter(const VillagePlace& place, const SampleMember& member, Random& random, SampleFiles& files)
      : AssistanceVillage(place, random, files), member_(member) {}

  void WriteAll() {
    if (member_.child) {
      WriteStudent();
    } else if (random_.Chance(75)) {
      WriteEnrolment();
    }
  }

 private:
  void WriteEnrolment() {
    assistance::v1::PensionEnrolment enrolment;
    enrolment.set_name("pensionEnrolments/" + Id("e", member_.number));
    enrolment.set_household(member_.household);
    enrolment.set_village(village_);
    enrolment.set_member(member_.name);
    enrolment.set_kind(assistance::v1::PENSION_KIND_RESIDENT);
    enrolment.set_payer(static_cast<assistance::v1::PremiumPayer>(random_.Between(1, 3)));
    enrolment.set_premium_fen(random_.Between(1, 10) * 100 * kYuan);
    enrolment.set_enrolled_date(random_.Date(2015, kYear));
    // A few end around the end of the year.
    const int64_t dates = (std::stoll(place_.code) * 7 + member_.number) % 60;
    if (dates == 0) enrolment.set_ended_date("2018-12-31");
    if (dates == 1) enrolment.set_ended_date("2019-03-01");
    AddRecord(files_, enrolment);
  }

  void WriteStudent() {
    assistance::v1::Student student;
    student.set_name("students/" + Id("s", member_.number));
    student.set_household(member_.household);
    student.set_village(village_);
    student.set_member(member_.name);
    student.set_stage(static_cast<EducationStage>(random_.Between(1, 7)));
    student.set_school_name("样例学校");
    student.set_enrolled_date("2014-09-01");
    const bool graduated = student.stage() >= assistance::v1::EDUCATION_STAGE_VOCATIONAL && random_.Chance(40);
    if (graduated) student.set_graduated_date(absl::StrCat(kYear, "-07-01"));
    AddRecord(files_, student);
    if (graduated) {
      WriteEmployment(student);
    } else if (random_.Chance(80)) {
      WriteNeedAndAid(student);
    }
  }

  void WriteEmployment(const assistance::v1::Student& student) {
    assistance::v1::GraduateEmployment employment;
    employment.set_name("graduateEmployments/" + Id("g", member_.number));
    employment.set_student(student.name());
    employment.set_village(village_);
    employment.set_year(kYear);
    const bool placed = Fortunate(80);
    employment.set_outcome(placed ? static_cast<assistance::v1::EmploymentOutcome>(random_.Between(1, 4))
                                  : assistance::v1::EMPLOYMENT_OUTCOME_SEEKING);
    if (placed) {
      employment.set_placed_date(In2018(8, 12));
      employment.set_employer("样例单位");
    }
    AddRecord(files_, employment);
  }

  void WriteNeedAndAid(const assistance::v1::Student& student) {
    assistance::v1::ChildNeed need;
    need.set_name("childNeeds/" + Id("n", member_.number));
    need.set_student(student.name());
    need.set_village(village_);
    need.set_year(kYear);
    need.add_needs(static_cast<assistance::v1::EducationNeedKind>(random_.Between(1, 3)));
    if (random_.Chance(30)) need.add_needs(assistance::v1::EDUCATION_NEED_KIND_TUTORING);
    const bool met = Fortunate(75);
    if (met) need.set_met_date(In2018(9, 12));
    AddRecord(files_, need);
    if (!met && !random_.Chance(30)) return;
    assistance::v1::EducationAid aid;
    aid.set_name("educationAids/" + Id("a", member_.number));
    aid.set_student(student.name());
    aid.set_village(village_);
    aid.set_year(kYear);
    aid.set_kind(static_cast<assistance::v1::EducationAidKind>(random_.Between(1, 5)));
    aid.set_stage(student.stage());
    aid.set_amount_fen(random_.Between(3, 60) * 100 * kYuan);
    aid.set_granted_date(In2018(9, 12));
    aid.set_giver("样例区教育局");
    AddRecord(files_, aid);
  }

  const SampleMember& member_;
};

}  // namespace

void WriteMemberRecords(const VillagePlace& place, const SampleMember& member, Random& random, SampleFiles& files) {
  MemberWriter(place, member, random, files).WriteAll();
}

}  // namespace jiedui::cli
