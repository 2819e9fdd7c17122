// A program of industry with its ledger, for the tests of money.

#ifndef JIEDUI_TESTS_INDUSTRY_FUND_FIXTURE_H_
#define JIEDUI_TESTS_INDUSTRY_FUND_FIXTURE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/error.h"
#include "common/status/macros.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/industry/v1/project.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/industry/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"
#include "tests/support/test_program.h"

namespace jiedui::industry {

constexpr char kFunds[] = "jiedui.industry.v1.FundService/";
constexpr char kDistrict[] = "divisions/120119";
constexpr char kVillage[] = "villages/120119101201";
constexpr int64_t kMillion = 100'000'000;  // yuan, in fen

// What the error says is left; empty when it does not.
inline std::string LeftIn(const absl::Status& status) {
  std::string detail;
  const google::rpc::Status rpc = ToRpcStatus(status, &detail);
  for (const google::protobuf::Any& any : rpc.details()) {
    google::rpc::ErrorInfo info;
    if (any.UnpackTo(&info)) return info.metadata().contains("left_fen") ? info.metadata().at("left_fen") : "";
  }
  return "";
}

class FundFixture : public ::testing::TestWithParam<testing::DatabaseKind> {
 protected:
  void SetUp() override {
    JIEDUI_REQUIRE_DATABASE(GetParam());
    program_ = std::make_unique<testing::TestProgram>(NewDefinition(), GetParam());
    program_->names().Add(kDistrict);
    program_->names().Add(kVillage);
  }

  absl::Status Call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* response) {
    return program_->Call(absl::StrCat(kFunds, method), request, response);
  }

  void AddSource(const std::string& id, v1::FundLevel level = v1::FUND_LEVEL_CITY) {
    v1::CreateFundSourceRequest request;
    request.set_fund_source_id(id);
    v1::FundSource& source = *request.mutable_fund_source();
    source.set_display_name("样例资金");
    source.set_programme_year(2018);
    source.set_level(level);
    source.set_division(kDistrict);
    v1::FundSource created;
    ASSERT_OK(Call("CreateFundSource", request, &created));
  }

  void AddProject(const std::string& id) {
    v1::CreateIndustryProjectRequest request;
    request.set_industry_project_id(id);
    *request.mutable_industry_project() = testing::Proto<v1::IndustryProject>(absl::StrCat(R"(
      display_name: "样例项目" programme_year: 2018 kind: PROJECT_KIND_AGRICULTURE mode: PROJECT_MODE_VILLAGE
      planned_date: "2018-01-05" site: ")",
                                                                                           kVillage, "\""));
    v1::IndustryProject created;
    ASSERT_OK(program_->Call("jiedui.industry.v1.ProjectService/CreateIndustryProject", request, &created));
  }

  void AddAllocation(const std::string& id, const std::string& source, const std::string& disburse_by = "2018-06-30") {
    AddProject(id);
    ASSERT_OK(Allocate(id, id, source, disburse_by));
  }

  absl::Status Allocate(const std::string& id, const std::string& project, const std::string& source,
                        const std::string& disburse_by = "2018-06-30", const std::string& district = kDistrict) {
    v1::CreateFundAllocationRequest request;
    request.set_fund_allocation_id(id);
    v1::FundAllocation& allocation = *request.mutable_fund_allocation();
    allocation.set_fund_source("fundSources/" + source);
    allocation.set_project("industryProjects/" + project);
    allocation.set_purpose(v1::FUND_PURPOSE_INFRASTRUCTURE);
    allocation.set_district(district);
    allocation.set_disburse_by(disburse_by);
    v1::FundAllocation created;
    return Call("CreateFundAllocation", request, &created);
  }

