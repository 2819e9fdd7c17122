#include "tests/workflow/application.h"

#include "tests/workflow/test_application.h"

namespace jiedui::testing {

service::Definition NewApplicationDefinition() {
  service::Definition definition;
  definition.name = "testing";
  definition.services = {"jiedui.testing.v1.ApplicationService"};
  definition.guards["amount_given"] = [](store::UnitOfWork& /*work*/, const store::Passage& passage,
                                         Violations& violations) {
    if (static_cast<const v1::Application&>(passage.after).amount() <= 0) {
      violations.Add("amount", error::v1::REASON_RULE, {"must be above 0", "应大于零"});
    }
    return absl::OkStatus();
  };
  definition.migrations.assign(TestApplication().begin(), TestApplication().end());
  return definition;
}

}  // namespace jiedui::testing
