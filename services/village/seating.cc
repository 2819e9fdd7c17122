#include "services/village/seating.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/status/macros.h"
#include "jiedui/village/v1/division.pb.h"
#include "services/village/rules.h"

namespace jiedui::village {
namespace {

using store::UnitOfWork;
using Posts = std::set<v1::VillagePost>;

const resource::TablePlan& PlanOf(UnitOfWork& work, const char* collection) {
  return *work.engine().registry().FindByCollection(collection);
}

// An official of the village and the terms recorded.
struct Incumbent {
  v1::VillageOfficial official;
  std::vector<v1::OfficialTerm> terms;

  // The term in which `day` lies.
  const v1::OfficialTerm* On(const std::string& day) const {
    for (const v1::OfficialTerm& term : terms) {
      if (term.start_date() <= day && (term.end_date().empty() || term.end_date() > day)) return &term;
    }
    return nullptr;
  }
};

Posts PostsOf(const v1::OfficialTerm& term) {
  Posts posts;
  for (const v1::HeldPost& held : term.posts()) posts.insert(held.post());
  return posts;
}

void SetPosts(const Posts& posts, v1::OfficialTerm* term) {
  term->clear_posts();
  for (const v1::VillagePost post : posts) term->add_posts()->set_post(post);
}

absl::StatusOr<std::vector<Incumbent>> IncumbentsOf(UnitOfWork& work, const std::string& village) {
  std::vector<Incumbent> all;
  JIEDUI_ASSIGN_OR_RETURN(const auto officials, NamesWhere(work, "villageOfficials", "village", village));
  for (const std::string& name : officials) {
    Incumbent& incumbent = all.emplace_back();
    JIEDUI_RETURN_IF_ERROR(LockReferred(work, name, &incumbent.official).status());
    JIEDUI_ASSIGN_OR_RETURN(const auto terms, NamesWhere(work, "officialTerms", "official", name));
    for (const std::string& term : terms) {
      JIEDUI_RETURN_IF_ERROR(LockReferred(work, term, &incumbent.terms.emplace_back()).status());
    }
  }
  return all;
}

// An official whose date of birth is not known is known by name.
bool IsSamePerson(const v1::VillageOfficial& official, const v1::ElectionCandidate& candidate) {
  return official.display_name() == candidate.display_name() &&
         (official.birth_date().empty() || official.birth_date() == candidate.birth_date());
}

// The posts that the elected now have, by name of the official; makes officials of those who are none yet.
absl::StatusOr<absl::flat_hash_map<std::string, v1::VillagePost>> ElectedOf(UnitOfWork& work,
                                                                            const v1::Election& election,
                                                                            std::vector<Incumbent>& incumbents) {
  absl::flat_hash_map<std::string, v1::VillagePost> elected;
  for (const v1::CandidateVotes& result : election.results()) {
    if (!result.elected()) continue;
    v1::ElectionCandidate candidate;
    JIEDUI_RETURN_IF_ERROR(ReadReferred(work, result.candidate(), &candidate).status());
    auto found = std::find_if(incumbents.begin(), incumbents.end(),
                              [&candidate](const Incumbent& each) { return IsSamePerson(each.official, candidate); });
    if (found == incumbents.end()) {
      v1::VillageOfficial official;
      official.set_village(election.village());
      official.set_display_name(candidate.display_name());
      official.set_birth_date(candidate.birth_date());
      JIEDUI_RETURN_IF_ERROR(work.Create(PlanOf(work, "villageOfficials"), "", &official));
      incumbents.emplace_back().official = std::move(official);
      found = std::prev(incumbents.end());
    }
    elected[found->official.name()] = candidate.post();
  }
  return elected;
}

// The first day after `day` on which a recorded term begins that a term with `posts` of this official would meet.
std::string NextStart(const std::vector<Incumbent>& incumbents, const std::string& official, const Posts& posts,
                      const std::string& day) {
  std::string next;
  for (const Incumbent& incumbent : incumbents) {
    for (const v1::OfficialTerm& term : incumbent.terms) {
      bool meets = incumbent.official.name() == official;
      for (const v1::VillagePost post : PostsOf(term)) meets = meets || (IsHead(post) && posts.count(post) > 0);
      if (meets && term.start_date() > day && (next.empty() || term.start_date() < next)) next = term.start_date();
    }
  }
  return next;
}

}  // namespace

bool FillsPost(v1::ElectedOrgan organ, v1::VillagePost post) {
  switch (post) {
    case v1::VILLAGE_POST_SECRETARY:
    case v1::VILLAGE_POST_DEPUTY_SECRETARY:
    case v1::VILLAGE_POST_PARTY_COMMITTEE_MEMBER:
      return organ == v1::ELECTED_ORGAN_PARTY_ORGANISATION;
    case v1::VILLAGE_POST_DIRECTOR:
    case v1::VILLAGE_POST_DEPUTY_DIRECTOR:
    case v1::VILLAGE_POST_COMMITTEE_MEMBER:
      return organ == v1::ELECTED_ORGAN_VILLAGE_COMMITTEE;
    case v1::VILLAGE_POST_SUPERVISORY_DIRECTOR:
    case v1::VILLAGE_POST_SUPERVISORY_MEMBER:
      return organ == v1::ELECTED_ORGAN_SUPERVISORY_COMMITTEE;
    case v1::VILLAGE_POST_COLLECTIVE_HEAD:
      return organ == v1::ELECTED_ORGAN_COLLECTIVE_ECONOMY;
    case v1::VILLAGE_POST_YOUTH_SECRETARY:
      return organ == v1::ELECTED_ORGAN_YOUTH_LEAGUE;
    case v1::VILLAGE_POST_WOMENS_CHAIR:
      return organ == v1::ELECTED_ORGAN_WOMENS_FEDERATION;
    default:
      return post == v1::VILLAGE_POST_OTHER;
  }
}

bool IsHead(v1::VillagePost post) {
  switch (post) {
    case v1::VILLAGE_POST_SECRETARY:
    case v1::VILLAGE_POST_DIRECTOR:
    case v1::VILLAGE_POST_SUPERVISORY_DIRECTOR:
    case v1::VILLAGE_POST_COLLECTIVE_HEAD:
    case v1::VILLAGE_POST_YOUTH_SECRETARY:
    case v1::VILLAGE_POST_WOMENS_CHAIR:
      return true;
    default:
      return false;
  }
}

absl::Status SeatElected(UnitOfWork& work, const v1::Election& election) {
  const std::string& day = election.held_date();
  const resource::TablePlan& terms = PlanOf(work, "officialTerms");
  // Elections of several organs of a village may be recorded at once.
  v1::Village village;
  JIEDUI_RETURN_IF_ERROR(LockReferred(work, election.village(), &village).status());
  JIEDUI_ASSIGN_OR_RETURN(std::vector<Incumbent> incumbents, IncumbentsOf(work, election.village()));
  JIEDUI_ASSIGN_OR_RETURN(const auto elected, ElectedOf(work, election, incumbents));
  std::vector<v1::OfficialTerm> begun;
  for (const Incumbent& incumbent : incumbents) {
    const auto seat = elected.find(incumbent.official.name());
    const bool is_elected = seat != elected.end();
    const v1::OfficialTerm* const current = incumbent.On(day);
    const Posts held = current == nullptr ? Posts() : PostsOf(*current);
    Posts posts;
    // What has no organ of its own is not lost with this one.
    for (const v1::VillagePost post : held) {
      if (post == v1::VILLAGE_POST_OTHER || !FillsPost(election.organ(), post)) posts.insert(post);
    }
    if (is_elected) posts.insert(seat->second);
    const bool begins_now = current != nullptr && current->start_date() == day;
    if (held == posts && (begins_now || !is_elected)) continue;
    v1::OfficialTerm term;
    if (current != nullptr) term = *current;
    if (begins_now && !posts.empty()) {
      // Another organ was elected on the same day, in whichever order that is recorded.
      SetPosts(posts, &term);
      if (is_elected) term.set_origin(v1::TERM_ORIGIN_ELECTED);
      if (is_elected && term.election().empty()) term.set_election(election.name());
      JIEDUI_RETURN_IF_ERROR(work.Update(terms, {"posts", "origin", "election"}, &term));
      continue;
    }
    // A term that begins now with posts that somebody else was elected to contradicts the election: that is left to people.
    if (begins_now) continue;
    if (current != nullptr) {
      term.set_end_date(day);
      JIEDUI_RETURN_IF_ERROR(work.Update(terms, {"end_date"}, &term));
    }
    if (posts.empty()) continue;
    v1::OfficialTerm& next = begun.emplace_back();
    next.set_official(incumbent.official.name());
    SetPosts(posts, &next);
    next.set_origin(is_elected ? v1::TERM_ORIGIN_ELECTED : v1::TERM_ORIGIN_CONTINUED);
    next.set_start_date(day);
    next.set_end_date(NextStart(incumbents, incumbent.official.name(), posts, day));
    if (is_elected) next.set_election(election.name());
  }
  // After the others have gone.
  for (v1::OfficialTerm& term : begun) JIEDUI_RETURN_IF_ERROR(work.Create(terms, "", &term));
  return absl::OkStatus();
}

}  // namespace jiedui::village
