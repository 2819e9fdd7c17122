#include "services/cli/sample/election_sample.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/cli/sample/step_sample.h"

namespace jiedui::cli {
namespace {

namespace v1 = village::v1;

// A stream of random numbers apart from those of the village's other records; organs are apart by tenths.
constexpr uint64_t kStream = 8'000'000'000'000;
constexpr uint64_t kStreamOfOrgan = 100'000'000'000;

constexpr char kRule[] = "electionRules/2018";

// “9个不能”: nine invented wordings of what such lists contain.
constexpr const char* kDisqualifications[][2] = {{"convicted", "受过刑事处罚未满规定年限的"},
                                                 {"political", "政治上的两面人"},
                                                 {"organised-crime", "涉黑涉恶或为其提供保护的"},
                                                 {"clan", "利用宗族势力干扰选举和村务的"},
                                                 {"religion", "参与非法宗教活动的"},
                                                 {"under-inquiry", "涉嫌违纪违法正在接受调查的"},
                                                 {"bribery", "拉票贿选的"},
                                                 {"debt-defaulter", "失信被执行人"},
                                                 {"petition-abuse", "长期无理取闹、扰乱公共秩序的"}};

class Writer {
 public:
  Writer(const VillagePlace& place, const SampleElection& election, uint64_t seed, SampleFiles& files)
      : place_(place),
        election_(election),
        random_(seed, kStream + election.organ * kStreamOfOrgan + std::stoull(place.code) % kStreamOfOrgan),
        files_(files),
        name_(absl::StrCat("elections/e-", place.code, "-", election.organ)),
        month_(election.date.substr(0, 8)),
        clerk_(SampleActor(place.code, "clerk")),
        steps_(name_, files) {}

  void WriteAll() {
    v1::Election election;
    election.set_name(name_);
    election.set_village("villages/" + place_.code);
    election.set_organ(election_.organ);
    election.set_rule(kRule);
    election.set_term(11);
    election.set_planned_date(election_.date);
    election.set_seats(static_cast<int32_t>(election_.candidates.size()));
    AddRecord(files_, election);
    for (const SampleCandidate& each : election_.candidates) WriteCandidate(each);
    const v1::VillagePost post = election_.candidates.front().post;
    const int loser = WriteCandidate({post, "样例候选乙", random_.Date(1965, 1992)});
    WriteVoters();
    if (!election_.held && random_.Chance(20)) {
      // Still being prepared: one is to be checked.
      WriteNominee({post, "样例候选丙", random_.Date(1965, 1992)}, false);
      return;
    }
    if (random_.Chance(20)) Exclude(WriteNominee({post, "样例候选丁", random_.Date(1965, 1992)}, true));
    if (random_.Chance(15)) {
      const v1::ElectionCandidate candidate = WriteNominee({post, "样例候选戊", random_.Date(1965, 1992)}, false);
      Steps(candidate.name(), files_).Add("WithdrawCandidate", clerk_, month_ + "03");
    }
    steps_.Add("AnnounceCandidates", clerk_, month_ + "04");
    if (election_.held) {
      Hold(loser);
    } else if (random_.Chance(60)) {
      Fail();
    }
  }

 private:
  v1::ElectionCandidate WriteNominee(const SampleCandidate& person, bool disqualified) {
    v1::ElectionCandidate candidate;
    candidate.set_name(CandidateName(++candidates_));
    candidate.set_election(name_);
    candidate.set_display_name(person.display_name);
    candidate.set_birth_date(person.birth_date);
    candidate.set_post(person.post);
    const int64_t holds = disqualified ? random_.Between(0, std::size(kDisqualifications) - 1) : -1;
    for (int64_t i = 0; i < static_cast<int64_t>(std::size(kDisqualifications)); ++i) {
      v1::CandidateCheck* check = candidate.add_checks();
      check->set_code(kDisqualifications[i][0]);
      check->set_holds(i == holds);
    }
    AddRecord(files_, candidate);
    return candidate;
  }

