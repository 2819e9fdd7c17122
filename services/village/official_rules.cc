// Village officials. A person has one term at a time, with all the posts held in it: whether one person is secretary and
// director (一肩挑) follows from it and cannot be typed in.

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/division.pb.h"
#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/official.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using store::UnitOfWork;

class TermPolicy final : public store::PolicyOf<v1::OfficialTerm> {
 public:
  absl::Status DeriveResource(UnitOfWork& work, v1::OfficialTerm* term) const override {
    term->clear_secretary();
    term->clear_director();
    for (const v1::HeldPost& held : term->posts()) {
      if (held.post() == v1::VILLAGE_POST_SECRETARY) term->set_secretary(true);
      if (held.post() == v1::VILLAGE_POST_DIRECTOR) term->set_director(true);
    }
    term->set_secretary_and_director(term->secretary() && term->director());
    term->clear_village();
    term->clear_elected_date();
    term->clear_trained_date();
    v1::VillageOfficial official;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, term->official(), &official));
    if (!found) return absl::OkStatus();
    term->set_village(official.village());
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<v1::OfficialTerm> others, TermsBeside(work, *term));
    term->set_elected_date(ElectedDate(*term, others));
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT held_date FROM official_training WHERE official = ? AND "
                                                       "held_date >= ? ORDER BY held_date LIMIT 1"));
    row->BindText(0, term->official());
    row->BindText(1, term->elected_date().empty() ? term->start_date() : term->elected_date());
    JIEDUI_ASSIGN_OR_RETURN(const bool trained, row->Step());
    if (trained) term->set_trained_date(std::string(row->Text(0)));
    return absl::OkStatus();
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::OfficialTerm* before, const v1::OfficialTerm& after,
                                Violations& violations) const override {
    const Period period{after.start_date(), after.end_date()};
    CheckPeriod(work, period, violations);
    std::set<int> posts;
    for (int i = 0; i < after.posts_size(); ++i) {
      if (!posts.insert(after.posts(i).post()).second) {
        violations.Add(absl::StrCat("posts[", i, "].post"), error::v1::REASON_RULE,
                       {"is named more than once", "重复填写"});
      }
    }
    if (before != nullptr && !before->election().empty() && before->election() != after.election()) {
      violations.Add("election", error::v1::REASON_IMMUTABLE, {"cannot change once it is set", "填写后不能更改"});
    }
    v1::Election election;
    JIEDUI_ASSIGN_OR_RETURN(const bool by_election, ReadReferred(work, after.election(), &election));
    if (by_election && !after.village().empty() && election.village() != after.village()) {
      violations.Add("election", error::v1::REASON_RULE, {"is one of another village", "不是本村的选举"});
    }
    const bool same = before != nullptr && before->start_date() == after.start_date() &&
                      before->end_date() == after.end_date() && before->secretary() == after.secretary() &&
                      before->director() == after.director();
    return same || after.village().empty() ? absl::OkStatus() : CheckOthers(work, after, period, violations);
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    // Those that go on from it were elected when it was.
    const auto& term = static_cast<const v1::OfficialTerm&>(after != nullptr ? *after : *before);
    JIEDUI_ASSIGN_OR_RETURN(const std::vector<v1::OfficialTerm> others, TermsBeside(work, term));
    const resource::TablePlan& plan = *work.engine().registry().FindByCollection("officialTerms");
    for (const v1::OfficialTerm& other : others) JIEDUI_RETURN_IF_ERROR(work.Rederive(plan, other.name()));
    return absl::OkStatus();
  }

 private:
  // The other terms of its official: name, origin and days.
  static absl::StatusOr<std::vector<v1::OfficialTerm>> TermsBeside(UnitOfWork& work, const v1::OfficialTerm& term) {
    const resource::TablePlan& plan = *work.engine().registry().FindByCollection("officialTerms");
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare("SELECT id, origin, start_date, end_date FROM official_term "
                                                       "WHERE official = ?"));
    row->BindText(0, term.official());
    std::vector<v1::OfficialTerm> others;
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) return others;
      v1::OfficialTerm other;
      other.set_name(plan.NameOf(row->Text(0)));
      other.set_origin(static_cast<v1::TermOrigin>(row->Int(1)));
      other.set_start_date(std::string(row->Text(2)));
      other.set_end_date(std::string(row->Text(3)));
      if (other.name() != term.name()) others.push_back(std::move(other));
    }
  }

  // The first day on which the official was elected in the year of the last election, in terms that follow each other up to this one;
  // empty where none of them is by election. Another organ that is elected later in the year begins another term, not another election
  // of the person.
  static std::string ElectedDate(const v1::OfficialTerm& term, const std::vector<v1::OfficialTerm>& others) {
    std::string elected;
    for (const v1::OfficialTerm* each = &term; each != nullptr;) {
      if (each->origin() == v1::TERM_ORIGIN_ELECTED) {
        if (!elected.empty() && YearOf(elected) != YearOf(each->start_date())) break;
        elected = each->start_date();
      }
      const auto before = std::find_if(others.begin(), others.end(), [each](const v1::OfficialTerm& other) {
        return other.end_date() == each->start_date() && other.start_date() < each->start_date();
      });
      each = before == others.end() ? nullptr : &*before;
    }
    return elected;
  }

  static absl::Status CheckOthers(UnitOfWork& work, const v1::OfficialTerm& term, Period period,
                                  Violations& violations) {
    JIEDUI_ASSIGN_OR_RETURN(const bool twice,
                            Overlaps(work, "officialTerms", term.name(), {{"official", term.official()}}, period));
    if (twice) {
      violations.Add("start_date", error::v1::REASON_RULE,
                     {"the official has another term at this time; one term names all posts",
                      "该村干部在此期间已有任期；一个任期填写全部职务"});
    }
    if (!term.secretary() && !term.director()) return absl::OkStatus();
    // One at a time: whoever names a secretary or director of the village waits here.
    v1::Village village;
    JIEDUI_RETURN_IF_ERROR(LockReferred(work, term.village(), &village).status());
    const auto check = [&](bool held, absl::string_view extra, const Text& text) -> absl::Status {
      if (!held) return absl::OkStatus();
      JIEDUI_ASSIGN_OR_RETURN(
          const bool taken, Overlaps(work, "officialTerms", term.name(), {{"village", term.village()}}, period, extra));
      if (taken) violations.Add("posts", error::v1::REASON_RULE, text);
      return absl::OkStatus();
    };
    JIEDUI_RETURN_IF_ERROR(check(term.secretary(), "secretary = 1",
                                 {"the village has another secretary at this time", "该村在此期间已有书记"}));
    return check(term.director(), "director = 1",
                 {"the village has another director at this time", "该村在此期间已有村委会主任"});
  }
};

