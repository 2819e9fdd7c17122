#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/util/message_differencer.h"
#include "jiedui/village/v1/cadre.pb.h"
#include "jiedui/village/v1/election.pb.h"
#include "services/village/rules.h"
#include "services/village/seating.h"
#include "services/village/shares.h"
#include "services/village/workflow_rules.h"

namespace jiedui::village {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using store::Passage;
using store::UnitOfWork;

class ElectionRulePolicy final : public store::PolicyOf<v1::ElectionRule> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ElectionRule* before, const v1::ElectionRule& after,
                                Violations& violations) const override {
    store::CheckDateOrder({{"valid_from", after.valid_from()}, {"valid_to", after.valid_to()}}, false, violations);
    CheckCodesDiffer(after.disqualifications(), "disqualifications", violations);
    if (before == nullptr || SameRules(*before, after)) return absl::OkStatus();
    JIEDUI_ASSIGN_OR_RETURN(const auto used, NamesWhere(work, "elections", "rule", after.name()));
    if (!used.empty()) {
      violations.Add("disqualifications", error::v1::REASON_IMMUTABLE,
                     {"elections follow these rules: record a new version", "已有选举采用，请新增一个版本"});
    }
    return absl::OkStatus();
  }

 private:
  // When it ends may change.
  static bool SameRules(const v1::ElectionRule& a, const v1::ElectionRule& b) {
    v1::ElectionRule rules_a, rules_b;
    *rules_a.mutable_disqualifications() = a.disqualifications();
    *rules_b.mutable_disqualifications() = b.disqualifications();
    *rules_a.mutable_turnout() = a.turnout();
    *rules_b.mutable_turnout() = b.turnout();
    *rules_a.mutable_majority() = a.majority();
    *rules_b.mutable_majority() = b.majority();
    return MessageDifferencer::Equals(rules_a, rules_b);
  }
};

class ElectionPolicy final : public store::PolicyOf<v1::Election> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::Election* before, const v1::Election& after,
                                Violations& violations) const override {
    if (before != nullptr && before->planned_date() == after.planned_date()) return absl::OkStatus();
    v1::ElectionRule rule;
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, after.rule(), &rule));
    const bool ended = found && !rule.valid_to().empty() && after.planned_date() > rule.valid_to();
    if (found && (after.planned_date() < rule.valid_from() || ended)) {
      violations.Add("rule", error::v1::REASON_RULE, {"is not valid on the day of voting", "该规则在选举日不适用"});
    }
    return absl::OkStatus();
  }

  absl::Status AfterWrite(UnitOfWork& work, const Message* before, const Message* after) const override {
    if (before == nullptr || after == nullptr) return absl::OkStatus();
    const auto& election = static_cast<const v1::Election&>(*after);
    const bool just_held = election.state() == v1::ELECTION_STATE_HELD &&
                           static_cast<const v1::Election&>(*before).state() != v1::ELECTION_STATE_HELD;
    return just_held ? SeatElected(work, election) : absl::OkStatus();
  }
};

// The cadres who are posted to the village of the election on its day.
absl::StatusOr<std::vector<v1::Cadre>> ResidentCadres(UnitOfWork& work, const v1::Election& election) {
  const std::string& day = election.held_date().empty() ? election.planned_date() : election.held_date();
  std::vector<v1::Cadre> cadres;
  JIEDUI_ASSIGN_OR_RETURN(const auto postings, NamesWhere(work, "cadrePostings", "village", election.village()));
  for (const std::string& name : postings) {
    v1::CadrePosting posting;
    v1::Cadre cadre;
    JIEDUI_ASSIGN_OR_RETURN(const bool posted, ReadReferred(work, name, &posting));
    if (!posted || posting.start_date() > day || (!posting.end_date().empty() && posting.end_date() <= day)) continue;
    JIEDUI_ASSIGN_OR_RETURN(const bool known, ReadReferred(work, posting.cadre(), &cadre));
    if (known) cadres.push_back(std::move(cadre));
  }
  return cadres;
}

