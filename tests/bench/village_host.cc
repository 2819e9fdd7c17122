#include "tests/bench/village_host.h"

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "jiedui/village/v1/party.pb.h"
#include "services/village/definition.h"

namespace jiedui::bench {
namespace {

using google::protobuf::Message;

constexpr char kCreateMember[] = "jiedui.village.v1.PartyService/CreatePartyMember";
constexpr int kVillages = 64;

std::string LaneVillage(int lane) { return absl::StrCat(120119100200 + lane % kVillages); }

village::v1::CreatePartyMemberRequest NewMember(int lane) {
  village::v1::CreatePartyMemberRequest request;
  village::v1::PartyMember& member = *request.mutable_party_member();
  member.set_village(absl::StrCat("villages/", LaneVillage(lane)));
  member.set_display_name("测试");
  member.set_birth_date("1990-05-01");
  member.set_stage(village::v1::DEVELOPMENT_STAGE_FULL);
  member.set_joined_date("2015-07-01");
  return request;
}

std::unique_ptr<sql::Database> OpenOrDie(const sql::DatabaseOptions& options) {
  auto database = sql::OpenDatabase(options);
  CheckOk(database.status());
  return *std::move(database);
}

absl::Status CallAndWait(const server::MethodTable& table, absl::string_view method, const Message& request,
                         Message* response) {
  RequestContext context;
  context.method = method;
  context.start_time = absl::Now();
  context.deadline = absl::Now() + absl::Seconds(60);
  absl::Notification over;
  absl::Status result;
  table.Find(method)->unary(context, request, response, [&](absl::Status status) {
    result = std::move(status);
    over.Notify();
  });
  over.WaitForNotification();
  return result;
}

}  // namespace

void CheckOk(const absl::Status& status) {
  if (status.ok()) return;
  std::cout << "bench: " << status.message() << std::endl;
  std::abort();
}

VillageHost::VillageHost(absl::string_view name, int group_commit, bool measures, bool recording) {
  std::string folder = absl::StrCat(std::filesystem::temp_directory_path().string(), "/jiedui-bench-", name, "-XXXXXX");
  if (mkdtemp(folder.data()) == nullptr) std::abort();
  folder_ = folder;
  sql::DatabaseOptions options;
  options.url = absl::StrCat("sqlite:", folder_, "/village.db");
  options.group_commit = group_commit;
  Open(options, measures, recording);
}

VillageHost::VillageHost(const std::string& url, bool recording) {
  sql::DatabaseOptions options;
  options.url = url;
  options.writers = 16;
  Open(options, true, recording);
}

void VillageHost::Close() {
  table_.reset();
  host_.reset();
  database_.reset();
}

VillageHost::~VillageHost() {
  Close();
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

void VillageHost::Open(const sql::DatabaseOptions& options, bool measures, bool recording) {
  database_ = OpenOrDie(options);
  if (recording) {
    auto wrapped = std::make_unique<RecordingDatabase>(std::move(database_));
    recording_ = wrapped.get();
    database_ = std::move(wrapped);
  }
  service::Definition definition = village::NewDefinition();
  if (!measures) definition.measures_json = "";
  auto host = service::Host::Create(std::move(definition));
  CheckOk(host.status());
  host_ = *std::move(host);
  CheckOk(host_->Migrate(*database_));
  CheckOk(host_->Open(database_.get(), nullptr, &vault_));
  table_ = std::make_unique<server::MethodTable>();
  CheckOk(host_->AddMethods(*table_));

  village::v1::CreateProgrammeYearRequest year;
  year.mutable_programme_year()->set_year(2018);
  year.mutable_programme_year()->set_state(village::v1::YEAR_STATE_OPEN);
  village::v1::ProgrammeYear made_year;
  CheckOk(CallAndWait(*table_, "jiedui.village.v1.DivisionService/CreateProgrammeYear", year, &made_year));
  village::v1::DirectoryYear open;
  open.set_year(2018);
  open.set_state(village::v1::YEAR_STATE_OPEN);
  CheckOk(host_->engine().SetYears({open}, absl::Now() + absl::Seconds(60)));
  std::string parent;
  const std::pair<const char*, village::v1::DivisionLevel> divisions[] = {
      {"12", village::v1::DIVISION_LEVEL_CITY},
      {"120119", village::v1::DIVISION_LEVEL_DISTRICT},
      {"120119100", village::v1::DIVISION_LEVEL_TOWNSHIP}};
  for (const auto& [code, level] : divisions) {
    village::v1::CreateDivisionRequest request;
    request.set_division_id(code);
    request.mutable_division()->set_code(code);
    request.mutable_division()->set_display_name("测试");
    request.mutable_division()->set_level(level);
    request.mutable_division()->set_parent(parent);
    village::v1::Division made;
    CheckOk(CallAndWait(*table_, "jiedui.village.v1.DivisionService/CreateDivision", request, &made));
    parent = made.name();
  }
  for (int lane = 0; lane < kVillages; ++lane) CreateVillage(LaneVillage(lane));
}

std::string VillageHost::CreateVillage(const std::string& id) {
  village::v1::CreateVillageRequest request;
  request.set_village_id(id);
  request.mutable_village()->set_code(id);
  request.mutable_village()->set_display_name("测试村");
  request.mutable_village()->set_township("divisions/120119100");
  request.mutable_village()->set_entry_date("2017-01-01");
  request.mutable_village()->set_support_level(village::v1::SUPPORT_LEVEL_CITY);
  village::v1::Village made;
  CheckOk(CallAndWait(*table_, "jiedui.village.v1.DivisionService/CreateVillage", request, &made));
  return made.name();
}

village::v1::Village VillageHost::Village(const std::string& name) {
  resource::v1::GetRequest request;
  request.set_name(name);
  village::v1::Village village;
  CheckOk(CallAndWait(*table_, "jiedui.village.v1.DivisionService/GetVillage", request, &village));
  return village;
}

std::pair<std::vector<RecordedStatement>, std::string> VillageHost::RecordCreate(int lane) {
  village::v1::PartyMember made;
  CheckOk(CallAndWait(*table_, kCreateMember, NewMember(lane), &made));
  return {recording_->last_write(), made.name()};
}

double VillageHost::CreateMembers(int in_flight, absl::Duration duration) {
  const server::Method* method = table_->Find(kCreateMember);
  const absl::Time end = absl::Now() + duration;
  struct Lane {
    RequestContext context;
    village::v1::CreatePartyMemberRequest request;
    village::v1::PartyMember response;
    std::function<void()> next;
  };
  std::atomic<int64_t> completed{0};
  absl::BlockingCounter over(in_flight);
  std::vector<Lane> lanes(in_flight);
  for (int i = 0; i < in_flight; ++i) {
    Lane* lane = &lanes[i];
    lane->request = NewMember(i);
    lane->next = [&, lane] {
      lane->context.method = kCreateMember;
      lane->context.start_time = absl::Now();
      lane->context.deadline = lane->context.start_time + absl::Seconds(60);
      method->unary(lane->context, lane->request, &lane->response, [&, lane](absl::Status status) {
        CheckOk(status);
        completed.fetch_add(1);
        if (absl::Now() < end) {
          lane->next();
        } else {
          over.DecrementCount();
        }
      });
    };
  }
  for (Lane& lane : lanes) lane.next();
  over.Wait();
  return static_cast<double>(completed.load());
}

}  // namespace jiedui::bench
