// What is made up about places that change: renamed, recoded, moved, merged, split, abolished.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_CHANGE_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_CHANGE_SAMPLE_H_

#include <cstdint>
#include <string>

#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

// A township while it is written.
struct TownshipPlace {
  std::string code;
  std::string display_name;
  int number = 1;    // in its district
  int villages = 0;  // that it has
};

// Day on which the village that is number `index` (from 0) of the township left the programme, or ceased to be; mostly empty.
std::string VillageEnd(const TownshipPlace& township, int index, uint64_t seed);

// What happened to the township and its villages, and to the one that was merged into it.
void WriteChanges(const TownshipPlace& township, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_CHANGE_SAMPLE_H_