// A cadre whose date of birth is not known is known by name.
template <typename Person>
bool IsSamePerson(const v1::Cadre& cadre, const Person& person) {
  return cadre.display_name() == person.display_name() &&
         (cadre.birth_date().empty() || cadre.birth_date() == person.birth_date());
}

template <typename Person>
absl::Status CheckNoResidentCadre(UnitOfWork& work, const v1::Election& election, const Person& person,
                                  Violations& violations) {
  JIEDUI_ASSIGN_OR_RETURN(const auto cadres, ResidentCadres(work, election));
  for (const v1::Cadre& cadre : cadres) {
    if (!IsSamePerson(cadre, person)) continue;
    violations.Add("display_name", error::v1::REASON_RULE,
                   {"is a cadre who lives in the village on assistance, who can be neither voter nor candidate",
                    "是驻村干部，不能作为选民或候选人"});
    break;
  }
  return absl::OkStatus();
}

// Candidates and voters: persons of an election that is still being prepared.
template <typename Person>
absl::Status CheckPerson(UnitOfWork& work, const Person& person, v1::Election* election, Violations& violations) {
  JIEDUI_ASSIGN_OR_RETURN(const bool found, LockReferred(work, person.election(), election));
  if (!found) return absl::OkStatus();
  if (election->state() != v1::ELECTION_STATE_PREPARING) {
    violations.Add("election", error::v1::REASON_STATE, {"is no longer being prepared", "选举已不在筹备阶段"});
  }
  return CheckNoResidentCadre(work, *election, person, violations);
}

class ElectionVoterPolicy final : public store::PolicyOf<v1::ElectionVoter> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ElectionVoter* /*before*/, const v1::ElectionVoter& after,
                                Violations& violations) const override {
    v1::Election election;
    return CheckPerson(work, after, &election, violations);
  }
};

class ElectionCandidatePolicy final : public store::PolicyOf<v1::ElectionCandidate> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::ElectionCandidate* before,
                                const v1::ElectionCandidate& after, Violations& violations) const override {
    v1::Election election;
    v1::ElectionRule rule;
    if (before == nullptr || before->state() == after.state()) {
      JIEDUI_RETURN_IF_ERROR(CheckPerson(work, after, &election, violations));
    } else {
      JIEDUI_RETURN_IF_ERROR(LockReferred(work, after.election(), &election).status());
    }
    if (after.post() != v1::VILLAGE_POST_UNSPECIFIED && election.organ() != v1::ELECTED_ORGAN_UNSPECIFIED &&
        !FillsPost(election.organ(), after.post())) {
      violations.Add("post", error::v1::REASON_RULE,
                     {"is no post of the organ that is elected", "不是所选举组织的职务"});
    }
    JIEDUI_ASSIGN_OR_RETURN(const bool found, ReadReferred(work, election.rule(), &rule));
    if (!found) return absl::OkStatus();
    absl::flat_hash_set<std::string> listed, checked;
    for (const v1::Disqualification& each : rule.disqualifications()) listed.insert(each.code());
    for (int i = 0; i < after.checks_size(); ++i) {
      const std::string field = absl::StrCat("checks[", i, "].code");
      if (!listed.contains(after.checks(i).code())) {
        violations.Add(field, error::v1::REASON_RULE, {"is not on the list of the rules", "不在规则所列情形中"});
      } else if (!checked.insert(after.checks(i).code()).second) {
        violations.Add(field, error::v1::REASON_DUPLICATE, {"is there twice", "代码重复"});
      }
    }
    return absl::OkStatus();
  }
};

// Every item of the list was looked at, and none holds.
absl::Status NothingAgainstCandidate(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& candidate = static_cast<const v1::ElectionCandidate&>(passage.before);
  v1::Election election;
  v1::ElectionRule rule;
  JIEDUI_RETURN_IF_ERROR(LockReferred(work, candidate.election(), &election).status());
  JIEDUI_RETURN_IF_ERROR(ReadReferred(work, election.rule(), &rule).status());
  JIEDUI_RETURN_IF_ERROR(CheckNoResidentCadre(work, election, candidate, violations));
  absl::flat_hash_map<std::string, bool> found;
  for (const v1::CandidateCheck& check : candidate.checks()) found[check.code()] = check.holds();
  for (const v1::Disqualification& item : rule.disqualifications()) {
    const auto it = found.find(item.code());
    if (it == found.end()) {
      violations.Add("checks", error::v1::REASON_REQUIRED,
                     {absl::StrCat(item.code(), " was not checked"), absl::StrCat("未审查：", item.display_name())});
    } else if (it->second) {
      violations.Add("checks", error::v1::REASON_RULE,
                     {absl::StrCat(item.code(), " holds: DisqualifyCandidate"),
                      absl::StrCat("存在不能情形：", item.display_name())});
    }
  }
  return absl::OkStatus();
}

