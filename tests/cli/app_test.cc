// The command line from words to exit code, against a server that is played by the test.

#include "services/cli/app.h"

#include <stdlib.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/status/error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "jiedui/bulk/v1/bulk.pb.h"
#include "jiedui/gateway/v1/scorecard.pb.h"
#include "jiedui/gateway/v1/target.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/division.pb.h"

namespace jiedui::cli {
namespace {

using google::protobuf::Message;
using ::testing::HasSubstr;

using Answer = std::function<absl::Status(const Message& request, Message* response)>;

// A stream whose other end has its answers ready.
struct PlayedImport {
  std::vector<bulk::v1::ImportRequest> requests = {};
  std::vector<bulk::v1::ImportResponse> responses = {};
  absl::Status status = absl::OkStatus();
};

class PlayedStream final : public client::Stream {
 public:
  explicit PlayedStream(PlayedImport& played) : played_(played) {}
  bool Write(const Message& request) override {
    played_.requests.emplace_back().CopyFrom(request);
    return true;
  }
  void WritesDone() override {}
  bool Read(Message* response) override {
    if (read_ == played_.responses.size()) return false;
    response->CopyFrom(played_.responses[read_++]);
    return true;
  }
  absl::Status Finish() override { return played_.status; }

 private:
  PlayedImport& played_;
  size_t read_ = 0;
};

class PlayedClient final : public client::Client {
 public:
  PlayedClient(const std::map<std::string, Answer>& answers, std::deque<PlayedImport>& imports, size_t& next_import)
      : answers_(answers), imports_(imports), next_import_(next_import) {}
  absl::Status Call(absl::string_view method, const Message& request, Message* response,
                    const client::CallOptions& /*options*/) override {
    const auto found = answers_.find(std::string(method));
    return found == answers_.end() ? absl::UnavailableError("nobody is there") : found->second(request, response);
  }
  void CallAsync(absl::string_view, const Message&, Message*, const client::CallOptions&,
                 absl::AnyInvocable<void(absl::Status)> done) override {
    done(absl::UnimplementedError("not played"));
  }
  std::unique_ptr<client::Stream> OpenStream(absl::string_view, const client::CallOptions&) override {
    return std::make_unique<PlayedStream>(imports_.at(next_import_++));
  }

 private:
  const std::map<std::string, Answer>& answers_;
  std::deque<PlayedImport>& imports_;
  size_t& next_import_;
};

class AppTest : public ::testing::Test {
 protected:
  AppTest() {
    environment_.variable = [](const std::string&) { return std::nullopt; };
    environment_.connect = [this](const std::string&) {
      return std::make_unique<PlayedClient>(answers_, imports_, next_import_);
    };
  }
  template <typename Request, typename Response>
  void Play(const std::string& method, std::function<absl::Status(const Request&, Response*)> answer) {
    answers_[method] = [answer](const Message& request, Message* response) {
      return answer(static_cast<const Request&>(request), static_cast<Response*>(response));
    };
  }
  ExitCode Run(const std::vector<std::string>& words) {
    out_.str("");
    err_.str("");
    return RunCommandLine(words, environment_);
  }

  std::map<std::string, Answer> answers_;
  std::deque<PlayedImport> imports_;
  size_t next_import_ = 0;
  std::ostringstream out_, err_;
  std::istringstream in_;
  Environment environment_{out_, err_, in_};
};

TEST_F(AppTest, HelpListsEveryCommandAndItsFlags) {
  EXPECT_EQ(Run({"help"}), ExitCode::kOk);
  for (const char* command :
       {"scorecard", "gaps TARGET", "import DIR", "sample", "verify", "update NAME", "delete NAME"}) {
    EXPECT_THAT(out_.str(), HasSubstr(command));
  }
  EXPECT_EQ(Run({"create", "villages", "--help"}), ExitCode::kOk);
  EXPECT_THAT(out_.str(), HasSubstr("--township VALUE"));
  EXPECT_EQ(Run({}), ExitCode::kUsage);
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
  Play<resource::v1::ListRequest, village::v1::ListDivisionsResponse>(
      "jiedui.village.v1.DivisionService/ListDivisions", [](const auto& request, auto* response) {
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

TEST_F(AppTest, VerifyFindsDifferences) {
  Play<measure::v1::VerifyMeasuresRequest, measure::v1::VerifyMeasuresResponse>(
      "jiedui.measure.v1.MeasureService/VerifyMeasures", [](const auto&, auto* response) {
        response->set_cell_count(10);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"verify"}), ExitCode::kOk);
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
  Play<measure::v1::VerifyMeasuresRequest, measure::v1::VerifyMeasuresResponse>(
      "jiedui.measure.v1.MeasureService/VerifyMeasures", [&calls](const auto&, auto* response) {
        if (++calls == 2) return absl::UnavailableError("gone");
        response->set_cell_count(10);
        return absl::OkStatus();
      });
  EXPECT_EQ(Run({"verify"}), ExitCode::kUnavailable);
  EXPECT_EQ(calls, 4);
  EXPECT_THAT(out_.str(), HasSubstr("assistance         10            0\n"));
  EXPECT_THAT(err_.str(), HasSubstr("jiedui-industry does not answer"));
}

}  // namespace
}  // namespace jiedui::cli
