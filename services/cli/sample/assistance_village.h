// What the parts of the sample of social assistance share, and the part that is about the village as a whole.

#ifndef JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_VILLAGE_H_
#define JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_VILLAGE_H_

#include <string>

#include "services/cli/sample/random.h"
#include "services/cli/sample/village_sample.h"

namespace jiedui::cli {

class AssistanceVillage {
 public:
  AssistanceVillage(const VillagePlace& place, Random& random, SampleFiles& files)
      : place_(place), random_(random), files_(files), village_("villages/" + place.code) {}

 protected:
  // More often where things go well.
  bool Fortunate(int percent);
  std::string Id(const char* kind, int number) const;
  // A day of these months.
  std::string In2018(int first_month, int last_month);

  const VillagePlace& place_;
  Random& random_;
  SampleFiles& files_;
  const std::string village_;
};

// Clinics, doctors, publicity, schools and what social forces do.
void WriteVillageAssistance(const VillagePlace& place, Random& random, SampleFiles& files);

}  // namespace jiedui::cli

#endif  // JIEDUI_SERVICES_CLI_SAMPLE_ASSISTANCE_VILLAGE_H_