class TrainingPolicy final : public store::PolicyOf<v1::OfficialTraining> {
 public:
  void PrepareResource(const v1::OfficialTraining* /*before*/, v1::OfficialTraining* training) const override {
    training->set_year(YearOf(training->held_date()));
  }
  absl::Status DeriveResource(UnitOfWork& work, v1::OfficialTraining* training) const override {
    v1::VillageOfficial official;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, training->official(), &official));
    training->set_village(found ? official.village() : "");
    return absl::OkStatus();
  }
  absl::Status ValidateResource(UnitOfWork& work, const v1::OfficialTraining* /*before*/,
                                const v1::OfficialTraining& after, Violations& violations) const override {
    store::CheckHappened(work.today(), {{"held_date", after.held_date()}}, violations);
    return absl::OkStatus();
  }
  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    const auto& training = static_cast<const v1::OfficialTraining&>(after != nullptr ? *after : *before);
    JIEDUI_ASSIGN_OR_RETURN(const auto terms, NamesWhere(work, "officialTerms", "official", training.official()));
    const resource::TablePlan& plan = *work.engine().registry().FindByCollection("officialTerms");
    for (const std::string& term : terms) JIEDUI_RETURN_IF_ERROR(work.Rederive(plan, term));
    return absl::OkStatus();
  }
};

}  // namespace

void AddOfficialRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.OfficialService");
  definition.policies["officialTerms"] = std::make_unique<TermPolicy>();
  definition.policies["officialTrainings"] = std::make_unique<TrainingPolicy>();
}

}  // namespace jiedui::village