  // Of the source "s", to a project of another program.
  void AllocateToConstruction(const std::string& id) {
    v1::CreateFundAllocationRequest request;
    request.set_fund_allocation_id(id);
    *request.mutable_fund_allocation() = testing::Proto<v1::FundAllocation>(absl::StrCat(
        R"(fund_source: "fundSources/s" purpose: FUND_PURPOSE_INFRASTRUCTURE disburse_by: "2018-06-30" district: ")",
        kDistrict, R"(" project: "constructionProjects/)", id, "\""));
    v1::FundAllocation created;
    EXPECT_OK(Call("CreateFundAllocation", request, &created));
    EXPECT_EQ(created.state(), v1::ALLOCATION_STATE_PENDING);
  }

  v1::FundAllocation GetAllocation(const std::string& id) {
    resource::v1::GetRequest request;
    request.set_name("fundAllocations/" + id);
    v1::FundAllocation allocation;
    EXPECT_OK(Call("GetFundAllocation", request, &allocation));
    return allocation;
  }

  absl::Status Cancel(const std::string& project) {
    v1::CancelIndustryProjectRequest request;
    request.set_name("industryProjects/" + project);
    request.set_cancelled_date("2018-06-01");
    request.set_cancel_reason("用地未落实");
    v1::IndustryProject cancelled;
    return program_->Call("jiedui.industry.v1.ProjectService/CancelIndustryProject", request, &cancelled);
  }

  static v1::CreateFundMovementRequest Movement(v1::FundMovementKind kind, int64_t amount_fen,
                                                const std::string& source, const std::string& allocation = "") {
    v1::CreateFundMovementRequest request;
    v1::FundMovement& movement = *request.mutable_fund_movement();
    movement.set_kind(kind);
    movement.set_year(2018);
    movement.set_movement_date("2018-05-01");
    movement.set_fund_source("fundSources/" + source);
    if (!allocation.empty()) movement.set_allocation("fundAllocations/" + allocation);
    movement.set_amount_fen(amount_fen);
    return request;
  }

  absl::Status Move(v1::FundMovementKind kind, int64_t amount_fen, const std::string& source,
                    const std::string& allocation = "", v1::FundMovement* movement = nullptr) {
    v1::FundMovement created;
    return Call("CreateFundMovement", Movement(kind, amount_fen, source, allocation),
                movement == nullptr ? &created : movement);
  }
  absl::Status MoveOn(const std::string& date, v1::FundMovementKind kind, int64_t amount_fen, const std::string& source,
                      const std::string& allocation) {
    v1::CreateFundMovementRequest request = Movement(kind, amount_fen, source, allocation);
    request.mutable_fund_movement()->set_movement_date(date);
    v1::FundMovement created;
    return Call("CreateFundMovement", request, &created);
  }

  absl::Status Reverse(const std::string& name, v1::FundMovement* reversal) {
    v1::ReverseFundMovementRequest request;
    request.set_name(name);
    request.set_movement_date("2018-05-02");
    return Call("ReverseFundMovement", request, reversal);
  }

  int64_t Balance(const std::string& owner, v1::FundAccountKind kind) {
    resource::v1::ListRequest request;
    request.set_filter(absl::StrCat("owner = \"", owner, "\" AND kind = ", v1::FundAccountKind_Name(kind)));
    v1::ListFundAccountsResponse response;
    EXPECT_OK(Call("ListFundAccounts", request, &response));
    EXPECT_EQ(response.fund_accounts_size(), 1);
    return response.fund_accounts_size() == 1 ? response.fund_accounts(0).balance_fen() : -1;
  }

  // Undisbursed money by allocation.
  std::map<std::string, int64_t> Balances() {
    resource::v1::ListRequest request;
    request.set_filter("kind = FUND_ACCOUNT_KIND_UNDISBURSED");
    request.set_page_size(1000);
    v1::ListFundAccountsResponse response;
    EXPECT_OK(Call("ListFundAccounts", request, &response));
    std::map<std::string, int64_t> balances;
    for (const v1::FundAccount& account : response.fund_accounts()) {
      balances[account.owner().substr(sizeof("fundAllocations/") - 1)] = account.balance_fen();
    }
    return balances;
  }

  // In one snapshot: all accounts add up to nothing, none but the external ones is below it, and each is the sum of its
  // movements.
  void ExpectConserved() {
    const absl::Status status = sql::ReadAndWait(program_->database(), absl::Now() + absl::Seconds(20), CheckSnapshot);
    EXPECT_OK(status);
  }

  static absl::Status CheckSnapshot(sql::Transaction& transaction) {
    std::map<std::pair<std::string, int64_t>, int64_t> balances;
    JIEDUI_ASSIGN_OR_RETURN(sql::Statement * account,
                            transaction.Prepare("SELECT owner, kind, balance_fen FROM fund_account"));
    int64_t sum = 0;
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool found, account->Step());
      if (!found) break;
      const int64_t kind = account->Int(1);
      const int64_t balance = account->Int(2);
      sum += balance;
      EXPECT_TRUE(balance >= 0 || kind == v1::FUND_ACCOUNT_KIND_EXTERNAL) << balance;
      balances[{std::string(account->Text(0)), kind}] = balance;
    }
    EXPECT_EQ(sum, 0);
    JIEDUI_ASSIGN_OR_RETURN(
        sql::Statement * row,
        transaction.Prepare("SELECT fund_source, allocation, from_account, to_account, amount_fen FROM fund_movement"));
    while (true) {
      JIEDUI_ASSIGN_OR_RETURN(const bool found, row->Step());
      if (!found) break;
      const std::string source(row->Text(0)), allocation(row->Text(1));
      for (const int leg : {2, 3}) {
        const int64_t kind = row->Int(leg);
        balances[{kind <= v1::FUND_ACCOUNT_KIND_AVAILABLE ? source : allocation, kind}] +=
            leg == 2 ? row->Int(4) : -row->Int(4);
      }
    }
    for (const auto& [account_key, rest] : balances)
      EXPECT_EQ(rest, 0) << account_key.first << " " << account_key.second;
    return absl::OkStatus();
  }

  std::unique_ptr<testing::TestProgram> program_;
};

}  // namespace jiedui::industry

#endif  // JIEDUI_TESTS_INDUSTRY_FUND_FIXTURE_H_
