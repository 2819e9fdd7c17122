#include "services/industry/fund_accounts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/macros.h"

namespace jiedui::industry {

using error::v1::REASON_STATE;
using google::protobuf::Message;
using store::UnitOfWork;

const resource::TablePlan& PlanOf(UnitOfWork& work, absl::string_view collection) {
  return *work.engine().registry().FindByCollection(collection);
}

absl::StatusOr<bool> Find(UnitOfWork& work, absl::string_view collection, const std::string& name, Message* found) {
  const absl::Status status = work.Get(PlanOf(work, collection), name, found);
  if (absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return false;
  JIEDUI_RETURN_IF_ERROR(status);
  return true;
}

Route RouteOf(const v1::FundMovement& movement) {
  Route route;
  switch (movement.kind()) {
    case v1::FUND_MOVEMENT_KIND_APPROPRIATION:
      route = {v1::FUND_ACCOUNT_KIND_EXTERNAL, v1::FUND_ACCOUNT_KIND_AVAILABLE};
      break;
    case v1::FUND_MOVEMENT_KIND_ALLOCATION:
      route = {v1::FUND_ACCOUNT_KIND_AVAILABLE, v1::FUND_ACCOUNT_KIND_UNDISBURSED};
      break;
    case v1::FUND_MOVEMENT_KIND_DISBURSEMENT:
      route = {v1::FUND_ACCOUNT_KIND_UNDISBURSED, v1::FUND_ACCOUNT_KIND_DISBURSED};
      break;
    case v1::FUND_MOVEMENT_KIND_RETURN:
      route = {v1::FUND_ACCOUNT_KIND_UNDISBURSED, v1::FUND_ACCOUNT_KIND_AVAILABLE};
      break;
    case v1::FUND_MOVEMENT_KIND_REFUND:
      route = {v1::FUND_ACCOUNT_KIND_DISBURSED, v1::FUND_ACCOUNT_KIND_UNDISBURSED};
      break;
    default:
      break;
  }
  if (!movement.reverses().empty()) std::swap(route.from, route.to);
  return route;
}

bool IsOutgoing(const v1::FundMovement& movement) {
  return movement.reverses().empty() && (movement.kind() == v1::FUND_MOVEMENT_KIND_ALLOCATION ||
                                         movement.kind() == v1::FUND_MOVEMENT_KIND_DISBURSEMENT);
}

namespace {

const std::string& OwnerOf(const v1::FundMovement& movement, v1::FundAccountKind kind) {
  return kind <= v1::FUND_ACCOUNT_KIND_AVAILABLE ? movement.fund_source() : movement.allocation();
}

}  // namespace

absl::Status OpenAccount(UnitOfWork& work, v1::FundAccount account, v1::FundAccountKind kind) {
  const resource::TablePlan& plan = PlanOf(work, "fundAccounts");
  account.set_name(plan.NameOf(work.engine().NewResourceId()));
  account.set_kind(kind);
  account.set_author(work.context().principal.id);
  const int64_t now = absl::ToUnixMicros(work.now());
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement, work.transaction().Prepare(plan.insert_sql()));
  resource::TablePlan::BindBuffer buffer;
  plan.BindInsert(account, {1, now, now}, plan.Keyring().get(), *statement, buffer);
  return statement->Execute().status();
}

absl::Status CloseAccounts(UnitOfWork& work, const std::string& owner) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * statement,
                          work.transaction().Prepare("DELETE FROM fund_account WHERE owner = ?"));
  statement->BindText(0, owner);
  return statement->Execute().status();
}

absl::Status FreezeAccounts(UnitOfWork& work, const std::string& owner, bool frozen) {
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      work.transaction().Prepare(
          "UPDATE fund_account SET frozen = ?, revision = revision + 1, update_time = ? WHERE owner = ?"));
  statement->BindInt(0, frozen ? 1 : 0);
  statement->BindInt(1, absl::ToUnixMicros(work.now()));
  statement->BindText(2, owner);
  return statement->Execute().status();
}

