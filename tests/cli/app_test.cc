// The command line from words to exit code, against a server that is played by the test.

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/industry/v1/fund.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/personal/v1/personal.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"
#include "tests/cli/app_fixture.h"

namespace jiedui::cli {
namespace {

using ::testing::HasSubstr;

TEST_F(AppTest, HelpListsEveryCommandAndItsFlags) {
  EXPECT_EQ(Run({"help"}), ExitCode::kOk);
  for (const char* command :
       {"scorecard", "gaps TARGET", "import DIR", "sample", "verify", "update NAME", "delete NAME"}) {
    EXPECT_THAT(out_.str(), HasSubstr(command));
  }
  EXPECT_EQ(Run({"create", "villages", "--help"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("--township VALUE"));
  EXPECT_EQ(Run({"create", "villages", "-h"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("--township VALUE"));
  EXPECT_EQ(Run({}), ExitCode::kUsage);
}

TEST_F(AppTest, HelpIsInTheLanguageThatIsAskedFor) {
  EXPECT_EQ(Run({"help", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("退出码"));
  EXPECT_EQ(Run({"verify", "--help", "--lang=zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("资金账户"));
  EXPECT_EQ(Run({"help", "verify", "--lang", "en"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("fund account"));
  EXPECT_EQ(Run({"scorecrd", "--lang", "zh"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("没有命令 scorecrd"));
}

TEST_F(AppTest, UnknownWordsAreRefusedWithAHint) {
  EXPECT_EQ(Run({"scorecrd"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("jiedui scorecard"));
  EXPECT_EQ(Run({"list", "vilages"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean villages?"));
  EXPECT_EQ(Run({"get", "villages"}), ExitCode::kUsage);
}

TEST_F(AppTest, ListsAsTableJsonAndCsv) {
  Play<resource::v1::ListRequest, village::v1::ListDivisionsResponse>(
      "jiedui.village.v1.DivisionService/ListDivisions", [](const auto& request, auto* response) {
        EXPECT_EQ(request.filter(), "code = \"12\"");
        village::v1::Division* division = response->add_divisions();
        division->set_name("divisions/12");
        division->set_code("12");
        division->set_display_name("天津市");
        division->set_level(village::v1::DIVISION_LEVEL_CITY);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"list", "divisions", "--filter", "code = \"12\"", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("divisions/12  12    天津市  市"));
  EXPECT_EQ(Run({"list", "divisions", "--filter", "code = \"12\"", "-o", "json"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("\"display_name\": \"天津市\""));
  EXPECT_EQ(Run({"list", "divisions", "--filter", "code = \"12\"", "-o", "csv", "--columns", "code,display_name"}),
            ExitCode::kOk);
  EXPECT_EQ(out_.str(), "code,display_name\n12,天津市\n");
  EXPECT_EQ(Run({"list", "divisions", "--filter", "code = \"12\"", "--columns", "colour"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"list", "divisions", "--filter", "code = \"12\"", "--columns", "code", "-o", "json"}),
            ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--columns"));
}

TEST_F(AppTest, TermsOfEnumsAreTheSameInListsAndRecords) {
  Play<resource::v1::GetRequest, village::v1::Division>("jiedui.village.v1.DivisionService/GetDivision",
                                                        [](const auto& /*request*/, auto* response) {
                                                          response->set_name("divisions/12");
                                                          response->set_level(village::v1::DIVISION_LEVEL_CITY);
                                                          return absl::OkStatus();
                                                        });
  EXPECT_EQ(Run({"get", "divisions/12", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("level +[^ ]+ +市\n"));
  EXPECT_EQ(Run({"get", "divisions/12", "--lang", "en"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("level +DIVISION_LEVEL_CITY\n"));
}

TEST_F(AppTest, HistoryTellsWhatWasLookedAtAndWhatFor) {
  Play<audit::v1::ListAuditEntriesRequest, audit::v1::ListAuditEntriesResponse>(
      "jiedui.audit.v1.AuditService/ListAuditEntries", [](const auto& /*request*/, auto* response) {
        audit::v1::AuditEntry* entry = response->add_audit_entries();
        entry->mutable_create_time()->set_seconds(1'540'000'000);  // 2018-10-20T01:46:40Z
        entry->set_principal("users/auditor");
        entry->set_action(audit::v1::AUDIT_ACTION_REVEAL_REFUSED);
        entry->set_detail("citizen_number: 核对");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"history", "persons/p1", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("查看的字段与用途"));
  EXPECT_THAT(out_.str(), HasSubstr("2018-10-20 09:46:40  users/auditor  查看个人信息被拒绝"));
  EXPECT_THAT(out_.str(), HasSubstr("citizen_number: 核对"));
  EXPECT_EQ(Run({"history", "persons/p1", "-o", "csv", "--lang", "zh"}), ExitCode::kOk);
  EXPECT_EQ(out_.str(),
            "create_time,principal,action,revision,detail,before_json\n"
            "2018-10-20T01:46:40Z,users/auditor,reveal_refused,0,citizen_number: 核对,\n");
}

TEST_F(AppTest, AFileThatCannotBeReadAndAnOutputThatCannotBeWrittenAreOfTheCommandLine) {
  environment_.read_file = [](const std::string&) { return absl::NotFoundError("no such file"); };
  EXPECT_EQ(Run({"create", "villages", "--json", "/nonexistent", "--lang", "zh"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("无法读写 /nonexistent"));
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Run({"collections", "--lang", "zh"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("无法写出结果"));
}

TEST_F(AppTest, CallersRolesAndLevelsThatAreNoneAreRefusedBeforeTheCall) {
  Play<resource::v1::GetRequest, village::v1::Village>("jiedui.village.v1.DivisionService/GetVillage",
                                                       [](const auto&, auto*) { return absl::OkStatus(); });
  const std::string longest(128, 'a');
  EXPECT_EQ(Run({"get", "villages/1", "--principal", longest}), ExitCode::kOk) << err_.str();
  for (const auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"--principal", "users/张三"},
                                                        {"--principal", "a b"},
                                                        {"--principal", longest + "a"},
                                                        {"--principal_roles", "看"},
                                                        {"--principal_roles", "viewer,"},
                                                        {"--principal_roles", "unspecified"},
                                                        {"--principal_level", "省"}}) {
    EXPECT_EQ(Run({"get", "villages/1", flag, value}), ExitCode::kUsage) << flag << " " << value;
    EXPECT_THAT(err_.str(), HasSubstr(flag));
  }
  EXPECT_EQ(Run({"get", "villages/1", "--principal", "users/张三", "--lang", "zh"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--principal 应为"));
  environment_.variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "JIEDUI_PRINCIPAL") return "张三";
    return std::nullopt;
  };
  EXPECT_EQ(Run({"get", "villages/1"}), ExitCode::kUsage);
}

TEST_F(AppTest, RolesAndLevelsMayBeSaidInChinese) {
  Play<resource::v1::GetRequest, village::v1::Village>("jiedui.village.v1.DivisionService/GetVillage",
                                                       [](const auto&, auto*) { return absl::OkStatus(); });
  EXPECT_EQ(Run({"get", "villages/1", "--principal_roles", "审核,Editor", "--principal_level", "区"}), ExitCode::kOk);
  EXPECT_THAT(seen_.metadata, ::testing::ElementsAre(::testing::Pair("x-jiedui-roles", "reviewer,editor"),
                                                     ::testing::Pair("x-jiedui-level", "district")));
}

TEST_F(AppTest, UpdatesTheFieldsThatAreGiven) {
  Play<village::v1::UpdateDivisionRequest, village::v1::Division>(
      "jiedui.village.v1.DivisionService/UpdateDivision", [](const auto& request, auto* response) {
        EXPECT_EQ(request.division().name(), "divisions/12");
        EXPECT_EQ(request.division().etag(), "1-a");
        EXPECT_EQ(request.update_mask().paths_size(), 2);
        EXPECT_EQ(request.division().level(), village::v1::DIVISION_LEVEL_CITY);
        *response = request.division();
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"update", "divisions/12", "--level", "市", "--valid_to", "", "--etag", "1-a"}), ExitCode::kOk);
  EXPECT_EQ(Run({"update", "divisions/12"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"update", "divisions/12", "--level", "moon"}), ExitCode::kUsage);
}

TEST_F(AppTest, TellsEveryViolationInTheUsersLanguage) {
  Play<village::v1::CreateVillageRequest, village::v1::Village>(
      "jiedui.village.v1.DivisionService/CreateVillage", [](const auto&, auto*) {
        Violations violations;
        violations.Add("village.code", error::v1::REASON_FORMAT, {"must match", "格式不符"});
        violations.Add("village.township", error::v1::REASON_REQUIRED, {"must be set", "必填"});
        return violations.ToStatus();
      });
  EXPECT_EQ(Run({"create", "villages", "--lang", "zh"}), ExitCode::kRefused);
  EXPECT_THAT(err_.str(), HasSubstr("village.code: 格式不符 [FORMAT]"));
  EXPECT_THAT(err_.str(), HasSubstr("village.township: 必填 [REQUIRED]"));
}

TEST_F(AppTest, TheExitCodeSaysWhatHappened) {
  for (const auto& [code, exit_code] : std::vector<std::pair<absl::StatusCode, ExitCode>>{
           {absl::StatusCode::kNotFound, ExitCode::kNotFound},
           {absl::StatusCode::kAborted, ExitCode::kRefused},
           {absl::StatusCode::kFailedPrecondition, ExitCode::kRefused},
           {absl::StatusCode::kPermissionDenied, ExitCode::kRefused},
           {absl::StatusCode::kDeadlineExceeded, ExitCode::kUnavailable},
           {absl::StatusCode::kResourceExhausted, ExitCode::kUnavailable},
           {absl::StatusCode::kInternal, ExitCode::kFault}}) {
    Play<resource::v1::GetRequest, village::v1::Village>(
        "jiedui.village.v1.DivisionService/GetVillage",
        [code = code](const auto&, auto*) { return absl::Status(code, "said by the server"); });
    EXPECT_EQ(Run({"get", "villages/1"}), exit_code);
    EXPECT_THAT(err_.str(), HasSubstr("said by the server"));
  }
}

TEST_F(AppTest, ListsOverPagesUpToALimit) {
  int largest = 0;
  Play<resource::v1::ListRequest, village::v1::ListDivisionsResponse>(
      "jiedui.village.v1.DivisionService/ListDivisions", [&largest](const auto& request, auto* response) {
        largest = std::max(largest, request.page_size());
        const int first = request.page_token().empty() ? 0 : std::stoi(request.page_token());
        const int size = std::min(request.page_size(), 400);  // a server may answer with less than asked for
        for (int i = first; i < first + size; ++i) response->add_divisions()->set_code(std::to_string(i));
        response->set_next_page_token(std::to_string(first + size));
        return absl::OkStatus();
      });
  const auto lines = [this] {
    const std::string text = out_.str();
    return std::count(text.begin(), text.end(), '\n') - 1;
  };
  EXPECT_EQ(Run({"list", "divisions", "-o", "csv"}), ExitCode::kOk);
  EXPECT_EQ(lines(), 50);
  EXPECT_EQ(Run({"list", "divisions", "-o", "csv", "--limit", "1234"}), ExitCode::kOk);
  EXPECT_EQ(lines(), 1234);
  EXPECT_THAT(err_.str(), HasSubstr("--page_token 1234"));
  largest = 0;
  EXPECT_EQ(Run({"list", "divisions", "-o", "csv", "--limit", "250", "--page_size", "100"}), ExitCode::kOk);
  EXPECT_EQ(lines(), 250);
  EXPECT_EQ(largest, 100);
}

TEST_F(AppTest, GapsFindsTheTargetOfTheLatestYear) {
  Play<resource::v1::ListRequest, gateway::v1::ListTargetsResponse>(
      "jiedui.gateway.v1.TargetService/ListTargets", [](const auto& request, auto* response) {
        EXPECT_EQ(request.order_by(), "year desc, position");
        for (const int year : {2019, 2018}) {
          gateway::v1::Target* target = response->add_targets();
          target->set_name("targets/" + std::to_string(year) + "-safe-villages");
          target->set_year(year);
        }
        return absl::OkStatus();
      });
  std::string asked;
  Play<gateway::v1::ListFailingVillagesRequest, gateway::v1::ListFailingVillagesResponse>(
      "jiedui.gateway.v1.ScorecardService/ListFailingVillages", [&asked](const auto& request, auto* response) {
        asked = request.target();
        response->add_failing_villages()->set_display_name("样例村");
        response->set_next_page_token(request.page_token().empty() ? "2" : "");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"gaps", "safe-villages", "-o", "csv"}), ExitCode::kOk);
  EXPECT_EQ(asked, "targets/2019-safe-villages");
  EXPECT_EQ(out_.str(), "code,within,village,missing\n,,样例村,\n,,样例村,\n");
  EXPECT_EQ(Run({"gaps", "2018-safe-villages"}), ExitCode::kOk);
  EXPECT_EQ(asked, "targets/2018-safe-villages");
  EXPECT_EQ(Run({"gaps", "save-villages"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("jiedui gaps safe-villages"));
}

TEST_F(AppTest, SaysWhichProgramDoesNotAnswer) {
  EXPECT_EQ(Run({"get", "villages/1"}), ExitCode::kUnavailable);
  EXPECT_THAT(err_.str(), HasSubstr("jiedui-village does not answer at 127.0.0.1:50051"));
}

TEST_F(AppTest, ScorecardShowsWhatIsKnownAndNothingElse) {
  Play<gateway::v1::GetScorecardRequest, gateway::v1::Scorecard>(
      "jiedui.gateway.v1.ScorecardService/GetScorecard", [](const auto& request, auto* response) {
        EXPECT_EQ(request.division(), "divisions/120119");
        response->set_year(2018);
        gateway::v1::ScorecardRow* row = response->add_rows();
        row->set_display_name("产业项目动工率");
        row->set_unit("%");
        row->set_goal_micros(700'000);
        row->set_value_micros(699'999);
        row->set_status(gateway::v1::TARGET_STATUS_BEHIND);
        row->set_freshness(gateway::v1::FRESHNESS_FRESH);
        row = response->add_rows();
        row->set_display_name("平安村庄");
        row->set_status(gateway::v1::TARGET_STATUS_NO_DATA);
        row->set_freshness(gateway::v1::FRESHNESS_MISSING);
        row = response->add_tracked_rows();
        row->set_display_name("贷款余额");
        row->set_unit("万元");
        row->set_comparator(gateway::v1::COMPARATOR_TRACKED);
        row->set_value_micros(12'500'000);
        row->set_status(gateway::v1::TARGET_STATUS_TRACKED);
        row->set_freshness(gateway::v1::FRESHNESS_FRESH);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"scorecard", "--division", "120119", "--lang", "zh"}), ExitCode::kOk);
  // Cut, not rounded: 69.9999 % does not meet 70 %.
  EXPECT_THAT(out_.str(), HasSubstr("69.99%"));
  EXPECT_THAT(out_.str(), HasSubstr("无数据 (缺失)"));
  EXPECT_LT(out_.str().find("跟踪指标（不设目标值）"), out_.str().find("贷款余额"));
  EXPECT_THAT(out_.str(), HasSubstr("12.5"));
  EXPECT_EQ(Run({"scorecard", "--division", "120119", "-o", "csv"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr(",700000,699999,"));
  EXPECT_THAT(out_.str(), HasSubstr("COMPARATOR_TRACKED"));
}

// A CSV file in a folder of its own.
std::string FileWith(const std::string& name, const std::string& text) {
  std::string folder = ::testing::TempDir() + "/jiedui-cli.XXXXXX";
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/" + name, std::ios::binary) << text;
  return folder + "/" + name;
}

TEST_F(AppTest, ImportTellsEveryErrorOfEveryRow) {
  PlayedImport& played = imports_.emplace_back();
  bulk::v1::ImportRowError* error = played.responses.emplace_back().mutable_error();
  error->set_line(5);
  error->set_value("MOON");
  error->mutable_violation()->set_field("support_level");
  error->mutable_violation()->set_reason(error::v1::REASON_ENUM);
  error->mutable_violation()->set_message("must be a level");
  error->mutable_violation()->set_message_zh("应为层级");
  bulk::v1::ImportResult* result = played.responses.emplace_back().mutable_result();
  result->set_row_count(7);
  result->set_failed_count(1);
  const std::string path = FileWith("villages.csv", "name,code\n");
  EXPECT_EQ(Run({"import", path, "--errors", path + ".errors", "--lang", "zh"}), ExitCode::kFindings);
  EXPECT_THAT(out_.str(), HasSubstr("villages：7 行，新增 0，修改 0，未变 0，错误 1；未写入\n"));
  EXPECT_THAT(out_.str(), HasSubstr(" 5  support_level  MOON  ENUM  应为层级\n"));
  std::ostringstream errors;
  errors << std::ifstream(path + ".errors").rdbuf();
  EXPECT_EQ(errors.str(),
            "collection,line,column,value,reason,message,message_zh\nvillages,5,support_level,MOON,ENUM,must be a "
            "level,应为层级\n");
  ASSERT_EQ(played.requests.size(), 2u);
  EXPECT_EQ(played.requests[0].header().collection(), "villages");
  EXPECT_EQ(played.requests[1].chunk(), "name,code\n");

  imports_.push_back(played);
  imports_.back().requests.clear();
  EXPECT_EQ(Run({"import", path, "-o", "csv"}), ExitCode::kFindings);
  EXPECT_EQ(out_.str(),
            "collection,row_count,created_count,updated_count,unchanged_count,failed_count,resumed_count,committed\n"
            "villages,7,0,0,0,1,0,false\n");
  EXPECT_THAT(err_.str(), HasSubstr(" 5  support_level  MOON   ENUM    must be a level\n"));
}

TEST_F(AppTest, ImportGoesOnAfterAnInterruptionAndChecksAgainWhatWasDoneEarlier) {
  imports_.emplace_back().status = absl::UnavailableError("gone");
  bulk::v1::ImportResult* result = imports_.emplace_back().responses.emplace_back().mutable_result();
  result->set_row_count(7);
  result->set_resumed_count(7);
  result->set_committed(true);
  imports_.emplace_back(imports_[1]).responses[0].mutable_result()->clear_resumed_count();
  const std::string path = FileWith("villages.csv", "name,code\n");
  EXPECT_EQ(Run({"import", path, "--keep_good"}), ExitCode::kUnavailable);
  EXPECT_EQ(Run({"import", path, "--keep_good"}), ExitCode::kOk);
  ASSERT_EQ(next_import_, 3u);
  const std::string id = imports_[0].requests[0].header().import_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(imports_[1].requests[0].header().import_id(), id);
  EXPECT_EQ(imports_[2].requests[0].header().import_id(), "");
  EXPECT_EQ(Run({"import", path + "x"}), ExitCode::kUsage);
}

TEST_F(AppTest, ImportLeavesNoFileOut) {
  const std::string path = FileWith("villages.csv", "name,code\n");
  const std::string other = FileWith("villages.csv", "name,code\n");
  EXPECT_EQ(Run({"import", path, other}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr(path));
  EXPECT_THAT(err_.str(), HasSubstr(other));
  const std::string none = FileWith("villages.txt", "name,code\n");
  EXPECT_EQ(Run({"import", none.substr(0, none.rfind('/')), "--lang", "zh"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("没有 CSV 文件"));
  EXPECT_EQ(next_import_, 0u);
  imports_.emplace_back().responses.emplace_back().mutable_result()->set_committed(true);
  const std::string upper = FileWith("villages.CSV", "name,code\n");
  EXPECT_EQ(Run({"import", upper.substr(0, upper.rfind('/'))}), ExitCode::kOk);
  EXPECT_EQ(next_import_, 1u);
}

TEST_F(AppTest, AnExportInAnotherFormatThanCsvIsRefused) {
  EXPECT_EQ(Run({"export", "villages", "-o", "json"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"export", "villages", "-o", "table"}), ExitCode::kUsage);
  EXPECT_THAT(err_.str(), HasSubstr("CSV"));
}

TEST_F(AppTest, VerifyFindsDifferences) {
  Play<measure::v1::VerifyMeasuresRequest, measure::v1::VerifyMeasuresResponse>(
      "jiedui.measure.v1.MeasureService/VerifyMeasures", [](const auto&, auto* response) {
        response->set_cell_count(10);
        return absl::OkStatus();
      });
  bool damaged = false;
  std::set<std::string> checked;
  Play<personal::v1::CheckCellsRequest, personal::v1::CheckCellsResponse>(
      "jiedui.personal.v1.PersonalDataService/CheckCells", [&](const auto& request, auto* response) {
        checked.insert(request.collection());
        if (request.page_token().empty()) {
          response->set_next_page_token("second");
        } else if (damaged && request.collection() == "persons") {
          response->add_bad_cells()->set_resource("persons/p1");
          response->mutable_bad_cells(0)->set_field("phone");
          response->mutable_bad_cells(0)->set_problem(personal::v1::CELL_PROBLEM_DAMAGED);
        }
        response->set_row_count(3);
        if (request.collection() == "persons") {
          response->add_key_uses()->set_cell_key(2);
          response->mutable_key_uses(0)->set_cell_count(20);
          response->add_search_key_uses()->set_search_key(1);
          response->mutable_search_key_uses(0)->set_hash_count(4);
        }
        return absl::OkStatus();
      });
  bool wrong = false;
  Play<industry::v1::VerifyFundAccountsRequest, industry::v1::VerifyFundAccountsResponse>(
      "jiedui.industry.v1.FundService/VerifyFundAccounts", [&wrong](const auto&, auto* response) {
        if (!wrong) return absl::OkStatus();
        response->set_difference_count(1);
        response->add_differences()->set_owner("fundSources/s1");
        response->mutable_differences(0)->set_balance_fen(123);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"verify"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("assistance +cell-2.key +40\nassistance +search-1.key +8\n"));
  EXPECT_TRUE(checked.count("persons") == 1 && checked.count("partyMembers") == 1 && checked.count("villages") == 0);
  damaged = true;
  EXPECT_EQ(Run({"verify"}), ExitCode::kFindings);
  EXPECT_THAT(out_.str(), HasSubstr("CELL_PROBLEM_DAMAGED"));
  EXPECT_THAT(out_.str(), HasSubstr("persons/p1"));
  damaged = false;
  wrong = true;
  EXPECT_EQ(Run({"verify"}), ExitCode::kFindings);
  EXPECT_THAT(out_.str(), HasSubstr("fundSources/s1"));
  EXPECT_THAT(out_.str(), HasSubstr("123"));
  wrong = false;
  Play<measure::v1::VerifyMeasuresRequest, measure::v1::VerifyMeasuresResponse>(
      "jiedui.measure.v1.MeasureService/VerifyMeasures", [](const auto&, auto* response) {
        response->set_difference_count(1);
        response->add_differences()->set_measure("safe_recognitions");
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"verify"}), ExitCode::kFindings);
  EXPECT_THAT(out_.str(), HasSubstr("safe_recognitions"));
  EXPECT_EQ(Run({"verify", "-o", "json"}), ExitCode::kFindings);
  EXPECT_THAT(out_.str(), HasSubstr("\"measure\": \"safe_recognitions\""));
}

TEST_F(AppTest, VerifyTellsWhatTheOthersFindWhenOneDoesNotAnswer) {
  int calls = 0;
  Play<personal::v1::CheckCellsRequest, personal::v1::CheckCellsResponse>(
      "jiedui.personal.v1.PersonalDataService/CheckCells", [](const auto&, auto*) { return absl::OkStatus(); });
  Play<measure::v1::VerifyMeasuresRequest, measure::v1::VerifyMeasuresResponse>(
      "jiedui.measure.v1.MeasureService/VerifyMeasures", [&calls](const auto&, auto* response) {
        if (++calls == 2) return absl::UnavailableError("gone");
        response->set_cell_count(10);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"verify"}), ExitCode::kUnavailable);
  EXPECT_EQ(calls, 4);
  EXPECT_THAT(out_.str(), ::testing::ContainsRegex("assistance +10 +0 +0 +0 +0 +0\n"));
  EXPECT_THAT(err_.str(), HasSubstr("jiedui-industry does not answer"));
}

}  // namespace
}  // namespace jiedui::cli
