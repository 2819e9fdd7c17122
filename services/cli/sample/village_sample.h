// What is made up about one village.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_VILLAGE_SAMPLE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_VILLAGE_SAMPLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "jiedui/industry/v1/project.pb.h"
#include "services/cli/sample/random.h"
#include "services/cli/sample/sample_file.h"

namespace jiedui::cli {

// By full name of the message.
using SampleFiles = std::map<std::string, std::unique_ptr<SampleFile>>;

template <typename Record>
void AddRecord(SampleFiles& files, const Record& record) {
  files.at(Record::descriptor()->full_name())->Add(record);
}

// A place in the programme.
struct VillagePlace {
  std::string code;      // 12 digits
  std::string township;  // resource name
  // How well things go here, 0 to 100: districts differ.
  int fortune = 50;
  // Day on which it left the programme; empty while it is in it.
  std::string exit_date;
  // Filled by WriteVillage, for those who write more about the village.
  int64_t population = 0;
  int party_members = 0;  // partyMembers/m-<code>-1 to so many
  std::vector<industry::v1::IndustryProject> projects;
};

// People who do not exist: their names say so.
std::string InventedPerson(Random& random);

// Writes the village, its recognitions, projects of its own, incomes and facilities.
void WriteVillage(VillagePlace& place, Random& random, SampleFiles& files);

// The twelve items of 2018 (六化六有).
void WriteStandard(SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_VILLAGE_SAMPLE_H_