  // Answers the number.
  int WriteCandidate(const SampleCandidate& person) {
    const v1::ElectionCandidate candidate = WriteNominee(person, false);
    Steps(candidate.name(), files_).Add("QualifyCandidate", SampleActor(place_.code, "township"), month_ + "02");
    return candidates_;
  }

  void Exclude(const v1::ElectionCandidate& candidate) {
    Steps(candidate.name(), files_)
        .Add("DisqualifyCandidate", SampleActor(place_.code, "township"), month_ + "03", "", "样例：存在不能情形");
  }

  void WriteVoters() {
    for (int i = 1, count = static_cast<int>(random_.Between(1, 3)); i <= count; ++i) {
      v1::ElectionVoter voter;
      voter.set_name(absl::StrCat("electionVoters/v-", place_.code, "-", election_.organ, "-", i));
      voter.set_election(name_);
      voter.set_display_name(absl::StrCat("样例选民", i));
      voter.set_birth_date(random_.Date(1940, 1999));
      AddRecord(files_, voter);
    }
  }

  // Of a branch the members vote, of the others the villagers.
  int64_t Registered() {
    return election_.organ == v1::ELECTED_ORGAN_PARTY_ORGANISATION ? random_.Between(15, 60)
                                                                   : random_.Between(200, 1800);
  }

  void Hold(int loser) {
    const int64_t registered = Registered();
    const int64_t voted = registered - random_.Between(0, registered / 3);
    int64_t left = voted;
    std::string results;
    for (size_t i = 1; i <= election_.candidates.size(); ++i) {
      const int64_t votes = voted - random_.Between(0, voted / 3);
      left = std::min(left, voted - votes);
      absl::StrAppend(&results, R"({"candidate":")", CandidateName(static_cast<int>(i)), R"(","votes":)", votes,
                      R"(,"elected":true},)");
    }
    absl::StrAppend(&results, R"({"candidate":")", CandidateName(loser), R"(","votes":)", left, "}");
    steps_.Add("HoldElection", clerk_, election_.date,
               absl::StrCat(R"({"registered_count":)", registered, R"(,"voted_count":)", voted, R"(,"results":[)",
                            results, "]}"));
    if (random_.Chance(10)) return;
    steps_.Add("HandOverElection", clerk_, "2018-09-05", R"({"handover_note":"样例：公章、账目、档案和资产已移交"})");
  }

  // Too few came.
  void Fail() {
    const int64_t registered = Registered();
    steps_.Add("VoidElection", clerk_, election_.date,
               absl::StrCat(R"({"registered_count":)", registered, R"(,"voted_count":)",
                            registered * random_.Between(20, 45) / 100, "}"),
               "样例：参加投票人数未过半");
    if (random_.Chance(30)) steps_.Add("RepeatElection", clerk_, "2018-09-20");
  }

  std::string CandidateName(int number) {
    return absl::StrCat("electionCandidates/c-", place_.code, "-", election_.organ, "-", number);
  }

  const VillagePlace& place_;
  const SampleElection& election_;
  Random random_;
  SampleFiles& files_;
  const std::string name_;
  const std::string month_;
  const std::string clerk_;
  Steps steps_;
  int candidates_ = 0;
};

void SetShare(int numerator, int denominator, v1::Share* share) {
  share->set_numerator(numerator);
  share->set_denominator(denominator);
  share->set_more_than(true);
}

}  // namespace

void WriteElectionRule(SampleFiles& files) {
  v1::ElectionRule rule;
  rule.set_name(kRule);
  rule.set_display_name("村级组织换届选举规则(2018)");
  rule.set_valid_from("2016-01-01");
  for (const auto& item : kDisqualifications) {
    v1::Disqualification* disqualification = rule.add_disqualifications();
    disqualification->set_code(item[0]);
    disqualification->set_display_name(item[1]);
  }
  SetShare(1, 2, rule.mutable_turnout());
  SetShare(1, 2, rule.mutable_majority());
  AddRecord(files, rule);
}

void WriteElection(const VillagePlace& place, const SampleElection& election, uint64_t seed, SampleFiles& files) {
  Writer(place, election, seed, files).WriteAll();
}

}  // namespace jiedui::cli
