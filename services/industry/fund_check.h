// Whether the balances of the accounts are the sums of the movements.

#ifndef JIEDUI_SERVICES_INDUSTRY_FUND_CHECK_H_
#define JIEDUI_SERVICES_INDUSTRY_FUND_CHECK_H_

#include "common/store/engine.h"

namespace jiedui::industry {

// The handler of FundService/VerifyFundAccounts.
store::ReadHandler VerifyFundAccountsHandler(const store::Engine& engine);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_FUND_CHECK_H_
