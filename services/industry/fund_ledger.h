// The ledger of the programme's money: sources, movements between the accounts (fund_accounts.h), findings of auditors.

#ifndef JIEDUI_SERVICES_INDUSTRY_FUND_LEDGER_H_
#define JIEDUI_SERVICES_INDUSTRY_FUND_LEDGER_H_

#include "common/service/definition.h"

namespace jiedui::industry {

// Adds the ledger's policies and methods.
void AddFundLedger(service::Definition& definition);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_FUND_LEDGER_H_