namespace {

struct Account {
  int64_t balance_fen = 0;
  bool frozen = false;
};

// As the account is until the end of the transaction; nothing when there is no such account.
absl::StatusOr<std::optional<Account>> LockAccount(UnitOfWork& work, const std::string& owner,
                                                   v1::FundAccountKind kind) {
  JIEDUI_ASSIGN_OR_RETURN(sql::Statement * row,
                          work.transaction().Prepare(
                              absl::StrCat("SELECT balance_fen, frozen FROM fund_account WHERE owner = ? AND kind = ?",
                                           work.transaction().dialect() == sql::Dialect::kMysql ? " FOR UPDATE" : "")));
  row->BindText(0, owner);
  row->BindInt(1, kind);
  JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
  if (!found) return std::nullopt;
  return Account{row->Int(0), row->Int(1) != 0};
}

// An overdraft, with what is left.
absl::Status Overdrawn(const std::string& owner, v1::FundAccountKind kind, int64_t balance_fen) {
  const int64_t left = balance_fen + (kind == v1::FUND_ACCOUNT_KIND_EXTERNAL ? kMostOfSource : 0);
  return MakeError(
      absl::StatusCode::kFailedPrecondition, REASON_STATE,
      {absl::StrCat("only ", left, " fen are left on the account ", v1::FundAccountKind_Name(kind), " of ", owner),
       absl::StrCat(owner, " 的账户仅余 ", left, " 分")},
      {{"fields", "amount_fen"},
       {"left_fen", absl::StrCat(left)},
       {"account", v1::FundAccountKind_Name(kind)},
       {"owner", owner}});
}

// What a movement does to one account.
struct Leg {
  v1::FundAccountKind kind;
  int64_t change_fen;
};

absl::Status Post(UnitOfWork& work, const v1::FundMovement& movement, const Leg& leg, bool on_frozen) {
  const std::string& owner = OwnerOf(movement, leg.kind);
  JIEDUI_ASSIGN_OR_RETURN(
      sql::Statement * statement,
      work.transaction().Prepare("UPDATE fund_account SET balance_fen = balance_fen + ?, revision = "
                                 "revision + 1, update_time = ? WHERE owner = ? AND kind = ? AND "
                                 "balance_fen + ? >= ? AND frozen <= ?"));
  // Money that arrives is not looked at: an external account is below nothing before and after.
  const bool bottomless = leg.change_fen > 0 || leg.kind == v1::FUND_ACCOUNT_KIND_EXTERNAL;
  statement->BindInt(0, leg.change_fen);
  statement->BindInt(1, absl::ToUnixMicros(work.now()));
  statement->BindText(2, owner);
  statement->BindInt(3, leg.kind);
  statement->BindInt(4, leg.change_fen);
  statement->BindInt(5, bottomless ? -kMostOfSource : 0);
  statement->BindInt(6, on_frozen ? 1 : 0);
  JIEDUI_ASSIGN_OR_RETURN(const int64_t touched, statement->Execute());
  if (touched == 1) return absl::OkStatus();
  JIEDUI_ASSIGN_OR_RETURN(const std::optional<Account> account, LockAccount(work, owner, leg.kind));
  // Frozen or gone since it was checked: checked again, it is refused for that.
  if (!account.has_value() || (account->frozen && !on_frozen)) {
    return sql::RetryTransaction("the account changed meanwhile");
  }
  return Overdrawn(owner, leg.kind, account->balance_fen);
}

// In the order in which all writers lock, so that none waits for another that waits for it: sources come before allocations.
std::array<Leg, 2> LegsOf(const v1::FundMovement& movement) {
  std::array<Leg, 2> legs = {
      {{movement.from_account(), -movement.amount_fen()}, {movement.to_account(), movement.amount_fen()}}};
  std::sort(legs.begin(), legs.end(), [](const Leg& a, const Leg& b) { return a.kind < b.kind; });
  return legs;
}

}  // namespace

absl::Status CheckMoney(UnitOfWork& work, const v1::FundMovement& movement) {
  for (const Leg& leg : LegsOf(movement)) {
    const std::string& owner = OwnerOf(movement, leg.kind);
    JIEDUI_ASSIGN_OR_RETURN(const std::optional<Account> account, LockAccount(work, owner, leg.kind));
    if (!account.has_value() || leg.change_fen >= 0) continue;
    const int64_t floor = leg.kind == v1::FUND_ACCOUNT_KIND_EXTERNAL ? -kMostOfSource : 0;
    if (account->balance_fen + leg.change_fen < floor) return Overdrawn(owner, leg.kind, account->balance_fen);
  }
  return absl::OkStatus();
}

absl::Status PostMovement(UnitOfWork& work, const v1::FundMovement& movement, bool on_frozen) {
  for (const Leg& leg : LegsOf(movement)) {
    JIEDUI_RETURN_IF_ERROR(Post(work, movement, leg, on_frozen));
  }
  return absl::OkStatus();
}

}  // namespace jiedui::industry
