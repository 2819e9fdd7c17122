// The ledger of the programme's money: what its movements do to its accounts.
//
// A source has two accounts (external, available), an allocation two more (undisbursed, disbursed). They are made with their
// owner. A movement takes its amount from one account by one conditional statement and puts it on another by a second, in the
// transaction that records it: every figure is the sum of movements, and all accounts together are always nothing.

#ifndef JIEDUI_SERVICES_INDUSTRY_FUND_LEDGER_H_
#define JIEDUI_SERVICES_INDUSTRY_FUND_LEDGER_H_

#include "common/service/definition.h"

namespace jiedui::industry {

// Adds the ledger's policies and methods.
void AddFundLedger(service::Definition& definition);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_FUND_LEDGER_H_