absl::Status ElectionOpen(UnitOfWork& work, const Passage& passage, Violations& violations) {
  v1::Election election;
  JIEDUI_RETURN_IF_ERROR(
      LockReferred(work, static_cast<const v1::ElectionCandidate&>(passage.before).election(), &election).status());
  if (election.state() <= v1::ELECTION_STATE_ANNOUNCED) return absl::OkStatus();
  violations.Add("name", error::v1::REASON_STATE, {"the election was held", "选举已经举行"});
  return absl::OkStatus();
}

// The candidates, by name.
absl::StatusOr<absl::flat_hash_map<std::string, v1::ElectionCandidate>> CandidatesOf(UnitOfWork& work,
                                                                                     const std::string& election) {
  absl::flat_hash_map<std::string, v1::ElectionCandidate> candidates;
  JIEDUI_ASSIGN_OR_RETURN(const auto names, NamesWhere(work, "electionCandidates", "election", election));
  for (const std::string& name : names) {
    JIEDUI_RETURN_IF_ERROR(LockReferred(work, name, &candidates[name]).status());
  }
  return candidates;
}

absl::Status CandidatesChecked(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& election = static_cast<const v1::Election&>(passage.before);
  JIEDUI_ASSIGN_OR_RETURN(const auto candidates, CandidatesOf(work, election.name()));
  int qualified = 0;
  for (const auto& [name, candidate] : candidates) {
    qualified += candidate.state() == v1::CANDIDATE_STATE_QUALIFIED;
    if (candidate.state() != v1::CANDIDATE_STATE_NOMINATED) continue;
    violations.Add("name", error::v1::REASON_RULE,
                   {absl::StrCat(name, " is not checked"), absl::StrCat(name, " 尚未资格审查")});
  }
  if (qualified == 0)
    violations.Add("name", error::v1::REASON_RULE, {"has no qualified candidate", "没有资格合格的候选人"});
  return absl::OkStatus();
}

void AddResidentCadre(const std::string& name, Violations& violations) {
  violations.Add(
      "name", error::v1::REASON_RULE,
      {absl::StrCat(name,
                    " is a cadre who lives in the village on assistance on the day of voting, who can be neither "
                    "voter nor candidate"),
       absl::StrCat(name, " 在选举日是驻村干部，不能作为选民或候选人")});
}

// Postings may have been recorded, and the day moved, since candidates and voters were.
absl::Status NoResidentCadre(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& election = static_cast<const v1::Election&>(passage.after);
  JIEDUI_ASSIGN_OR_RETURN(const auto cadres, ResidentCadres(work, election));
  if (cadres.empty()) return absl::OkStatus();
  JIEDUI_ASSIGN_OR_RETURN(const auto candidates, CandidatesOf(work, election.name()));
  const resource::TablePlan& voters = *work.engine().registry().FindByCollection("electionVoters");
  for (const v1::Cadre& cadre : cadres) {
    for (const auto& [name, candidate] : candidates) {
      const bool stands =
          candidate.state() == v1::CANDIDATE_STATE_NOMINATED || candidate.state() == v1::CANDIDATE_STATE_QUALIFIED;
      if (stands && IsSamePerson(cadre, candidate)) AddResidentCadre(name, violations);
    }
    // Names are encrypted: those born on the day are looked at.
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            work.transaction().Prepare(absl::StrCat(
                                voters.select_sql(), " WHERE `election` = ? AND (? = '' OR `birth_date` = ?)")));
    row->BindText(0, election.name());
    row->BindText(1, cadre.birth_date());
    row->BindText(2, cadre.birth_date());
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool more, row->Step());
      if (!more) break;
      v1::ElectionVoter voter;
      resource::RowVersion version;
      JIEDUI_RETURN_IF_ERROR(voters.ReadRow(*row, &voter, &version));
      if (IsSamePerson(cadre, voter)) AddResidentCadre(voter.name(), violations);
    }
  }
  return absl::OkStatus();
}

