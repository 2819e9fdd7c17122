#include "tests/conformance/resource_maker.h"

namespace jiedui::testing {
namespace {

constexpr char kCity[] = R"(code: "12" display_name: "样例市" level: DIVISION_LEVEL_CITY)";
constexpr char kDistrict[] =
    R"(code: "120999" display_name: "样例区" level: DIVISION_LEVEL_DISTRICT parent: "divisions/city")";
constexpr char kTownship[] =
    R"(code: "120999999" display_name: "样例镇" level: DIVISION_LEVEL_TOWNSHIP parent: "divisions/district")";
constexpr char kStartedProject[] = R"(display_name: "样例项目" programme_year: 2018 kind: PROJECT_KIND_AGRICULTURE
    mode: PROJECT_MODE_VILLAGE site: "villages/v" planned_date: "1990-01-01" approved_date: "1990-01-01" started_date: "1990-01-01"
    start_evidence: "开工令")";
constexpr char kFundSource[] =
    R"(display_name: "样例资金" programme_year: 2018 level: FUND_LEVEL_CITY division: "divisions/d")";
constexpr char kFundAllocation[] = R"(fund_source: "fundSources/source" project: "constructionProjects/p"
    purpose: FUND_PURPOSE_OTHER district: "divisions/d" disburse_by: "2018-06-30")";
constexpr char kStandard[] = R"(display_name: "样例标准" first_year: 2999
    items { code: "item-1" display_name: "一" group: FACILITY_GROUP_INFRASTRUCTURE })";

constexpr char kMethod[] = R"(display_name: "样例方法" kind: DECISION_METHOD_KIND_OTHER valid_from: "2000-01-01"
    steps { code: "a" display_name: "一" body: DECISION_BODY_VILLAGERS })";
constexpr char kElectionRule[] = R"(display_name: "样例规则" valid_from: "2000-01-01"
    disqualifications { code: "a" display_name: "一" }
    turnout { numerator: 1 denominator: 2 } majority { numerator: 1 denominator: 2 })";

}  // namespace

