// Cadres. What a cadre did in a year is derived from trainings and stays; whether that is enough, from the year's standard.
// Trainings and stays lock the cadre before they are written, standards lock their year, which cadres are derived under.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::UnitOfWork;

absl::Status RederiveAll(UnitOfWork& work, absl::string_view collection, const std::vector<std::string>& names) {
  const resource::TablePlan& plan = *work.engine().registry().FindByCollection(collection);
  for (const std::string& name : names) JIEDUI_RETURN_IF_ERROR(work.Rederive(plan, name));
  return absl::OkStatus();
}

// Years and what the rows of a table add up to in them; of one cadre unless that is null.
absl::StatusOr<std::map<int32_t, int64_t>> SumByYear(UnitOfWork& work, absl::string_view sql,
                                                     const std::string* cadre) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row, work.transaction().Prepare(sql));
  if (cadre != nullptr) row->BindText(0, *cadre);
  std::map<int32_t, int64_t> sums;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return sums;
    sums[static_cast<int32_t>(row->Int(0))] += row->Int(1);
  }
}

// Keeps standards away, while they are read and something is derived from them, or changed.
absl::Status LockYears(UnitOfWork& work, bool exclusive) {
  if (work.transaction().dialect() != sql::Dialect::kMysql) return absl::OkStatus();
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(absl::StrCat("SELECT id FROM programme_year ORDER BY id ",
                                                                  exclusive ? "FOR UPDATE" : "LOCK IN SHARE MODE")));
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
    if (!more) return absl::OkStatus();
  }
}

class CadrePolicy final : public store::PolicyOf<v1::Cadre> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::Cadre* cadre) const override {
    JIEDUI_RETURN_IF_ERROR(LockYears(work, false));
    JIEDUI_ASSIGN_OR_RETURN(
        const auto hours,
        SumByYear(work, "SELECT year, class_hours FROM cadre_training WHERE cadre = ?", &cadre->name()));
    JIEDUI_ASSIGN_OR_RETURN(const auto days,
                            SumByYear(work, "SELECT year, days FROM cadre_stay WHERE cadre = ?", &cadre->name()));
    JIEDUI_ASSIGN_OR_RETURN(const auto standards,
                            SumByYear(work, "SELECT year, class_hours FROM cadre_standard", nullptr));
    std::map<int32_t, v1::CadreYear> years;
    for (const auto& [year, sum] : hours) years[year].set_class_hours(sum);
    for (const auto& [year, sum] : days) years[year].set_village_days(sum);
    cadre->clear_years();
    cadre->clear_qualified_years();
    for (auto& [year, done] : years) {
      done.set_year(year);
      const auto standard = standards.find(year);
      done.set_hours_met(standard != standards.end() && done.class_hours() >= standard->second);
      *cadre->add_years() = done;
      if (done.hours_met()) {
        absl::StrAppend(cadre->mutable_qualified_years(), cadre->qualified_years().empty() ? "" : " ", year);
      }
    }
    return absl::OkStatus();
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (before == nullptr || after == nullptr) return absl::OkStatus();
    const auto& cadre = static_cast<const v1::Cadre&>(*after);
    if (static_cast<const v1::Cadre*>(before)->qualified_years() == cadre.qualified_years()) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const auto postings, NamesWhere(work, "cadrePostings", "cadre", cadre.name()));
    return RederiveAll(work, "cadrePostings", postings);
  }
};

class PostingPolicy final : public store::PolicyOf<v1::CadrePosting> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::CadrePosting* posting) const override {
    v1::Cadre cadre;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, posting->cadre(), &cadre));
    posting->set_qualified_years(found ? cadre.qualified_years() : "");
    return absl::OkStatus();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::CadrePosting* /*before*/, const v1::CadrePosting& after,
                                Violations& violations) const override {
    const Period period{after.start_date(), after.end_date()};
    CheckPeriod(work, period, violations);
    JIEDUI_ASSIGN_OR_RETURN(const bool twice,
                            Overlaps(work, "cadrePostings", after.name(), {{"cadre", after.cadre()}}, period));
    if (twice) {
      violations.Add("start_date", error::v1::REASON_RULE,
                     {"the cadre is posted to a village at this time already", "该干部在此期间已有派驻"});
    }
    return absl::OkStatus();
  }
};