void CheckVotes(const v1::Election& election, Violations& violations) {
  if (election.voted_count() <= election.registered_count()) return;
  violations.Add("voted_count", error::v1::REASON_RULE, {"more voted than are registered", "参加投票数多于登记选民数"});
}

absl::Status VotesFit(UnitOfWork& /*work*/, const Passage& passage, Violations& violations) {
  CheckVotes(static_cast<const v1::Election&>(passage.after), violations);
  return absl::OkStatus();
}

absl::Status TurnoutReached(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& election = static_cast<const v1::Election&>(passage.after);
  v1::ElectionRule rule;
  JIEDUI_RETURN_IF_ERROR(ReadReferred(work, election.rule(), &rule).status());
  CheckVotes(election, violations);
  if (Reaches(election.voted_count(), election.registered_count(), rule.turnout())) return absl::OkStatus();
  const Text share = Described(rule.turnout());
  violations.Add("voted_count", error::v1::REASON_RULE,
                 {absl::StrCat(election.voted_count(), " of ", election.registered_count(), " voted, ", share.en,
                               " must: VoidElection"),
                  absl::StrCat("登记选民", election.registered_count(), "人，参加投票", election.voted_count(),
                               "人，须", share.zh, "，选举无效")});
  return absl::OkStatus();
}

// Who stands in the result with more votes than one who is elected to the same post, and is not elected.
bool IsPassedOver(const v1::CandidateVotes& elected, const v1::Election& election,
                  const absl::flat_hash_map<std::string, v1::ElectionCandidate>& candidates) {
  const auto post = [&candidates](const v1::CandidateVotes& result) {
    const auto it = candidates.find(result.candidate());
    return it == candidates.end() ? v1::VILLAGE_POST_UNSPECIFIED : it->second.post();
  };
  return std::any_of(election.results().begin(), election.results().end(), [&](const v1::CandidateVotes& other) {
    return !other.elected() && other.votes() > elected.votes() && post(other) == post(elected);
  });
}

// Whether more voted for the heads of one post than voted at all, and a violation for each head who is not elected though the votes
// are enough and nobody else is: a ballot has one name for such a post.
bool CheckHeads(const v1::Election& election, const v1::Share& majority,
                const absl::flat_hash_map<std::string, v1::ElectionCandidate>& candidates, Violations& violations) {
  absl::flat_hash_map<int, int64_t> votes;
  absl::flat_hash_set<int> filled;
  const auto head = [&candidates](const v1::CandidateVotes& result) {
    const auto it = candidates.find(result.candidate());
    return it != candidates.end() && IsHead(it->second.post()) ? it->second.post() : v1::VILLAGE_POST_UNSPECIFIED;
  };
  for (const v1::CandidateVotes& result : election.results()) {
    votes[head(result)] += result.votes();
    if (result.elected()) filled.insert(head(result));
  }
  for (int i = 0; i < election.results_size(); ++i) {
    const v1::CandidateVotes& result = election.results(i);
    if (head(result) == v1::VILLAGE_POST_UNSPECIFIED || filled.contains(head(result))) continue;
    if (!Reaches(result.votes(), election.voted_count(), majority)) continue;
    violations.Add(absl::StrCat("results[", i, "].elected"), error::v1::REASON_RULE,
                   {"has enough votes, and nobody is elected to this post", "得票已达当选比例，该职务却无人当选"});
  }
  votes.erase(v1::VILLAGE_POST_UNSPECIFIED);
  return std::any_of(votes.begin(), votes.end(),
                     [&election](const auto& post) { return post.second > election.voted_count(); });
}

