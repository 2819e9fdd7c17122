#include "services/assistance/definition.h"

#include "services/assistance/assistance_data.h"
#include "services/assistance/assistance_migrations.h"
#include "services/assistance/education_rules.h"
#include "services/assistance/health_rules.h"
#include "services/assistance/household_rules.h"
#include "services/assistance/housing_rules.h"
#include "services/assistance/pension_rules.h"
#include "services/assistance/person_rules.h"
#include "services/assistance/relief_rules.h"
#include "services/assistance/support_rules.h"

namespace jiedui::assistance {

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "assistance";
  AddHouseholdRules(definition);
  AddPersonRules(definition);
  AddEducationRules(definition);
  AddHousingRules(definition);
  AddHealthRules(definition);
  AddPensionRules(definition);
  AddReliefRules(definition);
  AddSupportRules(definition);
  definition.migrations.assign(AssistanceMigrations().begin(), AssistanceMigrations().end());
  definition.measures_json = AssistanceData()[0].contents;
  return definition;
}

}  // namespace jiedui::assistance
