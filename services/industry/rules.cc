#include "services/industry/rules.h"

#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/codes/credit_code.h"
#include "common/status/error.h"
#include "common/store/places.h"
#include "common/store/policy.h"
#include "jiedui/industry/v1/finance.pb.h"
#include "jiedui/industry/v1/market.pb.h"
#include "jiedui/industry/v1/training.pb.h"

namespace jiedui::industry {
namespace {

using error::v1::REASON_RULE;
using store::CheckDateOrder;
using store::CheckHappened;
using store::UnitOfWork;

constexpr int64_t kWhole = 1'000'000;

class TechnicalServicePolicy final : public store::PolicyOf<v1::TechnicalService> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::TechnicalService* /*before*/,
                                const v1::TechnicalService& after, Violations& violations) const override {
    CheckHappened(work.today(), {{"service_date", after.service_date()}}, violations);
    return absl::OkStatus();
  }
};

class JobSeekerPolicy final : public store::PolicyOf<v1::JobSeeker> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::JobSeeker* /*before*/, const v1::JobSeeker& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"registered_date", after.registered_date()}, {"placed_date", after.placed_date()}},
                  violations);
    CheckDateOrder({{"birth_date", after.birth_date()},
                    {"registered_date", after.registered_date()},
                    {"placed_date", after.placed_date()}},
                   false, violations);
    if (after.placed_date().empty() != (after.placement_kind() == v1::PLACEMENT_KIND_UNSPECIFIED)) {
      violations.Add("placement_kind", REASON_RULE,
                     {"is set together with placed_date", "就业方式与就业日期须同时填写"});
    }
    return absl::OkStatus();
  }
};

// What opens and perhaps closes; an outlet does so in a township.
template <typename Resource>
class OpeningPolicy final : public store::PolicyOf<Resource> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const Resource* before, const Resource& after,
                                Violations& violations) const override {
    if constexpr (std::is_same_v<Resource, v1::FinanceOutlet>) {
      if (before == nullptr || before->township() != after.township()) {
        store::CheckDivisionLevel(work, "township", after.township(), village::v1::DIVISION_LEVEL_TOWNSHIP, violations);
      }
    }
    CheckHappened(work.today(), {{"opened_date", after.opened_date()}}, violations);
    CheckDateOrder({{"opened_date", after.opened_date()}, {"closed_date", after.closed_date()}}, true, violations);
    return absl::OkStatus();
  }
};

class CoveragePolicy final : public store::PolicyOf<v1::FinanceCoverage> {
 public:
  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::FinanceCoverage* /*before*/,
                                const v1::FinanceCoverage& after, Violations& violations) const override {
    if (after.served_count() > after.adult_count()) {
      violations.Add("served_count", REASON_RULE, {"is more than the adults", "享有服务人数不得多于成年人数"});
    }
    return absl::OkStatus();
  }
};

class LoanPolicy final : public store::PolicyOf<v1::Loan> {
 public:
  void PrepareResource(const v1::Loan* /*before*/, v1::Loan* loan) const override {
    loan->clear_entries();
    AddEntry(loan->granted_date(), loan->granted_fen(), loan);
    // Values out of range are refused after this, so they must not overflow.
    uint64_t repaid = 0;
    for (const v1::LoanRepayment& each : loan->repayments()) {
      repaid += static_cast<uint64_t>(each.amount_fen());
      AddEntry(each.repaid_date(), static_cast<int64_t>(-static_cast<uint64_t>(each.amount_fen())), loan);
    }
    loan->set_repaid_fen(static_cast<int64_t>(repaid));
    loan->set_outstanding_fen(static_cast<int64_t>(static_cast<uint64_t>(loan->granted_fen()) - repaid));
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::Loan* /*before*/, const v1::Loan& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"granted_date", after.granted_date()}}, violations);
    __int128 repaid = 0;
    for (int i = 0; i < after.repayments_size(); ++i) {
      const v1::LoanRepayment& each = after.repayments(i);
      const std::string field = absl::StrCat("repayments[", i, "].repaid_date");
      repaid += each.amount_fen();
      CheckHappened(work.today(), {{field.c_str(), each.repaid_date()}}, violations);
      if (!each.repaid_date().empty() && each.repaid_date() < after.granted_date()) {
        violations.Add(field, REASON_RULE, {"is before the loan was granted", "早于发放日期"});
      }
    }
    if (repaid > after.granted_fen()) {
      violations.Add("repayments", REASON_RULE, {"are more than was granted", "已还本金不得多于发放金额"});
    }
    return absl::OkStatus();
  }

 private:
  static void AddEntry(const std::string& date, int64_t change_fen, v1::Loan* loan) {
    v1::LoanEntry& entry = *loan->add_entries();
    entry.set_village(loan->village());
    entry.set_entry_date(date);
    entry.set_change_fen(change_fen);
  }
};

class EntityPolicy final : public store::PolicyOf<v1::BusinessEntity> {
 public:
  void PrepareResource(const v1::BusinessEntity* /*before*/, v1::BusinessEntity* entity) const override {
    entity->set_credit_key(entity->credit_code().empty() ? entity->name() : entity->credit_code());
  }

