// The infrastructure program with three villages in two townships and calls in protobuf's text format.

#ifndef JIEDUI_TESTS_INFRASTRUCTURE_INFRASTRUCTURE_PROGRAM_H_
#define JIEDUI_TESTS_INFRASTRUCTURE_INFRASTRUCTURE_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "google/protobuf/empty.pb.h"
#include "jiedui/infrastructure/v1/facility.pb.h"
#include "jiedui/resource/v1/resource.pb.h"
#include "services/infrastructure/definition.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_program.h"

namespace jiedui::infrastructure {

constexpr char kPackage[] = "jiedui.infrastructure.v1.";

class InfrastructureProgram : public testing::TestProgram {
 public:
  explicit InfrastructureProgram(testing::DatabaseKind kind = testing::DatabaseKind::kSqlite,
                                 const std::vector<int>& open_years = {2017, 2018})
      : TestProgram(NewDefinition(), kind, open_years) {
    AddPlace("divisions/district", "");
    AddPlace("divisions/township", "divisions/district");
    AddPlace("divisions/elsewhere", "divisions/district");
    AddPlace("villages/a", "divisions/township");
    AddPlace("villages/b", "divisions/township");
    AddPlace("villages/c", "divisions/elsewhere");
  }

  // In the programme, when it is a village, from 2010 until before `to_date`.
  void AddPlace(const std::string& name, const std::string& parent, const std::string& to_date = "") {
    village::v1::DirectoryEntry entry;
    entry.set_name(name);
    entry.set_parent(parent);
    entry.set_from_date("2010-01-01");
    entry.set_to_date(to_date);
    names().Add(entry);
  }

  // `method` without the package: "PowerService/CreatePowerLine". Answers the status and fills `response` where wanted.
  template <typename Request, typename Response>
  absl::Status Do(const std::string& method, const std::string& text, Response* response = nullptr) {
    Response answer;
    absl::Status status = Call(absl::StrCat(kPackage, method), testing::Proto<Request>(text), &answer);
    if (response != nullptr && status.ok()) *response = answer;
    return status;
  }

  absl::Status Delete(const std::string& method, const std::string& name) {
    resource::v1::DeleteRequest request;
    request.set_name(name);
    google::protobuf::Empty empty;
    return Call(absl::StrCat(kPackage, method), request, &empty);
  }

  // A standard "facilityStandards/{id}" with the items item-1 to item-{count}.
  absl::Status AddStandard(const std::string& id, int first_year, int count) {
    std::string items;
    for (int i = 1; i <= count; ++i) {
      absl::StrAppend(&items, "items { code: 'item-", i,
                      "' display_name: '项' group: FACILITY_GROUP_INFRASTRUCTURE } ");
    }
    return Do<v1::CreateFacilityStandardRequest, v1::FacilityStandard>(
        "FacilityService/CreateFacilityStandard",
        absl::StrCat("facility_standard_id: '", id,
                     "' facility_standard { display_name: '标准' first_year: ", first_year, " ", items, "}"));
  }

  // The item accepted in the village by the standard.
  absl::Status Accept(const std::string& village, const std::string& standard, int item, const std::string& date) {
    return Do<v1::CreateVillageFacilityRequest, v1::VillageFacility>(
        "FacilityService/CreateVillageFacility",
        absl::StrCat("village_facility { village: '", village, "' standard: 'facilityStandards/", standard,
                     "' item: 'item-", item, "' accepted_date: '", date, "' evidence: '验收单' }"));
  }
};

// "field REASON" of each violation, without the name of the resource.
inline std::vector<std::string> Violated(const absl::Status& status) {
  std::vector<std::string> fields;
  for (const error::v1::Violation& each : ViolationsOf(status)) {
    fields.push_back(absl::StrCat(each.field().substr(each.field().find('.') + 1), " ", ReasonName(each.reason())));
  }
  return fields;
}

}  // namespace jiedui::infrastructure

#endif  // JIEDUI_TESTS_INFRASTRUCTURE_INFRASTRUCTURE_PROGRAM_H_
