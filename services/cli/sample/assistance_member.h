// The part of the sample of social assistance that is about one member of a household: school, aid, employment, pension.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_MEMBER_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_MEMBER_H_

#include <string>

#include "services/cli/sample/random.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

struct SampleMember {
  std::string household;  // resource names
  std::string name;
  bool child = false;
  int number = 0;  // of the village
};

void WriteMemberRecords(const VillagePlace& place, const SampleMember& member, Random& random, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_MEMBER_H_
