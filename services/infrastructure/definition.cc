#include "services/infrastructure/definition.h"

#include "services/infrastructure/construction_report.h"
#include "services/infrastructure/incomplete_villages.h"
#include "services/infrastructure/infrastructure_data.h"
#include "services/infrastructure/infrastructure_migrations.h"
#include "services/infrastructure/rules.h"

namespace jiedui::infrastructure {

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "infrastructure";
  definition.services = {"jiedui.infrastructure.v1.ConstructionService", "jiedui.infrastructure.v1.FacilityService",
                         "jiedui.infrastructure.v1.FarmingService",      "jiedui.infrastructure.v1.PowerService",
                         "jiedui.infrastructure.v1.SanitationService",   "jiedui.infrastructure.v1.WaterService"};
  definition.reads = {
      {"jiedui.infrastructure.v1.FacilityService/ListIncompleteVillages", IncompleteVillagesHandler},
      {"jiedui.infrastructure.v1.ConstructionService/ListExpiringWarranties", ExpiringWarrantiesHandler},
      {"jiedui.infrastructure.v1.ConstructionService/GetConstructionFinance", ConstructionFinanceHandler}};
  AddFacilityRules(definition);
  AddEnvironmentRules(definition);
  AddWorksRules(definition);
  definition.migrations.assign(InfrastructureMigrations().begin(), InfrastructureMigrations().end());
  definition.measures_json = InfrastructureData()[0].contents;
  return definition;
}

}  // namespace jiedui::infrastructure