  absl::Status ValidateResource(UnitOfWork& work, const v1::BusinessEntity* /*before*/, const v1::BusinessEntity& after,
                                Violations& violations) const override {
    const std::string& code = after.credit_code();
    if (code.size() == codes::kCreditCodeLength && !codes::IsCreditCode(code)) {
      violations.Add("credit_code", error::v1::REASON_FORMAT,
                     {"its check character does not fit the other 17 (GB 32100)", "校验码与前17位不符（GB 32100）"});
    }
    CheckHappened(work.today(), {{"registered_date", after.registered_date()}}, violations);
    CheckDateOrder({{"registered_date", after.registered_date()}, {"closed_date", after.closed_date()}}, true,
                   violations);
    absl::flat_hash_set<std::string> villages;
    for (int i = 0; i < after.served_villages_size(); ++i) {
      if (villages.insert(after.served_villages(i).village()).second) continue;
      violations.Add(absl::StrCat("served_villages[", i, "].village"), error::v1::REASON_DUPLICATE,
                     {"is named twice", "带动村重复"});
    }
    return absl::OkStatus();
  }
};

class ContractPolicy final : public store::PolicyOf<v1::SalesContract> {
 public:
  absl::Status ValidateResource(UnitOfWork& work, const v1::SalesContract* /*before*/, const v1::SalesContract& after,
                                Violations& violations) const override {
    CheckHappened(work.today(), {{"signed_date", after.signed_date()}}, violations);
    if (!after.signed_date().empty() && !absl::StartsWith(after.signed_date(), absl::StrCat(after.year(), "-"))) {
      violations.Add("signed_date", REASON_RULE, {"must lie in the year", "日期须在该年度内"});
    }
    if (after.fulfilled_fen() > after.amount_fen()) {
      violations.Add("fulfilled_fen", REASON_RULE,
                     {"is more than the contract's amount", "已履约金额不得多于合同金额"});
    }
    return absl::OkStatus();
  }
};

class LinkagePolicy final : public store::PolicyOf<v1::BenefitLinkage> {
 public:
  void PrepareResource(const v1::BenefitLinkage* /*before*/, v1::BenefitLinkage* linkage) const override {
    int64_t needy = 0;
    uint64_t land = 0;
    for (const v1::LinkedHousehold& each : linkage->households()) {
      if (!each.needy()) continue;
      ++needy;
      land += static_cast<uint64_t>(each.land_centimu());
    }
    linkage->set_household_count(linkage->households_size());
    linkage->set_needy_household_count(needy);
    linkage->set_land_centimu(static_cast<int64_t>(land));
  }

  absl::Status ValidateResource(UnitOfWork& /*work*/, const v1::BenefitLinkage* /*before*/,
                                const v1::BenefitLinkage& after, Violations& violations) const override {
    absl::flat_hash_set<std::string> households;
    __int128 shares = 0;
    __int128 dividends = 0;
    for (int i = 0; i < after.households_size(); ++i) {
      const v1::LinkedHousehold& each = after.households(i);
      shares += each.share_ppm();
      dividends += each.dividend_fen();
      if (!households.insert(each.household()).second) {
        violations.Add(absl::StrCat("households[", i, "].household"), error::v1::REASON_DUPLICATE,
                       {"is named twice", "联结户重复"});
      }
      // Exact up to the fen that cannot be split.
      const __int128 off = static_cast<__int128>(each.dividend_fen()) * kWhole -
                           static_cast<__int128>(after.dividend_fen()) * each.share_ppm();
      if (off <= -kWhole || off >= kWhole) {
        violations.Add(absl::StrCat("households[", i, "].dividend_fen"), REASON_RULE,
                       {"is not the household's share of the dividends", "分红与份额不符"});
      }
    }
    if (after.households_size() > 0 && shares != kWhole) {
      violations.Add("households", REASON_RULE,
                     {absl::StrCat("the shares must add up to ", kWhole), absl::StrCat("份额之和须为", kWhole)});
    }
    if (dividends != after.dividend_fen()) {
      violations.Add("dividend_fen", REASON_RULE,
                     {"is not the sum of the households' dividends", "分红总额须等于各户分红之和"});
    }
    return absl::OkStatus();
  }
};

}  // namespace

void AddRules(service::Definition& definition) {
  for (const char* name : {"TrainingService", "FinanceService", "MarketService"}) {
    definition.services.push_back(absl::StrCat("jiedui.industry.v1.", name));
  }
  definition.policies["technicalServices"] = std::make_unique<TechnicalServicePolicy>();
  definition.policies["salesContracts"] = std::make_unique<ContractPolicy>();
  definition.policies["jobSeekers"] = std::make_unique<JobSeekerPolicy>();
  definition.policies["financeOutlets"] = std::make_unique<OpeningPolicy<v1::FinanceOutlet>>();
  definition.policies["financeTerminals"] = std::make_unique<OpeningPolicy<v1::FinanceTerminal>>();
  definition.policies["financeCoverages"] = std::make_unique<CoveragePolicy>();
  definition.policies["financeProducts"] = std::make_unique<OpeningPolicy<v1::FinanceProduct>>();
  definition.policies["loans"] = std::make_unique<LoanPolicy>();
  definition.policies["businessEntities"] = std::make_unique<EntityPolicy>();
  definition.policies["marketFacilities"] = std::make_unique<OpeningPolicy<v1::MarketFacility>>();
  definition.policies["benefitLinkages"] = std::make_unique<LinkagePolicy>();
}

}  // namespace jiedui::industry
