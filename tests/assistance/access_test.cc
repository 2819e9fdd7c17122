// What a caller whose roles are named, and who only views, may see and write.

#include "jiedui/assistance/v1/education.pb.h"
#include "jiedui/assistance/v1/household.pb.h"
#include "jiedui/assistance/v1/person.pb.h"
#include "jiedui/assistance/v1/relief.pb.h"
#include "jiedui/audit/v1/audit.pb.h"
#include "jiedui/measure/v1/measure.pb.h"
#include "jiedui/personal/v1/personal.pb.h"
#include "jiedui/workflow/v1/workflow.pb.h"
#include "tests/assistance/assistance_fixture.h"

namespace jiedui::assistance {
namespace {

using testing::StatusIs;

Principal With(options::v1::Role role) { return {"users/x", "", {role}}; }

class AccessTest : public AssistanceTest {
 protected:
  void SetUp() override {
    AssistanceTest::SetUp();
    if (program_ == nullptr) return;
    ASSERT_OK(
        Create<v1::NeedyHousehold>("h", R"(village: "villages/v" display_name: "样例" kind: HOUSEHOLD_KIND_LOW_INCOME
        member_count: 3 found_date: "2017-10-01")"));
    ASSERT_OK(Create<v1::Kindergarten>("k", R"(village: "villages/v" display_name: "样例" batch: 2
        reserve_date: "2017-06-01")"));
    ASSERT_OK(Create<v1::ReliefFund>("f", R"(division: "divisions/120119" display_name: "样例"
        established_date: "2018-01-01" township_limit_fen: 1 district_limit_fen: 2)"));
  }

  template <typename Response>
  absl::Status Read(const Principal& who, const std::string& method, const google::protobuf::Message& request) {
    Response response;
    return program_->Call(method, request, &response, who);
  }
  template <typename Response>
  absl::Status List(const Principal& who, const std::string& rpc) {
    Response response;
    return CallAs(who, rpc, resource::v1::ListRequest(), &response);
  }
};

INSTANTIATE_TEST_SUITE_P(Databases, AccessTest, testing::BothDatabases(), testing::DatabaseName);

TEST_P(AccessTest, WhoOnlyViewsSeesNoRecordOfAPerson) {
  const Principal viewer = With(options::v1::ROLE_VIEWER);
  const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
  resource::v1::GetRequest get;
  get.set_name("needyHouseholds/h");
  v1::NeedyHousehold household;
  const absl::Status denied = CallAs(viewer, "GetNeedyHousehold", get, &household);
  EXPECT_THAT(denied, refused);
  EXPECT_EQ(ReasonOf(denied), error::v1::REASON_PERMISSION);
  EXPECT_EQ(household.village(), "");
  EXPECT_THAT(List<v1::ListNeedyHouseholdsResponse>(viewer, "ListNeedyHouseholds"), refused);
  EXPECT_THAT(List<v1::ListPersonsResponse>(viewer, "ListPersons"), refused);
  EXPECT_THAT(List<v1::ListHouseholdMembersResponse>(viewer, "ListHouseholdMembers"), refused);
  EXPECT_THAT(List<workflow::v1::ListTransitionsResponse>(viewer, "ListTransitions"), refused) << "reasons of steps";
  audit::v1::ListAuditEntriesRequest history;
  history.set_resource("needyHouseholds/h");
  const std::string audit = "jiedui.audit.v1.AuditService/ListAuditEntries";
  EXPECT_THAT(Read<audit::v1::ListAuditEntriesResponse>(viewer, audit, history), refused);

  // What is no person's stays open, and so does everything to others and to callers who are not told apart.
  EXPECT_OK(List<v1::ListKindergartensResponse>(viewer, "ListKindergartens"));
  history.set_resource("kindergartens/k");
  EXPECT_OK(Read<audit::v1::ListAuditEntriesResponse>(viewer, audit, history));
  for (const Principal& who : {With(options::v1::ROLE_EDITOR), With(options::v1::ROLE_REVIEWER),
                               With(options::v1::ROLE_AUDITOR), With(options::v1::ROLE_ADMINISTRATOR), Principal()}) {
    EXPECT_OK(List<v1::ListNeedyHouseholdsResponse>(who, "ListNeedyHouseholds"));
    EXPECT_OK(CallAs(who, "GetNeedyHousehold", get, &household));
  }
}

TEST_P(AccessTest, WhoOnlyViewsSeesNoFigureAsItIsKept) {
  measure::v1::SyncMeasuresRequest sync;
  sync.add_years()->set_year(2018);
  personal::v1::CheckCellsRequest cells;
  cells.set_collection("persons");
  const auto all = [&](const Principal& who) {
    const std::string service = "jiedui.measure.v1.MeasureService/";
    return std::vector<absl::Status>{
        Read<measure::v1::SyncMeasuresResponse>(who, service + "SyncMeasures", sync),
        Read<measure::v1::VerifyMeasuresResponse>(who, service + "VerifyMeasures",
                                                  measure::v1::VerifyMeasuresRequest()),
        Read<personal::v1::CheckCellsResponse>(who, "jiedui.personal.v1.PersonalDataService/CheckCells", cells)};
  };
  // The program itself first, whose answers are remembered.
  for (const absl::Status& status : all({"services/gateway"})) EXPECT_OK(status);
  for (const absl::Status& status : all(With(options::v1::ROLE_VIEWER))) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_EQ(ReasonOf(status), error::v1::REASON_PERMISSION);
  }
  for (const absl::Status& status : all(With(options::v1::ROLE_AUDITOR))) EXPECT_OK(status);
  EXPECT_OK(Read<measure::v1::ListMeasuresResponse>(With(options::v1::ROLE_VIEWER),
                                                    "jiedui.measure.v1.MeasureService/ListMeasures",
                                                    measure::v1::ListMeasuresRequest()));
}

TEST_P(AccessTest, ARefusedStepTellsNothingOfTheRecord) {
  for (const auto role : {options::v1::ROLE_VIEWER, options::v1::ROLE_AUDITOR}) {
    for (const char* name : {"needyHouseholds/h", "needyHouseholds/none"}) {
      for (const char* etag : {"", "1-1"}) {
        resource::v1::TransitionRequest step;
        step.set_name(name);
        step.set_etag(etag);
        v1::NeedyHousehold after;
        const absl::Status status = CallAs(With(role), "FileNeedyHousehold", step, &after);
        EXPECT_THAT(status, StatusIs(absl::StatusCode::kPermissionDenied)) << name << etag;
        EXPECT_EQ(status.ToString().find("FOUND"), std::string::npos);
      }
    }
  }
}

TEST_P(AccessTest, WhoOnlyReadsWritesNothing) {
  const auto movement = [this](const Principal& who, const char* kind) {
    v1::CreateReliefMovementRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrCat(R"(fund: "reliefFunds/f" movement_date: "2018-02-01" amount_fen: 7 kind: RELIEF_MOVEMENT_KIND_)",
                     kind),
        request.mutable_relief_movement()));
    v1::ReliefMovement made;
    return CallAs(who, "CreateReliefMovement", request, &made);
  };
  ASSERT_OK(movement(With(options::v1::ROLE_EDITOR), "DEPOSIT"));
  resource::v1::DeleteRequest remove;
  remove.set_name("kindergartens/k");
  v1::UpdateKindergartenRequest update;
  update.mutable_kindergarten()->set_name("kindergartens/k");
  update.mutable_kindergarten()->set_places(90);
  for (const auto role : {options::v1::ROLE_VIEWER, options::v1::ROLE_AUDITOR}) {
    const auto refused = StatusIs(absl::StatusCode::kPermissionDenied);
    EXPECT_THAT(movement(With(role), "WITHDRAWAL"), refused);
    google::protobuf::Empty empty;
    EXPECT_THAT(CallAs(With(role), "DeleteKindergarten", remove, &empty), refused);
    v1::Kindergarten updated;
    EXPECT_THAT(CallAs(With(role), "UpdateKindergarten", update, &updated), refused);
  }
  EXPECT_EQ(Get<v1::ReliefFund>("reliefFunds/f").balance_fen(), 7);
  v1::Kindergarten updated;
  EXPECT_OK(CallAs(With(options::v1::ROLE_REVIEWER), "UpdateKindergarten", update, &updated));
}

}  // namespace
}  // namespace jiedui::assistance