// Who is elected was a qualified candidate with enough votes and not fewer than others, and there are not more than seats; a head who
// has enough is elected; nobody who stood is left out, and nobody voted for more than there are seats.
absl::Status ResultFits(UnitOfWork& work, const Passage& passage, Violations& violations) {
  const auto& election = static_cast<const v1::Election&>(passage.after);
  v1::ElectionRule rule;
  JIEDUI_RETURN_IF_ERROR(ReadReferred(work, election.rule(), &rule).status());
  JIEDUI_ASSIGN_OR_RETURN(const auto candidates, CandidatesOf(work, election.name()));
  absl::flat_hash_set<std::string> seen;
  absl::flat_hash_set<int> heads;
  int elected = 0;
  int64_t votes = 0;
  for (int i = 0; i < election.results_size(); ++i) {
    const v1::CandidateVotes& result = election.results(i);
    const auto add = [&violations, i](const char* field, Text text) {
      violations.Add(absl::StrCat("results[", i, "].", field), error::v1::REASON_RULE, std::move(text));
    };
    const auto it = candidates.find(result.candidate());
    if (it == candidates.end() || it->second.state() != v1::CANDIDATE_STATE_QUALIFIED) {
      add("candidate", {"is no qualified candidate of this election", "不是本次选举资格合格的候选人"});
    }
    if (!seen.insert(result.candidate()).second) add("candidate", {"is there twice", "候选人重复"});
    if (result.votes() > election.voted_count()) add("votes", {"more than voted", "得票数多于参加投票数"});
    elected += result.elected();
    votes += result.votes();
    if (result.elected() && IsPassedOver(result, election, candidates)) {
      add("elected", {"somebody with more votes for this post is not elected", "该职务有得票更多的候选人未当选"});
    }
    if (result.elected() && it != candidates.end() && IsHead(it->second.post()) &&
        !heads.insert(it->second.post()).second) {
      add("elected", {"somebody else is elected to this post", "该职务已有其他当选人"});
    }
    if (result.elected() && !Reaches(result.votes(), election.voted_count(), rule.majority())) {
      const Text share = Described(rule.majority());
      add("votes",
          {absl::StrCat("is elected with ", share.en, " of the votes cast"), absl::StrCat("当选须得票", share.zh)});
    }
  }
  const auto add = [&violations](Text text) { violations.Add("results", error::v1::REASON_RULE, std::move(text)); };
  if (elected > election.seats()) add({"more are elected than there are seats", "当选人数多于应选人数"});
  if (elected == 0) add({"nobody is elected: VoidElection", "无人当选，应作选举无效处理"});
  const bool too_many_for_heads = CheckHeads(election, rule.majority(), candidates, violations);
  if (too_many_for_heads || votes > int64_t{election.voted_count()} * election.seats()) {
    add({"there are more votes than those who voted could give: one for a head, and one for each seat in all",
         "得票合计多于参加投票者所能投的票数：正职每人一票，合计不超过应选人数"});
  }
  for (const auto& [name, candidate] : candidates) {
    if (candidate.state() != v1::CANDIDATE_STATE_QUALIFIED || seen.contains(name)) continue;
    add({absl::StrCat(name, " stood and is not in the result"), absl::StrCat("缺少候选人 ", name, " 的得票")});
  }
  return absl::OkStatus();
}

}  // namespace

void AddElectionRules(service::Definition& definition) {
  definition.services.emplace_back("jiedui.village.v1.ElectionService");
  definition.policies["electionRules"] = std::make_unique<ElectionRulePolicy>();
  definition.policies["elections"] = std::make_unique<ElectionPolicy>();
  definition.policies["electionCandidates"] = std::make_unique<ElectionCandidatePolicy>();
  definition.policies["electionVoters"] = std::make_unique<ElectionVoterPolicy>();
  definition.guards["nothing_against_candidate"] = NothingAgainstCandidate;
  definition.guards["election_open"] = ElectionOpen;
  definition.guards["candidates_checked"] = CandidatesChecked;
  definition.guards["no_resident_cadre"] = NoResidentCadre;
  definition.guards["votes_fit"] = VotesFit;
  definition.guards["turnout_reached"] = TurnoutReached;
  definition.guards["result_fits"] = ResultFits;
}

}  // namespace jiedui::village
