#include "services/industry/fund_check.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "common/resource/request_context.h"
#include "common/status/macros.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "services/industry/fund_accounts.h"

namespace jiedui::industry {
namespace {

using google::protobuf::Message;

constexpr int kMostListed = 100;

struct Compared {
  int64_t balance_fen = 0;
  __int128 movements_fen = 0;
};
// By owner and kind of account.
using Accounts = std::map<std::pair<std::string, v1::FundAccountKind>, Compared>;

// Route and owner are taken from kind and reversal, not from what the row says of its accounts: that is checked as well.
absl::Status AddMovements(sql::Transaction& transaction, Accounts& accounts, int64_t& count) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * row,
      transaction.Prepare("SELECT kind, reverses, fund_source, allocation, amount_fen FROM fund_movement"));
  v1::FundMovement movement;
  while (true) {
    JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
    if (!found) return absl::OkStatus();
    ++count;
    movement.set_kind(static_cast<v1::FundMovementKind>(row->Int(0)));
    movement.set_reverses(std::string(row->Text(1)));
    const std::string source(row->Text(2)), allocation(row->Text(3));
    const Route route = RouteOf(movement);
    const auto owner = [&](v1::FundAccountKind kind) {
      return kind <= v1::FUND_ACCOUNT_KIND_AVAILABLE ? source : allocation;
    };
    accounts[{owner(route.from), route.from}].movements_fen -= row->Int(4);
    accounts[{owner(route.to), route.to}].movements_fen += row->Int(4);
  }
}

int64_t Clamped(__int128 value) {
  return static_cast<int64_t>(
      std::clamp<__int128>(value, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()));
}

}  // namespace

store::ReadHandler VerifyFundAccountsHandler(const store::Engine& /*engine*/) {
  return [](RequestContext& /*context*/, sql::Transaction& transaction, const Message& /*request*/,
            Message* response) -> absl::Status {
    auto& answer = *static_cast<v1::VerifyFundAccountsResponse*>(response);
    Accounts accounts;
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                            transaction.Prepare("SELECT owner, kind, balance_fen FROM fund_account"));
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (!found) break;
      accounts[{std::string(row->Text(0)), static_cast<v1::FundAccountKind>(row->Int(1))}].balance_fen = row->Int(2);
    }
    answer.set_account_count(static_cast<int64_t>(accounts.size()));
    int64_t movements = 0;
    JIEDUI_RETURN_IF_ERROR(AddMovements(transaction, accounts, movements));
    answer.set_movement_count(movements);
    for (const auto& [account, compared] : accounts) {
      if (compared.movements_fen == compared.balance_fen) continue;
      answer.set_difference_count(answer.difference_count() + 1);
      if (answer.differences_size() == kMostListed) continue;
      v1::FundAccountDifference& difference = *answer.add_differences();
      difference.set_owner(account.first);
      difference.set_kind(account.second);
      difference.set_balance_fen(compared.balance_fen);
      difference.set_movements_fen(Clamped(compared.movements_fen));
    }
    return absl::OkStatus();
  };
}

}  // namespace jiedui::industry