absl::Span<const Hint> Hints() {
  static const auto* const kHints = [] {
    auto* hints = new std::vector<Hint>{
        {"divisions",
         {},
         R"(code: "{n6}" level: DIVISION_LEVEL_DISTRICT parent: "divisions/city")",
         {{"divisions/city", kCity}}},
        {"divisionChanges",
         {"code", "display_name", "successors"},
         R"(kind: DIVISION_CHANGE_KIND_MOVED parent: "divisions/other-city" code_before: "{n6}" parent_before: "divisions/city")",
         {{"divisions/city", kCity},
          {"divisions/other-city", R"(code: "13" display_name: "另一市" level: DIVISION_LEVEL_CITY)"}}},
        {"villages",
         {},
         R"(code: "{n12}" township: "divisions/township")",
         {{"divisions/city", kCity}, {"divisions/district", kDistrict}, {"divisions/township", kTownship}}},
        {"partyMembers",
         {"applied_date", "activist_date", "candidate_date", "full_date"},
         "stage: DEVELOPMENT_STAGE_FULL",
         {}},
        {"creationStandards", {}, R"(items { code: "item-{n}" display_name: "一" })", {}},
        // They last as long as what refers to them; a secretary is a member of the village.
        {"partyOrganisations", {"end_date", "secretary"}, R"(start_date: "1990-01-01")", {}},
        {"residentTeams", {"end_date"}, R"(start_date: "1990-01-01")", {}},
        {"technicalGroups", {"end_date"}, R"(start_date: "1990-01-01")", {}},
        // A closed year stays.
        {"programmeYears", {}, "state: YEAR_STATE_OPEN", {}},
        {"creationAssessments",
         {},
         R"(standard: "creationStandards/five" items { code: "item-1" met: true })",
         {{"creationStandards/five",
           R"(kind: STANDARD_KIND_FIVE_GOOD version: "样例" first_year: 2018 display_name: "一"
             items { code: "item-1" display_name: "一" })"}}},
        {"civilisedRecognitions",
         {},
         R"(standard: "creationStandards/civilised")",
         {{"creationStandards/civilised",
           R"(kind: STANDARD_KIND_CIVILISED version: "样例" first_year: 2018 display_name: "一"
             items { code: "item-1" display_name: "一" })"}}},
        {"safeRecognitions",
         {},
         R"(standard: "creationStandards/safe")",
         {{"creationStandards/safe", R"(kind: STANDARD_KIND_SAFE version: "样例" first_year: 2018 display_name: "一"
             items { code: "item-1" display_name: "一" })"}}},
        {"partyActivities", {}, R"(held_date: "2018-05-01")", {}},
        {"volunteerServices", {}, R"(held_date: "2018-05-01")", {}},
        {"lawPublicities", {}, R"(held_date: "2018-05-01")", {}},
        {"mutualVisits", {}, R"(held_date: "2018-05-01")", {}},
        {"inspections", {"findings"}, R"(held_date: "2018-05-01")", {}},
        {"mediaItems", {}, R"(url: "https://example.com/{n}")", {}},
        {"assistanceUnits", {"end_date"}, R"(code: "{credit}" start_date: "1990-01-01")", {}},
        {"cadreTrainings", {}, R"(held_date: "2018-05-01")", {}},
        {"cadreStays", {"days"}, "", {}},
        {"safetyBriefings", {}, R"(held_date: "2018-05-01")", {}},
        {"officialTerms", {"election"}, "", {}},
        {"officialTrainings", {}, R"(held_date: "2018-05-01")", {}},
        // Votes and checks must fit the method and the list; decisions begin before their steps.
        {"decisions",
         {"plan_year"},
         R"(method: "decisionMethods/method" start_date: "2001-01-01")",
         {{"decisionMethods/method", kMethod}}},
        {"decisionSteps", {"approve_count", "against_count", "abstain_count"}, R"(code: "a")", {}},
        {"supervisedItems", {"target", "inspection"}, "origin: SUPERVISION_ORIGIN_MANUAL", {}},
        {"elections", {}, R"(rule: "electionRules/rule")", {{"electionRules/rule", kElectionRule}}},
        {"electionCandidates", {"checks"}, "post: VILLAGE_POST_OTHER", {}},
        {"industryProjects", {"participants", "cancelled_date", "cancel_reason"}, "mode: PROJECT_MODE_VILLAGE", {}},
        {"projectReports",
         {"progress_ppm"},
         R"(project: "industryProjects/started")",
         {{"industryProjects/started", kStartedProject}}},
        {"fundAllocations", {}, R"(project: "constructionProjects/p{n}")", {}},
        {"auditFindings",
         {},
         R"(fund_source: "fundSources/source" allocation: "fundAllocations/allocation")",
         {{"fundSources/source", kFundSource}, {"fundAllocations/allocation", kFundAllocation}}},
        {"personTrainings",
         {"namesake", "namesake_evidence", "willing"},
         R"(trained_date: "2018-05-01" citizen_number: "{citizen1}" birth_date: "1970-01-01")",
         {}},
        {"businessEntities", {}, R"(credit_code: "{credit}")", {}},
        {"loans", {"repayments"}, "", {}},
        {"salesContracts", {}, R"(signed_date: "2018-05-01" amount_fen: 9000000 fulfilled_fen: 8000000)", {}},
        {"benefitLinkages",
         {},
         R"(dividend_fen: 1000 households { household: "h{n}" share_ppm: 1000000 dividend_fen: 1000 })",
         {}},
        {"facilityStandards",
         {},
         R"(items { code: "item-{n}" display_name: "一" group: FACILITY_GROUP_INFRASTRUCTURE })",
         {}},
        {"villageFacilities",
         {},
         R"(standard: "facilityStandards/standard" item: "item-1" period: 1)",
         {{"facilityStandards/standard", kStandard}}},
        // Optional parts, which their own tests cover, and dates and amounts that must fit each other.
        {"constructionProjects",
         {"finances", "cancelled_date", "cancel_reason"},
         "unit: QUANTITY_UNIT_PIECE kind: CONSTRUCTION_KIND_OTHER completed_quantity: 1",
         {}},
        {"toiletRenovations",
         {},
         R"(planned_count: 9 completed_count: 8 accepted_count: 7 completed_date: "2018-11-01" accepted_date: "2018-12-01")",
         {}},
        {"cleanUps", {}, R"(quarter: 2 held_date: "2018-05-04")", {}},
        {"agriculturalInputs", {"film_recovered_kg"}, "", {}},
        {"strawRecords", {"uses"}, "", {}},
        {"powerLines", {}, R"(started_date: "2018-02-01" completed_date: "2018-12-01" completed_metres: 1)", {}},
        {"waterProjects", {"household_count"}, "kind: WATER_PROJECT_KIND_IRRIGATION", {}},
        {"targets",
         {"pass_filter"},
         R"(kind: TARGET_KIND_RATIO unit: "%" comparator: COMPARATOR_AT_LEAST goal_micros: 700000 deadline: "2018-12-31" year: 2018
            owner_service: "industry" accrual: ACCRUAL_FLOW population_measure: "programme_villages"
            reported_filter: "projects_reported > 0" numerator_measure: "projects_started" denominator_measure: "projects_approved")",
         {}},
    };
    AddAssistanceHints(*hints);
    return hints;
  }();
  return *kHints;
}

}  // namespace jiedui::testing
