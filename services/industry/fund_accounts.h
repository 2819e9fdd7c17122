// The accounts of the ledger, and what a movement does to them.
//
// A source has two accounts (external, available), an allocation two more (undisbursed, disbursed). They are made with their
// owner. A movement takes its amount from one account by one conditional statement and puts it on another by a second, in the
// transaction that records it: every figure is the sum of movements, and all accounts together are always nothing.
//
// An account has what is taken from it in the order of recording, whatever days the movements bear: see fund.proto.

#ifndef JIEDUI_SERVICES_INDUSTRY_FUND_ACCOUNTS_H_
#define JIEDUI_SERVICES_INDUSTRY_FUND_ACCOUNTS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/resource/table_plan.h"
#include "common/store/unit_of_work.h"
#include "jiedui/industry/v1/fund.pb.h"

namespace jiedui::industry {

// Most that a source can be given, in fen; keeps every balance within 64 bits.
constexpr int64_t kMostOfSource = 1'000'000'000'000'000'000;

const resource::TablePlan& PlanOf(store::UnitOfWork& work, absl::string_view collection);

// Reads what `name` refers to; false when it is not there, which the engine reports by itself.
absl::StatusOr<bool> Find(store::UnitOfWork& work, absl::string_view collection, const std::string& name,
                          google::protobuf::Message* found);

// From which account to which.
struct Route {
  v1::FundAccountKind from = v1::FUND_ACCOUNT_KIND_UNSPECIFIED;
  v1::FundAccountKind to = v1::FUND_ACCOUNT_KIND_UNSPECIFIED;
};
Route RouteOf(const v1::FundMovement& movement);

// Whether it brings more money to a project. A reversal does not: it says that what it reverses was not so.
bool IsOutgoing(const v1::FundMovement& movement);

absl::Status OpenAccount(store::UnitOfWork& work, v1::FundAccount account, v1::FundAccountKind kind);
absl::Status CloseAccounts(store::UnitOfWork& work, const std::string& owner);
// Lets money go out to the project of an allocation, or stops it: also for movements that other servers are writing now, since
// they change the same rows.
absl::Status FreezeAccounts(store::UnitOfWork& work, const std::string& owner, bool frozen);

// Whether the money is there, before anything is written: a refusal then concerns this movement alone, so that the other rows of
// an import can go on. FAILED_PRECONDITION with what is left.
absl::Status CheckMoney(store::UnitOfWork& work, const v1::FundMovement& movement);
// Moves it; to or from accounts that are frozen only where that is said, else the transaction is run again.
absl::Status PostMovement(store::UnitOfWork& work, const v1::FundMovement& movement, bool on_frozen);

}  // namespace jiedui::industry

#endif  // JIEDUI_SERVICES_INDUSTRY_FUND_ACCOUNTS_H_
