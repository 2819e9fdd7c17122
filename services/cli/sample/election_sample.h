// What is made up about elections in villages: candidates, voters, the steps to the handover.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_ELECTION_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_ELECTION_SAMPLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "jiedui/village/v1/election.pb.h"
#include "jiedui/village/v1/official.pb.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

struct SampleCandidate {
  village::v1::VillagePost post;
  std::string display_name;
  std::string birth_date;
};

struct SampleElection {
  village::v1::ElectedOrgan organ;
  std::string date;  // of voting; after the ninth of its month
  // Who won, and whose terms are recorded; or who stands, where it has not come to a valid vote.
  std::vector<SampleCandidate> candidates;
  bool held = true;
};

// The rules of 2018.
void WriteElectionRule(SampleFiles& files);

void WriteElection(const VillagePlace& place, const SampleElection& election, uint64_t seed, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_ELECTION_SAMPLE_H_