class TrainingPolicy final : public store::PolicyOf<v1::CadreTraining> {
 public:
  void PrepareResource(const v1::CadreTraining* /*before*/, v1::CadreTraining* training) const override {
    training->set_year(YearOf(training->held_date()));
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::CadreTraining* /*before*/, const v1::CadreTraining& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    return absl::OkStatus();
  }
  absl::Status DeriveResource(UnitOfWork& work, v1::CadreTraining* training) const override {
    v1::Cadre cadre;
    return LockReferred(work, training->cadre(), &cadre).status();
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    return RederiveAll(work, "cadres",
                       {static_cast<const v1::CadreTraining*>(after != nullptr ? after : before)->cadre()});
  }
};

class StayPolicy final : public store::PolicyOf<v1::CadreStay> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::CadreStay* stay) const override {
    v1::CadrePosting posting;
    v1::Cadre cadre;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, stay->posting(), &posting));
    stay->set_village(found ? posting.village() : "");
    stay->set_cadre(found ? posting.cadre() : "");
    return LockReferred(work, stay->cadre(), &cadre).status();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::CadreStay* /*before*/, const v1::CadreStay& after,
                                Violations& violations) const override {
    v1::CadrePosting posting;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.posting(), &posting));
    if (!found || after.year() == 0 || after.month() < 1 || after.month() > 12) return absl::OkStatus();
    // The days of the month, as far as they have come, on which the posting lasts.
    const absl::CivilMonth month(after.year(), after.month());
    absl::CivilDay first(month), past(month + 1), start, end, today;
    if (absl::ParseCivilTime(work.today(), &today)) past = std::min(past, today + 1);
    if (absl::ParseCivilTime(posting.start_date(), &start)) first = std::max(first, start);
    if (absl::ParseCivilTime(posting.end_date(), &end)) past = std::min(past, end);
    if (after.days() > std::max<absl::civil_diff_t>(past - first, 0)) {
      violations.Add("days", error::v1::REASON_RANGE,
                     {"is more than the days of the month that have come and on which the posting lasts",
                      "超过该月至今派驻期间的天数"});
    }
    return absl::OkStatus();
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    return RederiveAll(work, "cadres", {static_cast<const v1::CadreStay*>(after != nullptr ? after : before)->cadre()});
  }
};

class BriefingPolicy final : public store::PolicyOf<v1::SafetyBriefing> {
 public:
  void PrepareResource(const v1::SafetyBriefing* /*before*/, v1::SafetyBriefing* briefing) const override {
    briefing->set_year(YearOf(briefing->held_date()));
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::SafetyBriefing* /*before*/, const v1::SafetyBriefing& after,
                                Violations& violations) const override {
    store::CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    std::set<std::string> seen;
    for (int i = 0; i < after.attendees_size(); ++i) {
      const std::string& cadre = after.attendees(i).cadre();
      if (!cadre.empty() && !seen.insert(cadre).second) {
        violations.Add(absl::StrCat("attendees[", i, "].cadre"), error::v1::REASON_RULE,
                       {"is named more than once", "重复填写"});
      }
    }
    return absl::OkStatus();
  }
};

// A standard that changes is held against everybody who was trained in the year.
class StandardPolicy final : public store::PolicyOf<v1::CadreStandard> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::CadreStandard* /*standard*/) const override {
    return LockYears(work, true);
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const int32_t year = static_cast<const v1::CadreStandard*>(after != nullptr ? after : before)->year();
    // A deleted standard was not locked with its year yet.
    if (after == nullptr) JIEDUI_RETURN_IF_ERROR(LockYears(work, true));
    std::set<std::string> cadres;
    {
      JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                              work.transaction().Prepare("SELECT DISTINCT cadre FROM cadre_training WHERE year = ?"));
      row->BindInt(0, year);
      while (true) {
        JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
        if (!more) break;
        cadres.emplace(row->Text(0));
      }
    }
    return RederiveAll(work, "cadres", {cadres.begin(), cadres.end()});
  }
};

}  // namespace

void AddCadreRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.CadreService");
  definition.policies["cadres"] = std::make_unique<CadrePolicy>();
  definition.policies["cadrePostings"] = std::make_unique<PostingPolicy>();
  definition.policies["cadreTrainings"] = std::make_unique<TrainingPolicy>();
  definition.policies["cadreStays"] = std::make_unique<StayPolicy>();
  definition.policies["safetyBriefings"] = std::make_unique<BriefingPolicy>();
  definition.policies["cadreStandards"] = std::make_unique<StandardPolicy>();
}

}  // namespace jiedui::village
