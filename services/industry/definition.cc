#include "services/industry/definition.h"

#include <cstdint>
#include <memory>

#include "common/store/policy.h"
#include "jiedui/industry/v1/income.pb.h"
#include "services/industry/fund_ledger.h"
#include "services/industry/industry_data.h"
#include "services/industry/industry_migrations.h"
#include "services/industry/project_rules.h"
#include "services/industry/rules.h"
#include "services/industry/training_rules.h"

namespace jiedui::industry {
namespace {

class CollectiveIncomePolicy final : public store::PolicyOf<v1::CollectiveIncome> {
 public:
  void PrepareResource(const v1::CollectiveIncome* /*before*/, v1::CollectiveIncome* income) const override {
    // Five components of at most 10^15 fen each; values out of range are refused after this, so they must not overflow.
    const unsigned __int128 sum =
        static_cast<unsigned __int128>(static_cast<uint64_t>(income->operating_income_fen())) +
        static_cast<uint64_t>(income->contracting_income_fen()) +
        static_cast<uint64_t>(income->investment_income_fen()) + static_cast<uint64_t>(income->subsidy_income_fen()) +
        static_cast<uint64_t>(income->other_income_fen());
    income->set_total_income_fen(static_cast<int64_t>(sum));
  }
};

}  // namespace

service::Definition NewDefinition() {
  service::Definition definition;
  definition.name = "industry";
  definition.services = {"jiedui.industry.v1.IncomeService"};
  definition.policies["collectiveIncomes"] = std::make_unique<CollectiveIncomePolicy>();
  AddProjects(definition);
  AddFundLedger(definition);
  AddRules(definition);
  AddTraining(definition);
  definition.migrations.assign(IndustryMigrations().begin(), IndustryMigrations().end());
  definition.measures_json = IndustryData()[0].contents;
  return definition;
}

}  // namespace jiedui::industry
